"""What operators ask of a stay besides its price, for all pools at once.

The same rules as ``pricing.restrictions`` holds one stay against. Only pools that have a rule of a
kind take part in it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.kernel.db import table_of
from marketplace.offers.matrix.arrays import Flags, Ints, Sums, Tiny
from marketplace.offers.matrix.bulk_days import packed, read_packed
from marketplace.pricing.models import Restriction
from marketplace.pricing.nights.terms import EVERY_WEEKDAY, Terms

FULL = 127
"""More nights than any stay has: as a least it refuses all, as a most it refuses none."""
LEAST, MOST = "least", "most"
LEAST_ARRIVING, MOST_ARRIVING = "least_arriving", "most_arriving"
LEAST_LEAVING = "least_leaving"
NEUTRAL = {LEAST: 0, MOST: FULL, LEAST_ARRIVING: 0, MOST_ARRIVING: FULL, LEAST_LEAVING: 0}
"""Each kind of rule with the number that restricts nothing: fewest or most nights of stays through
a night, of those that arrive on a date and of those that leave on it. A date that is closed to
arrival or departure asks for ``FULL`` nights there, which no stay has."""
_BITS = 7
NO_LIMIT = 1 << 30


@dataclass(frozen=True, slots=True)
class Plane:
    """One kind of rule of the pools that have any of it."""

    columns: Ints
    """The pools' columns, rising."""
    values: Tiny
    """[day, place in ``columns``] nights."""

    def put(self, columns: Ints, begin: int, values: Tiny, neutral: int) -> Plane:
        """Return the plane with ``values`` for the days from ``begin`` on; others stay.

        Pools that are new here and restrict nothing are left out.
        """
        known = _holds(self.columns, columns)
        told = known | (values != neutral).any(axis=0)
        if not told.any():
            return self
        plane = self._with(columns[told & ~known], neutral)
        at = np.searchsorted(plane.columns, columns[told])
        plane.values[begin : begin + len(values), at] = values[:, told]
        return plane

    def _with(self, columns: Ints, neutral: int) -> Plane:
        if not len(columns):
            return self
        every = np.concatenate([self.columns, columns])
        fresh = np.full((len(self.values), len(columns)), neutral, np.int8)
        order = np.argsort(every)
        return Plane(every[order], np.concatenate([self.values, fresh], axis=1)[:, order])


@dataclass(slots=True)
class Limits:
    """The restrictions of all pools for ``days`` dates from the matrix's first day on."""

    days: int
    planes: dict[str, Plane] = field(init=False)

    def __post_init__(self) -> None:
        """Begin without any."""
        nobody = np.zeros(0, np.int64)
        self.planes = {name: Plane(nobody, np.zeros((self.days, 0), np.int8)) for name in NEUTRAL}

    @property
    def nbytes(self) -> int:
        """The memory of all arrays, in bytes."""
        return sum(plane.columns.nbytes + plane.values.nbytes for plane in self.planes.values())

    def put(self, columns: Ints, begin: int, rules: Sums) -> None:
        """Make ``rules`` [day, column], as ``PACKED`` writes them, those from ``begin`` on."""
        whole = self.planes
        self.planes = {
            name: whole[name].put(columns, begin, values, NEUTRAL[name])
            for name, values in _unpacked(rules).items()
        }

    def load(
        self, session: Session, *, first_day: dt.date, rooms: Ints, columns: Ints, span: range
    ) -> None:
        """Read the rules of these room types again, for the days of ``span`` from ``first_day``.

        ``columns`` are the pools' places, parallel to ``rooms``.
        """
        begin, end = max(0, span.start), min(self.days, span.stop)
        if begin >= end or not len(rooms):
            return
        first = first_day + dt.timedelta(days=begin)
        last = first + dt.timedelta(days=end - begin)
        day, place, rule = read_packed(session, PACKED, rooms, first, last)
        told = np.zeros(len(columns), np.bool_)
        told[place] = True
        for plane in self.planes.values():
            told |= _holds(plane.columns, columns)
        if told.any():
            rules = np.zeros((end - begin, len(columns)), np.int32)
            rules[day, place] = rule
            self.put(columns[told], begin, rules[:, told])


def _holds(rising: Ints, columns: Ints) -> Flags:
    """Return which of ``columns`` are in ``rising``."""
    if not len(rising):
        return np.zeros(len(columns), np.bool_)
    at = np.minimum(np.searchsorted(rising, columns), len(rising) - 1)
    held: Flags = rising[at] == columns
    return held


def restricted_rooms(session: Session, *, first: dt.date, days: int) -> list[int]:
    """Return the room types that have any restriction on ``days`` dates from ``first`` on."""
    last = first + dt.timedelta(days=days)
    return list(
        session.scalars(
            sa.select(Restriction.room_type_id)
            .where(Restriction.day >= first, Restriction.day < last)
            .distinct()
        )
    )


