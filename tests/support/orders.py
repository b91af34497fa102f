"""Orders of several items for tests: rooms of any houses, priced as a stay prices them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from catalog.service import lock_sellers
from marketplace.booking.contract.buyers import Buyer, WebBuyer
from marketplace.booking.contract.holding import hold
from marketplace.booking.contract.orders import ItemOrder, Order
from marketplace.booking.contract.placement import room_item
from marketplace.booking.states import BookingKind
from marketplace.kernel.audit import TRAVELLER
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.stay import Stay
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.offers.quoting.stay_offers import find_offer, price
from marketplace.pricing.nights.quote import Ask
from marketplace.pricing.nights.selection import Party, StaySelection
from tests.factories import TODAY, Room
from tests.support.booking import COMMISSION_BP, Desk

ARRIVE = TODAY + dt.timedelta(days=40)


@dataclass(frozen=True)
class Wanted:
    """Some rooms for some nights."""

    room: Room
    nights: int = 3
    rooms: int = 1
    after: int = 0
    """Days after the first arrival."""
    adults: int = 2
    children: tuple[int, ...] = ()
    """Their ages in years."""
    commission_bp: int = COMMISSION_BP
    policy: Mapping[str, Any] | None = None
    """What cancelling costs, if not what its tariff says."""


def buyer_of(number: int) -> WebBuyer:
    """Return a traveller that is like no other."""
    address = f"10.0.{number // 250}.{number % 250}"
    return WebBuyer("王秀英", f"139{number:08d}", address, "1", "示例森林小屋")


def priced(session: Session, desk: Desk, wanted: Wanted) -> ItemOrder:
    """Price rooms by the engine, as an item."""
    chosen = StaySelection(
        wanted.room.room_type_id,
        Stay.of(ARRIVE + dt.timedelta(days=wanted.after), wanted.nights),
        wanted.rooms,
        Party(wanted.adults, wanted.children),
    )
    ask = Ask.of(chosen, booked_on=shanghai_date(desk.clock.now()))
    offer = find_offer(session, room_type_id=chosen.room_type_id)
    found = price(session, room_type_id=chosen.room_type_id, ask=ask)
    item = room_item(chosen, offer, found, commission_bp=wanted.commission_bp)
    if wanted.policy is None:
        return item
    return replace(item, terms=replace(item.terms, policy=wanted.policy))


def hold_all(desk: Desk, wanted: Sequence[Wanted], buyer: Buyer | None = None) -> str:
    """Hold all of it as one contract, sold by the first house; returns the booking's id."""
    buyer = buyer or buyer_of(1)
    now = desk.clock.now()
    houses = {each.room.enterprise_id for each in wanted}
    with desk.database.write() as session:
        lock_sellers(session, enterprise_ids=houses, today=shanghai_date(now))
        order = Order(
            BookingKind.STAY,
            wanted[0].room.enterprise_id,
            buyer,
            tuple(priced(session, desk, each) for each in wanted),
        )
        work = UnitOfWork(session, now=now, actor=TRAVELLER, ids=desk.ids)
        return hold(work, order).id
