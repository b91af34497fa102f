"""What tariffs make of list prices, for all pools at once: people, tiers, named months, promotions.

The sums of ``pricing.quote`` without extra beds and meals, in the same order and with the same
roundings. Many room types share their terms, so what terms say is worked out once for each of them
and then looked up.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.kernel.money import BASIS_POINTS
from marketplace.kernel.stay import Stay
from marketplace.offers.matrix.arrays import Flags, Ints, Sums
from marketplace.offers.matrix.restriction_arrays import NO_LIMIT, Notice, notice_of
from marketplace.pricing.models import Tariff
from marketplace.pricing.nights.quote import Ask, people_extras
from marketplace.pricing.nights.selection import Party
from marketplace.pricing.nights.terms import (
    NOTHING_SET,
    Occupancy,
    Promotion,
    Terms,
    read_terms,
    write_terms,
)

NOTHING = write_terms(NOTHING_SET)
"""The text of terms that set nothing."""
MOST_PARTIES = 64
"""Parties whose extras are remembered."""
Key = TypeVar("Key")
Listed = Callable[[int, int, Ints], Ints]
"""Gives the list price of one room, in fen, of the nights from one day up to another."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be priced in every pool; ``booked_on`` is today in Asia/Shanghai."""

    nights: int
    rooms: int
    party: Party
    booked_on: dt.date


@dataclass(frozen=True, slots=True)
class _Table:
    """Distinct terms as arrays; where not said otherwise, with a place for each of them."""

    occupancies: list[Occupancy]
    people: Ints
    """[3, terms] people included, fen for an extra adult, fen off for single use."""
    notice: Ints
    """[3, terms] ``notice_of`` them."""
    promotions: Ints
    """[9, promotion] of all terms: ``_promotion`` of each."""
    tiers: dict[int, Sums]
    """Nights from which they count to [terms] basis points off, -1 where there are none."""
    months: dict[dt.date, Sums]
    """First day of the month to [2, terms] its price in fen (-1: none) and the least nights."""

    @property
    def count(self) -> int:
        """How many terms."""
        return len(self.occupancies)

    def joined(self, more: _Table) -> _Table:
        """Return both one after the other."""
        moved = more.promotions.copy()
        moved[0] += self.count
        return _Table(
            self.occupancies + more.occupancies,
            np.concatenate([self.people, more.people], axis=1),
            np.concatenate([self.notice, more.notice], axis=1),
            np.concatenate([self.promotions, moved], axis=1),
            _side_by_side(self.tiers, more.tiers, (self.count,), (more.count,)),
            _side_by_side(self.months, more.months, (2, self.count), (2, more.count)),
        )


def _side_by_side(
    ours: Mapping[Key, Sums],
    more: Mapping[Key, Sums],
    shape: tuple[int, ...],
    of_more: tuple[int, ...],
) -> dict[Key, Sums]:
    missing, of_more_missing = np.full(shape, -1, np.int32), np.full(of_more, -1, np.int32)
    return {
        key: np.concatenate([ours.get(key, missing), more.get(key, of_more_missing)], axis=-1)
        for key in ours.keys() | more.keys()
    }


_LATEST = dt.date.max.toordinal()


def _promotion(place: int, promotion: Promotion) -> tuple[int, ...]:
    """Return it as numbers.

    Whose it is, basis points off, first and last day of booking and of arrival, least nights,
    fewest and most days between booking and arrival.
    """

    def number(day: dt.date | None, otherwise: int) -> int:
        return otherwise if day is None else day.toordinal()

    return (
        place,
        promotion.off_bp,
        number(promotion.booked_first, 0),
        number(promotion.booked_last, _LATEST),
        number(promotion.arrive_first, 0),
        number(promotion.arrive_last, _LATEST),
        promotion.min_nights,
        promotion.min_lead_days,
        NO_LIMIT if promotion.max_lead_days is None else promotion.max_lead_days,
    )


def _tabled(terms: Sequence[Terms]) -> _Table:
    tiers: dict[int, Sums] = {}
    months: dict[dt.date, Sums] = {}
    promotions = []
    for place, each in enumerate(terms):
        for tier in each.tiers:
            held = tiers.setdefault(tier.min_nights, np.full(len(terms), -1, np.int32))
            held[place] = tier.off_bp
        for month in each.months:
            held = months.setdefault(month.month, np.full((2, len(terms)), -1, np.int32))
            held[:, place] = month.month_fen, month.min_nights
        promotions += [_promotion(place, promotion) for promotion in each.promotions]
    people = [
        (each.included, each.extra_adult_fen, each.single_off_fen)
        for each in (each.occupancy for each in terms)
    ]
    return _Table(
        occupancies=[each.occupancy for each in terms],
        people=_rows(people, 3),
        notice=_rows([notice_of(each) for each in terms], 3),
        promotions=_rows(promotions, 9),
        tiers=tiers,
        months=months,
    )


