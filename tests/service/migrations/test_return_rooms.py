"""A right to one kind of room goes back and forth between its row and its rooms; others stay."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic import command

from marketplace.booking.lifecycle import return_rights
from marketplace.booking.lifecycle.transitions import locked
from marketplace.booking.models import ReturnRoom
from marketplace.kernel.db import Database
from marketplace.operations import schema
from tests.support.booking import Desk, make_desk
from tests.support.orders import Wanted, hold_all

BEFORE = "0041_offered_rooms"


def earned(desk: Desk, booking_id: str) -> None:
    with desk.database.write() as session:
        booking = locked(session, booking_id)
        return_rights.earn(session, booking=booking, now=desk.clock.now())


def rooms(database: Database) -> list[tuple[int, ...]]:
    table = ReturnRoom.__table__
    with database.read() as session:
        return [tuple(row) for row in session.execute(sa.select(table))]


def test_a_right_to_one_kind_is_the_same_down_and_up_again(database: Database) -> None:
    desk = make_desk(database)
    earned(desk, desk.hold(rooms=2, nights=30, adults=3))
    kept = rooms(database)
    assert kept == [(1, 1, desk.room.room_type_id, desk.room.pool_id, 2)]
    command.downgrade(schema.config_for(database.url), BEFORE)
    with database.read() as session:
        row = session.execute(
            sa.text("SELECT room_type_id, pool_id, rooms FROM return_right")
        ).one()
    assert tuple(row) == kept[0][2:]
    schema.upgrade(database.url)
    assert rooms(database) == kept


def test_a_right_to_several_kinds_cannot_go_back(database: Database) -> None:
    desk = make_desk(database)
    earned(desk, hold_all(desk, [Wanted(desk.room, nights=30), Wanted(desk.room, nights=30)]))
    with pytest.raises(RuntimeError, match="several rooms"):
        command.downgrade(schema.config_for(database.url), BEFORE)
