"""Placing a hold: one transaction from the enterprise's lock to the booking row."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.service import lock_for_sale
from marketplace.booking import dues
from marketplace.booking.contract import cancellation_rules
from marketplace.booking.contract import hold_caps as holding
from marketplace.booking.contract.hold_caps import DEFAULT_CAPS, Caps
from marketplace.booking.events.facts import Fact, record
from marketplace.booking.events.view import SoldNight
from marketplace.booking.items import BookingItem, BookingPart
from marketplace.booking.models import Booking, Consent
from marketplace.booking.states import BookingKind, BookingState, Channel, EventType, ItemKind
from marketplace.inventory.models import ClaimKind
from marketplace.inventory.queries import least_free
from marketplace.inventory.service import SoldOut, Want, take
from marketplace.kernel.audit import Actor
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.crypto import blind_index
from marketplace.kernel.db import table_of
from marketplace.kernel.errors import DomainError
from marketplace.kernel.ids import Ids
from marketplace.kernel.money import share_of, split
from marketplace.kernel.phone_index import index_of
from marketplace.offers.quoting.stay_offers import (
    Offer,
    Priced,
    check_rules,
    find_offer,
    price,
    require_ahead,
)
from marketplace.pricing import queries as prices
from marketplace.pricing import saved_quotes
from marketplace.pricing.nights.quote import Ask, Quote, write_quote
from marketplace.pricing.nights.selection import StaySelection
from marketplace.pricing.queries import Plan


class PriceChanged(DomainError):
    """The price is no longer the one the buyer saw; nothing was taken."""

    code = "price_changed"
    http_status = 409
    message = "价格刚刚有变化，没有扣款。请看新的价格后再决定"


class QuoteDiffers(DomainError):
    """The quote named was made for another stay, room or party."""

    code = "quote_differs"
    http_status = 422
    message = "这个报价是给别的日期、房型或人数的，请重新看价格"


@dataclass(frozen=True, slots=True)
class WebBuyer:
    """Who books on our pages; phone and name are personal data."""

    lead_name: str
    phone: str
    address: str
    """The network address the request came from; only its blind index is kept."""
    consent_version: str
    consent_recipient: str
    for_family: bool = False
    language: str = "zh"


@dataclass(frozen=True, slots=True)
class PartnerSale:
    """The partner platform that books, on account."""

    partner_id: int
    external_ref: str
    test: bool = False


@dataclass(frozen=True, slots=True)
class DoorSale:
    """Who came to the operator's door and pays there; name and phone are personal data."""

    lead_name: str
    phone: str = ""


Buyer: TypeAlias = WebBuyer | PartnerSale | DoorSale


@dataclass(frozen=True, slots=True)
class PlaceBooking:
    """A wish to hold what was chosen; ``expected_total_fen`` is the price the buyer saw."""

    selection: StaySelection
    buyer: Buyer
    expected_total_fen: int | None = None
    source_province: str = ""
    """The province the traveller named as home, in Chinese."""
    quote_id: str | None = None
    """The price that was given with an id, to be honoured."""
    bound: bool = True
    """Whether the operator's restrictions must be kept to."""


