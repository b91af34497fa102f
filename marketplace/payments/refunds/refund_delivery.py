"""Sending refunds: tries, the gateway's answers, and what a person must pay in the end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from marketplace.kernel.errors import NotFound
from marketplace.payments.gateways.port import Caps, RefundFact, RefundOrder, RefundStatus
from marketplace.payments.ledger import postings
from marketplace.payments.models import Payment, Refund
from marketplace.payments.rules import next_poll, next_refund_try
from marketplace.payments.states import (
    REFUND_WAITING,
    RefundState,
    refund_sources,
)

log = structlog.get_logger(__name__)


class UnknownRefund(NotFound):
    """No refund of ours bears this id or key."""

    code = "unknown_refund"
    message = "没有找到这笔退款，请核对后再试"


@dataclass(frozen=True, slots=True)
class RefundRecorded:
    """Where a refund stands after something was recorded about it, and whether that moved it."""

    refund_id: str
    booking_id: str
    state: RefundState
    changed: bool


def start_try(
    session: Session, *, refund_id: str, caps: Caps, now: dt.datetime
) -> RefundOrder | None:
    """Return the order to send to the gateway now; ``None`` when there is nothing to send.

    A try that was begun and never answered is sent again under the same key. When the gateway's
    refund window is over the refund needs a bank transfer instead. Raises ``UnknownRefund``.
    """
    refund, payment = _locked_refund(session, refund_id)
    if refund.state not in _sendable(refund, now):
        return None
    until = caps.refundable_until(payment.method, payment.paid_at)
    if refund.state is not RefundState.SUBMITTED:
        if until is not None and now > until:
            _move(session, refund, RefundState.MANUAL_REQUIRED, next_try_at=None)
            return None
        attempt = refund.attempt + 1
        _move(
            session,
            refund,
            RefundState.SUBMITTED,
            attempt=attempt,
            key=f"refund:{refund.id}:{attempt}",
            ref=None,
            next_try_at=next_poll(now, now),
        )
    if payment.ref is None:  # a payment that succeeded has the reference it succeeded under
        raise UnknownRefund
    return RefundOrder(refund.key, payment.ref, refund.amount_fen)


def _sendable(refund: Refund, now: dt.datetime) -> set[RefundState]:
    states = {RefundState.APPROVED}
    if refund.ref is None:
        states.add(RefundState.SUBMITTED)
    if refund.next_try_at is not None and refund.next_try_at <= now:
        states.add(RefundState.FAILED)
    return states


def gateway_of(session: Session, refund_id: str) -> str:
    """Return the name of the gateway that a refund goes back by. Raises ``UnknownRefund``."""
    return _locked_refund(session, refund_id)[1].gateway


def wait(session: Session, *, refund_id: str, now: dt.datetime) -> RefundRecorded:
    """Leave a refund until its gateway is configured again, and due as soon as that is so."""
    refund, _ = _locked_refund(session, refund_id)
    if refund.state is RefundState.APPROVED:
        refund.next_try_at = now
    return _recorded(refund, changed=False)


def record_refund_fact(
    session: Session, *, fact: RefundFact, gateway: str, now: dt.datetime
) -> RefundRecorded:
    """Apply the gateway's truth about a refund; any number of times, with the effect of once.

    ``gateway`` is the name of the gateway that says it; only the one that was paid is heard.

    A failure is tried again later, at most three times in all; then the state is
    ``manual_required`` and a person must pay. A success that the gateway takes back is posted back.
    A fact about an earlier try changes nothing. Raises ``UnknownRefund``.
    """
    parts = fact.key.split(":")
    refund, payment = _locked_refund(session, parts[1] if len(parts) > 1 else "")
    if payment.gateway != gateway:
        raise UnknownRefund
    changed = False
    if refund.key != fact.key:
        log.info("fact_of_an_earlier_try", refund=refund.id)
    elif fact.amount_fen != refund.amount_fen:
        log.warning("refund_fact_disagrees", refund=refund.id)
    elif fact.status is RefundStatus.SUCCEEDED:
        changed = _succeed(session, refund, payment, fact, now)
    elif fact.status is RefundStatus.FAILED:
        changed = _fail(session, refund, payment, fact.ref, now)
    else:
        changed = _move(session, refund, RefundState.PENDING, ref=fact.ref)
    return _recorded(refund, changed=changed)


def record_refusal(session: Session, *, refund_id: str, now: dt.datetime) -> RefundRecorded:
    """Note that the gateway will not make this refund at all: a person must pay it."""
    refund, payment = _locked_refund(session, refund_id)
    changed = _fail(session, refund, payment, refund.ref, now)
    if refund.state is RefundState.FAILED:
        _move(session, refund, RefundState.MANUAL_REQUIRED, next_try_at=None)
    return _recorded(refund, changed=changed)


def record_bank_transfer(
    session: Session, *, refund_id: str, bank_ref: str, now: dt.datetime
) -> RefundRecorded:
    """Note that a person paid a refund from the bank; ``bank_ref`` is the bank's reference."""
    refund, payment = _locked_refund(session, refund_id)
    changed = _move(session, refund, RefundState.MANUAL_PAID, bank_ref=bank_ref, finished_at=now)
    if changed:
        postings.post_refund_by_bank(session, refund=refund, payment=payment, at=now)
    return _recorded(refund, changed=changed)


