"""What happens to a booking after it is placed: extend, confirm, cancel, expire.

Every function here locks the booking's row first, so that paying, expiring and cancelling decide
one after another.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from catalog.service import lock_sellers
from marketplace.booking import dues, settlement
from marketplace.booking.changes import pending_changes
from marketplace.booking.contract import cancellation_rules
from marketplace.booking.contract.holding import wants_of
from marketplace.booking.effects import ClosePayments, TellOfBooking
from marketplace.booking.events.facts import Fact, record
from marketplace.booking.events.view_reader import Sold
from marketplace.booking.models import Booking
from marketplace.booking.rehousing import rehousing_status
from marketplace.booking.states import (
    FREE_CAUSES,
    BookingState,
    EventType,
    ReasonCode,
    WrongState,
    check_move,
)
from marketplace.inventory.models import ClaimKind
from marketplace.inventory.service import give_back, take
from marketplace.kernel import outbox
from marketplace.kernel.audit import SYSTEM, Actor
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.kernel.ids import Ids
from marketplace.payments import service as payments
from marketplace.payments.refunds import refund_promises
from marketplace.payments.states import PayableState


class HoldExpired(DomainError):
    """The hold's time is over."""

    code = "hold_expired"
    http_status = 409
    message = "保留时间已过，没有扣款。请重新选择日期和房型"


class NoMoreExtensions(DomainError):
    """The hold was extended three times, or lasts two hours already."""

    code = "no_more_extensions"
    http_status = 409
    message = "这个保留不能再延长了，请在时间到之前付款，或打电话给我们"


