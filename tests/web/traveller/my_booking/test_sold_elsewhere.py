"""The guest of a partner platform finds the booking here: to look at, and without a sum."""

from __future__ import annotations

import dataclasses
import re

import pytest
from flask import Flask

from catalog.models import Listing
from catalog.service import suspend
from marketplace.booking.lifecycle import scheduled_jobs, stay_lifecycle
from marketplace.booking.states import BookingState
from marketplace.bootstrap import Services
from marketplace.kernel.audit import SYSTEM, Actor
from marketplace.kernel.clock import SetClock, shanghai_date
from tests.factories import Room, make_room
from tests.support.partner import GUEST, HOLDS, Program, code, issue, stay
from tests.support.staff import House
from tests.web.audiences import OWNER
from tests.web.every_route import Site, send
from tests.web.traveller.english import ChineseVisitor, EnglishVisitor
from tests.web.traveller.visitor import Page, Visitor

PLATFORM, REFERENCE = "北方旅行", "NT-2027-88"
PHONE = "13800138000"
SUM = re.compile(r"[¥￥]|\d元|[\d,]+\.\d\d")
TO_SEE = {"traveller.voucher", "traveller.qr"}


class Family:
    """Three generations whose rooms of two kinds a partner sold, in front of our pages."""

    def __init__(self, visitor: Visitor, partner: Program, house: House, larger: Room) -> None:
        self.visitor, self.partner, self.house = visitor, partner, house
        items = [stay(house.room), stay(larger) | {"children_ages": [6]}]
        held = partner.post(HOLDS, {"items": items, "external_ref": REFERENCE})
        assert held.status_code == 201
        self.id, self.code = held.json["id"], held.json["code"]

    def confirm(self) -> Family:
        assert self.post("confirm", GUEST)["state"] == "confirmed"
        self.house.clock.advance(minutes=31)
        return self

    def post(self, step: str, body: object = None) -> dict[str, object]:
        answer = self.partner.post(f"{HOLDS}/{self.id}/{step}", body)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return dict(answer.json)

    def look_up(self, phone: str = PHONE) -> Page:
        self.visitor.open("/my-booking")
        return self.visitor.send("code", code=self.code, phone=phone)

    @property
    def state(self) -> BookingState:
        return self.house.desk.booking(self.id).state


def _larger(services: Services, room: Room) -> Room:
    with services.database.write() as session:
        return make_room(
            session, listing_id=room.listing_id, list_fen=30_000, name_zh="家庭房", max_guests=4
        )


@pytest.fixture
def family(app: Flask, services: Services, clock: SetClock, loaded: Room) -> Family:
    return Family(
        ChineseVisitor(app.test_client()),
        Program(app, issue(services, PLATFORM)),
        House(services, clock, loaded),
        _larger(services, loaded),
    )


def test_the_voucher_tells_every_room_and_the_house_and_no_sum(family: Family) -> None:
    with family.house.services.database.write() as session:
        listing = session.get_one(Listing, family.house.room.listing_id)
        listing.cautions_zh = "心脏病人不要泡"
    page = family.confirm().look_up()
    assert (page.status, page.path) == (200, f"/booking/{family.id}")
    said = ("订好了", "双床房 × 1", "家庭房 × 1", "大人2位，小孩1位（6周岁）", "王秀英")
    house = ("怎么去", "二维码", "住处前台", "心脏病人不要泡")
    for words in (*said, *house, PLATFORM, REFERENCE, "请找卖给您的平台"):
        assert words in page.text or words in page.html, words
    assert SUM.search(page.text) is None, SUM.search(page.text)
    assert "钱已付清" not in page.text
    assert 'action="/booking' not in page.html
    assert f'href="/booking/{family.id}/' not in page.html
    listed = family.visitor.open("/my-booking")
    assert "订好了" in listed.text
    assert SUM.search(listed.text) is None


def test_in_english_too(family: Family, app: Flask) -> None:
    family.visitor = EnglishVisitor(app.test_client())
    family.confirm().look_up()
    assert family.visitor.open(f"/booking/{family.id}/cancel").status == 403


def test_a_hold_and_another_phone_find_nothing(family: Family) -> None:
    assert "没有找到" in family.look_up().text
    assert "没有找到" in family.confirm().look_up("13900139000").text


def test_each_miss_costs_a_try(family: Family) -> None:
    family.confirm()
    missed = [family.look_up("13900139000").status for _ in range(11)]
    assert missed == [422] * 10 + [429]


def test_a_test_booking_is_never_found(
    app: Flask, services: Services, visitor: Visitor, loaded: Room
) -> None:
    partner = Program(app, issue(services, PLATFORM, test=True))
    booking_id = partner.confirmed(loaded)
    visitor.open("/my-booking")
    tested = partner.get(f"{HOLDS}/{booking_id}").json["code"]
    assert "没有找到" in visitor.send("code", code=tested, phone=PHONE).text


