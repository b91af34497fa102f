"""Giving a guest of a stopped house the money back: all of it, or what is still to come."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from marketplace.booking.changes import change_service
from marketplace.booking.lifecycle import transitions
from marketplace.booking.models import Booking
from marketplace.booking.states import BookingState, ReasonCode
from marketplace.kernel.audit import Actor
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.errors import NotFound
from marketplace.kernel.ids import Ids
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.pricing.nights.selection import StaySelection

CAUSE = ReasonCode.ENTERPRISE_SUSPENDED


def refund_fen(session: Session, *, booking_id: str, now: dt.datetime) -> int:
    """Return what would go back now, in fen.

    Raises:
        NotFound. WrongState: the stay is over, or its last night has begun.
    """
    booking = session.get(Booking, booking_id)
    if booking is None:
        raise NotFound
    if booking.state is not BookingState.IN_STAY:
        return transitions.cancellation(session, booking=booking, now=now, cause=CAUSE).refund_fen
    quote = change_service.quote_change(
        session,
        booking_id=booking_id,
        wish=_gone(booking, now),
        cause=CAUSE,
        by_staff=True,
        now=now,
    )
    return quote.refund_fen


def let_go(
    session: Session,
    *,
    booking_id: str,
    expected_refund_fen: int,
    actor: Actor,
    ids: Ids,
    now: dt.datetime,
) -> None:
    """Cancel a booking in full, or end the stay of a guest who is in the house already today.

    Raises:
        Everything that ``refund_fen`` raises. RefundChanged, ChangePriceChanged: the sum shown is
            another by now.
    """
    booking = transitions.locked(session, booking_id)
    if booking.state is BookingState.IN_STAY:
        change_service.change(
            UnitOfWork(session, now=now, actor=actor, ids=ids),
            change_service.ChangeBooking(
                booking_id=booking_id,
                wish=_gone(booking, now),
                expected_fen=-expected_refund_fen,
                cause=CAUSE,
                by_staff=True,
            ),
        )
        return
    transitions.cancel(
        session,
        booking_id=booking_id,
        reason=CAUSE,
        expected_refund_fen=expected_refund_fen,
        actor=actor,
        ids=ids,
        now=now,
    )


def _gone(booking: Booking, now: dt.datetime) -> StaySelection:
    """Return the stay that ends today, with the one night at least that every stay has."""
    was = booking.room.selection
    first_way_out = was.stay.check_in + dt.timedelta(days=1)
    return was.between(was.stay.check_in, max(shanghai_date(now), first_way_out))
