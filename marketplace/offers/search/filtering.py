"""What words, dates, people and filters leave of all stays, and in which order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from catalog.search.indexes.port import Hits
from marketplace.offers.matrix.arrays import Flags, Ints
from marketplace.offers.matrix.matrix import NEVER, Best, Matrix
from marketplace.offers.search import distance, facet_counts
from marketplace.offers.search.search_types import (
    BAND_ENDS_FEN,
    Facet,
    PriceBand,
    SearchQuery,
    Sort,
)
from marketplace.offers.search.stay_facts import Bits, pack, unpack
from marketplace.pricing.nights.quote import DAYS_A_MONTH


@dataclass(frozen=True, slots=True)
class Priced:
    """Every listing's price for the dates and people of a question; arrays by listing."""

    best: Best | None
    """The pools' best arrivals; ``None`` without dates."""
    column: Ints
    """The pool that is offered; 0 where none is."""
    fen: Ints
    """Its total; without dates, thirty nights at the lowest list price of the span."""
    open: Flags
    """Whether there is one."""
    bands: Bits
    """[price band, listing]."""


@dataclass(frozen=True, slots=True)
class Sifted:
    """What the question leaves."""

    priced: Priced
    base: Bits
    """What the words, the dates and the people leave."""
    rows: Ints
    """The listings that the filters leave too, in order of ``facts``."""
    facets: tuple[Facet, ...]
    scores: npt.NDArray[np.float32] | None
    """How well each listing of ``facts`` matches the words."""
    km: npt.NDArray[np.float64] | None
    """How far each is from the place asked for."""


def price(matrix: Matrix, query: SearchQuery) -> Priced:
    """Price every listing for the dates and people of ``query``.

    Whoever tries one filter after another asks for the same dates each time.
    """
    asked = (query.dates, query.dates is None and query.span, query.rooms, query.party)
    return matrix.remembered(asked, lambda: _price(matrix, query))


def _price(matrix: Matrix, query: SearchQuery) -> Priced:
    rooms, party = query.rooms, query.party
    if query.dates is None:
        best, nights = None, DAYS_A_MONTH
        pool_keys = np.where(
            matrix.takes(rooms=rooms, party=party), matrix.month_keys(query.span), NEVER
        )
    else:
        best = matrix.best(dates=query.dates, rooms=rooms, party=party)
        nights = query.dates.nights
        pool_keys = best.keys
    keys = matrix.by_listing(pool_keys)
    column = np.zeros(matrix.facts.count, np.int64)
    # Backwards, so that of equal pools the first stays.
    equal = np.flatnonzero((pool_keys == keys[matrix.row]) & (pool_keys < NEVER))[::-1]
    column[matrix.row[equal]] = equal
    is_open = keys < NEVER
    fen = np.where(is_open, pool_keys[column] if best is None else best.totals_fen[column], 0)
    if best is None:
        fen *= DAYS_A_MONTH
    month = (2 * fen * DAYS_A_MONTH + nights) // (2 * nights)
    band = np.searchsorted(np.array(BAND_ENDS_FEN), month, side="left")
    flags = band[np.newaxis, :] == np.arange(len(PriceBand))[:, np.newaxis]
    return Priced(best, column, fen, is_open, pack(flags))


def sift(matrix: Matrix, query: SearchQuery, hits: Hits | None) -> Sifted:
    """Apply ``query`` to all listings."""
    facts = matrix.facts
    priced = price(matrix, query)
    fitting = priced.open & facts.visible
    scores = None
    if hits is not None:
        scores = np.zeros(facts.count, np.float32)
        places, known = facts.places(hits.ids)
        at = places[known]
        scores[at] = hits.scores[known]
        held = np.zeros(facts.count, np.bool_)
        held[at] = True
        fitting = fitting & held
    base = pack(fitting)
    counted = facet_counts.count(facts, priced.bands, base, query.filters)
    rows = np.flatnonzero(unpack(counted.bits, facts.count))
    km = distance.kilometres(facts, query.near) if query.near else None
    return Sifted(priced, base, rows, counted.facets, scores, km)


def order(matrix: Matrix, query: SearchQuery, sifted: Sifted, *, most: int) -> Ints:
    """Return the first ``most`` of ``sifted.rows`` in the order asked for.

    Without words the most fitting are those where getting about is easiest, then the cheapest: the
    same for everybody, and nobody pays for a place.
    """
    rows = sifted.rows
    fen = sifted.priced.fen[rows]
    if query.sort is Sort.NEAR and sifted.km is not None:
        first: npt.NDArray[np.generic] = sifted.km[rows]
    elif query.sort in (Sort.PRICE, Sort.MONTH):
        first = fen
    elif query.sort is Sort.HOSPITAL:
        first = matrix.facts.hospital[rows]
    elif sifted.scores is not None:
        first = -sifted.scores[rows]
    else:
        first = -matrix.facts.ease[rows]
    top = _smallest(most, first, fen)
    ranked: Ints = rows[top][np.lexsort((rows[top], fen[top], first[top]))]
    return ranked


def _smallest(most: int, *keys: npt.NDArray[Any]) -> Ints:
    """Return where the ``most`` smallest stand by the first key, then the next, then by place.

    Sorting tens of thousands of equal scores would take longer than everything else.
    """
    at = np.arange(len(keys[0]))
    sure: list[Ints] = []
    room = most
    for key in keys:
        if len(at) <= room:
            break
        values = key[at]
        limit = np.partition(values, room - 1)[room - 1]
        sure.append(at[values < limit])
        at = at[values == limit]
        room -= len(sure[-1])
    return np.concatenate([*sure, at[:room]])


def without(query: SearchQuery, name: str, value: str = "") -> SearchQuery:
    """Return the question without one of its conditions, named as in its class or its filters.

    Of a filter that asks for several things, ``value`` names the one to leave aside.
    """
    if name == "words":
        return replace(query, words="")
    if name == "dates":
        return replace(query, dates=None)
    asked = getattr(query.filters, name)
    less = asked - {value} if value else getattr(type(query.filters)(), name)
    return replace(query, filters=replace(query.filters, **{name: less}))


def conditions(query: SearchQuery) -> list[str]:
    """Return the names of the conditions that ``query`` sets, the easiest to give up first.

    The people are none of them: a price for others is of no use. They may take more rooms.
    """
    names = [
        "band", "grade", "provenance", "pace", "food", "family", "theme", "cluster", "words",
        "hospital", "access", "dates",
    ]  # fmt: skip
    empty = SearchQuery()
    return [
        name
        for name in names
        if (
            getattr(query, name) != getattr(empty, name)
            if name in ("words", "dates")
            else getattr(query.filters, name) != getattr(empty.filters, name)
        )
    ]
