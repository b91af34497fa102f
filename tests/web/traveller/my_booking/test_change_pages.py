"""A guest changes a stay: one short question, and the difference first."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from catalog.models import Enterprise
from marketplace.booking.contract.hold_caps import Caps
from marketplace.bootstrap import Services
from marketplace.kernel.clock import SetClock
from marketplace.pricing import service as pricing
from marketplace.pricing.nights.restrictions import DayRule
from marketplace.pricing.nights.terms import Board
from tests.factories import Room, make_enterprise, make_listing, make_room
from tests.support.staff import House
from tests.web.traveller.staying_guest import (
    ARRIVE,
    OFF,
    STAFF,
    TERMS,
    Guest,
    days,
    second_room,
    ways,
)
from tests.web.traveller.visitor import Visitor


@pytest.fixture
def guest(visitor: Visitor, loaded: Room, services: Services, clock: SetClock) -> Guest:
    return Guest(visitor, loaded, services, clock).book()


@pytest.fixture
def family(visitor: Visitor, services: Services, clock: SetClock) -> Guest:
    """A guest where children, meals and beds have prices."""
    with services.database.write() as session:
        listing = make_listing(session, enterprise_id=make_enterprise(session))
        room = make_room(session, listing_id=listing, terms=TERMS)
    return Guest(visitor, room, services, clock).book()


class TestLonger:
    def test_a_cap_is_told_beside_the_sum_and_nothing_is_kept(
        self,
        guest: Guest,
        services: Services,
        clock: SetClock,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(Services, "caps", Caps(nights_phone=5, telephone="0431-1234-5678"))
        House(services, clock, guest.room).desk.hold(arrive=ARRIVE + days(60), nights=3)
        guest.ask("longer", more="10")
        page = guest.agree()
        assert page.status == 429
        assert "这个手机号没付款的保留已有3间夜" in page.text
        assert "打电话给我们" in page.text
        assert (guest.taken(), guest.changes) == (33, [])
        guest.ask("longer", more="2")
        assert guest.agree().path.endswith("/change-payment")

    def test_a_house_that_may_sell_no_more_is_told_before_anything_is_agreed_to(
        self, guest: Guest, services: Services
    ) -> None:
        with services.database.write() as session:
            session.execute(sa.update(Enterprise).values(sells_until=dt.date(2027, 5, 31)))
        page = guest.ask("longer", more="10")
        assert page.status == 422
        assert "这家企业目前不接受预订" in page.text
        assert not any("balance_fen" in form.names for form in page.forms)
        # What takes no room more is still the guest's to do.
        page = guest.ask("shorter", depart=str(ARRIVE + days(29)))
        assert any("balance_fen" in form.names for form in page.forms)

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
        assert (guest.taken(), guest.booking.ends_on) == (40, ARRIVE + days(30))
        page = guest.pay()
        assert page.path == f"/booking/{guest.id}"
        assert "改好了，补的¥1,700收到了。" in page.text
        assert "改过的2027年6月1日多住10晚，到2027年8月20日离开补了¥1,700" in page.text
        booking = guest.booking
        assert (booking.ends_on, booking.total_fen) == (ARRIVE + days(40), 40 * OFF)
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
        offered = next(link for link in ways(page) if "more=6" in link)
        assert "多住6晚" in page.text
        assert "要补¥1,020" in guest.visitor.open(offered).text

    def test_where_the_first_night_is_full_nothing_is_offered(self, guest: Guest) -> None:
        guest.fill(ARRIVE + days(30), 3)
        page = guest.ask("longer", more="1")
        assert page.status == 409
        assert not any("more=" in link for link in ways(page))

    def test_nights_kept_for_an_earlier_wish_are_free_for_the_next_one(self, guest: Guest) -> None:
        guest.fill(ARRIVE + days(30), 20, units=1)
        guest.ask("longer", more="10")
        guest.agree()
        page = guest.ask("longer", more="5")
        assert "要补¥850" in page.text
        guest.agree()
        assert guest.taken() == 20 + 35
        assert guest.pay().path == f"/booking/{guest.id}"
        assert guest.booking.ends_on == ARRIVE + days(35)
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

    def test_beyond_what_the_listing_takes_the_most_is_offered(self, guest: Guest) -> None:
        page = guest.ask("longer", more="61")
        assert page.status == 422
        assert "这里最多住 90 晚" in page.text
        offered = [link for link in ways(page) if "more=" in link]
        assert [link.split("?")[1] for link in offered] == ["more=50"], "so long are rooms on sale"
        assert "这样改，好不好？" in guest.visitor.open(offered[0]).text


class TestShorter:
    def test_before_arrival_by_the_terms_agreed(self, guest: Guest) -> None:
        guest.clock.advance(days=30)
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
        guest = Guest(visitor, loaded, services, clock).book(60)
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
        assert guest.booking.starts_on == dt.date(2027, 7, 21)
        guest.assert_clean()

    def test_full_dates_offer_the_nearest_that_are_free(self, guest: Guest) -> None:
        guest.fill(ARRIVE + days(40), 5, units=2)
        page = guest.ask("dates", arrive=(ARRIVE + days(20)).isoformat(), nights="30")
        assert page.status == 409
        offered = [link for link in ways(page) if "/change/dates?" in link]
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
    def test_a_cheaper_one_soon_before_arrival_gives_back_by_the_terms(self, guest: Guest) -> None:
        cheap = second_room(guest, list_fen=10_000)
        guest.clock.advance(days=20)
        page = guest.ask("room", room=str(cheap.room_type_id))
        less = 30 * (OFF - 8_500)
        assert "离到店还有20天，按订的时候说好的取消办法，减少的钱扣20%" in page.text
        assert f"退回给您¥{less * 8 // 1000:,}" in page.text
        assert "减少的部分要扣" in page.text

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
        assert "小孩1位（8周岁）" in page.text
        family.agree()
        family.pay()
        assert family.booking.room.children_ages == [8]
        page = family.ask("people", children="0")
        assert "今天刚改的" in page.text
        family.agree()
        assert (family.booking.room.children_ages, family.refunded) == ([], 76_500)
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
        assert (booking.room.board, booking.room.extra_beds) == (Board.BREAKFAST, 1)
        assert "改成含早餐，加床1张" in family.open().text
        family.assert_clean()

    @pytest.mark.parametrize("answer", [{"board": "dinner"}, {"extra_beds": "2"}])
    def test_what_is_not_to_be_had_is_said(self, family: Guest, answer: dict[str, str]) -> None:
        page = family.ask("extras", **answer)
        assert page.status == 422
        assert f'id="e-{next(iter(answer))}"' in page.html

    def test_where_there_are_none_they_are_not_offered(self, guest: Guest) -> None:
        assert not any(link.endswith("/extras") for link in guest.open("/change").links)


def test_the_terms_count_what_was_changed_before(guest: Guest) -> None:
    """Moved away from a near date, the stay costs what it would have cost before: on each day."""
    guest.clock.advance(days=25)
    guest.ask("dates", arrive="2027-08-20", nights="30")
    guest.agree()
    voucher = guest.open().text
    assert "2027年8月5日（含）以前取消扣¥1,020退¥4,080" in voucher
    assert "2027年7月21日" not in voucher, "cancelling costs something from the first day on"
    assert "退给您¥4,080" in guest.open("/cancel").text


@pytest.mark.parametrize("what", ["longer", "shorter", "dates", "people"])
def test_each_question_about_a_sample_stay_says_that_it_is_one(guest: Guest, what: str) -> None:
    assert "示例数据" in guest.open(f"/change/{what}").text


def test_a_day_of_leaving_that_leaves_no_night_is_told_as_that(guest: Guest) -> None:
    for day in (ARRIVE, ARRIVE - days(1)):
        page = guest.ask("shorter", depart=day.isoformat())
        assert page.status == 422
        assert "这样一晚也不住了" in page.text
    assert "请选一个比原来早" in guest.ask("shorter", depart="2020-01-01").text


@pytest.mark.parametrize(("typed", "most"), [("121", 90), ("0", 90)])
def test_a_number_of_nights_is_refused_with_what_this_house_takes(
    guest: Guest, typed: str, most: int
) -> None:
    page = guest.ask("dates", arrive=(ARRIVE + days(1)).isoformat(), nights=typed)
    assert f"请写 1 到 {most} 之间的晚数" in page.text
    assert "120" not in page.text
