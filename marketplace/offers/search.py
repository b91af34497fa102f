"""Search: words ∩ filters ∩ stock ∩ price, with the exact total for the dates asked for."""

from __future__ import annotations

import datetime as dt
import enum
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from catalog import queries as directory
from catalog.search.base import DocKind, SearchIndex
from catalog.views import ListingCard
from catalog.vocabulary import Cluster, ListingKind, Theme
from marketplace.inventory.queries import least_free
from marketplace.kernel.page import Page
from marketplace.kernel.stay import Stay
from marketplace.offers.assemble import Party
from marketplace.offers.matrix import Matrix
from marketplace.offers.queries import pool_of_room_types
from marketplace.pricing import queries as prices
from marketplace.pricing.quote import DAYS_A_MONTH, NoPrice, Quote, quote

PAGE_SIZE = 10
NEAR_HOSPITAL_MINUTES = 30
"""What “near a hospital” means in search: a drive of at most half an hour."""


class Sort(enum.StrEnum):
    """The order of results; nobody can pay for a place in it."""

    RELEVANCE = "relevance"
    PRICE = "price"


COUPLE = Party(adults=2)


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What a traveller looks for; ``stay`` is empty when no dates are given."""

    words: str = ""
    cluster: Cluster | None = None
    theme: Theme | None = None
    arrive: dt.date | None = None
    stay: Stay | None = None
    rooms: int = 1
    party: Party = COUPLE
    lift: bool = False
    no_steps: bool = False
    hospital: bool = False
    family: bool = False
    sort: Sort = Sort.RELEVANCE
    page: int = 1


@dataclass(frozen=True, slots=True)
class Result:
    """One listing found; ``quote`` is the cheapest room type's for the stay, if there is a stay."""

    card: ListingCard
    room_type_id: int | None
    quote: Quote | None
    from_month_fen: int
    """Without dates: thirty nights at the lowest list price ahead."""


def search(
    session: Session, *, query: SearchQuery, matrix: Matrix, index: SearchIndex
) -> Page[Result]:
    """Return one page of what fits, ten at a time; a page beyond the end is the last one.

    The matrix answers over everything; the ten shown are read and priced anew from the database,
    so that what a card says is what the quote will say.
    """
    cards = {card.id: card for card in _fitting(session, query, index)}
    best = _priced(query, matrix)
    order = [listing_id for listing_id in cards if listing_id in best]
    if query.sort is Sort.PRICE:
        order.sort(key=lambda listing_id: (best[listing_id][0], listing_id))
    pages = max(1, -(-len(order) // PAGE_SIZE))
    number = min(max(query.page, 1), pages)
    shown = order[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    items = _requote(session, query, [cards[listing_id] for listing_id in shown], best)
    return Page(items, len(order), number, PAGE_SIZE)


def _fitting(session: Session, query: SearchQuery, index: SearchIndex) -> list[ListingCard]:
    """Return the visible stays that the words and filters allow, most relevant first."""
    ids = None
    if query.words:
        ids = [hit.id for hit in index.search(query.words, kind=DocKind.LISTING)]
    return [
        card
        for card in directory.cards(session, ids)
        if card.kind is ListingKind.STAY
        and (query.cluster is None or query.cluster in card.clusters)
        and (query.theme is None or query.theme is card.theme)
        and (not query.lift or card.lift)
        and (not query.no_steps or card.no_steps)
        and (not query.hospital or _near_hospital(card))
        and (not query.family or card.family_suited)
    ]


def _near_hospital(card: ListingCard) -> bool:
    return card.hospital_minutes is not None and card.hospital_minutes <= NEAR_HOSPITAL_MINUTES


def _priced(query: SearchQuery, matrix: Matrix) -> dict[int, tuple[int, int | None]]:
    """Return {listing: (price in fen, its cheapest free room type)} of what can take the party."""
    if query.stay is None:
        lowest = matrix.lowest_rates()
        return {listing: (fen * DAYS_A_MONTH, None) for listing, fen in lowest.items()}
    found = matrix.find(
        stay=query.stay, rooms=query.rooms, adults=query.party.adults, guests=query.party.guests
    )
    best: dict[int, tuple[int, int | None]] = {}
    for listing, room_type, total in zip(
        found.listing_ids.tolist(),
        found.room_type_ids.tolist(),
        found.totals_fen.tolist(),
        strict=True,
    ):
        if listing not in best or total < best[listing][0]:
            best[listing] = (total, room_type)
    return best


def _requote(
    session: Session,
    query: SearchQuery,
    cards: list[ListingCard],
    best: Mapping[int, tuple[int, int | None]],
) -> list[Result]:
    if query.stay is None:
        return [Result(card, None, None, best[card.id][0]) for card in cards]
    rooms = {card.id: best[card.id][1] or 0 for card in cards}
    quotes = quote_many(
        session, room_type_ids=list(rooms.values()), stay=query.stay, rooms=query.rooms
    )
    return [
        Result(card, rooms[card.id], quotes[rooms[card.id]], 0)
        for card in cards
        if rooms[card.id] in quotes
    ]


def quote_many(
    session: Session, *, room_type_ids: list[int], stay: Stay, rooms: int
) -> dict[int, Quote]:
    """Return the quotes of several room types in two queries, without those that have no price."""
    rates = prices.rates_many(session, room_type_ids=room_type_ids, stay=stay)
    tiers = prices.tiers(session, room_type_ids=room_type_ids)
    quotes = {}
    for room_type_id in room_type_ids:
        try:
            quotes[room_type_id] = quote(
                stay=stay,
                rooms=rooms,
                rates=rates.get(room_type_id, {}),
                tiers=tiers.get(room_type_id, ()),
            )
        except NoPrice:
            continue
    return quotes


def free_rooms(session: Session, *, room_type_ids: list[int], stay: Stay) -> dict[int, int]:
    """Return for each room type how many rooms are free on every night, by the database's word."""
    pools = pool_of_room_types(session, room_type_ids=room_type_ids)
    free = least_free(session, pool_ids=list(pools.values()), stay=stay)
    found: dict[int, int] = defaultdict(int)
    found.update({room: free[pool] for room, pool in pools.items()})
    return found
