"""Placing a stay: the house is locked, its rules are asked, and the order is priced and held."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from catalog.service import lock_for_sale
from marketplace.booking.contract import cancellation_rules, hold_caps
from marketplace.booking.contract.buyers import Buyer, PartnerSale
from marketplace.booking.contract.hold_caps import DEFAULT_CAPS, Caps
from marketplace.booking.contract.holding import hold
from marketplace.booking.contract.orders import ItemOrder, ItemSource, ItemTerms, Order, PartSold
from marketplace.booking.models import Booking
from marketplace.booking.states import BookingKind, ItemKind
from marketplace.inventory.queries import least_free
from marketplace.inventory.service import SoldOut
from marketplace.kernel.audit import Actor
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.errors import DomainError
from marketplace.kernel.ids import Ids
from marketplace.kernel.unit_of_work import UnitOfWork
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
from marketplace.pricing.nights.quote import Ask, Quote
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
    wanted = {offer.listing_id: chosen.room_nights}
    hold_caps.check(session, command.buyer, wanted, caps=caps, now=now)
    # This look spares most losers the work; taking the stock, last of all, decides.
    free = least_free(session, pool_ids=[offer.pool_id], stay=chosen.stay)
    if free[offer.pool_id] < chosen.rooms:
        raise SoldOut(pools=[offer.pool_id])
    priced = _price(session, command, offer, ask, now)
    if command.expected_total_fen not in (None, priced.quote.total_fen):
        raise PriceChanged(extra={"total_fen": priced.quote.total_fen})
    order = Order(
        kind=BookingKind.STAY,
        seller_id=offer.enterprise_id,
        buyer=command.buyer,
        items=(room_item(chosen, offer, priced, commission_bp=commission_bp),),
        source_province=command.source_province,
    )
    return hold(UnitOfWork(session, now=now, actor=actor, ids=ids), order)


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


def room_item(
    chosen: StaySelection, offer: Offer, priced: Priced, *, commission_bp: int
) -> ItemOrder:
    """Return rooms of one type, as they were chosen and priced, as an item of an order."""
    quote = priced.quote
    return ItemOrder(
        kind=ItemKind.ROOM,
        source=ItemSource(
            enterprise_id=offer.enterprise_id, listing_id=offer.listing_id, pool_id=offer.pool_id
        ),
        chosen=replace(chosen, board=quote.board),
        terms=ItemTerms(
            tariff_id=priced.plan.tariff_id,
            price=kept_price(quote),
            commission_bp=commission_bp,
            policy=cancellation_rules.policy_of(priced.terms),
        ),
        parts=nights_sold(quote),
    )


def kept_price(quote: Quote) -> Quote:
    """Return the itemised price as an item keeps it; its nights have rows of their own."""
    return replace(quote, nights=())


def nights_sold(quote: Quote) -> tuple[PartSold, ...]:
    """Return the nights of a price as the parts of a room."""
    return tuple(
        PartSold(night.day, night.rate_fen, night.list_fen, night.sold_fen)
        for night in quote.nights
    )