def place(
    session: Session,
    *,
    command: PlaceBooking,
    commission_bp: int,
    actor: Actor,
    ids: Ids,
    now: dt.datetime,
    caps: Caps = DEFAULT_CAPS,
) -> Booking:
    """Hold the rooms for 30 minutes and return the booking.

    The enterprise's row is locked first, so that a suspension and a booking cannot cross. For a
    partner the caller holds the partner's row.

    Raises:
        Invalid, NotFound, NotBookable: the wish breaks a rule, or this cannot be booked.
        QuoteExpired: the price that was given is honoured no longer.
        SoldOut: a night is taken. PriceChanged: the total is not the expected one.
        TooManyHolds, HoldCap: the buyer keeps as much on hold as ``caps`` allow.
    """
    chosen, today = command.selection, shanghai_date(now)
    require_ahead(chosen.stay, today=today)
    offer = find_offer(session, room_type_id=chosen.room_type_id)
    lock_for_sale(session, enterprise_id=offer.enterprise_id, wares=offer.wares, today=today)
    ask = Ask.of(chosen, booked_on=today)
    check_rules(offer, ask)
    _check_holds(session, command, offer, caps, now)
    free = least_free(session, pool_ids=[offer.pool_id], stay=chosen.stay)
    if free[offer.pool_id] < chosen.rooms:
        raise SoldOut(pools=[offer.pool_id])
    priced = _price(session, command, offer, ask, now)
    if command.expected_total_fen not in (None, priced.quote.total_fen):
        raise PriceChanged(extra={"total_fen": priced.quote.total_fen})
    booking = _booking(command, offer, priced, commission_bp=commission_bp, ids=ids, now=now)
    _note_placed(session, booking, priced.quote, actor, now)
    # By Core, not by the unit of work, which would cost as much again as all other statements.
    session.connection().execute(_HOLD, {name: getattr(booking, name) for name in _HOLD_COLUMNS})
    session.connection().execute(_ITEM, [_item_row(item) for item in booking.items])
    session.connection().execute(_PART, part_rows(booking.room, priced.quote))
    if isinstance(command.buyer, WebBuyer):
        session.connection().execute(_CONSENT, _consent(booking, command.buyer, now))
    dues.ask_for_hold(session, booking, now=now)
    if not booking.test:
        # Last, because everybody who wants these nights waits from here until the commit. The
        # look above spares most losers the work; this decides.
        take(
            session,
            wants=[Want(offer.pool_id, chosen.stay, chosen.rooms)],
            kind=ClaimKind.BOOKING,
            holder=booking.id,
            now=now,
        )
    return booking


def _price(
    session: Session, command: PlaceBooking, offer: Offer, ask: Ask, now: dt.datetime
) -> Priced:
    """Price the stay anew, or keep to the price that was given for exactly this."""
    if command.quote_id is None:
        return price(session, room_type_id=offer.room_type_id, ask=ask, bound=command.bound)
    sale = command.buyer if isinstance(command.buyer, PartnerSale) else None
    holder = (
        saved_quotes.holder_of(sale.partner_id, test=sale.test)
        if sale
        else saved_quotes.holder_of(None)
    )
    kept = saved_quotes.given(session, quote_id=command.quote_id, holder=holder, now=now)
    said = kept.stay
    if not kept.answers(command.selection):
        raise QuoteDiffers
    priced = price(session, room_type_id=offer.room_type_id, ask=kept.ask, given=said.quote)
    if priced.plan.tariff_id == said.tariff_id:
        return priced
    terms = prices.terms_of(session, tariff_id=said.tariff_id)
    return replace(priced, plan=Plan(said.tariff_id, terms))


_BOOKING = table_of(Booking)


_HOLD = sa.insert(_BOOKING)
_HOLD_COLUMNS = tuple(_BOOKING.columns.keys())
_ITEM = sa.insert(table_of(BookingItem))
_ITEM_COLUMNS = tuple(table_of(BookingItem).columns.keys())
_PART = sa.insert(table_of(BookingPart))
_CONSENT = sa.insert(table_of(Consent))


def _check_holds(
    session: Session, command: PlaceBooking, offer: Offer, caps: Caps, now: dt.datetime
) -> None:
    buyer, room_nights = command.buyer, command.selection.room_nights
    if isinstance(buyer, WebBuyer):
        holding.check_web(
            session,
            caps=caps,
            phone=buyer.phone,
            address=buyer.address,
            listing_id=offer.listing_id,
            room_nights=room_nights,
            now=now,
        )
    elif isinstance(buyer, PartnerSale):
        holding.check_partner(
            session,
            caps=caps,
            partner_id=buyer.partner_id,
            test=buyer.test,
            listing_id=offer.listing_id,
            room_nights=room_nights,
            now=now,
        )


