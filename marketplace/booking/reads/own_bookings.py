"""The bookings that a traveller's own device knows, in a list: few queries, however many."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import RoomType
from catalog.queries import cards
from catalog.views import ListingCard
from marketplace.booking.changes.change_queries import ChangeView
from marketplace.booking.items import BookingItem
from marketplace.booking.models import Booking
from marketplace.booking.rehousing import rehousing_status
from marketplace.booking.states import BookingState, Channel, RehousingState
from marketplace.payments.queries import PaymentView, payments_by_booking
from marketplace.payments.states import PaymentState
from marketplace.pricing.nights.selection import Party

AHEAD = {BookingState.HELD, BookingState.CONFIRMED, BookingState.IN_STAY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands:
    """What tells where a booking stands, in a list as on its own page."""

    id: str
    state: BookingState
    channel: Channel
    check_in: dt.date
    check_out: dt.date
    total_fen: int
    expires_at: dt.datetime
    payments: tuple[PaymentView, ...]
    """The attempts to pay for it and for its changes, oldest first."""
    rehousing: RehousingState | None
    """How the search for another place stands while the enterprise is suspended."""

    @property
    def nights(self) -> int:
        """How many nights."""
        return (self.check_out - self.check_in).days

    @property
    def wrong_amount(self) -> bool:
        """Whether money of another amount than ordered waits or was sent back."""
        return any(payment.wrong_amount for payment in self.payments)

    def is_live_hold(self, now: dt.datetime) -> bool:
        """Whether it is held and the time promised still runs, so that it can be paid."""
        return self.state is BookingState.HELD and now < self.expires_at

    def tries(self, change: ChangeView | None = None) -> tuple[PaymentView, ...]:
        """Return the attempts to pay for the booking itself, or for one change of it."""
        subject_id = change.id if change is not None else self.id
        return tuple(each for each in self.payments if each.subject_id == subject_id)

    def on_its_way(self, change: ChangeView | None = None) -> bool:
        """Whether such a payment is being processed, so that nobody should pay again."""
        return any(each.state is PaymentState.PROCESSING for each in self.tries(change))


@dataclass(frozen=True, slots=True)
class OwnRooms:
    """Rooms of one type of a booking in the list, with who sleeps in them."""

    name_zh: str
    name_en: str
    units: int
    party: Party


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnBooking(Stands):
    """One line of the list."""

    placed_at: dt.datetime
    card: ListingCard
    rooms: tuple[OwnRooms, ...]

    def is_ahead(self, now: dt.datetime) -> bool:
        """Whether its guest still has something to do or to look forward to."""
        over = self.state is BookingState.HELD and not self.is_live_hold(now)
        return self.state in AHEAD and (not over or self.on_its_way() or self.wrong_amount)


def own_bookings(
    session: Session, *, booking_ids: Collection[str], now: dt.datetime
) -> list[OwnBooking]:
    """Return these bookings: what is ahead first, the next arrival on top; then the newest.

    The caller has made sure that they are this visitor's. Ids that are none are left out.
    """
    columns = ("id", "state", "channel", "total_fen", "expires_at", "placed_at")
    rows = (
        session.execute(
            sa.select(
                *(getattr(Booking, name) for name in columns),
                Booking.starts_on.label("check_in"),
                Booking.ends_on.label("check_out"),
                BookingItem.listing_id,
                BookingItem.units,
                BookingItem.adults,
                BookingItem.children_ages,
                RoomType.name_zh,
                RoomType.name_en,
            )
            .join(BookingItem, BookingItem.booking_id == Booking.id)
            .join(RoomType, RoomType.id == BookingItem.room_type_id)
            .where(Booking.id.in_(booking_ids))
            .order_by(Booking.id, BookingItem.number)
        )
        .mappings()
        .all()
    )
    places = {
        card.id: card
        for card in cards(session, {row["listing_id"] for row in rows}, hidden_too=True)
    }
    payments = payments_by_booking(session, booking_ids=booking_ids)
    waiting = rehousing_status.open_states(session, booking_ids)
    by_booking = [(key, list(mine)) for key, mine in groupby(rows, lambda row: row["id"])]
    found = [
        OwnBooking(
            **{name: mine[0][name] for name in (*columns, "check_in", "check_out")},
            card=places[mine[0]["listing_id"]],
            rooms=tuple(_rooms(row) for row in mine),
            payments=tuple(payments.get(booking_id, ())),
            rehousing=waiting.get(booking_id),
        )
        for booking_id, mine in by_booking
    ]
    ahead = sorted(
        (each for each in found if each.is_ahead(now)),
        key=lambda each: (each.check_in, each.placed_at),
    )
    past = sorted(
        (each for each in found if not each.is_ahead(now)),
        key=lambda each: each.placed_at,
        reverse=True,
    )
    return [*ahead, *past]


def _rooms(row: sa.RowMapping) -> OwnRooms:
    party = Party(row["adults"], tuple(row["children_ages"]))
    return OwnRooms(row["name_zh"], row["name_en"], row["units"], party)
