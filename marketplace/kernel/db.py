"""Databases: one code path for SQLite and PostgreSQL; every difference between them lives here."""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
import random
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import sqlalchemy as sa
import structlog
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import URL, Connection, Dialect, Engine, make_url
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column
from sqlalchemy.types import TypeDecorator

SQLITE_PATIENCE_SECONDS = 30.0
"""How long a writer queues for SQLite's single write lock before it gives up."""
LOCK_NOT_AVAILABLE = "55P03"
"""What PostgreSQL says when a lock was not had in time."""
LONGEST_PAUSE_SECONDS = 0.02
"""How long a writer of another process sleeps at most before it looks at the lock again."""
UNBROKEN_SECONDS = 0.5
"""How long the writers of one process may hand the lock on before they leave others a gap."""


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An instant: refuses values without a time zone, always gives back UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        """Store in UTC; SQLite has no zones, so there the zone is dropped after conversion."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        value = value.astimezone(dt.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        """Return the instant in UTC."""
        if value is None:
            return None
        moment: dt.datetime = value
        return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)


BigKey = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Key = Annotated[int, mapped_column(BigKey, primary_key=True)]
Fen = Annotated[int, mapped_column(sa.BigInteger)]


class Base(DeclarativeBase):
    """The declarative base of every table."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own way to declare it
        dt.datetime: UtcDateTime(),
        dt.date: sa.Date(),
        dict[str, Any]: sa.JSON(),
        list[Any]: sa.JSON(),
        enum.StrEnum: sa.Enum(
            enum.StrEnum,
            native_enum=False,
            length=32,
            values_callable=lambda kind: [member.value for member in kind],
        ),
    }


class _Queue:
    """The writers of one engine, one at a time and in the order they came.

    Without it the threads of a process would all poll for SQLite's lock and mostly find it taken.
    Nothing rests on it: who has waited too long goes on without a turn, and SQLite may still say
    no. A turn belongs to a connection, not to a thread: the pool takes one back from any thread.
    """

    def __init__(self) -> None:
        # Held for moments. It can be asked for by who has it: the garbage collector, which runs
        # anywhere, gives connections back that somebody forgot.
        self._guard = threading.RLock()
        self._waiting: deque[tuple[object, threading.Lock]] = deque()
        self._holder: object | None = None
        self._unbroken_since = 0.0

    def take(self, holder: object, *, timeout: float) -> bool:
        """Wait for the turn of ``holder``; tells whether to leave other processes a gap first."""
        woken = threading.Lock()
        woken.acquire()
        mine = (holder, woken)
        try:
            with self._guard:
                self._waiting.append(mine)
                if self._holder is None:
                    self._unbroken_since = time.monotonic()
                    self._call_next()
            woken.acquire(timeout=timeout)
        finally:
            with self._guard:
                if mine in self._waiting:  # too late, or interrupted
                    self._waiting.remove(mine)
        with self._guard:
            now = time.monotonic()
            if self._holder is not holder or now - self._unbroken_since < UNBROKEN_SECONDS:
                return False
            self._unbroken_since = now
            return True

    def leave(self, holder: object) -> None:
        """Hand on the turn of ``holder``, if it has one."""
        with self._guard:
            if self._holder is holder:
                self._holder = None
                self._call_next()

    def _call_next(self) -> None:
        if self._waiting:
            self._holder, woken = self._waiting.popleft()
            woken.release()


class _Writer(sqlite3.Connection):
    """A connection that hands on its turn once SQLite's lock is free, never before."""

    queue: _Queue | None = None

    def commit(self) -> None:
        """Commit, or roll back: after a failed commit SQLAlchemy would leave the lock taken."""
        try:
            super().commit()
        except BaseException:
            self.rollback()
            raise
        self._leave()

    def rollback(self) -> None:
        """Roll back."""
        try:
            super().rollback()
        finally:
            self._leave()

    def close(self) -> None:
        """Close, and with it end whatever was open."""
        try:
            super().close()
        finally:
            self._leave()

    def _leave(self) -> None:
        if self.queue is not None:
            self.queue.leave(self)


def _set_up_sqlite(engine: Engine, *, writes: bool) -> None:
    """Give SQLite foreign keys, WAL and transactions that begin the way the caller means them."""
    queue = _Queue()

    @event.listens_for(engine, "connect")
    def connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout=5000")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        # Writers queue in _begin_immediate: SQLite's own busy handler can starve one for seconds.
        cursor.execute("PRAGMA busy_timeout=0" if writes else "PRAGMA query_only=ON")
        cursor.close()
        if isinstance(connection, _Writer):
            connection.queue = queue

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if writes:
            _begin_immediate(connection, queue)
        else:
            connection.exec_driver_sql("BEGIN")


def _begin_immediate(connection: Connection, queue: _Queue) -> None:
    """Begin to write when it is this connection's turn and no other process holds the lock."""
    deadline = time.monotonic() + SQLITE_PATIENCE_SECONDS
    writer = connection.connection.dbapi_connection
    try:
        if queue.take(writer, timeout=SQLITE_PATIENCE_SECONDS):
            # Longer than another process sleeps, so that it finds the lock free.
            time.sleep(LONGEST_PAUSE_SECONDS * 1.5)
        _poll(connection, deadline)
    except BaseException:
        queue.leave(writer)
        raise


