"""Availability, nightly rows and quotes: all three say what the quote engine says."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from catalog.service import suspend
from marketplace.bootstrap import Services
from marketplace.inventory.calendar import CalendarEdit, apply
from marketplace.kernel.audit import SYSTEM
from marketplace.kernel.stay import Stay
from marketplace.offers.quoting.stay_offers import price
from marketplace.pricing.nights.quote import Ask
from marketplace.pricing.service import set_rate
from tests.factories import NOW, TODAY, Room, make_enterprise, make_listing, make_room
from tests.support.app import BOTH
from tests.support.partner import Program, code, stay

FREE = "/partner/v1/stays/availability"
QUOTE = "/partner/v1/stays/quote"
pytestmark = pytest.mark.parametrize("database_kind", BOTH)


@pytest.fixture
def rooms(services: Services) -> list[Room]:
    """Five room types of two listings, at uneven prices."""
    with services.database.write() as session:
        enterprise_id = make_enterprise(session)
        listings = [make_listing(session, enterprise_id=enterprise_id) for _ in range(2)]
        return [
            make_room(
                session,
                listing_id=listings[number % 2],
                capacity=number + 1,
                list_fen=19_999 + 1_111 * number,
                discounts={7: 333, 30: 1_777},
            )
            for number in range(5)
        ]


def free(program: Program, **query: Any) -> dict[str, Any]:
    asked = {"arrive": "2027-06-10", "nights": 31} | query
    answer = program.get(f"{FREE}?" + "&".join(f"{key}={value}" for key, value in asked.items()))
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return dict(answer.json)


@pytest.mark.parametrize(("nights", "wanted"), [(1, 1), (7, 2), (31, 3)])
def test_availability_quote_and_the_engine_agree(
    partner: Program, services: Services, rooms: list[Room], nights: int, wanted: int
) -> None:
    found = free(partner, nights=nights, rooms=wanted)["items"]
    assert [item["room_type"] for item in found] == [
        room.room_type_id for room in rooms[wanted - 1 :]
    ]
    for item in found:
        asked = {"room_type": item["room_type"], "nights": nights, "rooms": wanted}
        quoted = partner.post(QUOTE, stay(rooms[0]) | asked).json
        with services.database.read() as session:
            ask = Ask(Stay.of(dt.date(2027, 6, 10), nights), TODAY, rooms=wanted)
            engine = price(session, room_type_id=item["room_type"], ask=ask).quote
        assert item["total_fen"] == quoted["total_fen"] == engine.total_fen
        assert item["left"] == quoted["left"]
        assert sum(night["sold_fen"] for night in quoted["nights"]) == quoted["total_fen"]
        assert sum(line["amount_fen"] for line in quoted["lines"]) == quoted["list_fen"]
        assert quoted["list_fen"] - quoted["discount_fen"] == quoted["total_fen"]


def test_pages_of_availability_join_without_gap_or_repeat(
    partner: Program, rooms: list[Room]
) -> None:
    page = free(partner, limit=2)
    found = [item["room_type"] for item in page["items"]]
    while page["items"]:
        page = dict(partner.get(page["next"].removeprefix("http://localhost")).json)
        found += [item["room_type"] for item in page["items"]]
    assert found == [room.room_type_id for room in rooms]


def test_one_taken_night_takes_the_room_type_out(partner: Program, rooms: list[Room]) -> None:
    partner.held(rooms[0], arrive="2027-06-20", nights=1)
    found = [item["room_type"] for item in free(partner)["items"]]
    assert found == [room.room_type_id for room in rooms[1:]]


def test_the_party_must_fit(partner: Program, rooms: list[Room]) -> None:
    assert free(partner, adults=3)["items"] == []
    assert len(free(partner, adults=2, children=1)["items"]) == 5
    assert free(partner, adults=2, children=2)["items"] == []


def test_a_suspended_enterprise_offers_nothing(
    partner: Program, services: Services, rooms: list[Room]
) -> None:
    assert free(partner)["items"]
    with services.database.write() as session:
        suspend(session, enterprise_id=rooms[0].enterprise_id, reason="检查", actor=SYSTEM, now=NOW)
    assert free(partner)["items"] == []
    assert code(partner.post(QUOTE, stay(rooms[0]))) == (422, "not_bookable")
    path = f"/partner/v1/stays/{rooms[0].listing_id}/ari?from=2027-06-10&to=2027-06-12"
    assert code(partner.get(path)) == (404, "not_found")


def ari(program: Program, room: Room, first: str, last: str) -> dict[str, Any]:
    path = f"/partner/v1/stays/{room.listing_id}/ari?from={first}&to={last}"
    answer = program.get(path)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return dict(answer.json)


def test_the_nightly_rows_equal_the_quote(partner: Program, rooms: list[Room]) -> None:
    told = ari(partner, rooms[1], "2027-06-10", "2027-06-20")
    by_room = {room["room_type"]: room for room in told["room_types"]}
    assert set(by_room) == {rooms[1].room_type_id, rooms[3].room_type_id}
    for room_type, row in by_room.items():
        quoted = partner.post(QUOTE, stay(rooms[1]) | {"room_type": room_type, "nights": 10}).json
        assert sum(night["list_fen"] for night in row["nights"]) == quoted["list_fen"]
        assert min(night["left"] for night in row["nights"]) == quoted["left"]
        assert row["discounts"][0] == quoted["discount"]
        assert [night["date"] for night in row["nights"]] == [
            night["date"] for night in quoted["nights"]
        ]


def test_edits_show_night_by_night(partner: Program, services: Services, loaded: Room) -> None:
    shut, dear = dt.date(2027, 6, 11), dt.date(2027, 6, 12)
    with services.database.write() as session:
        edit = CalendarEdit(loaded.pool_id, shut, shut, closed=True)
        apply(session, edit=edit, actor=SYSTEM, now=NOW)
        set_rate(
            session,
            room_type_id=loaded.room_type_id,
            pool_id=loaded.pool_id,
            days=[dear],
            list_fen=33_300,
            actor=SYSTEM,
            now=NOW,
        )
    partner.held(loaded, arrive="2027-06-12", nights=1)
    nights = ari(partner, loaded, "2027-06-10", "2027-06-13")["room_types"][0]["nights"]
    assert [(night["left"], night["list_fen"], night["closed"]) for night in nights] == [
        (2, 20_000, False),
        (0, 20_000, True),
        (1, 33_300, False),
    ]


def test_nights_off_sale_are_closed(partner: Program, loaded: Room) -> None:
    """Yesterday, and the first day beyond the horizon."""
    last = TODAY + dt.timedelta(days=120)
    past = ari(partner, loaded, "2027-05-31", "2027-06-02")["room_types"][0]["nights"]
    assert [(night["left"], night["closed"]) for night in past] == [(0, True), (2, False)]
    beyond = ari(partner, loaded, str(last - dt.timedelta(1)), str(last + dt.timedelta(1)))
    rows = beyond["room_types"][0]["nights"]
    assert [(night["left"], night["list_fen"]) for night in rows] == [(2, 20_000), (0, None)]


def test_a_quote_tells_the_cost_of_cancelling(partner: Program, loaded: Room) -> None:
    quoted = partner.post(QUOTE, stay(loaded)).json
    bands = quoted["cancellation"]
    # Booked on 1 June for 10 June: what would have cost nothing is over already.
    assert [(band["since"], band["until"], band["fee_fen"]) for band in bands] == [
        ("2027-06-01", "2027-06-03", 16_000),
        ("2027-06-04", "2027-06-09", 24_000),
        ("2027-06-10", "2027-06-10", 32_000),
    ]
    assert quoted["sample_notice"].startswith("示例数据")


def test_a_quote_holds_nothing(partner: Program, loaded: Room) -> None:
    for _ in range(3):
        assert partner.post(QUOTE, stay(loaded) | {"rooms": 2}).json["left"] == 2
