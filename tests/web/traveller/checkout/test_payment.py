"""What happens to the money, as the traveller sees it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from marketplace import tasks
from marketplace.booking.models import Booking
from marketplace.booking.states import BookingState
from marketplace.bootstrap import Services
from marketplace.inventory.models import ClaimKind
from marketplace.inventory.service import Want, give_back, take
from marketplace.kernel.clock import SetClock
from marketplace.kernel.stay import Stay
from marketplace.payments.gateways.port import CloseResult
from marketplace.payments.gateways.simulated import SimulatedGateway
from marketplace.payments.models import Payment
from marketplace.payments.states import PaymentState
from tests.factories import Room
from tests.web.traveller.journey import Journey


def state_of(services: Services, booking_id: str) -> BookingState:
    with services.database.read() as session:
        found = session.get(Booking, booking_id)
    assert found is not None
    return found.state


def test_a_failed_payment_can_be_tried_again(journey: Journey, services: Services) -> None:
    booking_id = journey.press("card_fail")
    page = journey.visitor.page
    assert page.path == f"/booking/{booking_id}/pay"
    assert "上一次没有付成，没有扣款" in page.text
    journey.visitor.send("/pay")
    journey.visitor.send(journey.visitor.page.path, action="alipay_ok")
    assert state_of(services, booking_id) is BookingState.CONFIRMED


def test_a_payment_on_its_way_is_waited_for(
    journey: Journey, services: Services, clock: SetClock
) -> None:
    booking_id = journey.press("late")
    assert "正在确认付款" in journey.visitor.page.text
    page = journey.visitor.open(f"/booking/{booking_id}/return")
    assert "请不要再付一次" in page.text
    clock.advance(minutes=3)
    page = journey.visitor.open(f"/booking/{booking_id}/return")
    assert page.path == f"/booking/{booking_id}"
    assert state_of(services, booking_id) is BookingState.CONFIRMED


def test_money_of_a_wrong_amount_does_not_buy_the_room(
    journey: Journey, services: Services
) -> None:
    booking_id = journey.press("wrong_amount")
    assert "收到的金额和应付的不一样" in journey.visitor.page.text
    assert state_of(services, booking_id) is BookingState.HELD


def test_leaving_the_gateway_without_paying_leads_back_to_the_hold(
    journey: Journey, services: Services
) -> None:
    booking_id = journey.hold()
    sim = journey.visitor.send("/pay")
    back = next(link for link in sim.links if link.endswith("/return"))
    page = journey.visitor.open(back)
    assert page.path == f"/booking/{booking_id}/pay"


def test_a_page_that_was_paid_on_shows_the_result(journey: Journey) -> None:
    booking_id = journey.hold()
    sim = journey.visitor.send("/pay").path
    journey.visitor.send(sim, action="alipay_ok")
    assert journey.visitor.open(sim).path == f"/booking/{booking_id}"


def hold_longer_than_its_page(journey: Journey, clock: SetClock) -> tuple[str, str]:
    """Open a page to pay on, and extend the hold until that page is over; returns both."""
    booking_id = journey.hold()
    sim = journey.visitor.send("/pay").path
    clock.advance(minutes=29)
    journey.visitor.open(f"/booking/{booking_id}/pay")
    journey.visitor.send("/extend")
    return booking_id, sim


def test_a_page_that_ran_out_is_closed_before_another_is_opened(
    journey: Journey, services: Services, clock: SetClock
) -> None:
    booking_id, first = hold_longer_than_its_page(journey, clock)
    clock.advance(minutes=2)
    second = journey.visitor.send("/pay").path
    assert second != first
    with services.database.read() as session:
        states = session.scalars(sa.select(Payment.state).order_by(Payment.key)).all()
    assert states == [PaymentState.CLOSED, PaymentState.OPEN]
    journey.visitor.send(second, action="alipay_ok")
    assert state_of(services, booking_id) is BookingState.CONFIRMED


def test_what_was_paid_in_the_last_second_of_a_page_is_not_asked_for_again(
    journey: Journey, services: Services, clock: SetClock
) -> None:
    booking_id, first = hold_longer_than_its_page(journey, clock)
    services.gateways.default.press(first.rsplit("/", 1)[1], "alipay_ok")  # and never came back
    clock.advance(minutes=2)
    page = journey.visitor.send("/pay")
    assert page.path == f"/booking/{booking_id}"
    assert state_of(services, booking_id) is BookingState.CONFIRMED
    with services.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Payment)) == 1


def test_while_a_page_that_ran_out_cannot_be_asked_about_no_other_is_opened(
    journey: Journey, services: Services, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_longer_than_its_page(journey, clock)
    clock.advance(minutes=2)
    monkeypatch.setattr(SimulatedGateway, "close_payment", lambda *_: CloseResult.UNKNOWN)
    page = journey.visitor.send("/pay")
    assert page.status == 409
    assert "上一次付款还没有结果" in page.text


def test_an_expired_hold_is_not_paid_for(
    journey: Journey, services: Services, clock: SetClock
) -> None:
    booking_id = journey.hold()
    page = journey.visitor.page
    clock.advance(minutes=31)
    journey.visitor.page = page
    shown = journey.visitor.send("/pay")
    assert shown.path == f"/booking/{booking_id}"
    assert "保留的时间已过" in shown.text
    clock.advance(minutes=10)
    assert tasks.expire_holds(services) == 1
    assert "保留已到时间" in journey.visitor.open(f"/booking/{booking_id}").text


def test_late_money_confirms_a_hold_that_is_still_there(
    journey: Journey, services: Services, clock: SetClock
) -> None:
    booking_id = journey.hold(rooms=2)
    sim = journey.visitor.send("/pay")
    clock.advance(minutes=29)
    journey.visitor.send(sim.path, action="late")
    clock.advance(minutes=15)
    # The sweep finds the money before it gives the rooms away.
    assert tasks.expire_holds(services) == 0
    page = journey.visitor.open(f"/booking/{booking_id}")
    assert "订好了" in page.text


def test_money_after_the_rooms_are_gone_is_returned_and_said(
    journey: Journey, services: Services, clock: SetClock, loaded: Room
) -> None:
    booking_id = journey.hold(rooms=2)
    sim = journey.visitor.send("/pay")
    clock.advance(minutes=29)
    journey.visitor.send(sim.path, action="alipay_ok", follow=False)
    _lose_the_rooms(services, booking_id, loaded, clock.now())
    page = journey.visitor.open(f"/booking/{booking_id}/return")
    assert page.path == f"/booking/{booking_id}"
    assert "您的付款到得晚了" in page.text
    assert "退款¥10,200" in page.text
    assert state_of(services, booking_id) is BookingState.EXPIRED


def _lose_the_rooms(services: Services, booking_id: str, room: Room, now: dt.datetime) -> None:
    """Let the hold end while its payment is unknown to us, and somebody else take the rooms."""
    with services.database.write() as session:
        booking = session.get(Booking, booking_id)
        assert booking is not None
        booking.state = BookingState.EXPIRED
        booking.ended_at = now
        give_back(session, holder=booking_id, now=now)
        take(
            session,
            wants=[Want(room.pool_id, Stay(booking.starts_on, booking.ends_on), 1)],
            kind=ClaimKind.BOOKING,
            holder="somebody else",
            now=now,
        )


def test_the_gateway_is_told_nothing_about_the_person(
    journey: Journey, gateway_reports: Callable[[], int]
) -> None:
    journey.hold()
    page = journey.visitor.send("/pay")
    for secret in ("王秀兰", "13800138000"):
        assert secret not in page.html


def test_the_simulated_page_knows_only_its_buttons(journey: Journey) -> None:
    journey.hold()
    sim = journey.visitor.send("/pay").path
    assert journey.visitor.send(sim, action="gold").status == 404
    assert journey.visitor.open("/pay/sim/unknown").status == 404
