"""Payment attempts: begun, opened, and settled by the gateway's word exactly once.

Lock order: the booking's row first, then payments, then refunds. ``booking_of`` tells whose row to
lock before a fact is recorded.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from marketplace.kernel.errors import DomainError, NotFound
from marketplace.kernel.ids import Ids
from marketplace.payments import payables
from marketplace.payments.gateways.port import Opened, PaymentFact, PaymentStatus
from marketplace.payments.ledger import postings
from marketplace.payments.models import Payable, Payment, PaymentUse, Refund
from marketplace.payments.refunds.refund_delivery import record_bank_transfer, record_refund_fact
from marketplace.payments.refunds.refund_promises import (
    refund_booking,
    refund_payment_in_full,
    refund_suspense,
    refundable,
    request_refund,
)
from marketplace.payments.rules import next_poll
from marketplace.payments.states import (
    UNDECIDED,
    PayableKind,
    PayableState,
    PaymentState,
    RefundSource,
    RefundState,
    payment_sources,
)

__all__ = [
    "AttemptOver",
    "AttemptRunning",
    "Recorded",
    "UnknownPayment",
    "begin_attempt",
    "booking_of",
    "mark_closed",
    "note_opened",
    "open_attempts",
    "paid_fen",
    "record_bank_transfer",
    "record_payment_fact",
    "record_refund_fact",
    "refund_booking",
    "refund_payment_in_full",
    "refund_suspense",
    "refundable",
    "request_refund",
]

log = structlog.get_logger(__name__)

_STATE_OF_FACT = {
    PaymentStatus.PROCESSING: PaymentState.PROCESSING,
    PaymentStatus.FAILED: PaymentState.FAILED,
    PaymentStatus.CLOSED: PaymentState.CLOSED,
}


class UnknownPayment(NotFound):
    """No attempt of ours bears this reference."""

    code = "unknown_payment"
    message = "没有找到这笔支付，请核对后再试"


class AttemptOver(DomainError):
    """The attempt can no longer be opened: it was paid, failed or closed."""

    code = "attempt_over"
    http_status = 409
    message = "这次支付已经结束，请回到订单重新付款"


class AttemptRunning(DomainError):
    """The page of the attempt before is over, and its gateway has not said yet what became of it.

    Who can ask the gateway closes that attempt and begins again.
    """

    code = "attempt_running"
    http_status = 409
    message = "上一次付款还没有结果。请等两分钟再试，先不要再付"


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a fact changed: ``newly_succeeded`` is true for one recording of a payment only."""

    payment_id: str
    booking_id: str
    payable_id: int
    kind: PayableKind
    subject_id: str
    """What the payable was to buy."""
    newly_succeeded: bool
    as_asked: bool
    """Whether what came, if anything did, is the sum and the currency that was asked for."""
    used_fen: int
    """How much of it pays the payable, by this recording."""


def begin_attempt(
    session: Session, payable: Payable, *, gateway: str, ids: Ids, now: dt.datetime
) -> Payment:
    """Return the attempt to pay ``payable`` with: the one that is still good, else a new one.

    ``gateway`` is the name of the gateway that a new one is opened at; one that was begun elsewhere
    goes on there. The caller holds the lock on the booking's row, so that two
    requests never begin two attempts. An attempt whose money is under way is returned too: a second
    one would invite a second payment.

    Raises:
        AttemptRunning: the page of the last attempt is over, but it may have been paid on.
        AttemptOver: nothing remains to be paid.
    """
    attempts = list(
        session.scalars(
            sa.select(Payment)
            .where(Payment.booking_id == payable.booking_id)
            .execution_options(populate_existing=True)
        )
    )
    for attempt in attempts:
        if attempt.payable_id == payable.id and attempt.state in UNDECIDED:
            if not _can_go_on(attempt, now):
                raise AttemptRunning
            return attempt
    amount_fen = payables.remaining(session, payable)
    if amount_fen <= 0:
        raise AttemptOver
    payment = Payment(
        id=ids.new_id(),
        booking_id=payable.booking_id,
        payable_id=payable.id,
        state=PaymentState.CREATED,
        key=f"pay:{payable.booking_id}:{len(attempts) + 1}",
        gateway=gateway,
        amount_fen=amount_fen,
        currency=payable.currency,
        created_at=now,
    )
    session.add(payment)
    session.flush()
    return payment


