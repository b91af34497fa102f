"""What a listing's document may say: every fault is named, all at once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from catalog import season
from catalog.office.listings.listing_checks import faults_of
from catalog.office.listings.listing_facts import ListingHandler
from catalog.office.listings.listing_writer import next_code

TODAY = dt.date(2027, 6, 1)
REPORT = {"source": "水质检测报告", "date": "2026-05-01", "document_id": 3}


def stay(**facts: Any) -> dict[str, Any]:
    room = {"id": None, "name_zh": "双床房", "max_adults": 2, "max_guests": 3}
    return {
        "kind": "stay",
        "site_id": 1,
        "theme": "forest",
        "name_zh": "林间小屋",
        "summary_zh": "安静的林间小屋，一共八间。",
        "min_nights": 7,
        "max_nights": 90,
        "rooms": [room],
    } | facts


def activity(**facts: Any) -> dict[str, Any]:
    slot = {
        "id": None, "name_zh": "上午场", "weekdays": [1, 3, 5], "starts": "09:30",
        "minutes": 90, "capacity": 12,
    }  # fmt: skip
    return stay(kind="activity", activity="forest_walk", slots=[slot]) | facts


def rail(**facts: Any) -> dict[str, Any]:
    berth = {"id": None, "name_zh": "硬卧下铺", "kind": "hard_berth", "capacity": 60, "lower": 20}
    return stay(kind="rail", theme="rail", berths=[berth]) | facts


def faults(document: dict[str, Any]) -> set[str]:
    return set(faults_of(document, today=TODAY))


@pytest.mark.parametrize("document", [stay(), activity(), rail()])
def test_a_whole_document_has_no_fault(document: dict[str, Any]) -> None:
    assert faults(document) == set()


def test_everything_that_is_missing_is_named_at_once() -> None:
    assert faults({"kind": "stay"}) == {
        "name_zh",
        "summary_zh",
        "site_id",
        "theme",
        "min_nights",
        "max_nights",
        "rooms",
    }
    assert faults({"kind": "activity"}) >= {"activity", "slots"}
    assert faults({"kind": "rail"}) >= {"berths"}
    assert faults_of({"kind": "stay"}, today=TODAY, complete=False) == {}


@pytest.mark.parametrize(
    ("facts", "faulty"),
    [
        ({"min_nights": 30, "max_nights": 7}, {"max_nights"}),
        ({"max_nights": 121}, {"max_nights"}),
        ({"steps": -1, "bed_height_cm": 10, "altitude_m": 3000},
         {"steps", "bed_height_cm", "altitude_m"}),
        ({"steps": "很多"}, {"steps"}),
        ({"no_steps": True, "steps": 3}, {"steps"}),
        ({"no_steps": True, "steps": 0}, set()),
        ({"hospital_km": 12}, {"hospital_minutes"}),
        ({"hospital_minutes": 12}, {"hospital_km"}),
        ({"july_mean_c": 21.3}, {"july_years"}),
        ({"july_years": "2015-2024"}, {"july_mean_c"}),
        ({"july_mean_c": 21.3, "july_years": "2015-2024"}, set()),
        ({"july_mean_c": 21.3, "july_years": "2024-2015"}, {"july_years"}),
        ({"july_mean_c": 21.3, "july_years": "2027"}, {"july_years"}),
        ({"july_mean_c": 21.3, "july_years": "最近几年"}, {"july_years"}),
        ({"july_mean_c": 40.0, "july_years": "2020"}, {"july_mean_c"}),
        ({"opens": "05-01"}, {"closes"}),
        ({"closes": "05-01"}, {"opens"}),
        ({"opens": "02-30", "closes": "06-31"}, {"opens", "closes"}),
        ({"opens": "02-29", "closes": "03-31"}, {"opens"}),
        ({"opens": "11-20", "closes": "03-31"}, set()),
        ({"water_c": 42}, {"spring"}),
        ({"spring": "plain"}, {"cautions_zh"}),
        ({"spring": "plain", "cautions_zh": "刚做过手术的人不要泡"}, set()),
        ({"spring": "radon", "cautions_zh": "刚做过手术的人不要泡"}, {"source-spring"}),
        ({"theme": "nothing", "food": ["stones"]}, {"theme", "food"}),
        ({"photos": [{"id": 4, "alt_zh": "图", "alt_en": ""}]}, {"photo-4-alt_zh"}),
        (
            {"photos": [{"id": 4, "alt_zh": "院子里的长椅", "room": "9", "focus": "middle"}]},
            {"photo-4-subject", "photo-4-focus"},
        ),
        ({"sources": {"lift": {"source": "", "date": "2026"}}}, {"source-lift"}),
        ({"sources": {"lift": {"source": "竣工图", "date": "2028-01-01"}}}, {"date-lift"}),
        ({"sources": {"lift": {"source": "竣工图", "date": "去年"}}}, {"date-lift"}),
    ],
)  # fmt: skip
def test_facts(facts: dict[str, Any], faulty: set[str]) -> None:
    assert faults(stay(**facts)) == faulty


@pytest.mark.parametrize("spring", ["mineral", "sulphur", "carbonated", "radon"])
@pytest.mark.parametrize(
    ("change", "enough"),
    [({}, True), ({"date": "2026"}, False), ({"document_id": None}, False)],
)
def test_a_claimed_water_stands_on_a_dated_report(
    spring: str, change: dict[str, Any], enough: bool
) -> None:
    document = stay(
        spring=spring, cautions_zh="刚做过手术的人不要泡", sources={"spring": REPORT | change}
    )
    assert ("source-spring" not in faults(document)) is enough
    assert ListingHandler().water_report(document) is enough


@pytest.mark.parametrize("what", ["spring_bathing", "tcm", "damp_ground"])
def test_an_activity_that_acts_on_the_body_names_whom_it_does_not_suit_and_its_proof(
    what: str,
) -> None:
    assert faults(activity(activity=what)) == {"cautions_zh", "source-activity"}
    whole = activity(
        activity=what, cautions_zh="皮肤有伤口的人不能参加", sources={"activity": REPORT}
    )
    assert faults(whole) == set()


@pytest.mark.parametrize(
    ("document", "faulty"),
    [
        (stay(rooms=[{"id": None, "name_zh": ""}]),
         {"rooms-0-name_zh", "rooms-0-max_adults", "rooms-0-max_guests"}),
        (stay(rooms=[{"name_zh": "大床房", "max_adults": 4, "max_guests": 2}]),
         {"rooms-0-max_guests"}),
        (stay(rooms=[{"name_zh": "大床房", "max_adults": 2, "max_guests": 2, "area_m2": 3}]),
         {"rooms-0-area_m2"}),
        (activity(slots=[{"name_zh": "早场", "weekdays": [], "starts": "25:00", "minutes": 5,
                          "capacity": 0}]),
         {"slots-0-weekdays", "slots-0-starts", "slots-0-minutes", "slots-0-capacity"}),
        (rail(berths=[{"name_zh": "软座", "kind": "seat", "capacity": 60, "lower": 4}]),
         {"berths-0-lower"}),
        (rail(berths=[{"name_zh": "软卧", "kind": "soft_berth", "capacity": 3, "lower": 4}]),
         {"berths-0-lower"}),
        (rail(berths=[{"name_zh": "软卧", "kind": "", "capacity": 3}]), {"berths-0-kind"}),
    ],
)  # fmt: skip
def test_what_is_sold(document: dict[str, Any], faulty: set[str]) -> None:
    assert faults(document) == faulty


def test_codes_go_on_after_the_last_that_was_used() -> None:
    assert next_code("JL001", []) == "JL001A"
    assert next_code("JL001", ["JL001A", "JL001C"]) == "JL001D"
    assert next_code("JL001", ["JL001Z"]) == "JL001AA"
    assert next_code("JL001", ["JL001AZ", "JL001B"]) == "JL001BA"


@pytest.mark.parametrize(
    ("opens", "closes", "day", "is_open"),
    [
        ("", "", "2027-01-01", True),
        ("05-01", "10-07", "2027-05-01", True),
        ("05-01", "10-07", "2027-10-07", True),
        ("05-01", "10-07", "2027-10-08", False),
        ("05-01", "10-07", "2027-04-30", False),
        ("11-20", "03-31", "2027-12-31", True),
        ("11-20", "03-31", "2027-03-31", True),
        ("11-20", "03-31", "2028-02-29", True),
        ("11-20", "03-31", "2027-06-01", False),
    ],
)
def test_a_season_holds_its_first_and_last_day(
    opens: str, closes: str, day: str, is_open: bool
) -> None:
    assert season.is_open(opens, closes, dt.date.fromisoformat(day)) is is_open
