"""The lives of a payment attempt and of a refund: their states and the moves between them. Pure."""

from __future__ import annotations

import enum

BACK_WITHIN_WORKING_DAYS = 7
"""Within how many working days money that goes back is in the payer's account, by any way."""


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

UNDECIDED = frozenset({PaymentState.CREATED, PaymentState.OPEN, PaymentState.PROCESSING})
"""Attempts that may still bring money without anything unusual happening."""

REFUND_FINAL = frozenset({RefundState.SUCCEEDED, RefundState.MANUAL_PAID, RefundState.EXTERNAL})
"""Refunds whose money has left us; with ``REJECTED`` they are the ones that owe nothing."""

REFUND_WAITING = frozenset({RefundState.SUBMITTED, RefundState.PENDING})
"""Refunds that the gateway has been asked for and has not decided."""


def payment_sources(then: PaymentState) -> frozenset[PaymentState]:
    """Return the states from which an attempt may go to ``then``."""
    return frozenset(now for now, after in PAYMENT_MOVES.items() if then in after)


def refund_sources(then: RefundState) -> frozenset[RefundState]:
    """Return the states from which a refund may go to ``then``."""
    return frozenset(now for now, after in REFUND_MOVES.items() if then in after)
