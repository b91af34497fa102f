"""A stay in several rooms moves to another house with all of them, or stays where it is."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from marketplace.booking.models import OfferedRoom
from marketplace.booking.rehousing import rehousing_service
from marketplace.booking.rehousing.rehousing_service import OfferGone
from marketplace.booking.states import BookingState, RehousingState, SeveralHouses
from marketplace.inventory.models import StockDay
from marketplace.kernel.db import Database
from marketplace.kernel.errors import Invalid
from marketplace.payments.ledger import postings
from tests.concurrency.rush import taken
from tests.factories import Room, make_room
from tests.support.booking import Desk, make_desk
from tests.support.changing import arrive, assert_clean, change, days, pass_days, refunded
from tests.support.orders import ARRIVE, Wanted, hold_all
from tests.support.rehousing import STAFF, accepted, elsewhere, offered, row_of, stop

FIRST, SECOND = 60_000, 90_000
"""What three nights of each room cost, in fen."""


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database)


@pytest.fixture
def booking_id(desk: Desk) -> str:
    """Three nights in a room of each of two types, paid."""
    with desk.database.write() as session:
        other = make_room(session, list_fen=30_000, listing_id=desk.room.listing_id)
    held = hold_all(desk, [Wanted(desk.room), Wanted(other)])
    desk.pay(held)
    desk.clock.advance(minutes=31)
    return held


def used(desk: Desk, *rooms: Room) -> list[set[int]]:
    return [set(taken(desk.database, room.pool_id).values()) for room in rooms]


def test_all_rooms_move_together_and_each_by_its_own_price(desk: Desk, booking_id: str) -> None:
    """The one costs 50 yuan a night less, the other 20 more: neither pays for the other."""
    small, large = elsewhere(desk, 15_000, 32_000)
    stop(desk)
    accepted(desk, booking_id, offered(desk, booking_id, small, large))
    booking = desk.booking(booking_id)
    assert booking.enterprise_id == small.enterprise_id
    assert [item.total_fen for item in booking.items] == [FIRST - 15_000, SECOND]
    assert [item.topup_fen for item in booking.items] == [0, 6_000 * 9 // 10]
    assert (booking.total_fen, refunded(desk)) == (FIRST + SECOND - 15_000, 15_000)
    assert used(desk, desk.room, small, large) == [set(), {1}, {1}]
    assert row_of(desk, booking_id).state is RehousingState.MOVED
    assert_clean(desk)


def test_two_may_share_a_kind_of_room_that_has_enough(desk: Desk, booking_id: str) -> None:
    (room,) = elsewhere(desk, 20_000, capacity=2)
    stop(desk)
    accepted(desk, booking_id, offered(desk, booking_id, room, room))
    assert used(desk, room) == [{2}]
    assert refunded(desk) == SECOND - FIRST
    assert_clean(desk)


def test_rooms_that_do_not_take_everybody_are_not_offered(desk: Desk, booking_id: str) -> None:
    (single,) = elsewhere(desk, 20_000, capacity=1)
    (apart,) = elsewhere(desk, 20_000)
    stop(desk)
    for rooms in ([single, single], [single], [single, apart], [apart, apart, apart], []):
        with pytest.raises(Invalid):
            offered(desk, booking_id, *rooms)
    assert row_of(desk, booking_id).state is RehousingState.OPEN


@pytest.mark.parametrize("gone", [0, 1])
def test_one_room_that_went_meanwhile_keeps_all_where_they_are(
    desk: Desk, booking_id: str, gone: int
) -> None:
    rooms = elsewhere(desk, 15_000, 32_000, capacity=1)
    stop(desk)
    offer_id = offered(desk, booking_id, *rooms)
    desk.hold(phone="13900000009", address="10.0.0.9", room=rooms[gone], arrive=ARRIVE, nights=1)
    with pytest.raises(OfferGone):
        accepted(desk, booking_id, offer_id)
    booking = desk.booking(booking_id)
    assert booking.total_fen == FIRST + SECOND
    assert {item.enterprise_id for item in booking.items} == {desk.room.enterprise_id}
    assert used(desk, rooms[1 - gone]) == [set()]
    assert (refunded(desk), row_of(desk, booking_id).state) == (0, RehousingState.OFFERED)
    assert_clean(desk)


def test_one_that_became_dearer_is_not_taken_though_the_other_became_cheaper(
    desk: Desk, booking_id: str
) -> None:
    rooms = elsewhere(desk, 20_000, 20_000)
    stop(desk)
    offer_id = offered(desk, booking_id, *rooms)
    with desk.database.write() as session:
        session.execute(
            sa.update(OfferedRoom).where(OfferedRoom.item == 1).values(total_fen=FIRST - 1)
        )
    with pytest.raises(OfferGone):
        accepted(desk, booking_id, offer_id)
    assert_clean(desk)


def test_each_room_moves_with_its_own_nights(desk: Desk, booking_id: str) -> None:
    """One room was put off by two days: each new room is taken for the nights of its own."""
    was = desk.booking(booking_id).item(2).selection
    change(desk, booking_id, was.between(ARRIVE + days(2), ARRIVE + days(5)), item=2)
    (room,) = elsewhere(desk, 20_000, capacity=2)
    with desk.database.write() as session:
        # Both are needed on one night, and one is enough on all others.
        session.execute(
            sa.update(StockDay)
            .where(StockDay.pool_id == room.pool_id, StockDay.day != ARRIVE + days(2))
            .values(capacity=1)
        )
    stop(desk)
    accepted(desk, booking_id, offered(desk, booking_id, room, room))
    assert sorted(taken(desk.database, room.pool_id).items()) == [
        (ARRIVE + days(n), units) for n, units in enumerate((1, 1, 2, 1, 1))
    ]
    assert_clean(desk)


def test_what_we_add_is_paid_once_all_of_it_is_over(desk: Desk, booking_id: str) -> None:
    rooms = elsewhere(desk, 25_000, 32_000)
    stop(desk)
    accepted(desk, booking_id, offered(desk, booking_id, *rooms))
    desk.room = rooms[0]
    arrive(desk, booking_id)
    pass_days(desk, 4)
    assert desk.booking(booking_id).state is BookingState.COMPLETED
    with desk.database.read() as session:
        goodwill = postings.balance(session, postings.AccountCode.GOODWILL)
    assert goodwill == (15_000 + 6_000) * 9 // 10
    assert_clean(desk)


def test_rooms_of_several_houses_are_moved_by_telephone(desk: Desk) -> None:
    (away,) = elsewhere(desk, 20_000)
    booking_id = hold_all(desk, [Wanted(desk.room), Wanted(away)])
    desk.pay(booking_id)
    rooms = elsewhere(desk, 20_000, 20_000)
    stop(desk)
    with desk.database.write() as session, pytest.raises(SeveralHouses):
        rehousing_service.offer(
            session,
            rehousing_id=row_of(desk, booking_id).id,
            places=[[room.room_type_id for room in rooms]],
            actor=STAFF,
            now=desk.clock.now(),
        )
