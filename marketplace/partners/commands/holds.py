"""What a partner does with stays: hold, extend, confirm on account, cancel.

Every function locks the booking first and the partner's row after it, and the house, if it needs
one, last: in this order everywhere.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Enterprise, Listing, RoomType
from marketplace.booking import settlement
from marketplace.booking.contract.cancellation_rules import CancelQuote
from marketplace.booking.contract.hold_caps import DEFAULT_CAPS, Caps, kept
from marketplace.booking.contract.placement import PartnerSale, PlaceBooking, place
from marketplace.booking.lifecycle import payment_application, transitions
from marketplace.booking.models import Booking, RehousingOffer
from marketplace.booking.rehousing import rehousing_service
from marketplace.booking.states import ReasonCode, WrongState, state_at
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.kernel.ids import Ids
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.offers.quoting.stay_offers import Party
from marketplace.partners.keys import Caller
from marketplace.partners.models import Partner
from marketplace.partners.queries import sold_as
from marketplace.pricing.nights.terms import Board


class ReferenceTaken(DomainError):
    """The reference stands for a booking of this partner, neither cancelled nor expired.

    ``extra`` names that booking.
    """

    code = "reference_taken"
    http_status = 409
    message = "这个订单号已经用在您的另一个订单上，请核对，或换一个订单号"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a partner wants held."""

    room_type_id: int
    arrive: dt.date
    nights: int
    rooms: int
    party: Party
    external_ref: str
    """The partner's own reference."""
    expected_total_fen: int | None = None
    """The price shown to the customer."""
    source_province: str = ""
    """Where the guests come from, in Chinese, when the partner says so."""
    board: Board | None = None
    """``None`` for the meals that the room's price includes, or those of the quote."""
    extra_beds: int = 0
    adjoining: bool = False
    """Several rooms are wanted next to each other; a wish, no promise."""
    quote_id: str | None = None
    """The price that was given to this partner, to be honoured."""


def hold(
    session: Session,
    *,
    caller: Caller,
    wish: Wish,
    commission_bp: int,
    ids: Ids,
    now: dt.datetime,
    caps: Caps = DEFAULT_CAPS,
) -> Booking:
    """Hold rooms for 30 minutes; a test key's hold takes no stock.

    Raises:
        Invalid, Restricted, NotFound, NotBookable, SoldOut, PriceChanged: as for everybody.
        QuoteExpired, QuoteDiffers: the price named is honoured no longer, or is for another stay.
        CreditLimit: with what the partner owes and keeps on hold it could not be confirmed.
        HoldCap: the partner keeps as much on hold as it may.
        ReferenceTaken: the reference stands for another booking of this partner.
    """
    # Two holds or confirmations at once would each see the other's room in the limit.
    limit_fen = _locked_limit(session, caller)
    taken = sold_as(session, caller=caller, external_ref=wish.external_ref, now=now)
    if taken is not None:
        raise ReferenceTaken(extra={"booking": taken})
    command = PlaceBooking(
        room_type_id=wish.room_type_id,
        arrive=wish.arrive,
        nights=wish.nights,
        rooms=wish.rooms,
        party=wish.party,
        buyer=PartnerSale(caller.partner_id, wish.external_ref, caller.test),
        expected_total_fen=wish.expected_total_fen,
        source_province=wish.source_province,
        board=wish.board,
        extra_beds=wish.extra_beds,
        adjoining=wish.adjoining,
        quote_id=wish.quote_id,
    )
    booking = place(
        session,
        command=command,
        commission_bp=commission_bp,
        actor=caller.actor,
        ids=ids,
        now=now,
        caps=caps,
    )
    if not caller.test:
        held = kept(session, "partner", caller.partner_id, now=now).fen  # this hold is in it
        settlement.require_credit(
            session,
            partner_id=caller.partner_id,
            limit_fen=limit_fen,
            more_fen=booking.total_fen,
            held_fen=held - booking.total_fen,
        )
    return booking


def _locked_limit(session: Session, caller: Caller) -> int:
    """Return the caller's credit limit with the partner's row locked."""
    return session.scalars(
        sa.select(Partner.credit_limit_fen)
        .where(Partner.id == caller.partner_id)
        .with_for_update(key_share=True)
    ).one()


