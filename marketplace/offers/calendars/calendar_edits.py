"""Changing rooms, closing and prices of many days: first the difference, then all of it or nothing.

The difference carries a fingerprint of the days as they were shown. Saving locks the days, and when
they are not those any more nothing is changed: nobody overwrites what they have not seen.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from marketplace.inventory import calendar
from marketplace.inventory.calendar import NothingThere, days_of
from marketplace.inventory.queries import OwnRoom, month_with_blocks, own_rooms
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.kernel.months import month_after
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.offers.calendars.calendar_command import Wanted
from marketplace.pricing.files.applying import Place, free_nights
from marketplace.pricing.nights.terms import NOTHING_SET, Season, list_price
from marketplace.pricing.queries import rates_between, set_by_hand, tariffs
from marketplace.pricing.service import set_rate

ONE_DAY = dt.timedelta(days=1)


class CalendarChanged(DomainError):
    """Somebody changed the days after they were shown; nothing was saved."""

    code = "calendar_changed"
    http_status = 409
    message = "您看过以后，这些日子又被改过，还没有保存。请看新的对比再决定"


ODD_PERCENT = 75


@dataclass(frozen=True, slots=True)
class DayChange:
    """One day before and after."""

    day: dt.date
    booked: int
    blocked: int
    capacity: tuple[int, int]
    closed: tuple[bool, bool]
    price_fen: tuple[int | None, int | None]
    odd_price: bool
    """The new price is ``ODD_PERCENT`` or more away from the median of its month."""
    freed: bool = False
    """The price goes back to the tariff, be it the same or another."""

    @property
    def changed(self) -> bool:
        """Whether anything differs."""
        pairs = (self.capacity, self.closed, self.price_fen)
        return self.freed or any(old != new for old, new in pairs)


@dataclass(frozen=True, slots=True)
class Plan:
    """What saving would change."""

    room: OwnRoom
    days: tuple[DayChange, ...]
    missing: int
    """How many of the days asked for are not on the calendar."""
    fingerprint: str

    @property
    def unpriced(self) -> int:
        """How many days lose their price, because the tariff has none for them."""
        return sum(day.freed and day.price_fen[1] is None for day in self.days)

    @property
    def changed(self) -> tuple[DayChange, ...]:
        """The days that would differ."""
        return tuple(day for day in self.days if day.changed)

    @property
    def odd_percent(self) -> int:
        """How far a price is from the median of its month that looks like a slip."""
        return ODD_PERCENT

    @property
    def odd(self) -> tuple[DayChange, ...]:
        """The days whose new price looks like a slip."""
        return tuple(day for day in self.days if day.odd_price)


def plan(session: Session, *, wanted: Wanted, enterprise_id: int) -> Plan:
    """Work out what ``wanted`` would change.

    Raises:
        NotFound: no such room type of this enterprise. NothingThere: no such day on the calendar.
        BelowCommitted: more rooms are taken on some days than the new number.
    """
    room = _own_room(session, wanted, enterprise_id)
    days = days_of(wanted.first, wanted.last, wanted.weekdays)
    stock = month_with_blocks(
        session, pool_ids=[room.pool_id], first=wanted.first, last=wanted.last + ONE_DAY
    )[room.pool_id]
    rates = _rates(session, wanted)
    freed = _freed(session, wanted)
    found = [stock[day] for day in days if day in stock]
    if not found:
        raise NothingThere
    if wanted.capacity is not None:
        calendar.check_capacity([(s.day, s.taken) for s in found], capacity=wanted.capacity)
    medians = _medians(rates)
    changes = tuple(
        DayChange(
            s.day,
            s.booked,
            s.blocked,
            (s.capacity, s.capacity if wanted.capacity is None else wanted.capacity),
            (s.closed, s.closed if wanted.closed is None else wanted.closed),
            (rates.get(s.day), freed.get(s.day, wanted.price_fen or rates.get(s.day))),
            _is_odd(wanted.price_fen, medians.get(s.day.replace(day=1))),
            s.day in freed,
        )
        for s in found
    )
    print_ = _fingerprint(((s.day, s.capacity, s.closed) for s in found), rates, freed)
    return Plan(room, changes, len(days) - len(found), print_)


def save(work: UnitOfWork, *, wanted: Wanted, fingerprint: str, enterprise_id: int) -> int:
    """Change stock and prices of all days, or of none; returns how many days were written.

    Sent twice, the second finds everything as wanted and writes nothing.

    Raises:
        CalendarChanged: the days are not those that the fingerprint was taken of. And what
        ``plan`` raises.
    """
    session, actor, now = work.session, work.actor, work.now
    room = _own_room(session, wanted, enterprise_id)
    days = days_of(wanted.first, wanted.last, wanted.weekdays)
    locked = calendar.locked_days(session, pool_id=room.pool_id, days=days)
    if not locked:
        raise NothingThere
    rates = _rates(session, wanted)
    freed = _freed(session, wanted)
    days = [row[0] for row in locked]
    to_free = [day for day in days if day in freed]
    if not to_free and all(_as_wanted(wanted, *row, rates.get(row[0])) for row in locked):
        return 0
    if _fingerprint(locked, rates, freed) != fingerprint:
        raise CalendarChanged
    if edit := wanted.edit(room.pool_id):
        calendar.apply(session, edit=edit, actor=actor, now=now)
    if wanted.price_fen is not None:
        set_rate(
            session,
            room_type_id=room.room_type_id,
            pool_id=room.pool_id,
            days=days,
            list_fen=wanted.price_fen,
            actor=actor,
            now=now,
        )
    free_nights(
        session,
        place=Place(room.room_type_id, room.pool_id),
        days=to_free,
        seasons=_seasons(session, room.room_type_id),
        actor=actor,
        now=now,
    )
    return len(locked)


def _own_room(session: Session, wanted: Wanted, enterprise_id: int) -> OwnRoom:
    for room in own_rooms(session, enterprise_id=enterprise_id):
        if room.room_type_id == wanted.room_type_id:
            return room
    raise NotFound


def _rates(session: Session, wanted: Wanted) -> dict[dt.date, int]:
    """Return the prices of every month that the days touch."""
    return rates_between(
        session,
        room_type_ids=[wanted.room_type_id],
        first=wanted.first.replace(day=1),
        last=month_after(wanted.last) - ONE_DAY,
    )[wanted.room_type_id]


def _seasons(session: Session, room_type_id: int) -> tuple[Season, ...]:
    known = tariffs(session, room_type_ids=[room_type_id])
    return known.get(room_type_id, (0, NOTHING_SET))[1].seasons


def _freed(session: Session, wanted: Wanted) -> dict[dt.date, int | None]:
    """Return what each night set by hand would cost by the tariff, where that is wanted."""
    if not wanted.to_tariff:
        return {}
    by_hand = set_by_hand(
        session, room_type_ids=[wanted.room_type_id], first=wanted.first, last=wanted.last
    )[wanted.room_type_id]
    seasons = _seasons(session, wanted.room_type_id)
    days = days_of(wanted.first, wanted.last, wanted.weekdays)
    return {day: list_price(seasons, day) for day in days if day in by_hand}


def _as_wanted(
    wanted: Wanted, _day: dt.date, capacity: int, closed: bool, price_fen: int | None
) -> bool:
    return (
        wanted.capacity in (None, capacity)
        and wanted.closed in (None, closed)
        and wanted.price_fen in (None, price_fen)
    )


def _medians(rates: Mapping[dt.date, int]) -> dict[dt.date, int]:
    months: dict[dt.date, list[int]] = {}
    for day, price in rates.items():
        months.setdefault(day.replace(day=1), []).append(price)
    return {first: statistics.median_low(prices) for first, prices in months.items()}


def _is_odd(price_fen: int | None, median_fen: int | None) -> bool:
    if price_fen is None or median_fen is None:
        return False
    return abs(price_fen - median_fen) * 100 >= median_fen * ODD_PERCENT


def _fingerprint(
    stock: Iterable[tuple[dt.date, int, bool]],
    rates: Mapping[dt.date, int],
    freed: Mapping[dt.date, int | None],
) -> str:
    """Return what tells these days, and the prices they go back to, from any other state of them.

    What is taken is left out: a booking in between changes nothing that an operator edits.
    """
    rows = [
        f"{day}:{capacity}:{closed:d}:{rates.get(day)}:{freed.get(day, '')}"
        for day, capacity, closed in stock
    ]
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:32]
