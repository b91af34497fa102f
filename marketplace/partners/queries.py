"""What a partner reads of its own bookings: only its own, and test apart from live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.booking.facts import stream_of, subject_of
from marketplace.booking.models import Booking
from marketplace.booking.view import BookingView, read_view
from marketplace.kernel import events
from marketplace.kernel.errors import NotFound
from marketplace.kernel.events import Event
from marketplace.kernel.numbering import Log, check_cursor
from marketplace.partners.keys import Caller

MOST_BY_REFERENCE = 100


@dataclass(frozen=True, slots=True)
class Sale:
    """A partner's booking as it was last told; nothing personal of the guest is in it."""

    booking: Booking
    view: BookingView


def mine(caller: Caller) -> tuple[sa.ColumnElement[bool], ...]:
    """Return what holds of the bookings that ``caller`` may see."""
    return (Booking.partner_id == caller.partner_id, Booking.test.is_(caller.test))


def sale(session: Session, *, caller: Caller, booking_id: str) -> Sale:
    """Return one booking; anybody else's looks as if it did not exist.

    Raises:
        NotFound: no booking of this caller has this id.
    """
    found = session.execute(_sales(caller).where(Booking.id == booking_id)).one_or_none()
    if found is None:
        raise NotFound
    return Sale(found.Booking, read_view(found.view or ""))


def sales_by_reference(session: Session, *, caller: Caller, external_ref: str) -> list[Sale]:
    """Return the newest hundred bookings made under the partner's reference, newest first."""
    found = session.execute(
        _sales(caller)
        .where(Booking.external_ref == external_ref)
        .order_by(Booking.placed_at.desc(), Booking.id)
        .limit(MOST_BY_REFERENCE)
    )
    return [Sale(row.Booking, read_view(row.view or "")) for row in found]


def describe(session: Session, booking: Booking) -> Sale:
    """Return a booking that was just written with what its last event tells."""
    return Sale(booking, read_view(events.last_view(session, subject_of(booking.id)) or ""))


def _sales(caller: Caller) -> sa.Select[Booking, str | None]:
    """Return the caller's bookings, each with the view of its last event."""
    last = sa.and_(
        Event.subject == sa.literal(subject_of("")).concat(Booking.id),
        Event.version == Booking.version,
    )
    return sa.select(Booking, Event.view).join(Event, last).where(*mine(caller))


def told(session: Session, *, caller: Caller, after: int, limit: int) -> Sequence[Event]:
    """Return what happened to the caller's bookings after the number ``after``, in order.

    Raises:
        CursorUnknown, Restored: the reader cannot go on from there.
    """
    check_cursor(session, Log.EVENTS, after)
    stream = stream_of(caller.partner_id, test=caller.test)
    return events.since(session, stream, after, limit=limit)
