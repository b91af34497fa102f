"""Two bookings change rooms: stock exact, nobody pays more, less goes back."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from marketplace.booking.changes import room_swap
from marketplace.booking.changes.room_swap import NotSwappable, RoomOf, Side, SwapRooms
from marketplace.booking.lifecycle import stay_lifecycle
from marketplace.booking.models import BookingChange
from marketplace.booking.states import SeveralItems, WrongState
from marketplace.inventory import claim_changes
from marketplace.inventory.models import ClaimKind
from marketplace.inventory.service import SoldOut
from marketplace.kernel.audit import Actor
from marketplace.kernel.db import Database
from marketplace.kernel.errors import Invalid, NotFound
from marketplace.kernel.unit_of_work import UnitOfWork
from tests.concurrency.rush import taken
from tests.factories import TODAY, Room, make_room
from tests.support.booking import Desk, make_desk
from tests.support.changing import arrive, assert_clean, change, refunded
from tests.support.orders import Wanted, hold_all

STAFF = Actor("staff", "1")
ARRIVE = TODAY + dt.timedelta(days=40)


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database, capacity=1)


def other_room(desk: Desk, **facts: object) -> Room:
    with desk.database.write() as session:
        return make_room(
            session,
            listing_id=desk.room.listing_id,
            days=200,
            **{"capacity": 1, "list_fen": 30_000} | facts,  # type: ignore[arg-type]
        )


def pair(desk: Desk, room: Room, **wish: object) -> tuple[str, str]:
    """Two paid stays on the same dates, which fill both room types."""
    facts: dict[str, object] = {"nights": 30} | wish
    return (
        desk.paid(**facts),
        desk.paid(phone="13900000002", address="10.0.0.2", room=room, **facts),
    )


def swap(
    desk: Desk,
    first: str,
    second: str,
    enterprise_id: int | None = None,
    items: tuple[int | None, int | None] = (None, None),
) -> tuple[Side, Side]:
    with desk.database.write() as session:
        return room_swap.swap(
            UnitOfWork(session, now=desk.clock.now(), actor=STAFF, ids=desk.ids),
            SwapRooms(
                RoomOf(first, items[0]),
                RoomOf(second, items[1]),
                enterprise_id or desk.room.enterprise_id,
            ),
        )


def test_full_houses_swap_and_who_gets_the_cheaper_room_gets_money_back(desk: Desk) -> None:
    dear = other_room(desk)
    first, second = pair(desk, dear)
    with desk.database.read() as session:
        shown = room_swap.quote_swap(
            session,
            SwapRooms(RoomOf(first), RoomOf(second), desk.room.enterprise_id),
            now=desk.clock.now(),
        )
    assert (shown[0].refund_fen, shown[0].would_cost_fen) == (0, 30 * 8_500)
    assert (shown[1].refund_fen, shown[1].would_cost_fen) == (30 * 8_500, 0)
    swap(desk, first, second)
    assert desk.booking(first).room.room_type_id == dear.room_type_id
    assert desk.booking(first).total_fen == 30 * 17_000
    assert desk.booking(second).room.room_type_id == desk.room.room_type_id
    assert desk.booking(second).total_fen == 30 * 17_000
    assert refunded(desk) == 30 * 8_500
    for pool in (desk.room.pool_id, dear.pool_id):
        assert set(taken(desk.database, pool).values()) == {1}
        assert len(taken(desk.database, pool)) == 30
    assert_clean(desk)


def test_in_the_house_the_nights_to_come_are_swapped(desk: Desk) -> None:
    dear = other_room(desk)
    first, second = pair(desk, dear)
    desk.clock.advance(days=40)
    for booking_id in (first, second):
        with desk.database.write() as session:
            stay_lifecycle.check_in(
                session,
                booking_id=booking_id,
                enterprise_id=desk.room.enterprise_id,
                actor=STAFF,
                now=desk.clock.now(),
            )
    desk.clock.advance(days=10)
    swap(desk, first, second)
    assert desk.booking(second).total_fen == 10 * 25_500 + 20 * 17_000
    assert_clean(desk)


def test_what_cannot_be_swapped_is_refused_and_nothing_changes(desk: Desk) -> None:
    small = other_room(desk, max_adults=1, max_guests=1)
    dear = other_room(desk)
    first, second = pair(desk, dear)
    later = desk.paid(
        phone="13900000003", address="10.0.0.3", arrive=ARRIVE + dt.timedelta(days=31), nights=30
    )
    held = desk.hold(phone="13900000004", address="10.0.0.4", nights=30, room=small, adults=1)
    for other, refusal in (
        (first, NotSwappable),
        (later, NotSwappable),
        (held, WrongState),
        ("nobody", NotFound),
    ):
        with pytest.raises(refusal):
            swap(desk, first, other)
    with pytest.raises(NotFound):
        swap(desk, first, second, enterprise_id=desk.room.enterprise_id + 1)
    desk.pay(held)
    with pytest.raises(Invalid):
        swap(desk, first, held)
    assert desk.booking(first).room.room_type_id == desk.room.room_type_id
    assert_clean(desk)


def test_holders_change_places_only_among_what_they_have(desk: Desk) -> None:
    first, second = pair(desk, other_room(desk))
    with desk.database.write() as session:
        have = claim_changes.held_by(session, [first])
        with pytest.raises(SoldOut):
            claim_changes.exchange(
                session,
                wants={first: have, second: have},
                kind=ClaimKind.BOOKING,
                now=desk.clock.now(),
            )
        session.rollback()
    assert_clean(desk)


class TestOneOfSeveral:
    """A family in two rooms and a couple in a third change one room each."""

    @pytest.fixture
    def rooms(self, desk: Desk) -> tuple[Room, Room]:
        return other_room(desk), other_room(desk, list_fen=25_000)

    def booked(self, desk: Desk, rooms: tuple[Room, Room]) -> tuple[str, str]:
        dear, third = rooms
        family = hold_all(desk, [Wanted(desk.room), Wanted(third, adults=1)])
        desk.pay(family)
        return family, desk.paid(phone="13900000077", address="10.0.7.7", room=dear, nights=3)

    @pytest.mark.parametrize("item", [1, 2])
    def test_the_other_room_stays_as_it_is(
        self, desk: Desk, rooms: tuple[Room, Room], item: int
    ) -> None:
        family, couple = self.booked(desk, rooms)
        own, other = desk.booking(family).item(item), desk.booking(family).item(3 - item)
        mine, theirs = swap(desk, family, couple, items=(item, None))
        # The family keeps its price in the dearer room, the couple gets back what theirs cost more.
        assert (mine.refund_fen, mine.would_cost_fen) == (0, 90_000 - own.total_fen)
        assert theirs.refund_fen == refunded(desk) == 90_000 - own.total_fen
        booking = desk.booking(family)
        assert booking.item(item).room_type_id == rooms[0].room_type_id
        assert booking.item(item).total_fen == own.total_fen
        assert booking.item(3 - item).selection == other.selection
        assert desk.booking(couple).room.room_type_id == own.room_type_id
        for room in (desk.room, *rooms):
            assert list(taken(desk.database, room.pool_id).values()) == [1, 1, 1]
        with desk.database.read() as session:
            changed = session.scalars(
                sa.select(BookingChange.item).where(BookingChange.booking_id == family)
            ).all()
        assert changed == [item]
        assert_clean(desk)

    def test_which_one_has_to_be_said_and_be_alike(
        self, desk: Desk, rooms: tuple[Room, Room]
    ) -> None:
        family, couple = self.booked(desk, rooms)
        with pytest.raises(SeveralItems):
            swap(desk, family, couple)
        with pytest.raises(NotFound):
            swap(desk, family, couple, items=(3, None))
        was = desk.booking(family).item(2).selection
        change(desk, family, was.between(ARRIVE, ARRIVE + dt.timedelta(days=2)), item=2)
        with pytest.raises(NotSwappable):
            swap(desk, couple, family, items=(None, 2))
        assert_clean(desk)

    def test_a_room_still_to_come_is_swapped_while_the_other_is_slept_in(
        self, desk: Desk, rooms: tuple[Room, Room]
    ) -> None:
        dear, third = rooms
        family = hold_all(desk, [Wanted(desk.room), Wanted(third, after=5)])
        desk.pay(family)
        couple = desk.paid(
            phone="13900000077",
            address="10.0.7.7",
            room=dear,
            nights=3,
            arrive=ARRIVE + dt.timedelta(days=5),
        )
        arrive(desk, family, after=1)
        swap(desk, family, couple, items=(2, None))
        assert desk.booking(family).item(2).room_type_id == dear.room_type_id
        assert desk.booking(family).item(1).room_type_id == desk.room.room_type_id
        assert len(taken(desk.database, dear.pool_id)) == 3
        assert_clean(desk)
