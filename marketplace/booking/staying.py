"""The stay itself: receiving the guest, earning the nights, completing, and who never came.

Every function locks the booking's row first, like those of ``marketplace.booking.service``.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.booking import held_changes, rehoused, returning, rules
from marketplace.booking.models import Booking, BookingNight, StayChange
from marketplace.booking.service import cancel, locked, moved, paid_fen, settle_money, tell
from marketplace.booking.states import (
    BookingState,
    ChangeState,
    ReasonCode,
    check_move,
)
from marketplace.booking.wishes import read_wish
from marketplace.inventory.service import give_back
from marketplace.kernel.audit import SYSTEM, Actor
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.kernel.ids import Ids
from marketplace.kernel.money import share_of
from marketplace.payments import ledger


class NotToday(DomainError):
    """Check-in is possible from the arrival day until the day before departure."""

    code = "not_arrival_day"
    http_status = 409
    message = "入住办理从到达日期开始：%(check_in)s"


def check_in(
    session: Session, *, booking_id: str, enterprise_id: int, actor: Actor, now: dt.datetime
) -> Booking:
    """Receive the guest: the booking is in stay from now on and its nights are being earned.

    Raises:
        NotFound: not a booking of this enterprise. NotToday: too early. WrongState: not confirmed.
    """
    booking = locked(session, booking_id)
    if booking.enterprise_id != enterprise_id or booking.test:
        raise NotFound
    check_move(booking.state, BookingState.IN_STAY)
    if not booking.check_in <= shanghai_date(now) < booking.check_out:
        raise NotToday(check_in=booking.check_in.isoformat())
    booking.state = BookingState.IN_STAY
    booking.checked_in_at = now
    moved(session, booking, "booking.checked_in", actor, now)
    return booking


def earn_nights(session: Session, *, booking: Booking, before: dt.date, now: dt.datetime) -> int:
    """Post every night before ``before`` that is delivered and not earned yet; returns how many."""
    nights = session.scalars(
        sa.select(BookingNight)
        .where(
            BookingNight.booking_id == booking.id,
            BookingNight.day < before,
            BookingNight.earned_at.is_(None),
        )
        .order_by(BookingNight.day)
    ).all()
    for night in nights:
        night.earned_at = now
    if not booking.off_ledger:
        ledger.post_nights_earned(
            session,
            booking_id=booking.id,
            enterprise_id=booking.enterprise_id,
            nights=[(night.day, night.sold_fen, night.commission_fen) for night in nights],
            at=now,
        )
    return len(nights)


def _left_early(session: Session, booking: Booking) -> bool:
    """Whether the guest left before the day of departure that was booked on arrival."""
    first_change = session.scalars(
        sa.select(StayChange.was)
        .where(
            StayChange.booking_id == booking.id,
            StayChange.state == ChangeState.APPLIED,
            StayChange.applied_at >= booking.checked_in_at,
        )
        .order_by(StayChange.number)
        .limit(1)
    ).one_or_none()
    return first_change is not None and booking.check_out < read_wish(first_change).check_out


def advance_stay(session: Session, *, booking_id: str, ids: Ids, now: dt.datetime) -> None:
    """Earn, complete or mark a no-show: what the passing of days asks of a booking. Idempotent."""
    booking = locked(session, booking_id)
    today = shanghai_date(now)
    system = SYSTEM
    if booking.state is BookingState.IN_STAY:
        over = today > booking.check_out
        early = over and _left_early(session, booking)
        if over and not early:
            # First, because it locks the house and rooms of next summer; the ledger comes after.
            returning.earn(session, booking=booking, now=now)
        earn_nights(session, booking=booking, before=min(today, booking.check_out), now=now)
        if over:
            booking.state = BookingState.CURTAILED if early else BookingState.COMPLETED
            booking.ended_at = now
            ledger.post_topup(
                session,
                booking_id=booking.id,
                enterprise_id=booking.enterprise_id,
                fen=booking.topup_fen,
                at=now,
            )
            moved(session, booking, f"booking.{booking.state.value}", system, now)
    elif booking.state is BookingState.CONFIRMED and rules.is_no_show(booking.check_in, now):
        if rehoused.waiting(session, booking.id):
            # Nobody can be blamed for not going to a place that was told to take no guests.
            cancel(
                session,
                booking_id=booking.id,
                reason=ReasonCode.ENTERPRISE_SUSPENDED,
                expected_refund_fen=None,
                actor=system,
                ids=ids,
                now=now,
            )
            return
        held_changes.drop(session, booking.id, now=now)
        paid = paid_fen(session, booking)
        fee = min(share_of(booking.total_fen, rules.fee_bp(booking.policy, 0)), paid)
        booking.state = BookingState.NO_SHOW
        booking.ended_at = now
        booking.fee_fen = fee
        give_back(session, holder=booking.id, now=now, from_day=today)
        quote = rules.CancelQuote(fee, paid - fee, rules.fee_bp(booking.policy, 0), undo=False)
        settle_money(session, booking=booking, quote=quote, ids=ids, now=now)
        moved(session, booking, "booking.no_show", system, now, fee_fen=fee)
        tell(session, booking, "no_show", now)
