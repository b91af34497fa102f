"""A stay in several kinds of room on its guest's own pages: each room is told, none is refused."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from catalog.service import suspend
from marketplace.booking.lifecycle import scheduled_jobs, stay_lifecycle
from marketplace.booking.models import Rehousing
from marketplace.booking.rehousing import rehousing_service
from marketplace.booking.states import BookingState
from marketplace.bootstrap import Services
from marketplace.kernel.audit import SYSTEM, Actor
from marketplace.kernel.clock import SetClock
from marketplace.operations import invariants
from marketplace.pricing.nights.terms import FeeBand, Terms
from tests.factories import TODAY, Room, make_enterprise, make_listing, make_room
from tests.support.orders import ARRIVE, Wanted, hold_all
from tests.support.staff import House
from tests.web.traveller.english import ChineseVisitor, EnglishVisitor
from tests.web.traveller.search.test_search import counted
from tests.web.traveller.visitor import Page, Visitor

STRICT = Terms(fee_bands=(FeeBand(10, 3_000), FeeBand(0, 9_000)))
"""30 % are kept on any day more than ten days before, where the other room costs nothing yet."""
ROOMS = ("双床房 × 1", "家庭房 × 2")
PEOPLE = ("大人2位", "大人3位，小孩1位（6周岁）")
TWIN_FEN, FAMILY_FEN = 60_000, 180_000
"""Three nights of one room at 200 yuan, and of two at 300."""
LONG = 30
"""Nights after which a guest of one room is offered the same for next summer."""


class Family:
    """Three generations in three rooms of two kinds, in front of their pages."""

    def __init__(self, visitor: Visitor, house: House, family: Room) -> None:
        self.visitor, self.house, self.family = visitor, house, family
        self.id = ""

    def hold(self, nights: int = 3) -> Family:
        """Hold both kinds of room, and find the booking by its code and telephone."""
        wanted = [
            Wanted(self.house.room, nights=nights),
            Wanted(self.family, nights=nights, rooms=2, adults=3, children=(6,)),
        ]
        self.id = hold_all(self.house.desk, wanted)
        self.visitor.open("/my-booking")
        self.visitor.send("code", code=self.house.code(self.id), phone="13900000001")
        return self

    def pay(self) -> Family:
        """Pay, and let the time go by in which it could be undone."""
        self.house.desk.pay(self.id)
        self.house.work()
        self.house.clock.advance(minutes=31)
        return self

    def arrive(self) -> Family:
        self.house.clock.advance(days=(ARRIVE - TODAY).days)
        with self.house.services.database.write() as session:
            stay_lifecycle.check_in(
                session,
                booking_id=self.id,
                enterprise_id=self.house.room.enterprise_id,
                actor=Actor("staff", "1"),
                now=self.house.clock.now(),
            )
        return self

    def days_pass(self, count: int) -> None:
        self.house.clock.advance(days=count)
        scheduled_jobs.advance_stays(self.house.services.money)

    def stop(self) -> None:
        """Stop the house."""
        with self.house.services.database.write() as session:
            suspend(
                session,
                enterprise_id=self.house.room.enterprise_id,
                reason="消防检查",
                actor=SYSTEM,
                now=self.house.clock.now(),
            )
        self.house.work()

    def offered(self) -> tuple[Room, Room]:
        """Offer a house with a cheaper small room and dearer large ones; returns them."""
        with self.house.services.database.write() as session:
            enterprise_id = make_enterprise(session, name_zh="示例隔壁人家")
            listing_id = make_listing(session, enterprise_id=enterprise_id, name_zh="隔壁小院")
            small = make_room(session, listing_id=listing_id, list_fen=15_000)
            large = make_room(
                session,
                listing_id=listing_id,
                name_zh="三人间",
                name_en="Triple",
                list_fen=32_000,
                max_guests=4,
            )
            rehousing_service.offer(
                session,
                rehousing_id=session.scalars(sa.select(Rehousing.id)).one(),
                places=[(small.room_type_id, large.room_type_id)],
                actor=SYSTEM,
                now=self.house.clock.now(),
            )
        return small, large

    def open(self, page: str = "") -> Page:
        return self.visitor.open(f"/booking/{self.id}{page}")

    @property
    def state(self) -> BookingState:
        return self.house.desk.booking(self.id).state

    def assert_clean(self) -> None:
        found = invariants.check(self.house.services.database, now=self.house.clock.now())
        waiting = {"nothing_owed_too_long", "audit_chain"}
        assert {k: v for k, v in found.faults.items() if v and k not in waiting} == {}


def family_of(
    visitor: Visitor, services: Services, clock: SetClock, room: Room, *, days: int = 120
) -> Family:
    with services.database.write() as session:
        family = make_room(
            session,
            listing_id=room.listing_id,
            name_zh="家庭房",
            name_en="Family room",
            list_fen=30_000,
            max_guests=4,
            terms=STRICT,
            days=days,
        )
    return Family(visitor, House(services, clock, room), family)


@pytest.fixture
def family(client: FlaskClient, services: Services, clock: SetClock, loaded: Room) -> Family:
    return family_of(ChineseVisitor(client), services, clock, loaded)


@pytest.fixture
def abroad(client: FlaskClient, services: Services, clock: SetClock, loaded: Room) -> Family:
    """The same family, reading English."""
    return family_of(EnglishVisitor(client), services, clock, loaded)


@pytest.fixture
def again(client: FlaskClient, services: Services, clock: SetClock) -> Family:
    """The same family in a house that is on sale for more than a year."""
    with services.database.write() as session:
        listing_id = make_listing(session, enterprise_id=make_enterprise(session))
        room = make_room(session, listing_id=listing_id, days=500)
    return family_of(ChineseVisitor(client), services, clock, room, days=500)


def names_all(page: Page) -> bool:
    """Whether a page names each kind of room with its people."""
    return all(words in page.text for words in (*ROOMS, *PEOPLE))


def test_the_voucher_and_its_print_name_every_room(family: Family) -> None:
    page = family.hold().pay().open()
    assert page.status == 200
    assert "订好了，钱已付清" in page.text
    printed = page.html.split('<article class="voucher"')[1].split("</article>")[0]
    for words in (*ROOMS, *PEOPLE, "¥600", "¥1,800", "¥2,400", "qr.svg", "几间房的位置"):
        assert words in printed
    assert "家庭房 × 2 · 价格明细" in page.text
    listed = family.visitor.open("/my-booking")
    assert names_all(listed)
    assert "¥2,400" in listed.text


def test_a_hold_names_every_room_until_it_is_given_up(family: Family) -> None:
    page = family.hold().open()
    assert names_all(page)
    assert "还没有付款" in page.text
    page = family.open("/pay")
    assert names_all(page)
    assert "双床房 × 1 · 价格明细" in page.text
    assert names_all(family.open("/cancel"))
    page = family.visitor.send("refund_fen")
    assert "没有收您的钱" in page.text
    assert names_all(page)
    assert family.state is BookingState.CANCELLED
    family.assert_clean()


def test_a_hold_that_ran_out_leads_to_the_days_alone(family: Family) -> None:
    family.hold()
    family.house.clock.advance(hours=1)
    scheduled_jobs.expire_due(family.house.services.money)
    page = family.open()
    assert family.state is BookingState.EXPIRED
    assert "保留已到时间" in page.text
    assert names_all(page)
    again = f"/listings/{family.house.room.listing_id}?arrive={ARRIVE.isoformat()}&nights=3"
    assert again in page.links
    assert family.visitor.open(again).status == 200


def test_cancelling_costs_each_room_by_its_own_terms(family: Family) -> None:
    family.hold().pay()
    kept = FAMILY_FEN * 3 // 10
    page = family.open("/cancel")
    assert names_all(page)
    for words in (
        "每种房按自己的取消办法扣",
        "扣¥540",
        "¥1,860",
        "双床房 × 1 · 如果取消，退多少钱",
        "家庭房 × 2 · 如果取消，退多少钱",
    ):
        assert words in page.text
    page = family.visitor.send("refund_fen", reason="health")
    assert page.path == f"/booking/{family.id}"
    assert "按取消办法扣¥540，退给您¥1,860" in page.text
    assert names_all(page)
    booking = family.house.desk.booking(family.id)
    assert (booking.state, booking.fee_fen) == (BookingState.CANCELLED, kept)
    family.assert_clean()


def test_equal_terms_are_told_once(
    client: FlaskClient, services: Services, clock: SetClock, loaded: Room
) -> None:
    """Two parties in rooms of one type are two items of one policy."""
    house = House(services, clock, loaded)
    booking_id = hold_all(house.desk, [Wanted(loaded), Wanted(loaded, adults=1)])
    house.desk.pay(booking_id)
    clock.advance(days=20, minutes=31)
    visitor = ChineseVisitor(client)
    visitor.open("/my-booking")
    page = visitor.send("code", code=house.code(booking_id), phone="13900000001")
    assert page.text.count("双床房 × 1 · 价格明细") == 2
    assert page.text.count("如果取消，退多少钱") == 1
    page = visitor.open(f"/booking/{booking_id}/cancel")
    assert page.text.count("如果取消，退多少钱") == 1
    assert "离到店还有20天，按取消办法扣总价的20%" in page.text


def test_a_change_begins_with_the_question_which_room(family: Family) -> None:
    family.hold().pay()
    menu = f"/booking/{family.id}/change"
    assert menu in family.open().links
    assert menu in family.open("/cancel").links
    for page in ("/change", "/change/longer", "/change/longer?more=3", "/change/people"):
        shown = family.open(page)
        assert shown.path == menu
        assert names_all(shown)
        for item in (1, 2):
            assert f"/booking/{family.id}/rooms/{item}/change" in shown.links
            assert f"/booking/{family.id}/rooms/{item}/cancel" in shown.links
    assert ("改这一间" in shown.text, "退这2间" in shown.text) == (True, True)
    assert family.open("/change-payment").path == f"/booking/{family.id}"
    family.arrive()
    assert family.open("/cancel").path == menu


def test_from_the_arrival_to_the_end_before_next_summer_is_on_sale(family: Family) -> None:
    family.hold(nights=LONG).pay().arrive()
    page = family.open()
    assert "正在入住" in page.text
    assert names_all(page)
    family.days_pass(LONG + 1)
    page = family.open()
    assert "这次住宿已结束" in page.text
    assert names_all(page)
    assert "明年夏天" not in page.text
    assert "房间已经放开了" in family.open("/next-summer").text
    family.assert_clean()


def test_all_rooms_are_kept_for_next_summer_and_taken_together(again: Family) -> None:
    again.hold(nights=LONG).pay().arrive().days_pass(LONG + 1)
    page = again.open()
    assert "明年夏天，同样的几间房先为您留着" in page.text
    # Thirty nights with 15 % off: one room at 200 yuan, and two at 300.
    total_fen = LONG * (17_000 + 2 * 25_500)
    assert "¥20,400" in page.text
    page = again.open("/next-summer")
    assert names_all(page)
    for words in ("家庭房 × 2 · 价格明细", "双床房 × 1 · 如果取消，退多少钱", "¥20,400", "¥5,100"):
        assert words in page.text
    assert names_all(again.open("/next-summer/no"))
    again.open("/next-summer")
    page = again.visitor.send("consent", consent="1")
    made = page.path.split("/")[2]
    booking = again.house.desk.booking(made)
    assert (booking.state, booking.total_fen) == (BookingState.HELD, total_fen)
    assert [item.units for item in booking.items] == [1, 2]
    assert names_all(page)
    assert "先为您留着" not in again.open().text
    again.assert_clean()


def test_who_never_came_reads_what_every_room_cost(family: Family) -> None:
    family.hold().pay()
    family.days_pass((ARRIVE - TODAY).days + 3)
    page = family.open()
    assert family.state is BookingState.NO_SHOW
    # 80 % of the one kind, 90 % of the other.
    assert "扣¥2,100，退给您¥300" in page.text
    assert names_all(page)


def test_of_a_house_that_was_stopped_another_takes_every_room(family: Family) -> None:
    family.hold().pay().stop()
    for page in (family.open(), family.open("/rehousing")):
        assert page.path == f"/booking/{family.id}"
        assert "正在替您找附近的住处" in page.text
        assert names_all(page)
    small, large = family.offered()
    page = family.open("/rehousing")
    there = ("双床房 × 1 · 大人2位", "三人间 × 2 · 大人3位，小孩1位（6周岁）")
    assert all(words in page.text for words in there)
    assert "便宜一些，退您¥150" in page.text
    (offer,) = (link for link in page.links if link.startswith(f"{page.path}/"))
    page = family.visitor.open(offer)
    assert all(words in page.text for words in there)
    assert "示例隔壁人家" in page.text
    page = family.visitor.send(offer)
    assert page.path == f"/booking/{family.id}"
    assert "隔壁小院" in page.text
    items = family.house.desk.booking(family.id).items
    assert [item.room_type_id for item in items] == [small.room_type_id, large.room_type_id]
    family.assert_clean()


def test_of_a_house_that_was_stopped_all_money_goes_back(family: Family) -> None:
    family.hold().pay().stop()
    family.offered()
    page = family.open("/cancel")
    assert "一分不扣" in page.text
    page = family.visitor.send("refund_fen")
    assert "¥2,400，一分不扣" in page.text
    family.assert_clean()


def test_in_english_every_page_of_it_is_english(abroad: Family) -> None:
    rooms = ("Twin room × 1", "Family room × 2", "Adults: 2", "Adults: 3, children: 1 (aged 6)")

    def named(page: Page) -> bool:
        return all(words in page.text for words in rooms)

    abroad.hold()
    for page in ("", "/pay", "/cancel"):
        assert named(abroad.open(page)), page
    abroad.pay()
    assert "Rooms booked" in abroad.open().text
    assert named(abroad.visitor.open("/my-booking"))
    page = abroad.open("/cancel")
    assert named(page)
    assert "Family room × 2 · What you get back if you cancel" in page.text
    page = abroad.open("/change")
    assert named(page)
    assert "Cancel this room" in page.text
    abroad.open("/rooms/2/change")
    abroad.open("/rooms/2/change/people")
    assert "Cancel only these rooms (2)?" in abroad.open("/rooms/2/cancel").text
    abroad.stop()
    assert "looking for a place nearby" in abroad.open("/rehousing").text
    abroad.offered()
    page = abroad.open("/rehousing")
    assert "Triple × 2 · Adults: 3, children: 1 (aged 6)" in page.text
    (offer,) = (link for link in page.links if "/rehousing/" in link)
    assert "Triple × 2 · Adults: 3" in abroad.visitor.open(offer).text
    abroad.open("/cancel")
    assert named(abroad.visitor.send("refund_fen"))


def test_more_rooms_ask_the_database_no_more_often(family: Family) -> None:
    family.hold().pay()
    house = family.house
    one = house.booked(arrive=ARRIVE + dt.timedelta(days=5), nights=3)
    family.visitor.open("/my-booking")
    family.visitor.send("code", code=house.code(one), phone="13900000001")
    counts = []
    for booking_id in (one, family.id):
        with counted(house.services) as sent:
            family.visitor.open(f"/booking/{booking_id}")
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 12
