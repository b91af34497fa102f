"""Bookings become headers with items and parts; every value of every row is where it belongs."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from marketplace.kernel.db import Database
from marketplace.operations import invariants, schema
from tests.factories import NOW, TODAY
from tests.support.booking import Desk, make_desk

BEFORE = "0030_wishes"
OLD = (
    """SELECT id, enterprise_id, listing_id, room_type_id, pool_id, check_in, check_out, rooms,
    adjoining, adults, children_ages, board, extra_beds, tariff_id, price, list_fen, total_fen,
    commission_bp, policy FROM booking ORDER BY id""",
    """SELECT booking_id, day, rate_fen, list_fen, sold_fen, commission_fen, earned_at
    FROM booking_night ORDER BY booking_id, day""",
)
NEW = (
    """SELECT b.id, i.enterprise_id, i.listing_id, i.room_type_id, i.pool_id, b.starts_on,
    b.ends_on, i.units, i.adjoining, i.adults, i.children_ages, i.board, i.extra_beds,
    i.tariff_id, i.price, i.list_fen, i.total_fen, i.commission_bp, i.policy
    FROM booking b JOIN booking_item i ON i.booking_id = b.id AND i.number = 1
    AND i.first_day = b.starts_on AND i.last_day = b.ends_on
    WHERE b.kind = 'stay' AND i.kind = 'room' ORDER BY b.id""",
    """SELECT booking_id, day, rate_fen, list_fen, sold_fen, commission_fen, earned_at
    FROM booking_part WHERE item = 1 ORDER BY booking_id, day""",
)


@pytest.fixture
def desk(database: Database) -> Desk:
    desk = make_desk(database, capacity=4)
    desk.paid(nights=30, rooms=2, adults=3)
    desk.hold(phone="13900000002", arrive=TODAY, nights=2)
    return desk


def rows(desk: Desk, statements: tuple[str, ...]) -> list[list[tuple[Any, ...]]]:
    with desk.database.read() as session:
        return [[*map(tuple, session.execute(sa.text(each)))] for each in statements]


def test_what_was_sold_stands_in_its_item_and_back_again(desk: Desk) -> None:
    config = schema.config_for(desk.database.url)
    after = rows(desk, NEW)
    assert [len(found) for found in after] == [2, 32]
    command.downgrade(config, BEFORE)
    assert rows(desk, OLD) == after
    schema.upgrade(desk.database.url)
    assert rows(desk, NEW) == after
    assert invariants.check(desk.database, now=NOW).clean


def test_what_no_table_of_before_can_hold_is_not_lost_on_the_way_back(desk: Desk) -> None:
    with desk.database.write() as session:
        columns = [
            column["name"]
            for column in sa.inspect(session.connection()).get_columns("booking_item")
            if column["name"] != "number"
        ]
        listed = ", ".join(columns)
        session.execute(
            sa.text(
                f"INSERT INTO booking_item (number, {listed}) SELECT 2, {listed} FROM booking_item"
            )
        )
    with pytest.raises(RuntimeError, match="several items"):
        command.downgrade(schema.config_for(desk.database.url), BEFORE)
    with desk.database.read() as session:
        assert session.scalar(sa.text("SELECT count(*) FROM booking_item")) == 4
