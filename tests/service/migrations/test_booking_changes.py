"""Changes that were made, and those that wait, are the same under their table's name of before."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import command

from marketplace.kernel.db import Database
from marketplace.operations import schema
from tests.support.booking import make_desk
from tests.support.changing import change, changed, longer

BEFORE = "0034_journal_payables"


def test_every_change_is_there_down_and_up_again(database: Database) -> None:
    desk = make_desk(database)
    booking_id = desk.paid(nights=30)
    changed(desk, booking_id, longer(desk, booking_id, 2))
    change(desk, booking_id, longer(desk, booking_id, 3))

    def rows(table: str) -> list[Any]:
        with database.read() as session:
            found = session.execute(sa.text(f"SELECT * FROM {table} ORDER BY number"))
            return [tuple(row) for row in found]

    before = rows("booking_change")
    assert [row[4] for row in before] == ["applied", "held"]
    command.downgrade(schema.config_for(database.url), BEFORE)
    assert rows("stay_change") == before
    schema.upgrade(database.url)
    assert rows("booking_change") == before
