"""A guest changes a stay: the difference first, then the change, and money both ways."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from catalog.service import suspend
from marketplace.booking import staying, sweeps
from marketplace.booking.models import Booking, StayChange
from marketplace.booking.states import BookingState, ChangeState
from marketplace.bootstrap import Services
from marketplace.inventory.models import ClaimKind, StockDay
from marketplace.inventory.service import Want, take
from marketplace.kernel.audit import SYSTEM, Actor
from marketplace.kernel.clock import SetClock
from marketplace.kernel.stay import Stay
from marketplace.operations import invariants
from marketplace.payments.models import Payment, Refund
from marketplace.payments.states import PaymentState
from marketplace.pricing import service as pricing
from marketplace.pricing.models import NightRate
from marketplace.pricing.restrictions import DayRule
from marketplace.pricing.terms import Board, BoardPrice, ChildBand, Occupancy, Terms
from tests.factories import Room, make_enterprise, make_listing, make_room
from tests.support.staff import House
from tests.web.traveller.english import EnglishVisitor
from tests.web.traveller.journey import Journey
from tests.web.traveller.test_search import counted
from tests.web.traveller.visitor import Page, Visitor

ARRIVE = dt.date(2027, 7, 11)
"""Forty days after the tests' clock."""
OFF = 17_000
"""A night with the discount of 30 nights, in fen."""
STAFF = Actor("staff", "1")
TERMS = Terms(
    occupancy=Occupancy(extra_adult_fen=6_000, children=(ChildBand(11, 3_000),)),
    boards=(BoardPrice(Board.BREAKFAST, 1_500, 800),),
    extra_bed_fen=5_000,
    most_extra_beds=1,
)


def days(count: int) -> dt.timedelta:
    return dt.timedelta(days=count)


class Guest:
    """A guest with a paid stay, in front of its pages."""

    def __init__(self, journey: Journey, services: Services, clock: SetClock) -> None:
        self.journey, self.visitor = journey, journey.visitor
        self.services, self.clock, self.room = services, clock, journey.room
        self.id = ""

    def book(self, nights: int = 30, **more: object) -> Guest:
        self.id = self.journey.press("alipay_ok", arrive=ARRIVE.isoformat(), nights=nights, **more)
        return self

    def open(self, page: str = "") -> Page:
        return self.visitor.open(f"/booking/{self.id}{page}")

    def ask(self, what: str, **answer: str) -> Page:
        """Answer one question; returns the page of the difference, or of what is wrong."""
        self.open(f"/change/{what}")
        return self.visitor.send(next(iter(answer)), **answer)

    def agree(self) -> Page:
        return self.visitor.send("balance_fen")

    def pay(self, action: str = "alipay_ok") -> Page:
        sim = self.visitor.send("/change-payment")
        return self.visitor.send(sim.path, action=action)

    @property
    def booking(self) -> Booking:
        with self.services.database.read() as session:
            return session.get_one(Booking, self.id)

    @property
    def changes(self) -> list[StayChange]:
        with self.services.database.read() as session:
            return list(session.scalars(sa.select(StayChange).order_by(StayChange.number)))

    @property
    def refunded(self) -> int:
        with self.services.database.read() as session:
            return int(session.scalar(sa.select(sa.func.sum(Refund.amount_fen))) or 0)

    def taken(self, room: Room | None = None) -> int:
        """How many nights of the room type are taken."""
        pool = (room or self.room).pool_id
        with self.services.database.read() as session:
            query = sa.select(sa.func.sum(StockDay.taken)).where(StockDay.pool_id == pool)
            return session.scalar(query) or 0

    def fill(self, first: dt.date, nights: int, units: int = 2) -> None:
        """Let somebody else take rooms."""
        with self.services.database.write() as session:
            want = Want(self.room.pool_id, Stay.of(first, nights), units)
            take(
                session, wants=[want], kind=ClaimKind.BOOKING, holder=f"other {first}",
                now=self.clock.now(),
            )  # fmt: skip

    def arrive(self, after: int = 0) -> None:
        """Come to the house, and stay ``after`` nights."""
        self.clock.advance(days=40)
        with self.services.database.write() as session:
            staying.check_in(
                session,
                booking_id=self.id,
                enterprise_id=self.room.enterprise_id,
                actor=STAFF,
                now=self.clock.now(),
            )
        for _ in range(after):
            self.clock.advance(days=1)
            sweeps.advance_stays(self.services.money)

    def assert_clean(self) -> None:
        report = invariants.check(self.services.database, now=self.clock.now())
        waiting = {"nothing_owed_too_long", "audit_chain"}
        assert {k: v for k, v in report.faults.items() if v and k not in waiting} == {}


