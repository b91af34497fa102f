"""Discounts become tariffs, and bookings from before say how their price came about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import command

from marketplace.booking.items import BookingPart
from marketplace.booking.models import Booking
from marketplace.kernel.db import Database
from marketplace.operations import invariants, schema
from marketplace.pricing import queries
from marketplace.pricing.models import NightRate
from marketplace.pricing.nights.quote import ReductionKind
from marketplace.pricing.nights.terms import Terms, Tier
from tests.support.booking import make_desk


def test_what_was_sold_before_is_explained_and_discounts_still_count(database: Database) -> None:
    desk = make_desk(database)
    booking_id = desk.paid(nights=30, rooms=2)
    before = desk.booking(booking_id)
    room = desk.room.room_type_id
    command.downgrade(schema.config_for(database.url), "0013_imports")
    with database.write() as session:
        session.execute(
            sa.text(
                "INSERT INTO stay_discount (id, room_type_id, min_nights, off_bp)"
                " VALUES (1, :room, 30, 1500), (2, :room, 7, 500)"
            ),
            {"room": room},
        )
    schema.upgrade(database.url)
    with database.read() as session:
        terms = queries.tariffs(session, room_type_ids=[room])[room][1]
        assert terms == Terms(tiers=(Tier(7, 500), Tier(30, 1500)))
        assert set(session.scalars(sa.select(BookingPart.rate_fen))) == {20_000}
        assert set(session.scalars(sa.select(NightRate.by_hand))) == {True}
        after = session.get_one(Booking, booking_id)
        price = after.room.price
    assert (price.total_fen, price.list_fen) == (before.total_fen, before.list_fen)
    assert sum(line.amount_fen for line in price.lines) == before.list_fen
    assert [(cut.kind, cut.off_fen) for cut in price.reductions] == [
        (ReductionKind.AGREED, before.list_fen - before.total_fen)
    ]
    assert (after.room.board, after.room.extra_beds, after.room.tariff_id) == ("room_only", 0, None)
    assert invariants.check(database, now=desk.clock.now()).faults["parts_sum_to_item"] == []
