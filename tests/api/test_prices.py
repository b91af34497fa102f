"""Tariffs, restrictions and quotes as partners meet them, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.bootstrap import Services
from marketplace.kernel.changes import sequence
from marketplace.pricing.nights.restrictions import DayRule
from marketplace.pricing.nights.terms import Terms, Tier
from tests.api.reckoning import reckon
from tests.api.tariffs import QUOTE, restrict, room_of
from tests.api.test_openapi import check
from tests.factories import TODAY, Room
from tests.support.app import BOTH
from tests.support.partner import Program, code, stay
from tests.support.price_setting import put

pytestmark = pytest.mark.parametrize("database_kind", BOTH)
FEED = "/partner/v1/feed/listings"


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
    assert (month["kind"], month["month"], month["nights_count"]) == ("month", "2027-07", 7)
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


def test_full_answers_and_refusals_are_as_described(partner: Program, strict: Room) -> None:
    document = dict(partner.client.get("/openapi.json").json)
    schemas = document["components"]["schemas"]
    path = f"/partner/v1/stays/{strict.listing_id}/ari?from=2027-06-10&to=2027-06-12"
    refused = partner.post(QUOTE, stay(strict) | {"arrive": "2027-06-02", "nights": 3}).json
    check(schemas["Ari"], partner.get(path).json, document)
    check(schemas["Problem"], refused, document)
    assert refused["rule"] in schemas["Rule"]["enum"]


def test_full_quotes_are_as_described(partner: Program, rich: Room) -> None:
    document = dict(partner.client.get("/openapi.json").json)
    asked = stay(rich) | {"arrive": "2027-07-01", "nights": 20, "adults": 3, "children_ages": [9]}
    quoted = partner.post(QUOTE, asked | {"board": "full_board", "extra_beds": 1}).json
    assert quoted["cheaper_in_parts"] is not None
    path = f"/partner/v1/stays/{rich.listing_id}/ari?from=2027-06-10&to=2027-06-12"
    check(document["components"]["schemas"]["Quote"], quoted, document)
    check(document["components"]["schemas"]["Ari"], partner.get(path).json, document)


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
        services,
        rich,
        d0610=DayRule(min_nights=5, max_nights=40),
        d0611=DayRule(min_nights_arrival=3, max_nights_arrival=9, no_arrival=True),
        d0612=DayRule(min_nights=1, no_departure=True),
    )
    put(services, rich, Terms(lead_days=2, window_days=300, arrival_weekdays=frozenset({0, 3})))
    told = room_of(partner, rich, "2027-06-10", "2027-06-13")
    limits = [
        (
            night["min_nights"],
            night["max_nights"],
            night["min_nights_arrival"],
            night["max_nights_arrival"],
            night["closed_to_arrival"],
            night["closed_to_departure"],
        )
        for night in told["nights"]
    ]
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
        services,
        rich,
        d0611=DayRule(min_nights=5, max_nights=40, no_arrival=True),
        d0624=DayRule(no_departure=True),
    )
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
