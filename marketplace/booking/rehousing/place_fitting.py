"""Whether the rooms of another place take a booking, at what price, and how far away they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.geography.rules import distance_km
from catalog.models import Listing, RoomType, Site
from catalog.service import require_for_sale
from marketplace.booking.items import BookingItem
from marketplace.booking.models import Booking, OfferedRoom
from marketplace.inventory.claim_changes import summed
from marketplace.inventory.queries import least_free
from marketplace.inventory.service import SoldOut, Want
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.errors import DomainError, Invalid, NotFound
from marketplace.offers.quoting.stay_offers import Offer, Priced, check_rules, find_offers, price
from marketplace.pricing.nights.quote import Ask


def offered_rooms(
    session: Session, booking: Booking, place: Sequence[int], now: dt.datetime
) -> list[OfferedRoom]:
    """Return the rooms of a place that can take the booking, or say that they cannot.

    Raises:
        Invalid: they are no place, do not fit, or are not free.
    """
    try:
        found = rooms_of(session, booking, place)
        house = found[0]
        require_for_sale(
            session, enterprise_id=house.enterprise_id, wares=house.wares, today=shanghai_date(now)
        )
        for item, room in zip(booking.items, found, strict=True):
            check_rules(room, _ask(item, now))
        for want in wants_at(booking, found):
            free = least_free(session, pool_ids=[want.pool_id], stay=want.stay)
            if free[want.pool_id] < want.units:
                raise SoldOut(pools=[want.pool_id])
        return [
            OfferedRoom(
                item=item.number,
                room_type_id=room.room_type_id,
                total_fen=price_now(session, room, item, now).quote.total_fen,
            )
            for item, room in zip(booking.items, found, strict=True)
        ]
    except DomainError as error:
        raise Invalid({"rooms": "选中的房间里有已经不能订的，请刷新后重选"}) from error


def rooms_of(session: Session, booking: Booking, place: Sequence[int]) -> list[Offer]:
    """Return what is sold as the rooms of a place; raises ``NotFound`` where they are no place."""
    found = find_offers(session, room_type_ids=place)
    if len(found) != len(booking.items) or len({room.listing_id for room in found}) != 1:
        raise NotFound
    return found


def wants_at(booking: Booking, found: Sequence[Offer]) -> list[Want]:
    """Return what the items would take of the new pools; none overlaps another in its pool."""
    wants = [
        Want(room.pool_id, item.days, item.units)
        for item, room in zip(booking.items, found, strict=True)
    ]
    return wants if len(wants) == 1 else summed(wants)


def price_now(session: Session, room: Offer, item: BookingItem, now: dt.datetime) -> Priced:
    """Return what a room costs for an item; restrictions are left aside, meals and beds too.

    Raises:
        NoPrice: a night is not on sale.
    """
    return price(session, room_type_id=room.room_type_id, ask=_ask(item, now), bound=False)


def _ask(item: BookingItem, now: dt.datetime) -> Ask:
    """Return what the new room must take; meals and beds of the old place are not asked for."""
    return Ask(item.days, shanghai_date(now), item.units, item.selection.party)


def kilometres(session: Session, booking: Booking, rooms: Sequence[int]) -> dict[int, float]:
    """Return how far each room is from the booked place, by their sites."""
    booked = booking.items[0].room_type_id
    sites = session.execute(
        sa.select(RoomType.id, Site.lat, Site.lon)
        .join(Listing, Listing.id == RoomType.listing_id)
        .join(Site, Site.id == Listing.site_id)
        .where(RoomType.id.in_([*rooms, booked]))
    )
    points = {row.id: (row.lat, row.lon) for row in sites}
    here = points[booked]
    return {room: round(distance_km(*here, *points[room]), 1) for room in rooms}
