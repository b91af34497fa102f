"""Reads of the rehousing queue: who waits, what is free nearby, and what was offered."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from catalog.models import Enterprise, Listing, RoomType, Site
from catalog.office.models import Suspension
from catalog.vocabulary import SuspensionCause
from marketplace.booking.items import BookingItem
from marketplace.booking.models import Booking, Rehousing, RehousingOffer, first_item
from marketplace.booking.states import (
    REHOUSING_OPEN,
    BookingState,
    Channel,
    RehousingState,
)
from marketplace.kernel.errors import NotFound
from marketplace.kernel.pagination import Page
from marketplace.offers.matrix.matrix import Matrix
from marketplace.offers.search.search_service import equivalents
from marketplace.offers.search.search_types import (
    Access,
    Dates,
    Filters,
    Near,
    Provenance,
    Result,
    SearchQuery,
    Sort,
)

PAGE_SIZE = 25
MOST_CANDIDATES = 12


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A booking that waits, or that was settled."""

    id: int
    booking_code: str
    booking_state: BookingState
    channel: Channel
    state: RehousingState
    cause: SuspensionCause
    enterprise_code: str
    listing_zh: str
    listing_en: str
    check_in: dt.date
    check_out: dt.date
    rooms: int
    """Of all types that were booked."""
    guests: int
    opened_at: dt.datetime
    offered_at: dt.datetime | None
    ended_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class OfferRow:
    """A room that was offered; sums in fen, distance in kilometres town to town."""

    id: int
    room_type_id: int
    listing_id: int
    listing_zh: str
    listing_en: str
    room_zh: str
    room_en: str
    enterprise_zh: str
    enterprise_en: str
    town_zh: str
    town_en: str
    is_sample: bool
    total_fen: int
    km: float
    back_fen: int
    """What the guest gets back when it costs less than was agreed."""
    ours_fen: int
    """What we add, before our commission, when it costs more."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One booking of the queue with whom to call and what was offered."""

    row: QueueRow
    booking_id: str
    lead_name: str
    phone: str
    total_fen: int
    listing_id: int
    several: bool
    """It has rooms of several types: other places for all of them are found by telephone."""
    offers: tuple[OfferRow, ...]


_EACH = aliased(BookingItem)


def _of_all(what: sa.SQLColumnExpression[int]) -> sa.ScalarSelect[int]:
    """Return the sum over all items of a booking."""
    return sa.select(sa.func.sum(what)).where(_EACH.booking_id == Booking.id).scalar_subquery()


_COLUMNS = (
    Rehousing.id,
    Booking.code,
    Booking.state,
    Booking.channel,
    Rehousing.state,
    Suspension.cause,
    Enterprise.code,
    Listing.name_zh,
    Listing.name_en,
    Booking.starts_on,
    Booking.ends_on,
    _of_all(_EACH.units),
    _of_all(_EACH.adults + sa.func.json_array_length(_EACH.children_ages)),
    Rehousing.opened_at,
    Rehousing.offered_at,
    Rehousing.ended_at,
)


def _rows(*more: Any) -> sa.Select[Any]:
    columns: list[Any] = [*_COLUMNS, *more]
    statement = sa.select(*columns)
    return (
        statement.join(Booking, Booking.id == Rehousing.booking_id)
        .join(BookingItem, first_item())
        .join(Suspension, Suspension.id == Rehousing.suspension_id)
        .join(Enterprise, Enterprise.id == Suspension.enterprise_id)
        .join(Listing, Listing.id == BookingItem.listing_id)
    )