def _can_go_on(attempt: Payment, now: dt.datetime) -> bool:
    if attempt.state is PaymentState.OPEN:
        return attempt.expires_at is None or now < attempt.expires_at
    return True


def note_opened(session: Session, *, payment_id: str, opened: Opened, now: dt.datetime) -> bool:
    """Keep what the gateway answered; ``False`` when the attempt was not waiting to be opened."""
    return _move(
        session,
        payment_id,
        PaymentState.OPEN,
        ref=opened.ref,
        redirect_url=opened.redirect_url,
        opened_at=now,
        expires_at=opened.expires_at,
        next_poll_at=next_poll(now, now),
    )


def open_attempts(
    session: Session, *, booking_id: str, subject_id: str | None = None
) -> list[Payment]:
    """Return a booking's attempts that may still bring money, oldest first.

    With ``subject_id`` only those that buy this.
    """
    of_subject = () if subject_id is None else (Payable.subject_id == subject_id,)
    return list(
        session.scalars(
            sa.select(Payment)
            .join(Payable, Payable.id == Payment.payable_id)
            .where(Payment.booking_id == booking_id, Payment.state.in_(UNDECIDED), *of_subject)
            .order_by(Payment.created_at, Payment.id)
            .execution_options(populate_existing=True)
        )
    )


def mark_closed(
    session: Session, *, payment_id: str, now: dt.datetime, unopened: bool = False
) -> bool:
    """Note that an attempt was closed at ``now``; ``False`` when it was decided already.

    ``unopened`` says that nobody asked the gateway, because there was nothing to close there: then
    it is also ``False`` when the attempt was opened in the meantime.
    """
    still = (Payment.ref.is_(None),) if unopened else ()
    return _move(session, payment_id, PaymentState.CLOSED, *still, closed_at=now, next_poll_at=None)


def booking_of(session: Session, *, ref: str, gateway: str) -> str:
    """Return the id of the booking that the gateway's payment ``ref`` is for.

    Raises ``UnknownPayment``.
    """
    return _by_ref(session, gateway, ref).booking_id


def record_payment_fact(
    session: Session, *, fact: PaymentFact, gateway: str, now: dt.datetime
) -> Recorded:
    """Apply the gateway's truth about a payment; any number of times, with the effect of once.

    ``gateway`` is the gateway's name. Money is recorded before anyone judges the booking: what was
    asked for is used for the payable as far as something remains of it; the rest, and an amount
    or currency that was not asked for, stays unused. A success after a failure or a
    closing counts. Nothing undoes a success. Raises ``UnknownPayment``.
    """
    payment = _by_ref(session, gateway, fact.ref)
    payable = _bought_by(session, payment)
    used: int | None = None
    if fact.status is PaymentStatus.SUCCEEDED:
        used = _succeed(session, payment, payable, fact, now)
        _note_fee(session, payment, fact, now)
    elif fact.status in _STATE_OF_FACT:
        _note_unpaid(session, payment, _STATE_OF_FACT[fact.status], now)
    session.refresh(payment)
    return Recorded(
        payment.id,
        payment.booking_id,
        payable.id,
        payable.kind,
        payable.subject_id,
        newly_succeeded=used is not None,
        as_asked=payment.paid_fen is None
        or _fits(payment, payment.paid_fen, payment.paid_currency),
        used_fen=used or 0,
    )


def _bought_by(session: Session, payment: Payment) -> Payable:
    """Return what the money of a payment is for; where it is void, what is asked in its place."""
    payable = session.get_one(Payable, payment.payable_id, populate_existing=True)
    if payable.state is not PayableState.VOID:
        return payable
    return (
        payables.asked_for(session, booking_id=payable.booking_id, subject_id=payable.subject_id)
        or payable
    )


def _by_ref(session: Session, gateway: str, ref: str) -> Payment:
    payment = session.scalar(
        sa.select(Payment)
        .where(Payment.gateway == gateway, Payment.ref == ref)
        .execution_options(populate_existing=True)
    )
    if payment is None:
        raise UnknownPayment
    return payment