def state_of(session: Session, refund_id: str) -> RefundRecorded:
    """Return where a refund stands. Raises ``UnknownRefund``."""
    refund = session.get(Refund, refund_id, populate_existing=True)
    if refund is None:
        raise UnknownRefund
    return _recorded(refund, changed=False)


def _locked_refund(session: Session, refund_id: str) -> tuple[Refund, Payment]:
    row = session.execute(
        sa.select(Refund, Payment)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Refund.id == refund_id)
        .with_for_update(of=Refund)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise UnknownRefund
    return row.Refund, row.Payment


def _recorded(refund: Refund, *, changed: bool) -> RefundRecorded:
    return RefundRecorded(refund.id, refund.booking_id, refund.state, changed)


def _move(session: Session, refund: Refund, then: RefundState, **values: Any) -> bool:
    """Compare and set, within the same try."""
    result = session.execute(
        sa.update(Refund)
        .where(
            Refund.id == refund.id,
            Refund.attempt == refund.attempt,
            Refund.state.in_(refund_sources(then)),
        )
        .values(state=then, **values)
        .execution_options(synchronize_session=False)
    )
    session.refresh(refund)
    return isinstance(result, CursorResult) and result.rowcount == 1


def _succeed(
    session: Session, refund: Refund, payment: Payment, fact: RefundFact, now: dt.datetime
) -> bool:
    moved = _move(
        session, refund, RefundState.SUCCEEDED, ref=fact.ref, finished_at=now, next_try_at=None
    )
    if moved:
        postings.post_refund_succeeded(session, refund=refund, payment=payment, at=now)
    return moved


def _fail(
    session: Session, refund: Refund, payment: Payment, ref: str | None, now: dt.datetime
) -> bool:
    had_succeeded = refund.state is RefundState.SUCCEEDED
    again_at = next_refund_try(refund.attempt, now)
    moved = _move(
        session, refund, RefundState.FAILED, ref=ref, finished_at=None, next_try_at=again_at
    )
    if moved and had_succeeded:
        postings.post_refund_returned(session, refund=refund, payment=payment, at=now)
    if moved and again_at is None:
        _move(session, refund, RefundState.MANUAL_REQUIRED)
    return moved


@dataclass(frozen=True, slots=True)
class DueRefund:
    """A refund to look at: to ask about under ``ask_ref``, or to send when that is empty."""

    id: str
    gateway: str
    ask_ref: str | None


def take_due(
    session: Session, *, gateways: Collection[str], now: dt.datetime, limit: int
) -> list[DueRefund]:
    """Return the refunds of these gateways to ask about or send; sets when each is due again."""
    due = session.execute(
        sa.select(Refund, Payment.gateway)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(
            # An approved one is due only when it had to wait for its gateway.
            Refund.state.in_({*REFUND_WAITING, RefundState.APPROVED, RefundState.FAILED}),
            Refund.next_try_at <= now,
            Payment.gateway.in_(gateways),
        )
        .order_by(Refund.id)
        .limit(limit)
        .with_for_update(of=Refund, skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    for refund, _ in due:
        # The others stay due: their next try is begun by compare-and-set, so it begins once.
        if refund.state in REFUND_WAITING:
            refund.next_try_at = next_poll(refund.created_at, now)
    return [
        DueRefund(refund.id, gateway, refund.ref if refund.state in REFUND_WAITING else None)
        for refund, gateway in due
    ]
