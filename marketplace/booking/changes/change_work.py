"""What a change of a stay comes to: checked by its rules, priced, and the rooms that it needs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from marketplace.booking.changes import change_checks as checks
from marketplace.booking.changes.change_pricing import (
    NO_CUTS,
    Keeping,
    SoldStay,
    Tariffed,
    fee_bp_of,
    kind_of,
    reckon,
    rest_from,
)
from marketplace.booking.changes.change_quotes import ChangeQuote
from marketplace.booking.changes.change_writer import nights_of
from marketplace.booking.items import BookingItem
from marketplace.booking.models import Booking
from marketplace.booking.rehousing import rehousing_status
from marketplace.booking.states import (
    FREE_CAUSES,
    BookingState,
    ChangeKind,
    ReasonCode,
    WrongState,
)
from marketplace.inventory import claim_changes
from marketplace.inventory.service import Want
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.offers.quoting.stay_offers import Offer, find_offer
from marketplace.pricing import queries as prices
from marketplace.pricing.nights.selection import StaySelection

CHANGEABLE = frozenset({BookingState.CONFIRMED, BookingState.IN_STAY})


class NothingChanged(DomainError):
    """The stay wished is the stay booked."""

    code = "nothing_changed"
    http_status = 422
    message = "和原来的订单一样，没有要改的"


@dataclass(frozen=True, slots=True)
class Worked:
    """A quote with what is needed to carry it out."""

    quote: ChangeQuote
    room: BookingItem
    offer: Offer
    tariff_id: int | None
    first: dt.date
    wants: list[Want]


@dataclass(frozen=True, slots=True)
class ItemWish:
    """What one item of a booking is to be, and why."""

    booking: Booking
    room: BookingItem
    wish: StaySelection
    cause: ReasonCode
    by_staff: bool
    agreed: bool = False
    """Its rules were met and its sum said before: it is being paid for."""


def work_out(session: Session, asked: ItemWish, *, now: dt.datetime) -> Worked:
    """Return what a change costs and needs; one that was ``agreed`` has met its rules before.

    Raises:
        WrongState, NothingChanged, NotFound. Whatever ``checks`` refuse.
    """
    booking, room, wish, cause = asked.booking, asked.room, asked.wish, asked.cause
    by_staff, agreed = asked.by_staff, asked.agreed
    excused = by_staff and cause is ReasonCode.ENTERPRISE_SUSPENDED
    stuck = not excused and rehousing_status.waiting(session, booking.id)
    if booking.state not in CHANGEABLE or booking.test or stuck:
        raise WrongState(extra={"state": booking.state.value})
    was, today = room.selection, shanghai_date(now)
    kind = kind_of(was, wish)
    if kind is None:
        raise NothingChanged
    # A room that is slept in from a later day on is still to come when the others are slept in.
    in_stay = booking.state is BookingState.IN_STAY and room.first_day <= today
    if in_stay and today > room.last_day and not agreed:
        raise WrongState(extra={"state": booking.state.value})  # over, and about to be completed
    # What was agreed before midnight holds after it: no night in between may go missing.
    first = min(max(today, room.first_day), room.last_day) if in_stay else dt.date.min
    checks.check_dates(kind, was, wish, today=today, in_stay=in_stay, by_staff=by_staff)
    offer = find_offer(session, room_type_id=wish.room_type_id)
    if offer.enterprise_id != room.enterprise_id:
        raise NotFound
    nights = nights_of(session, room)
    terms = prices.terms_of(session, tariff_id=room.tariff_id)
    sold = {night.day: night.rate_fen for night in nights}
    before = Tariffed(terms, sold)
    plan = prices.plan(session, room_type_id=wish.room_type_id, stay=wish.stay)
    same_room = wish.room_type_id == was.room_type_id
    # What was sold keeps its price; what is new has today's.
    after = (
        Tariffed(terms, {**plan.rates, **sold}) if same_room else Tariffed(plan.terms, plan.rates)
    )
    taken_back = checks.is_taken_back(session, room, wish, today)
    if not agreed:
        leaves = kind is ChangeKind.SHORTEN and (in_stay or taken_back)
        booked_on = today if kind is ChangeKind.MOVE else shanghai_date(booking.placed_at)
        checks.check_wish(
            offer,
            was,
            wish,
            plan=plan,
            bound_since=None if by_staff or leaves else booked_on,
            today=today,
        )
    for_nothing = taken_back or checks.may_still_undo(booking, now)
    fee_bp = fee_bp_of(
        was=was,
        wish=wish,
        policy=room.policy,
        cause=cause,
        taken_back=for_nothing,
        today=today,
        first=first,
    )
    cutting = kind is ChangeKind.SHORTEN
    at_list = checks.counts_at_list(kind, cause, in_stay=in_stay, taken_back=for_nothing)
    reckoned = reckon(
        SoldStay(was, shanghai_date(booking.placed_at), nights, before),
        wish,
        after,
        first=first,
        keeping=Keeping(fee_bp, at_list, cutting and cause in FREE_CAUSES),
        taken_back=taken_back,
        cuts=checks.cuts_before(session, room, today) if cutting else NO_CUTS,
    )
    quote = ChangeQuote(kind, was, wish, booking.total_fen, reckoned, fee_bp, taken_back)
    have = claim_changes.held_by(session, [booking.id])
    wants = claim_changes.replaced(
        have,
        [Want(room.pool_id, left, room.units)] if (left := rest_from(was, first)) else [],
        [Want(offer.pool_id, rest, room.units)] if (rest := rest_from(wish, first)) else [],
    )
    tariff_id = room.tariff_id if same_room else plan.tariff_id
    return Worked(quote, room, offer, tariff_id, first, wants)
