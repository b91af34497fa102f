"""What is to be paid: opened, put off, paid, settled or ended, each by a compare-and-set.

A payable belongs to a booking and names its subject: the booking itself, or a change of its stay.
Every function here is called under the lock on the booking's row, so a payable is never locked.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from marketplace.kernel.db import table_of
from marketplace.kernel.money import CNY
from marketplace.payments.models import Payable, PaymentUse
from marketplace.payments.states import OWED, PayableKind, PayableState, payable_sources

_PAYABLE = table_of(Payable)
_USE = table_of(PaymentUse)


@dataclass(frozen=True, slots=True)
class PayableOrder:
    """What to ask for: ``amount_fen`` for a subject of a booking, to be paid until ``due_at``."""

    booking_id: str
    kind: PayableKind
    subject_id: str
    amount_fen: int
    due_at: dt.datetime
    grace_until: dt.datetime | None = None
    part: int = 1
    currency: str = CNY


def open_payable(session: Session, order: PayableOrder, *, now: dt.datetime) -> None:
    """Ask for something from now on; the booking's row is flushed already.

    Raises ``IntegrityError`` when the same part of the same subject is asked for already.
    """
    last = sa.select(sa.func.coalesce(sa.func.max(_PAYABLE.c.number), 0)).where(
        _PAYABLE.c.booking_id == order.booking_id
    )
    session.connection().execute(
        sa.insert(_PAYABLE).values(
            booking_id=order.booking_id,
            number=last.scalar_subquery() + 1,
            kind=order.kind,
            subject_id=order.subject_id,
            part=order.part,
            amount_fen=order.amount_fen,
            currency=order.currency,
            due_at=order.due_at,
            grace_until=order.grace_until,
            state=PayableState.OPEN,
            opened_at=now,
        )
    )


def asked_for(session: Session, *, booking_id: str, subject_id: str) -> Payable | None:
    """Return what is to be paid next for a subject, ``None`` where nothing is."""
    return session.scalars(
        sa.select(Payable)
        .where(*_owed(booking_id, subject_id))
        .order_by(Payable.due_at, Payable.number)
        .limit(1)
        .execution_options(populate_existing=True)
    ).one_or_none()


def put_off(
    session: Session,
    *,
    booking_id: str,
    subject_id: str,
    due_at: dt.datetime,
    grace_until: dt.datetime | None,
) -> None:
    """Let what is asked for a subject be paid until ``due_at``."""
    session.execute(
        sa.update(Payable)
        .where(*_owed(booking_id, subject_id))
        .values(due_at=due_at, grace_until=grace_until)
        .execution_options(synchronize_session=False)
    )


def used_fen(of: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    """Return, for statements, the sum of the uses ``of`` something, in fen."""
    return (
        sa.select(sa.func.coalesce(sa.func.sum(PaymentUse.fen), 0))
        .where(of)
        .correlate_except(PaymentUse)
        .scalar_subquery()
    )


def remaining(session: Session, payable: Payable) -> int:
    """Return what no payment has been used for yet, in fen."""
    used = session.execute(sa.select(used_fen(PaymentUse.payable_id == payable.id))).scalar_one()
    return payable.amount_fen - int(used)


def use(session: Session, payable: Payable, *, payment_id: str, fen: int, now: dt.datetime) -> int:
    """Use ``fen`` of a payment for a payable, as far as something remains; returns how much.

    The caller posts it: what was used is prepaid, the rest is in suspense.
    """
    used = min(fen, remaining(session, payable))
    if used <= 0:
        return 0
    session.connection().execute(
        sa.insert(_USE).values(payment_id=payment_id, payable_id=payable.id, fen=used, made_at=now)
    )
    return used


def settle(session: Session, *, payable_id: int, now: dt.datetime) -> bool:
    """Note that all of a payable was paid and bought what it was for; tells whether it moved.

    It does not while something remains to be paid.
    """
    paid = used_fen(PaymentUse.payable_id == Payable.id) == Payable.amount_fen
    return _move(session, PayableState.SETTLED, Payable.id == payable_id, paid, now=now)


def end(
    session: Session, *, booking_id: str, subject_id: str, state: PayableState, now: dt.datetime
) -> None:
    """Ask no more for a subject: what was not paid is ``LAPSED`` or ``VOID`` from now on."""
    _move(session, state, *_owed(booking_id, subject_id), now=now)


def _owed(booking_id: str, subject_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Payable.booking_id == booking_id,
        Payable.subject_id == subject_id,
        Payable.state.in_(OWED),
    )


def _move(
    session: Session, then: PayableState, *of: sa.ColumnElement[bool], now: dt.datetime
) -> bool:
    """Compare and set: of all who want to make this move, one succeeds."""
    result = session.execute(
        sa.update(Payable)
        .where(*of, Payable.state.in_(payable_sources(then)))
        .values(state=then, ended_at=now)
        .execution_options(synchronize_session=False)
    )
    return isinstance(result, CursorResult) and result.rowcount > 0
