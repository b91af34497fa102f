"""Stock and price of every pool on every day, in memory: which are free all nights, and the total.

Day-major NumPy arrays: a question over all pools reads consecutive memory. The matrix is advisory;
the booking transaction decides. Each process has its own and follows the change log; see
``loading``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from marketplace.kernel.money import BASIS_POINTS
from marketplace.kernel.stay import Stay
from marketplace.offers.asking import Dates
from marketplace.offers.facts import Facts, Flags

HORIZON_DAYS = 540
"""How many days from today can be asked for; the sample sells 400."""
MOST_FREE = 32_767
"""What a cell can hold; nobody asks for more rooms than that."""
NEVER = np.iinfo(np.int64).max
"""The key of a pool or listing that cannot take the stay."""
MOST_REMEMBERED = 16
"""Answers kept beside the days; at 30,000 pools each is a megabyte."""
NO_RATE = np.iinfo(np.int32).max
_DISTANCE_BITS = 42
Worked = TypeVar("Worked")

Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int16]
Sums = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Found:
    """Pools that can take the party: parallel arrays."""

    listing_ids: Ints
    room_type_ids: Ints
    totals_fen: Ints
    """The exact total of the stay for all rooms."""


@dataclass(frozen=True, slots=True)
class Best:
    """The best arrival for each pool: arrays parallel to the matrix's pools."""

    keys: Ints
    """Orders the choices within a listing, smallest first; ``NEVER`` where there is none."""
    totals_fen: Ints
    """The exact total for all rooms; 0 where there is none."""
    arrivals: Ints
    """Days from the matrix's first day."""


@dataclass(slots=True)
class Pools:
    """What does not change from day to day; arrays with one place for each pool.

    Pools are sorted by listing, so that those of one listing stand together.
    """

    pool_ids: Ints
    room_type_ids: Ints
    listing_ids: Ints
    max_adults: Small
    max_guests: Small
    min_nights: Small
    max_nights: Small
    visible: Flags
    opens: Small = field(default_factory=lambda: np.zeros(0, np.int16))
    """First day of the season as month times 100 plus day; 0 where it is open all year."""
    closes: Small = field(default_factory=lambda: np.zeros(0, np.int16))
    """Its last day; no night outside is free, and none has a price."""
    column: dict[int, int] = field(init=False)
    """Pool id to column."""

    def __post_init__(self) -> None:
        """Index the pools; without seasons all are open all year."""
        if len(self.opens) != self.count:
            self.opens, self.closes = np.zeros((2, self.count), np.int16)
        self.column = {int(pool): place for place, pool in enumerate(self.pool_ids)}

    @property
    def count(self) -> int:
        """How many pools."""
        return len(self.pool_ids)