def _nights(column: sa.Column[int | None]) -> sa.ColumnElement[int]:
    return sa.case((column > FULL, FULL), else_=sa.func.coalesce(column, 0))


def _closed(column: sa.Column[bool]) -> sa.ColumnElement[int]:
    return sa.case((column, 1), else_=0)


_RULE = table_of(Restriction).c
_NUMBERS = (
    _RULE.min_nights,
    _RULE.max_nights,
    _RULE.min_nights_arrival,
    _RULE.max_nights_arrival,
)
PACKED = packed(
    _RULE.room_type_id,
    _RULE.day,
    sum(
        (_nights(number) * (4 << _BITS * (3 - place)) for place, number in enumerate(_NUMBERS)),
        _closed(_RULE.no_arrival) * 2 + _closed(_RULE.no_departure),
    ),
)
"""All rules of a date as one number: four of seven bits, then closed to arrival, to departure."""


def _unpacked(rules: Sums) -> dict[str, Tiny]:
    least, most, least_arriving, most_arriving = (
        (rules >> 2 + _BITS * (3 - place)) & FULL for place in range(4)
    )
    found = {
        LEAST: least,
        MOST: np.where(most == 0, FULL, most),
        LEAST_ARRIVING: np.where(rules & 2, FULL, least_arriving),
        MOST_ARRIVING: np.where(most_arriving == 0, FULL, most_arriving),
        LEAST_LEAVING: np.where(rules & 1, FULL, 0),
    }
    return {name: values.astype(np.int8) for name, values in found.items()}


def notice_of(terms: Terms) -> tuple[int, int, int]:
    """Return when a stay may be booked as numbers: lead days, window days, bits of weekdays."""
    window = NO_LIMIT if terms.window_days is None else terms.window_days
    return terms.lead_days, window, sum(1 << day for day in terms.arrival_weekdays)


@dataclass(frozen=True, slots=True)
class Notice:
    """When stays may be booked, of the pools that ask for anything; parallel arrays."""

    columns: Ints
    lead_days: Ints
    window_days: Ints
    weekdays: Ints
    """One bit for each day of the week, Monday the lowest."""

    @classmethod
    def of(cls, numbers: Ints, places: Ints) -> Notice:
        """Return that of all pools: ``numbers`` [3, terms] of ``notice_of``, [pool] its terms."""
        every_day = sum(1 << day for day in EVERY_WEEKDAY)
        free = numbers == np.array([[0], [NO_LIMIT], [every_day]])
        columns = np.flatnonzero(~free.all(axis=0)[places])
        return cls(columns, *numbers[:, places[columns]])


class Gate:
    """The rules that stand before stays of one length, in all pools or in some of them."""

    def __init__(
        self,
        limits: Limits,
        notice: Notice,
        *,
        nights: int,
        first_day: dt.date,
        columns: Ints | None = None,
    ) -> None:
        """Stand before ``columns``, which rise; ``None`` for all pools."""
        self.nights = nights
        self._weekday = first_day.weekday()
        # Held from the start: another thread may replace the planes meanwhile.
        self._notice = notice, *_among(notice.columns, columns)
        self._planes = {
            name: (plane.values, *_among(plane.columns, columns))
            for name, plane in limits.planes.items()
        }

    def close_nights(self, flags: Flags, begin: int, end: int) -> None:
        """Take away from ``flags`` who cannot stay all nights of the days [``begin``, ``end``)."""
        values, mine, at = self._planes[LEAST]
        if len(at):
            flags[at] &= values[begin:end].max(axis=0)[mine] <= self.nights
        values, mine, at = self._planes[MOST]
        if len(at):
            flags[at] &= values[begin:end].min(axis=0)[mine] >= self.nights

    def close_ends(self, flags: Flags, arrival: int) -> None:
        """Take away who cannot book now to arrive on that day, or to leave ``nights`` later."""
        for name, day in ((LEAST_ARRIVING, arrival), (LEAST_LEAVING, arrival + self.nights)):
            values, mine, at = self._planes[name]
            if len(at):
                flags[at] &= values[day][mine] <= self.nights
        values, mine, at = self._planes[MOST_ARRIVING]
        if len(at):
            flags[at] &= values[arrival][mine] >= self.nights
        notice, mine, at = self._notice
        if len(at):
            # The matrix begins with the day of booking, so a day's number is its lead.
            on_time = notice.lead_days <= arrival
            on_time &= notice.window_days >= arrival
            on_time &= (notice.weekdays >> (self._weekday + arrival) % 7 & 1).astype(np.bool_)
            flags[at] &= on_time[mine]


def _among(ours: Ints, columns: Ints | None) -> tuple[Ints | slice, Ints]:
    """Return which of ``ours`` are among ``columns``, and their places there."""
    if columns is None:
        return slice(None), ours
    mine = np.flatnonzero(np.isin(ours, columns))
    return mine, np.searchsorted(columns, ours[mine])
