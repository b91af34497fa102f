"""Who comes into the rehousing queue and who leaves it without choosing: what the sweeps do.

Bookings are locked first and in the order of their ids, then their rows of the queue.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from catalog.office.models import Suspension
from marketplace.booking.events.facts import record
from marketplace.booking.items import BookingItem
from marketplace.booking.lifecycle import transitions
from marketplace.booking.models import Booking, Rehousing
from marketplace.booking.rehousing import rehousing_status
from marketplace.booking.states import REHOUSING_OPEN, BookingState, RehousingState
from marketplace.kernel.audit import SYSTEM
from marketplace.kernel.db import insert_new, table_of
from marketplace.staff_tasks.service import new_task, open_tasks

AFFECTED = frozenset({BookingState.CONFIRMED, BookingState.IN_STAY})
"""Paid for and not over. A hold that nobody paid cannot be paid any more, and runs out."""
UNANSWERED = "rehousing_unanswered"


def open_queue(session: Session, *, now: dt.datetime, suspension_id: int | None = None) -> int:
    """Put every affected booking into the queue of the suspension in force; returns how many.

    Without ``suspension_id`` all suspensions are gone through: a guest who paid at the very moment
    is found by the next sweep. A booking stands once in the queue of a suspension.
    """
    where = [] if suspension_id is None else [Suspension.id == suspension_id]
    found = session.execute(
        sa.select(Booking.id.label("booking_id"), Suspension.id.label("suspension_id"))
        .join(BookingItem, BookingItem.booking_id == Booking.id)
        .join(Suspension, Suspension.enterprise_id == BookingItem.enterprise_id)
        .distinct()
        .where(
            Suspension.ended_at.is_(None),
            Booking.state.in_(AFFECTED),
            Booking.test.is_(False),
            ~sa.exists().where(
                Rehousing.booking_id == Booking.id, Rehousing.suspension_id == Suspension.id
            ),
            *where,
        )
    ).all()
    suspension_of = {row.booking_id: row.suspension_id for row in found}
    affected = [booking for booking in _locked(session, suspension_of) if booking.state in AFFECTED]
    if not affected:
        return 0
    table = table_of(Rehousing)
    # Two sweeps may find the same booking: the first one puts it in and tells the guest.
    made = session.execute(
        insert_new(table, session.get_bind().dialect.name)
        .values(
            [
                {
                    "booking_id": booking.id,
                    "suspension_id": suspension_of[booking.id],
                    "state": RehousingState.OPEN,
                    "check_in": booking.starts_on,
                    "opened_at": now,
                }
                for booking in affected
            ]
        )
        .returning(table.c.booking_id)
    )
    mine = set(made.scalars())
    for booking in affected:
        if booking.id in mine:
            mark = str(suspension_of[booking.id])
            record(
                session,
                booking,
                rehousing_status.search_fact("booking.rehousing_opened"),
                SYSTEM,
                now,
            )
            transitions.tell(session, booking, "suspended", now, mark=mark)
    return len(mine)


def close_queue(session: Session, *, suspension_id: int, now: dt.datetime) -> int:
    """Keep every booking that still waits: its enterprise sells again. Returns how many."""
    kept = _end(session, Rehousing.suspension_id == suspension_id, RehousingState.KEPT, now=now)
    for booking in kept:
        record(session, booking, rehousing_status.search_fact("booking.kept"), SYSTEM, now)
        transitions.tell(session, booking, "resumed", now, mark=str(suspension_id))
    return len(kept)


def let_lapse(session: Session, *, now: dt.datetime) -> int:
    """Settle what waits about bookings that ended for another reason; returns how many."""
    over = sa.select(Booking.id).where(Booking.state.not_in(AFFECTED))
    lapsed = _end(session, Rehousing.booking_id.in_(over), RehousingState.LAPSED, now=now)
    for booking in lapsed:
        record(
            session, booking, rehousing_status.search_fact("booking.rehousing_lapsed"), SYSTEM, now
        )
    return len(lapsed)


def call_the_silent(session: Session, *, now: dt.datetime) -> int:
    """Tell the office to call where an offer was not answered in time; returns how many are new.

    The offer stands: whoever answers late is served like anybody.
    """
    late = session.execute(
        sa.select(Rehousing.id, Rehousing.booking_id, Rehousing.deadline)
        .where(Rehousing.state == RehousingState.OFFERED, Rehousing.deadline <= now)
        .order_by(Rehousing.id)
    )
    tasks = [
        new_task(
            kind=UNANSWERED,
            key=f"{UNANSWERED}:{row.id}:{row.deadline.isoformat()}",
            booking_id=row.booking_id,
            rehousing=row.id,
        )
        for row in late
    ]
    return open_tasks(session, tasks, now=now)


def _end(
    session: Session, where: sa.ColumnElement[bool], state: RehousingState, *, now: dt.datetime
) -> Sequence[Booking]:
    """Settle the waiting rows that ``where`` is true of; returns their bookings, locked."""
    waiting = (where, Rehousing.state.in_(REHOUSING_OPEN))
    found = session.scalars(sa.select(Rehousing.booking_id).where(*waiting)).all()
    bookings = _locked(session, found)
    ended = session.scalars(
        sa.update(Rehousing)
        .where(*waiting, Rehousing.booking_id.in_([booking.id for booking in bookings]))
        .values(state=state, ended_at=now)
        .returning(Rehousing.booking_id)
        .execution_options(synchronize_session=False)
    )
    settled = set(ended)
    return [booking for booking in bookings if booking.id in settled]


def _locked(session: Session, booking_ids: Collection[str]) -> Sequence[Booking]:
    if not booking_ids:
        return []
    return session.scalars(
        sa.select(Booking)
        .where(Booking.id.in_(booking_ids))
        .order_by(Booking.id)
        .with_for_update(key_share=True)
        .options(selectinload(Booking.items))
        .execution_options(populate_existing=True)
    ).all()
