"""Guests of a stopped house who want their money: before they came, and when they are there."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from catalog.service import suspend
from marketplace.booking.changes.change_service import ChangePriceChanged
from marketplace.booking.changes.change_work import NothingChanged
from marketplace.booking.lifecycle import scheduled_jobs
from marketplace.booking.lifecycle.transitions import RefundChanged
from marketplace.booking.models import Rehousing
from marketplace.booking.rehousing import rehousing_queue, suspension_refunds
from marketplace.booking.states import BookingState, RehousingState, WrongState
from marketplace.kernel.audit import Actor
from marketplace.kernel.db import Database
from tests.concurrency.rush import taken
from tests.support.booking import Desk, make_desk
from tests.support.changing import arrive, assert_clean, pass_days, refunded
from tests.support.orders import Wanted, hold_all

STAFF = Actor("staff", "1")
OFF = 17_000


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database)


def stop(desk: Desk) -> None:
    with desk.database.write() as session:
        suspension = suspend(
            session,
            enterprise_id=desk.room.enterprise_id,
            reason="卫生检查",
            actor=STAFF,
            now=desk.clock.now(),
        )
        rehousing_queue.open_queue(session, suspension_id=suspension.id, now=desk.clock.now())


def let_go(desk: Desk, booking_id: str, expected: int) -> None:
    with desk.database.write() as session:
        suspension_refunds.let_go(
            session,
            booking_id=booking_id,
            expected_refund_fen=expected,
            actor=STAFF,
            ids=desk.ids,
            now=desk.clock.now(),
        )


def shown(desk: Desk, booking_id: str) -> int:
    with desk.database.read() as session:
        return suspension_refunds.refund_fen(session, booking_id=booking_id, now=desk.clock.now())


def state(desk: Desk) -> RehousingState:
    with desk.database.read() as session:
        return session.scalars(sa.select(Rehousing.state)).one()


def test_who_is_in_the_house_leaves_today_and_pays_for_the_used_nights_alone(desk: Desk) -> None:
    booking_id = desk.paid(nights=30)
    arrive(desk, booking_id, after=10)
    stop(desk)
    assert shown(desk, booking_id) == 20 * OFF
    with pytest.raises(ChangePriceChanged):
        let_go(desk, booking_id, 1)
    let_go(desk, booking_id, 20 * OFF)
    assert refunded(desk) == 20 * OFF
    assert state(desk) is RehousingState.REFUNDED
    pass_days(desk, 2)
    assert desk.booking(booking_id).state is BookingState.CURTAILED
    with pytest.raises(WrongState):
        shown(desk, booking_id)
    assert_clean(desk)


def test_on_the_first_day_that_one_night_is_kept(desk: Desk) -> None:
    booking_id = desk.paid(nights=30)
    arrive(desk, booking_id)
    stop(desk)
    assert shown(desk, booking_id) == 29 * OFF


def test_who_has_not_come_yet_gets_everything(desk: Desk) -> None:
    booking_id = desk.paid(nights=30)
    desk.clock.advance(days=39)
    stop(desk)
    with pytest.raises(RefundChanged):
        let_go(desk, booking_id, 1)
    let_go(desk, booking_id, shown(desk, booking_id))
    assert refunded(desk) == 30 * OFF
    assert state(desk) is RehousingState.REFUNDED
    scheduled_jobs.advance_stays(desk.money)
    assert_clean(desk)


def test_a_guest_on_the_last_day_has_nothing_to_come(desk: Desk) -> None:
    booking_id = desk.paid(nights=3)
    arrive(desk, booking_id, after=3)
    stop(desk)
    assert (
        desk.booking(booking_id).ends_on - dt.timedelta(days=3)
        == desk.booking(booking_id).starts_on
    )
    with pytest.raises((WrongState, NothingChanged)):
        shown(desk, booking_id)


class TestSeveralRooms:
    """The second room begins two days later: one is slept in, and the other is still to come."""

    @pytest.fixture
    def booking_id(self, desk: Desk) -> str:
        wanted = [Wanted(desk.room, nights=4), Wanted(desk.room, nights=4, after=2, adults=1)]
        held = hold_all(desk, wanted)
        desk.pay(held)
        desk.clock.advance(minutes=31)
        return held

    def test_what_is_slept_in_is_left_today_and_the_rest_is_given_up(
        self, desk: Desk, booking_id: str
    ) -> None:
        arrive(desk, booking_id, after=1)
        stop(desk)
        fen = 3 * 20_000 + 4 * 20_000
        assert shown(desk, booking_id) == fen
        with pytest.raises(ChangePriceChanged):
            let_go(desk, booking_id, fen - 1)
        let_go(desk, booking_id, fen)
        assert (refunded(desk), state(desk)) == (fen, RehousingState.REFUNDED)
        assert [item.number for item in desk.booking(booking_id).items] == [1]
        assert list(taken(desk.database, desk.room.pool_id).values()) == [1]
        pass_days(desk, 2)
        assert desk.booking(booking_id).state is BookingState.CURTAILED
        assert_clean(desk)

    def test_a_room_that_is_over_stays_as_it_was(self, desk: Desk, booking_id: str) -> None:
        arrive(desk, booking_id, after=5)
        stop(desk)
        assert shown(desk, booking_id) == 20_000
        let_go(desk, booking_id, 20_000)
        assert refunded(desk) == 20_000
        assert_clean(desk)
        with pytest.raises(NothingChanged):
            shown(desk, booking_id)

    def test_before_arrival_all_of_it_goes_back(self, desk: Desk, booking_id: str) -> None:
        desk.clock.advance(days=39)
        stop(desk)
        let_go(desk, booking_id, 8 * 20_000)
        assert refunded(desk) == 8 * 20_000
        assert_clean(desk)
