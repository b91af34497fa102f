"""A listing answers on top what was asked: the room's total, or what can be had instead."""

from __future__ import annotations

import datetime as dt
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from marketplace.bootstrap import Services
from marketplace.inventory.models import StockDay
from marketplace.kernel import changes
from marketplace.pricing.nights.terms import (
    OLDEST_CHILD,
    Board,
    ChildBand,
    Occupancy,
    Terms,
    Tier,
)
from tests.factories import NOW, Room, make_room
from tests.web.traveller.english import unmarked
from tests.web.traveller.visitor import Page, Visitor

STAY = "arrive=2027-07-01&nights=30"


@pytest.fixture
def house(services: Services, loaded: Room) -> tuple[Room, Room]:
    """A house with a room for two at 200 yuan and one for five at 300, with breakfast."""
    terms = Terms(tiers=(Tier(30, 1_000),), included_board=Board.BREAKFAST)
    with services.database.write() as session:
        large = make_room(
            session,
            listing_id=loaded.listing_id,
            list_fen=30_000,
            discounts={},
            terms=terms,
            name_zh="家庭套房",
            name_en="Family suite",
            max_adults=4,
            max_guests=5,
        )
    return loaded, large


def open_listing(visitor: Visitor, room: Room, asked: str, *, english: bool = False) -> Page:
    return visitor.open(f"{'/en' if english else ''}/listings/{room.listing_id}?{asked}")


def links_to(page: Page, room: Room) -> list[dict[str, list[str]]]:
    """Return the arguments of links to the same listing that choose ``room``."""
    parts = [urlsplit(link) for link in page.links if "lang=" not in link]
    args = [parse_qs(part.query) for part in parts if part.path == f"/listings/{room.listing_id}"]
    return [one for one in args if one.get("room_type") == [str(room.room_type_id)]]


def full(services: Services, room: Room, first: dt.date, days: int) -> None:
    with services.database.write() as session:
        session.execute(
            sa.update(StockDay)
            .where(
                StockDay.pool_id == room.pool_id,
                StockDay.day >= first,
                StockDay.day < first + dt.timedelta(days=days),
            )
            .values(capacity=0)
        )
        span = {"first": first.isoformat(), "last": (first + dt.timedelta(days=days)).isoformat()}
        changes.record(session, changes.STOCK, room.pool_id, now=NOW, detail=span)


def test_the_room_asked_for_is_chosen_with_its_total_and_its_meals(
    visitor: Visitor, house: tuple[Room, Room]
) -> None:
    small, large = house
    page = open_listing(visitor, small, f"{STAY}&adults=2&room_type={large.room_type_id}")
    top = page.text[: page.text.index("房型和价格")]
    for words in (
        "2027年7月1日 星期四到（农历五月廿七），住30晚，2027年7月31日 星期六离开。大人2位。",
        "家庭套房",
        "30晚总价¥8,100",
        "价钱里的餐食：含早餐",
        "订这间，先看明细",
    ):
        assert words in top, words
    assert page.form(holding="room_type").fields["room_type"] == str(large.room_type_id)
    quote = visitor.open(next(link for link in page.links if "/quote?" in link))
    assert "¥8,100" in quote.text
    assert "预订" in quote.text
    assert unmarked(open_listing(visitor, small, f"{STAY}&adults=2", english=True)) == []


def test_without_a_room_the_cheapest_that_is_free_is_shown(
    visitor: Visitor, house: tuple[Room, Room], services: Services
) -> None:
    small, large = house
    asked = f"{STAY}&adults=2"
    assert "30晚总价¥5,100" in open_listing(visitor, small, asked).text
    full(services, small, dt.date(2027, 7, 20), 1)
    page = open_listing(visitor, small, asked)
    assert "30晚总价¥8,100" in page.text
    assert page.form(holding="room_type").fields["room_type"] == str(large.room_type_id)


def test_full_dates_are_told_with_the_nearest_and_with_the_other_rooms(
    visitor: Visitor, house: tuple[Room, Room], services: Services
) -> None:
    small, large = house
    full(services, small, dt.date(2027, 7, 20), 1)
    asked = f"{STAY}&adults=2&room_type={small.room_type_id}&from=310000"
    page = open_listing(visitor, small, asked)
    assert "这些日子订不到" in page.text
    assert "¥8,100" in page.text, "the other room is free"
    assert len([one for one in links_to(page, large) if one["arrive"] == ["2027-07-01"]]) == 2
    nearest = [one for one in links_to(page, small) if one["arrive"] != ["2027-07-01"]]
    assert nearest[0]["arrive"] == ["2027-06-20"], "the last that ends before the full night"
    for one in nearest:
        assert one["adults"] == ["2"]
        assert one["from"] == ["310000"]
    link = next(link for link in page.links if "arrive=2027-06-20" in link)
    assert "30晚总价¥5,100" in visitor.open(link).text


