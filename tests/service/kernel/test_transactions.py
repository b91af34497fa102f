"""Sessions: what they may do, who waits for whom, and what happens after the commit."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.orm import Session

from marketplace.kernel import audit, outbox
from marketplace.kernel.audit import SYSTEM, AuditEntry, AuditSeal
from marketplace.kernel.db import Database, after_commit, lock_word
from marketplace.kernel.outbox import OutboxRow
from marketplace.tables import APPEND_ONLY
from tests.factories import NOW
from tests.service.kernel.owing import owe, owe_and_fail, rows
from tests.service.payments.support import make_desk
from tests.support.effects import Ping

ROOT = Path(__file__).resolve().parents[3]


def note(session: Session, action: str = "x.done") -> None:
    audit.note(session, actor=SYSTEM, action=action, subject=("x", 1), now=NOW)


class TestReading:
    def test_cannot_write(self, database: Database) -> None:
        with database.read() as session, pytest.raises(DBAPIError, match=r"(?i)read.?only"):
            owe(session)
        assert rows(database) == []

    def test_sees_one_moment(self, database: Database) -> None:
        counted = sa.select(sa.func.count()).select_from(OutboxRow)
        with database.read() as session:
            assert session.scalar(counted) == 0
            with database.write() as writer:
                owe(writer)
            assert session.scalar(counted) == 0
        assert rows(database) == ["a"]

    def test_does_not_wait_for_a_writer(self, database: Database) -> None:
        read = threading.Event()

        def look() -> list[str]:
            found = rows(database)
            read.set()
            return found

        with ThreadPoolExecutor(1) as pool, database.write() as writer:
            owe(writer)
            writer.flush()
            looking = pool.submit(look)
            assert read.wait(20), "the reader waited for the writer"
            assert looking.result() == []

    def test_a_session_that_failed_to_write_leaves_a_clean_connection(
        self, database: Database
    ) -> None:
        for _ in range(3):
            with database.read() as session, pytest.raises(DBAPIError):
                owe(session)
        with database.write() as session:
            owe(session)
        assert rows(database) == ["a"]


class TestWriting:
    def test_an_error_leaves_nothing(self, database: Database) -> None:
        with pytest.raises(RuntimeError):
            owe_and_fail(database)
        assert rows(database) == []

    def test_foreign_keys_hold(self, database: Database) -> None:
        with pytest.raises(IntegrityError), database.write() as session:
            session.execute(sa.insert(AuditSeal).values(number=1, entry_id=99, hash="0" * 64))

    def test_writers_queue(self, database: Database) -> None:
        def work(writer: int) -> None:
            for turn in range(50):
                with database.write() as session:
                    owe(session, f"{writer}-{turn}")

        with ThreadPoolExecutor(16) as pool:
            list(pool.map(work, range(16)))
        assert len(rows(database)) == 16 * 50

    def test_a_word_is_held_by_one_at_a_time(self, database: Database) -> None:
        inside, most = [], []

        def work(writer: int) -> None:
            with database.write() as session:
                lock_word(session, "phone:1")
                inside.append(writer)
                most.append(len(inside))
                owe(session, str(writer))
                inside.remove(writer)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(40)))
        assert max(most) == 1
        assert len(rows(database)) == 40

    def test_an_instant_without_a_zone_is_refused(self, database: Database) -> None:
        naive = dt.datetime(2027, 6, 1)  # noqa: DTZ001 - what is refused
        with pytest.raises(StatementError, match="time zone"), database.write() as session:
            outbox.owe(session, Ping("a"), now=naive)

    def test_an_instant_comes_back_in_utc(self, database: Database) -> None:
        local = NOW.astimezone(dt.timezone(dt.timedelta(hours=8)))
        with database.write() as session:
            outbox.owe(session, Ping("a"), now=local)
        with database.read() as session:
            found = session.scalars(sa.select(OutboxRow.created_at)).one()
        assert (found, found.tzinfo) == (NOW, dt.UTC)


class TestAfterCommit:
    @pytest.fixture
    def nudged(self, database: Database) -> list[int]:
        """The rows that a worker was nudged for."""
        nudged: list[int] = []
        database.session_info["nudge"] = nudged.append
        return nudged

    def test_the_nudge_comes_when_the_row_can_be_read(self, database: Database) -> None:
        seen: list[list[str]] = []
        database.session_info["nudge"] = lambda _row_id: seen.append(rows(database))
        with database.write() as session:
            owe(session)
            assert seen == []
        assert seen == [["a"]]

    def test_a_rollback_nudges_nobody_neither_then_nor_later(
        self, database: Database, nudged: list[int]
    ) -> None:
        with pytest.raises(RuntimeError):
            owe_and_fail(database)
        with database.write():
            pass
        assert nudged == []

    def test_the_release_of_a_savepoint_is_no_commit(
        self, database: Database, nudged: list[int]
    ) -> None:
        with database.write() as session:
            with session.begin_nested():
                owe(session)
            assert nudged == []
            owe(session, "b")
        assert len(nudged) == 2

    def test_what_is_owed_twice_is_nudged_once(self, database: Database, nudged: list[int]) -> None:
        for _ in range(2):
            with database.write() as session:
                owe(session)
        assert len(nudged) == 1

    def test_what_is_due_later_is_left_to_the_sweep(
        self, database: Database, nudged: list[int]
    ) -> None:
        with database.write() as session:
            later = NOW + dt.timedelta(minutes=5)
            outbox.owe(session, Ping("a"), now=NOW, due_at=later)
        assert nudged == []

    def test_a_failure_there_is_not_the_callers(self, database: Database) -> None:
        called: list[str] = []

        def fail() -> None:
            raise ConnectionError("the broker is away")

        with database.write() as session:
            owe(session)
            after_commit(session, fail)
            after_commit(session, lambda: called.append("next"))
        assert rows(database) == ["a"]
        assert called == ["next"]


class TestAppendOnly:
    """What was decided and what was paid is never rewritten, whoever tries."""

    @pytest.fixture
    def filled(self, database: Database) -> Database:
        with database.write() as session:
            note(session)
            audit.seal(session)
        make_desk(database).paid()
        return database

    @pytest.mark.parametrize("table", APPEND_ONLY)
    @pytest.mark.parametrize("verb", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}"])
    def test_rows_stand(self, filled: Database, table: str, verb: str) -> None:
        key = AuditEntry.metadata.tables[table].primary_key.columns.keys()[0]
        count = sa.text(f"SELECT count(*) FROM {table}")
        with filled.read() as session:
            before = session.scalar(count)
        assert before
        with pytest.raises(DBAPIError, match="append-only"), filled.write() as session:
            session.execute(sa.text(verb.format(table, key)))
        with filled.read() as session:
            assert session.scalar(count) == before


class TestTrail:
    def test_sealers_at_once_make_one_chain(self, database: Database) -> None:
        with database.write() as session:
            for number in range(30):
                note(session, f"x.{number}")

        def seal(_: int) -> int:
            with database.write() as session:
                return audit.seal(session, limit=10)

        with ThreadPoolExecutor(6) as pool:
            sealed = list(pool.map(seal, range(6)))
        assert sorted(sealed, reverse=True)[:3] == [10, 10, 10]
        assert sum(sealed) == 30
        with database.read() as session:
            assert audit.verify(session, now=NOW) == []

    def test_what_was_changed_behind_its_back_shows(self, sqlite_database: Database) -> None:
        faults = self._spoilt(
            sqlite_database, "audit_entry", "UPDATE audit_entry SET action='x.forged' WHERE id=2"
        )
        assert faults == ["seal 2 does not match its entry"]

    def test_what_was_taken_out_shows(self, sqlite_database: Database) -> None:
        faults = self._spoilt(
            sqlite_database, "audit_seal", "DELETE FROM audit_seal WHERE number=2"
        )
        assert "seal 2 is missing" in faults

    @staticmethod
    def _spoilt(database: Database, table: str, statement: str) -> list[str]:
        with database.write() as session:
            for number in range(3):
                note(session, f"x.{number}")
            audit.seal(session)
        with database.write() as session:
            for verb in ("update", "delete"):
                session.execute(sa.text(f"DROP TRIGGER {table}_no_{verb}"))
            session.execute(sa.text(statement))
        with database.read() as session:
            return audit.verify(session, now=NOW)

    def test_what_waits_too_long_for_its_seal_shows(self, database: Database) -> None:
        with database.write() as session:
            note(session)
        with database.read() as session:
            assert audit.verify(session, now=NOW + dt.timedelta(seconds=60)) == []
            late = audit.verify(session, now=NOW + dt.timedelta(seconds=61))
        assert late == ["1 entries older than 60 s are not sealed"]
