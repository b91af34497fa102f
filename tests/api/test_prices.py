"""Tariffs, restrictions and quotes as partners meet them, on both databases."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.bootstrap import Services
from marketplace.kernel.audit import SYSTEM
from marketplace.kernel.changes import sequence
from marketplace.kernel.clock import SetClock
from marketplace.pricing import service
from marketplace.pricing.models import StayQuote
from marketplace.pricing.restrictions import DayRule
from marketplace.pricing.terms import (
    Board,
    BoardPrice,
    ChildBand,
    FeeBand,
    MonthPrice,
    Occupancy,
    Promotion,
    Terms,
    Tier,
)
from tests.api.reckoning import reckon
from tests.factories import NOW, TODAY, Room, make_enterprise, make_listing, make_room
from tests.support.app import BOTH
from tests.support.partner import GUEST, HOLDS, Program, code, stay
from tests.web.traveller.journey import Journey
from tests.web.traveller.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_kind", BOTH)
QUOTE = "/partner/v1/stays/quote"
FEED = "/partner/v1/feed/listings"
JULY = dt.date(2027, 7, 1)
RICH = Terms(
    tiers=(Tier(7, 333), Tier(30, 1_777)),
    months=(MonthPrice(JULY, 500_003, 10), MonthPrice(dt.date(2027, 8, 1), 900_000, 10)),
    occupancy=Occupancy(
        included=2,
        extra_adult_fen=3_001,
        single_off_fen=1_003,
        children=(ChildBand(5, 0), ChildBand(11, 1_501)),
    ),
    included_board=Board.BREAKFAST,
    boards=(BoardPrice(Board.FULL_BOARD, 4_000, 2_100),),
    extra_bed_fen=2_050,
    most_extra_beds=1,
    promotions=(
        Promotion("early", "早订优惠", 777, "Early bird", min_lead_days=40),
        Promotion("june", "六月优惠", 501, arrive_last=dt.date(2027, 6, 30)),
    ),
    fee_bands=(FeeBand(10, 1_000), FeeBand(0, 5_000)),
)


@pytest.fixture
def rich(services: Services) -> Room:
    """A room type with every kind of term, 5 rooms at 200.01 yuan."""
    with services.database.write() as session:
        listing_id = make_listing(session, enterprise_id=make_enterprise(session), min_nights=2)
        return make_room(
            session, listing_id=listing_id, capacity=5, list_fen=20_001, discounts={}, terms=RICH,
            max_adults=3, max_guests=4,
        )  # fmt: skip


def restrict(services: Services, room: Room, **rules: DayRule) -> None:
    """Set restrictions by date, written as ``d0610`` for 10 June."""
    days = {dt.date(2027, int(day[1:3]), int(day[3:])): rule for day, rule in rules.items()}
    with services.database.write() as session:
        service.set_restrictions(
            session, room_type_id=room.room_type_id, pool_id=room.pool_id, rules=days,
            actor=SYSTEM, now=NOW,
        )  # fmt: skip


def put(services: Services, room: Room, terms: Terms) -> None:
    with services.database.write() as session:
        service.put_tariff(
            session, room_type_id=room.room_type_id, pool_id=room.pool_id, terms=terms,
            actor=SYSTEM, today=TODAY, now=NOW,
        )  # fmt: skip


def room_of(program: Program, room: Room, first: str, last: str) -> dict[str, Any]:
    path = f"/partner/v1/stays/{room.listing_id}/ari?from={first}&to={last}"
    answer = program.get(path)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return dict(answer.json["room_types"][0])


PARTIES: list[dict[str, Any]] = [
    {},
    {"adults": 1},
    {"adults": 3, "children_ages": [9]},
    {"adults": 2, "children_ages": [4, 13]},
    {"rooms": 2, "adults": 3},
    {"rooms": 2, "adults": 2, "children_ages": [3, 8, 16], "extra_beds": 2},
    {"rooms": 3, "adults": 5, "board": "full_board", "children_ages": [10]},
    {"board": "breakfast", "extra_beds": 1},
]


@pytest.mark.parametrize(
    ("arrive", "nights"),
    [("2027-06-25", 5), ("2027-06-25", 45), ("2027-07-01", 31), ("2027-07-12", 33)],
)
def test_a_partner_reckons_the_very_price_of_the_quote(
    partner: Program, rich: Room, arrive: str, nights: int
) -> None:
    told = room_of(partner, rich, "2027-06-20", "2027-08-31")
    for party in PARTIES:
        asked = stay(rich) | {"arrive": arrive, "nights": nights} | party
        quoted = partner.post(QUOTE, asked).json
        assert reckon(told, asked, booked_on=TODAY) == quoted["total_fen"], party
        assert sum(night["sold_fen"] for night in quoted["nights"]) == quoted["total_fen"]
        listed = sum(line["amount_fen"] for line in quoted["lines"])
        listed += sum(extra["amount_fen"] for extra in quoted["extras"])
        assert listed == quoted["list_fen"]
        off = sum(cut["off_fen"] for cut in quoted["reductions"])
        assert quoted["list_fen"] - off == quoted["total_fen"]
        assert quoted["discount_fen"] == off


def test_every_line_says_why(partner: Program, rich: Room) -> None:
    party = {"adults": 3, "children_ages": [9], "board": "full_board", "extra_beds": 1}
    quoted = partner.post(QUOTE, stay(rich) | {"arrive": "2027-07-25", "nights": 14} | party).json
    assert (quoted["board"], quoted["extra_beds"]) == ("full_board", 1)
    extras = [(each["kind"], each["count"], each["unit_fen"]) for each in quoted["extras"]]
    assert extras == [
        ("extra_adult", 1, 3_001),
        ("child", 1, 1_501),
        ("extra_bed", 1, 2_050),
        ("board_adult", 3, 4_000),
        ("board_child", 1, 2_100),
    ]
    assert quoted["extras"][1]["age"] == 9
    assert quoted["extras"][3]["board"] == "full_board"
    month, tier, promotion = quoted["reductions"]
    assert (month["kind"], month["month"], month["nights"]) == ("month", "2027-07", 7)
    assert (month["month_fen"], month["off_bp"], month["min_nights"]) == (500_003, None, None)
    assert (tier["kind"], tier["off_bp"], tier["min_nights"]) == ("tier", 333, 7)
    assert quoted["discount"] == {"min_nights": 7, "off_bp": 333}
    assert (promotion["kind"], promotion["code"], promotion["off_bp"]) == (
        "promotion",
        "early",
        777,
    )
    assert promotion["name"] == {"zh": "早订优惠", "en": "Early bird"}
    assert [band["fee_bp"] for band in quoted["cancellation"]] == [1_000, 5_000]


def test_what_is_cheaper_in_parts_is_told(partner: Program, rich: Room) -> None:
    quoted = partner.post(QUOTE, stay(rich) | {"arrive": "2027-07-01", "nights": 20}).json
    parts = quoted["cheaper_in_parts"]
    assert parts["parts"][0]["arrive"] == "2027-07-01"
    assert parts["parts"][-1]["depart"] == "2027-07-21"
    apart = 0
    for part in parts["parts"]:
        asked = {"arrive": part["arrive"], "nights": part["nights_count"]}
        apart += partner.post(QUOTE, stay(rich) | asked).json["total_fen"]
    assert quoted["total_fen"] - apart == parts["saved_fen"] > 0
    assert all(part["nights_count"] >= 2 for part in parts["parts"]), "the listing's own minimum"
    short = partner.post(QUOTE, stay(rich) | {"nights": 5}).json
    assert short["cheaper_in_parts"] is None


def test_limits_stand_beside_their_nights(partner: Program, services: Services, rich: Room) -> None:
    restrict(
        services, rich,
        d0610=DayRule(min_nights=5, max_nights=40),
        d0611=DayRule(min_nights_arrival=3, max_nights_arrival=9, no_arrival=True),
        d0612=DayRule(min_nights=1, no_departure=True),
    )  # fmt: skip
    put(services, rich, Terms(lead_days=2, window_days=300, arrival_weekdays=frozenset({0, 3})))
    told = room_of(partner, rich, "2027-06-10", "2027-06-13")
    limits = [
        (
            night["min_nights"], night["max_nights"], night["min_nights_arrival"],
            night["max_nights_arrival"], night["closed_to_arrival"], night["closed_to_departure"],
        )
        for night in told["nights"]
    ]  # fmt: skip
    assert limits == [
        (5, 40, None, None, False, False),
        (2, 90, 3, 9, True, False),
        (2, 90, None, None, False, True),
    ]
    assert (told["lead_days"], told["window_days"]) == (2, 300)
    assert told["arrival_weekdays"] == [1, 4]
    assert told["extra_bed"] is None


@pytest.fixture
def strict(services: Services, rich: Room) -> Room:
    """The same room type with a rule of every kind."""
    restrict(
        services, rich,
        d0611=DayRule(min_nights=5, max_nights=40, no_arrival=True),
        d0624=DayRule(no_departure=True),
    )  # fmt: skip
    no_tuesday = frozenset(range(7)) - {1}
    put(services, rich, Terms(lead_days=2, window_days=70, arrival_weekdays=no_tuesday))
    return rich


@pytest.mark.parametrize(
    ("wish", "rule", "field"),
    [
        ({"arrive": "2027-06-10", "nights": 4}, "min_nights", "nights"),
        ({"arrive": "2027-06-07", "nights": 50}, "max_nights", "nights"),
        ({"arrive": "2027-06-11", "nights": 6}, "closed_to_arrival", "arrive"),
        ({"arrive": "2027-06-20", "nights": 4}, "closed_to_departure", "nights"),
        ({"arrive": "2027-06-29", "nights": 2}, "arrival_weekday", "arrive"),
        ({"arrive": "2027-06-02", "nights": 3}, "lead_days", "arrive"),
        ({"arrive": "2027-08-20", "nights": 3}, "window_days", "arrive"),
        ({"arrive": "2027-06-27", "nights": 1}, "min_nights", "nights"),
    ],
)
def test_a_refusal_names_the_rule(
    partner: Program, strict: Room, wish: dict[str, Any], rule: str, field: str
) -> None:
    for refused in (partner.post(QUOTE, stay(strict) | wish), partner.hold(strict, **wish)):
        assert code(refused) == (422, "invalid")
        assert refused.json["rule"] == rule
        assert list(refused.json["fields"]) == [field]


def test_what_keeps_to_all_rules_is_sold(partner: Program, strict: Room) -> None:
    assert partner.hold(strict, arrive="2027-06-25", nights=3).status_code == 201


# ------------------------------------------------------------------ quotes that are kept


def quoted(program: Program, room: Room, **wish: Any) -> dict[str, Any]:
    answer = program.post(QUOTE, stay(room) | wish)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return dict(answer.json)


def dearer(services: Services, room: Room) -> None:
    days = [dt.date(2027, 6, 10) + dt.timedelta(offset) for offset in range(5)]
    with services.database.write() as session:
        service.set_rate(
            session, room_type_id=room.room_type_id, pool_id=room.pool_id, days=days,
            list_fen=50_000, actor=SYSTEM, now=NOW,
        )  # fmt: skip


def test_a_quote_is_honoured_to_the_fen_until_it_expires(
    partner: Program, services: Services, clock: SetClock, rich: Room
) -> None:
    wish = {"rooms": 2, "adults": 4, "board": "full_board", "extra_beds": 1}
    given = quoted(partner, rich, **wish)
    assert given["expires_at"] == "2027-06-01T04:30:00Z"
    dearer(services, rich)
    assert quoted(partner, rich, **wish)["total_fen"] > given["total_fen"]
    held = partner.hold(rich, **wish, quote=given["id"], adjoining=True)
    assert held.status_code == 201, held.get_data(as_text=True)
    assert held.json["total_fen"] == given["total_fen"]
    assert held.json["nights"] == given["nights"]
    told = {name: held.json[name] for name in ("board", "extra_beds", "adjoining")}
    assert told == {"board": "full_board", "extra_beds": 1, "adjoining": True}
    assert partner.get(f"{HOLDS}/{held.json['id']}").json == held.json
    clock.advance(minutes=30)
    assert code(partner.hold(rich, **wish, quote=given["id"])) == (409, "quote_expired")


def test_a_quote_keeps_the_terms_of_cancelling(
    partner: Program, services: Services, clock: SetClock, rich: Room
) -> None:
    given = quoted(partner, rich)
    put(services, rich, Terms(fee_bands=(FeeBand(0, 10_000),)))
    booking_id = partner.held(rich, quote=given["id"])
    assert partner.post(f"{HOLDS}/{booking_id}/confirm", GUEST).status_code == 200
    clock.advance(hours=1)
    cost = partner.post(f"{HOLDS}/{booking_id}/cancel-quote").json
    assert cost["fee_bp"] == 5_000


def test_meals_that_are_not_named_are_those_of_the_quote(partner: Program, rich: Room) -> None:
    given = quoted(partner, rich, board="full_board")
    held = partner.hold(rich, quote=given["id"]).json
    assert (held["board"], held["total_fen"]) == ("full_board", given["total_fen"])


@pytest.mark.parametrize(
    "other",
    [
        {"nights": 3},
        {"arrive": "2027-06-11"},
        {"rooms": 2},
        {"adults": 1},
        {"children_ages": [8]},
        {"board": "breakfast"},
        {"extra_beds": 1},
    ],
)
def test_a_quote_for_something_else_is_refused(
    partner: Program, rich: Room, other: dict[str, Any]
) -> None:
    given = quoted(partner, rich, board="full_board")
    wish = {"board": "full_board"} | other
    assert code(partner.hold(rich, **wish, quote=given["id"])) == (422, "quote_differs")


def test_a_quote_is_for_its_own_partner_alone(partner: Program, rival: Program, rich: Room) -> None:
    given = quoted(partner, rich)
    assert code(rival.hold(rich, quote=given["id"])) == (404, "not_found")
    assert code(partner.hold(rich, quote="0" * 32)) == (404, "not_found")
    assert code(partner.hold(rich, quote="x")) == (422, "invalid")
    assert partner.hold(rich, quote=given["id"]).status_code == 201


def test_a_price_given_on_our_pages_is_not_for_partners(
    partner: Program, services: Services, visitor_at: Journey
) -> None:
    visitor_at.quote()
    visitor_at.answer()
    web_quote = kept_id(services)
    wish = {"arrive": "2027-07-01", "nights": 30, "quote": web_quote}
    assert code(partner.hold(visitor_at.room, **wish)) == (404, "not_found")


def kept_id(services: Services) -> str:
    """Return the id of the one quote that was given."""
    with services.database.read() as session:
        return session.scalars(sa.select(StayQuote.id)).one()


@pytest.fixture
def visitor_at(partner: Program, loaded: Room) -> Journey:
    return Journey(Visitor(partner.app.test_client()), loaded)


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"board": "half_board"}, "board"),
        ({"board": "lunch"}, "board"),
        ({"extra_beds": 2}, "extra_beds"),
        ({"extra_beds": -1}, "extra_beds"),
    ],
)
def test_meals_and_beds_that_cannot_be_had(
    partner: Program, rich: Room, wish: dict[str, Any], field: str
) -> None:
    for refused in (partner.post(QUOTE, stay(rich) | wish), partner.hold(rich, **wish)):
        assert code(refused) == (422, "invalid")
        assert list(refused.json["fields"]) == [field]
        assert "rule" not in refused.json


# ------------------------------------------------------------------ the feed


def test_a_new_tariff_moves_the_listing_and_its_tag(
    partner: Program, services: Services, rich: Room
) -> None:
    sequence(services.database)
    page = partner.get(FEED)
    one = partner.get(f"/partner/v1/listings/{rich.listing_id}")
    same = partner.get(FEED, **{"If-None-Match": page.headers["ETag"]})
    assert same.status_code == 304
    put(services, rich, Terms(tiers=(Tier(7, 100),)))
    sequence(services.database)
    after = partner.get(FEED, **{"If-None-Match": page.headers["ETag"]})
    assert after.status_code == 200
    before_item, item = page.json["items"][0], after.json["items"][0]
    assert item["modified"] > before_item["modified"]
    number = item["data"]["room_types"][0]["tariff"]
    assert number != before_item["data"]["room_types"][0]["tariff"]
    assert number == room_of(partner, rich, "2027-06-10", "2027-06-11")["tariff"]
    again = partner.get(
        f"/partner/v1/listings/{rich.listing_id}", **{"If-None-Match": one.headers["ETag"]}
    )
    assert again.status_code == 200
