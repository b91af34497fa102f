"""Holding an order: contract, items, days, consent and note are written, and the stock is taken."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from marketplace.booking import dues
from marketplace.booking.contract import cancellation_rules
from marketplace.booking.contract.buyers import DoorSale, PartnerSale, WebBuyer
from marketplace.booking.contract.orders import ItemOrder, Order, PartSold
from marketplace.booking.events.facts import Fact, record
from marketplace.booking.events.view import SoldNight
from marketplace.booking.events.view_reader import Sold
from marketplace.booking.items import BookingItem, BookingPart
from marketplace.booking.models import Booking, Consent
from marketplace.booking.states import BookingState, Channel, EventType
from marketplace.inventory.claim_changes import summed
from marketplace.inventory.models import ClaimKind
from marketplace.inventory.service import Want, take
from marketplace.kernel.crypto import blind_index
from marketplace.kernel.db import table_of
from marketplace.kernel.money import share_of, split
from marketplace.kernel.phone_index import index_of
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.pricing.nights.terms import Board


def hold(work: UnitOfWork, order: Order) -> Booking:
    """Hold what was ordered for 30 minutes and return the booking, which no session knows.

    The caller has locked the enterprises of all items (``catalog.service.lock_sellers``) and has
    counted what the buyer keeps on hold (``hold_caps.check``), both before the price was made.

    Raises:
        SoldOut: a day of an item is taken; nothing was written that stands.
    """
    session, now = work.session, work.now
    booking = _booking(order, work)
    _note(work, booking, order)
    # By Core, not by the unit of work, which would cost as much again as all other statements.
    run = session.connection().execute
    run(_HOLD, _row(booking, _HOLD_COLUMNS))
    run(_ITEM, [_row(item, _ITEM_COLUMNS) for item in booking.items])
    written = zip(booking.items, order.items, strict=True)
    run(_PART, [row for item, ordered in written for row in part_rows(item, ordered.parts)])
    if isinstance(order.buyer, WebBuyer):
        run(_CONSENT, _consent(booking, order.buyer, now))
    dues.ask_for_hold(session, booking, now=now)
    if not booking.test:
        # Last, because everybody who wants these days waits from here until the commit.
        wants = wants_of(booking)
        take(session, wants=wants, kind=ClaimKind.BOOKING, holder=booking.id, now=now)
    return booking


def wants_of(booking: Booking) -> list[Want]:
    """Return what the items of a booking take of their pools; none overlaps another in its pool."""
    wants = [Want(item.pool_id, item.days, item.units) for item in booking.items]
    return wants if len(wants) == 1 else summed(wants)


def part_rows(item: BookingItem, parts: Sequence[PartSold]) -> list[dict[str, Any]]:
    """Return the days of an item as rows, each with its share of the item's commission."""
    sold = [part.sold_fen for part in parts]
    commissions = split(share_of(sum(sold), item.commission_bp), sold)
    return [
        {
            "booking_id": item.booking_id,
            "item": item.number,
            "day": part.day,
            "rate_fen": part.rate_fen,
            "list_fen": part.list_fen,
            "sold_fen": part.sold_fen,
            "commission_fen": commission,
        }
        for part, commission in zip(parts, commissions, strict=True)
    ]


_BOOKING_TABLE, _ITEM_TABLE = table_of(Booking), table_of(BookingItem)
_HOLD, _HOLD_COLUMNS = sa.insert(_BOOKING_TABLE), tuple(_BOOKING_TABLE.columns.keys())
_ITEM, _ITEM_COLUMNS = sa.insert(_ITEM_TABLE), tuple(_ITEM_TABLE.columns.keys())
_PART = sa.insert(table_of(BookingPart))
_CONSENT = sa.insert(table_of(Consent))


def _row(of: Booking | BookingItem, columns: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(of, name) for name in columns}


def _booking(order: Order, work: UnitOfWork) -> Booking:
    buyer, now = order.buyer, work.now
    web = buyer if isinstance(buyer, WebBuyer) else None
    sale = buyer if isinstance(buyer, PartnerSale) else None
    guest = buyer if isinstance(buyer, WebBuyer | DoorSale) else None
    phone = guest.phone if guest else ""
    channel = Channel.WEB if web else Channel.PARTNER if sale else Channel.WALK_IN
    expires_at = now + cancellation_rules.HOLD_SHOWN
    booking_id = work.ids.new_id()
    return Booking(
        id=booking_id,
        items=_items(booking_id, order),
        code=work.ids.new_code(),
        state=BookingState.HELD,
        channel=channel,
        partner_id=sale.partner_id if sale else None,
        external_ref=sale.external_ref if sale else None,
        test=bool(sale and sale.test),
        kind=order.kind,
        enterprise_id=order.seller_id,
        starts_on=order.starts_on,
        ends_on=order.ends_on,
        list_fen=order.list_fen,
        total_fen=order.total_fen,
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
        source_province=order.source_province,
        version=0,
    )


def _items(booking_id: str, order: Order) -> list[BookingItem]:
    sleepers = order.sleepers or ("",) * len(order.items)
    named = zip(order.items, sleepers, strict=True)
    return [_item(booking_id, number, item, words) for number, (item, words) in enumerate(named, 1)]


def _item(booking_id: str, number: int, order: ItemOrder, sleepers: str) -> BookingItem:
    chosen = order.chosen
    return BookingItem(
        booking_id=booking_id,
        number=number,
        kind=order.kind,
        enterprise_id=order.source.enterprise_id,
        listing_id=order.source.listing_id,
        room_type_id=chosen.room_type_id,
        pool_id=order.source.pool_id,
        first_day=chosen.stay.check_in,
        last_day=chosen.stay.check_out,
        units=chosen.rooms,
        adults=chosen.party.adults,
        children_ages=list(chosen.party.children_ages),
        board=chosen.board or Board.ROOM_ONLY,
        extra_beds=chosen.extra_beds,
        adjoining=chosen.adjoining,
        sleepers=sleepers or None,
        tariff_id=order.terms.tariff_id,
        price=order.terms.price,
        list_fen=order.list_fen,
        total_fen=order.total_fen,
        topup_fen=0,
        commission_bp=order.terms.commission_bp,
        policy=dict(order.terms.policy),
    )


def _consent(booking: Booking, buyer: WebBuyer, now: dt.datetime) -> dict[str, Any]:
    return {
        "booking_id": booking.id,
        "purpose": "share_with_operator",
        "recipient": buyer.consent_recipient,
        "version": buyer.consent_version,
        "given_at": now,
    }


def _note(work: UnitOfWork, booking: Booking, order: Order) -> None:
    fact = Fact(
        EventType.HELD,
        "booking.held",
        total_before_fen=0,
        more={"expires_at": booking.expires_at},
        noted={
            "total_fen": booking.total_fen,
            "rooms": sum(item.units for item in booking.items),
        },
    )
    sold = Sold(
        {
            number: [SoldNight(part.day, part.list_fen, part.sold_fen) for part in item.parts]
            for number, item in enumerate(order.items, 1)
        },
        {
            item.chosen.room_type_id: item.source.names
            for item in order.items
            if item.source.names is not None
        },
    )
    record(work.session, booking, fact, work.actor, work.now, sold=sold)
