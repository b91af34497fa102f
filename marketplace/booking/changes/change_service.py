"""Changing a stay: every change is quoted first, and made in one transaction or not at all.

What costs more is paid before it is made: the rooms it needs are kept under the change's own id
while the traveller pays, and become the booking's when the money is there. What costs nothing more
is made at once, and the rest of the money goes back.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.booking import dues, settlement
from marketplace.booking.changes import change_checks as checks
from marketplace.booking.changes import pending_changes
from marketplace.booking.changes.change_quotes import ChangeQuote
from marketplace.booking.changes.change_work import (
    CHANGEABLE,
    ItemWish,
    NothingChanged,
    Worked,
    work_out,
)
from marketplace.booking.changes.change_writer import Anew, rewrite
from marketplace.booking.contract import cancellation_rules, hold_caps
from marketplace.booking.contract.hold_caps import DEFAULT_CAPS, Caps
from marketplace.booking.events.facts import Fact, record
from marketplace.booking.lifecycle import transitions
from marketplace.booking.models import Booking, BookingChange
from marketplace.booking.rehousing import rehousing_status
from marketplace.booking.states import (
    ChangeKind,
    ChangeState,
    EventType,
    ReasonCode,
)
from marketplace.inventory import claim_changes
from marketplace.inventory.models import ClaimKind
from marketplace.inventory.service import take
from marketplace.kernel.audit import SYSTEM, Actor
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.kernel.ids import Ids
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.payments import service as payments
from marketplace.pricing.nights.selection import StaySelection


class ChangePriceChanged(DomainError):
    """The sum is no longer the one that was shown; nothing was changed."""

    code = "price_changed"
    http_status = 409
    message = "价格刚刚有变化，还没有改。请看新的金额后再决定"


def quote_change(
    session: Session,
    *,
    booking_id: str,
    item: int | None = None,
    wish: StaySelection,
    cause: ReasonCode = ReasonCode.TRAVELLER_CHANGED_PLANS,
    by_staff: bool = False,
    now: dt.datetime,
) -> ChangeQuote:
    """Return what a change of one item would cost now; it changes and keeps nothing.

    ``item`` is its number, ``None`` the only one.

    Raises:
        NotFound. SeveralItems: which item is not said. WrongState: the stay cannot be changed any
        more. NothingChanged.
        TooLateToMove, Invalid, Restricted, NotBookable, NoPrice: a rule refuses it.
        SoldOut: a night that is new is not free.
    """
    booking = session.get(Booking, booking_id)
    if booking is None:
        raise NotFound
    room = booking.item(item)
    worked = work_out(session, ItemWish(booking, room, wish, cause, by_staff), now=now)
    # A change that waits for its payment would make way for this one, and its rooms with it.
    waiting = pending_changes.held_change(session, booking.id)
    have = claim_changes.held_by(session, [booking.id, *([waiting.id] if waiting else [])])
    more = claim_changes.missing(have, worked.wants)
    checks.require_to_be_had(session, worked.offer, more, today=shanghai_date(now))
    return worked.quote


@dataclass(frozen=True, slots=True)
class ChangeBooking:
    """A wish to change one item of a booking."""

    booking_id: str
    wish: StaySelection
    expected_fen: int | None
    """The sum that was shown (``ChangeQuote.balance_fen``); ``None`` where none was."""
    cause: ReasonCode = ReasonCode.TRAVELLER_CHANGED_PLANS
    by_staff: bool = False
    credit_limit_fen: int = 0
    """Up to what a partner's booking is changed on account."""
    item: int | None = None
    """The number of the item; ``None`` for the only one."""


