"""Reads of payments, refunds and the ledger: what pages show and what the audit recomputes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.payments.ledger.chart_of_accounts import AccountCode
from marketplace.payments.models import (
    Journal,
    LedgerAccount,
    LedgerEntry,
    Payable,
    Payment,
    PaymentUse,
    Refund,
)
from marketplace.payments.payables import used_fen
from marketplace.payments.states import (
    OWED,
    REFUND_FINAL,
    PaymentState,
    RefundSource,
    RefundState,
)


@dataclass(frozen=True, slots=True)
class PaymentView:
    """One attempt to pay, as pages show it."""

    id: str
    state: PaymentState
    amount_fen: int
    currency: str
    paid_fen: int | None
    paid_currency: str | None
    method: str | None
    paid_at: dt.datetime | None
    created_at: dt.datetime
    subject_id: str
    """What it pays for: the booking, or a change of its stay."""

    @property
    def wrong_amount(self) -> bool:
        """Whether another sum or currency came than was asked for."""
        if self.paid_fen is None:
            return False
        return (self.paid_fen, self.paid_currency) != (self.amount_fen, self.currency)


@dataclass(frozen=True, slots=True)
class RefundView:
    """One refund, as pages show it."""

    id: str
    state: RefundState
    amount_fen: int
    currency: str
    reason: str
    created_at: dt.datetime
    finished_at: dt.datetime | None
    subject_id: str | None
    """What the money that it gives back was paid for; ``None`` for a booking on account."""


def payments_of(session: Session, *, booking_id: str) -> list[PaymentView]:
    """Return a booking's payment attempts, oldest first."""
    return payments_by_booking(session, booking_ids=[booking_id]).get(booking_id, [])


def payments_by_booking(
    session: Session, *, booking_ids: Collection[str]
) -> dict[str, list[PaymentView]]:
    """Return the payment attempts of several bookings, each booking's oldest first."""
    rows = session.execute(
        sa.select(
            Payment.booking_id,
            Payment.id,
            Payment.state,
            Payment.amount_fen,
            Payment.currency,
            Payment.paid_fen,
            Payment.paid_currency,
            Payment.method,
            Payment.paid_at,
            Payment.created_at,
            Payable.subject_id,
        )
        .join(Payable, Payable.id == Payment.payable_id)
        .where(Payment.booking_id.in_(booking_ids))
        .order_by(Payment.created_at, Payment.key)
    )
    found: dict[str, list[PaymentView]] = {}
    for booking_id, *values in rows:
        found.setdefault(booking_id, []).append(PaymentView(*values))
    return found


def dues_of(session: Session, *, booking_id: str) -> dict[str, int]:
    """Return what is asked for a booking now, in fen, by what it is to buy."""
    rows = session.execute(
        sa.select(
            Payable.subject_id,
            Payable.amount_fen - used_fen(PaymentUse.payable_id == Payable.id),
        ).where(Payable.booking_id == booking_id, Payable.state.in_(OWED))
    )
    dues: dict[str, int] = {}
    for subject_id, fen in rows:
        dues[subject_id] = dues.get(subject_id, 0) + int(fen)
    return dues


def refunds_of(session: Session, *, booking_id: str) -> list[RefundView]:
    """Return a booking's refunds, oldest first."""
    rows = session.execute(
        sa.select(
            Refund.id,
            Refund.state,
            Refund.amount_fen,
            Refund.currency,
            Refund.reason,
            Refund.created_at,
            Refund.finished_at,
            Payable.subject_id,
        )
        .outerjoin(Payment, Payment.id == Refund.payment_id)
        .outerjoin(Payable, Payable.id == Payment.payable_id)
        .where(Refund.booking_id == booking_id)
        .order_by(Refund.created_at, Refund.id)
    )
    return [RefundView(*row) for row in rows]


def unbalanced_journals(session: Session) -> list[str]:
    """Return the keys of journals whose entries are missing or do not sum to zero."""
    return list(
        session.scalars(
            sa.select(Journal.key)
            .outerjoin(LedgerEntry, LedgerEntry.journal_id == Journal.id)
            .group_by(Journal.id, Journal.key)
            .having(sa.func.coalesce(sa.func.sum(LedgerEntry.amount_fen), 1) != 0)
            .order_by(Journal.key)
        )
    )


