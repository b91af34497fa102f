"""The stay itself: receiving the guest, earning the nights, completing, and who never came.

Every function locks the booking's row first, like those of ``marketplace.booking.service``.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.booking import held_changes, rehoused, returning, rules
from marketplace.booking.facts import Fact, record
from marketplace.booking.models import Booking, BookingNight, StayChange
from marketplace.booking.service import cancel, locked, paid_fen, settle_money, tell
from marketplace.booking.states import (
    BookingState,
    ChangeState,
    EventType,
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
    fact = Fact(EventType.ARRIVED, "booking.checked_in", more={"at": now})
    record(session, booking, fact, actor, now)
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


def _ended(session: Session, booking: Booking, now: dt.datetime) -> Fact:
    """Return how a stay that is over ended: as booked, or earlier than on arrival.

    What leaving early sums up was settled by the changes of the stay themselves.
    """
    nights = (booking.check_out - booking.check_in).days
    changes = session.scalars(
        sa.select(StayChange)
        .where(
            StayChange.booking_id == booking.id,
            StayChange.state == ChangeState.APPLIED,
            StayChange.applied_at >= booking.checked_in_at,
        )
        .order_by(StayChange.number)
    ).all()
    if not changes or booking.check_out >= read_wish(changes[0].was).check_out:
        return Fact(
            EventType.COMPLETED, "booking.completed", more={"at": now, "nights_used": nights}
        )
    less_fen = -sum(change.difference_fen for change in changes)
    fee_fen = sum(change.fee_fen for change in changes)
    return Fact(
        EventType.LEFT_EARLY,
        "booking.curtailed",
        reason=changes[-1].cause,
        fee_fen=fee_fen,
        refund_fen=less_fen - fee_fen,
        total_before_fen=booking.total_fen + less_fen,
        more={"nights_used": nights},
    )


def advance_stay(session: Session, *, booking_id: str, ids: Ids, now: dt.datetime) -> None:
    """Earn, complete or mark a no-show: what the passing of days asks of a booking. Idempotent."""
    booking = locked(session, booking_id)
    today = shanghai_date(now)
    if booking.state is BookingState.IN_STAY:
        over = today > booking.check_out
        ended = _ended(session, booking, now) if over else None
        if ended is not None and ended.type is EventType.COMPLETED:
            # First, because it locks the house and rooms of next summer; the ledger comes after.
            returning.earn(session, booking=booking, now=now)
        earn_nights(session, booking=booking, before=min(today, booking.check_out), now=now)
        if ended is not None:
            early = ended.type is EventType.LEFT_EARLY
            booking.state = BookingState.CURTAILED if early else BookingState.COMPLETED
            booking.ended_at = now
            ledger.post_topup(
                session,
                booking_id=booking.id,
                enterprise_id=booking.enterprise_id,
                fen=booking.topup_fen,
                at=now,
            )
            record(session, booking, ended, SYSTEM, now)
    elif booking.state is BookingState.CONFIRMED and rules.is_no_show(booking.check_in, now):
        if rehoused.waiting(session, booking.id):
            # Nobody can be blamed for not going to a place that was told to take no guests.
            cancel(
                session,
                booking_id=booking.id,
                reason=ReasonCode.ENTERPRISE_SUSPENDED,
                expected_refund_fen=None,
                actor=SYSTEM,
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
        fact = Fact(
            EventType.NO_SHOW,
            "booking.no_show",
            fee_fen=fee,
            refund_fen=paid - fee,
            total_after_fen=0,
            more={"nights_used": 0},
            noted={"fee_fen": fee},
        )
        record(session, booking, fact, SYSTEM, now)
        tell(session, booking, "no_show", now)
