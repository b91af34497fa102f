"""Placing a stay: the house is locked, its rules are asked, and the order is priced and held."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from marketplace.booking.contract import cancellation_rules, hold_caps
from marketplace.booking.contract.buyers import Buyer, PartnerSale
from marketplace.booking.contract.hold_caps import DEFAULT_CAPS, Caps, Kept
from marketplace.booking.contract.holding import hold
from marketplace.booking.contract.orders import ItemOrder, ItemSource, ItemTerms, Order, PartSold
from marketplace.booking.contract.room_choices import (
    RoomChoice,
    about_item,
    beside_others,
    require_one_stay,
    say_items,
)
from marketplace.booking.models import Booking
from marketplace.booking.states import BookingKind, ItemKind
from marketplace.inventory.service import SoldOut
from marketplace.kernel.audit import Actor
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.kernel.ids import Ids
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.offers.quoting.stay_days import StayDays, stay_days
from marketplace.offers.quoting.stay_offers import (
    Offer,
    Priced,
    check_rules,
    find_offers,
    price_by,
    require_ahead,
)
from marketplace.pricing import queries as prices
from marketplace.pricing import saved_quotes
from marketplace.pricing.nights.quote import Ask, Quote
from marketplace.pricing.nights.selection import StaySelection
from marketplace.pricing.queries import Plan
from marketplace.pricing.saved_quotes import GivenStay, QuoteExpired


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

    rooms: tuple[RoomChoice, ...]
    """All of one house and for the same nights."""
    buyer: Buyer
    expected_total_fen: int | None = None
    source_province: str = ""
    """The province the traveller named as home, in Chinese."""
    bound: bool = True
    """Whether the operator's restrictions must be kept to."""
    kept: Kept | None = None
    """What a partner keeps on hold, where it was read with its row locked."""


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
        NotOneStay: rooms of several houses, or for other nights.
        QuoteExpired: the price that was given is honoured no longer.
        SoldOut: a night is taken. PriceChanged: the total is not the expected one.
        TooManyHolds, HoldCap: the buyer keeps as much on hold as ``caps`` allow.
        Of several choices ``extra["items"]`` has those that it is about, counted from 1.
    """
    chosen = beside_others([room.selection for room in command.rooms])
    today = shanghai_date(now)
    require_one_stay(chosen)
    require_ahead(chosen[0].stay, today=today)
    rooms = [each.room_type_id for each in chosen]
    offers = find_offers(session, room_type_ids=rooms, lock=True)
    require_one_stay(chosen, [offer.listing_id for offer in offers])
    house = offers[0]
    house.require_sale(today)
    asks = [Ask.of(each, booked_on=today) for each in chosen]
    for n, (offer, ask) in enumerate(zip(offers, asks, strict=True), 1):
        with about_item(n, of=len(offers)):
            check_rules(offer, ask)
    wanted = {house.listing_id: sum(each.room_nights for each in chosen)}
    hold_caps.check(session, command.buyer, wanted, caps=caps, now=now, own=command.kept)
    days = stay_days(session, room_type_ids=rooms, stay=chosen[0].stay)
    # This look spares most losers the work; taking the stock, last of all, decides.
    with _sold_out_told(offers):
        _require_free(chosen, offers, days)
    priced = _priced(session, command, days.plans, asks, now)
    total_fen = sum(each.quote.total_fen for each in priced)
    if command.expected_total_fen not in (None, total_fen):
        raise PriceChanged(extra={"total_fen": total_fen})
    order = Order(
        kind=BookingKind.STAY,
        seller_id=house.enterprise_id,
        buyer=command.buyer,
        items=tuple(
            room_item(*each, commission_bp=commission_bp)
            for each in zip(chosen, offers, priced, strict=True)
        ),
        sleepers=tuple(room.sleepers for room in command.rooms),
        source_province=command.source_province,
    )
    with _sold_out_told(offers):
        return hold(UnitOfWork(session, now=now, actor=actor, ids=ids), order)


@contextmanager
def _sold_out_told(offers: Sequence[Offer]) -> Iterator[None]:
    """Let the refusal for want of rooms tell which choices take them from the short pools."""
    try:
        yield
    except SoldOut as refused:
        short = [n for n, offer in enumerate(offers, 1) if offer.pool_id in refused.pools]
        say_items(refused, short, of=len(offers))
        raise


def _require_free(chosen: Sequence[StaySelection], offers: Sequence[Offer], days: StayDays) -> None:
    wanted: Counter[int] = Counter()
    for each in chosen:
        wanted[each.room_type_id] += each.rooms
    short = {room for room, rooms in wanted.items() if days.left[room] < rooms}
    if short:
        raise SoldOut(pools=[each.pool_id for each in offers if each.room_type_id in short])


def _priced(
    session: Session,
    command: PlaceBooking,
    plans: Mapping[int, Plan],
    asks: Sequence[Ask],
    now: dt.datetime,
) -> list[Priced]:
    """Price each choice by itself: anew, or as it was given for exactly this."""
    given = _given(session, command, now)
    priced = []
    for n, (room, ask) in enumerate(zip(command.rooms, asks, strict=True), 1):
        plan = plans[room.selection.room_type_id]
        with about_item(n, of=len(asks)):
            if room.quote_id is None:
                priced.append(price_by(plan, ask, bound=command.bound))
            else:
                priced.append(_kept(session, plan, room, given[room.quote_id]))
    return priced


def _given(session: Session, command: PlaceBooking, now: dt.datetime) -> dict[str, GivenStay]:
    """Return the prices that the choices name, by their ids."""
    named = [room.quote_id for room in command.rooms]
    try:
        return saved_quotes.given_all(
            session,
            quote_ids=[each for each in named if each is not None],
            holder=_holder(command.buyer),
            now=now,
        )
    except (NotFound, QuoteExpired) as refused:
        about = [n for n, each in enumerate(named, 1) if each == refused.params["quote_id"]]
        say_items(refused, about, of=len(named))
        raise


def _holder(buyer: Buyer) -> str:
    if isinstance(buyer, PartnerSale):
        return saved_quotes.holder_of(buyer.partner_id, test=buyer.test)
    return saved_quotes.holder_of(None)


def _kept(session: Session, plan: Plan, room: RoomChoice, given: GivenStay) -> Priced:
    """Keep to a price that was given; raises ``QuoteDiffers`` where it was for something else."""
    kept = saved_quotes.price_of(given, room.selection)
    if kept is None:
        raise QuoteDiffers
    ask, said = kept
    priced = price_by(plan, ask, given=said.quote)
    if plan.tariff_id == said.tariff_id:
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
        source=ItemSource(offer.enterprise_id, offer.listing_id, offer.pool_id, offer.names),
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
