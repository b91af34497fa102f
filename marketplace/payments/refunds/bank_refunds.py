"""Refunds that no gateway can make: a person pays them from the bank and says under what reference.

Each has a task before the staff until it is paid.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.kernel.audit import Actor, note
from marketplace.kernel.db import Database
from marketplace.kernel.errors import DomainError, Invalid
from marketplace.payments.models import Refund
from marketplace.payments.refunds import refund_delivery
from marketplace.payments.refunds.refund_delivery import RefundRecorded
from marketplace.payments.states import RefundState
from marketplace.staff_tasks import service as staff_tasks
from marketplace.staff_tasks.models import StaffTask

KIND = "refund_by_bank"
"""The kind of the task, and the beginning of its key."""
LONGEST_BANK_REF = 80


class NotForTheBank(DomainError):
    """The refund does not wait for a bank transfer."""

    code = "wrong_state"
    http_status = 409
    message = "这笔退款不在等银行转账，请先看它现在的情况"


def _key(refund_id: str) -> str:
    return f"{KIND}:{refund_id}"


def tell_staff(database: Database, recorded: Sequence[RefundRecorded], *, now: dt.datetime) -> int:
    """Open a task for each of these that only a bank transfer can still pay; returns how many."""
    stuck = [refund for refund in recorded if refund.state is RefundState.MANUAL_REQUIRED]
    if not stuck:
        return 0
    tasks = [
        staff_tasks.new_task(
            kind=KIND,
            key=_key(refund.refund_id),
            booking_id=refund.booking_id,
            refund=refund.refund_id,
        )
        for refund in stuck
    ]
    with database.write() as session:
        return staff_tasks.open_tasks(session, tasks, now=now)


def untold(session: Session) -> list[RefundRecorded]:
    """Return the refunds that a person must pay by bank transfer and that have no task yet."""
    rows = session.execute(
        sa.select(Refund.id, Refund.booking_id, Refund.state)
        .outerjoin(StaffTask, StaffTask.key == sa.literal(_key("")) + Refund.id)
        .where(Refund.state == RefundState.MANUAL_REQUIRED, StaffTask.id.is_(None))
        .order_by(Refund.id)
    )
    return [RefundRecorded(*row, changed=False) for row in rows]


def record(
    session: Session, *, refund_id: str, bank_ref: str, actor: Actor, now: dt.datetime
) -> None:
    """Note that a refund which no gateway could make was paid by bank transfer, and by whose word.

    Its task is done with it. Recorded before, nothing changes.

    Raises:
        Invalid: no reference of the bank. UnknownRefund: there is no such refund.
        NotForTheBank: it does not wait for a bank transfer.
    """
    if not bank_ref.strip():
        raise Invalid({"bank_ref": "请写银行流水号"})
    recorded = refund_delivery.record_bank_transfer(
        session, refund_id=refund_id, bank_ref=bank_ref.strip()[:LONGEST_BANK_REF], now=now
    )
    if recorded.state is not RefundState.MANUAL_PAID:
        raise NotForTheBank(extra={"state": recorded.state.value})
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
    staff_tasks.settle(session, key=_key(refund_id), now=now)
