"""Reads of the rehousing queue: who waits, and what was offered to them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from catalog.models import Enterprise, Listing
from catalog.office.models import Suspension
from catalog.vocabulary import SuspensionCause
from marketplace.booking.items import BookingItem
from marketplace.booking.models import Booking, Rehousing, first_item
from marketplace.booking.rehousing.rehousing_places import OfferRow, offers
from marketplace.booking.states import REHOUSING_OPEN, BookingState, Channel, RehousingState
from marketplace.kernel.errors import NotFound
from marketplace.kernel.pagination import Page

PAGE_SIZE = 25


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
class Waiting:
    """One booking of the queue with whom to call and what was offered."""

    row: QueueRow
    booking_id: str
    lead_name: str
    phone: str
    total_fen: int
    listing_id: int
    of_one_house: bool
    """Else other places for its rooms are found by telephone."""
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
        of_one_house=booking.is_of_one_house,
        offers=offers(session, Rehousing.id == rehousing_id),
    )
