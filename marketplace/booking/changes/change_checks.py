"""What a change of a stay must keep to: dates, the house's rules, rooms that are free."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.sale import listing_stop, refuse
from catalog.service import lock_for_sale, require_for_sale
from marketplace.booking.changes import pending_changes
from marketplace.booking.changes.change_pricing import (
    MOVE_UNTIL_DAYS,
    NOTHING_KEPT,
    Cuts,
    Reckoned,
    kind_of,
)
from marketplace.booking.contract import cancellation_rules
from marketplace.booking.items import BookingItem
from marketplace.booking.lifecycle import transitions
from marketplace.booking.models import Booking, BookingChange
from marketplace.booking.states import FREE_CAUSES, ChangeKind, ChangeState, ReasonCode
from marketplace.inventory import claim_changes
from marketplace.inventory.queries import least_free
from marketplace.inventory.service import SoldOut, Want
from marketplace.kernel.clock import shanghai_date, shanghai_midnight
from marketplace.kernel.errors import DomainError, Invalid
from marketplace.kernel.stay import Stay
from marketplace.offers.quoting.stay_offers import Offer, check_party, check_rules, listing_refusals
from marketplace.pricing.nights.quote import Ask
from marketplace.pricing.nights.restrictions import Refusal, Restricted, Rule, refusals
from marketplace.pricing.nights.selection import StaySelection
from marketplace.pricing.queries import Plan

TAKES_ROOMS = frozenset({ChangeKind.EXTEND, ChangeKind.MOVE, ChangeKind.ROOM})


class TooLateToMove(DomainError):
    """A stay is moved by its traveller until some days before arrival only."""

    code = "too_late_to_move"
    http_status = 409
    message = "离到店不到%(days)s天，不能自己改日期了。请打电话给我们，我们和店家商量"


class BookingDiffers(DomainError):
    """The booking is no longer what the page showed; nothing was changed."""

    code = "booking_differs"
    http_status = 409
    message = "这一页已经旧了，订单刚刚在别处改过。什么都没有改"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page showed of a booking: what a person who presses its button agrees about."""

    rooms: tuple[StaySelection, ...]
    """The stay in each kind of its rooms."""
    total_fen: int
    waiting: str
    """The change that waited for its payment, by its id; empty for none."""

    def is_still(self, now: Seen) -> bool:
        """Whether the booking is as it was seen; a change may have lapsed, and none have come."""
        same = (self.rooms, self.total_fen) == (now.rooms, now.total_fen)
        return same and now.waiting in ("", self.waiting)


def require_seen(session: Session, *, booking_id: str, seen: Seen) -> Booking:
    """Return the booking, locked, while it is what was seen of it.

    Raises:
        NotFound. BookingDiffers: it was changed since.
    """
    booking = transitions.locked(session, booking_id)
    waiting = pending_changes.held_change(session, booking_id)
    rooms = tuple(item.selection for item in booking.items)
    now = Seen(rooms, booking.total_fen, waiting.id if waiting is not None else "")
    if not seen.is_still(now):
        raise BookingDiffers
    return booking


def check_dates(
    kind: ChangeKind,
    was: StaySelection,
    wish: StaySelection,
    *,
    today: dt.date,
    in_stay: bool,
    by_staff: bool,
) -> None:
    """Refuse dates that cannot be: in the past, or another arrival than the one that has been.

    Raises:
        Invalid, TooLateToMove.
    """
    faults: dict[str, str] = {}
    if in_stay and wish.stay.check_in != was.stay.check_in:
        faults["arrive"] = "已经入住，到达日期不能改了"
    if not in_stay and wish.stay.check_in != was.stay.check_in and wish.stay.check_in < today:
        faults["arrive"] = "到达日期已经过去，请选今天或以后的日期"
    # Who is in the house may leave today; before arrival at least one night is still to come.
    if wish.stay.check_out < today or (wish.stay.check_out == today and not in_stay):
        faults["depart"] = "离店日期已经过去，请选今天或以后的日期"
    if faults:
        raise Invalid(faults)
    if (
        kind is ChangeKind.MOVE
        and not by_staff
        and (was.stay.check_in - today).days < MOVE_UNTIL_DAYS
    ):
        raise TooLateToMove(days=MOVE_UNTIL_DAYS)