@dataclass(slots=True)
class Matrix:
    """Free units and prices of all pools for at least ``HORIZON_DAYS`` days from ``first_day``."""

    first_day: dt.date
    cursor: int
    """The change-log number up to which this matrix is true."""
    pools: Pools
    facts: Facts
    """Of exactly the listings that have pools."""
    free: Small
    """[day, pool] units that can be sold; 0 when closed, out of season, without stock or price."""
    sums: Sums
    """[day, pool] sum of the list prices of all earlier days, in fen: a stay's list price is one
    subtraction. It begins anywhere and may wrap round, which a difference does not notice."""
    tiers: dict[int, Small]
    """Minimum nights to [pool] basis points off, -1 where the pool has no such discount."""
    lowest: Sums = field(init=False)
    """[pool] the lowest list price of a night ahead, in fen; ``NO_RATE`` where there is none."""
    starts: Ints = field(init=False)
    """[listing] its first pool."""
    row: Ints = field(init=False)
    """[pool] its listing's place in ``facts``."""
    version: int = 0
    """Grows with every change applied."""
    _offs: dict[int, Ints] = field(init=False)
    _kept: dict[Hashable, tuple[int, Any]] = field(init=False)

    def __post_init__(self) -> None:
        """Work out what follows from the rest."""
        self.lowest = np.full(self.pools.count, NO_RATE, np.int32)
        self.row = np.searchsorted(self.facts.ids, self.pools.listing_ids).astype(np.int64)
        self.starts = np.searchsorted(self.pools.listing_ids, self.facts.ids).astype(np.int64)
        self._offs = {}
        self._kept = {}

    def remembered(self, name: Hashable, work_out: Callable[[], Worked]) -> Worked:
        """Return what depends on ``name`` and the matrix alone, worked out once for each version.

        The version is read first: what a thread works out while another one applies a change is
        kept for the version before, and so not for long.
        """
        version = self.version
        kept = self._kept.get(name)
        if kept is None or kept[0] != version:
            kept = self._kept[name] = (version, work_out())
            if len(self._kept) > MOST_REMEMBERED:
                self._kept.pop(next(iter(self._kept)), None)
        worked: Worked = kept[1]
        return worked

    @property
    def state(self) -> tuple[dt.date, int]:
        """What tells this content from any other of the same database."""
        return self.first_day, self.cursor

    @property
    def nbytes(self) -> int:
        """The memory of all arrays, in bytes."""
        pools = self.pools
        arrays: list[npt.NDArray[Any]] = [self.free, self.sums, self.lowest, self.starts, self.row]
        arrays += [*self.tiers.values(), *self._offs.values()]
        arrays += [pools.pool_ids, pools.room_type_ids, pools.listing_ids, pools.visible]
        arrays += [pools.max_adults, pools.max_guests, pools.min_nights, pools.max_nights]
        arrays += [pools.opens, pools.closes]
        return sum(array.nbytes for array in arrays) + self.facts.nbytes

    def rates(self, day: int) -> Sums:
        """Return every pool's list price in fen on the ``day``-th day, 0 where there is none."""
        rates: Sums = self.sums[day + 1] - self.sums[day]
        return rates

    def shut(self, columns: Ints, begin: int, count: int) -> Flags | None:
        """Return [day, column] where pools are out of season on ``count`` days from ``begin``.

        ``None`` where all of them are open all year.
        """
        opens, closes = self.pools.opens[columns], self.pools.closes[columns]
        if not opens.any():
            return None
        first = self.first_day + dt.timedelta(days=begin)
        days = (first + dt.timedelta(days=offset) for offset in range(count))
        number = np.array([day.month * 100 + day.day for day in days], np.int16)[:, np.newaxis]
        begun, not_over = number >= opens, number <= closes
        inside = np.where(opens <= closes, begun & not_over, begun | not_over)
        shut: Flags = ~inside & (opens > 0)
        return shut

    def covers(self, stay: Stay) -> bool:
        """Whether the whole stay lies within the days in memory."""
        begin = (stay.check_in - self.first_day).days
        return begin >= 0 and begin + stay.nights <= HORIZON_DAYS

    # ------------------------------------------------------------ one day of arrival

    def find(self, *, stay: Stay, rooms: int, adults: int, guests: int) -> Found:
        """Return every visible pool with ``rooms`` free units on every night, with exact totals."""
        columns, totals = self.free_on(stay, rooms, adults, guests)
        pools = self.pools
        return Found(pools.listing_ids[columns], pools.room_type_ids[columns], totals)

    def free_on(self, stay: Stay, rooms: int, adults: int, guests: int) -> tuple[Ints, Ints]:
        """Return the columns of the pools that can take the stay, and their totals in fen."""
        if not self.covers(stay):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        begin = (stay.check_in - self.first_day).days
        end = begin + stay.nights
        open_to = self.suits(nights=stay.nights, rooms=rooms, adults=adults, guests=guests)
        open_to &= self.free[begin:end].min(axis=0, initial=MOST_FREE) >= rooms
        columns = np.flatnonzero(open_to)
        listed = (self.sums[end] - self.sums[begin])[columns].astype(np.int64)
        return columns, self.discounted(listed * rooms, columns, stay.nights)

    def suits(self, *, nights: int, rooms: int, adults: int, guests: int) -> Flags:
        """Return the visible pools whose own rules allow the length of stay and the people."""
        pools = self.pools
        allowed = self.takes(rooms=rooms, adults=adults, guests=guests)
        allowed &= pools.min_nights <= nights
        allowed &= pools.max_nights >= nights
        return allowed

    def takes(self, *, rooms: int, adults: int, guests: int) -> Flags:
        """Return the visible pools in which so many rooms are enough for the people."""
        pools = self.pools
        # Thresholds for one room: comparing small integers is several times faster than
        # multiplying them first.
        allowed: Flags = pools.visible & (pools.max_adults >= -(-adults // rooms))
        allowed &= pools.max_guests >= -(-guests // rooms)
        return allowed

    def discounted(self, listed: Ints, columns: Ints, nights: int) -> Ints:
        """Take off the longest tier reached; the same half-up rounding as the quote engine."""
        off = self._off(nights)
        if off is None:
            return listed
        kept = BASIS_POINTS - off[columns]
        whole: Ints = (listed * kept * 2 + BASIS_POINTS) // (BASIS_POINTS * 2)
        return whole

    def _off(self, nights: int) -> Ints | None:
        """Return each pool's discount for a stay of ``nights`` in basis points, if any has one."""
        reached = [least for least in self.tiers if least <= nights]
        if not reached:
            return None
        most = max(reached)
        # Held by hand: another thread may replace the discounts meanwhile.
        offs, tiers = self._offs, self.tiers
        if most not in offs:
            off = np.zeros(self.pools.count, np.int64)
            for least in sorted(least for least in tiers if least <= most):
                np.copyto(off, tiers[least], where=tiers[least] >= 0)
            offs[most] = off
        return offs[most]

    def put_tiers(self, tiers: dict[int, Small]) -> None:
        """Replace the long-stay discounts."""
        self.tiers, self._offs = tiers, {}

    # ------------------------------------------------------------ a range of arrivals

    def best(self, *, dates: Dates, rooms: int, adults: int, guests: int) -> Best:
        """Return for each pool the best arrival that ``dates`` allow."""
        count = self.pools.count
        keys = np.full(count, NEVER, np.int64)
        totals, arrivals = np.zeros(count, np.int64), np.zeros(count, np.int64)
        if dates.exact:
            stay = Stay.of(dates.first, dates.nights)
            columns, prices = self.free_on(stay, rooms, adults, guests)
            keys[columns] = totals[columns] = prices
            arrivals[columns] = (dates.first - self.first_day).days
            return Best(keys, totals, arrivals)
        suited = self.suits(nights=dates.nights, rooms=rooms, adults=adults, guests=guests)
        chosen = self._nearest(dates, rooms) if dates.wished else self._cheapest(dates, rooms)
        found = np.flatnonzero(suited & (chosen >= 0))
        arrivals[found] = chosen[found]
        begin, end = arrivals[found], arrivals[found] + dates.nights
        listed = (self.sums[end, found] - self.sums[begin, found]).astype(np.int64) * rooms
        totals[found] = keys[found] = self.discounted(listed, found, dates.nights)
        if dates.wished:
            away = np.abs(arrivals[found] - (dates.wished - self.first_day).days)
            keys[found] += away << _DISTANCE_BITS
        return Best(keys, totals, arrivals)

    def _nearest(self, dates: Dates, rooms: int) -> Small:
        """Return each pool's free arrival nearest to the wish, of two the earlier; -1 for none."""
        wished = ((dates.wished or dates.first) - self.first_day).days
        flags = dict(self.each_arrival(None, dates, rooms))
        chosen = np.full(self.pools.count, -1, np.int16)
        for arrival in sorted(flags, key=lambda day: (abs(day - wished), day), reverse=True):
            np.copyto(chosen, np.int16(arrival), where=flags[arrival])
        return chosen

    def _cheapest(self, dates: Dates, rooms: int) -> Small:
        """Return each pool's free arrival with the lowest price, the first of equals."""
        chosen = np.full(self.pools.count, -1, np.int16)
        lowest = np.full(self.pools.count, NO_RATE, np.int32)
        for arrival, free in self.each_arrival(None, dates, rooms):
            listed = self.sums[arrival + dates.nights] - self.sums[arrival]
            better = free & (listed < lowest)
            np.copyto(lowest, listed, where=better)
            np.copyto(chosen, np.int16(arrival), where=better)
        return chosen

    def each_arrival(
        self, columns: Ints | None, dates: Dates, rooms: int
    ) -> Iterator[tuple[int, Flags]]:
        """Yield each day of arrival with which of ``columns`` (``None``: of all pools) are free.

        Days beyond what is in memory are left out. One pass over the days, with the number of free
        nights in a row counted on the way.
        """
        first = max(0, (dates.first - self.first_day).days)
        last = min((dates.last - self.first_day).days, HORIZON_DAYS - dates.nights)
        in_a_row = np.zeros(self.pools.count if columns is None else len(columns), np.int16)
        for day in range(first, last + dates.nights):
            units = self.free[day] if columns is None else self.free[day][columns]
            in_a_row += 1
            in_a_row *= units >= rooms
            arrival = day + 1 - dates.nights
            if arrival >= first:
                yield arrival, in_a_row >= dates.nights

    def totals_on(self, arrival: int, columns: Ints, *, nights: int, rooms: int) -> Ints:
        """Return the exact totals of pools that are free from the ``arrival``-th day on."""
        listed = self.sums[arrival + nights, columns] - self.sums[arrival, columns]
        return self.discounted(listed.astype(np.int64) * rooms, columns, nights)

    # ------------------------------------------------------------ by listing

    def by_listing(self, keys: Ints) -> Ints:
        """Return the smallest of the pools' ``keys`` for each listing of ``facts``."""
        if not self.facts.count:
            return np.zeros(0, np.int64)
        smallest: Ints = np.minimum.reduceat(keys, self.starts)
        return smallest

    def pools_of(self, row: int) -> slice:
        """Return the columns of the listing at ``row`` of ``facts``."""
        begin = int(self.starts[row])
        following = row + 1 < self.facts.count
        return slice(begin, int(self.starts[row + 1]) if following else self.pools.count)

    def month_keys(self) -> Ints:
        """Return each visible pool's lowest list price a night in fen, ``NEVER`` where none is."""
        priced = self.pools.visible & (self.lowest < NO_RATE)
        return np.where(priced, self.lowest.astype(np.int64), NEVER)

    def lowest_rates_by_room(self) -> dict[int, int]:
        """Return each visible room type's lowest list price a night ahead, in fen."""
        keys = self.month_keys()
        columns = np.flatnonzero(keys < NEVER)
        rooms = self.pools.room_type_ids[columns]
        return dict(zip(rooms.tolist(), keys[columns].tolist(), strict=True))

    def lowest_rates_of(self, listing_id: int) -> dict[int, int]:
        """Return ``lowest_rates_by_room`` of one listing."""
        rows = self.facts.rows_of(np.array([listing_id], np.int64))
        if not len(rows):
            return {}
        mine = self.pools_of(int(rows[0]))
        keys = self.month_keys()[mine].tolist()
        rooms = self.pools.room_type_ids[mine].tolist()
        return {room: key for room, key in zip(rooms, keys, strict=True) if key < NEVER}

    def note_prices(self, columns: Ints | None = None) -> None:
        """Work out ``lowest`` again for ``columns``, or for all."""
        if columns is not None:
            rates = np.diff(self.sums[: HORIZON_DAYS + 1, columns], axis=0)
            self.lowest[columns] = np.where(rates > 0, rates, NO_RATE).min(axis=0)
            return
        # Day by day: the prices of all days at once would need as much memory as the matrix.
        self.lowest[:] = NO_RATE
        for day in range(HORIZON_DAYS):
            rates = self.rates(day)
            np.minimum(self.lowest, np.where(rates > 0, rates, NO_RATE), out=self.lowest)