def _rows(numbers: Sequence[tuple[int, ...]], width: int) -> Ints:
    return np.ascontiguousarray(np.array(numbers, np.int64).reshape(-1, width).T)


@dataclass(slots=True)
class Tariffs:
    """The terms of every pool. Never changed but replaced: whoever reckons keeps what he has."""

    places: Ints
    """[pool] its terms' place in the table."""
    notice: Notice = field(init=False)
    """When stays may be booked, by the terms."""
    _texts: dict[str, int]
    """The text of each terms and its place; only ever added to."""
    _table: _Table
    _offs: dict[int, Ints] = field(default_factory=dict)
    _people: dict[tuple[int, Party], Ints | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Find the pools that cannot always be booked."""
        self.notice = Notice.of(self._table.notice, self.places)

    @classmethod
    def of(cls, texts: Sequence[str]) -> Tariffs:
        """Return the terms that ``write_terms`` wrote for each pool."""
        return cls(np.zeros(0, np.int64), {}, _tabled([])).put(np.arange(len(texts)), texts)

    def put(self, columns: Ints, texts: Sequence[str]) -> Tariffs:
        """Return them with other terms for the pools in ``columns``, or for more pools."""
        known = self._texts
        fresh = [text for text in dict.fromkeys(texts) if text not in known]
        table = self._table
        if fresh:
            table = table.joined(_tabled([read_terms(text) for text in fresh]))
            known = known | {text: self._table.count + at for at, text in enumerate(fresh)}
        more = max(0, int(columns.max(initial=-1)) + 1 - len(self.places))
        places = np.concatenate([self.places, np.zeros(more, np.int64)])
        places[columns] = [known[text] for text in texts]
        return Tariffs(places, known, table)

    @property
    def nbytes(self) -> int:
        """The memory of all arrays, in bytes."""
        table = self._table
        wide = (self.places, table.people, table.notice, table.promotions)
        narrow = (*table.tiers.values(), *table.months.values())
        return sum(array.nbytes for array in wide) + sum(array.nbytes for array in narrow)

    # ------------------------------------------------------------ what counts

    def people(self, rooms: int, party: Party) -> Ints | None:
        """Return what the people change in a night's price for all rooms, in fen, for each terms.

        ``None`` where they change nothing anywhere.
        """
        asked = rooms, party
        if asked in self._people:
            return self._people[asked]
        every = self._of_children(*asked) if party.children_ages else self._of_adults(*asked)
        fen = every if every.any() else None
        if len(self._people) < MOST_PARTIES:
            self._people[asked] = fen
        return fen

    def _of_adults(self, rooms: int, party: Party) -> Ints:
        included, extra_fen, off_fen = self._table.people
        alone = max(0, min(rooms, 2 * rooms - party.adults))
        fen: Ints = np.maximum(0, party.adults - included * rooms) * extra_fen - alone * off_fen
        return fen

    def _of_children(self, rooms: int, party: Party) -> Ints:
        """Ask the engine, once for each distinct occupancy: who takes which place is its rule."""
        night = Ask(Stay.of(dt.date(2000, 1, 1), 1), dt.date(2000, 1, 1), rooms, party)

        def fen(occupancy: Occupancy) -> int:
            return sum(extra.amount_fen for extra in people_extras(occupancy, night))

        every = self._table.occupancies
        known = {occupancy: fen(occupancy) for occupancy in set(every)}
        return np.array([known[occupancy] for occupancy in every], np.int64)

    def _kept(self, nights: int) -> Ints | None:
        """Return what the longest tier reached leaves, in basis points, for each terms."""
        tiers = self._table.tiers
        reached = sorted(least for least in tiers if least <= nights)
        if not reached:
            return None
        if reached[-1] not in self._offs:
            kept = np.full(self._table.count, BASIS_POINTS, np.int64)
            for least in reached:
                np.copyto(kept, BASIS_POINTS - tiers[least], where=tiers[least] >= 0)
            self._offs[reached[-1]] = kept
        return self._offs[reached[-1]]

    def _months(self, first: dt.date, end: dt.date, nights: int) -> Iterator[tuple[dt.date, Ints]]:
        """Yield the months that the nights [first, end) touch, with [terms] their price in fen.

        The price is -1 where the month has none that a stay of so many nights is given.
        """
        for month, (fen, least) in self._table.months.items():
            if first < _end_of(month) and month < end:
                yield month, np.where(least <= nights, fen, -1).astype(np.int64)

    def _promotions(self, wish: Wish) -> Ints:
        """Return the promotions for who books so many nights today.

        [4, promotion]: whose it is, basis points off, first and last day of arrival.
        """
        (place, off_bp, booked_first, booked_last, first, last, least, fewest_days, most_days) = (
            self._table.promotions
        )
        today = wish.booked_on.toordinal()
        met = (booked_first <= today) & (booked_last >= today) & (least <= wish.nights)
        opens = np.maximum(first, today + fewest_days)
        closes = np.minimum(last, today + most_days)
        found: Ints = np.array([place, off_bp, opens, closes])[:, met]
        return found

    def varied(self, wish: Wish, first: dt.date, last: dt.date) -> Flags:
        """Return the pools where a month or a promotion may count from ``first`` to ``last``.

        In all others the arrival with the lowest list price has the lowest total.
        """
        some = np.zeros(self._table.count, np.bool_)
        for _, fen in self._months(first, last + dt.timedelta(wish.nights), wish.nights):
            some |= fen >= 0
        place, _, opens, closes = self._promotions(wish)
        some[place[(opens <= last.toordinal()) & (closes >= first.toordinal())]] = True
        return some[self.places]

    # ------------------------------------------------------------ sums

    def totals(self, columns: Ints, wish: Wish, arrive: dt.date, listed: Listed) -> Ints:
        """Return the totals in fen of stays that begin on ``arrive`` in the pools of ``columns``.

        ``listed`` counts days from ``arrive``.
        """
        terms = self.places[columns]
        people, kept = self.people(wish.rooms, wish.party), self._kept(wish.nights)
        a_night = None if people is None else people[terms]
        left = None if kept is None else kept[terms]
        rest = _with_people(listed(0, wish.nights, columns), wish.rooms, a_night, wish.nights)
        fixed = np.zeros(len(columns), np.int64)
        end = arrive + dt.timedelta(wish.nights)
        for month, fen in self._months(arrive, end, wish.nights):
            some = np.flatnonzero(fen[terms] >= 0)
            begin, stop = max(arrive, month), min(end, _end_of(month))
            whole = _with_people(
                listed((begin - arrive).days, (stop - arrive).days, columns[some]),
                wish.rooms,
                None if a_night is None else a_night[some],
                (stop - begin).days,
            )
            priced = _with_people(
                _part_of_month(fen[terms[some]], month, begin, stop),
                wish.rooms,
                None if a_night is None else a_night[some],
                (stop - begin).days,
            )
            lower = priced * BASIS_POINTS < whole * (BASIS_POINTS if left is None else left[some])
            rest[some[lower]] -= whole[lower]
            fixed[some[lower]] += priced[lower]
        if left is not None:
            rest = _share_of(rest, left)
        rest += fixed
        off = self._promoted(wish, arrive)
        return rest if off is None else _share_of(rest, BASIS_POINTS - off[terms])

    def plain_totals(self, columns: Ints, wish: Wish, listed: Ints) -> Ints:
        """Return the totals of pools that are not ``varied``, by their list prices for one room."""
        terms = self.places[columns]
        people, kept = self.people(wish.rooms, wish.party), self._kept(wish.nights)
        whole = _with_people(
            listed, wish.rooms, None if people is None else people[terms], wish.nights
        )
        return whole if kept is None else _share_of(whole, kept[terms])

    def _promoted(self, wish: Wish, arrive: dt.date) -> Ints | None:
        """Return what the best promotion takes off, in basis points, for each terms."""
        place, off_bp, opens, closes = self._promotions(wish)
        met = (opens <= arrive.toordinal()) & (closes >= arrive.toordinal())
        if not met.any():
            return None
        off = np.zeros(self._table.count, np.int64)
        np.maximum.at(off, place[met], off_bp[met])
        return off


def _end_of(month: dt.date) -> dt.date:
    return month + dt.timedelta(calendar.monthrange(month.year, month.month)[1])


def _part_of_month(fen: Ints, month: dt.date, begin: dt.date, end: dt.date) -> Ints:
    """Return what the nights [begin, end) cost of months that cost ``fen``: as ``MonthPrice``."""
    each, left = np.divmod(fen, (_end_of(month) - month).days)
    before, until = (begin - month).days, (end - month).days
    part: Ints = each * (until - before) + np.minimum(until, left) - np.minimum(before, left)
    return part


def _with_people(listed: Ints, rooms: int, a_night: Ints | None, nights: int) -> Ints:
    """Return what all rooms cost for ``nights`` nights with what the people change in it."""
    whole = listed * rooms
    if a_night is not None:
        whole += a_night * nights
    return whole


def _share_of(amounts: Ints, basis_points: Ints) -> Ints:
    """Round half up, as ``money.share_of``."""
    share: Ints = (amounts * basis_points * 2 + BASIS_POINTS) // (BASIS_POINTS * 2)
    return share


def read_texts(session: Session, room_type_ids: Sequence[int], *, all_of_them: bool) -> list[str]:
    """Return the terms that count now of each room type, as text."""
    statement = sa.select(Tariff.room_type_id, Tariff.terms).where(
        Tariff.room_type_id.is_not(None), Tariff.replaced_at.is_(None)
    )
    if not all_of_them:
        statement = statement.where(Tariff.room_type_id.in_(room_type_ids))
    found = dict(session.execute(statement).all())
    return [found.get(room, NOTHING) for room in room_type_ids]
