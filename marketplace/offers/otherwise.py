"""When nothing fits: other dates, other clusters, and what comes nearest. Never an empty page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np

from catalog.search.base import Hits
from catalog.vocabulary import Cluster
from marketplace.kernel.stay import Stay
from marketplace.offers import faceting
from marketplace.offers.arrays import Ints
from marketplace.offers.asking import Dates, OtherDates, SearchQuery, Sister
from marketplace.offers.facts import pack, unpack
from marketplace.offers.matrix import Matrix
from marketplace.offers.sifting import Sifted, conditions, sift, without

REACH = dt.timedelta(days=60)
"""How far other dates may be from those asked for."""
MOST_DATES = 4
APART_DAYS = 4
"""Other dates closer together than this would be one suggestion said twice."""
MOST_CLOSEST = 5


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
    left = unpack(faceting.narrow(facts, sifted.priced.bands, pack(fitting), filters), facts.count)
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


def nearest(matrix: Matrix, query: SearchQuery, hits: Hits | None) -> Nearest | None:
    """Return the question with the fewest conditions dropped that finds something.

    First every single condition is left aside, the easiest to give up first; then one after the
    other until something is found. ``None`` when there is nothing at all.
    """
    names = conditions(query)
    for dropped in [(name,) for name in names] + [
        tuple(names[: count + 1]) for count in range(1, len(names))
    ]:
        easier = query
        for name in dropped:
            easier = without(easier, name)
        kept = hits if easier.words else None
        again = sift(matrix, easier, kept)
        if len(again.rows):
            return Nearest(easier, again, dropped)
    return None
