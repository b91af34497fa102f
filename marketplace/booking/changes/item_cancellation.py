"""One item of several is given up alone: its stock, its money, and what is written down of it.

It is a change of its own kind. The item ends by its own policy and with its own commission, as a
booking of that item alone would; the others stay as they are.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.booking import settlement
from marketplace.booking.changes import pending_changes
from marketplace.booking.changes.change_writer import remove
from marketplace.booking.contract import cancellation_rules
from marketplace.booking.contract.cancellation_rules import CancelQuote
from marketplace.booking.contract.orders import ItemOrder, ItemSource, ItemTerms, PartSold
from marketplace.booking.events.facts import Fact, record
from marketplace.booking.items import BookingItem, BookingPart
from marketplace.booking.lifecycle import transitions
from marketplace.booking.lifecycle.transitions import RefundChanged
from marketplace.booking.models import Booking, BookingChange
from marketplace.booking.rehousing import rehousing_status
from marketplace.booking.states import (
    FREE_CAUSES,
    BookingState,
    ChangeKind,
    ChangeState,
    EventType,
    ReasonCode,
    WrongState,
)
from marketplace.inventory import claim_changes
from marketplace.inventory.models import ClaimKind
from marketplace.inventory.service import Want
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.kernel.unit_of_work import UnitOfWork


class LastItem(DomainError):
    """It is the only item left: the whole booking is cancelled instead."""

    code = "last_item"
    http_status = 409
    message = "订单里只剩这一种房了，不能单独退。不来住的话，请取消整个订单"


@dataclass(frozen=True, slots=True)
class CancelItem:
    """A wish to give up one item of a booking."""

    booking_id: str
    item: int
    """Its number."""
    reason: ReasonCode
    expected_refund_fen: int | None
    """The sum that was shown; ``None`` where none was."""


def quote_item(
    session: Session,
    *,
    booking_id: str,
    item: int,
    cause: ReasonCode = ReasonCode.TRAVELLER_CHANGED_PLANS,
    now: dt.datetime,
) -> CancelQuote:
    """Return what giving up one item now would keep and give back; changes nothing.

    Raises:
        NotFound: no such booking, or no such item of it any more. LastItem: there is no other.
        WrongState: it is not confirmed, the item has begun, or its guest waits for another place.
    """
    booking = session.get(Booking, booking_id)
    if booking is None:
        raise NotFound
    return _quote(session, booking, booking.item(item), cause, now)


def cancel_item(work: UnitOfWork, command: CancelItem) -> CancelQuote:
    """Give up one item of a booking, and give back what its policy says.

    Raises:
        Everything that ``quote_item`` raises. RefundChanged: the sum shown is stale.
    """
    session, now = work.session, work.now
    booking = transitions.locked(session, command.booking_id)
    room = booking.item(command.item)
    quote = _quote(session, booking, room, command.reason, now)
    if command.expected_refund_fen not in (None, quote.refund_fen):
        raise RefundChanged(extra={"refund_fen": quote.refund_fen})
    _let_go_of_stock(session, booking, room, now)
    total_before_fen = booking.total_fen
    row = BookingChange(
        id=work.ids.new_id(),
        booking_id=booking.id,
        number=pending_changes.next_number(session, booking.id),
        item=room.number,
        kind=ChangeKind.CANCEL,
        state=ChangeState.APPLIED,
        wish=None,
        was=room.selection,
        given_up=_whole(session, room),
        cause=ReasonCode.UNDO if quote.undo else command.reason,
        difference_fen=-room.total_fen,
        fee_fen=quote.fee_fen,
        made_at=now,
        applied_at=now,
    )
    session.add(row)
    session.flush()
    if command.reason is ReasonCode.ENTERPRISE_SUSPENDED:
        rehousing_status.refunded(session, booking, work.actor, now)
    settlement.settle_change(session, booking, row, limit_fen=0, ids=work.ids, now=now)
    remove(session, booking, room)
    fact = Fact(
        EventType.CHANGED,
        "booking.item_cancelled",
        reason=row.cause,
        fee_fen=quote.fee_fen,
        refund_fen=quote.refund_fen,
        total_before_fen=total_before_fen,
        noted={
            "change": row.id,
            "item": row.item,
            "fee_fen": quote.fee_fen,
            "refund_fen": quote.refund_fen,
        },
    )
    record(session, booking, fact, work.actor, now)
    transitions.tell(session, booking, "room_given_up", now, mark=row.id)
    return quote


def may_end(booking: Booking, room: BookingItem, today: dt.date) -> bool:
    """Whether an item is still to come: who sleeps in a room leaves it early instead."""
    begun = booking.state is BookingState.IN_STAY and room.first_day <= today
    return booking.state in {BookingState.CONFIRMED, BookingState.IN_STAY} and not begun


def _quote(
    session: Session, booking: Booking, room: BookingItem, cause: ReasonCode, now: dt.datetime
) -> CancelQuote:
    # Its guest is in the house that was stopped, and leaves it with all rooms.
    excused = cause is ReasonCode.ENTERPRISE_SUSPENDED and booking.state is BookingState.IN_STAY
    waits = not excused and rehousing_status.waiting(session, booking.id)
    if waits or not may_end(booking, room, shanghai_date(now)):
        raise WrongState(extra={"state": booking.state.value})
    if len(booking.items) == 1:
        raise LastItem
    paid_fen = room.total_fen
    if cause in FREE_CAUSES:
        return CancelQuote((), paid_fen, 0, undo=False, excused=True)
    sold = pending_changes.sold(session, booking)[booking.items.index(room)]
    return cancellation_rules.cancel_quote(
        sold=[sold],
        paid_fen=paid_fen,
        confirmed_at=booking.confirmed_at,
        now=now,
    )


def _let_go_of_stock(
    session: Session, booking: Booking, room: BookingItem, now: dt.datetime
) -> None:
    """Give the item's days back, and what a change of it keeps that waits for its payment."""
    have = claim_changes.held_by(session, [booking.id])
    wants = claim_changes.replaced(have, [Want(room.pool_id, room.days, room.units)], [])
    waiting = pending_changes.held_change(session, booking.id)
    if waiting is not None and waiting.item == room.number:
        pending_changes.drop(session, booking.id, now=now, together_with=wants)
    if not booking.test:
        claim_changes.reshape(
            session, holder=booking.id, wants=wants, kind=ClaimKind.BOOKING, now=now
        )


def _whole(session: Session, room: BookingItem) -> ItemOrder:
    """Return all that was agreed about an item, for the change that keeps it."""
    parts = session.execute(
        sa.select(BookingPart.day, BookingPart.rate_fen, BookingPart.list_fen, BookingPart.sold_fen)
        .where(BookingPart.booking_id == room.booking_id, BookingPart.item == room.number)
        .order_by(BookingPart.day)
    )
    return ItemOrder(
        room.kind,
        ItemSource(room.enterprise_id, room.listing_id, room.pool_id),
        room.selection,
        ItemTerms(room.tariff_id, room.price, room.commission_bp, room.policy),
        tuple(PartSold(*part) for part in parts),
    )
