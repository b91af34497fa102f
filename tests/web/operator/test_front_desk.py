"""The day, the arrivals list, and receiving guests by code."""

from __future__ import annotations

import datetime as dt
import re

from marketplace.booking.changes import change_service
from marketplace.booking.lifecycle.transitions import cancel
from marketplace.booking.states import BookingState, ReasonCode
from marketplace.kernel.audit import TRAVELLER
from marketplace.kernel.audit_queries import entries_for
from marketplace.kernel.ids import group_code
from marketplace.kernel.stay import Stay
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.notify.queries import latest, unread
from marketplace.pricing.nights.selection import Party, StaySelection
from marketplace.pricing.nights.terms import Board
from tests.factories import TODAY
from tests.support.staff import Browser, House

DAY = dt.timedelta(days=1)


class TestToday:
    def test_arrivals_notices_and_free_rooms(self, operator: Browser, house: House) -> None:
        code = group_code(house.code(house.booked(arrive=TODAY)))
        page = operator.open("/operator/")
        assert "<b>1</b>今天到" in page
        assert "<b>1</b>今晚空房" in page
        assert "1 条新通知" in page
        assert code in page
        assert "王秀英" in page
        assert "示例数据" in page

    def test_read_notices_are_gone_and_later_ones_stay(
        self, operator: Browser, house: House
    ) -> None:
        house.booked(arrive=TODAY + 10 * DAY)
        shown = operator.open("/operator/")
        newest = int(shown.split('name="up_to_id" value="')[1].split('"')[0])
        later = house.booked(arrive=TODAY + 20 * DAY, phone="13900000002")
        page = operator.send("/operator/notices", up_to_id=newest)
        assert "1 条通知已标为看过" in page
        assert "1 条新通知" in page
        assert group_code(house.code(later)) in page

    def test_somebody_elses_notices_and_guests_are_not_there(
        self, operator: Browser, house: House, neighbour: House
    ) -> None:
        theirs = neighbour.booked(arrive=TODAY)
        page = operator.open("/operator/")
        assert group_code(neighbour.code(theirs)) not in page
        assert "没有新通知" in page
        operator.send("/operator/notices", up_to_id=10**6)
        with house.services.database.read() as session:
            assert unread(session, enterprise_id=neighbour.room.enterprise_id)[1] == 1

    def test_a_notice_of_a_change_says_what_was_and_what_is(
        self, operator: Browser, house: House
    ) -> None:
        booking_id = house.booked(arrive=TODAY + 20 * DAY, nights=7)
        operator.open("/operator/")
        for nights, adults in ((5, 2), (5, 1)):
            with house.services.database.write() as session:
                change_service.change(
                    UnitOfWork(
                        session, now=house.clock.now(), actor=TRAVELLER, ids=house.services.ids
                    ),
                    change_service.ChangeBooking(
                        booking_id=booking_id,
                        wish=StaySelection(
                            house.room.room_type_id,
                            Stay.of(TODAY + 20 * DAY, nights),
                            rooms=1,
                            party=Party(adults),
                            board=Board.ROOM_ONLY,
                        ),
                        expected_fen=None,
                    ),
                )
            house.work()
        page = operator.open("/operator/")
        items = [part.split("</li>\n          <li>")[0] for part in page.split("订单改了")[1:]]
        people, dates = items
        assert "总价" not in people
        assert re.search(r"人数：.*2 位大人.* → <strong>1 位大人", people)
        assert re.search(r"日期：.*7晚.* → <strong>.*5晚", dates)
        assert re.search(r"总价：.*¥1,400</span> → <strong>¥1,000</strong>", dates)
        with house.services.database.read() as session:
            texts = [message.text for message in latest(session) if message.what == "changed"]
        assert any("总价 ¥1,400.00 → ¥1,000.00" in text for text in texts)

    def test_a_notice_of_a_cancellation_says_why_and_what_stays(
        self, operator: Browser, house: House
    ) -> None:
        booking_id = house.booked(arrive=TODAY + 2 * DAY)
        house.clock.advance(hours=1)
        with house.services.database.write() as session:
            cancel(
                session,
                booking_id=booking_id,
                reason=ReasonCode.TRAVELLER_HEALTH,
                expected_refund_fen=None,
                actor=TRAVELLER,
                ids=house.services.ids,
                now=house.clock.now(),
            )
        house.work()
        page = operator.open("/operator/")
        assert "取消原因：身体原因" in page
        assert "留下的费用：¥" in page

    def test_a_guest_who_is_late_is_asked_for(self, operator: Browser, house: House) -> None:
        house.booked(arrive=TODAY)
        house.clock.advance(days=1)
        operator.sign_in("front")
        assert "该到还没到" in operator.open("/operator/")


