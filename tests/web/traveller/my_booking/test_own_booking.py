"""A booking is seen by its traveller alone; looking it up needs code and phone, and is limited."""

from __future__ import annotations

import io

import pytest
import segno
import sqlalchemy as sa
from flask import Flask

from marketplace.booking.models import Booking, Draft
from marketplace.bootstrap import Services
from marketplace.kernel.clock import SetClock
from marketplace.kernel.ids import group_code
from tests.web.traveller.journey import NAME, Journey
from tests.web.traveller.search.test_search import counted
from tests.web.traveller.visitor import Visitor


@pytest.fixture
def stranger(app: Flask) -> Visitor:
    """Another browser."""
    return Visitor(app.test_client())


def code_of(services: Services, booking_id: str) -> str:
    with services.database.read() as session:
        return session.scalars(sa.select(Booking.code).where(Booking.id == booking_id)).one()


@pytest.mark.parametrize(
    "page", ["", "/pay", "/return", "/qr.svg", "/cancel", "/change", "/change/longer?more=3"]
)
def test_a_stranger_is_asked_for_code_and_phone(
    journey: Journey, stranger: Visitor, page: str
) -> None:
    booking_id = journey.hold()
    shown = stranger.open(f"/booking/{booking_id}{page}")
    assert shown.path == "/my-booking"
    assert NAME not in shown.html


@pytest.mark.parametrize("action", ["pay", "extend", "cancel"])
def test_a_stranger_changes_nothing(
    app: Flask, journey: Journey, services: Services, stranger: Visitor, action: str
) -> None:
    booking_id = journey.hold()
    app.config["WTF_CSRF_ENABLED"] = False
    answer = app.test_client().post(f"/booking/{booking_id}/{action}", data={"refund_fen": "0"})
    assert answer.location.endswith("/my-booking")
    with services.database.read() as session:
        booking = session.get(Booking, booking_id)
    assert booking is not None
    assert (booking.state.value, booking.extensions) == ("held", 0)


def test_code_and_phone_open_the_booking_however_they_are_typed(
    journey: Journey, services: Services, stranger: Visitor
) -> None:
    booking_id = journey.press("alipay_ok")
    stranger.open("/my-booking")
    typed = f" {group_code(code_of(services, booking_id)).lower()} "
    page = stranger.send("code", code=typed, phone="+86 138 0013 8000")
    assert page.path == f"/booking/{booking_id}"
    assert NAME in page.text