def change(work: UnitOfWork, command: ChangeBooking, *, caps: Caps = DEFAULT_CAPS) -> BookingChange:
    """Make a change, or keep its rooms for 30 minutes while what it costs more is paid.

    Raises:
        Everything that ``quote_change`` raises. ChangePriceChanged: the sum shown is stale.
        CreditLimit: the partner would owe more than its limit.
        HoldCap: the guest keeps as much unpaid as ``caps`` allow.
    """
    session, now, wish, cause = work.session, work.now, command.wish, command.cause
    booking = transitions.locked(session, command.booking_id)
    room = booking.item(command.item)
    worked = work_out(session, ItemWish(booking, room, wish, cause, command.by_staff), now=now)
    quote = worked.quote
    if command.expected_fen not in (None, quote.balance_fen):
        raise ChangePriceChanged(extra={"balance_fen": quote.balance_fen})
    checks.lock_sale_if_needed(session, booking, worked.offer, worked.wants, now)
    waits = bool(quote.pay_fen) and booking.channel.pays_us
    if waits:
        more = claim_changes.missing(claim_changes.held_by(session, [booking.id]), worked.wants)
        room_nights = sum(want.units * want.stay.nights for want in more)
        hold_caps.check_change(
            session, caps=caps, booking=booking, room_nights=room_nights, now=now
        )
    pending_changes.drop(session, booking.id, now=now, together_with=worked.wants)
    row = BookingChange(
        id=work.ids.new_id(),
        booking_id=booking.id,
        number=pending_changes.next_number(session, booking.id),
        item=room.number,
        kind=quote.kind,
        state=ChangeState.HELD,
        wish=wish,
        was=quote.was,
        cause=cause if quote.kind is ChangeKind.SHORTEN else None,
        difference_fen=quote.reckoned.difference_fen,
        fee_fen=quote.fee_fen,
        made_at=now,
    )
    session.add(row)
    if waits:
        row.expires_at = now + cancellation_rules.HOLD_SHOWN
        row.release_at = row.expires_at + cancellation_rules.RELEASE_GRACE
        session.flush()
        dues.ask_for_change(session, row, now=now)
        _keep_rooms(session, booking, row, worked, now)
        record(session, booking, _about("booking.change_held", row), work.actor, now)
        return row
    session.flush()
    _apply(work, booking, row, worked, credit_limit_fen=command.credit_limit_fen)
    return row


def accept_payment(
    session: Session, *, booking: Booking, change_id: str, ids: Ids, now: dt.datetime
) -> bool:
    """Make a change whose price was paid; tells whether it could be made.

    In time its rooms are still kept. Later they are taken anew if they are free and nothing about
    the stay or the sum is different by now; else the money goes back.
    """
    row = session.get_one(BookingChange, change_id, populate_existing=True)
    over = {ChangeState.APPLIED, ChangeState.WITHDRAWN}
    if row.state in over or booking.state not in CHANGEABLE:
        return False
    try:
        with session.begin_nested():
            _apply_paid(session, booking, row, ids, now)
    except DomainError:
        if row.state is ChangeState.HELD:
            pending_changes.drop(session, booking.id, now=now)
        return False
    return True


def withdraw(
    session: Session,
    *,
    booking_id: str,
    change_id: str | None = None,
    actor: Actor,
    now: dt.datetime,
) -> None:
    """End the change that waits because its guest does not want it; a second call changes nothing.

    ``change_id`` is the change that the guest was shown: another one stays. The stay is as it was.
    Money that comes for the change all the same goes back in full.
    """
    booking = transitions.locked(session, booking_id)
    waiting = pending_changes.held_change(session, booking_id)
    if waiting is not None and change_id not in (None, waiting.id):
        return
    row = pending_changes.drop(session, booking_id, now=now, state=ChangeState.WITHDRAWN)
    if row is not None:
        record(session, booking, _about("booking.change_withdrawn", row), actor, now)


