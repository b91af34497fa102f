"""Stays in two kinds of room that cross each other: held, and moved to another house."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.booking.contract import holding, placement
from marketplace.booking.contract.placement import PlaceBooking, place
from marketplace.booking.contract.room_choices import RoomChoice
from marketplace.booking.rehousing import rehousing_service
from marketplace.inventory import claim_changes
from marketplace.inventory import service as inventory
from marketplace.inventory.models import StockDay
from marketplace.inventory.service import Want
from marketplace.kernel.audit import TRAVELLER
from marketplace.kernel.db import Database
from marketplace.kernel.stay import Stay
from marketplace.operations import invariants
from marketplace.pricing.nights.selection import Party, StaySelection
from tests.concurrency.rush import Client, rush, taken
from tests.concurrency.test_stock import drop_check
from tests.factories import Room, make_room
from tests.support.booking import COMMISSION_BP, Desk, make_desk
from tests.support.orders import ARRIVE, Wanted, buyer_of, hold_all
from tests.support.rehousing import accepted, elsewhere, offered, stop

WAITING = {"nothing_owed_too_long", "audit_chain"}


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database, capacity=1)


@pytest.fixture
def other(desk: Desk) -> Room:
    """A second kind of room of the same house; of each there is one."""
    return kind_of_room(desk, 1)


def kind_of_room(desk: Desk, capacity: int) -> Room:
    with desk.database.write() as session:
        return make_room(session, listing_id=desk.room.listing_id, capacity=capacity, days=200)


def faults(desk: Desk) -> dict[str, list[str]]:
    report = invariants.check(desk.database, now=desk.clock.now())
    return {name: found for name, found in report.faults.items() if found and name not in WAITING}


def placing(desk: Desk, rooms: Sequence[Room], number: int) -> None:
    """Hold a room of each kind for three nights, in this order."""
    command = PlaceBooking(
        tuple(
            RoomChoice(StaySelection(room.room_type_id, Stay.of(ARRIVE, 3), 1, Party(2)))
            for room in rooms
        ),
        buyer_of(number),
    )
    with desk.database.write() as session:
        place(
            session,
            command=command,
            commission_bp=COMMISSION_BP,
            actor=TRAVELLER,
            ids=desk.ids,
            now=desk.clock.now(),
        )


def crossing(desk: Desk, other: Room, count: int) -> list[Client]:
    """Return clients that want both kinds, every second one the other way round."""
    both = [desk.room, other]
    return [
        partial(placing, desk, both[:: 1 if number % 2 else -1], number) for number in range(count)
    ]


def test_the_last_room_of_each_kind_goes_to_one_stay(desk: Desk, other: Room) -> None:
    assert rush(crossing(desk, other, 8)) == {"ok": 1, "sold_out": 7}
    for room in (desk.room, other):
        assert list(taken(desk.database, room.pool_id).values()) == [1, 1, 1]
    assert faults(desk) == {}


def test_who_wants_one_of_them_too_leaves_both_or_none(desk: Desk, other: Room) -> None:
    """A stay in both kinds wins whole, or one of the two who want a single kind is there."""
    single = [
        partial(placing, desk, [room], number)
        for number, room in enumerate((desk.room, other, desk.room, other), start=90)
    ]
    outcome = rush([*single, *crossing(desk, other, 4)])
    assert set(outcome) == {"ok", "sold_out"}
    assert outcome["ok"] in {1, 2}
    for room in (desk.room, other):
        assert list(taken(desk.database, room.pool_id).values()) == [1, 1, 1]
    assert faults(desk) == {}


def test_the_twin_without_the_guard_is_caught(
    desk: Desk, other: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lock, condition and CHECK taken away: each kind is sold to everybody."""
    drop_check(desk.database)

    def fill_without_looking(session: Any, want: Want) -> bool:
        more = StockDay.taken + want.units
        session.execute(sa.update(StockDay).where(inventory.span_of(want)).values(taken=more))
        return True

    monkeypatch.setattr(inventory, "fill", fill_without_looking)
    monkeypatch.setattr(inventory, "lock_days", lambda *_: None)
    monkeypatch.setattr(placement, "_require_free", lambda *_: None)
    # One after another: without the lock, crossing updates would end each other on PostgreSQL.
    for client in crossing(desk, other, 3):
        client()
    assert "sold_within_capacity" in faults(desk)