def check_wish(
    offer: Offer,
    was: StaySelection,
    wish: StaySelection,
    *,
    plan: Plan,
    bound_since: dt.date | None,
    today: dt.date,
) -> None:
    """Refuse what the listing or the operator's restrictions do not allow.

    ``bound_since`` is the day of booking that the restrictions look at; ``None`` where they do not
    bind: who leaves early (is in the house, or takes back a change of today), and staff, who may
    set them aside. Nor do they bind another party, which takes no nights; then only the people
    must fit. Before arrival a shorter stay keeps to the restrictions as every other change of dates
    does. A rule that the stay broke before does not stand in the way, unless it is broken by what
    is new.

    Raises:
        Invalid, Restricted, NotBookable.
    """
    kind = kind_of(was, wish)
    ask = Ask.of(wish, booked_on=today)
    if kind in TAKES_ROOMS:
        refuse(listing_stop(offer.wares))
        check_rules(offer, ask)
    else:
        check_party(offer, ask)
    if bound_since is None or not (kind in TAKES_ROOMS or kind is ChangeKind.SHORTEN):
        return

    def broken(stay: Stay) -> list[Refusal]:
        found = refusals(stay=stay, booked_on=bound_since, terms=plan.terms, days=plan.rules)
        return [*listing_refusals(offer, stay), *found] if kind is ChangeKind.SHORTEN else found

    same_arrival = kind in {ChangeKind.EXTEND, ChangeKind.SHORTEN}
    before = {refusal.rule for refusal in broken(was.stay)} if same_arrival else set()
    if kind is ChangeKind.SHORTEN:
        before -= {Rule.MIN_NIGHTS, Rule.NO_DEPARTURE}
    new = [refusal for refusal in broken(wish.stay) if refusal.rule not in before]
    if new:
        raise Restricted(new)


def require_to_be_had(
    session: Session, offer: Offer, more: Sequence[Want], *, today: dt.date
) -> None:
    """Refuse more rooms that cannot be had now; the change itself decides.

    Raises:
        NotBookable: the enterprise may not sell. SoldOut: a night is not free.
    """
    if more:
        require_for_sale(session, enterprise_id=offer.enterprise_id, today=today)
    for want in more:
        if least_free(session, pool_ids=[want.pool_id], stay=want.stay)[want.pool_id] < want.units:
            raise SoldOut(pools=[want.pool_id])


def lock_sale_if_needed(
    session: Session, booking: Booking, offer: Offer, wants: Sequence[Want], now: dt.datetime
) -> None:
    """Hold the enterprise as it is, and check that it may sell, if the change needs more rooms."""
    if claim_changes.missing(claim_changes.held_by(session, [booking.id]), wants):
        lock_for_sale(session, enterprise_id=offer.enterprise_id, today=shanghai_date(now))


def is_taken_back(session: Session, room: BookingItem, wish: StaySelection, today: dt.date) -> bool:
    """Whether ``wish`` is the item's stay as it was before a change made today, in Shanghai."""
    before = session.scalars(
        sa.select(BookingChange.was).where(
            BookingChange.booking_id == room.booking_id,
            BookingChange.item == room.number,
            BookingChange.state == ChangeState.APPLIED,
            BookingChange.applied_at >= shanghai_midnight(today),
            # What was kept stays kept, and a swap was not the guest's doing.
            BookingChange.fee_fen == 0,
            BookingChange.kind != ChangeKind.SWAP,
        )
    )
    return wish in before.all()


def cuts_before(session: Session, room: BookingItem, today: dt.date) -> Cuts:
    """Return how the item was cut short before: sums of today, and until when nights counted."""
    rows = session.execute(
        sa.select(
            BookingChange.applied_at, BookingChange.difference_fen, BookingChange.fee_fen
        ).where(
            BookingChange.booking_id == room.booking_id,
            BookingChange.item == room.number,
            BookingChange.state == ChangeState.APPLIED,
            BookingChange.kind == ChangeKind.SHORTEN,
        )
    ).all()
    dated = [(shanghai_date(row.applied_at), row) for row in rows]
    return Cuts(
        sum(max(0, -row.difference_fen) for day, row in dated if day == today),
        sum(row.fee_fen for day, row in dated if day == today),
        max((day for day, _ in dated if day < today), default=dt.date.min),
    )


def may_still_undo(booking: Booking, now: dt.datetime) -> bool:
    """Whether the booking was paid so lately that it could be cancelled for nothing."""
    return (
        booking.confirmed_at is not None
        and now - booking.confirmed_at < cancellation_rules.UNDO_WITHIN
    )


def counts_at_list(kind: ChangeKind, cause: ReasonCode, *, in_stay: bool, taken_back: bool) -> bool:
    """Whether used nights count at their list price: a stay cut short by the guest's own wish."""
    return kind is ChangeKind.SHORTEN and in_stay and cause not in FREE_CAUSES and not taken_back


def at_agreed_sum(reckoned: Reckoned, difference_fen: int) -> Reckoned:
    """Return the change at the sum that was agreed and paid, whatever the calendar says by now.

    Raises:
        SoldOut: there is no night to come that could bear it.
    """
    more = difference_fen - reckoned.difference_fen
    if reckoned.rest is None or reckoned.rest_fen + more < 0:
        raise SoldOut(pools=())
    return replace(
        reckoned,
        difference_fen=difference_fen,
        rest_fen=reckoned.rest_fen + more,
        kept=NOTHING_KEPT,
    )