def lapse(session: Session, *, change_id: str, now: dt.datetime) -> bool:
    """End a change that was not paid in time and give its rooms back; tells whether it did.

    Only for a caller that has made sure that the gateway closed its payments.
    """
    booking_id = session.scalar(
        sa.select(BookingChange.booking_id).where(BookingChange.id == change_id)
    )
    if booking_id is None:
        raise NotFound
    booking = transitions.locked(session, booking_id)
    row = pending_changes.held_change(session, booking_id)
    if row is None or row.id != change_id or row.release_at is None or row.release_at > now:
        return False
    if payments.open_attempts(session, booking_id=booking_id, subject_id=change_id):
        return False
    pending_changes.drop(session, booking_id, now=now)
    record(session, booking, _about("booking.change_lapsed", row), SYSTEM, now)
    transitions.tell(session, booking, "change_lapsed", now, mark=change_id)
    return True


def _apply_paid(
    session: Session, booking: Booking, row: BookingChange, ids: Ids, now: dt.datetime
) -> None:
    room, wish = booking.item(row.item), row.wish
    if wish is None or room.selection != row.was:
        raise NothingChanged  # the stay is another by now
    cause = row.cause or ReasonCode.TRAVELLER_CHANGED_PLANS
    held = row.state is ChangeState.HELD
    asked = ItemWish(booking, room, wish, cause, by_staff=True, agreed=held)
    worked = work_out(session, asked, now=now)
    if not held:
        if worked.quote.reckoned.difference_fen > row.difference_fen:
            raise ChangePriceChanged
        checks.lock_sale_if_needed(session, booking, worked.offer, worked.wants, now)
    # The sum that was agreed and paid stands, whatever the calendar says by now.
    reckoned = checks.at_agreed_sum(worked.quote.reckoned, row.difference_fen)
    kept = replace(worked, quote=replace(worked.quote, reckoned=reckoned))
    _apply(UnitOfWork(session, now, SYSTEM, ids), booking, row, kept, credit_limit_fen=0)


def _keep_rooms(
    session: Session, booking: Booking, row: BookingChange, worked: Worked, now: dt.datetime
) -> None:
    """Keep what the change needs more, under the change's own id, until it is paid."""
    have = claim_changes.held_by(session, [booking.id])
    more = claim_changes.missing(have, worked.wants)
    if more:
        take(session, wants=more, kind=ClaimKind.CHANGE, holder=row.id, now=now)


def _apply(
    work: UnitOfWork,
    booking: Booking,
    row: BookingChange,
    worked: Worked,
    *,
    credit_limit_fen: int,
) -> None:
    session, actor, now = work.session, work.actor, work.now
    quote = worked.quote
    claim_changes.reshape(
        session,
        holder=booking.id,
        wants=worked.wants,
        kind=ClaimKind.BOOKING,
        now=now,
        also=[row.id],
    )
    rewrite(
        session,
        booking,
        worked.room,
        Anew(quote.wish, worked.offer, quote.reckoned, worked.tariff_id, worked.first),
    )
    row.state, row.applied_at = ChangeState.APPLIED, now
    row.difference_fen, row.fee_fen = quote.reckoned.difference_fen, quote.fee_fen
    session.flush()
    if row.cause is ReasonCode.ENTERPRISE_SUSPENDED:
        rehousing_status.refunded(session, booking, actor, now)
    settlement.settle_change(
        session, booking, row, limit_fen=credit_limit_fen, ids=work.ids, now=now
    )
    fact = Fact(
        EventType.CHANGED,
        "booking.changed",
        reason=row.cause,
        fee_fen=quote.fee_fen,
        refund_fen=quote.refund_fen,
        total_before_fen=quote.total_before_fen,
        noted={
            "change": row.id,
            "kind": quote.kind.value,
            "difference_fen": row.difference_fen,
            "fee_fen": row.fee_fen,
        },
    )
    record(session, booking, fact, actor, now)
    transitions.tell(session, booking, "changed", now, mark=row.id)


def _about(action: str, row: BookingChange) -> Fact:
    """Return what became of a change that waits for its payment; the stay is as it was."""
    return Fact(EventType.UPDATED, action, more={"fields": ["change"]}, noted={"change": row.id})
