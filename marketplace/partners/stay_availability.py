"""What partners ask before they book: what is free, night by night, and for how much."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from catalog import season
from catalog.directory.listing_parts import room_types
from catalog.queries import cards
from catalog.service import on_sale
from catalog.vocabulary import Cluster, ListingKind
from marketplace.inventory.queries import month
from marketplace.kernel.errors import Invalid, NotFound
from marketplace.kernel.messages import Message
from marketplace.kernel.stay import Stay
from marketplace.offers.matrix.arrays import Flags, Ints
from marketplace.offers.matrix.matrix import MOST_FREE, Found, Matrix
from marketplace.offers.quoting.room_queries import pool_of_room_types
from marketplace.offers.quoting.stay_offers import (
    CHILD_WHEN_UNSAID,
)
from marketplace.offers.search.search_service import free_rooms, quote_many
from marketplace.offers.search.stay_facts import ROW_OF
from marketplace.pricing import queries as prices
from marketplace.pricing.nights.quote import Ask
from marketplace.pricing.nights.restrictions import DayRule
from marketplace.pricing.nights.selection import Party
from marketplace.pricing.nights.terms import Terms

LONGEST_ARI_DAYS = 400


@dataclass(frozen=True, slots=True)
class FreeRoomType:
    """A room type that is free on every night; ``total_fen`` is for all the rooms asked for."""

    room_type_id: int
    listing_id: int
    left: int
    total_fen: int


@dataclass(frozen=True, slots=True)
class Guests:
    """Who looks for rooms: ages are of each child, or ``None`` while only their number is known."""

    adults: int
    children: int = 0
    ages: tuple[int, ...] | None = None

    @property
    def exact(self) -> bool:
        """Whether a price for them is exact: nobody's age is open."""
        return self.ages is not None or not self.children

    @property
    def party(self) -> Party:
        """The people as the matrix reads them: every child takes a place, of whatever age."""
        ages = (CHILD_WHEN_UNSAID,) * self.children if self.ages is None else self.ages
        return Party(self.adults, ages)


@dataclass(frozen=True, slots=True)
class Only:
    """What alone is looked through; nothing said, everything."""

    listing_id: int | None = None
    room_type_id: int | None = None
    cluster: Cluster | None = None


@dataclass(frozen=True, slots=True)
class RoomsWanted:
    """What rooms are looked for."""

    stay: Stay
    rooms: int
    guests: Guests
    only: Only = Only()


@dataclass(frozen=True, slots=True)
class Night:
    """One night of one room; ``list_fen`` is ``None`` when it has no price."""

    day: dt.date
    left: int
    list_fen: int | None
    closed: bool
    rule: DayRule
    """What is asked of stays on this date besides the listing's own limits."""


@dataclass(frozen=True, slots=True)
class RoomNights:
    """The nights of a room type, and the terms that make their prices the price of a stay."""

    room_type_id: int
    tariff_id: int | None
    terms: Terms
    nights: tuple[Night, ...]


@dataclass(frozen=True, slots=True)
class ListingNights:
    """The nights of all room types of a listing, with the rule of how long one may stay."""

    listing_id: int
    is_sample: bool
    min_nights: int
    max_nights: int
    rooms: tuple[RoomNights, ...]


