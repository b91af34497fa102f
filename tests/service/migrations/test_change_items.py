"""Changes of the one item of a booking go back and forth; those of several stop the way back."""

from __future__ import annotations

import pytest
from alembic import command

from marketplace.kernel.db import Database
from marketplace.operations import schema
from tests.factories import make_room
from tests.service.migrations.test_booking_changes import changes, filled
from tests.support.booking import make_desk
from tests.support.changing import given_up
from tests.support.orders import Wanted, hold_all

BEFORE = "0038_photo_problems"


def test_changes_of_one_item_are_the_same_down_and_up_again(database: Database) -> None:
    filled(database)
    before = changes(database)
    command.downgrade(schema.config_for(database.url), BEFORE)
    schema.upgrade(database.url)
    assert changes(database) == before


def test_a_room_that_was_given_up_cannot_go_back(database: Database) -> None:
    desk = make_desk(database)
    with database.write() as session:
        other = make_room(session, list_fen=30_000, listing_id=desk.room.listing_id)
    booking_id = hold_all(desk, [Wanted(desk.room), Wanted(other)])
    desk.pay(booking_id)
    given_up(desk, booking_id, 2)
    with pytest.raises(RuntimeError, match="several items"):
        command.downgrade(schema.config_for(database.url), BEFORE)