def _poll(connection: Connection, deadline: float) -> None:
    """Ask for SQLite's lock until it is free; other processes do the same."""
    pause = 0.0005
    while True:
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except sa.exc.OperationalError as error:
            if "locked" not in str(error.orig) or time.monotonic() > deadline:
                raise
            time.sleep(random.uniform(pause / 2, pause))  # noqa: S311 - jitter, not a secret
            pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)
        else:
            return


class Database:
    """The engines of one process and the only way to a session."""

    def __init__(self, url: str | URL, *, pool_size: int = 10) -> None:
        """Prepare engines for ``url``; nothing connects until the first session."""
        self.url = make_url(url)
        self.session_info: dict[str, Any] = {}
        """What every session that writes knows: how to nudge the worker and the sequencer."""
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        options: dict[str, Any] = {"pool_size": pool_size, "max_overflow": 40, "pool_timeout": 60}
        if self.is_sqlite:
            shared = {"check_same_thread": False}
            writer = {**shared, "factory": _Writer}
            self.write_engine = sa.create_engine(self.url, connect_args=writer, **options)
            self.read_engine = sa.create_engine(self.url, connect_args=shared, **options)
            _set_up_sqlite(self.write_engine, writes=True)
            _set_up_sqlite(self.read_engine, writes=False)
        else:
            self.write_engine = sa.create_engine(self.url, pool_pre_ping=True, **options)
            self.read_engine = self.write_engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a transaction that writes; commit at the end, then run what waits for the commit.

        On SQLite it is ``BEGIN IMMEDIATE`` (one writer at a time), on PostgreSQL READ COMMITTED.
        """
        with Session(self.write_engine, expire_on_commit=False, info=self.session_info) as session:
            with session.begin():
                yield session
            # Only here, never from SQLAlchemy's own event: that also fires on SAVEPOINT release,
            # and what was queued by a transaction that rolled back must never run.
            waiting: list[Callable[[], None]] = session.info.pop("after_commit", [])
        for call in waiting:
            # The transaction stands whatever happens here, so the caller must not be told that it
            # failed; what a lost call would have started is found by the sweeps.
            try:
                call()
            except Exception as error:
                structlog.get_logger("db").error("after_commit", exc_info=error)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a read-only snapshot; readers never wait for writers."""
        with Session(self.read_engine, expire_on_commit=False, autoflush=False) as session:
            yield session

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.write_engine.dispose()
        self.read_engine.dispose()


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """Undo what is done inside if it fails, and what waits there for the commit with it."""
    waiting = session.info.setdefault("after_commit", [])
    before = len(waiting)
    try:
        with session.begin_nested():
            yield
    except BaseException:
        del waiting[before:]
        raise


def after_commit(session: Session, call: Callable[[], None]) -> None:
    """Run ``call`` once the transaction of ``session`` is safely committed, never otherwise.

    Its failure is logged and goes no further.
    """
    session.info.setdefault("after_commit", []).append(call)


def lock_word(session: Session, *words: str) -> None:
    """Hold the locks named ``words``, taken in this order, until the transaction ends.

    For limits that are counted (live holds of a phone, say) and so have no row to lock. SQLite's
    write transaction is alone already.
    """
    session.connection()
    if session.get_bind().dialect.name == "postgresql":
        numbers = [
            int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big", signed=True)
            for word in words
        ]
        session.connection().execute(
            sa.select(*(sa.func.pg_advisory_xact_lock(number) for number in numbers))
        )


class WaitedTooLong(Exception):
    """Another transaction kept a row longer than was to be waited; this one must be rolled back."""


@contextmanager
def bounded_wait(session: Session, *, seconds: int) -> Iterator[None]:
    """Wait at most ``seconds`` for each row that another transaction holds.

    SQLite's writers have waited at the beginning of their transaction already.

    Raises:
        WaitedTooLong: the transaction is good for nothing more.
    """
    if session.get_bind().dialect.name == "sqlite":
        yield
        return
    connection = session.connection()
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{int(seconds)}s'")
    try:
        yield
    except sa.exc.OperationalError as error:
        if getattr(error.orig, "sqlstate", "") != LOCK_NOT_AVAILABLE:
            raise
        raise WaitedTooLong from error
    connection.exec_driver_sql("SET LOCAL lock_timeout TO DEFAULT")


def table_of(model: type[Base]) -> sa.Table:
    """Return the table of a model, for statements of SQLAlchemy Core.

    A statement built once over tables and run on ``session.connection()`` costs a fraction of one
    that goes through the ORM. It does not flush: what the ORM holds must be flushed before.
    """
    return model.metadata.tables[model.__tablename__]


def insert_new(table: sa.Table, dialect_name: str) -> Any:
    """Return an INSERT for ``table`` that quietly skips a row which a unique constraint refuses."""
    if dialect_name == "postgresql":
        return pg_insert(table).on_conflict_do_nothing()
    return sqlite_insert(table).on_conflict_do_nothing()
