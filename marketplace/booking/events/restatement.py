"""After a restore: partners' bookings that still matter are told anew as they stand."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer

from marketplace.booking.events import facts
from marketplace.booking.models import Booking
from marketplace.booking.states import LIVE

STILL_MATTERS = dt.timedelta(days=90)
"""How long after its end a booking is told anew."""


def restate(session: Session, *, now: dt.datetime) -> int:
    """Tell every partner's booking that is live, or ended not long ago; returns how many."""
    bookings = session.scalars(
        sa.select(Booking)
        .where(
            Booking.partner_id.is_not(None),
            sa.or_(Booking.state.in_(LIVE), Booking.ended_at >= now - STILL_MATTERS),
        )
        .order_by(Booking.id)
        # Nothing encrypted is read: a restore needs no key.
        .options(defer(Booking.lead_name), defer(Booking.phone))
    ).all()
    for booking in bookings:
        facts.restate(session, booking, now)
    return len(bookings)