def locked(session: Session, booking_id: str) -> Booking:
    """Return the booking with its row locked until the transaction ends; raises ``NotFound``."""
    booking = session.scalars(
        sa.select(Booking)
        .where(Booking.id == booking_id)
        # Not FOR UPDATE: that would make every row that refers to the booking wait as well, and
        # a refund's journal would wait for a booking whose holder waits for the ledger.
        .with_for_update(key_share=True)
        # Behind the lock, in a statement of their own: who waited sees what the other one wrote.
        .options(selectinload(Booking.items))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if booking is None:
        raise NotFound
    return booking


def extend(session: Session, *, booking_id: str, actor: Actor, now: dt.datetime) -> Booking:
    """Keep a hold 30 minutes longer: at most three times, two hours in all.

    Raises:
        HoldExpired: its time is over. NoMoreExtensions: it was extended often enough.
    """
    booking = require_live_hold(session, booking_id, now)
    until = cancellation_rules.extended(
        placed_at=booking.placed_at, expires_at=booking.expires_at, extensions=booking.extensions
    )
    if until is None:
        raise NoMoreExtensions
    booking.expires_at = until
    booking.release_at = cancellation_rules.release_at(until, booking.channel)
    booking.extensions += 1
    dues.put_off(session, booking)
    fact = Fact(EventType.EXTENDED, "booking.extended", more={"expires_at": until})
    record(session, booking, fact, actor, now)
    return booking


def require_live_hold(session: Session, booking_id: str, now: dt.datetime) -> Booking:
    """Return a locked booking that is held and whose promised time still runs.

    Raises:
        HoldExpired: it ran out. WrongState: it is not a hold any more.
    """
    booking = locked(session, booking_id)
    require_live(booking, now)
    return booking


def require_live(booking: Booking, now: dt.datetime) -> None:
    """Refuse a locked booking that is no hold whose promised time still runs.

    Raises:
        HoldExpired, WrongState: as ``require_live_hold``.
    """
    if booking.state is BookingState.EXPIRED:
        raise HoldExpired
    if booking.state is not BookingState.HELD:
        raise WrongState(extra={"state": booking.state.value})
    if now >= booking.expires_at:
        raise HoldExpired


def confirm(
    session: Session,
    *,
    booking: Booking,
    actor: Actor,
    now: dt.datetime,
    sold: Sold | None = None,
) -> None:
    """Make a locked hold a contract and owe the notices about it; ``sold`` is what was read."""
    check_move(booking.state, BookingState.CONFIRMED)
    booking.state = BookingState.CONFIRMED
    booking.confirmed_at = now
    booking.ended_at = None
    fact = Fact(EventType.CONFIRMED, "booking.confirmed", more={"due_on": None})
    record(session, booking, fact, actor, now, sold=sold)
    tell(session, booking, "confirmed", now)


def retake(session: Session, *, booking: Booking, now: dt.datetime) -> None:
    """Take the stock of an expired booking again, all of it or none.

    Raises:
        SoldOut, NotBookable: it cannot be had any more; nothing was taken.
    """
    with session.begin_nested():
        lock_sellers(session, enterprise_ids=booking.deliverers, today=shanghai_date(now))
        take(
            session,
            wants=wants_of(booking),
            kind=ClaimKind.BOOKING,
            holder=booking.id,
            now=now,
        )


def cancellation(
    session: Session,
    *,
    booking: Booking,
    now: dt.datetime,
    cause: ReasonCode = ReasonCode.TRAVELLER_CHANGED_PLANS,
    waiting: bool | None = None,
) -> cancellation_rules.CancelQuote:
    """Return what cancelling ``booking`` now for ``cause`` would keep and give back.

    Nothing is kept for a cause that is not the traveller's; only staff may name one. ``waiting``
    says whether its guest waits for another place, where the caller has looked already.
    """
    paid = settlement.paid_fen(session, booking)
    if booking.state is BookingState.HELD:
        return cancellation_rules.CancelQuote((), paid, 0, undo=False)
    if booking.state is not BookingState.CONFIRMED:
        raise WrongState(extra={"state": booking.state.value})
    if rehousing_status.waiting(session, booking.id) if waiting is None else waiting:
        return cancellation_rules.CancelQuote((), paid, 0, undo=False, suspended=True)
    if cause in FREE_CAUSES:
        return cancellation_rules.CancelQuote((), paid, 0, undo=False, excused=True)
    return cancellation_rules.cancel_quote(
        sold=pending_changes.sold(session, booking),
        paid_fen=paid,
        confirmed_at=booking.confirmed_at,
        now=now,
    )


def cancel(
    session: Session,
    *,
    booking_id: str,
    reason: ReasonCode,
    expected_refund_fen: int | None,
    actor: Actor,
    ids: Ids,
    now: dt.datetime,
) -> cancellation_rules.CancelQuote:
    """Cancel a hold or a confirmed booking and give back what the policy says.

    ``expected_refund_fen`` is the sum the person was shown: when midnight or the undo time has
    passed in between, nothing is cancelled and the new sum is shown first.

    Raises:
        WrongState: it is over, or the guest has arrived. RefundChanged: the sum shown is stale.
    """
    booking = locked(session, booking_id)
    quote = cancellation(session, booking=booking, now=now, cause=reason)
    if expected_refund_fen not in (None, quote.refund_fen):
        raise RefundChanged(extra={"refund_fen": quote.refund_fen})
    was_confirmed = booking.state is BookingState.CONFIRMED
    check_move(booking.state, BookingState.CANCELLED)
    if was_confirmed:
        rehousing_status.refunded(session, booking, actor, now)
    booking.state = BookingState.CANCELLED
    booking.ended_at = now
    booking.reason = _reason(quote, reason)
    booking.fee_fen = quote.fee_fen if was_confirmed else 0
    pending_changes.drop(session, booking.id, now=now)
    give_back(session, holder=booking.id, now=now)
    if was_confirmed:
        settlement.settle_end(session, booking, quote, ids=ids, now=now)
        tell(session, booking, "cancelled", now)
    else:
        dues.end(session, booking, PayableState.VOID, now=now)
        refund_suspense(session, booking=booking, ids=ids, now=now)
        outbox.owe(session, ClosePayments.of_booking(booking.id, at=now), now=now)
    fact = Fact(
        EventType.CANCELLED,
        "booking.cancelled",
        reason=booking.reason,
        fee_fen=quote.fee_fen,
        refund_fen=quote.refund_fen,
        total_after_fen=0,
        more={"nights_used": 0},
        noted={
            "fee_fen": quote.fee_fen,
            "refund_fen": quote.refund_fen,
            "reason": booking.reason.value,
        },
    )
    record(session, booking, fact, actor, now)
    return quote


def _reason(quote: cancellation_rules.CancelQuote, given: ReasonCode) -> ReasonCode:
    if quote.suspended:
        return ReasonCode.ENTERPRISE_SUSPENDED
    return ReasonCode.UNDO if quote.undo else given


class RefundChanged(DomainError):
    """The refund is no longer the sum that was shown."""

    code = "refund_changed"
    http_status = 409
    message = "可退金额刚刚有变化，还没有取消。请看新的金额后再决定"


def refund_suspense(session: Session, *, booking: Booking, ids: Ids, now: dt.datetime) -> None:
    """Send back in full what was paid in a wrong amount, once the booking can no longer use it."""
    if refund_promises.refund_suspense(session, booking_id=booking.id, ids=ids, now=now):
        tell(session, booking, "suspense_refunded", now)


def expire(session: Session, *, booking_id: str, now: dt.datetime) -> bool:
    """End a hold whose time is over and give its stock back; tells whether it did.

    Only for a caller that has made sure that the gateway closed every open payment: this is looked
    at again here, under the lock.
    """
    booking = locked(session, booking_id)
    if booking.state is not BookingState.HELD or booking.release_at > now:
        return False
    if payments.open_attempts(session, booking_id=booking_id):
        return False
    booking.state = BookingState.EXPIRED
    # A partner reads it as expired from the promised moment on, and that moment stays its end.
    booking.ended_at = now if booking.channel.pays_us else booking.expires_at
    dues.end(session, booking, PayableState.LAPSED, now=now)
    give_back(session, holder=booking.id, now=now)
    fact = Fact(EventType.EXPIRED, "booking.expired", total_after_fen=0, more={"nights_used": 0})
    record(session, booking, fact, SYSTEM, now)
    if booking.channel.on_our_pages:
        tell(session, booking, "expired", now)
    return True


def tell(
    session: Session, booking: Booking, what: str, now: dt.datetime, *, mark: str = ""
) -> None:
    """Owe the notices to the guest and to the operator about what happened.

    It is told once; ``mark`` tells apart what can happen to a booking several times.
    """
    mark = mark or str(booking.confirmed_at or booking.placed_at)
    outbox.owe(session, TellOfBooking.that(booking.id, what, mark=mark), now=now)
