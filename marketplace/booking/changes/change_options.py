"""What a guest can choose who wants to change a stay: the questions, and what is free."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from marketplace.booking.changes import pending_changes
from marketplace.booking.changes.change_pricing import MOVE_UNTIL_DAYS, rest_from
from marketplace.booking.models import Booking
from marketplace.booking.reads.guest_queries import GuestBooking, GuestRooms, guest_booking
from marketplace.booking.states import BookingState, WrongState
from marketplace.inventory import claim_changes
from marketplace.inventory.queries import month
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.errors import NotFound
from marketplace.kernel.stay import LONGEST_NIGHTS
from marketplace.offers.search.search_service import free_rooms
from marketplace.pricing import queries as prices
from marketplace.pricing.nights.selection import StaySelection
from marketplace.pricing.nights.terms import Terms


@dataclass(frozen=True, slots=True)
class Changeable:
    """A stay that its guest may change, and what there is to choose."""

    booking: GuestBooking
    room: GuestRooms
    """What is changed: one item."""
    terms: Terms
    """Those it was sold under: they say which meals and beds there are."""
    free_rooms: frozenset[int]
    """Other room types of the same listing with enough free rooms for the nights to come."""
    today: dt.date

    @property
    def booked(self) -> StaySelection:
        """The stay as it is booked."""
        return self.room.booked

    @property
    def item(self) -> int | None:
        """The number of the item for addresses; ``None`` where there is one only."""
        return self.room.number if self.booking.several else None

    @property
    def in_stay(self) -> bool:
        """Whether the guest is in the house, and these rooms have begun."""
        return (
            self.booking.state is BookingState.IN_STAY and self.booked.stay.check_in <= self.today
        )

    @property
    def earliest_end(self) -> dt.date:
        """The first day to which the stay can be cut short, Asia/Shanghai."""
        if self.in_stay:
            return self.today
        return max(self.today, self.booked.stay.check_in) + dt.timedelta(days=1)

    @property
    def may_shorten(self) -> bool:
        """Whether there is a night left to give up."""
        return self.earliest_end < self.booked.stay.check_out

    @property
    def may_move(self) -> bool:
        """Whether its guest may still move it to other dates on our pages."""
        return not self.in_stay and (self.booked.stay.check_in - self.today).days >= MOVE_UNTIL_DAYS

    @property
    def has_extras(self) -> bool:
        """Whether there are meals or extra beds to choose."""
        return bool(self.terms.boards or self.terms.most_extra_beds)


def changeable(
    session: Session, *, booking_id: str, item: int | None = None, now: dt.datetime
) -> Changeable:
    """Return one item of a stay with what can be chosen about it, in a fixed number of queries.

    Raises:
        NotFound. WrongState: its guest cannot change it, or not any more. SeveralItems: no item is
        named, and it has several.
    """
    found = guest_booking(session, booking_id=booking_id, now=now)
    if not found.may_change:
        raise WrongState(extra={"state": found.state.value})
    mine = found.rooms_of(item)
    today = shanghai_date(now)
    tariff_id = session.get_one(Booking, booking_id).item(mine.number).tariff_id
    rest = rest_from(mine.booked, today)
    others = [room.id for room in found.listing.room_types if room.id != mine.room_type.id]
    free = free_rooms(session, room_type_ids=others, stay=rest) if rest and others else {}
    return Changeable(
        booking=found,
        room=mine,
        terms=prices.terms_of(session, tariff_id=tariff_id),
        free_rooms=frozenset(room for room, count in free.items() if count >= mine.units),
        today=today,
    )


def free_nights_after(session: Session, *, booking_id: str, item: int | None = None) -> int:
    """Return for how many nights more the same room is free, from the day of departure on.

    Never more than a stay can have. Nights that are kept for a change of this stay count as free:
    that change would make way. Raises ``NotFound``.
    """
    booking = session.get(Booking, booking_id)
    if booking is None:
        raise NotFound
    room = booking.item(item)
    last = room.first_day + dt.timedelta(days=LONGEST_NIGHTS)
    stock = month(session, pool_ids=[room.pool_id], first=room.last_day, last=last)
    waiting = pending_changes.held_change(session, booking_id)
    kept = claim_changes.held_by(session, [waiting.id]) if waiting is not None else []
    own = {day for want in kept if want.pool_id == room.pool_id for day in want.stay.days()}
    nights = 0
    for day in _days(room.last_day, last):
        known = stock[room.pool_id].get(day)
        units = known.free if known is not None else 0
        if units + (room.units if day in own else 0) < room.units:
            break
        nights += 1
    return nights


def _days(first: dt.date, last: dt.date) -> list[dt.date]:
    return [first + dt.timedelta(days=number) for number in range((last - first).days)]