def test_a_whole_house_that_is_full_leads_elsewhere_too(
    visitor: Visitor, house: tuple[Room, Room], services: Services
) -> None:
    for room in house:
        full(services, room, dt.date(2027, 7, 20), 1)
    page = open_listing(visitor, house[0], f"{STAY}&adults=2")
    assert "这些日子订不到" in page.text
    assert "这些日子，这里有空的房" not in page.text
    assert "最近有空的日子" in page.text
    assert any(link.startswith("/search?arrive=2027-07-01") for link in page.links)


@pytest.mark.parametrize("dates", [STAY, ""])
@pytest.mark.parametrize("party", ["adults=4", "adults=2&children=2", "adults=3"])
def test_when_the_people_do_not_fit_the_room_that_fits_is_named(
    visitor: Visitor, house: tuple[Room, Room], party: str, dates: str
) -> None:
    small, large = house
    asked = f"{dates}&{party}&room_type={small.room_type_id}"
    page = open_listing(visitor, small, asked)
    assert "这种房住不下" in page.text
    assert "家庭套房，最多住5人" in page.text
    (fits, *_) = links_to(page, large)
    assert {f"{name}={value[0]}" for name, value in fits.items()} >= set(party.split("&"))
    assert "双床房，订2间" in page.text
    assert ("双床房，订2间¥10,200" in page.text) == bool(dates)
    link = next(link for link in page.links if f"room_type={large.room_type_id}" in link)
    page = visitor.open(link)
    assert "这种房住不下" not in page.text
    assert ("30晚总价¥8,100" in page.text) == bool(dates)


def test_the_quote_of_a_room_that_is_too_small_names_the_one_that_fits(
    visitor: Visitor, house: tuple[Room, Room]
) -> None:
    small, _ = house
    url = f"/listings/{small.listing_id}/quote?{STAY}&adults=4&room_type={small.room_type_id}"
    page = visitor.open(url)
    assert page.status == 422
    assert "每间最多住 2 位大人" in page.text
    assert "家庭套房，最多住5人" in page.text


def test_a_party_that_no_room_takes_is_told_how_many_rooms_it_needs(
    visitor: Visitor, house: tuple[Room, Room]
) -> None:
    page = open_listing(visitor, house[0], f"{STAY}&adults=9")
    assert "这种房住不下" in page.text
    assert "双床房，订5间" in page.text
    assert "家庭套房，订3间¥24,300" not in page.text, "no three are free"
    page = open_listing(visitor, house[0], f"{STAY}&adults=20")
    assert "这种房住不下" in page.text


def test_a_rule_of_the_house_is_said_with_what_can_be_had(
    visitor: Visitor, services: Services, loaded: Room
) -> None:
    page = open_listing(visitor, loaded, "arrive=2027-07-01&nights=100&adults=2")
    assert "这里最多住 90 晚" in page.text
    assert any("nights=90" in link for link in page.links)


def test_nothing_asked_nothing_answered(visitor: Visitor, loaded: Room) -> None:
    for asked in ("", "nights=30", "arrive=2020-01-01", "arrive=gestern&adults=x", "room_type=999"):
        page = open_listing(visitor, loaded, asked)
        assert page.status == 200
        assert "您问的日子" not in page.text
        assert "看准确价格" in page.text


def test_the_quote_names_the_most_nights_of_this_house(visitor: Visitor, loaded: Room) -> None:
    url = f"/listings/{loaded.listing_id}/quote?arrive=2027-07-01&nights=121&adults=2"
    page = visitor.open(f"{url}&room_type={loaded.room_type_id}")
    assert page.status == 422
    assert "请写 1 到 90 之间的晚数" in page.text


def test_a_party_of_six_is_told_the_rooms_it_needs_with_their_total(
    visitor: Visitor, house: tuple[Room, Room], services: Services
) -> None:
    small, large = house
    with services.database.write() as session:
        for room, capacity in ((small, 3), (large, 2)):
            session.execute(
                sa.update(StockDay)
                .where(StockDay.pool_id == room.pool_id)
                .values(capacity=capacity)
            )
            changes.record(session, changes.STOCK, room.pool_id, now=NOW)
    page = open_listing(visitor, small, f"{STAY}&adults=6&room_type={small.room_type_id}")
    assert "双床房，订3间¥15,300" in page.text
    assert "家庭套房，订2间¥16,200" in page.text
    (several, *_) = [one for one in links_to(page, large) if one.get("rooms") == ["2"]]
    assert several["adults"] == ["6"]
    link = next(link for link in page.links if "rooms=2" in link)
    assert "30晚总价¥16,200" in visitor.open(link).text


def test_so_many_rooms_cost_what_they_cost_for_children_of_these_ages(
    visitor: Visitor, loaded: Room, services: Services
) -> None:
    bands = (ChildBand(3, 0), ChildBand(OLDEST_CHILD, 5_000))
    terms = Terms(occupancy=Occupancy(included=1, children=bands))
    with services.database.write() as session:
        room = make_room(session, listing_id=loaded.listing_id, discounts={}, terms=terms)
    asked = f"{STAY}&adults=2&children=2&room_type={room.room_type_id}"
    assert "双床房，订2间¥15,000" in open_listing(visitor, room, asked).text
    assert "双床房，订2间¥12,000" in open_listing(visitor, room, f"{asked}&age_1=2&age_2=3").text
