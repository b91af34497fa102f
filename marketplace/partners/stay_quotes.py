"""The price of a stay as a partner asks for it: honoured for a while, each room type by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.booking.contract import cancellation_rules
from marketplace.booking.contract.room_choices import about_item, require_one_stay
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.offers.quoting.stay_alternatives import cheaper_in_parts
from marketplace.offers.quoting.stay_days import stay_days
from marketplace.offers.quoting.stay_offers import Offer, check_rules, find_offers, price_by
from marketplace.partners.commands.caller import Caller
from marketplace.pricing import saved_quotes
from marketplace.pricing.nights.quote import Ask, Quote
from marketplace.pricing.nights.selection import StaySelection
from marketplace.pricing.nights.splitting import Split


@dataclass(frozen=True, slots=True)
class StayQuote:
    """An itemised price, how many rooms are left for it, and what cancelling will cost."""

    selection: StaySelection
    offer: Offer
    quote: Quote
    left: int
    is_sample: bool
    bands: tuple[cancellation_rules.Band, ...]
    parts: Split | None
    """How the same nights would cost less."""
    id: str
    expires_at: dt.datetime
    """Until when the price is honoured."""


@dataclass(frozen=True, slots=True)
class RoomsQuote:
    """What rooms of some types of one house cost for the same nights: the sum of their quotes."""

    rooms: tuple[StayQuote, ...]
    """Each with the id of its own price."""
    bands: tuple[cancellation_rules.Band, ...]
    """What cancelling all of it costs: the sum, each by its own terms."""

    @property
    def total_fen(self) -> int:
        """What all of it costs."""
        return sum(room.quote.total_fen for room in self.rooms)


def quote_stay(work: UnitOfWork, *, caller: Caller, selection: StaySelection) -> StayQuote:
    """Return the itemised price of a stay that may be booked; it holds the price and no room.

    Raises:
        NotFound, NotBookable, NoPrice, Restricted, Invalid: as placing the booking would.
    """
    return quote_rooms(work, caller=caller, selections=[selection]).rooms[0]


def quote_rooms(
    work: UnitOfWork, *, caller: Caller, selections: Sequence[StaySelection]
) -> RoomsQuote:
    """Return the price of each choice of rooms by itself, and what cancelling all will cost.

    Raises:
        NotOneStay: rooms of several houses, or for other nights. Everything else as
            ``quote_stay``; of several ``extra["items"]`` has those that it is about, from 1.
    """
    session, today = work.session, shanghai_date(work.now)
    require_one_stay(selections)
    rooms, stay = [each.room_type_id for each in selections], selections[0].stay
    offers = find_offers(session, room_type_ids=rooms)
    require_one_stay(selections, [offer.listing_id for offer in offers])
    house = offers[0]
    house.require_sale(today)
    asks = [Ask.of(each, booked_on=today) for each in selections]
    for n, (offer, ask) in enumerate(zip(offers, asks, strict=True), 1):
        with about_item(n, of=len(offers)):
            check_rules(offer, ask)
    days = stay_days(session, room_type_ids=rooms, stay=stay)
    priced = []
    for n, (room, ask) in enumerate(zip(rooms, asks, strict=True), 1):
        with about_item(n, of=len(rooms)):
            priced.append(price_by(days.plans[room], ask))
    sold = [
        cancellation_rules.Sold(
            cancellation_rules.policy_of(each.terms), each.quote.total_fen, stay.check_in
        )
        for each in priced
    ]

    def bands(*of: cancellation_rules.Sold) -> tuple[cancellation_rules.Band, ...]:
        return tuple(cancellation_rules.bands(of, first=today))

    kept = saved_quotes.give_all(
        session,
        stays=[
            saved_quotes.quoted_stay(
                house.listing_id, [(selection, each.plan.tariff_id, each.quote)]
            )
            for selection, each in zip(selections, priced, strict=True)
        ],
        holder=saved_quotes.holder_of(caller.partner_id, test=caller.test),
        ids=work.ids,
        now=work.now,
    )
    return RoomsQuote(
        tuple(
            StayQuote(
                selections[n],
                offers[n],
                each.quote,
                days.left[rooms[n]],
                house.names.is_sample,
                bands(sold[n]),
                cheaper_in_parts(offers[n], each),
                kept[n].id,
                kept[n].expires_at,
            )
            for n, each in enumerate(priced)
        ),
        bands(*sold),
    )
