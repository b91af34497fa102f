"""The operator's bookings: list, search, file, one booking; and nobody else's."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re

import pytest

from marketplace import tasks
from marketplace.booking.contract.buyers import PartnerSale
from marketplace.booking.lifecycle.transitions import cancel
from marketplace.booking.models import Booking
from marketplace.booking.reads.staff_queries import live_of
from marketplace.booking.states import BookingState, ReasonCode
from marketplace.bootstrap import Services
from marketplace.kernel.audit import TRAVELLER
from marketplace.kernel.ids import group_code
from marketplace.pricing.nights.terms import Board
from marketplace.web.forms.csv_file import harmless
from tests.factories import TODAY
from tests.support.app import BOTH
from tests.support.lives import make_partner
from tests.support.staff import Browser, House

DAY = dt.timedelta(days=1)
BADGE = re.compile(r'class="badge[^"]*">([^<]+)<')


def cancelled(house: House, booking_id: str) -> None:
    with house.services.database.write() as session:
        cancel(
            session,
            booking_id=booking_id,
            reason=ReasonCode.TRAVELLER_OTHER,
            expected_refund_fen=None,
            actor=TRAVELLER,
            ids=house.services.ids,
            now=house.clock.now(),
        )


STATES = {
    BookingState.HELD: ("保留中，未付款", "Held, not paid"),
    BookingState.CONFIRMED: ("已订好", "Confirmed"),
    BookingState.IN_STAY: ("在住", "Staying"),
    BookingState.COMPLETED: ("已离店", "Completed"),
    BookingState.CURTAILED: ("提前离店", "Left early"),
    BookingState.CANCELLED: ("已取消", "Cancelled"),
    BookingState.EXPIRED: ("保留已过期", "Hold ended"),
    BookingState.NO_SHOW: ("未入住", "No-show"),
}


@pytest.mark.parametrize("state", BookingState)
def test_a_booking_says_where_it_stands(
    operator: Browser, house: House, state: BookingState
) -> None:
    booking_id = house.booked()
    with house.services.database.write() as session:
        session.get_one(Booking, booking_id).state = state
    for prefix, words in zip(("", "/en"), STATES[state], strict=True):
        for page in (f"bookings?state={state.value}", f"bookings/{booking_id}"):
            badges = BADGE.findall(operator.open(f"{prefix}/operator/{page}"))
            assert words in badges, (page, badges)
            others = {pair[prefix == "/en"] for pair in STATES.values()} - {words}
            assert others.isdisjoint(badges), (page, badges)


class TestList:
    def test_filters_by_state_and_arrival(self, operator: Browser, house: House) -> None:
        soon = house.booked(arrive=TODAY + 3 * DAY)
        late = house.booked(arrive=TODAY + 60 * DAY, phone="13900000002")
        held = house.desk.hold(arrive=TODAY + 20 * DAY, phone="13900000003")
        codes = {
            name: group_code(house.code(found))
            for name, found in (("soon", soon), ("late", late), ("held", held))
        }

        def shown(query: str) -> set[str]:
            page = operator.open(f"/operator/bookings?{query}")
            return {name for name, code in codes.items() if code in page}

        assert shown("") == {"soon", "late"}
        assert shown("state=held") == {"held"}
        assert shown(f"first={TODAY + 30 * DAY}") == {"late"}
        assert shown(f"last={TODAY + 3 * DAY}") == {"soon"}
        assert shown("state=nonsense&first=1&page=-3&sort=x") == {"soon", "late"}
        assert shown("page=99") == {"soon", "late"}
        newest = operator.open("/operator/bookings?sort=newest")
        assert newest.index(codes["soon"]) > 0

    def test_pages_of_twenty(self, operator: Browser, house: House) -> None:
        for number in range(21):
            house.desk.hold(
                arrive=TODAY + number * DAY,
                nights=1,
                phone=f"139000001{number:02d}",
                address=f"10.2.0.{number}",
            )
        page = operator.open("/operator/bookings?state=held")
        assert "共 21 个订单" in page
        assert page.count("/operator/bookings/") - page.count("/operator/bookings/find") == 20
        assert "page=2" in page
        assert "state=held" in page.split("page=2")[1][:30]


HELD, EXPIRED = "保留中，未付款", "保留已过期"


@pytest.mark.parametrize("database_kind", BOTH)
class TestByTheClock:
    """No sweep runs here: a hold on account is over when its time is, a guest's waits for it."""

    def shown(self, browser: Browser, house: House, booking_id: str) -> dict[str, set[str]]:
        code = house.code(booking_id)
        found: dict[str, set[str]] = {"list": set(), "page": set(), "file": set()}
        for state, asked in ((HELD, "held"), (EXPIRED, "expired")):
            if group_code(code) in browser.open(f"/operator/bookings?state={asked}"):
                found["list"].add(state)
            lines = csv.reader(io.StringIO(browser.open(f"/operator/bookings.csv?state={asked}")))
            found["file"] |= {line[1] for line in lines if line[0] == code}
            heading = browser.open(f"/operator/bookings/{booking_id}").split("<h1>")[1]
            if state in heading.split("</h1>")[0]:
                found["page"].add(state)
        return found

    def test_a_hold_on_account_is_over_when_its_time_is(
        self, operator: Browser, house: House
    ) -> None:
        partner = PartnerSale(make_partner(house.desk), "NT-1")
        booking_id = house.desk.hold(arrive=TODAY + 20 * DAY, partner=partner)
        house.clock.advance(minutes=29, seconds=59)
        told = {"list": {HELD}, "page": {HELD}, "file": {HELD}}
        assert self.shown(operator, house, booking_id) == told
        house.clock.advance(seconds=1)
        over = {"list": {EXPIRED}, "page": {EXPIRED}, "file": {EXPIRED}}
        assert self.shown(operator, house, booking_id) == over
        tasks.expire_holds(house.services)
        assert house.desk.booking(booking_id).state is BookingState.EXPIRED
        assert self.shown(operator, house, booking_id) == over

    def test_a_guests_hold_waits_for_a_payment_that_is_under_way(
        self, operator: Browser, house: House
    ) -> None:
        booking_id = house.desk.hold(arrive=TODAY + 20 * DAY)
        house.clock.advance(minutes=30)
        told = {"list": {HELD}, "page": {HELD}, "file": {HELD}}
        assert self.shown(operator, house, booking_id) == told

    def test_a_stopped_house_has_no_guest_of_a_hold_that_is_over(
        self, operator: Browser, house: House
    ) -> None:
        partner = PartnerSale(make_partner(house.desk), "NT-1")
        house.desk.hold(arrive=TODAY + 20 * DAY, partner=partner)
        mine = house.room.enterprise_id
        with house.services.database.read() as session:
            assert len(live_of(session, enterprise_id=mine, now=house.clock.now())) == 1
            over = house.clock.now() + dt.timedelta(minutes=30)
            assert live_of(session, enterprise_id=mine, now=over) == []


