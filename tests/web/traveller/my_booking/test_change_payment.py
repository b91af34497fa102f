"""A change of a stay is agreed to and paid, or left; who may change one, and in which language."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from catalog.service import suspend
from marketplace.booking.lifecycle import scheduled_jobs
from marketplace.booking.states import BookingState, ChangeState
from marketplace.bootstrap import Services
from marketplace.kernel.audit import SYSTEM
from marketplace.kernel.clock import SetClock
from marketplace.payments.models import Payable, Payment
from marketplace.payments.states import PayableKind, PaymentState
from marketplace.pricing.models import NightRate
from marketplace.web.protection.limits import HOLD
from tests.factories import Room, make_room
from tests.support.staff import House
from tests.web.traveller.english import EnglishVisitor
from tests.web.traveller.journey import Journey
from tests.web.traveller.search.test_search import counted
from tests.web.traveller.staying_guest import ARRIVE, OFF, TERMS, Guest, days, ways
from tests.web.traveller.visitor import Visitor


@pytest.fixture
def guest(visitor: Visitor, loaded: Room, services: Services, clock: SetClock) -> Guest:
    return Guest(visitor, loaded, services, clock).book()


class TestPaying:
    @pytest.fixture
    def held(self, guest: Guest) -> Guest:
        """A guest on the page where a change is paid."""
        guest.ask("longer", more="10")
        guest.agree()
        return guest

    def test_who_comes_back_without_paying_can_pay_or_leave_it(self, held: Guest) -> None:
        sim = held.visitor.send("/change-payment")
        back = next(link for link in sim.links if link.endswith("/return"))
        assert held.visitor.open(back).path.endswith("/change-payment")
        page = held.open()
        assert "要改的还没有付款" in page.text
        assert f"/booking/{held.id}/change-payment" in page.links
        held.open("/change-payment/withdraw")
        page = held.visitor.send("/withdraw")
        assert page.path == f"/booking/{held.id}"
        assert "要改的还没有付款" not in page.text
        assert (held.taken(), held.booking.ends_on) == (30, ARRIVE + days(30))
        assert [change.state for change in held.changes] == [ChangeState.WITHDRAWN]
        held.assert_clean()

    def test_pressed_twice_it_changes_nothing_more(self, held: Guest) -> None:
        page = held.open("/change-payment/withdraw")
        held.visitor.send("/withdraw")
        held.visitor.page = page
        assert held.visitor.send("/withdraw").path == f"/booking/{held.id}"
        assert len(held.changes) == 1

    def test_its_page_at_the_gateway_is_closed(
        self, held: Guest, gateway_reports: Callable[[], int]
    ) -> None:
        sim = held.visitor.send("/change-payment").path
        held.open("/change-payment/withdraw")
        held.visitor.send("/withdraw")
        gateway_reports()
        assert held.visitor.open(sim).path == f"/booking/{held.id}"
        with held.services.database.read() as session:
            states = session.scalars(
                sa.select(Payment.state)
                .join(Payable, Payable.id == Payment.payable_id)
                .where(Payable.kind == PayableKind.CHANGE)
            ).all()
        assert states == [PaymentState.CLOSED]

    def test_paid_all_the_same_the_money_goes_back_and_nothing_changes(self, held: Guest) -> None:
        sim = held.visitor.send("/change-payment")
        held.open("/change-payment/withdraw")
        held.visitor.send("/withdraw")
        held.visitor.page = sim
        page = held.visitor.send(sim.path, action="alipay_ok")
        assert "没有改成。这笔钱会全部退回" in page.text
        assert (held.refunded, held.booking.ends_on) == (10 * OFF, ARRIVE + days(30))
        held.assert_clean()

    def test_a_failed_payment_can_be_tried_again(self, held: Guest) -> None:
        page = held.pay("card_fail")
        assert page.path.endswith("/change-payment")
        assert "上一次没有付成" in page.text
        assert "改好了" in held.pay().text

    def test_a_payment_on_its_way_is_waited_for(self, held: Guest) -> None:
        assert "正在确认付款" in held.pay("late").text
        assert "银行的消息还没到" in held.open().text or "还没有付款" in held.visitor.page.text
        held.clock.advance(minutes=3)
        assert "改好了" in held.open("/return").text

    def test_when_the_time_is_over_the_stay_is_as_it_was(self, held: Guest) -> None:
        page = held.visitor.page
        held.clock.advance(minutes=31)
        held.visitor.page = page
        page = held.visitor.send("/change-payment")
        assert page.path == f"/booking/{held.id}"
        assert "没有按时付款，所以没有改" in page.text
        held.clock.advance(minutes=10)
        assert scheduled_jobs.lapse_changes(held.services.money) == 1
        assert held.taken() == 30
        assert "没有按时付款" not in held.open().text
        assert held.open("/change-payment").path == f"/booking/{held.id}"

    def test_the_menu_says_that_one_is_waiting(self, held: Guest) -> None:
        page = held.open("/change")
        assert "还有一个改动没有付款" in page.text
        assert f"/booking/{held.id}/change-payment" in page.links


class TestAgreeing:
    def test_a_price_that_moved_is_shown_first(self, guest: Guest) -> None:
        guest.ask("longer", more="10")
        with guest.services.database.write() as session:
            session.execute(
                sa.update(NightRate)
                .where(NightRate.day >= ARRIVE + days(30))
                .values(list_fen=30_000)
            )
        page = guest.agree()
        assert page.status == 409
        assert "价格刚刚有变化，还没有改" in page.text
        assert "要补¥2,550" in page.text
        assert guest.changes == []
        assert guest.agree().path.endswith("/change-payment")

    @pytest.mark.parametrize("sum_", ["", "x"])
    def test_without_a_sum_nothing_is_changed(self, guest: Guest, sum_: str) -> None:
        guest.ask("longer", more="10")
        assert guest.visitor.send("balance_fen", balance_fen=sum_).status == 422
        assert guest.changes == []

    def test_a_double_press_changes_once(self, guest: Guest) -> None:
        page = guest.ask("dates", arrive="2027-07-21")
        guest.agree()
        guest.visitor.page = page
        assert guest.agree().path == f"/booking/{guest.id}"
        assert len(guest.changes) == 1

    def test_sold_out_meanwhile_it_is_asked_again(self, guest: Guest) -> None:
        guest.ask("longer", more="10")
        guest.fill(ARRIVE + days(33), 1)
        page = guest.agree()
        assert page.path == f"/booking/{guest.id}/change/longer"
        assert page.status == 409
        assert any("more=3" in link for link in ways(page))
        assert guest.changes == []

    def test_so_many_an_hour_for_an_address(self, guest: Guest) -> None:
        page = guest.ask("longer", more="10")
        statuses = []
        for _ in range(HOLD.amount + 1):
            guest.visitor.page = page
            statuses.append(guest.visitor.send("balance_fen", balance_fen="").status)
        assert statuses == [422] * HOLD.amount + [429]


class TestWhoMay:
    def test_a_hold_and_a_stay_that_is_over_are_not_changed(
        self, journey: Journey, services: Services, clock: SetClock
    ) -> None:
        guest = Guest(journey.visitor, journey.room, services, clock)
        guest.id = journey.hold()
        for page in ("/change", "/change/longer", "/change/longer?more=3", "/change-payment"):
            assert guest.open(page).path in (f"/booking/{guest.id}",)
        assert not any(link.endswith("/change") for link in guest.open().links)

    def test_while_the_house_is_suspended_other_ways_are_open(
        self, guest: Guest, gateway_reports: Callable[[], int]
    ) -> None:
        with guest.services.database.write() as session:
            suspend(
                session,
                enterprise_id=guest.room.enterprise_id,
                reason="消防检查",
                actor=SYSTEM,
                now=guest.clock.now(),
            )
        gateway_reports()
        assert not any(link.endswith("/change") for link in guest.open().links)
        assert guest.open("/change/longer?more=3").path == f"/booking/{guest.id}"

    def test_what_cannot_be_changed_is_no_page(self, guest: Guest) -> None:
        assert guest.open("/change/name").status == 404


class TestCancelPage:
    def test_it_says_what_goes_back_for_causes_that_are_nobodys_fault(self, guest: Guest) -> None:
        guest.clock.advance(days=20)
        page = guest.open("/cancel")
        for words in ("医院的证明", "请先打电话，不要自己取消", "身体原因", "2027年7月"):
            assert words in page.text
        assert f"/booking/{guest.id}/change" in page.links

    def test_a_hold_is_given_up_without_such_words(self, journey: Journey) -> None:
        booking_id = journey.hold()
        assert "医院" not in journey.visitor.open(f"/booking/{booking_id}/cancel").text


def test_the_pages_ask_the_database_a_fixed_number_of_times(
    visitor: Visitor, services: Services, clock: SetClock, loaded: Room
) -> None:
    counts = []
    for nights in (3, 60):
        guest = Guest(visitor, loaded, services, clock).book(nights)
        pages = []
        for page in ("", "/change", "/change/longer", "/change/longer?more=5", "/cancel"):
            with counted(services) as sent:
                guest.open(page)
            pages.append(len(sent))
        counts.append(pages)
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 30


def test_changes_in_english(app: Flask, services: Services, clock: SetClock, house: House) -> None:
    visitor = EnglishVisitor(app.test_client())
    with services.database.write() as session:
        room = make_room(session, listing_id=house.room.listing_id, terms=TERMS)
    visitor.page = Visitor(app.test_client()).open("/")
    guest = Guest(visitor, room, services, clock).book()
    for page in ("/change", "/change/longer?more=0", "/change/longer?more=3", "/cancel"):
        guest.open(page)
    guest.ask("people", children="1")
    page = visitor.send("age_1", age_1="8")
    assert "To pay" in page.text
    guest.agree()
    guest.open()
    guest.open("/change-payment")
    page = guest.pay()
    assert page.path == f"/en/booking/{guest.id}"
    assert "Your stay has been changed" in page.text
    guest.ask("room", room=str(house.room.room_type_id))
    guest.ask("extras", board="breakfast")
    guest.ask("shorter", depart="2027-07-20")
    guest.ask("dates", arrive="2027-07-20")
    assert guest.booking.state is BookingState.CONFIRMED
