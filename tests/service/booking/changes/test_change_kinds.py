"""Leaving early, other dates, rooms and people: stock and money exact."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from catalog.models import Listing
from marketplace.booking.changes import change_service
from marketplace.booking.changes.change_checks import TooLateToMove
from marketplace.booking.changes.change_work import NothingChanged
from marketplace.booking.changes.change_writer import nights_of
from marketplace.booking.contract.buyers import PartnerSale
from marketplace.booking.lifecycle.payment_application import confirm_on_account
from marketplace.booking.lifecycle.transitions import locked
from marketplace.booking.models import Booking
from marketplace.booking.settlement import CreditLimit
from marketplace.booking.states import (
    BookingState,
    ReasonCode,
    WrongState,
)
from marketplace.kernel.db import Database
from marketplace.kernel.errors import Invalid, NotFound
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.partners.models import Partner
from marketplace.payments.ledger import postings
from marketplace.pricing.nights.terms import Board
from tests.concurrency.rush import taken
from tests.factories import TODAY, Room, make_enterprise, make_listing, make_room
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
    wish_of,
)


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database, terms=TERMS)


def second_room(desk: Desk, *, night_fen: int = 30_000, capacity: int = 2) -> Room:
    with desk.database.write() as session:
        return make_room(
            session,
            listing_id=desk.room.listing_id,
            capacity=capacity,
            days=200,
            list_fen=night_fen,
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


def nights(desk: Desk, booking_id: str) -> list[change_service.NightSold]:
    with desk.database.read() as session:
        return nights_of(session, session.get_one(Booking, booking_id).room)


class TestMoving:
    def test_to_other_dates_in_one_go(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=30)
        start = ARRIVE + days(10)
        changed(
            desk, booking_id, wish_of(desk, booking_id, check_in=start, check_out=start + days(30))
        )
        booking = desk.booking(booking_id)
        assert (booking.starts_on, booking.total_fen) == (start, 30 * OFF)
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
        dates = {"check_in": past, "check_out": past + days(5)} if begin else {"check_out": ARRIVE}
        with pytest.raises(Invalid):
            quoted(desk, booking_id, wish_of(desk, booking_id, **dates))


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
        assert booking.room.children_ages == [8]
        assert_clean(desk)

    def test_meals_and_a_bed_are_added_for_the_nights_to_come(self, desk: Desk) -> None:
        booking_id = desk.paid(nights=30)
        changed(desk, booking_id, wish_of(desk, booking_id, board=Board.BREAKFAST, extra_beds=1))
        booking = desk.booking(booking_id)
        assert booking.total_fen == 30 * (OFF + 2 * 1_500 + 5_000)
        assert booking.room.board is Board.BREAKFAST
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
            UnitOfWork(session, now=desk.clock.now(), actor=STAFF),
            booking=locked(session, booking_id),
            partner_id=partner_id,
            credit_limit_fen=10_000_000,
            lead_name="王秀英",
            phone="13900000009",
        )
    return booking_id


def owed(desk: Desk) -> int:
    with desk.database.read() as session:
        return postings.balance(
            session,
            code=postings.PARTNER_RECEIVABLE,
            owner=str(session.scalar(sa.select(Partner.id))),
        )