def prepaid_by_booking(
    session: Session, *, booking_ids: Iterable[str] | None = None
) -> dict[str, int]:
    """Return what each booking has prepaid and not used up, in fen, positive.

    Never negative, and zero once the booking is over. Bookings that never had any are left out.
    """
    query = (
        sa.select(Journal.booking_id, sa.func.sum(LedgerEntry.amount_fen))
        .join(LedgerEntry, LedgerEntry.journal_id == Journal.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .where(LedgerAccount.code == AccountCode.CUSTOMER_PREPAID, Journal.booking_id.is_not(None))
        .group_by(Journal.booking_id)
    )
    if booking_ids is not None:
        query = query.where(Journal.booking_id.in_(list(booking_ids)))
    found = session.execute(query)
    return {booking_id: -int(fen) for booking_id, fen in found if booking_id is not None}


def kept_by_booking(session: Session) -> dict[str, int]:
    """Return what was used for each booking and has not gone back, in fen."""
    kept = {
        booking_id: int(fen)
        for booking_id, fen in session.execute(
            sa.select(Payment.booking_id, sa.func.sum(PaymentUse.fen))
            .join(PaymentUse, PaymentUse.payment_id == Payment.id)
            .group_by(Payment.booking_id)
        )
    }
    back = session.execute(
        sa.select(Refund.booking_id, sa.func.sum(Refund.amount_fen))
        .where(
            Refund.source == RefundSource.PREPAID,
            Refund.state != RefundState.REJECTED,
            Refund.payment_id.is_not(None),
        )
        .group_by(Refund.booking_id)
    )
    for booking_id, fen in back:
        kept[booking_id] = kept.get(booking_id, 0) - int(fen)
    return kept


def unused_by_payment(session: Session) -> dict[str, int]:
    """Return what of each payment is in suspense, in fen; negative where more went than came.

    That is what was paid, less its uses, less what of it went back unused. Zeros are left out.
    """
    back = (
        sa.select(sa.func.coalesce(sa.func.sum(Refund.amount_fen), 0))
        .where(
            Refund.payment_id == Payment.id,
            Refund.source == RefundSource.SUSPENSE,
            Refund.state != RefundState.REJECTED,
        )
        .scalar_subquery()
    )
    paid = sa.case((Payment.state == PaymentState.SUCCEEDED, Payment.paid_fen), else_=0)
    left = paid - used_fen(PaymentUse.payment_id == Payment.id) - back
    rows = session.execute(sa.select(Payment.id, left).where(left != 0))
    return {payment_id: int(fen) for payment_id, fen in rows}


def suspense_gap(session: Session) -> int:
    """Return by how many fen the ledger's ``suspense_receipts`` and what is unused differ."""
    booked = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(LedgerEntry.amount_fen), 0))
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .where(LedgerAccount.code == AccountCode.SUSPENSE_RECEIPTS)
    )
    return sum(unused_by_payment(session).values()) + int(booked or 0)


def refund_gap(session: Session) -> int:
    """Return by how many fen the ledger's ``refund_due`` and the unfinished refunds differ."""
    booked = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(LedgerEntry.amount_fen), 0))
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .where(LedgerAccount.code == AccountCode.REFUND_DUE)
    )
    nothing_owed = {RefundState.REQUESTED, RefundState.REJECTED, *REFUND_FINAL}
    owed = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(Refund.amount_fen), 0)).where(
            Refund.state.not_in(nothing_owed)
        )
    )
    return int(owed or 0) + int(booked or 0)


def unposted_payments(session: Session) -> list[str]:
    """Return the ids of payments that succeeded without a journal, or have one without success."""
    posted = sa.select(sa.func.count(Journal.id)).where(
        Journal.key == sa.literal("pay:") + Payment.id + ":succeeded"
    )
    succeeded = Payment.state == PaymentState.SUCCEEDED
    has_journal = posted.scalar_subquery() == 1
    return list(
        session.scalars(
            sa.select(Payment.id)
            .where(sa.or_(succeeded & ~has_journal, ~succeeded & has_journal))
            .order_by(Payment.id)
        )
    )
