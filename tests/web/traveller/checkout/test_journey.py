"""From the first page to the voucher and back, without JavaScript."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from marketplace.booking.models import Booking, Consent
from marketplace.booking.states import BookingState, ReasonCode
from marketplace.bootstrap import Services
from marketplace.inventory.models import ClaimKind, StockDay
from marketplace.inventory.service import Want, take
from marketplace.kernel.clock import SetClock
from marketplace.kernel.stay import Stay
from marketplace.pricing.models import NightRate, Tariff
from marketplace.pricing.nights.terms import FeeBand, Terms, Tier, write_terms
from marketplace.web.traveller.checkout.consent import CONSENT_VERSION
from tests.factories import NOW, Room
from tests.web.traveller.journey import NAME, Journey
from tests.web.traveller.visitor import Visitor

TOTAL = 30 * 20_000 * 85 // 100
"""Thirty nights at 200 yuan with 15 % off, in fen."""


def booking_of(services: Services, booking_id: str) -> Booking:
    with services.database.read() as session:
        found = session.get(Booking, booking_id, options=[selectinload(Booking.items)])
    assert found is not None
    return found


def taken(services: Services, room: Room) -> int:
    with services.database.read() as session:
        return (
            session.scalar(
                sa.select(sa.func.sum(StockDay.taken)).where(StockDay.pool_id == room.pool_id)
            )
            or 0
        )


def test_from_the_first_page_to_the_voucher_and_undone(
    visitor: Visitor, services: Services, loaded: Room
) -> None:
    visitor.open("/")
    page = visitor.send("arrive", arrive="2027-07-01", nights="30", adults="2")
    assert page.path == "/search"
    assert "¥5,100" in page.text
    listing = next(link for link in page.links if link.startswith("/listings/"))
    visitor.open(listing)
    page = visitor.send("room_type", nights="30")
    assert page.path.endswith("/quote")
    for words in ("¥5,100", "¥6,000", "2027年7月1日", "示例森林小屋", "候鸟吉林（示例收款方）"):
        assert words in page.text
    visitor.send("seen_total_fen")
    assert visitor.page.path == "/book/who"
    visitor.send("lead_name", lead_name=f" {NAME}\u200b ", for_whom="family")
    assert visitor.page.path == "/book/phone"
    visitor.send("phone", phone="+86 138-0013-8000", consent="1")
    assert visitor.page.path == "/book/check"
    assert NAME in visitor.page.text
    visitor.send("/book/check")
    booking_id = visitor.page.path.split("/")[-2]
    held = booking_of(services, booking_id)
    assert (held.state, held.total_fen, held.phone) == (BookingState.HELD, TOTAL, "13800138000")
    assert (held.lead_name, held.for_family) == (NAME, True)
    visitor.send("/pay")
    assert "演示支付，不会扣款" in visitor.page.text
    visitor.send(visitor.page.path, action="wechat_ok")
    assert visitor.page.path == f"/booking/{booking_id}"
    assert "订好了" in visitor.page.text
    assert booking_of(services, booking_id).state is BookingState.CONFIRMED
    assert taken(services, loaded) == 30
    page = visitor.open(f"/booking/{booking_id}/cancel")
    assert "反悔，钱全部退回？" in page.text
    assert "现在取消，退给您¥5,100" in page.text
    visitor.send("refund_fen")
    undone = booking_of(services, booking_id)
    assert (undone.state, undone.reason, undone.fee_fen) == (
        BookingState.CANCELLED,
        ReasonCode.UNDO,
        0,
    )
    assert taken(services, loaded) == 0
    assert "退款¥5,100" in visitor.page.text


def test_the_consent_names_the_operator_and_its_version(
    journey: Journey, services: Services
) -> None:
    booking_id = journey.hold()
    with services.database.read() as session:
        consent = session.scalars(sa.select(Consent)).one()
    assert (consent.booking_id, consent.recipient) == (booking_id, "示例森林小屋")
    assert consent.version == CONSENT_VERSION


def test_without_consent_nothing_goes_on_and_what_was_typed_stays(journey: Journey) -> None:
    journey.quote()
    journey.visitor.send("seen_total_fen")
    journey.visitor.send("lead_name", lead_name=NAME, for_whom="self")
    page = journey.visitor.send("phone", phone="13800138000")
    assert page.status == 422
    assert "请在方框里打勾" in page.text
    assert page.form(holding="phone").fields["phone"] == "13800138000"


@pytest.mark.parametrize(
    ("name", "whom", "words"),
    [
        ("", "self", "请写入住人的姓名"),
        ("13900000000", "self", "请写入住人的姓名"),
        ("\uff11\uff13\uff19", "self", "请写入住人的姓名"),
        ("👵", "self", "请写入住人的姓名"),
        ("·", "self", "请写入住人的姓名"),
        ("张\ue123", "self", "别的电脑显示不出来"),
        ("王" * 41, "self", "最多写40个字"),
        ("王", "", "请选自己住"),
    ],
)
def test_the_first_question_says_what_is_missing(
    journey: Journey, name: str, whom: str, words: str
) -> None:
    journey.quote()
    journey.visitor.send("seen_total_fen")
    page = journey.visitor.send("lead_name", lead_name=name, for_whom=whom)
    assert page.status == 422
    assert words in page.text


def test_answers_are_kept_for_the_next_booking(journey: Journey) -> None:
    journey.quote()
    journey.answer()
    journey.quote(arrive="2027-08-01")
    page = journey.visitor.send("seen_total_fen")
    assert page.form(holding="lead_name").fields["lead_name"] == NAME
    page = journey.visitor.send("lead_name", for_whom="self")
    assert page.form(holding="phone").fields["phone"] == "13800138000"
    assert "consent" not in page.form(holding="phone").fields


def test_a_double_press_makes_one_hold(journey: Journey, services: Services) -> None:
    journey.quote()
    check = journey.answer()
    first = journey.visitor.send("/book/check")
    journey.visitor.page = check
    second = journey.visitor.send("/book/check")
    assert first.path == second.path
    with services.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Booking)) == 1


def test_children_are_asked_their_ages(journey: Journey, services: Services) -> None:
    page = journey.quote(children=1)
    page = journey.visitor.send("seen_total_fen")
    assert page.status == 422
    assert "请写孩子到达那天的周岁" in page.text
    journey.visitor.send("seen_total_fen", age_1="7")
    journey.visitor.send("lead_name", lead_name=NAME, for_whom="self")
    journey.visitor.send("phone", phone="13800138000", consent="1")
    page = journey.visitor.send("/book/check")
    assert booking_of(services, page.path.split("/")[-2]).room.children_ages == [7]


def test_a_price_that_was_given_is_honoured_for_half_an_hour(
    journey: Journey, services: Services
) -> None:
    journey.quote()
    page = journey.answer()
    assert "这个价钱到12:30以前不变" in page.text
    with services.database.write() as session:
        session.execute(sa.update(NightRate).values(list_fen=30_000))
    page = journey.visitor.send("/book/check")
    assert booking_of(services, page.path.split("/")[-2]).total_fen == TOTAL


def test_a_changed_price_is_shown_before_anything_is_held(
    journey: Journey, services: Services, loaded: Room, clock: SetClock
) -> None:
    journey.quote()
    journey.answer()
    with services.database.write() as session:
        session.execute(sa.update(NightRate).values(list_fen=30_000))
    clock.advance(minutes=30)
    assert "会再核对价钱" in journey.visitor.open("/book/check").text
    page = journey.visitor.send("/book/check")
    assert page.status == 409
    assert "原来¥5,100，现在¥7,650" in page.text
    assert "这个价钱到13:00以前不变" in page.text
    assert taken(services, loaded) == 0
    page = journey.visitor.send("/book/check")
    assert page.path.endswith("/pay")
    assert booking_of(services, page.path.split("/")[-2]).total_fen == 765_000


def test_a_price_that_did_not_change_needs_no_second_look(
    journey: Journey, services: Services, clock: SetClock
) -> None:
    journey.quote()
    journey.answer()
    clock.advance(hours=5)
    page = journey.visitor.send("/book/check")
    assert booking_of(services, page.path.split("/")[-2]).total_fen == TOTAL


def test_other_terms_of_cancelling_are_shown_before_anything_is_held(
    journey: Journey, services: Services, loaded: Room, clock: SetClock
) -> None:
    journey.quote()
    journey.answer()
    terms = Terms(tiers=(Tier(30, 1500),), fee_bands=(FeeBand(0, 5_000),))
    with services.database.write() as session:
        session.execute(sa.update(Tariff).values(terms=write_terms(terms)))
    clock.advance(minutes=31)
    page = journey.visitor.send("/book/check")
    assert page.status == 409
    assert "取消办法刚刚有变化" in page.text
    assert "扣¥2,550" in page.text
    assert taken(services, loaded) == 0
    page = journey.visitor.send("/book/check")
    assert booking_of(services, page.path.split("/")[-2]).room.policy["bands"][0]["fee_bp"] == 5_000


def test_a_price_that_changed_under_the_page_is_shown_before_any_question(
    journey: Journey, services: Services
) -> None:
    journey.quote()
    with services.database.write() as session:
        session.execute(sa.update(NightRate).values(list_fen=30_000))
    page = journey.visitor.send("seen_total_fen")
    assert (page.status, page.path.split("/")[-1]) == (409, "quote")
    assert "原来¥5,100，现在¥7,650" in page.text
    journey.visitor.send("seen_total_fen")
    assert journey.visitor.page.path == "/book/who"


def test_sold_out_while_answering_leads_to_the_nearest_dates(
    journey: Journey, services: Services, loaded: Room
) -> None:
    journey.quote(rooms=2)
    journey.answer()
    with services.database.write() as session:
        take(
            session,
            wants=[Want(loaded.pool_id, Stay.of(dt.date(2027, 7, 5), 1), 1)],
            kind=ClaimKind.BOOKING,
            holder="somebody else",
            now=NOW,
        )
    page = journey.visitor.send("/book/check")
    assert page.path.endswith("/quote")
    assert "这些日子没有空房" in page.text
    assert any("arrive=2027-07-06" in link for link in page.links)


def test_too_many_holds_are_explained(journey: Journey) -> None:
    for day in ("01", "02"):
        journey.hold(arrive=f"2027-06-{day}", nights=1)
    journey.hold(arrive="2027-06-05", nights=1)
    journey.quote(arrive="2027-06-07", nights=1)
    journey.answer()
    page = journey.visitor.send("/book/check")
    assert page.status == 409
    assert "还没付款的保留" in page.text


def test_a_hold_is_extended_three_times_and_not_more(
    journey: Journey, services: Services, clock: SetClock
) -> None:
    booking_id = journey.hold()
    before = booking_of(services, booking_id).expires_at
    for _ in range(3):
        journey.visitor.send("/extend")
    assert (booking_of(services, booking_id).expires_at - before).total_seconds() == 90 * 60
    assert not any(form.action.endswith("/extend") for form in journey.visitor.page.forms)


def test_a_hold_can_be_given_up(journey: Journey, services: Services, loaded: Room) -> None:
    booking_id = journey.hold()
    page = journey.visitor.open(f"/booking/{booking_id}/cancel")
    assert "不要了，取消保留？" in page.text
    assert "还没有付款，取消保留不收钱" in page.text
    page = journey.visitor.send("/cancel")
    assert page.path == f"/booking/{booking_id}"
    given_up = booking_of(services, booking_id)
    assert (given_up.state, given_up.reason) == (BookingState.CANCELLED, ReasonCode.HOLD_GIVEN_UP)
    assert taken(services, loaded) == 0


def test_a_late_cancellation_shows_its_sum_first(
    journey: Journey, services: Services, clock: SetClock
) -> None:
    booking_id = journey.press("alipay_ok")
    clock.advance(days=20)
    page = journey.visitor.open(f"/booking/{booking_id}/cancel")
    assert "¥3,060" in page.text
    clock.advance(days=5)
    page = journey.visitor.send("refund_fen")
    assert page.status == 409
    assert "可退金额刚刚有变化" in page.text
    assert booking_of(services, booking_id).state is BookingState.CONFIRMED
    page = journey.visitor.send("refund_fen", reason="health")
    assert page.path == f"/booking/{booking_id}"
    done = booking_of(services, booking_id)
    assert (done.state, done.fee_fen) == (BookingState.CANCELLED, TOTAL * 6 // 10)
    assert done.reason is ReasonCode.TRAVELLER_HEALTH


def test_cancelling_without_a_sum_cancels_nothing(journey: Journey, services: Services) -> None:
    booking_id = journey.press("alipay_ok")
    page = journey.visitor.open(f"/booking/{booking_id}/cancel")
    page = journey.visitor.send("refund_fen", refund_fen="")
    assert page.status == 422
    assert booking_of(services, booking_id).state is BookingState.CONFIRMED


def test_the_worker_and_the_return_page_together_confirm_once(
    journey: Journey, services: Services, gateway_reports: Callable[[], int]
) -> None:
    booking_id = journey.press("duplicate")
    assert gateway_reports() == 3
    assert booking_of(services, booking_id).state is BookingState.CONFIRMED
    page = journey.visitor.open(f"/booking/{booking_id}")
    assert "多付" not in page.text
