"""Writers of one process on SQLite: first come, first served, and other processes get a turn."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from marketplace.kernel import audit, db
from marketplace.kernel.audit import SYSTEM, AuditSeal
from marketplace.kernel.db import Database
from tests.factories import NOW
from tests.service.kernel.owing import owe, owe_and_fail, rows

ROOT = Path(__file__).resolve().parents[3]


def write_nothing(database: Database) -> None:
    """Wait for the write lock and let it go."""
    with database.write() as session:
        session.connection()


def note(session: Session, action: str = "x.done") -> None:
    audit.note(session, actor=SYSTEM, action=action, subject=("x", 1), now=NOW)


class TestQueueOnSqlite:
    """Threads of one process queue for the write lock; other processes are not kept out."""

    @pytest.fixture
    def queue(self, sqlite_database: Database) -> db._Queue:
        with sqlite_database.write() as session:
            writer = session.connection().connection.dbapi_connection
        assert isinstance(writer, db._Writer)
        assert writer.queue is not None
        return writer.queue

    @staticmethod
    def _stand_in_line(queue: db._Queue, how_many: int) -> None:
        until = time.monotonic() + 20
        while len(queue._waiting) < how_many:
            assert time.monotonic() < until
            time.sleep(0.001)

    @staticmethod
    @contextmanager
    def _nobody_holds(queue: db._Queue) -> Iterator[None]:
        yield
        assert queue._holder is None
        assert not queue._waiting

    def test_first_come_first_served(self, sqlite_database: Database, queue: db._Queue) -> None:
        def write(name: str) -> None:
            with sqlite_database.write() as session:
                owe(session, name)

        names = [f"{number:02}" for number in range(12)]
        with (
            self._nobody_holds(queue),
            ThreadPoolExecutor(12) as pool,
            sqlite_database.write() as session,
        ):
            session.connection()
            for place, name in enumerate(names):
                pool.submit(write, name)
                self._stand_in_line(queue, place + 1)
        assert rows(sqlite_database) == names

    def test_who_waits_does_not_ask(
        self, sqlite_database: Database, queue: db._Queue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[str] = []
        poll = db._poll

        def count(*given: object) -> None:
            asked.append("")
            poll(*given)  # type: ignore[arg-type]

        with (
            self._nobody_holds(queue),
            ThreadPoolExecutor(8) as pool,
            sqlite_database.write() as session,
        ):
            session.connection()
            monkeypatch.setattr(db, "_poll", count)
            for _ in range(8):
                pool.submit(write_nothing, sqlite_database)
            self._stand_in_line(queue, 8)
            assert asked == []
        assert len(asked) == 8

    def test_an_error_before_the_lock_hands_the_turn_on(
        self, sqlite_database: Database, queue: db._Queue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupted(*_: object) -> None:
            raise KeyboardInterrupt

        with sqlite_database.write_engine.connect() as connection:
            with self._nobody_holds(queue), monkeypatch.context() as patch:
                patch.setattr(db, "_poll", interrupted)
                with pytest.raises(KeyboardInterrupt):
                    connection.begin()
            write_nothing(sqlite_database)

    def test_a_failure_hands_the_turn_on(self, sqlite_database: Database, queue: db._Queue) -> None:
        with self._nobody_holds(queue), pytest.raises(RuntimeError):
            owe_and_fail(sqlite_database)
        write_nothing(sqlite_database)

    def test_a_failed_commit_leaves_nothing_and_nobody_waiting(
        self, sqlite_database: Database, queue: db._Queue
    ) -> None:
        with self._nobody_holds(queue), pytest.raises(IntegrityError):
            self._break_at_the_end(sqlite_database)
        with sqlite_database.read() as session:
            assert session.scalar(sa.select(sa.func.count()).select_from(AuditSeal)) == 0
        write_nothing(sqlite_database)

    @staticmethod
    def _break_at_the_end(database: Database) -> None:
        with database.write_engine.connect() as connection:
            connection.execute(sa.text("PRAGMA defer_foreign_keys=ON"))
            connection.execute(sa.insert(AuditSeal).values(number=1, entry_id=99, hash="0" * 64))
            connection.commit()

    def test_between_two_transactions_a_connection_has_no_turn(
        self, sqlite_database: Database, queue: db._Queue
    ) -> None:
        with sqlite_database.write_engine.connect() as connection:
            for _ in range(2):
                connection.execute(sa.text("SELECT 1"))
                assert queue._holder is not None
                connection.commit()
                with self._nobody_holds(queue):
                    write_nothing(sqlite_database)

    def test_a_forgotten_connection_hands_the_turn_on(
        self, sqlite_database: Database, queue: db._Queue
    ) -> None:
        forgotten = [sqlite_database.write_engine.connect()]
        forgotten[0].execute(sa.text("SELECT 1"))
        assert queue._holder is not None
        forgotten.clear()
        gc.collect()
        with self._nobody_holds(queue):
            write_nothing(sqlite_database)

    def test_a_write_inside_a_write_is_refused_in_time(
        self, sqlite_database: Database, queue: db._Queue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(db, "SQLITE_PATIENCE_SECONDS", 0.2)
        with self._nobody_holds(queue), sqlite_database.write() as session:
            session.connection()
            with pytest.raises(OperationalError, match="locked"):
                write_nothing(sqlite_database)
            owe(session)
        assert rows(sqlite_database) == ["a"]

    def test_two_engines_of_one_file_do_not_wait_for_each_others_turns(
        self, sqlite_database: Database, queue: db._Queue
    ) -> None:
        other = Database(sqlite_database.url)

        def work(number: int) -> None:
            with (sqlite_database, other)[number % 2].write() as session:
                owe(session, str(number))

        with self._nobody_holds(queue), ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(80)))
        assert len(rows(sqlite_database)) == 80
        other.dispose()

    def test_who_hands_on_for_long_leaves_a_gap(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = SimpleNamespace(now=0.0, monotonic=lambda: clock.now)
        monkeypatch.setattr(db, "time", clock)
        queue, alone, *others = db._Queue(), "alone", "first", "second", "third"
        with ThreadPoolExecutor(3) as pool:
            assert queue.take(alone, timeout=9) is False
            asked = []
            for place, other in enumerate(others):
                asked.append(pool.submit(queue.take, other, timeout=9))
                self._stand_in_line(queue, place + 1)
            queue.leave(alone)
            assert asked[0].result(9) is False
            clock.now = db.UNBROKEN_SECONDS
            queue.leave("first")
            assert asked[1].result(9) is True
            queue.leave("second")
            assert asked[2].result(9) is False
            queue.leave("third")

    def test_another_process_is_let_in(self, sqlite_database: Database, queue: db._Queue) -> None:
        """While eight threads hand the turn on and never leave the lock free for its own sake."""
        program = (
            "import sys; from marketplace.kernel.db import Database\n"
            "from tests.service.kernel.test_transactions import owe\n"
            "database = Database(sys.argv[1]); print('ready', flush=True); input()\n"
            "for number in range(5):\n"
            "    with database.write() as session: owe(session, f'other-{number}')\n"
        )
        done = threading.Event()

        def write(writer: int) -> int:
            number = 0
            while not done.is_set():
                number += 1
                with sqlite_database.write() as session:
                    owe(session, f"{writer}-{number}")
                    session.flush()
                    time.sleep(0.02)
            return number

        command = [sys.executable, "-c", program, str(sqlite_database.url)]
        other = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        with self._nobody_holds(queue), ThreadPoolExecutor(8) as pool:
            writing = [pool.submit(write, writer) for writer in range(8)]
            self._stand_in_line(queue, 6)
            try:
                other.communicate("\n", timeout=60)
            finally:
                done.set()
                other.kill()
        assert other.returncode == 0
        assert {f"other-{number}" for number in range(5)} < set(rows(sqlite_database))
        assert all(future.result() for future in writing), "and nobody here starved for it"
