"""Changes of partners' bookings become events: the same numbers, and every cursor goes on."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import command

from marketplace.booking.events.facts import subject_of
from marketplace.booking.events.view import BookingView, read_view
from marketplace.booking.models import Booking
from marketplace.kernel import changes, events, numbering
from marketplace.kernel.db import Database
from marketplace.kernel.events import Event
from marketplace.kernel.numbering import Log
from marketplace.operations import schema
from tests.support.booking import make_desk
from tests.support.lives import Life

BEFORE = "0015_uploads"


def view_of(database: Database, booking_id: str) -> BookingView:
    with database.read() as session:
        return read_view(events.last_view(session, subject_of(booking_id)) or "")


def test_cursors_go_on_and_the_last_event_carries_the_booking(database: Database) -> None:
    desk = make_desk(database)
    life = Life.begin(desk)
    life.extend()
    life.confirm()
    direct = desk.paid(arrive=life.booking.starts_on)
    desk.clock.advance(hours=1)
    life.cancel()
    changes.sequence(database)
    told = view_of(database, life.booking_id)
    url = schema.config_for(database.url)

    command.downgrade(url, BEFORE)
    with database.write() as session:
        rows = session.execute(
            sa.text("SELECT id, detail FROM change WHERE kind = 'booking' ORDER BY id")
        ).all()
        states = [
            (row.detail if isinstance(row.detail, dict) else json.loads(row.detail))["state"]
            for row in rows
        ]
        assert states == ["held", "held", "confirmed", "cancelled"]
        last = session.scalar(sa.text("SELECT last_number FROM change_counter")) or 0
        for number, row in enumerate(rows[:-1], last + 1):
            session.execute(
                sa.text("UPDATE change SET number = :number WHERE id = :id"),
                {"number": number, "id": row.id},
            )
        session.execute(
            sa.text("UPDATE change_counter SET last_number = :last"), {"last": last + 3}
        )

    schema.upgrade(database.url)
    with database.read() as session:
        log = session.scalars(sa.select(Event).order_by(Event.id)).all()
        assert numbering.last_number(session, Log.EVENTS) == last + 3
        assert session.get_one(Booking, direct).version == 0
        assert session.get_one(Booking, life.booking_id).version == 4
    assert [(event.number, event.version, event.type) for event in log] == [
        (last + 1, 1, "booking.held"),
        (last + 2, 2, "booking.extended"),
        (last + 3, 3, "booking.confirmed"),
        (None, 4, "booking.cancelled"),
    ]
    assert [json.loads(event.what) for event in log] == [{"state": state} for state in states]
    assert [event.view is None for event in log] == [True, True, True, False]
    assert {(event.stream, event.by) for event in log} == {
        (f"partner:{life.partner_id}:live", "unknown")
    }

    after = view_of(database, life.booking_id)
    assert after.money == told.money
    assert (after.items, after.units, after.policy) == (told.items, told.units, told.policy)
    assert after.ending is not None
    assert told.ending is not None
    assert (after.ending.reason, after.ending.fee_fen, after.ending.refund_fen) == (
        *(told.ending.reason, told.ending.fee_fen),
        told.ending.refund_fen,
    )
    assert changes.sequence(database) == 1
    with database.read() as session:
        assert numbering.last_number(session, Log.EVENTS) == last + 4
