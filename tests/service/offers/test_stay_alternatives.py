"""Parts that cost less, and other numbers of nights: only what can really be booked is named."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa

from catalog.models import Listing
from marketplace.inventory.models import StockDay
from marketplace.kernel.db import Database
from marketplace.kernel.stay import Stay
from marketplace.offers.quoting.stay_alternatives import (
    cheaper_in_parts,
    every_refusal,
    other_length,
)
from marketplace.offers.quoting.stay_offers import check_rules, find_offer, price
from marketplace.pricing.models import NightRate, Restriction
from marketplace.pricing.nights.quote import Ask
from marketplace.pricing.nights.restrictions import DayRule, Restricted, Rule
from marketplace.pricing.nights.selection import Party
from marketplace.pricing.nights.terms import Promotion, Terms
from tests.factories import TODAY, Room, make_enterprise, make_listing, make_room

D = dt.date(2027, 7, 1)
A_DAY = dt.timedelta(days=1)
LATE = Terms(promotions=(Promotion("late", "晚来优惠", 2_000, arrive_first=D + 10 * A_DAY),))


def made(database: Database, terms: Terms = LATE, **facts: object) -> Room:
    with database.write() as session:
        listing_id = make_listing(session, enterprise_id=make_enterprise(session), **facts)
        return make_room(session, listing_id=listing_id, discounts={}, terms=terms)


def restrict(database: Database, room: Room, rules: dict[dt.date, DayRule]) -> None:
    with database.write() as session:
        session.add_all(
            Restriction(
                room_type_id=room.room_type_id,
                day=day,
                **{name: getattr(rule, name) for name in DayRule.__slots__},
            )
            for day, rule in rules.items()
        )


def parts_of(database: Database, room: Room, nights: int = 20) -> list[Stay]:
    with database.read() as session:
        offer = find_offer(session, room_type_id=room.room_type_id)
        ask = Ask(Stay.of(D, nights), TODAY)
        found = cheaper_in_parts(offer, price(session, room_type_id=room.room_type_id, ask=ask))
    return list(found.parts) if found else []


def test_a_part_that_comes_in_time_for_a_promotion_is_told(database: Database) -> None:
    assert parts_of(database, made(database)) == [Stay.of(D, 10), Stay.of(D + 10 * A_DAY, 10)]


def test_nothing_is_told_where_the_whole_is_cheapest(database: Database) -> None:
    assert parts_of(database, made(database, Terms())) == []
    assert parts_of(database, made(database), nights=9) == []


def test_a_part_keeps_to_the_listings_own_limits(database: Database) -> None:
    assert parts_of(database, made(database, min_nights=12)) == []
    assert parts_of(database, made(database, min_nights=6)) == [
        Stay.of(D, 10),
        Stay.of(D + 10 * A_DAY, 10),
    ]


@pytest.mark.parametrize(
    "rule", [DayRule(no_arrival=True), DayRule(no_departure=True), DayRule(min_nights_arrival=11)]
)
def test_a_part_keeps_to_the_restrictions(database: Database, rule: DayRule) -> None:
    room = made(database)
    restrict(database, room, {D + 10 * A_DAY: rule})
    parts = parts_of(database, room)
    assert parts == [Stay.of(D, 11), Stay.of(D + 11 * A_DAY, 9)]


def test_a_part_keeps_to_when_one_may_book_and_arrive(database: Database) -> None:
    """The whole begins 30 days ahead, on a Thursday; the promotion ten days later."""
    soon = made(database, replace(LATE, window_days=35))
    assert parts_of(database, soon) == []
    thursdays = made(database, replace(LATE, arrival_weekdays=frozenset({3})))
    assert parts_of(database, thursdays) == [Stay.of(D, 14), Stay.of(D + 14 * A_DAY, 6)]


def test_all_rules_that_are_broken_are_told_at_once(database: Database) -> None:
    """The listing wants 7 nights, the dates 9, and nobody arrives on that day."""
    room = made(database, Terms(), min_nights=7, max_nights=20)
    restrict(database, room, {D: DayRule(min_nights=9, no_arrival=True)})
    restrict(database, room, {D + 3 * A_DAY: DayRule(max_nights=25)})

    def told(nights: int) -> dict[Rule, int]:
        ask = Ask(Stay.of(D, nights), TODAY)
        with database.read() as session:
            offer = find_offer(session, room_type_id=room.room_type_id)
            with pytest.raises(Restricted) as first:
                check_rules(offer, ask)
            found = every_refusal(session, offer=offer, ask=ask, first=first.value)
        return {refusal.rule: refusal.limit for refusal in found.refusals}

    assert told(5) == {Rule.MIN_NIGHTS: 9, Rule.NO_ARRIVAL: 0}
    assert told(30) == {Rule.MAX_NIGHTS: 20, Rule.NO_ARRIVAL: 0}


def nights_instead(database: Database, room: Room, nights: int, **more: int) -> int | None:
    with database.read() as session:
        offer = find_offer(session, room_type_id=room.room_type_id)
        found = other_length(session, offer=offer, ask=Ask(Stay.of(D, nights), TODAY, **more))
    if found is None:
        return None
    assert found.ask.stay.check_in == D
    assert found.quote.total_fen == found.ask.stay.nights * 20_000 * found.ask.rooms
    return found.ask.stay.nights


@pytest.mark.parametrize(
    ("rules", "asked", "offered"),
    [
        ({D: DayRule(min_nights_arrival=9)}, 5, 9),
        ({D: DayRule(max_nights_arrival=3)}, 5, 3),
        ({D + 4 * A_DAY: DayRule(min_nights=8)}, 5, 4),
        ({D + 4 * A_DAY: DayRule(min_nights=8)}, 7, 8),
        ({D + 5 * A_DAY: DayRule(no_departure=True)}, 5, 4),
        ({D: DayRule(no_arrival=True)}, 5, None),
    ],
)
def test_the_nearest_number_of_nights_that_passes(
    database: Database, rules: dict[dt.date, DayRule], asked: int, offered: int | None
) -> None:
    room = made(database, Terms())
    restrict(database, room, rules)
    assert nights_instead(database, room, asked) == offered


def test_the_listings_own_limits_count_too(database: Database) -> None:
    room = made(database, Terms(), min_nights=7, max_nights=10)
    assert nights_instead(database, room, 3) == 7
    assert nights_instead(database, room, 90) == 10
    with database.write() as session:
        listing = session.get_one(Listing, room.listing_id)
        listing.opens, listing.closes = "06-01", "07-08"
    assert nights_instead(database, room, 10) == 8


def test_nights_without_price_or_room_are_not_offered(database: Database) -> None:
    room = made(database, Terms(), min_nights=7)
    with database.write() as session:
        taken = sa.update(StockDay).where(StockDay.day == D + 6 * A_DAY)
        session.execute(taken.values(capacity=1))
    assert nights_instead(database, room, 3) == 7
    assert nights_instead(database, room, 3, rooms=2, party=Party(4)) is None
    with database.write() as session:
        session.execute(sa.delete(NightRate).where(NightRate.day == D + 6 * A_DAY))
    assert nights_instead(database, room, 3) is None
