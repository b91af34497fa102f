"""Outbox and inbox: what is owed is done once at a time, what is told is kept once."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from marketplace.kernel import inbox, outbox
from marketplace.kernel.db import Database
from marketplace.kernel.inbox import InboxRow
from marketplace.kernel.outbox import Delivery, OutboxRow
from tests.factories import NOW
from tests.support.effects import Ping


def owed(database: Database, key: str = "a", *, due_at: dt.datetime | None = None) -> int:
    """Owe an effect and return its row's id."""
    with database.write() as session:
        outbox.owe(session, Ping(key), now=NOW, due_at=due_at)
        row_id = session.scalar(sa.select(OutboxRow.id).where(OutboxRow.key == key))
        assert row_id is not None
        return row_id


def take(database: Database, row_id: int, now: dt.datetime = NOW) -> Delivery | None:
    with database.write() as session:
        return outbox.take_up(session, row_id, now=now)


def due(database: Database, now: dt.datetime = NOW) -> list[int]:
    with database.read() as session:
        return outbox.due_ids(session, now=now)


def after(**time: float) -> dt.datetime:
    return NOW + dt.timedelta(**time)


class TestOutbox:
    def test_owed_twice_is_written_once(self, database: Database) -> None:
        first = owed(database)
        assert owed(database) == first
        assert due(database) == [first]

    def test_taken_up_it_is_leased_for_a_minute(self, database: Database) -> None:
        row_id = owed(database)
        assert take(database, row_id) == Delivery(row_id, "a", Ping.topic, {"n": 1})
        assert take(database, row_id) is None
        assert due(database, after(seconds=59)) == []
        assert take(database, row_id, after(seconds=59)) is None
        assert due(database, after(seconds=60)) == [row_id]
        assert take(database, row_id, after(seconds=60)) is not None

    def test_settled_it_is_never_taken_up_again(self, database: Database) -> None:
        row_id = owed(database)
        take(database, row_id)
        with database.write() as session:
            outbox.settle(session, row_id, now=NOW)
        assert take(database, row_id, after(days=1)) is None
        assert due(database, after(days=1)) == []

    def test_failing_it_waits_longer_each_time(self, database: Database) -> None:
        row_id, now, waits = owed(database), NOW, []
        for _ in range(7):
            assert take(database, row_id, now) is not None
            with database.write() as session:
                outbox.put_back(session, row_id, failure="Timeout" * 99, now=now)
            with database.read() as session:
                row = session.get(OutboxRow, row_id)
                assert row is not None
                waits.append(int((row.due_at - now).total_seconds()))
                assert row.failure == ("Timeout" * 99)[:200]
                now = row.due_at
        assert waits == [2, 10, 60, 300, 1800, 1800, 1800]

    def test_a_late_failure_does_not_reopen_what_was_settled(self, database: Database) -> None:
        row_id = owed(database)
        take(database, row_id)
        with database.write() as session:
            outbox.settle(session, row_id, now=NOW)
            outbox.put_back(session, row_id, failure="Timeout", now=NOW)
        assert due(database, after(days=1)) == []

    def test_what_is_due_later_waits(self, database: Database) -> None:
        row_id = owed(database, due_at=after(minutes=5))
        assert take(database, row_id, after(minutes=4)) is None
        assert take(database, row_id, after(minutes=5)) is not None

    def test_the_oldest_come_first(self, database: Database) -> None:
        rows = [owed(database, key) for key in "abc"]
        assert due(database) == rows
        with database.read() as session:
            assert outbox.due_ids(session, now=NOW, limit=2) == rows[:2]

    def test_of_many_workers_one_takes_it_up(self, database: Database) -> None:
        row_id = owed(database)
        with ThreadPoolExecutor(16) as pool:
            taken = list(pool.map(lambda _: take(database, row_id), range(16)))
        assert len([one for one in taken if one is not None]) == 1


class TestInbox:
    def store(self, database: Database, source: str = "bank", event: str = "e1") -> int | None:
        with database.write() as session:
            return inbox.store(
                session, source=source, external_id=event, payload={"ref": "p"}, now=NOW
            )

    def test_an_event_is_stored_once(self, database: Database) -> None:
        assert self.store(database) is not None
        assert self.store(database) is None
        assert self.store(database, event="e2") is not None

    def test_two_sources_may_use_the_same_id(self, database: Database) -> None:
        assert self.store(database, "bank") is not None
        assert self.store(database, "post") is not None

    def test_told_by_many_at_once_it_is_stored_once(self, database: Database) -> None:
        with ThreadPoolExecutor(16) as pool:
            told = list(pool.map(lambda _: self.store(database), range(16)))
        assert len([row_id for row_id in told if row_id is not None]) == 1

    def test_it_is_worked_on_until_it_is_done(self, database: Database) -> None:
        row_id = self.store(database)
        assert row_id is not None
        with database.write() as session:
            row = inbox.load(session, row_id)
            assert row is not None
            assert row.payload == {"ref": "p"}
            row.processed_at = NOW
        with database.read() as session:
            assert inbox.load(session, row_id) is None
            assert inbox.load(session, row_id + 1) is None
            assert session.scalar(sa.select(sa.func.count()).select_from(InboxRow)) == 1