def queue_page(session: Session, *, ended: bool, page: int) -> Page[QueueRow]:
    """Return who waits, the nearest arrival first; or what was settled, the newest first."""
    where = Rehousing.state.not_in(REHOUSING_OPEN) if ended else Rehousing.state.in_(REHOUSING_OPEN)
    total = session.scalar(sa.select(sa.func.count()).select_from(Rehousing).where(where)) or 0
    number = min(max(page, 1), max(1, -(-total // PAGE_SIZE)))
    order = Rehousing.ended_at.desc() if ended else Rehousing.check_in
    rows = session.execute(
        _rows()
        .where(where)
        .order_by(order, Rehousing.id)
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    )
    return Page([QueueRow(*row) for row in rows], total, number, PAGE_SIZE)


def waiting_of(session: Session, enterprise_id: int) -> int:
    """Return how many guests of an enterprise wait for another place."""
    found = session.scalar(
        sa.select(sa.func.count(Rehousing.id))
        .join(Suspension, Suspension.id == Rehousing.suspension_id)
        .where(Suspension.enterprise_id == enterprise_id, Rehousing.state.in_(REHOUSING_OPEN))
    )
    return found or 0


def waiting(session: Session, *, rehousing_id: int) -> Waiting:
    """Return one booking of the queue; raises ``NotFound``."""
    found = session.execute(
        _rows(Booking, BookingItem.listing_id).where(Rehousing.id == rehousing_id)
    ).one_or_none()
    if found is None:
        raise NotFound
    booking: Booking = found.Booking
    return Waiting(
        row=QueueRow(*found[: len(_COLUMNS)]),
        booking_id=booking.id,
        lead_name=booking.lead_name or "",
        phone=booking.phone or "",
        total_fen=booking.total_fen,
        listing_id=found.listing_id,
        several=not booking.is_one_room,
        offers=_offers(session, Rehousing.id == rehousing_id),
    )


def offered_to(session: Session, *, booking_id: str) -> tuple[OfferRow, ...]:
    """Return the rooms a guest may choose from now, the nearest first; empty without any."""
    return _offers(
        session,
        sa.and_(Rehousing.booking_id == booking_id, Rehousing.state == RehousingState.OFFERED),
    )


def _offers(session: Session, where: sa.ColumnElement[bool]) -> tuple[OfferRow, ...]:
    rows = session.execute(
        sa.select(
            RehousingOffer.id,
            RehousingOffer.room_type_id,
            Listing.id.label("listing_id"),
            Listing.name_zh.label("listing_zh"),
            Listing.name_en.label("listing_en"),
            RoomType.name_zh.label("room_zh"),
            RoomType.name_en.label("room_en"),
            Enterprise.name_zh.label("enterprise_zh"),
            Enterprise.name_en.label("enterprise_en"),
            Site.town_zh,
            Site.town_en,
            Listing.is_sample,
            RehousingOffer.total_fen,
            RehousingOffer.km,
            Booking.total_fen.label("agreed_fen"),
        )
        .join(Rehousing, Rehousing.id == RehousingOffer.rehousing_id)
        .join(Booking, Booking.id == Rehousing.booking_id)
        .join(RoomType, RoomType.id == RehousingOffer.room_type_id)
        .join(Listing, Listing.id == RoomType.listing_id)
        .join(Enterprise, Enterprise.id == Listing.enterprise_id)
        .join(Site, Site.id == Listing.site_id)
        .where(where)
        .order_by(RehousingOffer.km, RehousingOffer.total_fen, RehousingOffer.id)
    )
    found = []
    for row in rows.mappings():
        facts = dict(row)
        agreed = facts.pop("agreed_fen")
        facts["back_fen"] = max(0, agreed - row["total_fen"])
        facts["ours_fen"] = max(0, row["total_fen"] - agreed)
        found.append(OfferRow(**facts))
    return tuple(found)


def candidates(session: Session, *, booking_id: str, matrix: Matrix) -> list[Result]:
    """Return what is free for a booking's nights and people, the nearest places first.

    Sample guests are shown sample places and real ones real places.

    Raises:
        NotFound. SeveralItems: it has rooms of several types.
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
    room = booking.room
    query = SearchQuery(
        filters=Filters(
            access=frozenset(fact for fact in Access if getattr(listing, fact.value)),
            provenance=Provenance.SAMPLE if listing.is_sample else Provenance.REAL,
        ),
        dates=Dates.exactly(room.days),
        rooms=room.units,
        party=room.selection.party,
        near=Near("", site.town_zh, site.town_en, site.lat, site.lon, site.coord_error_km),
        sort=Sort.NEAR,
    )
    return equivalents(session, query=query, matrix=matrix, most=MOST_CANDIDATES)
