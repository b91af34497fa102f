"""A quote over stock and price: may this party stay these nights here, and for how much?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog import season
from catalog.models import Listing, RoomType
from catalog.states import ListingStatus
from catalog.vocabulary import ListingKind
from marketplace.inventory.models import StockPool
from marketplace.kernel.db import table_of
from marketplace.kernel.errors import DomainError, Invalid, NotFound
from marketplace.kernel.stay import LONGEST_NIGHTS, Stay
from marketplace.pricing import queries as prices
from marketplace.pricing.quote import Quote, quote

MOST_ROOMS = 9
OLDEST_CHILD = 17
OUT_OF_SEASON = (
    "这里每年%(opens_month)s月%(opens_day)s日到%(closes_month)s月%(closes_day)s日开放，"
    "您选的日子有的不在里面，请换日期"
)


class NotBookable(DomainError):
    """The room type, the listing or its operator cannot be booked now."""

    code = "not_bookable"
    http_status = 422
    message = "这处住宿现在不能预订，请看看别处，或打电话给我们"


@dataclass(frozen=True, slots=True)
class Party:
    """Who stays: adults, and children by age in years."""

    adults: int
    children_ages: tuple[int, ...] = ()

    @property
    def guests(self) -> int:
        """How many people."""
        return self.adults + len(self.children_ages)


@dataclass(frozen=True, slots=True)
class Offer:
    """One room type with what is needed to sell it."""

    room_type_id: int
    listing_id: int
    enterprise_id: int
    pool_id: int
    kind: ListingKind
    status: ListingStatus
    min_nights: int
    max_nights: int
    max_adults: int
    max_guests: int
    opens: str = ""
    """First day of the season as MM-DD; empty where it is open all year."""
    closes: str = ""


_ROOM, _LISTING, _POOL = table_of(RoomType), table_of(Listing), table_of(StockPool)
_OFFER = (
    sa.select(
        _ROOM.c.id.label("room_type_id"),
        _ROOM.c.listing_id,
        _LISTING.c.enterprise_id,
        _POOL.c.id.label("pool_id"),
        _LISTING.c.kind,
        _LISTING.c.status,
        _LISTING.c.min_nights,
        _LISTING.c.max_nights,
        _ROOM.c.max_adults,
        _ROOM.c.max_guests,
        _LISTING.c.opens,
        _LISTING.c.closes,
    )
    .join(_LISTING, _LISTING.c.id == _ROOM.c.listing_id)
    .join(_POOL, _POOL.c.room_type_id == _ROOM.c.id)
    .where(_ROOM.c.id == sa.bindparam("room"))
)


def find_offer(session: Session, *, room_type_id: int) -> Offer:
    """Return what is sold as ``room_type_id``.

    Raises:
        NotFound: there is no such room type, or nothing was ever put on sale for it.
    """
    found = session.connection().execute(_OFFER, {"room": room_type_id})
    row = found.mappings().one_or_none()
    if row is None:
        raise NotFound
    return Offer(**row)


def make_stay(arrive: dt.date, nights: int, *, today: dt.date) -> Stay:
    """Return the stay asked for.

    Raises:
        Invalid: it begins in the past, or has no nights or too many.
    """
    faults = {}
    if arrive < today:
        faults["arrive"] = "到达日期已经过去，请选今天或以后的日期"
    if not 1 <= nights <= LONGEST_NIGHTS:
        faults["nights"] = "请写 1 到 120 之间的晚数"
    if faults:
        raise Invalid(faults)
    return Stay.of(arrive, nights)


def check_rules(offer: Offer, *, stay: Stay, rooms: int, party: Party) -> None:
    """Refuse what the listing's own rules do not allow, naming the rule.

    Raises:
        NotBookable: the listing is not on sale, or not a stay.
        Invalid: too few or too many nights, rooms or people, or a night outside the season.
    """
    if offer.status is not ListingStatus.PUBLISHED or offer.kind is not ListingKind.STAY:
        raise NotBookable
    faults = _length_faults(offer, stay) | _party_faults(offer, rooms, party)
    faults |= _season_faults(offer, stay)
    if faults:
        opens, closes = season.number_of(offer.opens), season.number_of(offer.closes)
        raise Invalid(
            faults,
            min_nights=offer.min_nights,
            max_nights=offer.max_nights,
            max_rooms=MOST_ROOMS,
            max_guests=offer.max_guests,
            max_adults=offer.max_adults,
            opens_month=opens // 100,
            opens_day=opens % 100,
            closes_month=closes // 100,
            closes_day=closes % 100,
        )


def _length_faults(offer: Offer, stay: Stay) -> dict[str, str]:
    if stay.nights < offer.min_nights:
        return {"nights": "这里最少住 %(min_nights)s 晚"}
    if stay.nights > offer.max_nights:
        return {"nights": "这里最多住 %(max_nights)s 晚"}
    return {}


def _season_faults(offer: Offer, stay: Stay) -> dict[str, str]:
    if all(season.is_open(offer.opens, offer.closes, night) for night in stay.days()):
        return {}
    return {"arrive": OUT_OF_SEASON}


def _party_faults(offer: Offer, rooms: int, party: Party) -> dict[str, str]:
    if not 1 <= rooms <= MOST_ROOMS:
        return {"rooms": "一次可以订 1 到 %(max_rooms)s 间"}
    faults = {}
    if not 1 <= party.adults <= offer.max_adults * rooms:
        faults["adults"] = "每间最多住 %(max_adults)s 位大人，请加房间或减人"
    elif party.guests > offer.max_guests * rooms:
        faults["adults"] = "每间最多住 %(max_guests)s 人，请加房间或减人"
    if any(not 0 <= age <= OLDEST_CHILD for age in party.children_ages):
        faults["children"] = "孩子的年龄请写 0 到 17 之间的整数"
    return faults


def price(session: Session, *, room_type_id: int, stay: Stay, rooms: int) -> Quote:
    """Return the itemised price of a stay; raises ``NoPrice`` when a night is not on sale."""
    return quote(
        stay=stay,
        rooms=rooms,
        rates=prices.rates(session, room_type_id=room_type_id, stay=stay),
        tiers=prices.tiers(session, room_type_ids=[room_type_id]).get(room_type_id, ()),
    )
