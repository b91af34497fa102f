"""What a partner reads of its own bookings: only its own, and test apart from live."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Listing
from marketplace.booking.models import Booking, BookingNight
from marketplace.kernel.changes import BOOKING, Change
from marketplace.kernel.errors import NotFound
from marketplace.partners.keys import Caller

MOST_BY_REFERENCE = 100


@dataclass(frozen=True, slots=True)
class SoldNight:
    """One night of all rooms, in fen."""

    day: dt.date
    list_fen: int
    sold_fen: int


@dataclass(frozen=True, slots=True)
class Sale:
    """A partner's booking; nothing personal of the guest is in it."""

    booking: Booking
    nights: tuple[SoldNight, ...]
    is_sample: bool


@dataclass(frozen=True, slots=True)
class Event:
    """One change of state of a partner's booking."""

    number: int
    booking_id: str
    external_ref: str | None
    state: str
    at: dt.datetime


def mine(caller: Caller) -> tuple[sa.ColumnElement[bool], ...]:
    """Return what holds of the bookings that ``caller`` may see."""
    return (Booking.partner_id == caller.partner_id, Booking.test.is_(caller.test))


def sale(session: Session, *, caller: Caller, booking_id: str) -> Sale:
    """Return one booking; anybody else's looks as if it did not exist.

    Raises:
        NotFound: no booking of this caller has this id.
    """
    found = session.scalars(
        sa.select(Booking).where(Booking.id == booking_id, *mine(caller))
    ).one_or_none()
    if found is None:
        raise NotFound
    return describe(session, [found])[0]


def sales_by_reference(session: Session, *, caller: Caller, external_ref: str) -> list[Sale]:
    """Return the newest hundred bookings made under the partner's reference, newest first."""
    found = session.scalars(
        sa.select(Booking)
        .where(Booking.external_ref == external_ref, *mine(caller))
        .order_by(Booking.placed_at.desc(), Booking.id)
        .limit(MOST_BY_REFERENCE)
    ).all()
    return describe(session, found)


def describe(session: Session, bookings: Sequence[Booking]) -> list[Sale]:
    """Return bookings with their nights and whether they are of sample listings: two queries."""
    rows = session.execute(
        sa.select(
            BookingNight.booking_id,
            BookingNight.day,
            BookingNight.list_fen,
            BookingNight.sold_fen,
        )
        .where(BookingNight.booking_id.in_([booking.id for booking in bookings]))
        .order_by(BookingNight.day)
    )
    nights: dict[str, list[SoldNight]] = defaultdict(list)
    for row in rows:
        nights[row.booking_id].append(SoldNight(row.day, row.list_fen, row.sold_fen))
    listing_ids = {booking.listing_id for booking in bookings}
    samples = session.execute(
        sa.select(Listing.id, Listing.is_sample).where(Listing.id.in_(listing_ids))
    )
    sample = {row.id: row.is_sample for row in samples}
    return [
        Sale(booking, tuple(nights[booking.id]), sample[booking.listing_id]) for booking in bookings
    ]


def events(session: Session, *, caller: Caller, after: int, limit: int) -> list[Event]:
    """Return the changes of the caller's bookings numbered above ``after``, in order."""
    rows = session.execute(
        sa.select(Change.number, Booking.id, Booking.external_ref, Change.detail, Change.at)
        .join(Booking, Booking.id == Change.entity_id)
        .where(Change.kind == BOOKING, Change.number > after, *mine(caller))
        .order_by(Change.number)
        .limit(limit)
    )
    return [Event(row[0], row[1], row[2], row[3]["state"], row[4]) for row in rows]
