"""What was booked, in numbers: beds, months, and the provinces that guests come from.

What counts. Bookings that stand: confirmed, under way or completed; holds, cancellations and
no-shows do not. Test bookings never count, and sample operators are never mixed with real ones.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Enterprise, EnterpriseCluster, Listing, RoomType
from catalog.queries import is_visible
from catalog.vocabulary import Cluster
from marketplace.booking.items import BookingItem, BookingPart
from marketplace.booking.models import Booking
from marketplace.booking.states import BookingState, ItemKind
from marketplace.inventory.models import PoolKind, StockDay, StockPool
from marketplace.kernel.months import month_after

SOLD = (
    BookingState.CONFIRMED,
    BookingState.IN_STAY,
    BookingState.COMPLETED,
    BookingState.CURTAILED,
)
"""States of a booking that stands."""
SMALLEST_GROUP = 5
"""Groups with fewer bookings are not told, so that nobody can be found in a figure."""
ROOMS_AHEAD_DAYS = 366
"""The most rooms that a pool has on one of so many days are its rooms."""
WHOLE = 100
MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Beds:
    """Rooms on sale and how many people they take."""

    enterprises: int
    rooms: int
    beds: int
    """Rooms × the most guests of one room, children counted."""


@dataclass(frozen=True, slots=True)
class Month:
    """A month: bookings by the day of arrival, nights by the night itself."""

    first: dt.date
    bookings: int
    """Bookings that arrive in it."""
    stay_nights: int
    """Nights of those bookings in all, also those in later months."""
    room_nights: int
    """Nights sold in it, times rooms."""
    guest_nights: int
    """Nights sold in it, times people."""
    sold_open: int
    """Nights sold on days that are not closed, times rooms."""
    capacity: int
    """Rooms on days that are not closed, summed over the days."""

    @property
    def occupancy(self) -> float | None:
        """Sold share of the rooms on days that are not closed, in per cent to one decimal."""
        return round(self.sold_open * WHOLE / self.capacity, 1) if self.capacity else None

    @property
    def mean_stay(self) -> float | None:
        """Mean nights of the bookings that arrive in it, to one decimal."""
        return round(self.stay_nights / self.bookings, 1) if self.bookings else None


@dataclass(frozen=True, slots=True)
class Origin:
    """A province with its bookings; ``None`` where the figure is not told."""

    province: str
    """In Chinese; empty for guests who named none."""
    bookings: int | None
    guest_nights: int | None
    few: bool
    """Whether it is not told because it is small; else it would give a small one away."""


def beds(
    session: Session, *, samples: bool, today: dt.date
) -> tuple[Beds, dict[Cluster | None, Beds]]:
    """Return rooms and beds on sale in all, and by cluster: two queries.

    An enterprise in two clusters counts in both, and once in all.
    """
    most = (
        sa.select(StockDay.pool_id, sa.func.max(StockDay.capacity).label("rooms"))
        .where(StockDay.day >= today, StockDay.day < today + dt.timedelta(days=ROOMS_AHEAD_DAYS))
        .group_by(StockDay.pool_id)
        .subquery()
    )
    of_each = session.execute(
        sa.select(
            Listing.enterprise_id,
            sa.func.sum(most.c.rooms),
            sa.func.sum(most.c.rooms * RoomType.max_guests),
        )
        .join(StockPool, StockPool.id == most.c.pool_id)
        .join(RoomType, RoomType.id == StockPool.room_type_id)
        .join(Listing, Listing.id == RoomType.listing_id)
        .join(Enterprise, Enterprise.id == Listing.enterprise_id)
        .where(is_visible(), Enterprise.is_sample.is_(samples), most.c.rooms > 0)
        .group_by(Listing.enterprise_id)
    ).all()
    members: dict[int, list[Cluster | None]] = {}
    for key, cluster in session.execute(
        sa.select(EnterpriseCluster.enterprise_id, EnterpriseCluster.cluster)
    ):
        members.setdefault(key, []).append(cluster)
    order: list[Cluster | None] = [*Cluster, None]
    return _beds(of_each), {
        cluster: _beds(row for row in of_each if cluster in members.get(row[0], [None]))
        for cluster in order
    }


def _beds(rows: Iterable[Any]) -> Beds:
    have = [(int(rooms), int(people)) for _key, rooms, people in rows]
    return Beds(len(have), sum(one[0] for one in have), sum(one[1] for one in have))


def months(session: Session, *, samples: bool, first: dt.date, count: int) -> list[Month]:
    """Return ``count`` months from the one that begins on ``first``: three queries."""
    last = month_after(first, count)
    arrived = _by_month(session, _arrivals(samples, first, last))
    slept = _by_month(session, _nights(samples, first, last))
    offered = _by_month(session, _capacity(samples, first, last))
    found = []
    for number in range(count):
        day = month_after(first, number)
        found.append(
            Month(
                day,
                *arrived.get((day.year, day.month), (0, 0)),
                *slept.get((day.year, day.month), (0, 0, 0)),
                *offered.get((day.year, day.month), (0,)),
            )
        )
    return found


def summed(found: Sequence[Month]) -> Month:
    """Return several months as if they were one; its first day is that of the first."""
    return Month(
        found[0].first,
        *(
            sum(getattr(month, field.name) for month in found)
            for field in fields(Month)
            if field.name != "first"
        ),
    )


def _by_month(
    session: Session, statement: sa.Select[Any]
) -> dict[tuple[int, int], tuple[int, ...]]:
    return {
        (int(year), int(month)): tuple(int(value or 0) for value in values)
        for year, month, *values in session.execute(statement)
    }


def _grouped(day: Any, *figures: sa.ColumnElement[Any]) -> sa.Select[Any]:
    year, month = sa.extract("year", day), sa.extract("month", day)
    return sa.select(year, month, *figures).group_by(year, month)


def _stands(samples: bool) -> tuple[sa.ColumnElement[bool], ...]:
    """The one rule of which rooms count; what is no room is no night."""
    return (
        Enterprise.id == BookingItem.enterprise_id,
        BookingItem.booking_id == Booking.id,
        BookingItem.kind == ItemKind.ROOM,
        Enterprise.is_sample.is_(samples),
        Booking.test.is_(False),
        Booking.state.in_(SOLD),
    )


def _guests() -> sa.ColumnElement[int]:
    """How many people a room is for."""
    return BookingItem.adults + sa.func.json_array_length(BookingItem.children_ages)


def _parts() -> tuple[sa.ColumnElement[bool], ...]:
    """How a room is joined to its nights."""
    return BookingPart.booking_id == BookingItem.booking_id, BookingPart.item == BookingItem.number


def _arrivals(samples: bool, first: dt.date, last: dt.date) -> sa.Select[Any]:
    return _grouped(
        Booking.starts_on, sa.func.count(sa.distinct(Booking.id)), sa.func.count()
    ).where(
        *_stands(samples),
        *_parts(),
        Booking.starts_on >= first,
        Booking.starts_on < last,
    )


def _nights(samples: bool, first: dt.date, last: dt.date) -> sa.Select[Any]:
    closed = sa.func.coalesce(StockDay.closed, sa.false())
    return (
        _grouped(
            BookingPart.day,
            sa.func.sum(BookingItem.units),
            sa.func.sum(_guests()),
            sa.func.sum(sa.case((closed, 0), else_=BookingItem.units)),
        )
        .select_from(BookingPart)
        .join(BookingItem, sa.and_(*_parts()))
        .join(Booking, Booking.id == BookingItem.booking_id)
        .join(Enterprise, Enterprise.id == BookingItem.enterprise_id)
        .outerjoin(
            StockDay,
            sa.and_(StockDay.pool_id == BookingItem.pool_id, StockDay.day == BookingPart.day),
        )
        .where(*_stands(samples), BookingPart.day >= first, BookingPart.day < last)
    )


def _capacity(samples: bool, first: dt.date, last: dt.date) -> sa.Select[Any]:
    return _grouped(StockDay.day, sa.func.sum(StockDay.capacity)).where(
        StockPool.id == StockDay.pool_id,
        StockPool.kind == PoolKind.ROOM,
        Enterprise.id == StockPool.enterprise_id,
        Enterprise.is_sample.is_(samples),
        StockDay.closed.is_(False),
        StockDay.day >= first,
        StockDay.day < last,
    )


def origins(session: Session, *, samples: bool, first: dt.date, count: int) -> list[Origin]:
    """Return where the guests come from who arrive in these months: one query.

    Small groups are not told. Where only one is small, the next larger one is not told either:
    else the months' totals less the others would give it away.
    """
    people = sa.func.sum(_guests()).label("people")
    rows = session.execute(
        sa.select(
            Booking.source_province,
            sa.func.count(sa.distinct(Booking.id)).label("bookings"),
            people,
        )
        .where(
            *_stands(samples),
            *_parts(),
            Booking.starts_on >= first,
            Booking.starts_on < month_after(first, count),
        )
        .group_by(Booking.source_province)
    )
    return told([(str(row[0]), int(row[1]), int(row[2])) for row in rows])


def told(groups: Sequence[tuple[str, int, int]]) -> list[Origin]:
    """Return the groups (province, bookings, guest-nights) that may be told, the largest first."""
    order = sorted(groups, key=lambda group: (-group[1], group[0]))
    small = [group for group in order if group[1] < SMALLEST_GROUP]
    large = order[: len(order) - len(small)]
    beside = large[-1:] if len(small) == 1 else []
    return [
        *(Origin(*group, few=False) for group in large if group not in beside),
        *(Origin(group[0], None, None, few=False) for group in beside),
        *(Origin(name, None, None, few=True) for name in sorted(group[0] for group in small)),
    ]
