"""The lives of a payable, a payment attempt and a refund: states and the moves between. Pure."""

from __future__ import annotations

import enum

BACK_WITHIN_WORKING_DAYS = 7
"""Within how many working days money that goes back is in the payer's account, by any way."""


class PayableKind(enum.StrEnum):
    """What a payable is asked for."""

    FULL = "full"
    """The whole price of a booking, to be paid before it is confirmed."""
    DEPOSIT = "deposit"
    """A first part of the price, which confirms the booking."""
    BALANCE = "balance"
    """The rest of the price, or one of several parts of the rest."""
    CHANGE = "change"
    """What a change of the stay costs more, to be paid before it is made."""
    EXTRA = "extra"
    """Something bought besides."""


class PayableState(enum.StrEnum):
    """Where one payable stands."""

    OPEN = "open"
    """It can be paid."""
    SETTLED = "settled"
    """All of it was paid and bought what it was asked for."""
    ADVANCED = "advanced"
    """The guest was let in before paying: it is owed still."""
    LAPSED = "lapsed"
    """It was not paid in time; money that comes late may still buy it."""
    VOID = "void"
    """Nobody wants it any more: given up or withdrawn."""


class PaymentState(enum.StrEnum):
    """Where one attempt to pay stands."""

    CREATED = "created"
    OPEN = "open"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CLOSED = "closed"


class RefundState(enum.StrEnum):
    """Where one refund stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    SUBMITTED = "submitted"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    MANUAL_REQUIRED = "manual_required"
    MANUAL_PAID = "manual_paid"
    EXTERNAL = "external"


class RefundSource(enum.StrEnum):
    """Out of what a refund is taken."""

    PREPAID = "prepaid"
    """Money that was used for a payable."""
    SUSPENSE = "suspense"
    """Money that no payable claimed."""


PAYABLE_MOVES: dict[PayableState, frozenset[PayableState]] = {
    PayableState.OPEN: frozenset(
        {
            PayableState.SETTLED,
            PayableState.ADVANCED,
            PayableState.LAPSED,
            PayableState.VOID,
        }
    ),
    PayableState.ADVANCED: frozenset({PayableState.SETTLED, PayableState.VOID}),
    # Late money buys what is still to be had.
    PayableState.LAPSED: frozenset({PayableState.SETTLED}),
    PayableState.SETTLED: frozenset(),
    PayableState.VOID: frozenset(),
}

PAYMENT_MOVES: dict[PaymentState, frozenset[PaymentState]] = {
    # A gateway that timed out may have opened the payment all the same, so every fact about it is
    # believed even while our row still says that it was only created.
    PaymentState.CREATED: frozenset(
        {
            PaymentState.OPEN,
            PaymentState.PROCESSING,
            PaymentState.SUCCEEDED,
            PaymentState.FAILED,
            PaymentState.CLOSED,
        }
    ),
    PaymentState.OPEN: frozenset(
        {
            PaymentState.PROCESSING,
            PaymentState.SUCCEEDED,
            PaymentState.FAILED,
            PaymentState.CLOSED,
        }
    ),
    PaymentState.PROCESSING: frozenset(
        {PaymentState.SUCCEEDED, PaymentState.FAILED, PaymentState.CLOSED}
    ),
    # Money that arrives late is still money: the gateway's truth beats our own end states.
    PaymentState.FAILED: frozenset({PaymentState.SUCCEEDED}),
    PaymentState.CLOSED: frozenset({PaymentState.SUCCEEDED}),
    # What happens to it afterwards (refunds, disputes) has rows of its own.
    PaymentState.SUCCEEDED: frozenset(),
}

REFUND_MOVES: dict[RefundState, frozenset[RefundState]] = {
    RefundState.REQUESTED: frozenset({RefundState.APPROVED, RefundState.REJECTED}),
    RefundState.APPROVED: frozenset({RefundState.SUBMITTED, RefundState.MANUAL_REQUIRED}),
    RefundState.REJECTED: frozenset(),
    RefundState.SUBMITTED: frozenset(
        {RefundState.PENDING, RefundState.SUCCEEDED, RefundState.FAILED}
    ),
    RefundState.PENDING: frozenset({RefundState.SUCCEEDED, RefundState.FAILED}),
    # A bank may send the money back days after the gateway called the refund done.
    RefundState.SUCCEEDED: frozenset({RefundState.FAILED}),
    RefundState.FAILED: frozenset({RefundState.SUBMITTED, RefundState.MANUAL_REQUIRED}),
    RefundState.MANUAL_REQUIRED: frozenset({RefundState.MANUAL_PAID}),
    RefundState.MANUAL_PAID: frozenset(),
    RefundState.EXTERNAL: frozenset(),
}

OWED = frozenset({PayableState.OPEN, PayableState.ADVANCED})
"""Payables that somebody is asked to pay."""

UNDECIDED = frozenset({PaymentState.CREATED, PaymentState.OPEN, PaymentState.PROCESSING})
"""Attempts that may still bring money without anything unusual happening."""

REFUND_FINAL = frozenset({RefundState.SUCCEEDED, RefundState.MANUAL_PAID, RefundState.EXTERNAL})
"""Refunds whose money has left us; with ``REJECTED`` they are the ones that owe nothing."""

REFUND_WAITING = frozenset({RefundState.SUBMITTED, RefundState.PENDING})
"""Refunds that the gateway has been asked for and has not decided."""


def payable_sources(then: PayableState) -> frozenset[PayableState]:
    """Return the states from which a payable may go to ``then``."""
    return frozenset(now for now, after in PAYABLE_MOVES.items() if then in after)


def payment_sources(then: PaymentState) -> frozenset[PaymentState]:
    """Return the states from which an attempt may go to ``then``."""
    return frozenset(now for now, after in PAYMENT_MOVES.items() if then in after)


def refund_sources(then: RefundState) -> frozenset[RefundState]:
    """Return the states from which a refund may go to ``then``."""
    return frozenset(now for now, after in REFUND_MOVES.items() if then in after)