def test_every_other_page_of_a_booking_names_the_platform_and_does_nothing(
    site: Site, services: Services, clock: SetClock
) -> None:
    partner = Program(site.app, issue(services, PLATFORM))
    client = site.app.test_client()
    visitor = Visitor(client)
    later = stay(site.house.room) | {"arrive": "2027-07-10", "external_ref": REFERENCE}
    booking_id = partner.confirmed(site.house.room, **later)
    visitor.open("/my-booking")
    tested = partner.get(f"{HOLDS}/{booking_id}").json["code"]
    opened = visitor.send("code", code=tested, phone=PHONE)
    token = re.search(r'name="csrf_token" value="([^"]+)"', visitor.open("/my-booking").html)
    assert token is not None
    assert opened.path == f"/booking/{booking_id}"
    before = partner.get(f"{HOLDS}/{booking_id}").json
    own = dataclasses.replace(site, booking_id=booking_id)
    refused = []
    for rule, method in own.rules(OWNER):
        answer = send(client, method, own.address(rule), token[1])
        if rule.endpoint in TO_SEE:
            assert answer.status_code == 200, rule.endpoint
            continue
        page = answer.get_data(as_text=True)
        assert answer.status_code == 403, (rule.endpoint, method)
        assert PLATFORM in page, (rule.endpoint, method)
        assert REFERENCE in page, (rule.endpoint, method)
        assert "tel:" in page, (rule.endpoint, method)
        refused.append((rule.endpoint, method))
    assert {("traveller.cancel", "POST"), ("traveller.pay", "POST")} <= set(refused)
    assert partner.get(f"{HOLDS}/{booking_id}").json == before


def test_a_stopped_house_is_told_and_the_platform_answers(family: Family) -> None:
    family.confirm().look_up()
    with family.house.services.database.write() as session:
        suspend(
            session,
            enterprise_id=family.house.room.enterprise_id,
            reason="消防检查",
            actor=SYSTEM,
            now=family.house.clock.now(),
        )
    family.house.work()
    page = family.visitor.open(f"/booking/{family.id}")
    assert "这家暂停接待了" in page.text
    assert "请不要去原来的地方" in page.text
    assert "您付的钱在我们这里" not in page.text
    assert "怎么去" not in page.text
    assert "二维码" not in page.html


def test_what_was_given_up_and_cancelled_is_told_without_money(family: Family) -> None:
    family.confirm().look_up()
    family.post("cancel", {"item": 2})
    page = family.visitor.open(f"/booking/{family.id}")
    assert "退了家庭房 × 1" in page.text
    assert SUM.search(page.text) is None, SUM.search(page.text)
    family.post("cancel", {})
    page = family.visitor.open(f"/booking/{family.id}")
    assert "已取消" in page.text
    assert "退不退款、退多少，请问卖给您的平台" in page.text
    assert SUM.search(page.text) is None


def test_from_the_arrival_to_the_end_each_state_is_told(family: Family, clock: SetClock) -> None:
    family.confirm().look_up()
    first = family.house.desk.booking(family.id).starts_on
    clock.advance(days=(first - shanghai_date(clock.now())).days)
    with family.house.services.database.write() as session:
        stay_lifecycle.check_in(
            session,
            booking_id=family.id,
            enterprise_id=family.house.room.enterprise_id,
            actor=Actor("staff", "1"),
            now=clock.now(),
        )
    assert "正在入住" in family.visitor.open(f"/booking/{family.id}").text
    clock.advance(days=3)
    scheduled_jobs.advance_stays(family.house.services.money)
    assert family.state is BookingState.COMPLETED
    page = family.visitor.open(f"/booking/{family.id}")
    assert "谢谢您来吉林" in page.text
    assert "再看看这里" not in page.text


def test_who_leaves_the_device_leaves_nothing_on_it(family: Family) -> None:
    family.confirm().look_up()
    family.visitor.open("/leave")
    family.visitor.send("csrf_token")
    assert family.visitor.open(f"/booking/{family.id}").path == "/my-booking"


def test_the_platform_alone_cancels(family: Family) -> None:
    family.confirm().look_up()
    assert family.visitor.open(f"/booking/{family.id}/cancel").status == 403
    assert family.state is BookingState.CONFIRMED
    stranger = Program(family.partner.app, issue(family.house.services, "别的平台"))
    assert code(stranger.post(f"{HOLDS}/{family.id}/cancel", {})) == (404, "not_found")
    assert family.post("cancel", {})["state"] == "cancelled"
