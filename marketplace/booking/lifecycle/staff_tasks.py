"""Settling what was put before the staff."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.booking.lifecycle.transitions import open_task
from marketplace.booking.models import StaffTask
from marketplace.booking.states import WrongState
from marketplace.kernel.audit import Actor, note
from marketplace.kernel.errors import Invalid, NotFound
from marketplace.payments.models import Payment, Refund
from marketplace.payments.refunds import refund_delivery
from marketplace.payments.refunds.refund_delivery import RefundRecorded
from marketplace.payments.states import REFUND_FINAL, UNDECIDED, RefundState


def finish(session: Session, *, task_id: int, actor: Actor, now: dt.datetime) -> bool:
    """Mark a task as settled; tells whether this call did it, ``False`` when it was already.

    Raises:
        NotFound: there is no such task.
    """
    task = session.scalars(
        sa.select(StaffTask).where(StaffTask.id == task_id).with_for_update()
    ).one_or_none()
    if task is None:
        raise NotFound
    if task.done_at is not None:
        return False
    task.done_at = now
    note(
        session,
        actor=actor,
        action="task.done",
        subject=("staff_task", task_id),
        now=now,
        kind=task.kind,
    )
    return True


def refunds_nobody_was_told_of(session: Session, *, prefix: str) -> list[RefundRecorded]:
    """Return the refunds that a person must pay by bank transfer and that have no task yet.

    A task's key is ``prefix`` and the refund's id.
    """
    rows = session.execute(
        sa.select(Refund.id, Refund.booking_id, Refund.state)
        .outerjoin(StaffTask, StaffTask.key == sa.literal(prefix) + Refund.id)
        .where(Refund.state == RefundState.MANUAL_REQUIRED, StaffTask.id.is_(None))
        .order_by(Refund.id)
    )
    return [RefundRecorded(*row, changed=False) for row in rows]


MISSING = "gateway_missing"
"""The kind of the task for money at a gateway that is not configured, and its key's beginning."""


def tell_of_missing_gateways(session: Session, *, known: Collection[str], now: dt.datetime) -> int:
    """Open a task for each payment whose gateway must be asked or give back and is not known.

    ``known`` are the names of those that are configured. Told once a payment; returns how many.
    """
    to_ask = Payment.state.in_(UNDECIDED) & Payment.ref.is_not(None)
    settled = {RefundState.REJECTED, RefundState.MANUAL_REQUIRED, *REFUND_FINAL}
    to_give_back = sa.exists().where(Refund.payment_id == Payment.id, Refund.state.not_in(settled))
    found = session.execute(
        sa.select(Payment.id, Payment.booking_id, Payment.gateway)
        .outerjoin(StaffTask, StaffTask.key == sa.literal(f"{MISSING}:") + Payment.id)
        .where(Payment.gateway.not_in(known), StaffTask.id.is_(None), to_ask | to_give_back)
        .order_by(Payment.id)
    ).all()
    for payment_id, booking_id, gateway in found:
        open_task(
            session,
            kind=MISSING,
            key=f"{MISSING}:{payment_id}",
            booking_id=booking_id,
            gateway=gateway,
            now=now,
        )
    return len(found)


def record_bank_refund(
    session: Session, *, refund_id: str, bank_ref: str, actor: Actor, now: dt.datetime
) -> None:
    """Note that a refund which no gateway could make was paid by bank transfer, and by whose word.

    Its task is done with it. Recorded before, nothing changes.

    Raises:
        Invalid: no reference of the bank. UnknownRefund: there is no such refund.
        WrongState: it does not wait for a bank transfer.
    """
    if not bank_ref.strip():
        raise Invalid({"bank_ref": "请写银行流水号"})
    recorded = refund_delivery.record_bank_transfer(
        session, refund_id=refund_id, bank_ref=bank_ref.strip()[:80], now=now
    )
    if recorded.state is not RefundState.MANUAL_PAID:
        raise WrongState(extra={"state": recorded.state.value})
    if not recorded.changed:
        return
    note(
        session,
        actor=actor,
        action="refund.paid_by_bank",
        subject=("refund", refund_id),
        now=now,
        booking=recorded.booking_id,
    )
    session.execute(
        sa.update(StaffTask)
        .where(StaffTask.key == f"refund_by_bank:{refund_id}", StaffTask.done_at.is_(None))
        .values(done_at=now)
    )
