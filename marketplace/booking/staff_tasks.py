"""Settling what was put before the staff."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.booking.models import StaffTask
from marketplace.kernel.audit import Actor, note
from marketplace.kernel.errors import NotFound
from marketplace.payments.models import Refund
from marketplace.payments.refund_tries import RefundRecorded
from marketplace.payments.states import RefundState


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
