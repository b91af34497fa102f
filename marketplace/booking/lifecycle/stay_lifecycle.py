"""The stay itself: receiving the guest, earning the nights, completing, and who never came.

Every function locks the booking's row first, like those of ``transitions``.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.booking import settlement
from marketplace.booking.changes import pending_changes
from marketplace.booking.contract import cancellation_rules
from marketplace.booking.events.facts import Fact, record
from marketplace.booking.items import BookingPart
from marketplace.booking.lifecycle import return_rights
from marketplace.booking.lifecycle.transitions import (
    RefundChanged,
    cancel,
    locked,
    tell,
)
from marketplace.booking.models import Booking, BookingChange
from marketplace.booking.rehousing import rehousing_status
from marketplace.booking.states import (
    BookingState,
    ChangeKind,
    ChangeState,
    EventType,
    ReasonCode,
    WrongState,
    check_move,
)
from marketplace.inventory.service import give_back
from marketplace.kernel.audit import SYSTEM, Actor
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.kernel.ids import Ids
from marketplace.payments.ledger import postings


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
    if not booking.is_delivered_by(enterprise_id) or booking.test:
        raise NotFound
    check_move(booking.state, BookingState.IN_STAY)
    if not booking.starts_on <= shanghai_date(now) < booking.ends_on:
        raise NotToday(check_in=booking.starts_on.isoformat())
    booking.state = BookingState.IN_STAY
    booking.checked_in_at = now
    fact = Fact(EventType.ARRIVED, "booking.checked_in", more={"at": now})
    record(session, booking, fact, actor, now)
    return booking


class StayHasBegun(DomainError):
    """The check-in cannot be taken back: a night is earned, or the stay was changed since."""

    code = "stay_has_begun"
    http_status = 409
    message = "只有当天办的入住可以撤销；住过的晚上已经入账，或者订单改过，就不能撤销了"


def undo_check_in(
    session: Session, *, booking_id: str, enterprise_id: int, actor: Actor, now: dt.datetime
) -> Booking:
    """Take back a check-in of the same day (Asia/Shanghai): the guest is expected again.

    Neither money nor stock moves.

    Raises:
        NotFound: not a booking of this enterprise. WrongState: nobody is checked in.
        StayHasBegun: it was another day, a night is earned or the stay was changed since.
    """
    booking = locked(session, booking_id)
    if not booking.is_delivered_by(enterprise_id) or booking.test:
        raise NotFound
    check_move(booking.state, BookingState.CONFIRMED)
    begun = booking.checked_in_at
    changed = sa.select(BookingChange.id).where(
        BookingChange.booking_id == booking_id, BookingChange.applied_at >= begun
    )
    earned = sa.select(BookingPart.day).where(
        BookingPart.booking_id == booking_id, BookingPart.earned_at.is_not(None)
    )
    if (
        begun is None
        or shanghai_date(begun) != shanghai_date(now)
        or session.scalar(sa.select(sa.or_(changed.exists(), earned.exists())))
    ):
        raise StayHasBegun
    booking.state = BookingState.CONFIRMED
    booking.checked_in_at = None
    fact = Fact(EventType.UPDATED, "booking.check_in_undone", more={"fields": ["state"]})
    record(session, booking, fact, actor, now)
    return booking


def earn_parts(session: Session, *, booking: Booking, before: dt.date, now: dt.datetime) -> int:
    """Post every day before ``before`` that is delivered and not earned yet; returns how many."""
    parts = session.scalars(
        sa.select(BookingPart)
        .where(
            BookingPart.booking_id == booking.id,
            BookingPart.day < before,
            BookingPart.earned_at.is_(None),
        )
        .order_by(BookingPart.day, BookingPart.item)
    ).all()
    for part in parts:
        part.earned_at = now
    settlement.earn(session, booking, parts, now=now)
    return len(parts)


def _ended(session: Session, booking: Booking, now: dt.datetime) -> Fact:
    """Return how a stay that is over ended: as booked, or earlier than on arrival.

    What leaving early sums up was settled by the changes of the stay themselves.
    """
    nights = (booking.ends_on - booking.starts_on).days
    changes = session.scalars(
        sa.select(BookingChange)
        .where(
            BookingChange.booking_id == booking.id,
            BookingChange.state == ChangeState.APPLIED,
            BookingChange.applied_at >= booking.checked_in_at,
            BookingChange.kind != ChangeKind.CANCEL,
        )
        .order_by(BookingChange.number)
    ).all()
    # Written over from the newest to the oldest: what is left is how each item was on arrival.
    on_arrival = {change.item: change.was.stay.check_out for change in reversed(changes)}
    if all(item.last_day >= on_arrival.get(item.number, item.last_day) for item in booking.items):
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
        over = today > booking.ends_on
        ended = _ended(session, booking, now) if over else None
        if ended is not None and ended.type is EventType.COMPLETED:
            # First, because it locks the house and rooms of next summer; the ledger comes after.
            return_rights.earn(session, booking=booking, now=now)
        earn_parts(session, booking=booking, before=min(today, booking.ends_on), now=now)
        if ended is not None:
            early = ended.type is EventType.LEFT_EARLY
            booking.state = BookingState.CURTAILED if early else BookingState.COMPLETED
            booking.ended_at = now
            if booking.topup_fen:
                postings.post_topup(
                    session,
                    booking_id=booking.id,
                    enterprise_id=booking.enterprise_id,
                    fen=booking.topup_fen,
                    at=now,
                )
            record(session, booking, ended, SYSTEM, now)
    elif booking.state is BookingState.CONFIRMED and cancellation_rules.is_no_show(
        booking.starts_on, now
    ):
        if rehousing_status.waiting(session, booking.id):
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
        quote = no_show_quote(session, booking, now)
        _no_show(session, booking, quote, actor=SYSTEM, ids=ids, now=now)


def no_show_quote(
    session: Session, booking: Booking, now: dt.datetime
) -> cancellation_rules.CancelQuote:
    """Return what is kept of a booking whose guest never came, and what goes back."""
    paid = settlement.paid_fen(session, booking)
    return cancellation_rules.no_show_quote(booking.sold, paid_fen=paid, today=shanghai_date(now))


class StillExpected(DomainError):
    """The rooms are kept for the guest a while longer."""

    code = "still_expected"
    http_status = 409
    message = "房间要为客人保留到到店日的第二天过完，现在还不能按未入住办理"


def check_no_show(session: Session, booking: Booking, enterprise_id: int, now: dt.datetime) -> None:
    """Raise unless the house may say that the guest never came.

    Raises:
        NotFound: not a booking of this enterprise. WrongState: the guest came, it is over, or the
            guest waits for another place. StillExpected: too early.
    """
    if not booking.is_delivered_by(enterprise_id) or booking.test:
        raise NotFound
    check_move(booking.state, BookingState.NO_SHOW)
    if rehousing_status.waiting(session, booking.id):
        raise WrongState(extra={"state": booking.state.value})
    if not cancellation_rules.is_no_show(booking.starts_on, now):
        raise StillExpected


def quote_no_show(
    session: Session, *, booking_id: str, enterprise_id: int, now: dt.datetime
) -> cancellation_rules.CancelQuote:
    """Return what saying that the guest never came keeps and gives back; changes nothing.

    Raises:
        Everything that ``check_no_show`` raises.
    """
    booking = session.get(Booking, booking_id)
    if booking is None:
        raise NotFound
    check_no_show(session, booking, enterprise_id, now)
    return no_show_quote(session, booking, now)


def mark_no_show(
    session: Session,
    *,
    booking_id: str,
    enterprise_id: int,
    expected_refund_fen: int,
    actor: Actor,
    ids: Ids,
    now: dt.datetime,
) -> None:
    """End a booking whose guest never came, as time itself does a little later.

    ``expected_refund_fen`` is the sum that was shown.

    Raises:
        Everything that ``check_no_show`` raises. RefundChanged: the sum shown is stale.
    """
    booking = locked(session, booking_id)
    check_no_show(session, booking, enterprise_id, now)
    quote = no_show_quote(session, booking, now)
    if quote.refund_fen != expected_refund_fen:
        raise RefundChanged(extra={"refund_fen": quote.refund_fen})
    _no_show(session, booking, quote, actor=actor, ids=ids, now=now)


def _no_show(
    session: Session,
    booking: Booking,
    quote: cancellation_rules.CancelQuote,
    *,
    actor: Actor,
    ids: Ids,
    now: dt.datetime,
) -> None:
    pending_changes.drop(session, booking.id, now=now)
    booking.state = BookingState.NO_SHOW
    booking.ended_at = now
    booking.fee_fen = quote.fee_fen
    give_back(session, holder=booking.id, now=now, from_day=shanghai_date(now))
    settlement.settle_end(session, booking, quote, ids=ids, now=now)
    fact = Fact(
        EventType.NO_SHOW,
        "booking.no_show",
        fee_fen=quote.fee_fen,
        refund_fen=quote.refund_fen,
        total_after_fen=0,
        more={"nights_used": 0},
        noted={"fee_fen": quote.fee_fen},
    )
    record(session, booking, fact, actor, now)
    tell(session, booking, "no_show", now)