def own(session: Session, *, caller: Caller, booking_id: str) -> Booking:
    """Return the caller's booking with its row locked; anybody else's raises ``NotFound``."""
    booking = transitions.locked(session, booking_id)
    if booking.partner_id != caller.partner_id or booking.test != caller.test:
        raise NotFound
    return booking


def extend(session: Session, *, caller: Caller, booking_id: str, now: dt.datetime) -> Booking:
    """Keep a hold 30 minutes longer.

    Raises:
        NotFound, HoldExpired, WrongState, NoMoreExtensions.
    """
    own(session, caller=caller, booking_id=booking_id)
    return transitions.extend(session, booking_id=booking_id, actor=caller.actor, now=now)


def confirm(
    session: Session,
    *,
    caller: Caller,
    booking_id: str,
    lead_name: str,
    phone: str,
    now: dt.datetime,
) -> Booking:
    """Confirm a hold on account; ``phone`` is in its normal form.

    Raises:
        NotFound, HoldExpired, WrongState, CreditLimit.
    """
    own(session, caller=caller, booking_id=booking_id)
    return payment_application.confirm_on_account(
        UnitOfWork(session, now=now, actor=caller.actor),
        booking_id=booking_id,
        partner_id=caller.partner_id,
        credit_limit_fen=_locked_limit(session, caller),
        lead_name=lead_name,
        phone=phone,
    )


def accept_place(
    session: Session,
    *,
    caller: Caller,
    booking_id: str,
    offer_id: int,
    ids: Ids,
    now: dt.datetime,
) -> Booking:
    """Take one of the places offered instead of the house that was stopped.

    Raises:
        NotFound: not the caller's, or not an offer for it. RehousingSettled, OfferGone.
    """
    booking = own(session, caller=caller, booking_id=booking_id)
    recipient = session.scalar(
        sa.select(Enterprise.name_zh)
        .join(Listing, Listing.enterprise_id == Enterprise.id)
        .join(RoomType, RoomType.listing_id == Listing.id)
        .join(RehousingOffer, RehousingOffer.room_type_id == RoomType.id)
        .where(RehousingOffer.id == offer_id)
    )
    rehousing_service.accept(
        session,
        booking_id=booking.id,
        offer_id=offer_id,
        recipient=recipient or "",
        actor=caller.actor,
        ids=ids,
        now=now,
    )
    return booking


def decline_places(
    session: Session, *, caller: Caller, booking_id: str, now: dt.datetime
) -> Booking:
    """Turn down the places offered; the office looks for others.

    Raises:
        NotFound, RehousingSettled, NothingOffered.
    """
    booking = own(session, caller=caller, booking_id=booking_id)
    rehousing_service.decline(session, booking_id=booking.id, actor=caller.actor, now=now)
    return booking


def _require_unlapsed(booking: Booking, now: dt.datetime) -> None:
    """Refuse a hold whose time is over as the expired booking that it is."""
    state = state_at(booking.state, expires_at=booking.expires_at, now=now)
    if state is not booking.state:
        raise WrongState(extra={"state": state.value})


def cancel_quote(
    session: Session, *, caller: Caller, booking_id: str, now: dt.datetime
) -> CancelQuote:
    """Return what cancelling now would keep and give back; changes nothing.

    Raises:
        NotFound, WrongState.
    """
    booking = own(session, caller=caller, booking_id=booking_id)
    _require_unlapsed(booking, now)
    return transitions.cancellation(session, booking=booking, now=now)


def cancel(
    session: Session,
    *,
    caller: Caller,
    booking_id: str,
    reason: ReasonCode,
    expected_refund_fen: int | None,
    ids: Ids,
    now: dt.datetime,
) -> tuple[Booking, CancelQuote]:
    """Cancel a hold or a confirmed booking; returns it with what was kept and given back.

    Raises:
        NotFound, WrongState, RefundChanged.
    """
    booking = own(session, caller=caller, booking_id=booking_id)
    _require_unlapsed(booking, now)
    quote = transitions.cancel(
        session,
        booking_id=booking_id,
        reason=reason,
        expected_refund_fen=expected_refund_fen,
        actor=caller.actor,
        ids=ids,
        now=now,
    )
    return booking, quote
