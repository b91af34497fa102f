"""Changes upon changes: no order of steps makes a stay cheaper than it is in one."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from marketplace.booking.changes import room_swap
from marketplace.booking.changes.room_swap import RoomOf, SwapRooms
from marketplace.booking.items import BookingItem
from marketplace.booking.lifecycle import return_rights, scheduled_jobs, stay_lifecycle, transitions
from marketplace.booking.models import BookingChange, ReturnRight
from marketplace.booking.states import BookingState, ReturnState, WrongState
from marketplace.inventory import calendar
from marketplace.inventory.calendar import CalendarEdit
from marketplace.kernel.audit import TRAVELLER
from marketplace.kernel.db import Database
from marketplace.kernel.stay import Stay
from marketplace.kernel.unit_of_work import UnitOfWork
from tests.concurrency.rush import taken
from tests.factories import TODAY, Room, make_room
from tests.support.booking import Desk, make_desk
from tests.support.changing import (
    ARRIVE,
    NIGHT,
    OFF,
    STAFF,
    arrive,
    assert_clean,
    cancel,
    change,
    changed,
    days,
    longer,
    pass_days,
    prepaid,
    quoted,
    refunded,
    reprice,
    wish_of,
)


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database)


def nights(desk: Desk, booking_id: str, count: int) -> object:
    booking = desk.booking(booking_id)
    return wish_of(desk, booking_id, check_out=booking.starts_on + days(count))


def shorten(desk: Desk, booking_id: str, count: int) -> None:
    changed(desk, booking_id, nights(desk, booking_id, count))  # type: ignore[arg-type]


def kept(desk: Desk, booking_id: str, paid: int) -> int:
    """What the house keeps beyond the stay as it is now, in fen."""
    booking = desk.booking(booking_id)
    left = booking.total_fen if booking.state is BookingState.CONFIRMED else 0
    return paid - refunded(desk) - left


class TestSwapped:
    def pair(self, desk: Desk) -> tuple[str, str, Room]:
        with desk.database.write() as session:
            dear = make_room(
                session, listing_id=desk.room.listing_id, days=200, capacity=2, list_fen=3 * NIGHT
            )
        first = desk.paid(nights=10)
        second = desk.paid(phone="13900000002", address="10.0.0.2", nights=10, room=dear)
        desk.clock.advance(hours=1)
        return first, second, dear

    def swap(self, desk: Desk, first: str, second: str) -> None:
        with desk.database.write() as session:
            room_swap.swap(
                UnitOfWork(session, now=desk.clock.now(), actor=STAFF, ids=desk.ids),
                SwapRooms(RoomOf(first), RoomOf(second), desk.room.enterprise_id),
            )

    def test_swapped_back_nobody_stays_for_nothing(self, desk: Desk) -> None:
        first, second, _ = self.pair(desk)
        self.swap(desk, first, second)
        self.swap(desk, first, second)
        assert refunded(desk) == 20 * NIGHT
        assert desk.booking(first).total_fen == 10 * NIGHT
        assert_clean(desk)

    def test_who_was_given_a_dearer_room_gets_no_more_back_than_they_paid_for(
        self, desk: Desk
    ) -> None:
        first, second, _ = self.pair(desk)
        self.swap(desk, first, second)
        back = wish_of(desk, first, room_type_id=desk.room.room_type_id)
        assert quoted(desk, first, back).refund_fen == 0
        assert quoted(desk, first, nights(desk, first, 6)).refund_fen == 4 * NIGHT  # type: ignore[arg-type]

    def test_a_night_that_was_closed_since_is_no_obstacle(self, desk: Desk) -> None:
        first, second, dear = self.pair(desk)
        for pool in (desk.room.pool_id, dear.pool_id):
            with desk.database.write() as session:
                edit = CalendarEdit(pool, ARRIVE, ARRIVE, closed=True)
                calendar.apply(session, edit=edit, actor=STAFF, now=desk.clock.now())
        self.swap(desk, first, second)
        assert desk.booking(first).room.room_type_id == dear.room_type_id
        assert_clean(desk)


class TestPromised:
    def test_a_price_that_rises_while_it_is_being_paid_is_not_asked_for(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=30)
        change(desk, booking_id, longer(desk, booking_id, 10))
        reprice(desk, 2 * NIGHT, range(70, 80))
        desk.pay_change(booking_id)
        assert desk.booking(booking_id).total_fen == 40 * OFF
        assert_clean(desk)

    def test_paid_after_midnight_of_the_last_day_no_night_goes_missing(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=5)
        arrive(desk, booking_id, after=5)
        desk.clock.advance(seconds=(_midnight(desk) - desk.clock.now()).total_seconds() - 300)
        change(desk, booking_id, longer(desk, booking_id, 3))
        desk.clock.advance(minutes=10)
        desk.pay_change(booking_id)
        booking = desk.booking(booking_id)
        assert (booking.ends_on - booking.starts_on).days == 8
        assert booking.total_fen == 8 * NIGHT
        assert len(taken(desk.database, desk.room.pool_id)) == 8
        assert_clean(desk)

    def test_a_stay_that_is_over_is_not_changed_before_it_is_completed(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=5)
        arrive(desk, booking_id, after=5)
        desk.clock.advance(days=1)
        with pytest.raises(WrongState):
            quoted(desk, booking_id, longer(desk, booking_id, 3))


def _midnight(desk: Desk) -> dt.datetime:
    from_shanghai = stay_lifecycle.shanghai_date(desk.clock.now()) + days(1)
    return transitions.cancellation_rules.shanghai_midnight(from_shanghai)


class TestCancelledAfterwards:
    def test_moved_away_first_it_costs_the_same(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=60)
        desk.clock.advance(days=30)
        later = ARRIVE + days(80)
        changed(
            desk, booking_id, wish_of(desk, booking_id, check_in=later, check_out=later + days(60))
        )
        cancel(desk, booking_id)
        assert kept(desk, booking_id, 60 * OFF) == 60 * OFF * 4 // 10
        assert prepaid(desk) == 0
        assert_clean(desk)

    def test_cut_short_first_everything_that_is_left_is_kept(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=60)
        desk.clock.advance(days=38)
        shorten(desk, booking_id, 31)
        shorten(desk, booking_id, 8)
        before = refunded(desk)
        cancel(desk, booking_id)
        # Cancelling eight nights alone would keep 60 % of them.
        assert refunded(desk) == before
        assert prepaid(desk) == 0
        assert_clean(desk)


class TestCutShortInSteps:
    def test_steps_of_one_day_count_as_one_as_far_as_the_last_can_bear_it(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=12)
        arrive(desk, booking_id, after=2)
        in_one = quoted(desk, booking_id, nights(desk, booking_id, 8))  # type: ignore[arg-type]
        assert in_one.fee_fen == 4 * NIGHT * 6 // 10
        for count in (10, 9, 8):
            shorten(desk, booking_id, count)
        # 40 % of two and of three nights, then 60 % of all four: the last night bears 20,000.
        assert 4 * NIGHT - refunded(desk) == 2 * NIGHT * 4 // 10 + NIGHT * 4 // 10 + NIGHT
        assert_clean(desk)

    def test_used_nights_are_charged_at_list_price_once(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=80)
        arrive(desk, booking_id, after=10)
        shorten(desk, booking_id, 70)
        pass_days(desk, 5)
        again = quoted(desk, booking_id, nights(desk, booking_id, 60))  # type: ignore[arg-type]
        assert again.fee_fen == 5 * (NIGHT - OFF)

    def test_within_half_an_hour_of_paying_nothing_is_kept(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=30, arrive=TODAY + days(3))
        shorten(desk, booking_id, 20)
        assert refunded(desk) == 30 * OFF - 20 * NIGHT
        cancel(desk, booking_id)
        assert refunded(desk) == 30 * OFF
        assert_clean(desk)

    def test_what_was_kept_is_not_called_taken_back(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=60)
        arrive(desk, booking_id, after=10)
        first = desk.booking(booking_id).room.selection
        shorten(desk, booking_id, 50)
        again = quoted(desk, booking_id, first)
        assert (again.taken_back, again.pay_fen) == (False, 10 * OFF)


def test_the_rest_that_we_add_for_a_rehoused_guest_falls_with_the_stay(desk: Desk) -> None:
    booking_id = desk.paid(nights=30)
    with desk.database.write() as session:
        session.execute(sa.update(BookingItem).values(topup_fen=81_000))
    desk.clock.advance(hours=1)
    shorten(desk, booking_id, 10)
    assert desk.booking(booking_id).topup_fen == 27_000


def test_a_hold_of_next_summer_that_is_paid_late_uses_the_right_once(database: Database) -> None:
    desk = make_desk(database, capacity=2, days=500)
    start = TODAY + days(10)
    booking_id = desk.paid(arrive=start, nights=30)
    desk.clock.advance(days=10)
    desk.check_in(booking_id)
    pass_days(desk, 31)
    with desk.database.write() as session:
        made = return_rights.accept(
            UnitOfWork(session, now=desk.clock.now(), actor=TRAVELLER, ids=desk.ids),
            return_rights.TakeRight(
                booking_id=booking_id,
                expected_total_fen=None,
                address="10.0.0.1",
                consent_version="1",
                consent_recipient="示例森林小屋",
            ),
            commission_bp=1000,
        ).id
    token = desk.open_payment(made)
    with desk.database.write() as session:  # the gateway did not answer us, and lets it be paid
        booking = transitions.locked(session, made)
        booking.state, booking.ended_at = BookingState.EXPIRED, desk.clock.now()
        transitions.give_back(session, holder=made, now=desk.clock.now())
    scheduled_jobs.watch_returns(desk.money)
    desk.press(token)
    scheduled_jobs.look_up_payments(desk.money, made)
    assert desk.booking(made).state is BookingState.CONFIRMED
    with desk.database.read() as session:
        assert session.scalars(sa.select(ReturnRight.state)).one() is ReturnState.TAKEN
        assert session.scalar(sa.select(sa.func.count()).select_from(BookingChange)) == 0
    summer = Stay(desk.booking(made).starts_on, desk.booking(made).ends_on).days()
    held = taken(desk.database, desk.room.pool_id)
    assert {held[day] for day in summer} == {1}
    assert_clean(desk)
