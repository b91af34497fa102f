"""The measure of a booking: the same rows, written by the bare driver as fast as it can.

It reads nothing and decides nothing. The rows are those that one real booking left behind, so they
stay the same rows when a table gains a column; only what must differ between two bookings does.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from typing import Any, Protocol

import psycopg
import sqlalchemy as sa
from psycopg.types.json import Json

from marketplace.booking.models import Booking
from marketplace.kernel.db import Database
from tests.bench.ground import ARRIVE, IDS, METADATA, book
from tests.bench.report import insist

WRITTEN = {
    "booking": "id",
    "booking_item": "booking_id",
    "booking_part": "booking_id",
    "consent": "booking_id",
    "payable": "booking_id",
    "stock_claim": "holder",
    "audit_entry": "subject_id",
    "change": "entity_id",
}
"""Every table a placed booking writes new rows to, and the column that names it, or its stock."""
OWN_KEY = ("consent", "payable", "stock_claim", "audit_entry", "change")
"""Tables that number their own rows."""
BUYERS_COLUMNS = ("phone_index", "placed_from")

Write = Callable[[], None]


class _Cursor(Protocol):
    rowcount: int

    def execute(self, query: Any, params: Any = ...) -> Any: ...
    def executemany(self, query: Any, params_seq: Any) -> Any: ...


class Pattern:
    """The rows of one real booking, ready to be written again under another id."""

    def __init__(self, database: Database, room_type_id: int, nights: int) -> None:
        """Book once through the service and keep what it wrote, value by value."""
        before = _count(database)
        booking = book(database, room_type_id, nights)
        grown = {name for name, rows in _count(database).items() if rows != before[name]}
        insist(grown == set(WRITTEN), f"a booking wrote to {sorted(grown)}, not {sorted(WRITTEN)}")
        self.pool_id = booking.room.pool_id
        self.days = (ARRIVE.isoformat(), booking.ends_on.isoformat())
        self.nights = nights
        self.mark = "?" if database.is_sqlite else "%s"
        self.tables: list[tuple[str, list[list[Any]], list[tuple[int, int]]]] = []
        for name in WRITTEN:
            self.tables.append(self._table(database, name, booking))

    def _table(
        self, database: Database, name: str, booking: Booking
    ) -> tuple[str, list[list[Any]], list[tuple[int, int]]]:
        """Return the INSERT, the rows, and which columns change with which new value."""
        columns = [column.name for column in METADATA.tables[name].columns]
        if name in OWN_KEY:
            columns.remove("id")
        listed = ", ".join(columns)
        of_booking = f"{WRITTEN[name]} = '{booking.id}'"
        if name == "change":
            of_booking = f"kind = 'stock' AND entity_id = '{booking.room.pool_id}' ORDER BY id"
        query = f"SELECT {listed} FROM {name} WHERE {of_booking}"
        with database.read() as session:
            found = session.connection().exec_driver_sql(query).fetchall()
        rows = [[Json(v) if isinstance(v, dict | list) else v for v in row] for row in found]
        if name == "change":
            # The first stock change put the room on sale; the last is the booking's.
            rows = rows[-1:]
        news = {booking.id: 0, booking.code: 1}
        swaps = [
            (index, 2 if columns[index] in BUYERS_COLUMNS else news[value])
            for index, value in enumerate(rows[0])
            if columns[index] in BUYERS_COLUMNS or (isinstance(value, str) and value in news)
        ]
        marks = ", ".join([self.mark] * len(columns))
        return f"INSERT INTO {name} ({listed}) VALUES ({marks})", rows, swaps

    def write(self, cursor: _Cursor, *, lock_first: bool) -> None:
        """Write one booking: the guard's own statements, then the rows."""
        span = f"pool_id = {self.mark} AND day >= {self.mark} AND day < {self.mark}"
        where = (self.pool_id, *self.days)
        if lock_first:
            cursor.execute(
                f"SELECT day FROM stock_day WHERE {span} ORDER BY pool_id, day FOR UPDATE",
                where,
            )
        cursor.execute(
            f"UPDATE stock_day SET taken = taken + {self.mark} WHERE {span}"
            f" AND closed IS FALSE AND taken + {self.mark} <= capacity",
            (1, *where, 1),
        )
        insist(cursor.rowcount == self.nights, "the bare driver took too few nights")
        new = (IDS.new_id(), IDS.new_code(), IDS.new_id())
        for statement, rows, swaps in self.tables:
            for row in rows:
                for index, which in swaps:
                    if row[index] is not None:
                        row[index] = new[which]
            if len(rows) == 1:
                cursor.execute(statement, rows[0])
            else:
                cursor.executemany(statement, rows)


def _count(database: Database) -> dict[str, int]:
    with database.read() as session:
        return {
            name: session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for name, table in METADATA.tables.items()
        }


def count_rows(database: Database) -> dict[str, int]:
    """Return how many rows each table that a booking writes to has."""
    return {name: rows for name, rows in _count(database).items() if name in WRITTEN}


def sqlite_writer(database: Database, pattern: Pattern) -> tuple[Write, Write]:
    """Return what writes one booking through ``sqlite3``, and what closes the connection."""
    path = database.url.database
    assert path is not None
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}")
    cursor = connection.cursor()

    def write() -> None:
        cursor.execute("BEGIN IMMEDIATE")
        pattern.write(cursor, lock_first=False)
        cursor.execute("COMMIT")

    return write, connection.close


def postgres_writer(database: Database, pattern: Pattern) -> tuple[Write, Write]:
    """Return what writes one booking through ``psycopg``, and what closes the connection."""
    address = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg.connect(address)
    cursor = connection.cursor()

    def write() -> None:
        pattern.write(cursor, lock_first=True)
        connection.commit()

    return write, connection.close


def writer(database: Database, pattern: Pattern) -> tuple[Write, Write]:
    """Return the bare driver's way to write one booking, and what closes it."""
    return (sqlite_writer if database.is_sqlite else postgres_writer)(database, pattern)


def seconds(call: Write, times: int) -> tuple[float, float]:
    """Return the wall clock and the processor's seconds of ``times`` calls."""
    wall, processor = time.perf_counter(), time.process_time()
    for _ in range(times):
        call()
    return time.perf_counter() - wall, time.process_time() - processor
