"""Rehousing: what happens to the guests of an enterprise whose sales were stopped.

Each booking that is paid and not over comes into a queue. The office offers rooms that are free
nearby; the guest accepts one, or takes the whole price back. Nobody pays more than was agreed: when
the new room costs less, the difference goes back; when it costs more, we add the rest for its
operator once the stay is over. A booking whose enterprise sells again is kept as it was.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.geography.rules import distance_km
from catalog.models import Listing, RoomType, Site
from catalog.service import lock_for_sale, require_for_sale
from marketplace.booking import settlement
from marketplace.booking.contract import cancellation_rules
from marketplace.booking.contract.holding import part_rows
from marketplace.booking.contract.placement import kept_price, nights_sold
from marketplace.booking.events.facts import record
from marketplace.booking.items import BookingPart
from marketplace.booking.lifecycle import transitions
from marketplace.booking.models import (
    Booking,
    Consent,
    Rehousing,
    RehousingOffer,
)
from marketplace.booking.rehousing import rehousing_status
from marketplace.booking.states import (
    REHOUSING_OPEN,
    BookingState,
    RehousingState,
    SeveralItems,
    WrongState,
)
from marketplace.inventory.claim_changes import reshape
from marketplace.inventory.models import ClaimKind
from marketplace.inventory.queries import least_free
from marketplace.inventory.service import SoldOut, Want
from marketplace.kernel.audit import Actor
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.errors import DomainError, Invalid, NotFound
from marketplace.kernel.ids import Ids
from marketplace.kernel.messages import Message
from marketplace.kernel.money import share_of
from marketplace.offers.quoting.stay_offers import check_rules, find_offer, price
from marketplace.pricing.nights.quote import Ask, Quote, agreed
from marketplace.staff_tasks.service import new_task, open_task

MOST_OFFERS = 5
CONSENT_VERSION = "rehousing-1"


class RehousingSettled(DomainError):
    """Somebody has chosen already."""

    code = "rehousing_settled"
    http_status = 409
    message = "这笔订单的安置已经办完，没有重复办理"


class NothingOffered(DomainError):
    """No other place is offered now."""

    code = "nothing_offered"
    http_status = 409
    message = "现在没有可以答复的安置方案，我们还在找"


class OfferGone(DomainError):
    """The room offered cannot be had any more; nothing was changed."""

    code = "offer_gone"
    http_status = 409
    message = "这间房刚刚被订走了，原来的订单没有变动。请选另一处，或者全额退款"


def offer(
    session: Session,
    *,
    rehousing_id: int,
    room_type_ids: Sequence[int],
    actor: Actor,
    now: dt.datetime,
) -> None:
    """Offer rooms to the guest and tell them; they take the place of what was offered before.

    Raises:
        NotFound. RehousingSettled: it is over. WrongState: the guest is in the house already.
        SeveralItems: rooms of several types are not found by one search: the office phones.
        Invalid: no room or too many, or one that does not fit or is not free.
    """
    row, booking = _waiting(session, rehousing_id)
    if booking.state is not BookingState.CONFIRMED:
        raise WrongState(extra={"state": booking.state.value})
    if not booking.is_one_room:
        raise SeveralItems
    wanted = sorted(set(room_type_ids))
    if not 1 <= len(wanted) <= MOST_OFFERS:
        raise Invalid({"rooms": Message("请选 1 到 %(most)s 处", most=MOST_OFFERS)})
    priced = {room: _fitting(session, booking, room, now) for room in wanted}
    far = _kilometres(session, booking, wanted)
    _forget_offers(session, row)
    session.add_all(
        RehousingOffer(
            rehousing_id=row.id, room_type_id=room, total_fen=quote.total_fen, km=far[room]
        )
        for room, quote in priced.items()
    )
    row.state = RehousingState.OFFERED
    row.offered_at, row.declined_at = now, None
    row.deadline = cancellation_rules.answer_by(offered_at=now, check_in=booking.starts_on)
    session.flush()
    fact = rehousing_status.search_fact("booking.rehousing_offered", noted={"rooms": len(priced)})
    record(session, booking, fact, actor, now)
    transitions.tell(session, booking, "rehousing_offered", now, mark=f"{row.id}:{now.isoformat()}")


def _forget_offers(session: Session, row: Rehousing) -> None:
    session.execute(
        sa.delete(RehousingOffer)
        .where(RehousingOffer.rehousing_id == row.id)
        .execution_options(synchronize_session=False)
    )


def _fitting(session: Session, booking: Booking, room_type_id: int, now: dt.datetime) -> Quote:
    """Return the price of a room that can take the booking, or say that it cannot."""
    try:
        found = find_offer(session, room_type_id=room_type_id)
        require_for_sale(
            session, enterprise_id=found.enterprise_id, wares=found.wares, today=shanghai_date(now)
        )
        room = booking.room
        ask = _ask(booking, now)
        check_rules(found, ask)
        free = least_free(session, pool_ids=[found.pool_id], stay=room.days)
        if free[found.pool_id] < room.units:
            raise SoldOut(pools=[found.pool_id])
        return price(session, room_type_id=room_type_id, ask=ask, bound=False).quote
    except DomainError as error:
        raise Invalid({"rooms": "选中的房间里有已经不能订的，请刷新后重选"}) from error


def _ask(booking: Booking, now: dt.datetime) -> Ask:
    """Return what the new room must take; meals and beds of the old place are not asked for."""
    room = booking.room
    return Ask(room.days, shanghai_date(now), room.units, room.selection.party)


def _kilometres(session: Session, booking: Booking, rooms: Sequence[int]) -> dict[int, float]:
    """Return how far each room is from the booked place, by their sites."""
    booked = booking.room.room_type_id
    sites = session.execute(
        sa.select(RoomType.id, Site.lat, Site.lon)
        .join(Listing, Listing.id == RoomType.listing_id)
        .join(Site, Site.id == Listing.site_id)
        .where(RoomType.id.in_([*rooms, booked]))
    )
    points = {row.id: (row.lat, row.lon) for row in sites}
    here = points[booked]
    return {room: round(distance_km(*here, *points[room]), 1) for room in rooms}


def accept(
    session: Session,
    *,
    booking_id: str,
    offer_id: int,
    recipient: str,
    actor: Actor,
    ids: Ids,
    now: dt.datetime,
) -> None:
    """Move the booking to a room that was offered: one transaction, stock exact, never dearer.

    ``recipient`` is the new operator by the name shown: who receives the guest's name and phone
    from now on (PIPL article 23).

    Raises:
        NotFound: not an offer for this booking. RehousingSettled: it is over.
        OfferGone: the room was taken meanwhile, or costs more than when it was offered.
    """
    booking = transitions.locked(session, booking_id)
    row, chosen = _offered(session, booking, offer_id)
    found = find_offer(session, room_type_id=chosen.room_type_id)
    try:
        lock_for_sale(session, enterprise_id=found.enterprise_id, today=shanghai_date(now))
        room = booking.room
        priced = price(
            session, room_type_id=found.room_type_id, ask=_ask(booking, now), bound=False
        )
        quote = priced.quote
        if quote.total_fen > chosen.total_fen:
            raise SoldOut(pools=[found.pool_id])
        with session.begin_nested():
            want = Want(found.pool_id, room.days, room.units)
            reshape(session, holder=booking.id, wants=[want], kind=ClaimKind.BOOKING, now=now)
    except DomainError as error:
        raise OfferGone from error
    before_fen = booking.total_fen
    back_fen = max(0, before_fen - quote.total_fen)
    left = room.enterprise_id
    booking.enterprise_id = room.enterprise_id = found.enterprise_id
    room.listing_id, room.room_type_id = found.listing_id, found.room_type_id
    room.pool_id, room.tariff_id = found.pool_id, priced.plan.tariff_id
    _reprice(session, booking, quote)
    session.add(
        Consent(
            booking_id=booking.id,
            purpose="share_with_operator",
            recipient=recipient[:120],
            version=CONSENT_VERSION,
            given_at=now,
        )
    )
    row.state, row.ended_at = RehousingState.MOVED, now
    settlement.refund(
        session, booking, back_fen, occasion=settlement.Rehoused(row.id), ids=ids, now=now
    )
    session.flush()
    fact = rehousing_status.search_fact("booking.rehoused", noted={"left": left})
    fact = replace(fact, refund_fen=back_fen, total_before_fen=before_fen)
    record(session, booking, fact, actor, now)
    transitions.tell(session, booking, "rehoused", now, mark=str(row.id))


def _reprice(session: Session, booking: Booking, quote: Quote) -> None:
    """Give the nights the new room's prices, at most the sum that was agreed."""
    room = booking.room
    total = min(booking.total_fen, quote.total_fen)
    gap = quote.total_fen - total
    # What a dearer room costs more is ours to add, less the commission that it would have borne.
    room.topup_fen = gap - share_of(gap, room.commission_bp)
    lowered = agreed(quote, total)
    room.list_fen, room.total_fen = lowered.list_fen, total
    room.board, room.extra_beds = lowered.board, 0
    room.price = kept_price(lowered)
    booking.sum_up()
    session.execute(sa.update(BookingPart), part_rows(room, nights_sold(lowered)))


