"""Stock and price of every pool on every day, in memory: which are free all nights, and the total.

Day-major NumPy arrays: a question over all pools reads consecutive memory. The matrix is advisory;
the booking transaction decides. Each process has its own and follows the change log; see
``matrix_loading``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from marketplace.kernel.stay import Stay
from marketplace.offers.matrix.arrays import ALL, Flags, Ints, Small, Sums, lowest_between
from marketplace.offers.matrix.pools import Pools
from marketplace.offers.matrix.restriction_arrays import Gate, Limits
from marketplace.offers.matrix.tariff_arrays import Tariffs, Wish
from marketplace.offers.search.search_types import Dates, Span
from marketplace.offers.search.stay_facts import Facts
from marketplace.pricing.nights.selection import Party

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
    tariffs: Tariffs
    """What the list prices become for people and lengths of stay."""
    limits: Limits = field(default_factory=lambda: Limits(HORIZON_DAYS + 1))
    """What is asked of stays by date, departure on the last of the days included."""
    lowest: Sums = field(init=False)
    """[pool] the lowest list price of a night ahead, in fen; ``NO_RATE`` where there is none."""
    starts: Ints = field(init=False)
    """[listing] its first pool."""
    row: Ints = field(init=False)
    """[pool] its listing's place in ``facts``."""
    version: int = 0
    """Grows with every change applied."""
    _kept: dict[Hashable, tuple[int, Any]] = field(init=False)

    def __post_init__(self) -> None:
        """Work out what follows from the rest."""
        self.lowest = np.full(self.pools.count, NO_RATE, np.int32)
        self.row = np.searchsorted(self.facts.ids, self.pools.listing_ids).astype(np.int64)
        self.starts = np.searchsorted(self.pools.listing_ids, self.facts.ids).astype(np.int64)
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
        arrays += [pools.pool_ids, pools.room_type_ids, pools.listing_ids, pools.on_sale]
        arrays += [pools.max_adults, pools.max_guests, pools.min_nights, pools.max_nights]
        arrays += [pools.opens, pools.closes]
        others = self.facts.nbytes + self.tariffs.nbytes + self.limits.nbytes
        return sum(array.nbytes for array in arrays) + others

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

    def find(self, *, stay: Stay, rooms: int, party: Party) -> Found:
        """Return every pool on sale that can be booked today for the stay, with exact totals."""
        columns, totals = self.free_on(stay, rooms, party)
        pools = self.pools
        return Found(pools.listing_ids[columns], pools.room_type_ids[columns], totals)

    def free_on(self, stay: Stay, rooms: int, party: Party) -> tuple[Ints, Ints]:
        """Return the columns of the pools that can take the stay, and their totals in fen."""
        if not self.covers(stay):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        begin = (stay.check_in - self.first_day).days
        end = begin + stay.nights
        open_to = self.suits(nights=stay.nights, rooms=rooms, party=party)
        open_to &= self.free[begin:end].min(axis=0, initial=MOST_FREE) >= rooms
        gate = self._gate(stay.nights)
        gate.close_nights(open_to, begin, end)
        gate.close_ends(open_to, begin)
        spared = self._spared(rooms, party)
        for day in range(begin, end if len(spared[0]) else begin):
            self._close_spared(open_to, day, rooms, spared)
        columns = np.flatnonzero(open_to)
        return columns, self.totals_on(begin, columns, nights=stay.nights, rooms=rooms, party=party)

    def suits(self, *, nights: int, rooms: int, party: Party) -> Flags:
        """Return the pools on sale whose own rules allow the length of stay and the people."""
        pools = self.pools
        allowed = self.takes(rooms=rooms, party=party)
        allowed &= pools.min_nights <= nights
        allowed &= pools.max_nights >= nights
        return allowed

    def takes(self, *, rooms: int, party: Party) -> Flags:
        """Return the pools on sale in which so many rooms are enough for the people."""
        pools = self.pools
        # Thresholds for one room: comparing small integers is several times faster than
        # multiplying them first.
        allowed: Flags = pools.on_sale & (pools.max_adults >= -(-party.adults // rooms))
        allowed &= pools.max_guests >= -(-party.guests // rooms)
        return allowed

    def totals_on(
        self, arrival: int, columns: Ints, *, nights: int, rooms: int, party: Party
    ) -> Ints:
        """Return the exact totals of pools that are free from the ``arrival``-th day on."""

        def listed(begin: int, end: int, some: Ints) -> Ints:
            whole: Sums = self.sums[arrival + end] - self.sums[arrival + begin]
            return whole[some].astype(np.int64)

        arrive = self.first_day + dt.timedelta(days=arrival)
        return self.tariffs.totals(columns, self._wish(nights, rooms, party), arrive, listed)

    def _wish(self, nights: int, rooms: int, party: Party) -> Wish:
        return Wish(nights, rooms, party, booked_on=self.first_day)

    def _gate(self, nights: int, columns: Ints | None = None) -> Gate:
        notice = self.tariffs.notice
        return Gate(self.limits, notice, nights=nights, first_day=self.first_day, columns=columns)

    def _spared(self, rooms: int, party: Party, columns: Ints | None = None) -> tuple[Ints, ...]:
        """Return where people may be spared more than some night costs, which is then not sold.

        Parallel arrays: places in ``columns``, columns, fen that the people change in a night.
        """
        tariffs = self.tariffs
        people = tariffs.people(rooms, party)
        if people is None or people.min() >= 0:
            return (np.zeros(0, np.int64),) * 3
        every = np.arange(self.pools.count) if columns is None else columns
        a_night = people[tariffs.places[every]]
        at = np.flatnonzero(self.lowest[every].astype(np.int64) * rooms + a_night <= 0)
        return at, every[at], a_night[at]

    def _close_spared(self, flags: Flags, day: int, rooms: int, spared: tuple[Ints, ...]) -> None:
        at, columns, a_night = spared
        flags[at] &= self.rates(day)[columns] * rooms + a_night > 0

    # ------------------------------------------------------------ a range of arrivals

    def best(self, *, dates: Dates, rooms: int, party: Party) -> Best:
        """Return for each pool the best arrival that ``dates`` allow."""
        count = self.pools.count
        keys = np.full(count, NEVER, np.int64)
        totals, arrivals = np.zeros(count, np.int64), np.zeros(count, np.int64)
        if dates.exact:
            stay = Stay.of(dates.first, dates.nights)
            columns, prices = self.free_on(stay, rooms, party)
            keys[columns] = totals[columns] = prices
            arrivals[columns] = (dates.first - self.first_day).days
            return Best(keys, totals, arrivals)
        suited = self.suits(nights=dates.nights, rooms=rooms, party=party)
        chosen = (
            self._nearest(dates, rooms, party)
            if dates.wished
            else self._cheapest(dates, rooms, party, suited)
        )
        found = np.flatnonzero(suited & (chosen >= 0))
        arrivals[found] = chosen[found]
        totals[found] = self._totals_at(arrivals[found], found, dates, rooms, party)
        keys[found] = totals[found]
        if dates.wished:
            away = np.abs(arrivals[found] - (dates.wished - self.first_day).days)
            keys[found] += away << _DISTANCE_BITS
        return Best(keys, totals, arrivals)

    def _totals_at(
        self, arrivals: Ints, columns: Ints, dates: Dates, rooms: int, party: Party
    ) -> Ints:
        """Return the exact totals of pools, each with an arrival of its own."""
        wish = self._wish(dates.nights, rooms, party)
        tariffs, ends = self.tariffs, arrivals + dates.nights
        listed = (self.sums[ends, columns] - self.sums[arrivals, columns]).astype(np.int64)
        totals = tariffs.plain_totals(columns, wish, listed)
        varied = np.flatnonzero(tariffs.varied(wish, dates.first, dates.last)[columns])
        ordered = varied[np.argsort(arrivals[varied], kind="stable")]
        for some in np.split(ordered, np.flatnonzero(np.diff(arrivals[ordered])) + 1):
            if len(some):
                arrival, pools = int(arrivals[some[0]]), columns[some]
                totals[some] = self.totals_on(
                    arrival, pools, nights=dates.nights, rooms=rooms, party=party
                )
        return totals

    def _nearest(self, dates: Dates, rooms: int, party: Party) -> Small:
        """Return each pool's free arrival nearest to the wish, of two the earlier; -1 for none."""
        wished = ((dates.wished or dates.first) - self.first_day).days
        flags = dict(self.each_arrival(None, dates, rooms, party))
        chosen = np.full(self.pools.count, -1, np.int16)
        for arrival in sorted(flags, key=lambda day: (abs(day - wished), day), reverse=True):
            np.copyto(chosen, np.int16(arrival), where=flags[arrival])
        return chosen

    def _cheapest(self, dates: Dates, rooms: int, party: Party, suited: Flags) -> Small:
        """Return each pool's free arrival with the lowest price, the first of equals.

        The lowest list price makes the lowest total, but where months or promotions count.
        """
        wish = self._wish(dates.nights, rooms, party)
        varied = self.tariffs.varied(wish, dates.first, dates.last) & suited
        chosen = np.full(self.pools.count, -1, np.int16)
        lowest = np.full(self.pools.count, NO_RATE, np.int32)
        least = np.full(self.pools.count if varied.any() else 0, NEVER, np.int64)
        for arrival, free in self.each_arrival(None, dates, rooms, party):
            listed = self.sums[arrival + dates.nights] - self.sums[arrival]
            better = free & (listed < lowest)
            if len(least):
                some = np.flatnonzero(free & varied)
                totals = self.totals_on(
                    arrival, some, nights=dates.nights, rooms=rooms, party=party
                )
                better[some] = totals < least[some]
                least[some] = np.minimum(totals, least[some])
            np.copyto(lowest, listed, where=better)
            np.copyto(chosen, np.int16(arrival), where=better)
        return chosen

    def each_arrival(
        self, columns: Ints | None, dates: Dates, rooms: int, party: Party
    ) -> Iterator[tuple[int, Flags]]:
        """Yield each day of arrival with which of ``columns`` (``None``: of all pools) are free.

        ``columns`` rise. Days beyond what is in memory are left out, and pools whose rules refuse
        the stay are not free. One pass over the days, with the number of free nights in a row
        counted on the way.
        """
        nights = dates.nights
        first = max(0, (dates.first - self.first_day).days)
        last = min((dates.last - self.first_day).days, HORIZON_DAYS - nights)
        in_a_row = np.zeros(self.pools.count if columns is None else len(columns), np.int16)
        gate, spared = self._gate(nights, columns), self._spared(rooms, party, columns)
        for day in range(first, last + nights):
            units = self.free[day] if columns is None else self.free[day][columns]
            free = units >= rooms
            gate.close_nights(free, day, day + 1)
            if len(spared[0]):
                self._close_spared(free, day, rooms, spared)
            in_a_row += 1
            in_a_row *= free
            arrival = day + 1 - nights
            if arrival >= first:
                whole = in_a_row >= nights
                gate.close_ends(whole, arrival)
                yield arrival, whole

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

    def month_keys(self, span: Span | None = None, columns: slice = ALL) -> Ints:
        """Return the lowest list price of a night of each pool on sale in fen, else ``NEVER``.

        ``span``: on the days of it that the house is open; ``None`` for all days ahead.
        """
        lowest = self.lowest[columns] if span is None else self._lowest_in(span, columns)
        priced = self.pools.on_sale[columns] & (lowest < NO_RATE)
        return np.where(priced, lowest.astype(np.int64), NEVER)

    def _lowest_in(self, span: Span, columns: slice) -> Ints:
        first = max(0, (span.first - self.first_day).days)
        end = min(HORIZON_DAYS, (span.last - self.first_day).days + 1)
        every = np.arange(self.pools.count)[columns]
        closed = self.shut(every, first, end - first) if first < end else None
        return lowest_between(self.sums[:, columns], first, end, closed=closed, unset=NO_RATE)

    def lowest_rates_by_room(self) -> dict[int, int]:
        """Return the lowest list price of a night ahead of each room type on sale, in fen."""
        keys = self.month_keys()
        columns = np.flatnonzero(keys < NEVER)
        rooms = self.pools.room_type_ids[columns]
        return dict(zip(rooms.tolist(), keys[columns].tolist(), strict=True))

    def lowest_rates_of(self, listing_id: int, span: Span | None = None) -> dict[int, int]:
        """Return ``lowest_rates_by_room`` of one listing, on the days of ``span`` if given."""
        rows = self.facts.rows_of(np.array([listing_id], np.int64))
        if not len(rows):
            return {}
        mine = self.pools_of(int(rows[0]))
        keys = self.month_keys(span, mine).tolist()
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
