"""What a traveller is asked to pay for a booking: a payable for the hold, one for each change.

Whether anybody is asked at all is decided by ``settlement``. Every function is called under the
booking's lock.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from marketplace.booking.models import Booking, BookingChange
from marketplace.booking.settlement import Payer, payer_of
from marketplace.payments import payables
from marketplace.payments.payables import PayableOrder
from marketplace.payments.states import PayableKind, PayableState


def ask_for_hold(session: Session, booking: Booking, *, now: dt.datetime) -> None:
    """Ask a traveller for the whole price while the rooms are held."""
    if payer_of(booking) is Payer.TRAVELLER and booking.total_fen:
        order = PayableOrder(
            booking.id,
            PayableKind.FULL,
            booking.id,
            booking.total_fen,
            due_at=booking.expires_at,
            grace_until=booking.release_at,
        )
        payables.open_payable(session, order, now=now)


def ask_for_change(session: Session, change: BookingChange, *, now: dt.datetime) -> None:
    """Ask a traveller for what a change costs more while its rooms are kept; it is flushed."""
    if change.expires_at is None:
        return
    order = PayableOrder(
        change.booking_id,
        PayableKind.CHANGE,
        change.id,
        change.difference_fen,
        due_at=change.expires_at,
        grace_until=change.release_at,
    )
    payables.open_payable(session, order, now=now)


def put_off(session: Session, booking: Booking) -> None:
    """Let a hold be paid for as long as its rooms are kept by now."""
    if payer_of(booking) is Payer.TRAVELLER:
        payables.put_off(
            session,
            booking_id=booking.id,
            subject_id=booking.id,
            due_at=booking.expires_at,
            grace_until=booking.release_at,
        )


def end(session: Session, booking: Booking, state: PayableState, *, now: dt.datetime) -> None:
    """Ask no more for a hold that is over: ``LAPSED`` by time, ``VOID`` where it was given up."""
    if payer_of(booking) is Payer.TRAVELLER:
        payables.end(session, booking_id=booking.id, subject_id=booking.id, state=state, now=now)
