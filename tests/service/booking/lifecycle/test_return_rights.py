"""The same room next summer, kept first for who stayed long this summer."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from catalog.service import suspend
from marketplace.booking.contract.placement import PriceChanged
from marketplace.booking.lifecycle import return_rights, scheduled_jobs, stay_lifecycle
from marketplace.booking.lifecycle.return_rights import RightOver, same_nights_next_year
from marketplace.booking.models import Booking, ReturnRight
from marketplace.booking.states import BookingState, ReturnState
from marketplace.inventory.service import SoldOut
from marketplace.kernel.audit import TRAVELLER, Actor
from marketplace.kernel.db import Database
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.operations import invariants
from tests.concurrency.rush import taken
from tests.factories import TODAY, Room, make_room
from tests.support.booking import Desk, make_desk
from tests.support.orders import ARRIVE as LATER
from tests.support.orders import Wanted, hold_all

STAFF = Actor("staff", "1")
ARRIVE = TODAY + dt.timedelta(days=10)
NEXT = same_nights_next_year(ARRIVE, ARRIVE + dt.timedelta(days=30)).check_in
OFF = 17_000


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database, capacity=1, days=500)


def stayed(desk: Desk, nights: int = 30) -> str:
    """A paid stay that is over."""
    booking_id = desk.paid(arrive=ARRIVE, nights=nights)
    desk.clock.advance(days=10)
    desk.check_in(booking_id)
    desk.clock.advance(days=nights + 1)
    scheduled_jobs.advance_stays(desk.money)
    return booking_id


def right(desk: Desk) -> ReturnRight | None:
    with desk.database.read() as session:
        return session.scalars(sa.select(ReturnRight)).one_or_none()


def state(desk: Desk) -> ReturnState:
    found = right(desk)
    assert found is not None
    return found.state


def accept(desk: Desk, booking_id: str, expected: int | None = None) -> str:
    with desk.database.write() as session:
        made = return_rights.accept(
            UnitOfWork(session, now=desk.clock.now(), actor=TRAVELLER, ids=desk.ids),
            return_rights.TakeRight(
                booking_id=booking_id,
                expected_total_fen=expected,
                address="10.0.0.1",
                consent_version="1",
                consent_recipient="示例森林小屋",
            ),
            commission_bp=1000,
        )
        return made.id


def kept(desk: Desk) -> int:
    """How many nights of next summer are taken."""
    return len([day for day in taken(desk.database, desk.room.pool_id) if day >= NEXT])


def assert_clean(desk: Desk) -> None:
    report = invariants.check(desk.database, now=desk.clock.now())
    waiting = {"nothing_owed_too_long", "audit_chain"}
    assert {k: v for k, v in report.faults.items() if v and k not in waiting} == {}


class TestEarning:
    def test_after_a_long_stay_the_same_nights_are_kept_until_the_deadline(
        self, desk: Desk
    ) -> None:
        stayed(desk)
        found = right(desk)
        assert found is not None
        assert (found.state, found.check_in, kept(desk)) == (ReturnState.OFFERED, NEXT, 30)
        with pytest.raises(SoldOut):
            desk.hold(phone="13900000002", arrive=NEXT, nights=3)
        desk.clock.advance(days=60)
        scheduled_jobs.watch_returns(desk.money)
        assert kept(desk) == 30
        desk.clock.advance(days=1)
        scheduled_jobs.watch_returns(desk.money)
        assert (state(desk), kept(desk)) == (ReturnState.LAPSED, 0)
        assert_clean(desk)

    def test_a_short_stay_earns_nothing(self, desk: Desk) -> None:
        stayed(desk, nights=29)
        assert right(desk) is None

    def test_a_full_summer_waits_until_rooms_come_back(self, desk: Desk) -> None:
        other = desk.paid(phone="13900000002", arrive=NEXT, nights=3)
        stayed(desk)
        assert (state(desk), kept(desk)) == (ReturnState.WAITING, 3)
        with desk.database.write() as session:
            stay_lifecycle.cancel(
                session,
                booking_id=other,
                reason=stay_lifecycle.ReasonCode.TRAVELLER_OTHER,
                expected_refund_fen=None,
                actor=STAFF,
                ids=desk.ids,
                now=desk.clock.now(),
            )
        scheduled_jobs.watch_returns(desk.money)
        assert (state(desk), kept(desk)) == (ReturnState.OFFERED, 30)

    def test_an_enterprise_that_may_not_sell_keeps_nothing(self, desk: Desk) -> None:
        booking_id = desk.paid(arrive=ARRIVE, nights=30)
        desk.clock.advance(days=10)
        with desk.database.write() as session:
            stay_lifecycle.check_in(
                session,
                booking_id=booking_id,
                enterprise_id=desk.room.enterprise_id,
                actor=STAFF,
                now=desk.clock.now(),
            )
            suspend(
                session,
                enterprise_id=desk.room.enterprise_id,
                reason="卫生检查",
                actor=STAFF,
                now=desk.clock.now(),
            )
        desk.clock.advance(days=31)
        scheduled_jobs.advance_stays(desk.money)
        assert (state(desk), kept(desk)) == (ReturnState.WAITING, 0)

    def test_a_leap_day_becomes_the_day_before(self) -> None:
        stay = same_nights_next_year(dt.date(2028, 2, 29), dt.date(2028, 3, 30))
        assert (stay.check_in, stay.nights) == (dt.date(2029, 2, 28), 30)


class TestUsing:
    def test_it_becomes_a_hold_like_any_other(self, desk: Desk) -> None:
        booking_id = stayed(desk)
        with desk.database.read() as session:
            (shown,) = return_rights.price_of(session, booking_id=booking_id, now=desk.clock.now())
        made = accept(desk, booking_id, shown.quote.total_fen)
        assert (desk.booking(made).starts_on, desk.booking(made).total_fen) == (NEXT, 30 * OFF)
        assert (state(desk), kept(desk)) == (ReturnState.TAKEN, 30)
        with pytest.raises(RightOver):
            accept(desk, booking_id)
        desk.pay(made)
        assert desk.booking(made).state is BookingState.CONFIRMED
        assert_clean(desk)

    def test_a_price_that_moved_is_shown_first_and_the_rooms_stay_kept(self, desk: Desk) -> None:
        booking_id = stayed(desk)
        with pytest.raises(PriceChanged):
            accept(desk, booking_id, 30 * OFF - 1)
        assert (state(desk), kept(desk)) == (ReturnState.OFFERED, 30)

    def test_a_hold_that_was_not_paid_gives_the_right_back(self, desk: Desk) -> None:
        booking_id = stayed(desk)
        made = accept(desk, booking_id)
        desk.clock.advance(minutes=41)
        scheduled_jobs.expire_due(desk.money)
        assert desk.booking(made).state is BookingState.EXPIRED
        scheduled_jobs.watch_returns(desk.money)
        assert (state(desk), kept(desk)) == (ReturnState.OFFERED, 30)
        assert accept(desk, booking_id) != made
        assert_clean(desk)

    def test_declined_the_rooms_go_back_at_once(self, desk: Desk) -> None:
        booking_id = stayed(desk)
        for _ in range(2):
            with desk.database.write() as session:
                return_rights.decline(session, booking_id=booking_id, now=desk.clock.now())
        assert (state(desk), kept(desk)) == (ReturnState.DECLINED, 0)
        with desk.database.read() as session:
            assert session.scalar(sa.select(sa.func.count()).select_from(Booking)) == 1
        assert_clean(desk)


class TestSeveralRooms:
    """All rooms of a stay are kept, offered and taken together."""

    @pytest.fixture
    def other(self, desk: Desk) -> Room:
        with desk.database.write() as session:
            return make_room(
                session, listing_id=desk.room.listing_id, capacity=1, days=500, list_fen=30_000
            )

    def over(self, desk: Desk, wanted: list[Wanted]) -> str:
        booking_id = hold_all(desk, wanted)
        desk.pay(booking_id)
        desk.clock.advance(days=40)
        desk.check_in(booking_id)
        desk.clock.advance(days=35)
        scheduled_jobs.advance_stays(desk.money)
        assert desk.booking(booking_id).state is BookingState.COMPLETED
        return booking_id

    def next_year(self, desk: Desk, room: Room) -> list[int]:
        first = same_nights_next_year(LATER, LATER + dt.timedelta(days=30)).check_in
        return [units for day, units in taken(desk.database, room.pool_id).items() if day >= first]

    def test_they_become_one_hold_at_the_sum_of_their_prices(self, desk: Desk, other: Room) -> None:
        wanted = [Wanted(desk.room, nights=30), Wanted(other, nights=30, adults=1)]
        booking_id = self.over(desk, wanted)
        assert [self.next_year(desk, room) for room in (desk.room, other)] == [[1] * 30] * 2
        with desk.database.read() as session:
            shown = return_rights.price_of(session, booking_id=booking_id, now=desk.clock.now())
        fens = [each.quote.total_fen for each in shown]
        assert fens == [30 * OFF, 30 * 25_500]
        with pytest.raises(PriceChanged):
            accept(desk, booking_id, fens[0])
        made = desk.booking(accept(desk, booking_id, sum(fens)))
        assert [item.total_fen for item in made.items] == fens
        assert [item.adults for item in made.items] == [2, 1]
        assert [self.next_year(desk, room) for room in (desk.room, other)] == [[1] * 30] * 2
        desk.pay(made.id)
        assert_clean(desk)

    def test_where_one_cannot_be_kept_none_is(self, desk: Desk, other: Room) -> None:
        first = same_nights_next_year(LATER, LATER + dt.timedelta(days=30)).check_in
        desk.hold(phone="13900000008", address="10.0.0.8", room=other, arrive=first, nights=1)
        self.over(desk, [Wanted(desk.room, nights=30), Wanted(other, nights=30)])
        # The hold ran out meanwhile, and is not swept yet.
        assert state(desk) is ReturnState.WAITING
        assert self.next_year(desk, desk.room) == []
        scheduled_jobs.expire_due(desk.money)
        scheduled_jobs.watch_returns(desk.money)
        assert state(desk) is ReturnState.OFFERED
        assert [self.next_year(desk, room) for room in (desk.room, other)] == [[1] * 30] * 2

    def test_rooms_for_other_nights_are_no_stay_that_is_booked_again(
        self, desk: Desk, other: Room
    ) -> None:
        self.over(desk, [Wanted(desk.room, nights=30), Wanted(other, nights=30, after=1)])
        assert right(desk) is None
