"""Stock of rooms is as it was; places of activities, which had no stock before, go with theirs."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import command

from marketplace.inventory import service
from marketplace.inventory.models import ClaimKind
from marketplace.inventory.service import Want
from marketplace.kernel.db import Database
from marketplace.kernel.stay import Stay
from marketplace.operations import invariants, schema
from tests.factories import NOW, TODAY, make_slot
from tests.support.booking import make_desk

BEFORE = "0027_kept_forms"
OF_ROOMS = (
    "SELECT id, kind, room_type_id, enterprise_id FROM stock_pool WHERE kind = 'room' ORDER BY id",
    "SELECT * FROM stock_day WHERE pool_id = :room ORDER BY day",
    "SELECT * FROM stock_claim WHERE pool_id = :room ORDER BY id",
)
OF_ALL = ("stock_pool", "stock_day", "stock_claim")


def test_rooms_keep_their_stock_and_places_go_where_they_cannot_be_kept(database: Database) -> None:
    desk = make_desk(database)
    desk.paid(nights=30, rooms=2)
    with database.write() as session:
        slot = make_slot(session, enterprise_id=desk.room.enterprise_id)
        want = Want(slot.pool_id, Stay.of(TODAY, 1), 4)
        service.take(session, wants=[want], kind=ClaimKind.BLOCK, holder="b" * 32, now=NOW)

    def rows() -> list[Any]:
        with database.read() as session:
            return [
                session.execute(sa.text(statement), {"room": desk.room.pool_id}).all()
                for statement in OF_ROOMS
            ]

    before = rows()
    assert all(before)
    command.downgrade(schema.config_for(database.url), BEFORE)
    assert rows() == before
    with database.read() as session:
        counted = [session.scalar(sa.text(f"SELECT count(*) FROM {name}")) for name in OF_ALL]
    assert counted == [len(found) for found in before]
    schema.upgrade(database.url)
    assert rows() == before
    assert invariants.check(database, now=desk.clock.now()).clean