@pytest.fixture
def guest(journey: Journey, services: Services, clock: SetClock) -> Guest:
    return Guest(journey, services, clock).book()


@pytest.fixture
def family(visitor: Visitor, services: Services, clock: SetClock) -> Guest:
    """A guest where children, meals and beds have prices."""
    with services.database.write() as session:
        listing = make_listing(session, enterprise_id=make_enterprise(session))
        room = make_room(session, listing_id=listing, terms=TERMS)
    return Guest(Journey(visitor, room), services, clock).book()


def second_room(guest: Guest, *, capacity: int = 2) -> Room:
    with guest.services.database.write() as session:
        return make_room(
            session,
            listing_id=guest.room.listing_id,
            capacity=capacity,
            list_fen=30_000,
            name_zh="湖景房",
            name_en="Lake room",
        )


class TestLonger:
    def test_the_difference_first_then_paid_then_changed(self, guest: Guest) -> None:
        page = guest.open()
        assert f"/booking/{guest.id}/change" in page.links
        page = guest.open("/change")
        assert f"/booking/{guest.id}/change/longer" in page.links
        page = guest.ask("longer", more="10")
        for words in ("要补¥1,700", "2027年8月10日", "2027年8月20日", "原来的总价", "¥6,800"):
            assert words in page.text
        assert guest.taken() == 30
        page = guest.agree()
        assert page.path == f"/booking/{guest.id}/change-payment"
        for words in ("¥1,700", "没有付款以前，原来的订单照旧", "12:30", "多住10晚"):
            assert words in page.text
        assert (guest.taken(), guest.booking.check_out) == (40, ARRIVE + days(30))
        page = guest.pay()
        assert page.path == f"/booking/{guest.id}"
        assert "改好了，补的¥1,700收到了。" in page.text
        assert "改过的2027年6月1日多住10晚，到2027年8月20日离开补了¥1,700" in page.text
        booking = guest.booking
        assert (booking.check_out, booking.total_fen) == (ARRIVE + days(40), 40 * OFF)
        guest.assert_clean()

    def test_the_voucher_says_so_for_half_an_hour_and_lists_it_for_good(self, guest: Guest) -> None:
        guest.ask("longer", more="10")
        guest.agree()
        guest.pay()
        guest.clock.advance(minutes=31)
        text = guest.open().text
        assert "改好了" not in text
        assert "多住10晚" in text

    def test_changed_and_changed_back_the_same_day_costs_nothing(self, guest: Guest) -> None:
        guest.ask("longer", more="10")
        guest.agree()
        guest.pay()
        page = guest.ask("shorter", depart=(ARRIVE + days(30)).isoformat())
        assert "退回给您¥1,700" in page.text
        assert "今天刚改的，改回来不收钱" in page.text
        page = guest.agree()
        assert page.path == f"/booking/{guest.id}"
        assert "改好了，¥1,700退回原来的付款账户。" in page.text
        assert page.text.index("少住10晚") < page.text.index("多住10晚"), "newest first"
        assert (guest.refunded, guest.booking.total_fen) == (10 * OFF, 30 * OFF)
        guest.assert_clean()

    def test_full_nights_offer_as_many_as_are_free(self, guest: Guest) -> None:
        guest.fill(ARRIVE + days(36), 3)
        page = guest.ask("longer", more="10")
        assert page.status == 409
        assert page.form(holding="more").fields["more"] == "10"
        offered = next(link for link in page.links if "more=6" in link)
        assert "多住6晚" in page.text
        assert "要补¥1,020" in guest.visitor.open(offered).text

    def test_where_the_first_night_is_full_nothing_is_offered(self, guest: Guest) -> None:
        guest.fill(ARRIVE + days(30), 3)
        page = guest.ask("longer", more="1")
        assert page.status == 409
        assert not any("more=" in link for link in page.links)

    def test_nights_kept_for_an_earlier_wish_are_free_for_the_next_one(self, guest: Guest) -> None:
        guest.fill(ARRIVE + days(30), 20, units=1)
        guest.ask("longer", more="10")
        guest.agree()
        page = guest.ask("longer", more="5")
        assert "要补¥850" in page.text
        guest.agree()
        assert guest.taken() == 20 + 35
        assert guest.pay().path == f"/booking/{guest.id}"
        assert guest.booking.check_out == ARRIVE + days(35)
        guest.assert_clean()

    def test_a_rule_of_the_house_is_named_beside_the_question(self, guest: Guest) -> None:
        with guest.services.database.write() as session:
            pricing.set_restrictions(
                session,
                room_type_id=guest.room.room_type_id,
                pool_id=guest.room.pool_id,
                rules={ARRIVE + days(32): DayRule(no_departure=True)},
                actor=STAFF,
                now=guest.clock.now(),
            )
        page = guest.ask("longer", more="2")
        assert page.status == 422
        assert 'id="e-more">离店那一天不能退房' in page.html
        assert "要补" in guest.ask("longer", more="3").text

    @pytest.mark.parametrize("more", ["", "0", "-3", "121", "很多", "1e9", "9" * 400])
    def test_what_is_no_number_of_nights_is_asked_again(self, guest: Guest, more: str) -> None:
        page = guest.ask("longer", more=more)
        assert page.status == 422
        assert "请写要多住几晚" in page.text

    def test_beyond_what_the_listing_takes_is_refused(self, guest: Guest) -> None:
        page = guest.ask("longer", more="61")
        assert page.status == 422
        assert "这里最多住 90 晚" in page.text


