"""Other places for a booking whose house was stopped: what is free nearby, and what was offered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Enterprise, Listing, RoomType, Site
from catalog.views import ListingCard
from marketplace.booking.items import BookingItem
from marketplace.booking.models import Booking, OfferedRoom, Rehousing, RehousingOffer, first_item
from marketplace.booking.states import RehousingState, SeveralHouses
from marketplace.kernel.errors import NotFound
from marketplace.offers.matrix.matrix import Matrix
from marketplace.offers.search.equivalents import PlaceInstead, equivalents
from marketplace.offers.search.search_types import (
    Access,
    Dates,
    Filters,
    Near,
    Provenance,
    SearchQuery,
    Sort,
)
from marketplace.pricing.nights.selection import Party

MOST_CANDIDATES = 12


@dataclass(frozen=True, slots=True)
class RoomAt:
    """The room type of another place for one item of a booking; sums in fen for all its units."""

    item: int
    """The number of the item."""
    room_type_id: int
    name_zh: str
    name_en: str
    units: int
    party: Party
    """Who sleeps in them."""
    total_fen: int
    """What its operator asks."""
    agreed_fen: int
    """What was agreed for the item."""

    @property
    def back_fen(self) -> int:
        """What the guest gets back when it costs less than was agreed."""
        return max(0, self.agreed_fen - self.total_fen)

    @property
    def ours_fen(self) -> int:
        """What we add, before our commission, when it costs more."""
        return max(0, self.total_fen - self.agreed_fen)


@dataclass(frozen=True, slots=True)
class Rooms:
    """The rooms of another place, one for each item of a booking in their order; sums in fen."""

    each: tuple[RoomAt, ...]

    @property
    def total_fen(self) -> int:
        """What their operator asks for all of them."""
        return sum(room.total_fen for room in self.each)

    @property
    def back_fen(self) -> int:
        """What the guest gets back for those that cost less than was agreed."""
        return sum(room.back_fen for room in self.each)

    @property
    def ours_fen(self) -> int:
        """What we add, before our commission, for those that cost more."""
        return sum(room.ours_fen for room in self.each)


@dataclass(frozen=True, slots=True)
class OfferRow:
    """Rooms of a place that were offered; distance in kilometres town to town."""

    id: int
    listing_id: int
    listing_zh: str
    listing_en: str
    enterprise_zh: str
    enterprise_en: str
    town_zh: str
    town_en: str
    is_sample: bool
    km: float
    rooms: Rooms


@dataclass(frozen=True, slots=True)
class Place:
    """A place nearby that has rooms for everybody on the nights booked."""

    card: ListingCard
    km: float
    rooms: Rooms


def offered_to(session: Session, *, booking_id: str) -> tuple[OfferRow, ...]:
    """Return the places a guest may choose from now, the nearest first; empty without any."""
    return offers(
        session,
        sa.and_(Rehousing.booking_id == booking_id, Rehousing.state == RehousingState.OFFERED),
    )


def offers(session: Session, where: sa.ColumnElement[bool]) -> tuple[OfferRow, ...]:
    """Return what was offered in rehousings that ``where`` is true of, the nearest first."""
    rows = session.execute(
        sa.select(
            RehousingOffer.id,
            RehousingOffer.km,
            OfferedRoom.item,
            OfferedRoom.room_type_id,
            OfferedRoom.total_fen,
            BookingItem,
            RoomType.name_zh.label("room_zh"),
            RoomType.name_en.label("room_en"),
            Listing.id.label("listing_id"),
            Listing.name_zh.label("listing_zh"),
            Listing.name_en.label("listing_en"),
            Listing.is_sample,
            Enterprise.name_zh.label("enterprise_zh"),
            Enterprise.name_en.label("enterprise_en"),
            Site.town_zh,
            Site.town_en,
        )
        .join(Rehousing, Rehousing.id == RehousingOffer.rehousing_id)
        .join(OfferedRoom, OfferedRoom.offer_id == RehousingOffer.id)
        .join(
            BookingItem,
            sa.and_(
                BookingItem.booking_id == Rehousing.booking_id,
                BookingItem.number == OfferedRoom.item,
            ),
        )
        .join(RoomType, RoomType.id == OfferedRoom.room_type_id)
        .join(Listing, Listing.id == RoomType.listing_id)
        .join(Enterprise, Enterprise.id == Listing.enterprise_id)
        .join(Site, Site.id == Listing.site_id)
        .where(where)
        .order_by(RehousingOffer.id, OfferedRoom.item)
    ).all()
    rooms: dict[int, list[RoomAt]] = {}
    for row in rows:
        room = _room_at(
            row.BookingItem, row.room_type_id, (row.room_zh, row.room_en), row.total_fen
        )
        rooms.setdefault(row.id, []).append(room)
    found = {
        row.id: OfferRow(
            id=row.id,
            listing_id=row.listing_id,
            listing_zh=row.listing_zh,
            listing_en=row.listing_en,
            enterprise_zh=row.enterprise_zh,
            enterprise_en=row.enterprise_en,
            town_zh=row.town_zh,
            town_en=row.town_en,
            is_sample=row.is_sample,
            km=row.km,
            rooms=Rooms(tuple(rooms[row.id])),
        )
        for row in rows
    }
    return tuple(
        sorted(found.values(), key=lambda offer: (offer.km, offer.rooms.total_fen, offer.id))
    )


def candidates(session: Session, *, booking_id: str, matrix: Matrix) -> list[Place]:
    """Return where all rooms of a booking find a place on their nights, the nearest first.

    Sample guests are shown sample places and real ones real places.

    Raises:
        NotFound. SeveralHouses: its rooms are not of one house.
    """
    found = session.execute(
        sa.select(Booking, Listing, Site)
        .select_from(Booking)
        .join(BookingItem, first_item())
        .join(Listing, Listing.id == BookingItem.listing_id)
        .join(Site, Site.id == Listing.site_id)
        .where(Booking.id == booking_id)
    ).one_or_none()
    if found is None:
        raise NotFound
    booking, listing, site = found
    if not booking.is_of_one_house:
        raise SeveralHouses
    queries = [
        SearchQuery(
            filters=Filters(
                access=frozenset(fact for fact in Access if getattr(listing, fact.value)),
                provenance=Provenance.SAMPLE if listing.is_sample else Provenance.REAL,
            ),
            dates=Dates.exactly(item.days),
            rooms=item.units,
            party=item.selection.party,
            near=Near("", site.town_zh, site.town_en, site.lat, site.lon, site.coord_error_km),
            sort=Sort.NEAR,
        )
        for item in booking.items
    ]
    places = equivalents(session, queries=queries, matrix=matrix, most=MOST_CANDIDATES)
    return _named(session, booking.items, places)


def _named(
    session: Session, items: Sequence[BookingItem], places: Sequence[PlaceInstead]
) -> list[Place]:
    ids = {room.room_type_id for place in places for room in place.rooms}
    rows = session.execute(
        sa.select(RoomType.id, RoomType.name_zh, RoomType.name_en).where(RoomType.id.in_(ids))
    )
    names = {row.id: (row.name_zh, row.name_en) for row in rows}
    return [
        Place(
            card=place.card,
            km=place.distance.km if place.distance else 0.0,
            rooms=Rooms(
                tuple(
                    _room_at(
                        item, room.room_type_id, names[room.room_type_id], room.quote.total_fen
                    )
                    for item, room in zip(items, place.rooms, strict=True)
                )
            ),
        )
        for place in places
    ]


def _room_at(
    item: BookingItem, room_type_id: int, names: tuple[str, str], total_fen: int
) -> RoomAt:
    return RoomAt(
        item=item.number,
        room_type_id=room_type_id,
        name_zh=names[0],
        name_en=names[1],
        units=item.units,
        party=item.selection.party,
        total_fen=total_fen,
        agreed_fen=item.total_fen,
    )
