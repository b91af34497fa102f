"""Where a booking stands by the clock, for queries: the same rule as ``states.state_at``.

A hold on account is over the moment its time is: nobody can be paying for it. Its row follows when
the sweep gives the rooms back. A traveller's hold waits for the row: a payment made in time wins.
"""

from __future__ import annotations

import datetime as dt
from typing import TypeAlias

import sqlalchemy as sa

from marketplace.booking.models import Booking
from marketplace.booking.states import BookingState

Moment: TypeAlias = dt.datetime | sa.BindParameter[dt.datetime]


def _lapsed(now: Moment) -> sa.ColumnElement[bool]:
    return sa.and_(
        Booking.state == BookingState.HELD,
        Booking.partner_id.is_not(None),
        Booking.expires_at <= now,
    )


def stands(state: BookingState, now: Moment) -> sa.ColumnElement[bool]:
    """Return what holds of the bookings that are in ``state`` at ``now``."""
    if state is BookingState.EXPIRED:
        return sa.or_(Booking.state == state, _lapsed(now))
    return sa.and_(Booking.state == state, ~_lapsed(now))


def standing(now: dt.datetime) -> sa.ColumnElement[BookingState]:
    """Return the state of each booking at ``now``, to be read with it."""
    over = sa.literal(BookingState.EXPIRED, Booking.state.type)
    return sa.case((_lapsed(now), over), else_=Booking.state)
