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
from sqlalchemy.orm import Session, selectinload

from catalog.service import lock_for_sale
from marketplace.booking import settlement
from marketplace.booking.contract import cancellation_rules
from marketplace.booking.contract.holding import part_rows
from marketplace.booking.contract.placement import kept_price, nights_sold
from marketplace.booking.events.facts import record
from marketplace.booking.items import BookingItem, BookingPart
from marketplace.booking.lifecycle import transitions
from marketplace.booking.models import (
    Booking,
    Consent,
    OfferedRoom,
    Rehousing,
    RehousingOffer,
)
from marketplace.booking.rehousing import rehousing_status
from marketplace.booking.rehousing.place_fitting import (
    kilometres,
    offered_rooms,
    price_now,
    rooms_of,
    wants_at,
)
from marketplace.booking.states import (
    REHOUSING_OPEN,
    BookingState,
    RehousingState,
    SeveralHouses,
    WrongState,
)
from marketplace.inventory.claim_changes import reshape
from marketplace.inventory.models import ClaimKind
from marketplace.inventory.service import SoldOut
from marketplace.kernel.audit import Actor
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.errors import DomainError, Invalid, NotFound
from marketplace.kernel.ids import Ids
from marketplace.kernel.messages import Message
from marketplace.kernel.money import share_of
from marketplace.offers.quoting.stay_offers import Offer, Priced
from marketplace.pricing.nights.quote import Quote, agreed
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
    places: Sequence[Sequence[int]],
    actor: Actor,
    now: dt.datetime,
) -> None:
    """Offer places to the guest and tell them; they take the place of what was offered before.

    Each of ``places`` names a room type of one listing for each item of the booking, in the order
    of its items.

    Raises:
        NotFound. RehousingSettled: it is over. WrongState: the guest is in the house already.
        SeveralHouses: its rooms are not of one house: the office phones.
        Invalid: no place or too many, or one whose rooms do not fit or are not free.
    """
    row, booking = _waiting(session, rehousing_id)
    if booking.state is not BookingState.CONFIRMED:
        raise WrongState(extra={"state": booking.state.value})
    if not booking.is_of_one_house:
        raise SeveralHouses
    wanted = sorted({tuple(place) for place in places})
    if not 1 <= len(wanted) <= MOST_OFFERS:
        raise Invalid({"rooms": Message("请选 1 到 %(most)s 处", most=MOST_OFFERS)})
    priced = {place: offered_rooms(session, booking, place, now) for place in wanted}
    far = kilometres(session, booking, [place[0] for place in wanted])
    _forget_offers(session, row)
    session.add_all(
        RehousingOffer(rehousing_id=row.id, km=far[place[0]], rooms=rooms)
        for place, rooms in priced.items()
    )
    row.state = RehousingState.OFFERED
    row.offered_at, row.declined_at = now, None
    row.deadline = cancellation_rules.answer_by(offered_at=now, check_in=booking.starts_on)
    session.flush()
    fact = rehousing_status.search_fact("booking.rehousing_offered", noted={"rooms": len(priced)})
    record(session, booking, fact, actor, now)
    transitions.tell(session, booking, "rehousing_offered", now, mark=f"{row.id}:{now.isoformat()}")


def _forget_offers(session: Session, row: Rehousing) -> None:
    mine = sa.select(RehousingOffer.id).where(RehousingOffer.rehousing_id == row.id)
    for table, where in (
        (OfferedRoom, OfferedRoom.offer_id.in_(mine)),
        (RehousingOffer, RehousingOffer.rehousing_id == row.id),
    ):
        session.execute(sa.delete(table).where(where).execution_options(synchronize_session=False))


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
    """Move the booking to a place that was offered: one transaction, stock exact, never dearer.

    All its rooms move or none does.

    ``recipient`` is the new operator by the name shown: who receives the guest's name and phone
    from now on (PIPL article 23).

    Raises:
        NotFound: not an offer for this booking. RehousingSettled: it is over.
        OfferGone: a room was taken meanwhile, or costs more than when it was offered.
    """
    booking = transitions.locked(session, booking_id)
    row, chosen = _offered(session, booking, offer_id)
    try:
        found, priced = _taken(session, booking, chosen, now)
    except DomainError as error:
        raise OfferGone from error
    before_fen, left = booking.total_fen, booking.enterprise_id
    booking.enterprise_id = found[0].enterprise_id
    for item, room, anew in zip(booking.items, found, priced, strict=True):
        item.enterprise_id = room.enterprise_id
        item.listing_id, item.room_type_id = room.listing_id, room.room_type_id
        item.pool_id, item.tariff_id = room.pool_id, anew.plan.tariff_id
        _reprice(session, item, anew.quote)
    booking.sum_up()
    back_fen = before_fen - booking.total_fen
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


def _taken(
    session: Session, booking: Booking, chosen: RehousingOffer, now: dt.datetime
) -> tuple[list[Offer], list[Priced]]:
    """Take the rooms that were offered in place of those held, and price them as of today.

    Raises:
        DomainError: one of them cannot be had, or costs more than when it was offered.
    """
    rooms = sorted(chosen.rooms, key=lambda room: room.item)
    found = rooms_of(session, booking, [room.room_type_id for room in rooms])
    lock_for_sale(session, enterprise_id=found[0].enterprise_id, today=shanghai_date(now))
    priced = [
        price_now(session, room, item, now) for item, room in zip(booking.items, found, strict=True)
    ]
    for said, room, anew in zip(rooms, found, priced, strict=True):
        if anew.quote.total_fen > said.total_fen:
            raise SoldOut(pools=[room.pool_id])
    with session.begin_nested():
        reshape(
            session,
            holder=booking.id,
            wants=wants_at(booking, found),
            kind=ClaimKind.BOOKING,
            now=now,
        )
    return found, priced


def _reprice(session: Session, item: BookingItem, quote: Quote) -> None:
    """Give an item's nights the new room's prices, at most the sum that was agreed for it."""
    total = min(item.total_fen, quote.total_fen)
    gap = quote.total_fen - total
    # What a dearer room costs more is ours to add, less the commission that it would have borne.
    item.topup_fen = gap - share_of(gap, item.commission_bp)
    lowered = agreed(quote, total)
    item.list_fen, item.total_fen = lowered.list_fen, total
    item.board, item.extra_beds = lowered.board, 0
    item.price = kept_price(lowered)
    session.execute(sa.update(BookingPart), part_rows(item, nights_sold(lowered)))


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
        .options(selectinload(RehousingOffer.rooms))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    row, chosen = found
    if row.state is not RehousingState.OFFERED or booking.state is not BookingState.CONFIRMED:
        raise RehousingSettled
    return row, chosen
