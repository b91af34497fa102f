"""Money at a gateway that this installation does not know any more: the staff are told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.payments.models import Payment, Refund
from marketplace.payments.states import REFUND_FINAL, UNDECIDED, RefundState
from marketplace.staff_tasks import service as staff_tasks
from marketplace.staff_tasks.models import StaffTask

KIND = "gateway_missing"
"""The kind of the task, and the beginning of its key."""


def tell_staff(session: Session, *, known: Collection[str], now: dt.datetime) -> int:
    """Open a task for each payment whose gateway must be asked or give back and is not known.

    ``known`` are the names of those that are configured. Told once a payment; returns how many.
    """
    to_ask = Payment.state.in_(UNDECIDED) & Payment.ref.is_not(None)
    settled = {RefundState.REJECTED, RefundState.MANUAL_REQUIRED, *REFUND_FINAL}
    to_give_back = sa.exists().where(Refund.payment_id == Payment.id, Refund.state.not_in(settled))
    found = session.execute(
        sa.select(Payment.id, Payment.booking_id, Payment.gateway)
        .outerjoin(StaffTask, StaffTask.key == sa.literal(f"{KIND}:") + Payment.id)
        .where(Payment.gateway.not_in(known), StaffTask.id.is_(None), to_ask | to_give_back)
        .order_by(Payment.id)
    )
    tasks = [
        staff_tasks.new_task(
            kind=KIND, key=f"{KIND}:{payment_id}", booking_id=booking_id, gateway=gateway
        )
        for payment_id, booking_id, gateway in found
    ]
    return staff_tasks.open_tasks(session, tasks, now=now)
