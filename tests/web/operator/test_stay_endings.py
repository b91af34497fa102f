"""Taking a check-in back, leaving early, and guests who never came."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import sqlalchemy as sa

from marketplace.booking.lifecycle import stay_lifecycle
from marketplace.booking.models import Booking
from marketplace.booking.states import BookingState
from marketplace.inventory.models import StockDay
from marketplace.kernel.audit_queries import entries_for
from marketplace.payments.models import Refund
from tests.factories import TODAY
from tests.support.app import BOTH
from tests.support.staff import Browser, House

DAY = dt.timedelta(days=1)
REFUND = re.compile(r'name="refund_fen" value="(\d+)"')


def act(browser: Browser, booking_id: str, what: str, *, expect: int = 303, **fields: str) -> str:
    return browser.send(f"/operator/bookings/{booking_id}/{what}", expect=expect, **fields)


def arrived(browser: Browser, house: House, *, nights: int = 7) -> str:
    booking_id = house.booked(arrive=TODAY, nights=nights)
    browser.open("/operator/")
    act(browser, booking_id, "check-in")
    return booking_id


def state(house: House, booking_id: str) -> BookingState:
    return house.desk.booking(booking_id).state


def actions(house: House, booking_id: str) -> list[str]:
    with house.services.database.read() as session:
        return [entry.action for entry in entries_for(session, subject=("booking", booking_id))]


def refunded(house: House, booking_id: str) -> list[int]:
    with house.services.database.read() as session:
        return list(
            session.scalars(sa.select(Refund.amount_fen).where(Refund.booking_id == booking_id))
        )


def taken(house: House, day: dt.date) -> int:
    with house.services.database.read() as session:
        found = session.scalar(
            sa.select(StockDay.taken).where(
                StockDay.pool_id == house.room.pool_id, StockDay.day == day
            )
        )
        assert found is not None
        return found


class TestRow:
    def test_checked_in_from_the_row_and_back_again(self, operator: Browser, house: House) -> None:
        booking_id = house.booked(arrive=TODAY)
        page = operator.open("/operator/")
        assert f'action="/operator/bookings/{booking_id}/check-in"' in page
        page = act(operator, booking_id, "check-in", **{"from": "today"})
        assert "<h1>今天" in page
        assert f'action="/operator/bookings/{booking_id}/undo-check-in"' in page
        assert state(house, booking_id) is BookingState.IN_STAY
        page = act(operator, booking_id, "undo-check-in", **{"from": "today"})
        assert "入住已撤销" in page
        assert f'action="/operator/bookings/{booking_id}/check-in"' in page
        assert state(house, booking_id) is BookingState.CONFIRMED

    def test_the_printed_list_has_no_buttons(self, operator: Browser, house: House) -> None:
        house.booked(arrive=TODAY)
        assert "check-in" not in operator.open("/operator/arrivals").split("<h1>")[1]


class TestUndo:
    def test_twice_is_refused(self, operator: Browser, house: House) -> None:
        booking_id = arrived(operator, house)
        act(operator, booking_id, "undo-check-in")
        assert "没有办成" in act(operator, booking_id, "undo-check-in", expect=409)
        assert actions(house, booking_id).count("booking.check_in_undone") == 1
        act(operator, booking_id, "check-in")
        assert state(house, booking_id) is BookingState.IN_STAY

    def test_only_on_the_same_day(self, operator: Browser, house: House) -> None:
        booking_id = arrived(operator, house)
        house.clock.advance(days=1)
        operator.sign_in("front")
        page = operator.open(f"/operator/bookings/{booking_id}")
        assert "undo-check-in" not in page
        page = act(operator, booking_id, "undo-check-in", expect=409)
        assert "只有当天办的入住可以撤销" in page
        assert state(house, booking_id) is BookingState.IN_STAY

    def test_not_after_a_night_is_earned(self, operator: Browser, house: House) -> None:
        booking_id = house.booked(arrive=TODAY)
        house.clock.advance(days=1)
        operator.sign_in("front")
        act(operator, booking_id, "check-in")
        with house.services.database.write() as session:
            stay_lifecycle.advance_stay(
                session, booking_id=booking_id, ids=house.services.ids, now=house.clock.now()
            )
        act(operator, booking_id, "undo-check-in", expect=409)
        assert state(house, booking_id) is BookingState.IN_STAY

    def test_somebody_elses(self, operator: Browser, house: House, neighbour: House) -> None:
        booking_id = neighbour.booked(arrive=TODAY)
        operator.open("/operator/")
        act(operator, booking_id, "undo-check-in", expect=404)


@pytest.mark.parametrize("database_kind", BOTH)
class TestLeave:
    def test_the_sums_come_first_and_the_nights_go_on_sale(
        self, settler: Browser, house: House
    ) -> None:
        booking_id = arrived(settler, house)
        leave = TODAY + 3 * DAY
        page = settler.open(f"/operator/bookings/{booking_id}/leave?day={leave}")
        refund = REFUND.search(page)
        assert refund
        assert "退给客人" in page
        assert refunded(house, booking_id) == []
        fields = {"day": leave.isoformat(), "cause": "changed_plans", "refund_fen": refund[1]}
        assert "提前离店办好了" in act(settler, booking_id, "leave", **fields)
        assert house.desk.booking(booking_id).ends_on == leave
        assert refunded(house, booking_id) == [int(refund[1])]
        assert (taken(house, leave - DAY), taken(house, leave)) == (1, 0)
        act(settler, booking_id, "leave", expect=422, **fields)
        assert refunded(house, booking_id) == [int(refund[1])]

    def test_for_the_houses_own_fault_nothing_is_kept(self, settler: Browser, house: House) -> None:
        booking_id = arrived(settler, house)
        house.clock.advance(hours=1)  # the half hour in which all can be taken back is over
        leave = TODAY + 4 * DAY
        url = f"/operator/bookings/{booking_id}/leave?day={leave}&cause="
        guests = REFUND.search(settler.open(url + "changed_plans"))
        ours = REFUND.search(settler.open(url + "operator_fault"))
        assert guests
        assert ours
        assert int(ours[1]) == 3 * 20_000
        assert int(guests[1]) < int(ours[1])

    def test_another_sum_than_shown_changes_nothing(self, settler: Browser, house: House) -> None:
        booking_id = arrived(settler, house)
        fields = {"day": (TODAY + 3 * DAY).isoformat(), "cause": "health", "refund_fen": "1"}
        page = act(settler, booking_id, "leave", expect=409, **fields)
        assert "价格刚刚有变化" in page
        assert REFUND.search(page)
        assert house.desk.booking(booking_id).ends_on == TODAY + 7 * DAY


class TestLeaveRefused:
    @pytest.mark.parametrize(
        ("day", "cause"),
        [
            ("", "health"),
            (TODAY.isoformat(), "health"),
            ((TODAY + 7 * DAY).isoformat(), "health"),
            ((TODAY - DAY).isoformat(), "health"),
            ((TODAY + DAY).isoformat(), "force_majeure"),
            ((TODAY + DAY).isoformat(), "x"),
        ],
    )
    def test_what_cannot_be_is_named(
        self, settler: Browser, house: House, day: str, cause: str
    ) -> None:
        booking_id = arrived(settler, house)
        page = act(settler, booking_id, "leave", expect=422, day=day, cause=cause, refund_fen="0")
        assert "没有办成" in page
        assert day in page
        assert house.desk.booking(booking_id).ends_on == TODAY + 7 * DAY

    def test_nobody_who_is_not_in_the_house(self, settler: Browser, house: House) -> None:
        booking_id = house.booked(arrive=TODAY)
        page = settler.open(f"/operator/bookings/{booking_id}/leave", expect=409)
        assert "没有办成" in page
        assert "提前离店" not in page

    def test_not_without_a_second_factor(self, operator: Browser, house: House) -> None:
        booking_id = arrived(operator, house)
        page = operator.open(f"/operator/bookings/{booking_id}/leave", follow=True)
        assert "请先在这里设置两步登录" in page
        for what in ("leave", "no-show"):
            page = act(
                operator,
                booking_id,
                what,
                day=(TODAY + DAY).isoformat(),
                cause="health",
                refund_fen="0",
            )
            assert "请先在这里设置两步登录" in page
        assert house.desk.booking(booking_id).ends_on == TODAY + 7 * DAY

    def test_somebody_elses(self, settler: Browser, neighbour: House) -> None:
        booking_id = neighbour.booked(arrive=TODAY)
        for what in ("leave", "no-show"):
            settler.open(f"/operator/bookings/{booking_id}/{what}", expect=404)
            fields = {"day": (TODAY + DAY).isoformat(), "cause": "health", "refund_fen": "0"}
            act(settler, booking_id, what, expect=404, **fields)


@pytest.mark.parametrize("database_kind", BOTH)
class TestNoShow:
    def test_from_the_second_midnight_after_arrival(self, settler: Browser, house: House) -> None:
        booking_id = house.booked(arrive=TODAY)
        house.clock.advance(days=1)
        settler.sign_in("front")
        page = settler.open("/operator/")
        assert f"/operator/bookings/{booking_id}/no-show" in page
        page = settler.open(f"/operator/bookings/{booking_id}/no-show", expect=409)
        assert "现在还不能按未入住办理" in page
        assert "房间为客人保留到" in page
        act(settler, booking_id, "no-show", expect=409, refund_fen="0")
        assert state(house, booking_id) is BookingState.CONFIRMED
        house.clock.advance(days=1)
        settler.sign_in("front")
        page = settler.open(f"/operator/bookings/{booking_id}/no-show")
        refund = REFUND.search(page)
        assert refund
        wrong = str(int(refund[1]) + 1)
        assert "刚刚有变化" in act(settler, booking_id, "no-show", expect=409, refund_fen=wrong)
        act(settler, booking_id, "no-show", expect=409)
        assert state(house, booking_id) is BookingState.CONFIRMED
        assert "已按未入住办理" in act(settler, booking_id, "no-show", refund_fen=refund[1])
        assert state(house, booking_id) is BookingState.NO_SHOW
        with house.services.database.read() as session:
            kept = session.scalar(sa.select(Booking.fee_fen).where(Booking.id == booking_id))
        assert kept == 7 * 20_000 - int(refund[1])
        assert sum(refunded(house, booking_id)) == int(refund[1])
        assert (taken(house, TODAY + DAY), taken(house, TODAY + 2 * DAY)) == (1, 0)
        act(settler, booking_id, "no-show", expect=409, refund_fen=refund[1])
        assert actions(house, booking_id).count("booking.no_show") == 1
