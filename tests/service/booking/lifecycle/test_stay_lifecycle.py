"""The life of a booking, from hold to the end, with its stock and its money."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from catalog.sale import NotBookable
from catalog.service import suspend
from marketplace.booking.contract.placement import PriceChanged
from marketplace.booking.items import BookingPart
from marketplace.booking.lifecycle import scheduled_jobs, stay_lifecycle, transitions
from marketplace.booking.lifecycle.transitions import HoldExpired, NoMoreExtensions, RefundChanged
from marketplace.booking.states import BookingState, ReasonCode, WrongState
from marketplace.inventory.service import SoldOut
from marketplace.kernel.audit import TRAVELLER, Actor
from marketplace.kernel.db import Database
from marketplace.kernel.errors import Invalid, NotFound
from marketplace.operations import invariants
from marketplace.payments.gateways import gateway_calls
from marketplace.payments.gateways.simulated import SessionOver
from marketplace.payments.ledger import postings
from marketplace.payments.models import Refund
from marketplace.staff_tasks.models import StaffTask
from tests.concurrency.rush import taken
from tests.factories import TODAY
from tests.support.booking import Desk, make_desk

TOTAL = 30 * 20_000 * 85 // 100
STAFF = Actor("staff", "1")


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database)


def cancel(desk: Desk, booking_id: str, expected: int | None = None) -> None:
    with desk.database.write() as session:
        transitions.cancel(
            session,
            booking_id=booking_id,
            reason=ReasonCode.TRAVELLER_CHANGED_PLANS,
            expected_refund_fen=expected,
            actor=TRAVELLER,
            ids=desk.ids,
            now=desk.clock.now(),
        )


def send_refunds(desk: Desk) -> None:
    with desk.database.read() as session:
        refund_ids = session.scalars(sa.select(Refund.id)).all()
    for refund_id in refund_ids:
        gateway_calls.submit_refund(
            desk.database, desk.gateways, refund_id=refund_id, clock=desk.clock
        )
    desk.clock.advance(minutes=5)
    gateway_calls.poll_refunds(desk.database, desk.gateways, clock=desk.clock)


def balance(desk: Desk, code: postings.AccountCode) -> int:
    with desk.database.read() as session:
        return postings.balance(session, code)


def assert_clean(desk: Desk) -> None:
    """Every invariant but those about waiting: nothing delivers the outbox in these tests."""
    report = invariants.check(desk.database, now=desk.clock.now())
    waiting = {"nothing_owed_too_long", "audit_chain"}
    assert {k: v for k, v in report.faults.items() if v and k not in waiting} == {}


class TestHold:
    def test_it_takes_every_night_at_the_agreed_price(self, desk: Desk) -> None:
        booking = desk.booking(desk.hold(expected=TOTAL))
        assert booking.state is BookingState.HELD
        assert booking.total_fen == TOTAL
        assert booking.expires_at - booking.placed_at == dt.timedelta(minutes=30)
        assert booking.release_at - booking.expires_at == dt.timedelta(minutes=10)
        assert set(taken(desk.database, desk.room.pool_id).values()) == {1}
        assert len(taken(desk.database, desk.room.pool_id)) == 30
        with desk.database.read() as session:
            nights = session.scalars(
                sa.select(BookingPart).where(BookingPart.booking_id == booking.id)
            ).all()
        assert sum(night.sold_fen for night in nights) == TOTAL
        assert sum(night.commission_fen for night in nights) == TOTAL // 10
        assert_clean(desk)

    def test_a_price_that_moved_is_said_and_nothing_is_taken(self, desk: Desk) -> None:
        with pytest.raises(PriceChanged) as refused:
            desk.hold(expected=TOTAL - 1)
        assert refused.value.extra == {"total_fen": TOTAL}
        assert taken(desk.database, desk.room.pool_id) == {}

    def test_the_last_room_is_sold_once(self, desk: Desk) -> None:
        desk.hold(rooms=2)
        with pytest.raises(SoldOut):
            desk.hold(phone="13900000002", nights=1)
        assert_clean(desk)

    @pytest.mark.parametrize(
        ("wish", "field"),
        [
            ({"nights": 91}, "nights"),
            ({"rooms": 0}, "rooms"),
            ({"arrive": TODAY - dt.timedelta(days=1)}, "arrive"),
        ],
    )
    def test_the_rules_are_named(self, desk: Desk, wish: dict[str, object], field: str) -> None:
        with pytest.raises(Invalid) as refused:
            desk.hold(**wish)  # type: ignore[arg-type]
        assert field in refused.value.fields

    def test_a_suspended_enterprise_takes_no_booking(self, desk: Desk) -> None:
        with desk.database.write() as session:
            suspend(
                session,
                enterprise_id=desk.room.enterprise_id,
                reason="许可证到期",
                actor=STAFF,
                now=desk.clock.now(),
            )
        with pytest.raises(NotBookable):
            desk.hold()


class TestTime:
    def test_extended_three_times_then_no_more(self, desk: Desk) -> None:
        booking_id = desk.hold()
        for _ in range(3):
            desk.clock.advance(minutes=20)
            with desk.database.write() as session:
                transitions.extend(
                    session, booking_id=booking_id, actor=TRAVELLER, now=desk.clock.now()
                )
        with desk.database.write() as session, pytest.raises(NoMoreExtensions):
            transitions.extend(
                session, booking_id=booking_id, actor=TRAVELLER, now=desk.clock.now()
            )
        booking = desk.booking(booking_id)
        assert booking.expires_at - booking.placed_at == dt.timedelta(hours=2)

    def test_after_half_an_hour_it_cannot_be_paid_and_ten_minutes_later_it_is_free(
        self, desk: Desk
    ) -> None:
        booking_id = desk.hold()
        desk.clock.advance(minutes=31)
        with pytest.raises(HoldExpired):
            desk.open_payment(booking_id)
        assert scheduled_jobs.expire_due(desk.money) == 0
        desk.clock.advance(minutes=10)
        assert scheduled_jobs.expire_due(desk.money) == 1
        assert scheduled_jobs.expire_due(desk.money) == 0
        assert desk.booking(booking_id).state is BookingState.EXPIRED
        assert taken(desk.database, desk.room.pool_id) == {}
        assert_clean(desk)

    def test_a_payment_made_in_time_wins_over_expiry(self, desk: Desk) -> None:
        booking_id = desk.hold()
        desk.press(desk.open_payment(booking_id))
        desk.clock.advance(minutes=41)
        assert scheduled_jobs.expire_due(desk.money) == 0
        assert desk.booking(booking_id).state is BookingState.CONFIRMED
        assert_clean(desk)

    def test_an_open_payment_is_closed_before_the_stock_goes_back(self, desk: Desk) -> None:
        booking_id = desk.hold()
        token = desk.open_payment(booking_id)
        desk.clock.advance(minutes=41)
        assert scheduled_jobs.expire_due(desk.money) == 1
        with pytest.raises(SessionOver):
            desk.press(token)
        assert desk.booking(booking_id).state is BookingState.EXPIRED
        assert_clean(desk)


class TestPaying:
    def test_it_confirms(self, desk: Desk) -> None:
        booking_id = desk.hold()
        desk.pay(booking_id)
        booking = desk.booking(booking_id)
        assert booking.state is BookingState.CONFIRMED
        assert balance(desk, postings.CUSTOMER_PREPAID) == -TOTAL
        assert_clean(desk)

    def test_a_failed_attempt_can_be_followed_by_a_good_one(self, desk: Desk) -> None:
        booking_id = desk.hold()
        desk.pay(booking_id, "card_fail")
        assert desk.booking(booking_id).state is BookingState.HELD
        desk.pay(booking_id)
        assert desk.booking(booking_id).state is BookingState.CONFIRMED
        assert_clean(desk)

    def test_a_wrong_amount_waits_for_staff_and_goes_back_when_the_hold_ends(
        self, desk: Desk
    ) -> None:
        booking_id = desk.hold()
        desk.pay(booking_id, "wrong_amount")
        assert desk.booking(booking_id).state is BookingState.HELD
        assert balance(desk, postings.SUSPENSE_RECEIPTS) == -(TOTAL - 100)
        with desk.database.read() as session:
            assert session.scalar(sa.select(StaffTask.kind)) == "wrong_amount"
        assert_clean(desk)
        desk.clock.advance(minutes=41)
        assert scheduled_jobs.expire_due(desk.money) == 1
        send_refunds(desk)
        assert balance(desk, postings.SUSPENSE_RECEIPTS) == 0
        assert balance(desk, postings.REFUND_DUE) == 0
        assert_clean(desk)


class TestLateMoney:
    def late(self, desk: Desk) -> str:
        """A hold whose payment the gateway could neither close nor deny, and that then expired."""
        booking_id = desk.hold()
        token = desk.open_payment(booking_id)
        desk.press(token, "late")
        desk.clock.advance(minutes=1)
        with desk.database.write() as session:
            session.execute(sa.text("UPDATE payment SET state = 'closed'"))
        desk.clock.advance(minutes=45)
        assert scheduled_jobs.expire_due(desk.money) == 1
        return booking_id

    def fact(self, desk: Desk, booking_id: str) -> None:
        with desk.database.read() as session:
            ref = session.scalar(sa.text("SELECT ref FROM payment"))
        scheduled_jobs.apply_fetched(
            desk.money, desk.gateway.fetch_payment(str(ref)), gateway="simulated"
        )

    def test_it_takes_the_rooms_again_if_they_are_free(self, desk: Desk) -> None:
        booking_id = self.late(desk)
        self.fact(desk, booking_id)
        assert desk.booking(booking_id).state is BookingState.CONFIRMED
        assert set(taken(desk.database, desk.room.pool_id).values()) == {1}
        assert_clean(desk)

    def test_it_goes_back_in_full_if_they_are_gone(self, desk: Desk) -> None:
        booking_id = self.late(desk)
        desk.hold(phone="13900000009", rooms=2, nights=40)
        self.fact(desk, booking_id)
        assert desk.booking(booking_id).state is BookingState.EXPIRED
        send_refunds(desk)
        assert balance(desk, postings.CUSTOMER_PREPAID) == 0
        assert balance(desk, postings.REFUND_DUE) == 0
        with desk.database.read() as session:
            assert session.scalar(sa.select(StaffTask.kind)) == "late_payment_refunded"
        assert_clean(desk)

    def test_it_goes_back_if_the_enterprise_was_suspended(self, desk: Desk) -> None:
        booking_id = self.late(desk)
        with desk.database.write() as session:
            suspend(
                session,
                enterprise_id=desk.room.enterprise_id,
                reason="检查",
                actor=STAFF,
                now=desk.clock.now(),
            )
        self.fact(desk, booking_id)
        assert desk.booking(booking_id).state is BookingState.EXPIRED
        assert balance(desk, postings.CUSTOMER_PREPAID) == 0
        assert_clean(desk)


class TestCancelling:
    def test_undo_gives_everything_back(self, desk: Desk) -> None:
        booking_id = desk.hold()
        desk.pay(booking_id)
        cancel(desk, booking_id, expected=TOTAL)
        send_refunds(desk)
        booking = desk.booking(booking_id)
        assert (booking.state, booking.reason) == (BookingState.CANCELLED, ReasonCode.UNDO)
        assert taken(desk.database, desk.room.pool_id) == {}
        assert balance(desk, postings.CUSTOMER_PREPAID) == 0
        assert_clean(desk)

    def test_twenty_days_before_a_fifth_is_kept(self, desk: Desk) -> None:
        booking_id = desk.hold()
        desk.pay(booking_id)
        desk.clock.advance(days=20)
        cancel(desk, booking_id)
        send_refunds(desk)
        booking = desk.booking(booking_id)
        assert booking.fee_fen == TOTAL // 5
        assert balance(desk, postings.COMMISSION) == -(TOTAL // 50)
        assert balance(desk, postings.OPERATOR_PAYABLE) == -(TOTAL // 5 - TOTAL // 50)
        assert balance(desk, postings.CUSTOMER_PREPAID) == 0
        assert_clean(desk)

    def test_a_sum_shown_before_midnight_is_not_kept_silently(self, desk: Desk) -> None:
        booking_id = desk.hold()
        desk.pay(booking_id)
        desk.clock.advance(days=20)
        with pytest.raises(RefundChanged):
            cancel(desk, booking_id, expected=TOTAL)
        assert desk.booking(booking_id).state is BookingState.CONFIRMED

    def test_twice_is_refused(self, desk: Desk) -> None:
        booking_id = desk.hold()
        desk.pay(booking_id)
        cancel(desk, booking_id)
        with pytest.raises(WrongState):
            cancel(desk, booking_id)
        assert_clean(desk)

    def test_money_for_a_hold_that_was_given_up_goes_back(self, desk: Desk) -> None:
        booking_id = desk.hold()
        desk.press(desk.open_payment(booking_id))
        cancel(desk, booking_id)
        scheduled_jobs.close_payments(desk.money, booking_id)
        assert desk.booking(booking_id).state is BookingState.CANCELLED
        assert balance(desk, postings.CUSTOMER_PREPAID) == 0
        assert_clean(desk)


class TestStaying:
    def arrive(self, desk: Desk) -> str:
        booking_id = desk.hold()
        desk.pay(booking_id)
        desk.clock.advance(days=40)
        desk.check_in(booking_id)
        return booking_id

    def test_nights_are_earned_as_delivered_until_nothing_is_prepaid(self, desk: Desk) -> None:
        booking_id = self.arrive(desk)
        desk.clock.advance(days=10)
        scheduled_jobs.advance_stays(desk.money)
        scheduled_jobs.advance_stays(desk.money)
        assert balance(desk, postings.CUSTOMER_PREPAID) == -(TOTAL - TOTAL // 3)
        desk.clock.advance(days=21)
        scheduled_jobs.advance_stays(desk.money)
        assert desk.booking(booking_id).state is BookingState.COMPLETED
        assert balance(desk, postings.CUSTOMER_PREPAID) == 0
        assert balance(desk, postings.COMMISSION) == -TOTAL // 10
        assert_clean(desk)

    def test_too_early_or_another_enterprise_is_refused(self, desk: Desk) -> None:
        booking_id = desk.hold()
        desk.pay(booking_id)
        for enterprise_id, refusal in (
            (desk.room.enterprise_id, stay_lifecycle.NotToday),
            (desk.room.enterprise_id + 1, NotFound),
        ):
            with desk.database.write() as session, pytest.raises(refusal):
                stay_lifecycle.check_in(
                    session,
                    booking_id=booking_id,
                    enterprise_id=enterprise_id,
                    actor=STAFF,
                    now=desk.clock.now(),
                )

    def test_who_never_comes_is_charged_by_the_policy_and_frees_the_rest(self, desk: Desk) -> None:
        booking_id = desk.hold()
        desk.pay(booking_id)
        desk.clock.advance(days=42)
        scheduled_jobs.advance_stays(desk.money)
        send_refunds(desk)
        booking = desk.booking(booking_id)
        assert (booking.state, booking.fee_fen) == (BookingState.NO_SHOW, TOTAL * 8 // 10)
        assert len(taken(desk.database, desk.room.pool_id)) == 2
        assert_clean(desk)
