"""Orders of two houses' rooms, crossing each other and a suspension: whole or not at all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from catalog import service as catalog
from marketplace.booking.contract import holding
from marketplace.inventory import service as inventory
from marketplace.inventory.service import Want
from marketplace.kernel.audit import Actor
from marketplace.kernel.db import Database
from marketplace.operations import invariants
from tests.concurrency.rush import rush, taken
from tests.factories import Room
from tests.support.booking import Desk, make_desk
from tests.support.lives import make_neighbour
from tests.support.orders import Wanted, buyer_of, hold_all

WAITING = {"nothing_owed_too_long", "audit_chain"}


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database, capacity=2)


@pytest.fixture
def other(desk: Desk) -> Room:
    return make_neighbour(desk, list_fen=15_000)


def faults(desk: Desk) -> dict[str, list[str]]:
    report = invariants.check(desk.database, now=desk.clock.now())
    return {name: found for name, found in report.faults.items() if found and name not in WAITING}


def crossing(desk: Desk, other: Room, count: int) -> list[Callable[[], object]]:
    """Return clients that want a room of each house, every second one the other way round."""
    both = [Wanted(desk.room, nights=30), Wanted(other, nights=30)]
    return [
        lambda number=number: hold_all(  # type: ignore[misc]
            desk, both[:: 1 if number % 2 else -1], buyer_of(number)
        )
        for number in range(count)
    ]


def test_orders_that_cross_sell_each_room_once(desk: Desk, other: Room) -> None:
    assert rush(crossing(desk, other, 12)) == {"ok": 2, "sold_out": 10}
    for room in (desk.room, other):
        assert set(taken(desk.database, room.pool_id).values()) == {2}
    assert faults(desk) == {}


def test_no_order_crosses_the_suspension_of_one_of_its_houses(desk: Desk, other: Room) -> None:
    def suspend() -> None:
        with desk.database.write() as session:
            catalog.suspend(
                session,
                enterprise_id=other.enterprise_id,
                reason="许可证到期",
                actor=Actor("staff", "9"),
                now=desk.clock.now(),
            )

    outcome = rush([*crossing(desk, other, 6), suspend])
    assert set(outcome) <= {"ok", "sold_out", "not_bookable"}
    ids = "SELECT id FROM audit_entry WHERE action = '{}' ORDER BY id DESC"
    with desk.database.read() as session:
        held = session.scalars(sa.text(ids.format("booking.held"))).all()
        stopped = session.scalars(sa.text(ids.format("enterprise.suspended"))).one()
    assert all(each < stopped for each in held)
    assert faults(desk) == {}


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_twin_that_takes_items_as_they_stand_is_caught(
    desk: Desk, other: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two that each hold what the other one wants next end each other."""
    half = threading.Barrier(2)

    def as_they_stand(session: Any, *, wants: Sequence[Want], **how: Any) -> None:
        for number, want in enumerate(wants):
            inventory.take(session, wants=[want], **how)
            if not number:
                half.wait(timeout=30)

    def unordered(booking: Any) -> list[Want]:
        return [Want(item.pool_id, item.days, item.units) for item in booking.items]

    monkeypatch.setattr(holding, "take", as_they_stand)
    monkeypatch.setattr(holding, "wants_of", unordered)
    with pytest.raises(sa.exc.OperationalError, match="deadlock"):
        rush(crossing(desk, other, 2))