class TestShorter:
    def test_before_arrival_by_the_terms_agreed(self, guest: Guest) -> None:
        guest.clock.advance(days=51)  # as if nobody had come: the policy counts days alone
        guest.clock.advance(days=-21)
        page = guest.ask("shorter", depart=(ARRIVE + days(5)).isoformat())
        # The rest loses the long-stay discount: five nights at 200 yuan; 15 days before.
        given_up = 30 * OFF - 5 * 20_000
        kept = given_up * 2 // 10
        assert "离不住的第一晚还有15天" in page.text
        assert "扣20%" in page.text
        assert f"退回给您¥{(given_up - kept) // 100:,}" in page.text
        guest.agree()
        assert (guest.refunded, guest.booking.total_fen) == (given_up - kept, 5 * 20_000)
        guest.assert_clean()

    def test_long_before_nothing_is_kept(self, guest: Guest) -> None:
        page = guest.ask("shorter", depart="2027年8月5日")
        assert "按取消办法，不住的部分不扣钱" in page.text

    def test_in_the_house_used_nights_count_at_list_price_and_it_says_so(
        self, visitor: Visitor, services: Services, clock: SetClock, loaded: Room
    ) -> None:
        guest = Guest(Journey(visitor, loaded), services, clock).book(60)
        guest.arrive(after=10)
        assert "提前离开" in guest.open("/change").text
        page = guest.ask("shorter", depart=(ARRIVE + days(50)).isoformat())
        used = 10 * (20_000 - OFF)
        for words in ("已住各晚按原价计算", "退回给您¥1,400", "已住各晚的差价", "-¥300", "医院"):
            assert words in page.text
        guest.agree()
        assert guest.refunded == 10 * OFF - used
        guest.assert_clean()

    def test_who_is_in_the_house_cannot_cancel_but_leave_early(self, guest: Guest) -> None:
        guest.arrive(after=3)
        page = guest.open("/cancel")
        assert page.path == f"/booking/{guest.id}/change/shorter"
        assert "哪天离开？" in page.text

    @pytest.mark.parametrize("day", ["", "2027-08-10", "2027-07-11", "2026-01-01", "明天"])
    def test_a_day_that_cannot_be_is_asked_again(self, guest: Guest, day: str) -> None:
        page = guest.ask("shorter", depart=day)
        assert page.status == 422
        assert 'id="e-depart"' in page.html

    def test_on_the_last_day_there_is_nothing_to_give_up(self, guest: Guest) -> None:
        guest.arrive(after=30)
        assert not any(link.endswith("/shorter") for link in guest.open("/change").links)


