"""What we add for a rehoused guest goes from the booking to its item, and back as their sum."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import command

from marketplace.booking.items import BookingItem
from marketplace.kernel.db import Database
from marketplace.operations import schema
from tests.factories import make_room
from tests.support.booking import make_desk
from tests.support.orders import Wanted, hold_all

BEFORE = "0039_change_items"


def test_it_is_the_lowest_items_and_on_the_way_back_the_sum(database: Database) -> None:
    desk = make_desk(database)
    with database.write() as session:
        other = make_room(session, listing_id=desk.room.listing_id)
    booking_id = hold_all(desk, [Wanted(desk.room), Wanted(other)])
    with database.write() as session:
        for number, fen in ((1, 700), (2, 41)):
            session.execute(
                sa.update(BookingItem).where(BookingItem.number == number).values(topup_fen=fen)
            )
    command.downgrade(schema.config_for(database.url), BEFORE)
    with database.read() as session:
        assert session.scalar(sa.text("SELECT topup_fen FROM booking")) == 741
    schema.upgrade(database.url)
    assert [item.topup_fen for item in desk.booking(booking_id).items] == [741, 0]