def wide(text: str) -> str:
    """Return ``text`` as a full-width keyboard types it."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


def test_a_code_from_any_keyboard_is_found_and_costs_no_try(
    journey: Journey, services: Services, app: Flask
) -> None:
    booking_id = journey.press("alipay_ok")
    code = group_code(code_of(services, booking_id))
    hands = (
        wide(code),
        f"订单号：{code.lower()}。",
        code.replace(" ", "\u2011"),
        code,
        f"　{code}",
    )
    phones = ("013800138000", wide("138-0013-8000"), "+86-138-0013-8000", "(0086) 13800138000")
    for number in range(12):
        visitor = Visitor(app.test_client())
        visitor.open("/my-booking")
        page = visitor.send("code", code=hands[number % 5], phone=phones[number % 4])
        assert page.path == f"/booking/{booking_id}"


def test_the_forms_of_a_code_share_their_tries(
    journey: Journey, services: Services, app: Flask
) -> None:
    code = code_of(services, journey.hold())
    visitor = Visitor(app.test_client())
    statuses = []
    for number in range(11):
        visitor.open("/my-booking")
        typed = wide(code) if number % 2 else code.lower()
        statuses.append(visitor.send("code", code=typed, phone="13900139000").status)
    assert statuses == [422] * 10 + [429]


def test_an_unknown_code_and_a_wrong_phone_look_the_same(
    journey: Journey, services: Services, stranger: Visitor
) -> None:
    code = code_of(services, journey.hold())
    answers = []
    for tried, phone in (("2222222222", "13800138000"), (code, "13900139000")):
        stranger.open("/my-booking")
        page = stranger.send("code", code=tried, phone=phone)
        answers.append((page.status, page.form(holding="code").action, "没有找到" in page.text))
    assert set(answers) == {(422, "/my-booking", True)}


def test_what_can_be_no_code_or_no_number_is_told_and_costs_no_try(
    journey: Journey, services: Services, stranger: Visitor
) -> None:
    booking_id = journey.hold()
    code = code_of(services, booking_id)
    for typed, phone, told in (
        ("", "13800138000", "订单号是10个数字和字母"),
        (code[:-1], "13800138000", "订单号是10个数字和字母"),
        (code + "2", "13800138000", "订单号是10个数字和字母"),
        ("O" + code[1:], "13800138000", "没有 0、1 和 B、O"),
        ("\u0410" + code[1:], "13800138000", "订单号是10个数字和字母"),
        (code, "1380013800", "这里少了"),
        (code, "0431-123", "座机号码的位数不对"),
        (code, "", "请写电话号码"),
        ("", "", "请写电话号码"),
    ) * 2:
        stranger.open("/my-booking")
        page = stranger.send("code", code=typed, phone=phone)
        assert page.status == 422
        assert told in page.text
        assert page.form(holding="code").fields["code"] == typed
    stranger.open("/my-booking")
    assert stranger.send("code", code=code, phone="13800138000").path == f"/booking/{booking_id}"


def test_ten_tries_an_hour_for_an_address(journey: Journey, stranger: Visitor) -> None:
    statuses = []
    for number in range(11):
        stranger.open("/my-booking")
        code = f"222222222{'23456789AFH'[number]}"
        statuses.append(stranger.send("code", code=code, phone="13800138000").status)
    assert statuses == [422] * 10 + [429]
    assert "打电话" in stranger.page.text


def test_ten_tries_an_hour_for_a_code_from_any_address(
    app: Flask, journey: Journey, services: Services
) -> None:
    code = code_of(services, journey.hold())
    app.config["WTF_CSRF_ENABLED"] = False
    statuses = [
        app.test_client()
        .post(
            "/my-booking",
            data={"code": code, "phone": "13900139000"},
            environ_base={"REMOTE_ADDR": f"198.51.100.{number}"},
        )
        .status_code
        for number in range(11)
    ]
    assert statuses == [422] * 10 + [429]


def test_personal_pages_are_kept_by_no_cache_and_addresses_hold_nothing_personal(
    journey: Journey, services: Services
) -> None:
    booking_id = journey.press("alipay_ok")
    code = code_of(services, booking_id)
    for path in ("", "/pay", "/return", "/qr.svg", "/cancel", "/change", "/change/longer?more=3"):
        page = journey.visitor.open(f"/booking/{booking_id}{path}")
        assert page.response.headers["Cache-Control"] == "no-store"
        for link in [*page.links, *(form.action for form in page.forms)]:
            assert code not in link
            assert "13800138000" not in link
    for path in ("/my-booking", "/book/who", "/book/phone", "/book/check"):
        page = journey.visitor.open(path, follow=False)
        assert page.response.headers["Cache-Control"] == "no-store"


def test_the_qr_holds_the_code_and_nothing_else(journey: Journey, services: Services) -> None:
    booking_id = journey.press("alipay_ok")
    page = journey.visitor.open(f"/booking/{booking_id}/qr.svg")
    assert page.response.content_type == "image/svg+xml"
    expected = segno.make(code_of(services, booking_id), error="q", micro=False)
    drawn = io.BytesIO()
    expected.save(drawn, kind="svg", border=4, omitsize=True)
    assert page.response.get_data() == drawn.getvalue()


def test_answers_and_names_are_ciphertext_in_the_database(
    journey: Journey, services: Services
) -> None:
    journey.hold()
    with services.database.read() as session:
        for table in (Draft.__tablename__, Booking.__tablename__):
            rows = session.execute(sa.text(f"SELECT * FROM {table}")).all()
            assert NAME not in str(rows)
            assert "13800138000" not in str(rows)


def test_answers_are_forgotten_after_thirty_days(journey: Journey, clock: SetClock) -> None:
    journey.quote()
    journey.visitor.send("seen_total_fen")
    assert journey.visitor.open("/book/who").path == "/book/who"
    clock.advance(days=31)
    assert journey.visitor.open("/book/who").path == "/search"


def test_steps_are_taken_in_order(journey: Journey) -> None:
    assert journey.visitor.open("/book/check").path == "/search"
    journey.quote()
    journey.visitor.send("seen_total_fen")
    assert journey.visitor.open("/book/phone").path == "/book/who"
    assert journey.visitor.open("/book/check").path == "/book/who"


def test_the_voucher_asks_the_database_a_fixed_number_of_times(
    journey: Journey, services: Services
) -> None:
    short = journey.press("alipay_ok", nights=1)
    long = journey.press("alipay_ok", arrive="2027-07-05", nights=60)
    counts = []
    for booking_id in (short, long):
        with counted(services) as sent:
            journey.visitor.open(f"/booking/{booking_id}")
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 12


def test_an_english_journey_stays_english(journey: Journey, services: Services) -> None:
    room = journey.room
    journey.visitor.open(
        f"/en/listings/{room.listing_id}/quote?room_type={room.room_type_id}"
        "&arrive=2027-07-01&nights=30"
    )
    journey.answer()
    page = journey.visitor.send("/book/check")
    assert page.path.startswith("/en/")
    journey.visitor.send("/pay")
    assert journey.visitor.page.path.startswith("/en/pay/sim/")
    page = journey.visitor.send(journey.visitor.page.path, action="alipay_ok")
    assert page.path.startswith("/en/")
    assert "Sample Forest Cabins" in page.text
    with services.database.read() as session:
        assert session.scalars(sa.select(Booking.language)).all() == ["en"]
