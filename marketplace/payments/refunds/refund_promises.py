"""Promising refunds: once, and never more than was paid. Sending them is ``refund_delivery``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from marketplace.kernel import outbox
from marketplace.kernel.errors import DomainError
from marketplace.kernel.ids import Ids
from marketplace.payments.effects import SubmitRefund
from marketplace.payments.ledger import postings
from marketplace.payments.ledger.chart_of_accounts import AccountCode
from marketplace.payments.models import Payment, Refund
from marketplace.payments.states import (
    PaymentState,
    RefundState,
)

log = structlog.get_logger(__name__)


class OverRefund(DomainError):
    """More would go back than is left of what was paid."""

    code = "over_refund"
    http_status = 409
    message = "退款金额超过了还可以退的金额，请核对后再试"


def refundable(session: Session, payment_id: str) -> int:
    """Return what is left of a payment in fen, after every refund that is done or still owed."""
    payment = session.get(Payment, payment_id, populate_existing=True)
    return _left(session, [payment])[payment_id] if payment is not None else 0


def request_refund(
    session: Session,
    *,
    payment_id: str,
    amount_fen: int,
    reason: str,
    ids: Ids,
    now: dt.datetime,
    source: AccountCode | None = None,
) -> Refund:
    """Approve a refund, post that it is owed, and owe its sending (topic ``refund.submit``).

    ``source`` is the account it is taken from: suspense for money in suspense, else what travellers
    prepaid. Raises ``OverRefund``, and ``ValueError`` for an amount that is not positive.
    """
    payments = _locked_payments(session, Payment.id == payment_id)
    if not payments:
        raise OverRefund
    return _approve(
        session, payments[0], amount_fen, reason=reason, ids=ids, now=now, source=source
    )


def refund_payment_in_full(
    session: Session, *, payment_id: str, reason: str, ids: Ids, now: dt.datetime
) -> Refund | None:
    """Give back all that is left of one payment; ``None`` when nothing is."""
    payments = _locked_payments(session, Payment.id == payment_id)
    sent = _give_back(session, payments, None, reason=reason, ids=ids, now=now)
    return sent[0] if sent else None


def refund_suspense(
    session: Session, *, booking_id: str, ids: Ids, now: dt.datetime
) -> list[Refund]:
    """Give back all that a booking has in suspense."""
    payments = _locked_payments(
        session, Payment.booking_id == booking_id, Payment.in_suspense.is_(True)
    )
    return _give_back(session, payments, None, reason="suspense", ids=ids, now=now)


def refund_booking(
    session: Session,
    *,
    booking_id: str,
    amount_fen: int,
    reason: str,
    ids: Ids,
    now: dt.datetime,
) -> list[Refund]:
    """Give back ``amount_fen`` of what was paid for a booking, the latest payment first.

    Raises ``OverRefund`` when less than that is left.
    """
    payments = _locked_payments(
        session, Payment.booking_id == booking_id, Payment.in_suspense.is_(False)
    )
    return _give_back(session, payments, amount_fen, reason=reason, ids=ids, now=now)


def _locked_payments(session: Session, *conditions: sa.ColumnElement[bool]) -> list[Payment]:
    """Lock succeeded payments in the order of their ids, and return them latest first."""
    found = session.scalars(
        sa.select(Payment)
        .where(Payment.state == PaymentState.SUCCEEDED, *conditions)
        .order_by(Payment.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    return sorted(found, key=lambda payment: (payment.paid_at, payment.id), reverse=True)


def _left(session: Session, payments: Sequence[Payment]) -> dict[str, int]:
    """Return what is left of each payment: a refund counts from its approval on."""
    counted = sa.select(Refund.payment_id, sa.func.sum(Refund.amount_fen)).where(
        Refund.payment_id.in_([payment.id for payment in payments]),
        Refund.state != RefundState.REJECTED,
    )
    gone = {
        payment_id: int(fen)
        for payment_id, fen in session.execute(counted.group_by(Refund.payment_id))
    }
    return {payment.id: (payment.paid_fen or 0) - gone.get(payment.id, 0) for payment in payments}


def _give_back(
    session: Session,
    payments: Sequence[Payment],
    amount_fen: int | None,
    *,
    reason: str,
    ids: Ids,
    now: dt.datetime,
) -> list[Refund]:
    left = _left(session, payments)
    wanted = sum(left.values()) if amount_fen is None else amount_fen
    if wanted > sum(left.values()):
        raise OverRefund
    refunds = []
    for payment in payments:
        part = min(wanted, left[payment.id])
        if part > 0:
            refunds.append(_approve(session, payment, part, reason=reason, ids=ids, now=now))
            wanted -= part
    return refunds


def _approve(
    session: Session,
    payment: Payment,
    amount_fen: int,
    *,
    reason: str,
    ids: Ids,
    now: dt.datetime,
    source: AccountCode | None = None,
) -> Refund:
    if amount_fen <= 0:
        raise ValueError("a refund gives something back")
    if amount_fen > _left(session, [payment])[payment.id]:
        raise OverRefund
    if source is None:
        source = postings.SUSPENSE_RECEIPTS if payment.in_suspense else postings.CUSTOMER_PREPAID
    refund_id = ids.new_id()
    refund = Refund(
        id=refund_id,
        booking_id=payment.booking_id,
        payment_id=payment.id,
        amount_fen=amount_fen,
        currency=payment.paid_currency,
        state=RefundState.APPROVED,
        reason=reason,
        key=f"refund:{refund_id}:0",
        attempt=0,
        created_at=now,
    )
    session.add(refund)
    session.flush()
    postings.post_refund_approved(session, refund=refund, source=source, at=now)
    outbox.owe(session, SubmitRefund(refund_id), now=now)
    return refund
