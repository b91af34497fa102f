"""What must always hold of bookings: their items, the days of these, and the stock they claim."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.booking.items import BookingItem, BookingPart
from marketplace.booking.models import Booking, BookingChange
from marketplace.booking.states import LIVE, BookingState, ChangeKind
from marketplace.inventory.models import Claim, ClaimKind

SHOWN = 20
"""How many faults of one kind are told."""
ONE_DAY = dt.timedelta(days=1)
ENDED_IN_THE_HOUSE = {BookingState.COMPLETED, BookingState.CURTAILED}

Faults = list[str]
Days = Counter[dt.date]
"""Units by the day."""


def claims_match_bookings(session: Session) -> Faults:
    """Every live booking claims what its items take on each of their days; nobody else does.

    By the day and not by the pool: a guest who changed rooms keeps the nights in the first one.
    """
    live = _by_day(
        session,
        sa.select(Claim.holder, Claim.first_day, Claim.last_day, Claim.units).where(
            Claim.released_at.is_(None), Claim.kind == ClaimKind.BOOKING
        ),
    )
    item = BookingItem
    wanted = _by_day(session, sa.select(item.booking_id, item.first_day, item.last_day, item.units))
    faults = []
    for row in session.execute(sa.select(Booking.id, Booking.state).where(Booking.test.is_(False))):
        held = live.pop(row.id, None)
        if row.state in LIVE or row.state in ENDED_IN_THE_HOUSE:
            if held != wanted.get(row.id):
                faults.append(f"booking {row.id} is {row.state} but claims {_told(held)}")
        elif row.state is not BookingState.NO_SHOW and held is not None:
            faults.append(f"booking {row.id} is {row.state} and still claims stock")
    faults += [f"claim of unknown booking {holder}" for holder in live]
    return faults[:SHOWN]


def _by_day(session: Session, runs: sa.Select[str, dt.date, dt.date, int]) -> dict[str, Days]:
    """Return the units of runs of days by who has them and by the day."""
    found: dict[str, Days] = {}
    for holder, first, last, units in session.execute(runs):
        days = found.setdefault(holder, Counter())
        for offset in range((last - first).days):
            days[first + dt.timedelta(days=offset)] += units
    return found


def _told(days: Days | None) -> str:
    if not days:
        return "nothing"
    return f"{days.total()} units between {min(days)} and {max(days)}"


def items_sum_to_booking(session: Session) -> Faults:
    """A booking has items, counted from 1; its days and its sums are theirs.

    Of numbers that items given up have left, ``changes_have_their_item`` gives account.
    """
    item = BookingItem
    given_up = (
        sa.select(sa.func.count())
        .where(BookingChange.booking_id == Booking.id, BookingChange.kind == ChangeKind.CANCEL)
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(Booking.id)
        .outerjoin(item, item.booking_id == Booking.id)
        .group_by(Booking.id)
        .having(
            sa.or_(
                sa.func.count(item.number) == 0,
                sa.func.max(item.number) > sa.func.count(item.number) + given_up,
                sa.func.min(item.first_day) != Booking.starts_on,
                sa.func.max(item.last_day) != Booking.ends_on,
                sa.func.sum(item.list_fen) != Booking.list_fen,
                sa.func.sum(item.total_fen) != Booking.total_fen,
            )
        )
        .limit(SHOWN)
    )
    return [f"the items of booking {row.id} do not add up to it" for row in rows]


def changes_have_their_item(session: Session) -> Faults:
    """A change is of an item of its booking; one that was given up alone is told whole by one."""
    changes = session.scalars(
        sa.select(BookingChange).order_by(BookingChange.booking_id, BookingChange.number)
    ).all()
    live: dict[str, set[int]] = {change.booking_id: set() for change in changes}
    for booking_id, number in session.execute(
        sa.select(BookingItem.booking_id, BookingItem.number).where(
            BookingItem.booking_id.in_(sa.select(BookingChange.booking_id))
        )
    ):
        live[booking_id].add(number)
    given_up: dict[str, set[int]] = {booking_id: set() for booking_id in live}
    faults = []
    for change in changes:
        if change.kind is ChangeKind.CANCEL:
            seen = live[change.booking_id] | given_up[change.booking_id]
            if change.item in seen or not _is_whole(change):
                faults.append(f"change {change.id} does not tell the item that was given up")
            given_up[change.booking_id].add(change.item)
        elif change.wish is None or change.given_up is not None:
            faults.append(f"change {change.id} gives something up and is none that does")
    for booking_id, numbers in live.items():
        told = numbers | given_up[booking_id]
        if told != set(range(1, len(told) + 1)):
            faults.append(f"booking {booking_id} has lost an item that nobody gave up")
    faults += [
        f"change {change.id} is of an item that its booking never had"
        for change in changes
        if change.item not in live[change.booking_id] | given_up[change.booking_id]
    ]
    return faults[:SHOWN]


def _is_whole(change: BookingChange) -> bool:
    """Whether a change tells all of an item that was given up, and its money."""
    item = change.given_up
    return (
        item is not None
        and change.wish is None
        and change.was == item.chosen
        and change.difference_fen == -item.total_fen
        and change.fee_fen <= item.total_fen
    )


def parts_sum_to_item(session: Session) -> Faults:
    """An item has a part for each of its days and for no other; they sum to it."""
    item, part = BookingItem, BookingPart
    days = sa.func.count(part.day)
    rows = session.execute(
        sa.select(
            item.booking_id,
            item.number,
            item.first_day,
            item.last_day,
            (sa.func.sum(part.list_fen) == item.list_fen).label("lists"),
            (sa.func.sum(part.sold_fen) == item.total_fen).label("sums"),
            days.label("days"),
            sa.func.min(part.day).label("first"),
            sa.func.max(part.day).label("last"),
        )
        .outerjoin(part, sa.and_(part.booking_id == item.booking_id, part.item == item.number))
        .group_by(item.booking_id, item.number)
    )
    return [
        f"the days of item {row.number} of booking {row.booking_id} do not add up to it"
        for row in rows
        if not (row.lists and row.sums)
        or (row.first, row.last) != (row.first_day, row.last_day - ONE_DAY)
        or row.days != (row.last_day - row.first_day).days
    ][:SHOWN]