class TestArrivals:
    def test_the_list_of_a_day(self, operator: Browser, house: House) -> None:
        house.booked(arrive=TODAY + 3 * DAY, phone="13912345678")
        page = operator.open(f"/operator/arrivals?day={TODAY + 3 * DAY}")
        assert "13912345678" in page
        assert "data-print" in page
        assert "这一天没有客人到" in operator.open("/operator/arrivals?day=not-a-day")


class TestCheckIn:
    def test_by_the_code_as_it_is_read_aloud_then_confirmed(
        self, operator: Browser, house: House
    ) -> None:
        booking_id = house.booked(arrive=TODAY)
        operator.open("/operator/check-in")
        spoken = group_code(house.code(booking_id)).lower()
        page = operator.send("/operator/check-in", code=f" {spoken} ")
        assert "核对并办理入住" in page
        assert house.desk.booking(booking_id).state is BookingState.CONFIRMED
        assert "入住办好了" in operator.send(f"/operator/bookings/{booking_id}/check-in")
        assert house.desk.booking(booking_id).state is BookingState.IN_STAY
        with house.services.database.read() as session:
            last = entries_for(session, subject=("booking", booking_id))[-1]
        assert (last.action, last.actor.kind) == ("booking.checked_in", "staff")

    def test_a_second_time_is_refused(self, operator: Browser, house: House) -> None:
        booking_id = house.booked(arrive=TODAY)
        operator.open(f"/operator/bookings/{booking_id}/check-in")
        operator.send(f"/operator/bookings/{booking_id}/check-in")
        page = operator.send(f"/operator/bookings/{booking_id}/check-in", expect=409)
        assert "没有办成" in page
        with house.services.database.read() as session:
            story = entries_for(session, subject=("booking", booking_id))
        assert [entry.action for entry in story].count("booking.checked_in") == 1

    def test_before_the_arrival_day(self, operator: Browser, house: House) -> None:
        booking_id = house.booked(arrive=TODAY + 5 * DAY)
        operator.open("/operator/check-in")
        page = operator.open(f"/operator/bookings/{booking_id}/check-in", expect=200, follow=True)
        assert "现在不能办理入住" in page
        page = operator.send(f"/operator/bookings/{booking_id}/check-in", expect=409)
        assert (TODAY + 5 * DAY).isoformat() in page

    def test_somebody_elses_code_is_unknown_here(self, operator: Browser, neighbour: House) -> None:
        booking_id = neighbour.booked(arrive=TODAY)
        operator.open("/operator/check-in")
        page = operator.send("/operator/check-in", expect=404, code=neighbour.code(booking_id))
        assert "没有这个订单号的订单" in page
        operator.send(f"/operator/bookings/{booking_id}/check-in", expect=404)
        assert neighbour.desk.booking(booking_id).state is BookingState.CONFIRMED

    def test_codes_cannot_be_tried_without_end(self, operator: Browser) -> None:
        operator.open("/operator/check-in")
        form = {"csrf_token": operator.token, "code": "222"}
        answers = [
            operator.client.post("/operator/check-in", data=form).status_code for _ in range(121)
        ]
        assert set(answers[:120]) == {404}
        assert answers[120] == 429
