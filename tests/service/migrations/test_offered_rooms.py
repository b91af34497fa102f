"""An offer of one room goes back and forth between its row and its rooms; one of several stays."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic import command

from marketplace.kernel.db import Database
from marketplace.operations import schema
from tests.factories import make_room
from tests.support.booking import make_desk
from tests.support.orders import Wanted, hold_all
from tests.support.rehousing import accepted, elsewhere, offered, stop

BEFORE = "0040_item_topups"


def test_an_offer_of_one_room_is_the_same_down_and_up_again(database: Database) -> None:
    desk = make_desk(database)
    booking_id = desk.paid(nights=3)
    (room,) = elsewhere(desk, 15_000)
    stop(desk)
    offer_id = offered(desk, booking_id, room)
    command.downgrade(schema.config_for(database.url), BEFORE)
    with database.read() as session:
        row = session.execute(sa.text("SELECT room_type_id, total_fen FROM rehousing_offer")).one()
        assert tuple(row) == (room.room_type_id, 45_000)
    schema.upgrade(database.url)
    accepted(desk, booking_id, offer_id)
    assert desk.booking(booking_id).room.room_type_id == room.room_type_id


def test_an_offer_of_several_rooms_cannot_go_back(database: Database) -> None:
    desk = make_desk(database)
    booking_id = hold_all(desk, [Wanted(desk.room), Wanted(desk.room)])
    desk.pay(booking_id)
    with database.write() as session:
        make_room(session, listing_id=desk.room.listing_id)
    rooms = elsewhere(desk, 15_000, 15_000)
    stop(desk)
    offered(desk, booking_id, *rooms)
    with pytest.raises(RuntimeError, match="several rooms"):
        command.downgrade(schema.config_for(database.url), BEFORE)
