"""Staying longer: quoted first, paid, one transaction, stock and money exact."""

from __future__ import annotations

import dataclasses
import json

import pytest
import sqlalchemy as sa

from catalog.service import suspend
from marketplace.booking.changes import change_service
from marketplace.booking.changes.change_service import ChangePriceChanged
from marketplace.booking.lifecycle import scheduled_jobs, transitions
from marketplace.booking.states import (
    BookingState,
    ChangeState,
)
from marketplace.inventory import calendar
from marketplace.inventory.calendar import CalendarEdit
from marketplace.inventory.service import SoldOut
from marketplace.kernel.clock import shanghai_date, shanghai_midnight
from marketplace.kernel.db import Database
from marketplace.kernel.errors import DomainError
from marketplace.pricing import service as pricing
from marketplace.pricing.nights.restrictions import DayRule, Restricted
from marketplace.pricing.nights.terms import Terms
from tests.concurrency.rush import taken
from tests.factories import TODAY
from tests.support.booking import Desk, make_desk
from tests.support.changing import (
    ARRIVE,
    NIGHT,
    OFF,
    STAFF,
    TERMS,
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
    return make_desk(database, terms=TERMS)


class TestExtending:
    def test_more_nights_are_kept_while_they_are_paid_and_then_the_bookings(
        self, desk: Desk
    ) -> None:
        booking_id = desk.paid(nights=30)
        wish = longer(desk, booking_id, 10)
        quote = quoted(desk, booking_id, wish)
        assert (quote.pay_fen, quote.refund_fen, quote.fee_fen) == (10 * OFF, 0, 0)
        row = change(desk, booking_id, wish, expected_fen=quote.balance_fen)
        assert row.state is ChangeState.HELD
        assert desk.booking(booking_id).ends_on == ARRIVE + days(30)
        assert len(taken(desk.database, desk.room.pool_id)) == 40
        desk.pay_change(booking_id)
        booking = desk.booking(booking_id)
        assert booking.ends_on == ARRIVE + days(40)
        assert booking.total_fen == 40 * OFF
        assert set(taken(desk.database, desk.room.pool_id).values()) == {1}
        assert_clean(desk)

    def test_the_discount_of_the_longer_stay_counts_for_all_nights_to_come(
        self, desk: Desk
    ) -> None:
        booking_id = desk.paid(nights=29)
        changed(desk, booking_id, longer(desk, booking_id, 1))
        assert desk.booking(booking_id).total_fen == 30 * OFF
        assert refunded(desk) == 29 * NIGHT - 30 * OFF
        assert_clean(desk)

    def test_extended_and_taken_back_the_same_day_the_sum_is_the_first(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=30)
        first = desk.booking(booking_id)
        changed(desk, booking_id, longer(desk, booking_id, 11))
        back = quoted(desk, booking_id, first.room.selection)
        assert back.taken_back
        assert (back.fee_fen, back.refund_fen) == (0, 11 * OFF)
        changed(desk, booking_id, first.room.selection)
        again = desk.booking(booking_id)
        assert (again.total_fen, again.list_fen, again.room.price) == (
            first.total_fen,
            first.list_fen,
            first.room.price,
        )
        assert set(taken(desk.database, desk.room.pool_id)) == {ARRIVE + days(n) for n in range(30)}
        assert_clean(desk)

    def test_rows_that_write_out_their_defaults_say_the_same(self, desk: Desk) -> None:
        """Values are compared: by texts the paid change would be of another stay."""
        booking_id = desk.paid(nights=30)
        first = desk.booking(booking_id).room.selection
        row = change(desk, booking_id, longer(desk, booking_id, 11))
        assert row.state is ChangeState.HELD
        text = json.dumps(dataclasses.asdict(first), default=str, indent=1)
        with desk.database.write() as session:
            session.execute(sa.text("UPDATE booking_change SET was = :text"), {"text": text})
        desk.pay_change(booking_id)
        assert desk.booking(booking_id).ends_on == first.stay.check_out + days(11)
        assert quoted(desk, booking_id, first).taken_back
        assert_clean(desk)

    @pytest.mark.parametrize(("minutes", "taken_back"), [(9, True), (10, False)])
    def test_the_day_ends_at_midnight_in_shanghai(
        self, desk: Desk, minutes: int, taken_back: bool
    ) -> None:
        booking_id = desk.paid(nights=30)
        first = desk.booking(booking_id).room.selection
        midnight = shanghai_midnight(shanghai_date(desk.clock.now()) + days(1))
        desk.clock.advance(seconds=(midnight - desk.clock.now()).total_seconds() - 600)
        changed(desk, booking_id, longer(desk, booking_id, 10))
        desk.clock.advance(minutes=minutes)
        assert quoted(desk, booking_id, first).taken_back is taken_back

    def test_in_the_house_too_and_used_nights_are_not_touched(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=20)
        arrive(desk, booking_id, after=5)
        first = desk.booking(booking_id)
        changed(desk, booking_id, longer(desk, booking_id, 10))
        longer_one = desk.booking(booking_id)
        assert longer_one.total_fen == 5 * NIGHT + 25 * OFF
        changed(desk, booking_id, first.room.selection)
        assert desk.booking(booking_id).total_fen == first.total_fen
        pass_days(desk, 17)
        assert desk.booking(booking_id).state is BookingState.COMPLETED
        assert prepaid(desk) == 0
        assert_clean(desk)

    def test_new_nights_cost_what_they_cost_now_and_old_ones_what_they_did(
        self, desk: Desk
    ) -> None:
        booking_id = desk.paid(nights=30)
        reprice(desk, 30_000, range(200))
        changed(desk, booking_id, longer(desk, booking_id, 2))
        assert desk.booking(booking_id).total_fen == 30 * OFF + 2 * 25_500
        assert_clean(desk)

    def test_a_new_tariff_changes_nothing_for_who_has_booked(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=30)
        with desk.database.write() as session:
            pricing.put_tariff(
                session,
                room_type_id=desk.room.room_type_id,
                pool_id=desk.room.pool_id,
                terms=Terms(),
                actor=STAFF,
                today=TODAY,
                now=desk.clock.now(),
            )
        assert quoted(desk, booking_id, longer(desk, booking_id, 10)).pay_fen == 10 * OFF

    def test_full_nights_are_refused_and_nothing_changes(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=30)
        for phone in ("13900000002", "13900000003"):
            desk.hold(phone=phone, arrive=ARRIVE + days(30), nights=3)
        wish = longer(desk, booking_id, 1)
        with pytest.raises(SoldOut):
            quoted(desk, booking_id, wish)
        with pytest.raises(SoldOut):
            change(desk, booking_id, wish)
        assert desk.booking(booking_id).ends_on == ARRIVE + days(30)
        assert_clean(desk)

    def test_nights_of_ones_own_that_were_closed_since_do_not_stand_in_the_way(
        self, desk: Desk
    ) -> None:
        booking_id = desk.paid(nights=10)
        with desk.database.write() as session:
            edit = CalendarEdit(desk.room.pool_id, ARRIVE, ARRIVE + days(9), closed=True)
            calendar.apply(session, edit=edit, actor=STAFF, now=desk.clock.now())
        changed(desk, booking_id, longer(desk, booking_id, 2))
        assert desk.booking(booking_id).ends_on == ARRIVE + days(12)
        # For anybody else they are closed.
        other = desk.paid(phone="13900000002", nights=3, arrive=ARRIVE + days(20))
        onto_them = wish_of(desk, other, check_in=ARRIVE, check_out=ARRIVE + days(3))
        with pytest.raises(SoldOut):
            change(desk, other, onto_them)
        assert_clean(desk)

    def test_restrictions_bind_travellers_and_not_staff(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=10)
        with desk.database.write() as session:
            pricing.set_restrictions(
                session,
                room_type_id=desk.room.room_type_id,
                pool_id=desk.room.pool_id,
                rules={ARRIVE + days(12): DayRule(no_departure=True)},
                actor=STAFF,
                now=desk.clock.now(),
            )
        wish = longer(desk, booking_id, 2)
        with pytest.raises(Restricted) as refused:
            quoted(desk, booking_id, wish)
        assert refused.value.extra["rule"] == "closed_to_departure"
        assert quoted(desk, booking_id, wish, by_staff=True).pay_fen == 2 * NIGHT


class TestPayingForAChange:
    def test_not_paid_in_time_its_rooms_go_back_and_the_stay_is_as_it_was(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=30)
        change(desk, booking_id, longer(desk, booking_id, 10))
        desk.open_change_payment(booking_id)
        desk.clock.advance(minutes=39)
        assert scheduled_jobs.lapse_changes(desk.money) == 0
        desk.clock.advance(minutes=2)
        assert scheduled_jobs.lapse_changes(desk.money) == 1
        assert len(taken(desk.database, desk.room.pool_id)) == 30
        assert desk.booking(booking_id).state is BookingState.CONFIRMED
        assert scheduled_jobs.lapse_changes(desk.money) == 0
        assert_clean(desk)

    def test_paid_late_it_is_made_if_the_rooms_are_still_free(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=30)
        change(desk, booking_id, longer(desk, booking_id, 10))
        token = desk.open_change_payment(booking_id)
        lapse_behind_the_gateways_back(desk, booking_id)
        desk.press(token)
        scheduled_jobs.look_up_payments(desk.money, booking_id)
        assert desk.booking(booking_id).ends_on == ARRIVE + days(40)
        assert_clean(desk)

    def test_paid_late_and_the_rooms_gone_the_money_goes_back(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=30)
        change(desk, booking_id, longer(desk, booking_id, 10))
        token = desk.open_change_payment(booking_id)
        lapse_behind_the_gateways_back(desk, booking_id)
        for phone in ("13900000002", "13900000003"):
            desk.hold(phone=phone, arrive=ARRIVE + days(35), nights=3)
        desk.press(token)
        scheduled_jobs.look_up_payments(desk.money, booking_id)
        assert desk.booking(booking_id).ends_on == ARRIVE + days(30)
        assert refunded(desk) == 10 * OFF
        assert_clean(desk)

    def test_a_second_wish_takes_the_place_of_the_first(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=30)
        change(desk, booking_id, longer(desk, booking_id, 10))
        first = desk.open_change_payment(booking_id)
        change(desk, booking_id, longer(desk, booking_id, 2))
        assert len(taken(desk.database, desk.room.pool_id)) == 32
        desk.pay_change(booking_id)
        assert desk.booking(booking_id).ends_on == ARRIVE + days(32)
        desk.press(first)  # and the page of the first is still open somewhere
        scheduled_jobs.look_up_payments(desk.money, booking_id)
        assert desk.booking(booking_id).ends_on == ARRIVE + days(32)
        assert refunded(desk) == 10 * OFF
        assert_clean(desk)

    def test_cancelled_while_it_is_being_paid_the_money_of_both_goes_back(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=30)
        change(desk, booking_id, longer(desk, booking_id, 10))
        token = desk.open_change_payment(booking_id)
        cancel(desk, booking_id)
        assert taken(desk.database, desk.room.pool_id) == {}
        desk.press(token)
        scheduled_jobs.look_up_payments(desk.money, booking_id)
        assert refunded(desk) == 40 * OFF
        assert prepaid(desk) == 0
        assert_clean(desk)

    def test_a_price_that_moved_is_shown_first(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=30)
        wish = longer(desk, booking_id, 10)
        shown = quoted(desk, booking_id, wish).balance_fen
        reprice(desk, 30_000, range(70, 80))
        with pytest.raises(ChangePriceChanged) as refused:
            change(desk, booking_id, wish, expected_fen=shown)
        assert refused.value.extra["balance_fen"] == 10 * 25_500

    def test_what_was_agreed_stands_while_it_is_being_paid(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=30)
        change(desk, booking_id, longer(desk, booking_id, 10))
        reprice(desk, 10_000, range(70, 80))
        desk.pay_change(booking_id)
        assert desk.booking(booking_id).total_fen == 40 * OFF
        assert_clean(desk)

    def test_a_suspended_enterprise_takes_no_more_money(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=30)
        change(desk, booking_id, longer(desk, booking_id, 10))
        with desk.database.write() as session:
            suspend(
                session,
                enterprise_id=desk.room.enterprise_id,
                reason="卫生检查",
                actor=STAFF,
                now=desk.clock.now(),
            )
        with pytest.raises(DomainError):
            desk.open_change_payment(booking_id)


def lapse_behind_the_gateways_back(desk: Desk, booking_id: str) -> None:
    """End a change whose page the gateway still lets be paid, as when it did not answer us."""
    with desk.database.write() as session:
        transitions.locked(session, booking_id)
        change_service.pending_changes.drop(session, booking_id, now=desk.clock.now())
