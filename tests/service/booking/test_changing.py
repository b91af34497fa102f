"""Changes of a stay: quoted first, one transaction, stock and money exact."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa

from catalog.models import Listing
from catalog.service import suspend
from marketplace.booking import changing, service, staying, sweeps
from marketplace.booking.changing import ChangePriceChanged, NothingChanged
from marketplace.booking.changing_checks import TooLateToMove
from marketplace.booking.changing_rows import was_of
from marketplace.booking.models import StayChange
from marketplace.booking.money import confirm_on_account
from marketplace.booking.place import PartnerSale
from marketplace.booking.states import (
    BookingState,
    ChangeState,
    CreditLimit,
    ReasonCode,
    WrongState,
)
from marketplace.booking.wishes import StayWish
from marketplace.inventory import calendar
from marketplace.inventory.calendar import CalendarEdit
from marketplace.inventory.service import SoldOut
from marketplace.kernel.audit import TRAVELLER, Actor
from marketplace.kernel.db import Database
from marketplace.kernel.errors import DomainError, Invalid, NotFound
from marketplace.operations import invariants
from marketplace.partners.models import Partner
from marketplace.payments import ledger
from marketplace.payments.models import Refund
from marketplace.pricing import service as pricing
from marketplace.pricing.restrictions import DayRule, Restricted
from marketplace.pricing.terms import Board, BoardPrice, ChildBand, Occupancy, Terms
from tests.concurrency.rush import taken
from tests.factories import TODAY, Room, make_enterprise, make_listing, make_room
from tests.support.booking import Desk, make_desk

STAFF = Actor("staff", "1")
ARRIVE = TODAY + dt.timedelta(days=40)
NIGHT = 20_000
OFF = 17_000
"""A night with the discount of 30 nights."""
TERMS = Terms(
    occupancy=Occupancy(extra_adult_fen=6_000, children=(ChildBand(11, 3_000),)),
    boards=(BoardPrice(Board.BREAKFAST, 1_500, 800),),
    extra_bed_fen=5_000,
    most_extra_beds=1,
)


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database, terms=TERMS)


def days(count: int) -> dt.timedelta:
    return dt.timedelta(days=count)


def wish_of(desk: Desk, booking_id: str, **changes: object) -> StayWish:
    return replace(was_of(desk.booking(booking_id)), **changes)  # type: ignore[arg-type]


def longer(desk: Desk, booking_id: str, nights: int) -> StayWish:
    booking = desk.booking(booking_id)
    return wish_of(desk, booking_id, check_out=booking.check_out + days(nights))


def quoted(desk: Desk, booking_id: str, wish: StayWish, **more: object) -> changing.ChangeQuote:
    with desk.database.read() as session:
        return changing.quote_change(
            session,
            booking_id=booking_id,
            wish=wish,
            now=desk.clock.now(),
            **more,  # type: ignore[arg-type]
        )


def change(desk: Desk, booking_id: str, wish: StayWish, **more: object) -> StayChange:
    facts: dict[str, object] = {"expected_fen": None, "actor": TRAVELLER} | more
    with desk.database.write() as session:
        return changing.change(
            session,
            booking_id=booking_id,
            wish=wish,
            ids=desk.ids,
            now=desk.clock.now(),
            **facts,  # type: ignore[arg-type]
        )


def changed(desk: Desk, booking_id: str, wish: StayWish, **more: object) -> None:
    """Make a change and pay it, by the sum that was quoted."""
    quote = quoted(desk, booking_id, wish)
    row = change(desk, booking_id, wish, expected_fen=quote.balance_fen, **more)
    assert (row.state is ChangeState.HELD) == (quote.pay_fen > 0)
    if quote.pay_fen:
        desk.pay_change(booking_id)


def assert_clean(desk: Desk) -> None:
    report = invariants.check(desk.database, now=desk.clock.now())
    waiting = {"nothing_owed_too_long", "audit_chain"}
    assert {k: v for k, v in report.faults.items() if v and k not in waiting} == {}


def refunded(desk: Desk) -> int:
    with desk.database.read() as session:
        return int(session.scalar(sa.select(sa.func.sum(Refund.amount_fen))) or 0)


def prepaid(desk: Desk) -> int:
    with desk.database.read() as session:
        return -ledger.balance(session, code=ledger.CUSTOMER_PREPAID, owner="")


def arrive(desk: Desk, booking_id: str, after: int = 0) -> None:
    """Let the guest arrive, and ``after`` nights pass."""
    booking = desk.booking(booking_id)
    desk.clock.advance(days=(booking.check_in - TODAY).days)
    with desk.database.write() as session:
        staying.check_in(
            session,
            booking_id=booking_id,
            enterprise_id=booking.enterprise_id,
            actor=STAFF,
            now=desk.clock.now(),
        )
    pass_days(desk, after)


def pass_days(desk: Desk, count: int) -> None:
    for _ in range(count):
        desk.clock.advance(days=1)
        sweeps.advance_stays(desk.money)


def second_room(desk: Desk, *, night_fen: int = 30_000, capacity: int = 2) -> Room:
    with desk.database.write() as session:
        return make_room(
            session,
            listing_id=desk.room.listing_id,
            capacity=capacity,
            days=200,
            list_fen=night_fen,
        )


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
        assert desk.booking(booking_id).check_out == ARRIVE + days(30)
        assert len(taken(desk.database, desk.room.pool_id)) == 40
        desk.pay_change(booking_id)
        booking = desk.booking(booking_id)
        assert booking.check_out == ARRIVE + days(40)
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
        back = quoted(desk, booking_id, was_of(first))
        assert back.taken_back
        assert (back.fee_fen, back.refund_fen) == (0, 11 * OFF)
        changed(desk, booking_id, was_of(first))
        again = desk.booking(booking_id)
        assert (again.total_fen, again.list_fen, again.price) == (
            first.total_fen,
            first.list_fen,
            first.price,
        )
        assert set(taken(desk.database, desk.room.pool_id)) == {ARRIVE + days(n) for n in range(30)}
        assert_clean(desk)

    def test_in_the_house_too_and_used_nights_are_not_touched(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=20)
        arrive(desk, booking_id, after=5)
        first = desk.booking(booking_id)
        changed(desk, booking_id, longer(desk, booking_id, 10))
        longer_one = desk.booking(booking_id)
        assert longer_one.total_fen == 5 * NIGHT + 25 * OFF
        changed(desk, booking_id, was_of(first))
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
        assert desk.booking(booking_id).check_out == ARRIVE + days(30)
        assert_clean(desk)

    def test_nights_of_ones_own_that_were_closed_since_do_not_stand_in_the_way(
        self, desk: Desk
    ) -> None:
        booking_id = desk.paid(nights=10)
        with desk.database.write() as session:
            edit = CalendarEdit(desk.room.pool_id, ARRIVE, ARRIVE + days(9), closed=True)
            calendar.apply(session, edit=edit, actor=STAFF, now=desk.clock.now())
        changed(desk, booking_id, longer(desk, booking_id, 2))
        assert desk.booking(booking_id).check_out == ARRIVE + days(12)
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


def reprice(desk: Desk, fen: int, offsets: range) -> None:
    with desk.database.write() as session:
        pricing.set_rate(
            session,
            room_type_id=desk.room.room_type_id,
            pool_id=desk.room.pool_id,
            days=[TODAY + days(offset) for offset in offsets],
            list_fen=fen,
            actor=STAFF,
            now=desk.clock.now(),
        )


class TestPayingForAChange:
    def test_not_paid_in_time_its_rooms_go_back_and_the_stay_is_as_it_was(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=30)
        change(desk, booking_id, longer(desk, booking_id, 10))
        desk.open_change_payment(booking_id)
        desk.clock.advance(minutes=39)
        assert sweeps.lapse_changes(desk.money) == 0
        desk.clock.advance(minutes=2)
        assert sweeps.lapse_changes(desk.money) == 1
        assert len(taken(desk.database, desk.room.pool_id)) == 30
        assert desk.booking(booking_id).state is BookingState.CONFIRMED
        assert sweeps.lapse_changes(desk.money) == 0
        assert_clean(desk)

    def test_paid_late_it_is_made_if_the_rooms_are_still_free(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=30)
        change(desk, booking_id, longer(desk, booking_id, 10))
        token = desk.open_change_payment(booking_id)
        lapse_behind_the_gateways_back(desk, booking_id)
        desk.press(token)
        sweeps.look_up_payments(desk.money, booking_id)
        assert desk.booking(booking_id).check_out == ARRIVE + days(40)
        assert_clean(desk)

    def test_paid_late_and_the_rooms_gone_the_money_goes_back(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=30)
        change(desk, booking_id, longer(desk, booking_id, 10))
        token = desk.open_change_payment(booking_id)
        lapse_behind_the_gateways_back(desk, booking_id)
        for phone in ("13900000002", "13900000003"):
            desk.hold(phone=phone, arrive=ARRIVE + days(35), nights=3)
        desk.press(token)
        sweeps.look_up_payments(desk.money, booking_id)
        assert desk.booking(booking_id).check_out == ARRIVE + days(30)
        assert refunded(desk) == 10 * OFF
        assert_clean(desk)

    def test_a_second_wish_takes_the_place_of_the_first(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=30)
        change(desk, booking_id, longer(desk, booking_id, 10))
        first = desk.open_change_payment(booking_id)
        change(desk, booking_id, longer(desk, booking_id, 2))
        assert len(taken(desk.database, desk.room.pool_id)) == 32
        desk.pay_change(booking_id)
        assert desk.booking(booking_id).check_out == ARRIVE + days(32)
        desk.press(first)  # and the page of the first is still open somewhere
        sweeps.look_up_payments(desk.money, booking_id)
        assert desk.booking(booking_id).check_out == ARRIVE + days(32)
        assert refunded(desk) == 10 * OFF
        assert_clean(desk)

    def test_cancelled_while_it_is_being_paid_the_money_of_both_goes_back(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=30)
        change(desk, booking_id, longer(desk, booking_id, 10))
        token = desk.open_change_payment(booking_id)
        cancel(desk, booking_id)
        assert taken(desk.database, desk.room.pool_id) == {}
        desk.press(token)
        sweeps.look_up_payments(desk.money, booking_id)
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
        service.locked(session, booking_id)
        changing.held_changes.drop(session, booking_id, now=desk.clock.now())


def cancel(desk: Desk, booking_id: str, reason: ReasonCode = ReasonCode.TRAVELLER_OTHER) -> None:
    with desk.database.write() as session:
        service.cancel(
            session,
            booking_id=booking_id,
            reason=reason,
            expected_refund_fen=None,
            actor=STAFF,
            ids=desk.ids,
            now=desk.clock.now(),
        )


class TestLeavingEarly:
    @pytest.mark.parametrize(
        ("notice", "fee_bp"), [(30, 0), (29, 2000), (15, 2000), (14, 4000), (7, 4000), (6, 6000)]
    )
    def test_before_arrival_the_policy_counts_to_the_first_night_given_up(
        self, desk: Desk, notice: int, fee_bp: int
    ) -> None:
        booking_id = desk.paid(nights=60)
        given_up = ARRIVE + days(45)
        desk.clock.advance(days=(given_up - TODAY).days - notice)
        if desk.clock.now().date() >= ARRIVE:
            back = (desk.clock.now().date() - ARRIVE).days
            desk.clock.advance(days=-back - (ARRIVE - TODAY).days)
            arrive(desk, booking_id)
            pass_days(desk, back)
        wish = wish_of(desk, booking_id, check_out=given_up)
        quote = quoted(desk, booking_id, wish, cause=ReasonCode.OPERATOR_FAULT)
        assert quote.refund_fen == 15 * OFF
        own = quoted(desk, booking_id, wish)
        used = sum(
            night.list_fen - night.sold_fen
            for night in nights(desk, booking_id)
            if night.day < desk.clock.now().date()
        )
        assert own.fee_fen == min(15 * OFF, 15 * OFF * fee_bp // 10_000 + used)

    def test_in_the_house_the_rest_goes_by_the_policy_and_used_nights_by_list_price(
        self, desk: Desk
    ) -> None:
        booking_id = desk.paid(nights=60)
        arrive(desk, booking_id, after=10)
        wish = wish_of(desk, booking_id, check_out=ARRIVE + days(50))
        quote = quoted(desk, booking_id, wish)
        used = 10 * (NIGHT - OFF)
        assert quote.fee_bp == 0
        assert quote.fee_fen == used
        assert quote.refund_fen == 10 * OFF - used
        changed(desk, booking_id, wish)
        assert desk.booking(booking_id).total_fen == 50 * OFF
        assert len(taken(desk.database, desk.room.pool_id)) == 50
        assert_clean(desk)
        pass_days(desk, 42)
        assert desk.booking(booking_id).state is BookingState.CURTAILED
        assert prepaid(desk) == 0
        assert_clean(desk)

    def test_never_more_is_kept_than_was_to_come(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=60)
        arrive(desk, booking_id, after=58)
        wish = wish_of(desk, booking_id, check_out=ARRIVE + days(59))
        quote = quoted(desk, booking_id, wish)
        assert (quote.fee_fen, quote.refund_fen) == (OFF, 0)

    def test_for_a_cause_that_is_not_the_guests_everything_to_come_goes_back(
        self, desk: Desk
    ) -> None:
        booking_id = desk.paid(nights=60)
        arrive(desk, booking_id, after=10)
        wish = wish_of(desk, booking_id, check_out=ARRIVE + days(10))
        change(desk, booking_id, wish, cause=ReasonCode.HEALTH_PROVEN, actor=STAFF)
        assert refunded(desk) == 50 * OFF
        pass_days(desk, 2)
        booking = desk.booking(booking_id)
        assert booking.state is BookingState.CURTAILED
        assert prepaid(desk) == 0
        assert_clean(desk)

    def test_cancelling_after_a_change_gives_back_what_is_left(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=60, arrive=ARRIVE)
        desk.clock.advance(days=20)
        changed(desk, booking_id, wish_of(desk, booking_id, check_out=ARRIVE + days(5)))
        kept = 60 * OFF - refunded(desk) - 5 * NIGHT
        assert kept == (60 * OFF - 5 * NIGHT) * 2 // 10
        cancel(desk, booking_id)
        assert refunded(desk) == 60 * OFF - kept - 5 * NIGHT * 2 // 10
        assert prepaid(desk) == 0
        assert_clean(desk)


def nights(desk: Desk, booking_id: str) -> list[changing.NightSold]:
    with desk.database.read() as session:
        return changing.nights_of(session, booking_id)


class TestMoving:
    def test_to_other_dates_in_one_go(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=30)
        start = ARRIVE + days(10)
        changed(
            desk, booking_id, wish_of(desk, booking_id, check_in=start, check_out=start + days(30))
        )
        booking = desk.booking(booking_id)
        assert (booking.check_in, booking.total_fen) == (start, 30 * OFF)
        assert set(taken(desk.database, desk.room.pool_id)) == {start + days(n) for n in range(30)}
        assert_clean(desk)

    def test_a_week_before_arrival_a_traveller_moves_it_no_more_but_staff_do(
        self, desk: Desk
    ) -> None:
        booking_id = desk.paid(nights=10)
        desk.clock.advance(days=34)
        wish = wish_of(desk, booking_id, check_in=ARRIVE + days(2), check_out=ARRIVE + days(12))
        with pytest.raises(TooLateToMove):
            quoted(desk, booking_id, wish)
        assert quoted(desk, booking_id, wish, by_staff=True).balance_fen == 0

    @pytest.mark.parametrize("begin", [-1, 0])
    def test_into_the_past_or_for_no_night_is_refused(self, desk: Desk, begin: int) -> None:
        booking_id = desk.paid(nights=10)
        past = TODAY - days(1)
        wish = (
            wish_of(desk, booking_id, check_in=past, check_out=past + days(5))
            if begin
            else wish_of(desk, booking_id, check_out=ARRIVE)
        )
        with pytest.raises(Invalid):
            quoted(desk, booking_id, wish)


class TestRooms:
    def test_another_room_before_arrival_costs_or_gives_back_the_difference(
        self, desk: Desk
    ) -> None:
        booking_id = desk.paid(nights=30)
        dearer = second_room(desk)
        changed(desk, booking_id, wish_of(desk, booking_id, room_type_id=dearer.room_type_id))
        assert desk.booking(booking_id).total_fen == 30 * 25_500
        assert taken(desk.database, desk.room.pool_id) == {}
        assert len(taken(desk.database, dearer.pool_id)) == 30
        assert_clean(desk)

    def test_in_the_house_the_nights_to_come_move_and_the_used_ones_stay(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=30)
        cheaper = second_room(desk, night_fen=10_000)
        arrive(desk, booking_id, after=12)
        changed(desk, booking_id, wish_of(desk, booking_id, room_type_id=cheaper.room_type_id))
        booking = desk.booking(booking_id)
        # Today is the first night given up: 80 % of what the cheaper room saves is kept.
        assert booking.total_fen == 12 * OFF + 18 * 8_500
        assert refunded(desk) == 18 * 8_500 * 2 // 10
        assert len(taken(desk.database, desk.room.pool_id)) == 12
        assert len(taken(desk.database, cheaper.pool_id)) == 18
        assert_clean(desk)
        changed(desk, booking_id, longer(desk, booking_id, 5))
        assert len(taken(desk.database, cheaper.pool_id)) == 23
        pass_days(desk, 25)
        assert desk.booking(booking_id).state is BookingState.COMPLETED
        assert prepaid(desk) == 0
        assert_clean(desk)

    def test_a_room_of_another_house_is_not_found(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=10)
        with desk.database.write() as session:
            listing = make_listing(session, enterprise_id=make_enterprise(session))
            other = make_room(session, listing_id=listing, days=200)
        with pytest.raises(NotFound):
            quoted(desk, booking_id, wish_of(desk, booking_id, room_type_id=other.room_type_id))


class TestPeople:
    def test_a_companion_pays_for_the_nights_still_to_come(self, desk: Desk) -> None:
        with desk.database.write() as session:
            session.execute(sa.update(Listing).values(max_nights=90))
        booking_id = desk.paid(nights=30)
        arrive(desk, booking_id, after=10)
        with pytest.raises(Invalid):
            quoted(desk, booking_id, wish_of(desk, booking_id, adults=3))
        changed(desk, booking_id, wish_of(desk, booking_id, children_ages=(8,)))
        booking = desk.booking(booking_id)
        assert booking.total_fen == 30 * OFF + 20 * 3_000 * 85 // 100
        assert booking.children_ages == [8]
        assert_clean(desk)

    def test_meals_and_a_bed_are_added_for_the_nights_to_come(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=30)
        changed(desk, booking_id, wish_of(desk, booking_id, board=Board.BREAKFAST, extra_beds=1))
        booking = desk.booking(booking_id)
        assert booking.total_fen == 30 * (OFF + 2 * 1_500 + 5_000)
        assert booking.board is Board.BREAKFAST
        assert_clean(desk)


class TestWhoMay:
    def test_nothing_is_changed_about_a_stay_that_is_not_running(self, desk: Desk) -> None:
        held = desk.hold(nights=10)
        with pytest.raises(WrongState):
            quoted(desk, held, longer(desk, held, 1))
        booking_id = desk.paid(phone="13900000005", nights=10)
        with pytest.raises(NothingChanged):
            quoted(desk, booking_id, wish_of(desk, booking_id))
        cancel(desk, booking_id)
        with pytest.raises(WrongState):
            change(desk, booking_id, longer(desk, booking_id, 1))

    def test_a_partners_booking_is_changed_on_account_up_to_its_limit(self, desk: Desk) -> None:
        booking_id = partner_booking(desk)
        wish = longer(desk, booking_id, 10)
        with pytest.raises(CreditLimit):
            change(desk, booking_id, wish, credit_limit_fen=30 * OFF + 10 * OFF - 1)
        change(desk, booking_id, wish, credit_limit_fen=30 * OFF + 10 * OFF)
        assert owed(desk) == 40 * OFF
        change(desk, booking_id, wish_of(desk, booking_id, check_out=ARRIVE + days(30)))
        assert owed(desk) == 30 * OFF
        assert_clean(desk)


def partner_booking(desk: Desk) -> str:
    with desk.database.write() as session:
        partner = Partner(name="北方旅行", credit_limit_fen=10_000_000, created_at=desk.clock.now())
        session.add(partner)
        session.flush()
        partner_id = partner.id
    booking_id = desk.hold(partner=PartnerSale(partner_id, "T-1"), nights=30)
    with desk.database.write() as session:
        confirm_on_account(
            session,
            booking_id=booking_id,
            partner_id=partner_id,
            credit_limit_fen=10_000_000,
            lead_name="王秀英",
            phone="13900000009",
            phone_index="x",
            actor=STAFF,
            now=desk.clock.now(),
        )
    return booking_id


def owed(desk: Desk) -> int:
    with desk.database.read() as session:
        return ledger.balance(
            session,
            code=ledger.PARTNER_RECEIVABLE,
            owner=str(session.scalar(sa.select(Partner.id))),
        )
