"""A booking of several kinds of room, wherever the desk and the office read it."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from catalog.service import suspend
from marketplace.booking.items import BookingItem
from marketplace.booking.states import BookingState
from marketplace.kernel.audit import SYSTEM
from marketplace.kernel.ids import group_code
from tests.factories import TODAY, Room, make_enterprise, make_listing, make_room
from tests.support.changing import given_up
from tests.support.orders import ARRIVE, Wanted, hold_all
from tests.support.staff import Browser, House

ROOMS = ("双床房 × 1", "家庭房 × 2")


@pytest.fixture
def family(house: House) -> Room:
    """A larger kind of room of the same house."""
    with house.services.database.write() as session:
        return make_room(
            session,
            listing_id=house.room.listing_id,
            name_zh="家庭房",
            name_en="Family room",
            list_fen=30_000,
            days=200,
        )


@pytest.fixture
def booking(house: House, family: Room) -> str:
    """Three generations in three rooms of two kinds, paid."""
    booking_id = hold_all(house.desk, [Wanted(house.room), Wanted(family, rooms=2, adults=3)])
    house.desk.pay(booking_id)
    house.work()
    return booking_id


def test_the_desk_reads_every_room_and_acts_once(
    operator: Browser, house: House, booking: str
) -> None:
    code = group_code(house.code(booking))
    page = operator.open("/operator/")
    assert all(room in page for room in ROOMS), "the notice"
    assert "5 位大人" in page
    house.clock.advance(days=(ARRIVE - TODAY).days)
    operator.sign_in("front")
    page = operator.open("/operator/")
    assert "<b>1</b>今天到" in page
    assert page.count("办理入住<span") == 1
    arrivals = operator.open("/operator/arrivals")
    assert all(room in arrivals for room in ROOMS)
    assert "共 1 个订单" in arrivals
    listed = operator.open("/operator/bookings")
    assert "共 1 个订单" in listed
    assert listed.count(code) == 2
    rows = operator.open("/operator/bookings.csv").splitlines()
    assert sum(house.code(booking) in row for row in rows) == 2

    page = operator.open(f"/operator/bookings/{booking}")
    assert all(room in page for room in ROOMS)
    assert "¥2,400" in page
    page = operator.open(f"/operator/bookings/{booking}/check-in")
    assert all(room in page for room in ROOMS)
    operator.send(f"/operator/bookings/{booking}/check-in")
    assert house.desk.booking(booking).state is BookingState.IN_STAY
    operator.open("/operator/calendar")


def test_the_desk_reads_who_sleeps_where_once_it_is_paid(
    operator: Browser, house: House, family: Room
) -> None:
    booking_id = hold_all(house.desk, [Wanted(house.room), Wanted(family)])
    words = {1: "爷爷奶奶", 2: "爸爸妈妈和小宝"}
    with house.services.database.write() as session:
        for number, said in words.items():
            item = session.get(BookingItem, (booking_id, number))
            assert item is not None
            item.sleepers = said
    page = operator.open(f"/operator/bookings/{booking_id}")
    assert not any(said in page for said in words.values()), "as little as the name"
    house.desk.pay(booking_id)
    house.work()
    house.clock.advance(days=(ARRIVE - TODAY).days)
    operator.sign_in("front")
    for path in (f"bookings/{booking_id}", "arrivals"):
        page = operator.open(f"/operator/{path}")
        assert all(said in page for said in words.values()), path
    exported = operator.open("/operator/bookings.csv")
    assert not any(said in exported for said in words.values()), "names are not exported either"


def test_one_room_is_left_early_and_the_other_stays(
    settler: Browser, house: House, booking: str
) -> None:
    house.clock.advance(days=(ARRIVE - TODAY).days)
    settler.sign_in("front")
    settler.open(f"/operator/bookings/{booking}/check-in")
    settler.send(f"/operator/bookings/{booking}/check-in")
    last = ARRIVE + dt.timedelta(days=1)
    page = settler.open(
        f"/operator/bookings/{booking}/leave?item=2&day={last.isoformat()}&cause=operator_fault"
    )
    assert all(room in page for room in ROOMS)
    assert "¥1,200" in page
    leaving = {"day": last.isoformat(), "cause": "operator_fault", "refund_fen": 120_000}
    page = settler.send(f"/operator/bookings/{booking}/leave", expect=409, **leaving)
    assert "不止一种房型" in page
    settler.open(f"/operator/bookings/{booking}/leave?item=2")
    settler.send(f"/operator/bookings/{booking}/leave", item=2, **leaving)
    days = {item.number: item.days.nights for item in house.desk.booking(booking).items}
    assert days == {1: 3, 2: 1}


def test_the_desk_reads_what_was_given_up(operator: Browser, house: House, booking: str) -> None:
    house.clock.advance(days=20)
    operator.sign_in("front")
    given_up(house.desk, booking, 2)
    house.work()
    page = operator.open("/operator/")
    assert "退掉的：家庭房 × 2" in page
    page = operator.open(f"/operator/bookings/{booking}")
    shown = page.split("退掉的房间")[1]
    assert "家庭房 × 2" in shown
    assert "¥360" in shown


def test_who_never_came_pays_for_every_room_by_its_terms(
    settler: Browser, house: House, booking: str
) -> None:
    house.clock.advance(days=(ARRIVE - TODAY).days + 2)
    settler.sign_in("front")
    page = settler.open(f"/operator/bookings/{booking}/no-show")
    assert "¥2,400" in page
    assert "¥1,920" in page, "80 % of all rooms"


def stopped(house: House, office: Browser) -> str:
    """Stop the house; returns the page of the guest who waits."""
    with house.services.database.write() as session:
        suspend(
            session,
            enterprise_id=house.room.enterprise_id,
            reason="消防检查",
            actor=SYSTEM,
            now=house.clock.now(),
        )
    house.work()
    office.open("/office/")
    queue = office.open("/office/rehousing")
    (where,) = {part.split('"')[0] for part in queue.split('href="/office/rehousing/')[1:]}
    return f"/office/rehousing/{where}"


def test_the_office_sees_all_rooms_and_gives_all_money_back(
    office: Browser, house: House, booking: str
) -> None:
    office.open("/office/")
    page = office.open(f"/office/enterprises/{house.directory_code}")
    assert "1 个订单有效" in page
    where = stopped(house, office)
    page = office.open(where)
    assert "3 间，5 人" in page
    assert "没有合适的空房" in page
    page = office.open(f"{where}/refund")
    assert "¥2,400" in page
    office.send(f"{where}/refund", refund_fen=240_000)
    assert house.desk.booking(booking).state is BookingState.CANCELLED


def neighbours(house: House, name_zh: str, capacity: int) -> tuple[Room, Room]:
    """Another house with one small room, and ``capacity`` large ones."""
    with house.services.database.write() as session:
        enterprise_id = make_enterprise(session, name_zh=f"{name_zh}人家")
        listing_id = make_listing(session, enterprise_id=enterprise_id, name_zh=name_zh)
        small = make_room(session, listing_id=listing_id, list_fen=15_000, days=200, capacity=1)
        large = make_room(
            session,
            listing_id=listing_id,
            name_zh="三人间",
            name_en="Triple",
            list_fen=32_000,
            days=200,
            capacity=capacity,
        )
        return small, large


def test_the_office_offers_houses_where_every_room_finds_a_place(
    office: Browser, house: House, booking: str
) -> None:
    small, large = neighbours(house, "示例隔壁小院", 2)
    neighbours(house, "示例太小的院子", 1)
    where = stopped(house, office)
    page = office.open(where)
    assert "示例隔壁小院" in page
    assert "示例太小的院子" not in page, "two rooms, and three are needed"
    assert "双床房 × 1：2 位大人" in page
    assert "三人间 × 2：3 位大人" in page
    # Three nights: 50 yuan less for the one, 20 more for each of the two others.
    assert "退客人 ¥150，平台补 ¥120" in page
    both = f"{small.room_type_id}-{large.room_type_id}"
    assert f'value="{both}"' in page
    for wrong in (small.room_type_id, f"{both}-{small.room_type_id}", f"{large.room_type_id}-x"):
        assert "已经不能订" in office.send(f"{where}/offer", expect=422, room=wrong)
    page = office.send(f"{where}/offer", room=both)
    assert "已经把这些住处发给客人" in page
    assert "示例隔壁小院 · 双床房 × 1：2 位大人；三人间 × 2：3 位大人" in page
    (offer,) = re.findall(r'name="offer" value="(\d+)"', page)
    assert "已经换好" in office.send(f"{where}/accept", offer=offer)
    moved = house.desk.booking(booking)
    assert [item.room_type_id for item in moved.items] == [small.room_type_id, large.room_type_id]
    assert moved.total_fen == 225_000
