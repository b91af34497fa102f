"""Items without words on who sleeps there go back and forth; those with some stop the way back."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic import command

from marketplace.booking.items import BookingItem
from marketplace.kernel.db import Database
from marketplace.operations import schema
from tests.service.migrations.test_booking_changes import changes, filled

BEFORE = "0042_return_rooms"


def test_items_without_sleepers_are_the_same_down_and_up_again(database: Database) -> None:
    filled(database)
    before = changes(database)
    items = rows(database)
    assert items
    command.downgrade(schema.config_for(database.url), BEFORE)
    schema.upgrade(database.url)
    assert (changes(database), rows(database)) == (before, items)


def test_who_sleeps_where_cannot_go_back(database: Database) -> None:
    filled(database)
    with database.write() as session:
        item = session.scalars(sa.select(BookingItem)).first()
        assert item is not None
        item.sleepers = "爷爷奶奶"
    with database.read() as session:
        stored = session.scalar(
            sa.text("SELECT sleepers FROM booking_item WHERE sleepers IS NOT NULL")
        )
    assert "爷爷" not in str(stored)
    with pytest.raises(RuntimeError, match="who sleeps where"):
        command.downgrade(schema.config_for(database.url), BEFORE)


def rows(database: Database) -> list[tuple[object, ...]]:
    """Return every item of every booking as the table has it."""
    with database.read() as session:
        found = session.execute(sa.text("SELECT * FROM booking_item ORDER BY booking_id, number"))
        return [tuple(row) for row in found]