class TestDates:
    def test_moved_for_nothing(self, guest: Guest) -> None:
        page = guest.ask("dates", arrive="2027-07-21", nights="30")
        assert "不用补钱" in page.text
        page = guest.agree()
        assert "改好了。" in page.text
        assert "改到2027年7月21日到店" in page.text
        assert guest.booking.check_in == dt.date(2027, 7, 21)
        guest.assert_clean()

    def test_full_dates_offer_the_nearest_that_are_free(self, guest: Guest) -> None:
        guest.fill(ARRIVE + days(40), 5, units=2)
        page = guest.ask("dates", arrive=(ARRIVE + days(20)).isoformat(), nights="30")
        assert page.status == 409
        offered = [link for link in page.links if "/change/dates?" in link]
        assert offered
        assert "这样改，好不好？" in guest.visitor.open(offered[0]).text

    def test_a_week_before_arrival_it_is_arranged_by_telephone(self, guest: Guest) -> None:
        guest.clock.advance(days=34)
        page = guest.open("/change")
        assert not any(link.endswith("/dates") for link in page.links)
        assert "离到店不到7天，改日期请打电话" in page.text
        page = guest.ask("dates", arrive="2027-07-21")
        assert page.status == 409
        assert "请打电话给我们" in page.text

    def test_in_the_house_the_dates_are_not_offered(self, guest: Guest) -> None:
        guest.arrive()
        page = guest.open("/change")
        assert not any(link.endswith("/dates") for link in page.links)
        assert guest.ask("dates", arrive="2027-07-21").status == 422

    @pytest.mark.parametrize(
        ("arrive", "nights"),
        [("", "30"), ("2027-02-29", "30"), ("2027-05-31", "3"), ("9999-12-31", "120"),
         ("2027-07-20", "0"), ("2027-07-20", "121"), ("2029-12-01", "3")],
    )  # fmt: skip
    def test_dates_that_cannot_be_are_asked_again(
        self, guest: Guest, arrive: str, nights: str
    ) -> None:
        assert guest.ask("dates", arrive=arrive, nights=nights).status == 422

    def test_the_same_dates_change_nothing(self, guest: Guest) -> None:
        page = guest.ask("dates", arrive=ARRIVE.isoformat())
        assert page.status == 422
        assert "没有要改的" in page.text


class TestRoom:
    def test_another_room_of_the_house_costs_the_difference(self, guest: Guest) -> None:
        assert not any(link.endswith("/room") for link in guest.open("/change").links)
        lake = second_room(guest)
        assert any(link.endswith("/room") for link in guest.open("/change").links)
        page = guest.ask("room", room=str(lake.room_type_id))
        assert "要补¥2,550" in page.text
        assert "改成湖景房" in page.text
        guest.agree()
        assert "换到湖景房" in guest.visitor.page.text
        guest.pay()
        assert (guest.taken(), guest.taken(lake)) == (0, 30)
        assert "换到湖景房" in guest.open().text
        guest.assert_clean()

    def test_a_full_one_is_told_of_before_and_refused(self, guest: Guest) -> None:
        lake = second_room(guest, capacity=0)
        assert "这些日子没有空房" in guest.open("/change/room").text
        assert guest.ask("room", room=str(lake.room_type_id)).status == 409

    @pytest.mark.parametrize("room", ["", "x", "999999"])
    def test_one_of_somewhere_else_is_no_choice(self, guest: Guest, room: str) -> None:
        second_room(guest)
        page = guest.ask("room", room=room)
        assert page.status == 422
        assert "请选一种房型" in page.text


