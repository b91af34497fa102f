"""Two bookings change rooms, by the operator: nobody pays more, and who gets less gets it back.

Of a booking of several rooms one is changed, named by its number; the others stay as they are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from marketplace.booking import settlement
from marketplace.booking.changes import pending_changes
from marketplace.booking.changes.change_pricing import (
    Keeping,
    Reckoned,
    SoldStay,
    Tariffed,
    reckon,
    rest_from,
)
from marketplace.booking.changes.change_work import CHANGEABLE
from marketplace.booking.changes.change_writer import Anew, nights_of, rewrite
from marketplace.booking.events.facts import Fact, record
from marketplace.booking.items import BookingItem
from marketplace.booking.lifecycle import transitions
from marketplace.booking.models import Booking, BookingChange
from marketplace.booking.rehousing import rehousing_status
from marketplace.booking.states import BookingState, ChangeKind, ChangeState, EventType, WrongState
from marketplace.inventory import claim_changes
from marketplace.inventory.models import ClaimKind
from marketplace.inventory.service import Want
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.offers.quoting.stay_offers import Offer, check_party, find_offer
from marketplace.pricing import queries as prices
from marketplace.pricing.nights.quote import Ask
from marketplace.pricing.nights.selection import StaySelection


class NotSwappable(DomainError):
    """The two stays have not the same nights to come and number of rooms, or the same room type."""

    code = "not_swappable"
    http_status = 422
    message = "两个订单要是同样的日期和间数、不同的房型，才能对调"


@dataclass(frozen=True, slots=True)
class Side:
    """What one of the two gets."""

    booking_id: str
    wish: StaySelection
    reckoned: Reckoned
    would_cost_fen: int
    """How much more the new room would cost; the operator bears it."""

    @property
    def refund_fen(self) -> int:
        """What goes back because the new room costs less, in fen."""
        return self.reckoned.refund_fen


@dataclass(frozen=True, slots=True)
class _Move:
    booking: Booking
    room: BookingItem
    side: Side
    offer: Offer
    tariff_id: int | None
    first: dt.date
    wants: list[Want]


@dataclass(frozen=True, slots=True)
class RoomOf:
    """A room of a booking."""

    booking_id: str
    item: int | None = None
    """The number of the item; ``None`` for the only one."""


@dataclass(frozen=True, slots=True)
class SwapRooms:
    """A wish of a house to let two bookings change one room each; other rooms stay as they are."""

    first: RoomOf
    second: RoomOf
    enterprise_id: int
    """Which delivers both rooms."""

    @property
    def booking_ids(self) -> tuple[str, str]:
        """Whose rooms they are."""
        return self.first.booking_id, self.second.booking_id


def quote_swap(session: Session, command: SwapRooms, *, now: dt.datetime) -> tuple[Side, Side]:
    """Return what swapping would mean for both, changing nothing.

    Raises:
        NotFound, WrongState, NotSwappable. SeveralItems: which room of several is not said.
        Invalid: the people do not fit in the other room.
    """
    pair = [session.get(Booking, booking_id) for booking_id in command.booking_ids]
    one, other = _moves(session, command, pair, now)
    return one.side, other.side


def swap(work: UnitOfWork, command: SwapRooms) -> tuple[Side, Side]:
    """Let two bookings change rooms from now on, in one transaction; stock stays exact.

    Raises:
        Everything that ``quote_swap`` raises.
    """
    session, now = work.session, work.now
    found = {key: transitions.locked(session, key) for key in sorted(set(command.booking_ids))}
    pair = [found[booking_id] for booking_id in command.booking_ids]
    moves = _moves(session, command, pair, now)
    # Every room keeps a guest, so that nothing is given back that others could take meanwhile.
    claim_changes.exchange(
        session,
        wants={move.booking.id: move.wants for move in moves},
        kind=ClaimKind.BOOKING,
        now=now,
    )
    for move in moves:
        _carry_out(work, move)
    return moves[0].side, moves[1].side


def _moves(
    session: Session, command: SwapRooms, pair: Sequence[Booking | None], now: dt.datetime
) -> list[_Move]:
    one, other = pair
    if one is None or other is None:
        raise NotFound
    if one.id == other.id:
        raise NotSwappable
    if any(not booking.is_delivered_by(command.enterprise_id) for booking in (one, other)):
        raise NotFound
    for booking in (one, other):
        if (
            booking.state not in CHANGEABLE
            or booking.test
            or rehousing_status.waiting(session, booking.id)
        ):
            raise WrongState(extra={"state": booking.state.value})
    mine, theirs = one.item(command.first.item), other.item(command.second.item)
    if any(room.enterprise_id != command.enterprise_id for room in (mine, theirs)):
        raise NotFound
    first, last = _first(one, mine, now), mine.last_day
    alike = (first, last, mine.units) == (_first(other, theirs, now), theirs.last_day, theirs.units)
    if not alike or mine.room_type_id == theirs.room_type_id or first >= last:
        raise NotSwappable
    return [
        _move(session, one, mine, theirs.room_type_id, first),
        _move(session, other, theirs, mine.room_type_id, first),
    ]


def _first(booking: Booking, room: BookingItem, now: dt.datetime) -> dt.date:
    first = room.first_day
    return max(shanghai_date(now), first) if booking.state is BookingState.IN_STAY else first


def _move(
    session: Session, booking: Booking, room: BookingItem, room_type_id: int, first: dt.date
) -> _Move:
    was = room.selection
    offer = find_offer(session, room_type_id=room_type_id)
    plan = prices.plan(session, room_type_id=room_type_id, stay=was.stay)
    wish = replace(was, room_type_id=room_type_id, board=plan.terms.included_board, extra_beds=0)
    booked_on = shanghai_date(booking.placed_at)
    check_party(offer, Ask(was.stay, booked_on, was.rooms, was.party))
    nights = nights_of(session, room)
    sold = {night.day: night.rate_fen for night in nights}
    before = Tariffed(prices.terms_of(session, tariff_id=room.tariff_id), sold)
    reckoned = reckon(
        SoldStay(was, booked_on, nights, before),
        wish,
        Tariffed(plan.terms, plan.rates),
        first=first,
        keeping=Keeping(),
    )
    more = reckoned.pay_fen
    kept = replace(reckoned, difference_fen=min(0, reckoned.difference_fen))
    kept = replace(kept, rest_fen=reckoned.rest_fen - more)
    rest = rest_from(wish, first)
    wants = claim_changes.replaced(
        claim_changes.held_by(session, [booking.id]),
        [Want(room.pool_id, rest, room.units)] if rest else [],
        [Want(offer.pool_id, rest, room.units)] if rest else [],
    )
    side = Side(booking.id, wish, kept, more)
    return _Move(booking, room, side, offer, plan.tariff_id, first, wants)


def _carry_out(work: UnitOfWork, move: _Move) -> None:
    session, now = work.session, work.now
    booking, room, reckoned = move.booking, move.room, move.side.reckoned
    row = BookingChange(
        id=work.ids.new_id(),
        booking_id=booking.id,
        number=pending_changes.next_number(session, booking.id),
        item=room.number,
        kind=ChangeKind.SWAP,
        state=ChangeState.APPLIED,
        wish=move.side.wish,
        was=room.selection,
        difference_fen=reckoned.difference_fen,
        fee_fen=0,
        made_at=now,
        applied_at=now,
    )
    session.add(row)
    rewrite(
        session,
        booking,
        room,
        Anew(move.side.wish, move.offer, reckoned, move.tariff_id, move.first),
    )
    settlement.settle_change(session, booking, row, limit_fen=0, ids=work.ids, now=now)
    fact = Fact(
        EventType.CHANGED,
        "booking.swapped",
        refund_fen=reckoned.refund_fen,
        total_before_fen=booking.total_fen - reckoned.difference_fen,
        noted={"change": row.id},
    )
    record(session, booking, fact, work.actor, now)
    transitions.tell(session, booking, "changed", now, mark=row.id)