class TestFind:
    def test_by_code_and_by_the_whole_phone(self, operator: Browser, house: House) -> None:
        booking_id = house.booked(phone="13912345678")
        operator.open("/operator/bookings")
        code = house.code(booking_id)
        assert "客人" in operator.send("/operator/bookings/find", query=group_code(code).lower())
        operator.open("/operator/bookings")
        page = operator.send("/operator/bookings/find", expect=200, query="+86 139 1234 5678")
        assert group_code(code) in page
        operator.send("/operator/bookings/find", expect=404, query="1391234567")

    def test_not_somebody_elses(self, operator: Browser, neighbour: House) -> None:
        booking_id = neighbour.booked(phone="13912345678")
        operator.open("/operator/bookings")
        for query in (neighbour.code(booking_id), "13912345678"):
            page = operator.send("/operator/bookings/find", expect=404, query=query)
            assert "没有找到" in page

    def test_a_phone_that_is_not_shared_finds_nothing(
        self, operator: Browser, house: House
    ) -> None:
        house.desk.hold(phone="13912345678")
        operator.open("/operator/bookings")
        operator.send("/operator/bookings/find", expect=404, query="13912345678")


class TestOneBooking:
    def test_guest_nights_and_story(self, operator: Browser, house: House) -> None:
        booking_id = house.booked(arrive=TODAY + 3 * DAY, nights=3, phone="13912345678")
        page = operator.open(f"/operator/bookings/{booking_id}")
        assert "王秀英" in page
        assert "13912345678" in page
        assert page.count("¥200") == 6
        assert page.count("¥20<") == 3
        assert "订单成立" in page
        answer = operator.client.get(f"/operator/bookings/{booking_id}")
        assert answer.headers["Cache-Control"] == "no-store"

    def test_meals_beds_and_rooms_side_by_side_are_told_everywhere(
        self, operator: Browser, house: House, services: Services
    ) -> None:
        booking_id = house.booked(rooms=2, adults=4)
        plain = operator.open(f"/operator/bookings/{booking_id}")
        assert "不含餐" in plain
        assert "不挨着也可以" in plain
        assert "加床" not in operator.open("/operator/bookings")
        with services.database.write() as session:
            room = session.get_one(Booking, booking_id).room
            room.board, room.extra_beds, room.adjoining = Board.HALF_BOARD, 2, True
        page = operator.open(f"/operator/bookings/{booking_id}")
        for words in ("含早餐和晚餐", "2张", "希望挨着"):
            assert words in page, words
        for path in ("/operator/bookings", "/operator/arrivals"):
            page = operator.open(path)
            for words in ("含早餐和晚餐", "加床：2张", "希望房间挨着"):
                assert words in page, (path, words)
        text = operator.client.get("/operator/bookings.csv").get_data().decode("utf-8-sig")
        head, row = csv.reader(io.StringIO(text))
        told = dict(zip(head, row, strict=True))
        assert (told["餐食"], told["加床"], told["房间挨着"]) == ("含早餐和晚餐", "2", "是")

    @pytest.mark.parametrize("state", ["held", "cancelled"])
    def test_who_is_not_coming_is_not_named(
        self, operator: Browser, house: House, state: str
    ) -> None:
        booking_id = house.desk.hold(phone="13912345678")
        if state == "cancelled":
            house.desk.pay(booking_id)
            cancelled(house, booking_id)
        page = operator.open(f"/operator/bookings/{booking_id}")
        assert "王秀英" not in page
        assert "13912345678" not in page

    def test_somebody_elses_does_not_exist(self, operator: Browser, neighbour: House) -> None:
        booking_id = neighbour.booked()
        operator.open(f"/operator/bookings/{booking_id}", expect=404)
        operator.open(f"/operator/bookings/{booking_id}/check-in", expect=404)
        operator.open("/operator/bookings/no-such-id", expect=404)


class TestFile:
    def test_it_follows_the_filters_and_names_nobody(
        self, operator: Browser, house: House, neighbour: House
    ) -> None:
        booking_id = house.booked(arrive=TODAY + 3 * DAY, phone="13912345678")
        house.booked(arrive=TODAY + 60 * DAY, phone="13900000002")
        neighbour.booked(phone="13900000004")
        answer = operator.client.get(f"/operator/bookings.csv?last={TODAY + 30 * DAY}")
        assert answer.content_type == "text/csv; charset=utf-8"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        text = answer.get_data().decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text)))
        assert len(rows) == 2
        assert rows[1][0] == house.code(booking_id)
        assert rows[1][-1] == "1400.00"
        assert "王秀英" not in text
        assert "13912345678" not in text

    @pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"])
    def test_no_cell_runs_as_a_formula(self, cell: str) -> None:
        assert harmless(cell) == f"'{cell}"

    @pytest.mark.parametrize("cell", ["双床房", "a=b", "", 7, None])
    def test_other_cells_stay(self, cell: object) -> None:
        assert harmless(cell) == cell