class TestPeopleAndExtras:
    def test_a_child_is_asked_its_age_and_pays_by_it(self, family: Guest) -> None:
        page = family.ask("people", children="1")
        assert "孩子几岁？" in page.text
        page = family.visitor.send("age_1", age_1="8")
        assert "要补¥765" in page.text
        assert "小孩1位（8岁）" in page.text
        family.agree()
        family.pay()
        assert family.booking.children_ages == [8]
        page = family.ask("people", children="0")
        assert "今天刚改的" in page.text
        family.agree()
        assert (family.booking.children_ages, family.refunded) == ([], 76_500)
        family.assert_clean()

    def test_an_age_that_is_none_is_asked_again(self, family: Guest) -> None:
        family.ask("people", children="2")
        page = family.visitor.send("age_1", age_1="8", age_2="80")
        assert page.status == 422
        assert page.form(holding="age_1").fields["age_1"] == "8"
        assert 'id="e-age_2"' in page.html

    def test_too_many_people_are_refused_beside_the_question(self, family: Guest) -> None:
        page = family.ask("people", adults="3")
        assert page.status == 422
        assert 'id="e-adults">每间最多住' in page.html

    def test_meals_and_a_bed(self, family: Guest) -> None:
        assert any(link.endswith("/extras") for link in family.open("/change").links)
        page = family.ask("extras", board="breakfast", extra_beds="1")
        assert "要补¥2,400" in page.text
        assert "含早餐，加床1张" in page.text
        family.agree()
        family.pay()
        booking = family.booking
        assert (booking.board, booking.extra_beds) == (Board.BREAKFAST, 1)
        assert "改成含早餐，加床1张" in family.open().text
        family.assert_clean()

    @pytest.mark.parametrize("answer", [{"board": "dinner"}, {"extra_beds": "2"}])
    def test_what_is_not_to_be_had_is_said(self, family: Guest, answer: dict[str, str]) -> None:
        page = family.ask("extras", **answer)
        assert page.status == 422
        assert f'id="e-{next(iter(answer))}"' in page.html

    def test_where_there_are_none_they_are_not_offered(self, guest: Guest) -> None:
        assert not any(link.endswith("/extras") for link in guest.open("/change").links)


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
        page = held.visitor.send("/withdraw")
        assert page.path == f"/booking/{held.id}"
        assert "要改的还没有付款" not in page.text
        assert (held.taken(), held.booking.check_out) == (30, ARRIVE + days(30))
        assert [change.state for change in held.changes] == [ChangeState.WITHDRAWN]
        held.assert_clean()

    def test_pressed_twice_it_changes_nothing_more(self, held: Guest) -> None:
        page = held.open()
        held.visitor.send("/withdraw")
        held.visitor.page = page
        assert held.visitor.send("/withdraw").path == f"/booking/{held.id}"
        assert len(held.changes) == 1

    def test_its_page_at_the_gateway_is_closed(
        self, held: Guest, gateway_reports: Callable[[], int]
    ) -> None:
        sim = held.visitor.send("/change-payment").path
        held.open()
        held.visitor.send("/withdraw")
        gateway_reports()
        assert held.visitor.open(sim).path == f"/booking/{held.id}"
        with held.services.database.read() as session:
            states = session.scalars(
                sa.select(Payment.state).where(Payment.change_id.is_not(None))
            ).all()
        assert states == [PaymentState.CLOSED]

    def test_paid_all_the_same_the_money_goes_back_and_nothing_changes(self, held: Guest) -> None:
        sim = held.visitor.send("/change-payment")
        held.open()
        held.visitor.send("/withdraw")
        held.visitor.page = sim
        page = held.visitor.send(sim.path, action="alipay_ok")
        assert "没有改成。这笔钱会全部退回" in page.text
        assert (held.refunded, held.booking.check_out) == (10 * OFF, ARRIVE + days(30))
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
        assert sweeps.lapse_changes(held.services.money) == 1
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
        assert any("more=3" in link for link in page.links)
        assert guest.changes == []

    def test_thirty_an_hour_for_an_address(self, guest: Guest) -> None:
        page = guest.ask("longer", more="10")
        statuses = []
        for _ in range(31):
            guest.visitor.page = page
            statuses.append(guest.visitor.send("balance_fen", balance_fen="").status)
        assert statuses == [422] * 30 + [429]


class TestWhoMay:
    def test_a_hold_and_a_stay_that_is_over_are_not_changed(
        self, journey: Journey, services: Services, clock: SetClock
    ) -> None:
        guest = Guest(journey, services, clock)
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
        guest = Guest(Journey(visitor, loaded), services, clock).book(nights)
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
    guest = Guest(Journey(visitor, room), services, clock).book()
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
