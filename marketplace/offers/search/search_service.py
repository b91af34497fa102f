"""Search: words, filters, stock and price together, with the exact total for the dates."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from catalog import queries as directory
from catalog.search.indexes.port import DocKind
from catalog.search.query_parser import Understood
from catalog.search.search_service import Words
from marketplace.inventory.queries import least_free
from marketplace.kernel.pagination import Page
from marketplace.kernel.stay import Stay
from marketplace.offers.matrix.arrays import Ints
from marketplace.offers.matrix.matrix import Matrix
from marketplace.offers.quoting.room_queries import pool_of_room_types
from marketplace.offers.search import alternatives, distance
from marketplace.offers.search.filtering import Sifted, order, sift
from marketplace.offers.search.search_types import Answer, Otherwise, Result, SearchQuery
from marketplace.pricing import queries as prices
from marketplace.pricing.nights.quote import Ask, NoPrice, Quote, quote


def search(session: Session, *, query: SearchQuery, matrix: Matrix, words: Words) -> Answer:
    """Return one page of what fits, with facets; a page beyond the end is the last one.

    The matrix answers over everything; the few shown are read and priced anew from the database,
    so that what a card says is what the quote will say.
    """
    taken = words.search(query.words, kind=DocKind.LISTING) if query.words else None
    sifted = sift(matrix, query, taken.hits if taken else None)
    total = len(sifted.rows)
    pages = max(1, -(-total // query.size))
    number = min(max(query.page, 1), pages)
    ranked = order(matrix, query, sifted, most=number * query.size)
    shown = _results(session, matrix, query, sifted, ranked[(number - 1) * query.size :])
    return Answer(
        page=Page(shown, total, number, query.size),
        facets=sifted.facets,
        words=taken,
        otherwise=None if total else _otherwise(session, matrix, query, sifted, taken),
    )


def _otherwise(
    session: Session,
    matrix: Matrix,
    query: SearchQuery,
    sifted: Sifted,
    words: Understood | None,
) -> Otherwise:
    hits = words.hits if words else None
    near = alternatives.nearest(matrix, query, hits)
    closest: list[Result] = []
    if near is not None:
        rows = order(matrix, near.query, near.sifted, most=alternatives.MOST_CLOSEST)
        closest = _results(session, matrix, near.query, near.sifted, rows)
    return Otherwise(
        relaxed=alternatives.relaxed(matrix, query, hits),
        dates=alternatives.other_dates(matrix, query, sifted, hits),
        sisters=alternatives.sisters(query, sifted),
        dropped=near.dropped if near else (),
        rooms=near.query.rooms if near else query.rooms,
        closest=tuple(closest),
    )


def _results(
    session: Session, matrix: Matrix, query: SearchQuery, sifted: Sifted, rows: Ints
) -> list[Result]:
    """Read and price the listings at ``rows``; what has vanished meanwhile is left out."""
    ids = matrix.facts.ids[rows].tolist()
    cards = {card.id: card for card in directory.cards(session, ids)}
    columns = sifted.priced.column[rows]
    rooms = matrix.pools.room_type_ids[columns].tolist()
    best = sifted.priced.best
    stays: list[Stay | None] = [None] * len(ids)
    if best is not None and query.dates is not None:
        nights = query.dates.nights
        stays = [
            Stay.of(matrix.first_day + dt.timedelta(days=arrival), nights)
            for arrival in best.arrivals[columns].tolist()
        ]
    wishes = [
        (room, Ask(stay, matrix.first_day, query.rooms, query.party))
        for room, stay in zip(rooms, stays, strict=True)
        if stay is not None
    ]
    quotes = iter(quote_each(session, wishes=wishes))
    found = []
    for row, listing_id, room, stay in zip(rows.tolist(), ids, rooms, stays, strict=True):
        priced = next(quotes) if stay is not None else None
        if listing_id not in cards or (stay is not None and priced is None):
            continue
        found.append(
            Result(
                card=cards[listing_id],
                room_type_id=room,
                stay=stay,
                quote=priced,
                from_month_fen=int(sifted.priced.fen[row]) if stay is None else 0,
                distance=distance.distance(matrix.facts, query.near, row, float(sifted.km[row]))
                if query.near is not None and sifted.km is not None
                else None,
            )
        )
    return found


def quote_each(
    session: Session, *, wishes: Sequence[tuple[int, Ask]], ages_known: bool = True
) -> list[Quote | None]:
    """Return the quote of each (room type, what is asked), ``None`` without a price: two queries.

    Restrictions are not looked at: the matrix keeps to them, and the booking decides. Where the
    ages of children are not known, each child counts as the age that pays least in that room
    type: no ages make the stay cheaper.
    """
    if not wishes:
        return []
    plans = prices.plans(
        session,
        room_type_ids={room for room, _ in wishes},
        first=min(ask.stay.check_in for _, ask in wishes),
        last=max(ask.stay.check_out for _, ask in wishes),
    )
    quotes: list[Quote | None] = []
    for room, ask in wishes:
        terms = plans[room].terms
        if not ages_known:
            ages = (terms.occupancy.cheapest_age(),) * len(ask.party.children_ages)
            people = replace(ask.party, children_ages=ages)
            ask = replace(ask, party=people)  # noqa: PLW2901 - what is asked, made definite
        try:
            quotes.append(quote(ask=ask, rates=plans[room].rates, terms=terms))
        except NoPrice:
            quotes.append(None)
    return quotes


def quote_many(
    session: Session, *, room_type_ids: list[int], ask: Ask, ages_known: bool = True
) -> dict[int, Quote]:
    """Return the quotes of several room types for one stay, without those that have no price."""
    wishes = [(room, ask) for room in room_type_ids]
    found = quote_each(session, wishes=wishes, ages_known=ages_known)
    return {
        room: priced
        for room, priced in zip(room_type_ids, found, strict=True)
        if priced is not None
    }


def free_rooms(session: Session, *, room_type_ids: list[int], stay: Stay) -> dict[int, int]:
    """Return for each room type how many rooms are free on every night, by the database's word."""
    pools = pool_of_room_types(session, room_type_ids=room_type_ids)
    free = least_free(session, pool_ids=list(pools.values()), stay=stay)
    found: dict[int, int] = defaultdict(int)
    found.update({room: free[pool] for room, pool in pools.items()})
    return found
