"""Promising refunds: once, and never more than was paid. Sending them is ``refund_delivery``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from marketplace.kernel import outbox
from marketplace.kernel.errors import DomainError
from marketplace.kernel.ids import Ids
from marketplace.payments.effects import SubmitRefund
from marketplace.payments.ledger import postings
from marketplace.payments.ledger.chart_of_accounts import AccountCode
from marketplace.payments.models import Payment, PaymentUse, Refund
from marketplace.payments.payables import used_fen
from marketplace.payments.states import (
    PaymentState,
    RefundSource,
    RefundState,
)

_ACCOUNTS: Mapping[RefundSource, AccountCode] = {
    RefundSource.PREPAID: postings.CUSTOMER_PREPAID,
    RefundSource.SUSPENSE: postings.SUSPENSE_RECEIPTS,
}

log = structlog.get_logger(__name__)


class OverRefund(DomainError):
    """More would go back than is left of what was paid."""

    code = "over_refund"
    http_status = 409
    message = "退款金额超过了还可以退的金额，请核对后再试"


def refundable(session: Session, payment_id: str) -> int:
    """Return what is left of a payment in fen, after every refund that is done or still owed."""
    payment = session.get(Payment, payment_id, populate_existing=True)
    return sum(_left(session, [payment])[payment_id].values()) if payment is not None else 0


def request_refund(
    session: Session,
    *,
    payment_id: str,
    amount_fen: int,
    reason: str,
    ids: Ids,
    now: dt.datetime,
    source: RefundSource = RefundSource.PREPAID,
) -> Refund:
    """Approve a refund, post that it is owed, and owe its sending (topic ``refund.submit``).

    Raises ``OverRefund``, and ``ValueError`` for an amount that is not positive.
    """
    payments = _locked_payments(session, Payment.id == payment_id)
    if not payments:
        raise OverRefund
    return _approve(
        session, payments[0], amount_fen, source=source, reason=reason, ids=ids, now=now
    )


def refund_payment_in_full(
    session: Session, *, payment_id: str, reason: str, ids: Ids, now: dt.datetime
) -> list[Refund]:
    """Give back all that is left of one payment: what was used of it, and what was not."""
    payments = _locked_payments(session, Payment.id == payment_id)
    return [
        refund
        for source in RefundSource
        for refund in _give_back(
            session, payments, None, source=source, reason=reason, ids=ids, now=now
        )
    ]


def refund_suspense(
    session: Session, *, booking_id: str, ids: Ids, now: dt.datetime
) -> list[Refund]:
    """Give back all that a booking has in suspense."""
    payments = _locked_payments(
        session,
        Payment.booking_id == booking_id,
        Payment.paid_fen > used_fen(PaymentUse.payment_id == Payment.id),
    )
    return _give_back(
        session,
        payments,
        None,
        source=RefundSource.SUSPENSE,
        reason="suspense",
        ids=ids,
        now=now,
    )


def refund_booking(
    session: Session,
    *,
    booking_id: str,
    amount_fen: int,
    reason: str,
    ids: Ids,
    now: dt.datetime,
) -> list[Refund]:
    """Give back ``amount_fen`` of what was used for a booking, the latest payment first.

    Raises ``OverRefund`` when less than that is left.
    """
    payments = _locked_payments(session, Payment.booking_id == booking_id)
    return _give_back(
        session,
        payments,
        amount_fen,
        source=RefundSource.PREPAID,
        reason=reason,
        ids=ids,
        now=now,
    )


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


def _left(session: Session, payments: Sequence[Payment]) -> dict[str, dict[RefundSource, int]]:
    """Return what is left of each payment, in fen, of what was used and of what was not.

    A refund counts from its approval on.
    """
    if not payments:
        return {}
    keys = [payment.id for payment in payments]
    uses = session.execute(
        sa.select(PaymentUse.payment_id, sa.func.sum(PaymentUse.fen))
        .where(PaymentUse.payment_id.in_(keys))
        .group_by(PaymentUse.payment_id)
    )
    used = {payment_id: int(fen) for payment_id, fen in uses}
    refunds = session.execute(
        sa.select(Refund.payment_id, Refund.source, sa.func.sum(Refund.amount_fen))
        .where(Refund.payment_id.in_(keys), Refund.state != RefundState.REJECTED)
        .group_by(Refund.payment_id, Refund.source)
    )
    gone = {(payment_id, source): int(fen) for payment_id, source, fen in refunds}
    came = {
        payment.id: {
            RefundSource.PREPAID: used.get(payment.id, 0),
            RefundSource.SUSPENSE: (payment.paid_fen or 0) - used.get(payment.id, 0),
        }
        for payment in payments
    }
    return {
        payment_id: {source: fen - gone.get((payment_id, source), 0) for source, fen in of.items()}
        for payment_id, of in came.items()
    }


def _give_back(
    session: Session,
    payments: Sequence[Payment],
    amount_fen: int | None,
    *,
    source: RefundSource,
    reason: str,
    ids: Ids,
    now: dt.datetime,
) -> list[Refund]:
    left = {payment_id: of[source] for payment_id, of in _left(session, payments).items()}
    wanted = sum(left.values()) if amount_fen is None else amount_fen
    if wanted > sum(left.values()):
        raise OverRefund
    refunds = []
    for payment in payments:
        part = min(wanted, left[payment.id])
        if part > 0:
            refunds.append(
                _approve(session, payment, part, source=source, reason=reason, ids=ids, now=now)
            )
            wanted -= part
    return refunds


def _approve(
    session: Session,
    payment: Payment,
    amount_fen: int,
    *,
    source: RefundSource,
    reason: str,
    ids: Ids,
    now: dt.datetime,
) -> Refund:
    if amount_fen <= 0:
        raise ValueError("a refund gives something back")
    if amount_fen > _left(session, [payment])[payment.id][source]:
        raise OverRefund
    refund_id = ids.new_id()
    refund = Refund(
        id=refund_id,
        booking_id=payment.booking_id,
        payment_id=payment.id,
        amount_fen=amount_fen,
        currency=payment.paid_currency,
        state=RefundState.APPROVED,
        source=source,
        reason=reason,
        key=f"refund:{refund_id}:0",
        attempt=0,
        created_at=now,
    )
    session.add(refund)
    session.flush()
    postings.post_refund_approved(
        session, refund=refund, payment=payment, source=_ACCOUNTS[source], at=now
    )
    outbox.owe(session, SubmitRefund(refund_id), now=now)
    return refund