def _move(
    session: Session,
    payment_id: str,
    then: PaymentState,
    *still: sa.ColumnElement[bool],
    **values: Any,
) -> bool:
    """Compare and set: of all who want to make this move, one succeeds."""
    result = session.execute(
        sa.update(Payment)
        .where(Payment.id == payment_id, Payment.state.in_(_allowed_from(then)), *still)
        .values(state=then, **values)
        .execution_options(synchronize_session=False)
    )
    moved = _rows(result) == 1
    loaded = session.identity_map.get(sa.orm.util.identity_key(Payment, payment_id))
    if moved and loaded is not None:
        session.expire(loaded)
    return moved


def _allowed_from(then: PaymentState) -> frozenset[PaymentState]:
    return payment_sources(then)


def _rows(result: Any) -> int:
    """Return how many rows an UPDATE changed."""
    return int(result.rowcount) if isinstance(result, CursorResult) else 0


def _fits(payment: Payment, fen: int, currency: str | None) -> bool:
    return (fen, currency) == (payment.amount_fen, payment.currency)


def _succeed(
    session: Session, payment: Payment, payable: Payable, fact: PaymentFact, now: dt.datetime
) -> int | None:
    """Note that money came; returns how much of it is used, ``None`` when it was noted before."""
    newly = _move(
        session,
        payment.id,
        PaymentState.SUCCEEDED,
        paid_fen=fact.amount_fen,
        paid_currency=fact.currency,
        paid_at=fact.paid_at or now,
        # Where it pays what is asked in place of a void one, it belongs to that from now on.
        payable_id=payable.id,
        method=fact.method,
        next_poll_at=None,
    )
    if not newly:
        if (fact.amount_fen, fact.currency) != (payment.paid_fen, payment.paid_currency):
            log.warning("payment_fact_disagrees", payment=payment.id)
        return None
    used = 0
    if _fits(payment, fact.amount_fen, fact.currency):
        used = payables.use(session, payable, payment_id=payment.id, fen=fact.amount_fen, now=now)
    postings.post_payment(
        session,
        payment=payment,
        fen=fact.amount_fen,
        used_fen=used,
        currency=fact.currency,
        at=fact.paid_at or now,
    )
    return used


def _note_fee(session: Session, payment: Payment, fact: PaymentFact, now: dt.datetime) -> None:
    """Post the gateway's fee once; some gateways name it only in a later fact."""
    if fact.fee_fen is None:
        return
    noted = session.execute(
        sa.update(Payment)
        .where(Payment.id == payment.id, Payment.fee_fen.is_(None))
        .values(fee_fen=fact.fee_fen)
        .execution_options(synchronize_session=False)
    )
    if _rows(noted) == 1:
        postings.post_payment_fee(
            session,
            payment=payment,
            fen=fact.fee_fen,
            currency=fact.currency,
            at=fact.paid_at or now,
        )


def _note_unpaid(session: Session, payment: Payment, then: PaymentState, now: dt.datetime) -> None:
    waits = then is PaymentState.PROCESSING
    moved = _move(
        session,
        payment.id,
        then,
        closed_at=None if waits else now,
        next_poll_at=next_poll(payment.opened_at or payment.created_at, now) if waits else None,
    )
    if not moved and payment.state is PaymentState.SUCCEEDED:
        log.warning("late_fact_after_success_ignored", payment=payment.id, fact=then.value)


def paid_fen(session: Session, booking_id: str) -> int:
    """Return what stands paid for a booking in fen: what was used for it, less what went back.

    A refund counts from its promise on. Money in suspense does not count.
    """
    used = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(PaymentUse.fen), 0))
        .join(Payment, Payment.id == PaymentUse.payment_id)
        .where(Payment.booking_id == booking_id)
    )
    back = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(Refund.amount_fen), 0)).where(
            Refund.booking_id == booking_id,
            Refund.source == RefundSource.PREPAID,
            Refund.state != RefundState.REJECTED,
        )
    )
    return int(used or 0) - int(back or 0)
