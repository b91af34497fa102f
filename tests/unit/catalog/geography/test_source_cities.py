"""Figures of a traveller's city are said where they hold, and nowhere else."""

from __future__ import annotations

import csv

import pytest

from catalog.geography.reference_loading import is_plannable
from catalog.geography.source_cities import (
    DEPARTURES,
    ENGLISH,
    Train,
    city_name,
    cooler_by,
    leads_to,
    trains,
    year_of,
)
from catalog.views import RailLinkView, SourceCityView, StationView
from catalog.vocabulary import Slope
from marketplace.settings import ROOT

BEIJING, WUHAN = "110100", "420100"


def rows(name: str) -> list[dict[str, str]]:
    with (ROOT / "data" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def city(adcode: str = WUHAN, *, cooler: float = 6.9) -> SourceCityView:
    return SourceCityView(adcode, "武汉", "湖北省", "central", 29.3, 30.3, 29.8, cooler, "yearbook")


def link(
    from_station: str = "北京朝阳",
    to_station: str = "长白山",
    minutes: int = 273,
    as_of: str = "2025-09-28",
) -> RailLinkView:
    usable = is_plannable(as_of)
    return RailLinkView(from_station, to_station, minutes, as_of, usable, "", "news")


def station(name: str, slope: Slope | None = None) -> StationView:
    return StationView(1, "JL123", name, f"{name} in English", "", "", slope, None, "", "", "")


NORTH = station("长白山站", Slope.NORTH)
WEST = station("长白山西站", Slope.WEST)


class TestCooler:
    def test_is_said_of_changchun(self) -> None:
        assert cooler_by(city(), prefecture="长春市") == 6.9

    @pytest.mark.parametrize("prefecture", ["吉林市", "延边朝鲜族自治州", "", "长春"])
    def test_is_said_of_no_other_place(self, prefecture: str) -> None:
        assert cooler_by(city(), prefecture=prefecture) is None

    @pytest.mark.parametrize("cooler", [0.0, -1.5])
    def test_is_not_said_when_it_is_no_cooler(self, cooler: float) -> None:
        assert cooler_by(city(cooler=cooler), prefecture="长春市") is None


class TestTrains:
    def test_lead_to_the_station_named_and_not_to_its_neighbour(self) -> None:
        found = trains(BEIJING, links=[link()], stations=[NORTH, WEST])
        assert list(found) == ["长白山站"]
        train = found["长白山站"]
        assert (train.departure.name_en, train.station, train.minutes, train.year) == (
            "Beijing Chaoyang",
            NORTH,
            273,
            2025,
        )

    def test_the_fastest_of_several_is_said(self) -> None:
        links = [link(minutes=300), link(minutes=273), link(minutes=280)]
        assert trains(BEIJING, links=links, stations=[NORTH])["长白山站"].minutes == 273

    @pytest.mark.parametrize(
        "other",
        [
            link(as_of="2015 (approximate)"),
            link(as_of="unknown"),
            link(from_station="北京"),
            link(from_station="朝阳"),
            link(from_station="沈阳北"),
        ],
    )
    def test_what_is_old_or_from_elsewhere_is_left_out(self, other: RailLinkView) -> None:
        assert trains(BEIJING, links=[other], stations=[NORTH, WEST]) == {}

    def test_a_city_without_a_link_has_none(self) -> None:
        assert trains(WUHAN, links=[link()], stations=[NORTH]) == {}
        assert trains("nowhere", links=[link()], stations=[NORTH]) == {}

    def test_of_the_real_files(self) -> None:
        """Of all source cities only Beijing has a train, and it goes to the North Slope."""
        links = [
            link(row["from_station"], row["to_station"], int(row["fastest_minutes"]), row["as_of"])
            for row in rows("rail-links.csv")
        ]
        stations = [
            station(row["name_zh"])
            for row in rows("directory-places.csv")
            if row["type"] == "rail_station"
        ]
        found: dict[str, dict[str, Train]] = {
            row["adcode"]: trains(row["adcode"], links=links, stations=stations)
            for row in rows("origins.csv")
            if row["role"] == "origin"
        }
        said = {code: {name: one.minutes for name, one in by.items()} for code, by in found.items()}
        assert {code: by for code, by in said.items() if by} == {BEIJING: {"长白山站": 273}}


@pytest.mark.parametrize(
    ("to_station", "name", "same"),
    [
        ("长白山", "长白山站", True),
        ("通化", "通化站（高铁）", True),
        ("长白山", "长白山西站", False),
        ("长白山西", "长白山站", False),
        ("白山东", "长白山站", False),
        ("白山", "长白山站", False),
        ("", "长白山站", False),
    ],
)
def test_a_link_leads_to_a_station_of_exactly_its_name(
    to_station: str, name: str, same: bool
) -> None:
    assert leads_to(to_station, name) is same


@pytest.mark.parametrize(
    ("as_of", "year"),
    [("2025-09-28", 2025), ("2015 (approximate)", 2015), ("summer 1999", 1999), ("soon", None)],
)
def test_the_year_of_a_figure(as_of: str, year: int | None) -> None:
    assert year_of(as_of) == year


def test_every_source_city_has_an_english_name_and_every_departure_a_link() -> None:
    cities = {row["adcode"] for row in rows("origins.csv") if row["role"] == "origin"}
    assert cities == set(ENGLISH)
    assert set(DEPARTURES) <= cities
    leaving = {row["from_station"] for row in rows("rail-links.csv")}
    for departures in DEPARTURES.values():
        assert {departure.name_zh for departure in departures} <= leaving


def test_a_city_that_nobody_translated_is_named_in_chinese_alone() -> None:
    assert city_name(city()) == ("武汉", "Wuhan")
    assert city_name(city("999999")) == ("武汉", "")
