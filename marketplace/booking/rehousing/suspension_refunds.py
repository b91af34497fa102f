"""Giving a guest of a stopped house the money back: all of it, or what is still to come."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from marketplace.booking.changes import change_service, item_cancellation
from marketplace.booking.changes.change_service import ChangePriceChanged
from marketplace.booking.changes.change_work import NothingChanged
from marketplace.booking.items import BookingItem
from marketplace.booking.lifecycle import transitions
from marketplace.booking.models import Booking
from marketplace.booking.states import BookingState, ReasonCode, WrongState
from marketplace.kernel.audit import Actor
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.errors import NotFound
from marketplace.kernel.ids import Ids
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.pricing.nights.selection import StaySelection

CAUSE = ReasonCode.ENTERPRISE_SUSPENDED
Wishes = dict[int, StaySelection | None]
"""By the number of an item: its stay that ends today; ``None`` where it has not begun."""


def refund_fen(session: Session, *, booking_id: str, now: dt.datetime) -> int:
    """Return what would go back now, in fen.

    Raises:
        NotFound. WrongState: the stay is over. NothingChanged: its last night has begun.
    """
    booking = session.get(Booking, booking_id)
    if booking is None:
        raise NotFound
    if booking.state is not BookingState.IN_STAY:
        return transitions.cancellation(session, booking=booking, now=now, cause=CAUSE).refund_fen
    return _to_come_fen(session, booking, _wishes(booking, now), now)


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

    Of several rooms those that are slept in are left today, and those still to come are given up.

    Raises:
        Everything that ``refund_fen`` raises. RefundChanged, ChangePriceChanged: the sum shown is
            another by now.
    """
    booking = transitions.locked(session, booking_id)
    if booking.state is BookingState.IN_STAY:
        wishes = _wishes(booking, now)
        fen = _to_come_fen(session, booking, wishes, now)
        if fen != expected_refund_fen:
            raise ChangePriceChanged(extra={"balance_fen": -fen})
        _end(UnitOfWork(session, now=now, actor=actor, ids=ids), booking, wishes)
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


def _to_come_fen(session: Session, booking: Booking, wishes: Wishes, now: dt.datetime) -> int:
    """Return what goes back of a stay that has begun: the sum of its items, each by itself."""
    total_fen = 0
    for number, wish in wishes.items():
        if wish is None:
            total_fen += item_cancellation.quote_item(
                session, booking_id=booking.id, item=number, cause=CAUSE, now=now
            ).refund_fen
        else:
            total_fen += change_service.quote_change(
                session,
                booking_id=booking.id,
                item=number,
                wish=wish,
                cause=CAUSE,
                by_staff=True,
                now=now,
            ).refund_fen
    return total_fen


def _end(work: UnitOfWork, booking: Booking, wishes: Wishes) -> None:
    for number, wish in wishes.items():
        if wish is None:
            given_up = item_cancellation.CancelItem(booking.id, number, CAUSE, None)
            item_cancellation.cancel_item(work, given_up)
        else:
            change_service.change(
                work,
                change_service.ChangeBooking(
                    booking_id=booking.id,
                    wish=wish,
                    expected_fen=None,
                    cause=CAUSE,
                    by_staff=True,
                    item=number,
                ),
            )


def _wishes(booking: Booking, now: dt.datetime) -> Wishes:
    """Return what becomes of each item that has nights to come.

    Raises:
        WrongState: the stay is over. NothingChanged: its last night has begun.
    """
    today = shanghai_date(now)
    if today > booking.ends_on:
        raise WrongState(extra={"state": booking.state.value})
    gone = {item.number: _gone(item, today) for item in booking.items}
    wishes = {
        item.number: wish
        for item in booking.items
        if (wish := gone[item.number]) is None or wish != item.selection
    }
    if not wishes:
        raise NothingChanged
    return wishes


def _gone(room: BookingItem, today: dt.date) -> StaySelection | None:
    """Return the stay that ends today, with the one night at least that every stay has.

    ``None`` where it has not begun; the same stay where it is over.
    """
    was = room.selection
    if was.stay.check_in > today:
        return None
    first_way_out = was.stay.check_in + dt.timedelta(days=1)
    return was.between(was.stay.check_in, min(room.last_day, max(today, first_way_out)))
