"""Every line of a change names its true cause, and a refusal says what is possible."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from catalog.models import Listing
from marketplace.bootstrap import Services
from marketplace.kernel.clock import SetClock
from marketplace.pricing import service as pricing
from marketplace.pricing.nights.restrictions import DayRule
from marketplace.pricing.nights.terms import MonthPrice, Promotion, Terms, Tier
from tests.factories import Room, make_enterprise, make_listing, make_room
from tests.web.traveller.staying_guest import ARRIVE, OFF, STAFF, Guest, days, ways
from tests.web.traveller.visitor import Page, Visitor

NIGHT = 20_000


@pytest.fixture
def guest(visitor: Visitor, loaded: Room, services: Services, clock: SetClock) -> Guest:
    return Guest(visitor, loaded, services, clock)


def tariffed(guest: Guest, terms: Terms) -> Guest:
    """The guest, where another tariff counts."""
    with guest.services.database.write() as session:
        listing = make_listing(session, enterprise_id=make_enterprise(session))
        guest.room = make_room(session, listing_id=listing, terms=terms)
    return guest


def cut(guest: Guest, nights: int) -> Page:
    return guest.ask("shorter", depart=(ARRIVE + days(nights)).isoformat())


def restrict(guest: Guest, first: int, count: int, **rule: object) -> None:
    with guest.services.database.write() as session:
        pricing.set_restrictions(
            session,
            room_type_id=guest.room.room_type_id,
            pool_id=guest.room.pool_id,
            rules={ARRIVE + days(first + n): DayRule(**rule) for n in range(count)},  # type: ignore[arg-type]
            actor=STAFF,
            now=guest.clock.now(),
        )


class TestTwiceOnOneDay:
    def test_before_arrival_no_night_is_called_used(self, guest: Guest) -> None:
        guest.book(30)
        guest.clock.advance(days=35)
        cut(guest, 21)
        guest.agree()
        page = cut(guest, 3)
        # 26 days to the 21st night: 20 %; 8 days to the third: 40 %, of all that was given up.
        first, second = 30 * OFF - 21 * NIGHT, 18 * NIGHT
        assert "已住" not in page.text
        assert "早先减少的部分补扣" in page.text
        assert f"-¥{first * 2 // 1000:,}" in page.text
        assert "同一天减少的合在一起算，都扣40%" in page.text
        before = guest.refunded
        guest.agree()
        assert guest.refunded - before == second - (first + second) * 4 // 10 + first * 2 // 10
        guest.assert_clean()

    def test_in_the_house_used_nights_are_told_once(self, guest: Guest) -> None:
        guest.book(60)
        guest.arrive(after=10)
        page = cut(guest, 50)
        assert "已住各晚的差价" in page.text
        guest.agree()
        page = cut(guest, 35)
        assert "已住" not in page.text
        for words in ("不住的部分要扣", "今天早先减少的部分补扣"):
            assert words in page.text


class TestDiscounts:
    def test_a_night_less_that_costs_more_says_why(self, guest: Guest) -> None:
        guest.book(30)
        page = cut(guest, 29)
        assert "要补¥700" in page.text
        assert "住不满30晚，长住优惠（便宜15%）就没有了。" in page.text
        assert "所以虽然少住，反而要补钱。" in page.text

    def test_a_tier_that_is_lost_is_said_where_money_comes_back_as_well(self, guest: Guest) -> None:
        guest.book(40)
        page = cut(guest, 20)
        assert "住不满30晚，长住优惠（便宜15%）就没有了。" in page.text
        assert "反而要补钱" not in page.text
        assert "退回给您" in page.text

    def test_nothing_is_said_where_the_tier_stays(self, guest: Guest) -> None:
        guest.book(60)
        assert "长住优惠" not in cut(guest, 45).text

    def test_a_tier_that_is_earned(self, guest: Guest) -> None:
        guest.book(29)
        page = guest.ask("longer", more="1")
        assert "住满30晚，有长住优惠，便宜15%。" in page.text

    def test_from_one_tier_to_another(self, guest: Guest) -> None:
        tariffed(guest, Terms(tiers=(Tier(7, 500), Tier(30, 1_500)))).book(40)
        page = cut(guest, 20)
        assert "住不满30晚，长住优惠从便宜15%变成便宜5%。" in page.text

    def test_a_month_and_a_promotion_that_are_lost(self, guest: Guest) -> None:
        terms = Terms(
            months=(MonthPrice(ARRIVE.replace(day=1), 300_000, 30),),
            promotions=(Promotion("long", "长夏优惠", 500, min_nights=30),),
        )
        tariffed(guest, terms).book(40)
        page = cut(guest, 20)
        assert "2027年7月的整月价就没有了。" in page.text
        assert "优惠“长夏优惠”就没有了。" in page.text

    def test_a_month_that_is_not_stayed_in_any_more_was_not_lost(self, guest: Guest) -> None:
        terms = Terms(months=(MonthPrice(ARRIVE.replace(month=8, day=1), 300_000, 1),))
        tariffed(guest, terms).book(40)
        assert "整月价" not in cut(guest, 20).text

    def test_in_english(self, guest: Guest) -> None:
        guest.book(30)
        depart = (ARRIVE + days(29)).isoformat()
        page = guest.visitor.open(f"/en/booking/{guest.id}/change/shorter?depart={depart}")
        assert "Under 30 nights the long-stay discount (15% off) is lost." in page.text


class TestHowManyMore:
    @pytest.mark.parametrize("more", ["106", "121", "500", "9999"])
    def test_more_than_a_stay_can_have(self, guest: Guest, more: str) -> None:
        """On sale for 120 days from today, of which 40 and 45 are gone."""
        with guest.services.database.write() as session:
            session.execute(sa.update(Listing).values(max_nights=120))
        guest.book(45)
        page = guest.ask("longer", more=more)
        assert page.status == 422
        assert "最多还能多住35晚" in page.text
        assert "120" not in page.text
        assert [link.split("?")[1] for link in ways(page) if "more=" in link] == ["more=35"]

    def test_as_many_as_a_stay_can_have(self, guest: Guest) -> None:
        with guest.services.database.write() as session:
            listing = make_listing(session, enterprise_id=make_enterprise(session))
            session.execute(sa.update(Listing).values(max_nights=120))
            guest.room = make_room(session, listing_id=listing, days=300)
        guest.book(45)
        assert "最多还能多住75晚" in guest.ask("longer", more="106").text
        assert "要补" in guest.ask("longer", more="75").text

    def test_what_the_house_asks_counts(self, guest: Guest) -> None:
        guest.book(20)
        restrict(guest, 0, 60, max_nights=33)
        page = guest.ask("longer", more="40")
        assert "最多还能多住13晚" in page.text
        restrict(guest, 33, 1, no_departure=True)
        assert "最多还能多住12晚" in guest.ask("longer", more="40").text

    def test_where_there_is_none(self, guest: Guest) -> None:
        guest.book(20)
        guest.fill(ARRIVE + days(20), 1)
        page = guest.ask("longer", more="3")
        assert "现在一晚也不能再多住了" in page.text
        assert not [link for link in ways(page) if "more=" in link]


def test_a_stay_that_may_not_be_cut_so_far_offers_the_shortest(guest: Guest) -> None:
    guest.book(20)
    restrict(guest, 0, 60, min_nights=15)
    page = cut(guest, 1)
    assert page.status == 422
    assert "这些日子最少住 15 晚" in page.text
    offered = [link for link in ways(page) if "depart=" in link]
    assert len(offered) == 1
    assert "退回给您¥1,000" in guest.visitor.open(offered[0]).text


@pytest.mark.parametrize("nights", [15, 10])
def test_a_stay_at_its_fewest_nights_offers_no_cut(guest: Guest, nights: int) -> None:
    guest.book(nights)
    restrict(guest, 0, 60, min_nights=15)
    page = cut(guest, 1)
    assert (page.status, [link for link in ways(page) if "depart=" in link]) == (422, [])


def test_in_the_house_less_is_not_reckoned_to_the_day_of_arrival(
    visitor: Visitor, services: Services, clock: SetClock
) -> None:
    with services.database.write() as session:
        listing = make_listing(session, enterprise_id=make_enterprise(session))
        room = make_room(session, listing_id=listing, list_fen=NIGHT)
        make_room(session, listing_id=listing, list_fen=15_000, name_zh="小房")
    guest = Guest(visitor, room, services, clock).book(20)
    guest.arrive(after=3)
    page = guest.open("/change/room")
    other = page.form(holding="room")
    assert other.action.endswith("/change/room")
    with services.database.read() as session:
        small = session.execute(sa.text("SELECT max(id) FROM room_type")).scalar_one()
    page = guest.visitor.send("room", room=str(small))
    assert "离到店还有0天" not in page.text
    assert "到店的日子已经到了，按订的时候说好的取消办法，减少的钱扣80%" in page.text
