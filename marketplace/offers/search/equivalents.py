"""What is free instead, for guests who must move: houses with rooms for all that was booked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from sqlalchemy.orm import Session

from catalog import queries as directory
from catalog.views import ListingCard
from marketplace.kernel.stay import Stay
from marketplace.offers.matrix.matrix import NEVER, Best, Matrix
from marketplace.offers.search import distance
from marketplace.offers.search.filtering import Sifted, order, sift, without
from marketplace.offers.search.search_service import quote_each
from marketplace.offers.search.search_types import Distance, SearchQuery
from marketplace.pricing.nights.quote import Ask, Quote

FEW = 3
"""With fewer places than this to choose from, those with less ease of access are shown too."""


@dataclass(frozen=True, slots=True)
class RoomInstead:
    """A room type that takes one of the wishes, with the whole price of that wish."""

    room_type_id: int
    quote: Quote


@dataclass(frozen=True, slots=True)
class PlaceInstead:
    """A listing that takes all wishes together, with a room type for each in their order."""

    card: ListingCard
    rooms: tuple[RoomInstead, ...]
    distance: Distance | None


@dataclass(frozen=True, slots=True)
class _Option:
    """A pool that is free for a wish; its place in the matrix, and the whole price in fen."""

    column: int
    fen: int


def equivalents(
    session: Session, *, queries: Sequence[SearchQuery], matrix: Matrix, most: int
) -> list[PlaceInstead]:
    """Return the listings that have rooms for all ``queries`` together, the nearest first.

    Each query is for exact dates of its own; all have the same filters and are near to the same
    place. Of the room types of a listing those are named that cost least together. Places with all
    the access facts asked for come first; when there are few, the others follow.
    """
    wishes = [queries]
    if queries[0].filters.access:
        wishes.append([without(query, "access") for query in queries])
    found: dict[int, PlaceInstead] = {}
    for wish in wishes:
        for place in _places(session, matrix, wish, most):
            found.setdefault(place.card.id, place)
        if len(found) >= FEW:
            break
    return list(found.values())[:most]


def _places(
    session: Session, matrix: Matrix, queries: Sequence[SearchQuery], most: int
) -> list[PlaceInstead]:
    """Read and price the nearest listings that take everybody; what has vanished is left out."""
    sifted = [sift(matrix, query, None) for query in queries]
    # Some that have a room for each have not enough for all: so more are looked at.
    rows = order(matrix, queries[0], _together(sifted), most=most * len(queries)).tolist()
    taking = [(row, chosen) for row in rows if (chosen := _cheapest(matrix, queries, sifted, row))]
    taking = taking[:most]
    ids = [int(matrix.facts.ids[row]) for row, _ in taking]
    cards = {card.id: card for card in directory.cards(session, ids)}
    wishes = [
        (
            int(matrix.pools.room_type_ids[option.column]),
            Ask(_stay(query), matrix.first_day, query.rooms, query.party),
        )
        for _, chosen in taking
        for query, option in zip(queries, chosen, strict=True)
    ]
    quotes = iter(quote_each(session, wishes=wishes))
    rooms = iter(wishes)
    found = []
    for (row, chosen), listing_id in zip(taking, ids, strict=True):
        priced = [(next(rooms)[0], next(quotes)) for _ in chosen]
        named = tuple(RoomInstead(room, quote) for room, quote in priced if quote is not None)
        if listing_id in cards and len(named) == len(priced):
            away = _distance(matrix, queries[0], sifted[0], row)
            found.append(PlaceInstead(cards[listing_id], named, away))
    return found


def _together(sifted: Sequence[Sifted]) -> Sifted:
    """Return the listings that all wishes leave, each at the sum of the wishes."""
    rows = sifted[0].rows
    for other in sifted[1:]:
        rows = np.intersect1d(rows, other.rows, assume_unique=True)
    fen = np.sum([each.priced.fen for each in sifted], axis=0)
    return replace(sifted[0], rows=rows, priced=replace(sifted[0].priced, fen=fen))


def _cheapest(
    matrix: Matrix, queries: Sequence[SearchQuery], sifted: Sequence[Sifted], row: int
) -> tuple[_Option, ...]:
    """Return the pools of a listing that take all wishes for least; empty where they do not."""
    begin = int(matrix.starts[row])
    end = int(matrix.starts[row + 1]) if row + 1 < len(matrix.starts) else matrix.pools.count
    free = [_options(each.priced.best, begin, end) for each in sifted]
    if not all(free):
        return ()
    first = tuple(options[0] for options in free)
    if _fits(matrix, queries, first):
        return first
    every = sorted(product(*free), key=lambda chosen: sum(option.fen for option in chosen))
    return next((chosen for chosen in every if _fits(matrix, queries, chosen)), ())


def _options(best: Best | None, begin: int, end: int) -> list[_Option]:
    """Return the free ones of some pools, the cheapest first."""
    if best is None:
        return []
    free = [
        _Option(column, int(best.totals_fen[column]))
        for column in range(begin, end)
        if best.keys[column] < NEVER
    ]
    return sorted(free, key=lambda option: option.fen)


def _fits(matrix: Matrix, queries: Sequence[SearchQuery], chosen: Sequence[_Option]) -> bool:
    """Whether pools that take each of the wishes have rooms for those that share a pool."""
    needed: Counter[tuple[int, int]] = Counter()
    for query, option in zip(queries, chosen, strict=True):
        arrival = (_stay(query).check_in - matrix.first_day).days
        for night in range(_stay(query).nights):
            needed[arrival + night, option.column] += query.rooms
    return all(matrix.free[at] >= rooms for at, rooms in needed.items())


def _stay(query: SearchQuery) -> Stay:
    if query.dates is None:
        raise ValueError("a wish has dates")
    return Stay.of(query.dates.first, query.dates.nights)


def _distance(matrix: Matrix, query: SearchQuery, sifted: Sifted, row: int) -> Distance | None:
    if query.near is None or sifted.km is None:
        return None
    return distance.distance(matrix.facts, query.near, row, float(sifted.km[row]))
