"""Changes that were made, and those that wait, are the same across their table's older shapes."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import command

from marketplace.booking.models import BookingChange
from marketplace.kernel.db import Database
from marketplace.operations import schema
from tests.support.booking import Desk, make_desk
from tests.support.changing import ARRIVE, change, changed, days, longer, wish_of

BEFORE = "0034_journal_payables"
SHOWN = ("number", "kind", "state", "difference_fen", "fee_fen", "made_at", "wish", "was")


def filled(database: Database) -> Desk:
    """A stay in two rooms that was made longer, and a longer time still is to be paid."""
    desk = make_desk(database)
    booking_id = desk.paid(nights=30, rooms=2)
    changed(desk, booking_id, longer(desk, booking_id, 2))
    change(desk, booking_id, wish_of(desk, booking_id, check_out=ARRIVE + days(40)))
    return desk


def changes(database: Database) -> list[Any]:
    with database.read() as session:
        rows = session.scalars(sa.select(BookingChange).order_by(BookingChange.number))
        return [[getattr(row, name) for name in SHOWN] for row in rows]


def test_every_change_is_there_down_and_up_again(database: Database) -> None:
    filled(database)
    before = changes(database)
    assert [row[2].value for row in before] == ["applied", "held"]
    assert {row[-1].rooms for row in before} == {2}
    command.downgrade(schema.config_for(database.url), BEFORE)
    with database.read() as session:
        told = session.scalars(sa.text("SELECT wish FROM stay_change ORDER BY number")).all()
    assert json.loads(told[-1]) == {
        "room_type_id": before[0][-1].room_type_id,
        "check_in": ARRIVE.isoformat(),
        "check_out": (ARRIVE + days(40)).isoformat(),
        "adults": 2,
        "board": "room_only",
    }
    schema.upgrade(database.url)
    assert changes(database) == before


def test_defaults_that_were_not_written_are_read(database: Database) -> None:
    desk = filled(database)
    before = changes(database)
    command.downgrade(schema.config_for(database.url), BEFORE)
    with desk.database.write() as session:
        for row in session.execute(sa.text("SELECT id, wish FROM stay_change")).all():
            bare = {k: v for k, v in json.loads(row.wish).items() if k != "board"}
            session.execute(
                sa.text("UPDATE stay_change SET wish = :text WHERE id = :id"),
                {"text": json.dumps(bare), "id": row.id},
            )
    schema.upgrade(database.url)
    assert changes(database) == before