def decline(session: Session, *, booking_id: str, actor: Actor, now: dt.datetime) -> None:
    """Turn down what was offered: the booking waits again, and the office is told.

    Raises:
        NotFound. RehousingSettled: nothing waits any more. NothingOffered: nothing to turn down.
    """
    booking = transitions.locked(session, booking_id)
    row = session.scalars(
        sa.select(Rehousing)
        .where(Rehousing.booking_id == booking.id, Rehousing.state.in_(REHOUSING_OPEN))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise RehousingSettled
    if row.state is not RehousingState.OFFERED:
        raise NothingOffered
    _forget_offers(session, row)
    row.state, row.deadline, row.declined_at = RehousingState.OPEN, None, now
    session.flush()
    record(session, booking, rehousing_status.search_fact("booking.rehousing_declined"), actor, now)
    declined = new_task(
        kind="rehousing_declined",
        key=f"rehousing_declined:{row.id}:{now.isoformat()}",
        booking_id=booking.id,
        rehousing=row.id,
    )
    open_task(session, declined, now=now)


def keep(session: Session, *, rehousing_id: int, actor: Actor, now: dt.datetime) -> None:
    """Note that guest and office agreed to leave the booking as it is.

    Raises:
        NotFound. RehousingSettled: it is over already.
    """
    row, booking = _waiting(session, rehousing_id)
    row.state, row.ended_at = RehousingState.KEPT, now
    session.flush()
    record(session, booking, rehousing_status.search_fact("booking.kept"), actor, now)


def _waiting(session: Session, rehousing_id: int) -> tuple[Rehousing, Booking]:
    booking_id = session.scalar(sa.select(Rehousing.booking_id).where(Rehousing.id == rehousing_id))
    if booking_id is None:
        raise NotFound
    booking = transitions.locked(session, booking_id)
    row = session.get_one(Rehousing, rehousing_id, with_for_update=True, populate_existing=True)
    if row.state not in REHOUSING_OPEN:
        raise RehousingSettled
    return row, booking


def _offered(session: Session, booking: Booking, offer_id: int) -> tuple[Rehousing, RehousingOffer]:
    found = session.execute(
        sa.select(Rehousing, RehousingOffer)
        .join(RehousingOffer, RehousingOffer.rehousing_id == Rehousing.id)
        .where(RehousingOffer.id == offer_id, Rehousing.booking_id == booking.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    row, chosen = found
    if row.state is not RehousingState.OFFERED or booking.state is not BookingState.CONFIRMED:
        raise RehousingSettled
    return row, chosen