def _booking(
    command: PlaceBooking,
    offer: Offer,
    priced: Priced,
    *,
    commission_bp: int,
    ids: Ids,
    now: dt.datetime,
) -> Booking:
    buyer, quote = command.buyer, priced.quote
    web = buyer if isinstance(buyer, WebBuyer) else None
    sale = buyer if isinstance(buyer, PartnerSale) else None
    guest = buyer if isinstance(buyer, WebBuyer | DoorSale) else None
    phone = guest.phone if guest else ""
    channel = Channel.WEB if web else Channel.PARTNER if sale else Channel.WALK_IN
    expires_at = now + cancellation_rules.HOLD_SHOWN
    booking_id = ids.new_id()
    return Booking(
        id=booking_id,
        items=[_room(booking_id, command, offer, priced, commission_bp=commission_bp)],
        code=ids.new_code(),
        state=BookingState.HELD,
        channel=channel,
        partner_id=sale.partner_id if sale else None,
        external_ref=sale.external_ref if sale else None,
        test=bool(sale and sale.test),
        kind=BookingKind.STAY,
        enterprise_id=offer.enterprise_id,
        starts_on=quote.stay.check_in,
        ends_on=quote.stay.check_out,
        list_fen=quote.list_fen,
        total_fen=quote.total_fen,
        lead_name=guest.lead_name if guest else None,
        phone=phone or None,
        phone_index=index_of(phone) if phone else None,
        placed_from=blind_index("address", web.address) if web else "",
        for_family=bool(web and web.for_family),
        language=web.language if web else "zh",
        placed_at=now,
        expires_at=expires_at,
        release_at=cancellation_rules.release_at(expires_at, channel),
        extensions=0,
        source_province=command.source_province,
        topup_fen=0,
        version=0,
    )


def _room(
    booking_id: str, command: PlaceBooking, offer: Offer, priced: Priced, *, commission_bp: int
) -> BookingItem:
    chosen, quote = command.selection, priced.quote
    return BookingItem(
        booking_id=booking_id,
        number=1,
        kind=ItemKind.ROOM,
        enterprise_id=offer.enterprise_id,
        listing_id=offer.listing_id,
        room_type_id=offer.room_type_id,
        pool_id=offer.pool_id,
        first_day=quote.stay.check_in,
        last_day=quote.stay.check_out,
        units=chosen.rooms,
        adults=chosen.party.adults,
        children_ages=list(chosen.party.children_ages),
        board=quote.board,
        extra_beds=chosen.extra_beds,
        adjoining=chosen.adjoining,
        tariff_id=priced.plan.tariff_id,
        price=price_text(quote),
        list_fen=quote.list_fen,
        total_fen=quote.total_fen,
        commission_bp=commission_bp,
        policy=cancellation_rules.policy_of(priced.terms),
    )


def _item_row(item: BookingItem) -> dict[str, Any]:
    return {name: getattr(item, name) for name in _ITEM_COLUMNS}


def price_text(quote: Quote) -> str:
    """Return the itemised price as an item keeps it; its nights have rows of their own."""
    return write_quote(replace(quote, nights=()))


def part_rows(item: BookingItem, quote: Quote) -> list[dict[str, Any]]:
    """Return a room's nights as rows, with each night's share of the commission."""
    sold = [night.sold_fen for night in quote.nights]
    commissions = split(share_of(quote.total_fen, item.commission_bp), sold)
    return [
        {
            "booking_id": item.booking_id,
            "item": item.number,
            "day": night.day,
            "rate_fen": night.rate_fen,
            "list_fen": night.list_fen,
            "sold_fen": night.sold_fen,
            "commission_fen": commission,
        }
        for night, commission in zip(quote.nights, commissions, strict=True)
    ]


def _consent(booking: Booking, buyer: WebBuyer, now: dt.datetime) -> dict[str, Any]:
    return {
        "booking_id": booking.id,
        "purpose": "share_with_operator",
        "recipient": buyer.consent_recipient,
        "version": buyer.consent_version,
        "given_at": now,
    }


def _note_placed(
    session: Session, booking: Booking, quote: Quote, actor: Actor, now: dt.datetime
) -> None:
    fact = Fact(
        EventType.HELD,
        "booking.held",
        total_before_fen=0,
        more={"expires_at": booking.expires_at},
        noted={"total_fen": booking.total_fen, "rooms": booking.room.units},
    )
    sold = [SoldNight(night.day, night.list_fen, night.sold_fen) for night in quote.nights]
    record(session, booking, fact, actor, now, parts={1: sold})
