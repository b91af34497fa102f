"""When nothing fits: other dates, other clusters, and what comes nearest. Never an empty page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np

from catalog.search.indexes.port import Hits
from catalog.vocabulary import Cluster
from marketplace.kernel.stay import Stay
from marketplace.offers.matrix.arrays import Ints
from marketplace.offers.matrix.matrix import Matrix
from marketplace.offers.quoting.stay_offers import MOST_ROOMS
from marketplace.offers.search import facet_counts
from marketplace.offers.search.filtering import Sifted, conditions, sift, without
from marketplace.offers.search.search_types import Dates, OtherDates, Relaxed, SearchQuery, Sister
from marketplace.offers.search.stay_facts import FAMILY, pack, unpack

REACH = dt.timedelta(days=60)
"""How far other dates may be from those asked for."""
MOST_DATES = 4
APART_DAYS = 4
"""Other dates closer together than this would be one suggestion said twice."""
MOST_CLOSEST = 5
PARTY = "party"
"""The condition that so many people share so few rooms."""
MOST_TOGETHER = 4
"""So many people may share a room where more rooms are tried."""
SEVERAL_NEEDS = facet_counts.SEVERAL - {FAMILY}
"""Filters of which one value can be left aside and the others kept."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """The question that comes nearest and finds something, with what it finds."""

    query: SearchQuery
    sifted: Sifted
    dropped: tuple[str, ...]


def other_dates(
    matrix: Matrix, query: SearchQuery, sifted: Sifted, hits: Hits | None
) -> tuple[OtherDates, ...]:
    """Return the nearest days on which something that fits otherwise is free, nearest first."""
    if query.dates is None:
        return ()
    columns = _columns(matrix, query, sifted, hits)
    wide = _widened(matrix, query.dates)
    if wide is None or not len(columns):
        return ()
    middle = (query.dates.wished or query.dates.first) - matrix.first_day
    free_on = [
        arrival
        for arrival, free in matrix.each_arrival(columns, wide, query.rooms, query.party)
        if free.any()
    ]
    picked: list[int] = []
    for arrival in sorted(free_on, key=lambda day: (abs(day - middle.days), day)):
        if all(abs(arrival - other) >= APART_DAYS for other in picked):
            picked.append(arrival)
        if len(picked) == MOST_DATES:
            break
    return tuple(_other(matrix, query, columns, arrival) for arrival in picked)


def _columns(matrix: Matrix, query: SearchQuery, sifted: Sifted, hits: Hits | None) -> Ints:
    """Return the pools that fit in everything but the dates and the price they make."""
    facts = matrix.facts
    fitting = facts.visible
    if hits is not None:
        fitting = np.zeros(facts.count, np.bool_)
        fitting[facts.rows_of(hits.ids)] = True
        fitting &= facts.visible
    filters = replace(query.filters, band=None)
    left = unpack(
        facet_counts.narrow(facts, sifted.priced.bands, pack(fitting), filters), facts.count
    )
    dates = query.dates
    suited = matrix.suits(
        nights=dates.nights if dates else 1,
        rooms=query.rooms,
        party=query.party,
    )
    return np.flatnonzero(suited & left[matrix.row])


def _widened(matrix: Matrix, dates: Dates) -> Dates | None:
    first = max(matrix.first_day, dates.first - REACH)
    last = dates.last + REACH
    return Dates(dates.nights, first, last) if first <= last else None


def _other(matrix: Matrix, query: SearchQuery, columns: Ints, arrival: int) -> OtherDates:
    nights = query.dates.nights if query.dates else 1
    stay = Stay.of(matrix.first_day + dt.timedelta(days=arrival), nights)
    free, totals = matrix.free_on(stay, query.rooms, query.party)
    mine = np.isin(free, columns, assume_unique=True)
    return OtherDates(stay, len(np.unique(matrix.row[free[mine]])), int(totals[mine].min()))


def sisters(query: SearchQuery, sifted: Sifted) -> tuple[Sister, ...]:
    """Return the other clusters that have what was asked for, the fullest first."""
    if query.filters.cluster is None:
        return ()
    facet = next(facet for facet in sifted.facets if facet.name == "cluster")
    found = [
        Sister(Cluster(value.value), value.count)
        for value in facet.values
        if value.count and not value.chosen
    ]
    return tuple(sorted(found, key=lambda sister: -sister.count))


def relaxed(matrix: Matrix, query: SearchQuery, hits: Hits | None) -> tuple[Relaxed, ...]:
    """Return every single condition without which something fits, and what does."""
    found = []
    for name, value in _single(query):
        easier = without(query, name, value)
        again = sift(matrix, easier, hits if easier.words else None)
        if len(again.rows):
            found.append(_relaxed(name, value, easier, again))
    roomier = _roomier(matrix, query, hits)
    if roomier is not None:
        found.append(_relaxed(PARTY, "", *roomier))
    return tuple(found)


def _single(query: SearchQuery) -> list[tuple[str, str]]:
    """Return (name, value) of each condition that can be left aside alone."""
    return [
        (name, value)
        for name in conditions(query)
        for value in (facet_counts.chosen(query.filters)[name] if name in SEVERAL_NEEDS else ("",))
    ]


def _relaxed(name: str, value: str, easier: SearchQuery, again: Sifted) -> Relaxed:
    lowest = int(again.priced.fen[again.rows].min())
    return Relaxed(name, value, easier.rooms, len(again.rows), lowest)


def _roomier(
    matrix: Matrix, query: SearchQuery, hits: Hits | None
) -> tuple[SearchQuery, Sifted] | None:
    """Return the question with the fewest more rooms for the same people that finds something."""
    guests = query.party.guests
    numbers = {-(-guests // each) for each in range(1, MOST_TOGETHER + 1)}
    for rooms in sorted(number for number in numbers if query.rooms < number <= MOST_ROOMS):
        more = replace(query, rooms=rooms)
        again = sift(matrix, more, hits)
        if len(again.rows):
            return more, again
    return None


def nearest(matrix: Matrix, query: SearchQuery, hits: Hits | None) -> Nearest | None:
    """Return the question with the fewest conditions dropped that finds something.

    It is always asked for the same people. First every single condition is left aside, the easiest
    to give up first, then more rooms are tried, then one condition after the other is left aside.
    ``None`` when there is nothing at all for so many people.
    """
    names = conditions(query)
    for name in names:
        easier = without(query, name)
        again = sift(matrix, easier, hits if easier.words else None)
        if len(again.rows):
            return Nearest(easier, again, (name,))
    roomier = _roomier(matrix, query, hits)
    if roomier is not None:
        return Nearest(*roomier, (PARTY,))
    easier = query
    for count, name in enumerate(names, start=1):
        easier = without(easier, name)
        kept = hits if easier.words else None
        again = sift(matrix, easier, kept)
        if len(again.rows):
            return Nearest(easier, again, tuple(names[:count]))
        roomier = _roomier(matrix, easier, kept) if count == len(names) else None
        if roomier is not None:
            return Nearest(*roomier, (*names, PARTY))
    return None
