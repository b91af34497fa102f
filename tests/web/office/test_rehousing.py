"""The office finds guests of a suspended enterprise another place, or their money."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import sqlalchemy as sa

from catalog.service import suspend
from marketplace.booking.models import Rehousing
from marketplace.booking.states import BookingState, RehousingState
from marketplace.kernel.audit import SYSTEM
from marketplace.kernel.ids import group_code
from tests.factories import TODAY, Room, make_enterprise, make_listing, make_room
from tests.support.app import BOTH
from tests.support.staff import Browser, House

pytestmark = pytest.mark.parametrize("database_kind", BOTH)
ARRIVE = TODAY + dt.timedelta(days=10)


def neighbour(house: House, *, list_fen: int = 20_000, **facts: object) -> Room:
    with house.services.database.write() as session:
        enterprise_id = make_enterprise(session, name_zh="示例隔壁人家")
        listing = make_listing(
            session, enterprise_id=enterprise_id, name_zh="示例隔壁小院", **facts
        )
        return make_room(session, listing_id=listing, list_fen=list_fen, days=100)


def stopped(house: House, office: Browser) -> str:
    """Book, pay and suspend; the office comes back two hours later. Returns the booking's id."""
    booking_id = house.booked(arrive=ARRIVE, phone="13912345678")
    house.clock.advance(hours=2)
    with house.services.database.write() as session:
        suspend(
            session,
            enterprise_id=house.room.enterprise_id,
            reason="消防检查",
            actor=SYSTEM,
            now=house.clock.now(),
        )
    house.work()
    office.sign_in("clerk")
    return booking_id


def row(house: House) -> Rehousing:
    with house.services.database.read() as session:
        return session.scalars(sa.select(Rehousing)).one()


def url(house: House, what: str = "") -> str:
    return f"/office/rehousing/{row(house).id}{what}"


def test_from_the_queue_to_the_new_place(office: Browser, house: House) -> None:
    dear, cheap = neighbour(house, list_fen=25_000), neighbour(house, list_fen=15_000)
    booking_id = stopped(house, office)
    queue = office.open("/office/rehousing")
    assert group_code(house.code(booking_id)) in queue
    assert "13912345678" not in queue
    page = office.open(url(house))
    assert "13912345678" in page
    assert "平台补 ¥350" in page
    assert "退客人 ¥350" in page
    page = office.send(url(house, "/offer"), room=[dear.room_type_id, cheap.room_type_id])
    assert "已经把这些住处发给客人" in page
    offers = re.findall(r'name="offer" value="(\d+)"', page)
    assert len(offers) == 2
    page = office.send(url(house, "/accept"), offer=offers[0])
    assert "已经换好" in page
    moved = house.desk.booking(booking_id)
    assert moved.room.room_type_id in {dear.room_type_id, cheap.room_type_id}
    assert row(house).state is RehousingState.MOVED
    house.work()
    again = office.send(url(house, "/offer"), room=[dear.room_type_id])
    assert "已经办完，没有重复办理" in again
    assert group_code(house.code(booking_id)) in office.open("/office/rehousing?state=ended")
    assert "没有客人在等" in office.open("/office/rehousing")


def test_what_is_missing_is_said_and_changes_nothing(office: Browser, house: House) -> None:
    neighbour(house)
    stopped(house, office)
    office.open(url(house))
    assert "请选 1 到 5 处" in office.send(url(house, "/offer"), expect=422)
    assert "已经不能订" in office.send(url(house, "/offer"), expect=422, room=["x", "99999"])
    assert "请选客人要的那一处" in office.send(url(house, "/accept"), expect=422)
    assert row(house).state is RehousingState.OPEN
    office.open("/office/rehousing/999999", expect=404)


def test_everything_back(office: Browser, house: House) -> None:
    booking_id = stopped(house, office)
    assert "没有合适的空房" in office.open(url(house))
    assert "退 ¥1,400" in office.open(url(house, "/refund"))
    page = office.send(url(house, "/refund"), refund_fen=1)
    assert "可退金额刚刚有变化" in page
    assert house.desk.booking(booking_id).state is BookingState.CONFIRMED
    assert "钱原路退回" in office.send(url(house, "/refund"), refund_fen=140_000)
    assert house.desk.booking(booking_id).state is BookingState.CANCELLED
    assert row(house).state is RehousingState.REFUNDED


def test_left_as_it_is_by_agreement(office: Browser, house: House) -> None:
    booking_id = stopped(house, office)
    office.open(url(house))
    assert "订单不变" in office.send(url(house, "/keep"))
    assert "没有重复办理" in office.send(url(house, "/keep"))
    assert house.desk.booking(booking_id).state is BookingState.CONFIRMED
    assert row(house).state is RehousingState.KEPT


def test_places_as_easy_to_get_about_come_first(office: Browser, house: House) -> None:
    """A guest who booked a lift is not sent up the stairs while a lift is free."""
    with house.services.database.write() as session:
        session.execute(sa.text("UPDATE listing SET lift = :yes").bindparams(yes=True))
    neighbour(house, name_en="no lift")
    for _ in range(3):
        neighbour(house, lift=True)
    stopped(house, office)
    page = office.open(url(house))
    assert page.count("示例隔壁小院") == 2 * 3


def test_what_waits_stands_beside_the_menu(office: Browser, house: House) -> None:
    assert "件等着办" not in office.open("/office/")
    stopped(house, office)
    menu = office.open("/office/").split('class="con__nav"')[1].split("</nav>")[0]
    entry = re.search(r'/office/rehousing".*?</li>', menu, re.S)
    assert entry is not None
    assert "1<span" in entry[0]
    assert menu.count("件等着办") == 1
