"""One room of several is changed and given up by several at once, in any order."""

from __future__ import annotations

from functools import partial

import pytest

from marketplace.booking.lifecycle import scheduled_jobs
from marketplace.booking.states import BookingState
from marketplace.kernel.db import Database
from tests.concurrency.rush import Client, rush, taken
from tests.factories import Room, make_room
from tests.support.booking import Desk, make_desk
from tests.support.changing import ARRIVE, assert_clean, change, days, given_up
from tests.support.orders import Wanted, hold_all


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database, capacity=2)


@pytest.fixture
def other(desk: Desk) -> Room:
    with desk.database.write() as session:
        return make_room(session, list_fen=30_000, listing_id=desk.room.listing_id, capacity=2)


@pytest.fixture
def booking_id(desk: Desk, other: Room) -> str:
    held = hold_all(desk, [Wanted(desk.room), Wanted(other)])
    desk.pay(held)
    desk.clock.advance(minutes=31)
    return held


def longer(desk: Desk, booking_id: str, item: int, nights: int) -> Client:
    """A client that wants so many nights more of one room."""
    was = desk.booking(booking_id).item(item).selection
    wish = was.between(was.stay.check_in, was.stay.check_out + days(nights))
    return partial(change, desk, booking_id, wish, item=item)


def test_two_tabs_change_the_same_room(desk: Desk, booking_id: str) -> None:
    shorter = longer(desk, booking_id, 2, -1)
    assert rush([shorter, shorter, shorter]) == {"ok": 1, "nothing_changed": 2}
    assert desk.booking(booking_id).total_fen == 60_000 + 60_000
    assert_clean(desk)


def test_one_room_is_changed_while_the_other_is_given_up(
    desk: Desk, other: Room, booking_id: str
) -> None:
    clients = [longer(desk, booking_id, 1, -1), partial(given_up, desk, booking_id, 2)]
    assert rush(clients) == {"ok": 2}
    booking = desk.booking(booking_id)
    assert ([item.number for item in booking.items], booking.total_fen) == ([1], 40_000)
    assert not any(taken(desk.database, other.pool_id).values())
    assert_clean(desk)


def test_both_rooms_at_once_leave_one(desk: Desk, booking_id: str) -> None:
    both = [partial(given_up, desk, booking_id, item) for item in (1, 2, 1, 2)]
    done = rush(both)
    assert done["ok"] == 1
    assert done.keys() <= {"ok", "last_item", "not_found"}
    assert desk.booking(booking_id).state is BookingState.CONFIRMED
    assert len(desk.booking(booking_id).items) == 1
    assert_clean(desk)


def test_a_change_is_paid_while_its_room_is_given_up(
    desk: Desk, other: Room, booking_id: str
) -> None:
    longer(desk, booking_id, 2, 2)()
    desk.press(desk.open_change_payment(booking_id))
    look = partial(scheduled_jobs.look_up_payments, desk.money, booking_id)
    assert rush([look, partial(given_up, desk, booking_id, 2), look]) == {"ok": 3}
    booking = desk.booking(booking_id)
    assert ([item.number for item in booking.items], booking.ends_on) == ([1], ARRIVE + days(3))
    assert not any(taken(desk.database, other.pool_id).values())
    assert_clean(desk)
