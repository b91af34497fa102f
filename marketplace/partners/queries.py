"""What a partner reads of its own bookings: only its own, and test apart from live."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from marketplace.booking.events.facts import last_told, subject_of
from marketplace.booking.events.view import BookingView, read_view
from marketplace.booking.models import Booking
from marketplace.booking.reads.hold_standing import stands
from marketplace.booking.states import BookingState
from marketplace.kernel import events
from marketplace.kernel.errors import NotFound
from marketplace.kernel.events import Event
from marketplace.kernel.numbering import Log, check_cursor
from marketplace.partners.commands.caller import Caller


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


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which bookings are looked for; what is left out leaves nothing out."""

    external_ref: str | None = None
    first: dt.date | None = None
    """The first day of arrival."""
    last: dt.date | None = None
    """The day after the last day of arrival."""
    state: BookingState | None = None
    """As it is read now: a hold whose time is over is expired."""
    after: str | None = None
    """Id of the booking to go on after."""


def sales(
    session: Session, *, caller: Caller, wanted: Wanted, limit: int, now: dt.datetime
) -> list[Sale]:
    """Return the caller's bookings, the one placed last first.

    Raises:
        NotFound: the booking to go on after is not the caller's.
    """
    statement = _sales(caller).where(*_matches(wanted, now))
    if wanted.after is not None:
        placed_at = session.scalars(
            sa.select(Booking.placed_at).where(*mine(caller), Booking.id == wanted.after)
        ).one_or_none()
        if placed_at is None:
            raise NotFound
        earlier = sa.and_(Booking.placed_at == placed_at, Booking.id < wanted.after)
        statement = statement.where(sa.or_(Booking.placed_at < placed_at, earlier))
    found = session.execute(
        statement.order_by(Booking.placed_at.desc(), Booking.id.desc()).limit(limit)
    )
    return [Sale(row.Booking, read_view(row.view or "")) for row in found]


def _matches(wanted: Wanted, now: dt.datetime) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.external_ref is not None:
        found.append(Booking.external_ref == wanted.external_ref)
    if wanted.first is not None:
        found.append(Booking.starts_on >= wanted.first)
    if wanted.last is not None:
        found.append(Booking.starts_on < wanted.last)
    if wanted.state is not None:
        found.append(stands(wanted.state, now))
    return found


def describe(session: Session, booking: Booking) -> Sale:
    """Return a booking that was just written with what its last event tells."""
    return Sale(booking, last_told(session, booking))


def _sales(caller: Caller) -> sa.Select[Booking, str | None]:
    """Return the caller's bookings, each with the view of its last event."""
    last = sa.and_(
        Event.subject == sa.literal(subject_of("")).concat(Booking.id),
        Event.version == Booking.version,
    )
    return (
        sa.select(Booking, Event.view)
        .join(Event, last)
        .where(*mine(caller))
        .options(selectinload(Booking.items))
    )


def told(session: Session, *, caller: Caller, after: int, limit: int) -> Sequence[Event]:
    """Return what happened to the caller's bookings after the number ``after``, in order.

    Raises:
        CursorUnknown, Restored: the reader cannot go on from there.
    """
    check_cursor(session, Log.EVENTS, after)
    return events.since(session, caller.stream, after, limit=limit)