def unordered(half: threading.Barrier) -> tuple[Callable[..., None], Callable[..., list[Want]]]:
    """Return how stock is taken, and wanted, by those who keep to no order."""

    def take_as_they_stand(session: Any, *, wants: Sequence[Want], **how: Any) -> None:
        for number, want in enumerate(wants):
            inventory.take(session, wants=[want], **how)
            if not number:
                half.wait(timeout=30)

    def wants_of(booking: Any) -> list[Want]:
        return [Want(item.pool_id, item.days, item.units) for item in booking.items]

    return take_as_they_stand, wants_of


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_twin_that_takes_items_as_they_stand_is_caught(
    desk: Desk, other: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    take, wants_of = unordered(threading.Barrier(2))
    monkeypatch.setattr(holding, "take", take)
    monkeypatch.setattr(holding, "wants_of", wants_of)
    with pytest.raises(sa.exc.OperationalError, match="deadlock"):
        rush(crossing(desk, other, 2))


def stopped(desk: Desk, count: int, capacity: int) -> tuple[list[Client], list[Room]]:
    """Stop a house with guests in two kinds of room each, which no two of them share.

    Returns who accept a place in one other house, every second one the other way round, and its
    two kinds of room, of which it has ``capacity`` each.
    """
    bookings = []
    for number in range(count):
        own = [kind_of_room(desk, 1), kind_of_room(desk, 1)]
        held = hold_all(desk, [Wanted(room) for room in own], buyer_of(number))
        desk.pay(held)
        bookings.append(held)
    rooms = elsewhere(desk, 15_000, 32_000, capacity=capacity)
    stop(desk)
    return [
        partial(
            accepted,
            desk,
            booking_id,
            offered(desk, booking_id, *rooms[:: 1 if number % 2 else -1]),
        )
        for number, booking_id in enumerate(bookings)
    ], rooms


def test_moves_that_cross_take_both_rooms_or_none(desk: Desk) -> None:
    clients, rooms = stopped(desk, 4, capacity=2)
    assert rush(clients) == {"ok": 2, "offer_gone": 2}
    for room in rooms:
        assert list(taken(desk.database, room.pool_id).values()) == [2, 2, 2]
    assert faults(desk) == {}


def test_who_moves_and_who_books_there_share_what_there_is(desk: Desk) -> None:
    clients, (first, second) = stopped(desk, 3, capacity=2)
    booking = [partial(placing, desk, [first], number) for number in range(90, 93)]
    # Each twice: who presses again, and whoever comes second to the same offer, changes nothing.
    outcome = rush([*clients, *clients, *booking])
    assert set(outcome) <= {"ok", "offer_gone", "rehousing_settled", "sold_out"}
    assert outcome["ok"] == 2
    assert list(taken(desk.database, first.pool_id).values()) == [2, 2, 2]
    moved = outcome["rehousing_settled"]
    assert set(taken(desk.database, second.pool_id).values()) <= {moved}
    assert faults(desk) == {}


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_twin_that_moves_rooms_one_by_one_is_caught(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two that each have moved into the room that the other one wants next end each other."""
    clients, _ = stopped(desk, 2, capacity=1)
    half = threading.Barrier(2)

    def one_by_one(session: Any, *, wants: Sequence[Want], **how: Any) -> None:
        for number in range(1, len(wants) + 1):
            claim_changes.reshape(session, wants=wants[:number], **how)
            if number == 1:
                half.wait(timeout=30)

    def as_they_stand(booking: Any, found: Sequence[Any]) -> list[Want]:
        return [
            Want(room.pool_id, item.days, item.units)
            for item, room in zip(booking.items, found, strict=True)
        ]

    monkeypatch.setattr(rehousing_service, "reshape", one_by_one)
    monkeypatch.setattr(rehousing_service, "wants_at", as_they_stand)
    with pytest.raises(sa.exc.OperationalError, match="deadlock"):
        rush(clients)