def availability(
    session: Session,
    *,
    matrix: Matrix,
    wanted: RoomsWanted,
    after: int,
    limit: int,
) -> list[FreeRoomType]:
    """Return the next room types free on every night, by id; none is the end.

    All of it is the matrix's word, at most a second old; the booking decides. Without the ages of
    children a total is the least that any ages would cost, which the matrix does not know: then it
    says where to look, and what is returned is read and priced by the engine. A page may be shorter
    than ``limit`` for that reason.
    """
    stay, rooms, guests = wanted.stay, wanted.rooms, wanted.guests
    columns, totals = matrix.free_on(stay, rooms, guests.party)
    pools = matrix.pools
    found = Found(pools.listing_ids[columns], pools.room_type_ids[columns], totals)
    among = _among(matrix, found, wanted.only)
    if guests.exact:
        among &= found.room_type_ids > after
        order = np.argsort(found.room_type_ids[among])[:limit]
        return _by_memory(matrix, stay, columns[among][order], totals[among][order])
    listing_of = dict(
        zip(found.room_type_ids[among].tolist(), found.listing_ids[among].tolist(), strict=True)
    )
    waiting = sorted(room for room in listing_of if room > after)
    ask = Ask(stay, matrix.first_day, rooms, guests.party)
    for begin in range(0, len(waiting), limit):
        asked = waiting[begin : begin + limit]
        left = free_rooms(session, room_type_ids=asked, stay=stay)
        quotes = quote_many(session, room_type_ids=asked, ask=ask, ages_known=guests.exact)
        listings = {listing_of[room] for room in asked}
        selling = on_sale(session, listing_ids=listings, today=matrix.first_day)
        items = [
            FreeRoomType(room, listing_of[room], left[room], quotes[room].total_fen)
            for room in asked
            if left[room] >= rooms and room in quotes and listing_of[room] in selling
        ]
        if items:
            return items
    return []


def _by_memory(matrix: Matrix, stay: Stay, columns: Ints, totals: Ints) -> list[FreeRoomType]:
    begin = (stay.check_in - matrix.first_day).days
    left = matrix.free[begin : begin + stay.nights, columns].min(axis=0, initial=MOST_FREE)
    each = (matrix.pools.room_type_ids[columns], matrix.pools.listing_ids[columns], left, totals)
    return [FreeRoomType(*one) for one in zip(*(array.tolist() for array in each), strict=True)]


def _among(matrix: Matrix, found: Found, only: Only) -> Flags:
    """Return which of the pools found are among what is looked through."""
    among = np.ones(len(found.room_type_ids), np.bool_)
    if only.listing_id is not None:
        among &= found.listing_ids == only.listing_id
    if only.room_type_id is not None:
        among &= found.room_type_ids == only.room_type_id
    if only.cluster is not None:
        rows, _ = matrix.facts.places(found.listing_ids)
        among &= matrix.facts.flags[ROW_OF["cluster", only.cluster]][rows]
    return among


def nights(
    session: Session, *, listing_id: int, first: dt.date, last: dt.date, today: dt.date
) -> ListingNights:
    """Return every night of [first, last) of a listing on show, room type by room type.

    A night that cannot be sold (closed, out of season, without stock or price, or past) is
    ``closed`` with none left, and so are all nights of a house that may not sell today.

    Raises:
        NotFound: no such stay is on show. Invalid: the days are reversed or more than 400.
    """
    if not 1 <= (last - first).days <= LONGEST_ARI_DAYS:
        said = "结束日期要在开始日期之后，最长 %(most)s 天"
        raise Invalid({"to": Message(said, most=LONGEST_ARI_DAYS)})
    shown = [card for card in cards(session, [listing_id]) if card.kind is ListingKind.STAY]
    if not shown:
        raise NotFound
    rooms = [room.id for room in room_types(session, [listing_id])]
    pools = pool_of_room_types(session, room_type_ids=rooms)
    stock = month(session, pool_ids=list(pools.values()), first=first, last=last)
    plans = prices.plans(session, room_type_ids=rooms, first=first, last=last)
    selling = bool(on_sale(session, listing_ids=[listing_id], today=today))
    days = [first + dt.timedelta(days=offset) for offset in range((last - first).days)]

    def night(room: int, day: dt.date) -> Night:
        held = stock.get(pools.get(room, 0), {}).get(day)
        fen = plans[room].rates.get(day)
        sold = selling and held is not None and not held.closed and fen is not None
        sold = sold and day >= today
        sold = sold and season.is_open(shown[0].opens, shown[0].closes, day)
        left = held.free if held and sold else 0
        return Night(day, left, fen, not sold, plans[room].rules.get(day, DayRule()))

    return ListingNights(
        listing_id,
        shown[0].is_sample,
        shown[0].min_nights,
        shown[0].max_nights,
        tuple(
            RoomNights(
                room,
                plans[room].tariff_id,
                plans[room].terms,
                tuple(night(room, day) for day in days),
            )
            for room in rooms
        ),
    )
