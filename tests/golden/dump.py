"""A filled database as plain SQL that both databases read: rows as they were at a revision."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from marketplace.kernel.db import Database
from marketplace.operations.schema import current

FOLDER = Path(__file__).with_name("kept") / "upgrade"
ROWS_AT_ONCE = 500
BYTES = re.compile(r"\bX'([0-9A-F]*)'")
"""Bytes as SQLite writes them; the other database has a way of its own."""
UNKEPT = frozenset({"alembic_version"})


def write(url: sa.URL, facts: dict[str, list[str]]) -> Path:
    """Write a database and its facts under the name of its revision; returns the dump's path."""
    database = Database(url)
    with database.read() as session:
        connection = session.connection()
        revision = current(connection)
        text = "".join(f"{line}\n" for line in _statements(connection))
    database.dispose()
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{revision}.sql.gz"
    # Without a time in it, the same rows make the same file.
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    told = json.dumps(facts, ensure_ascii=False, indent=0).encode()
    (FOLDER / f"{revision}.facts.json.gz").write_bytes(gzip.compress(told, 9, mtime=0))
    return path


def _statements(connection: sa.Connection) -> Iterator[str]:
    tables = sa.MetaData()
    tables.reflect(connection)
    for table in tables.sorted_tables:
        if table.name in UNKEPT:
            continue
        names = [column.name for column in table.columns]
        truths = {column.name for column in table.columns if isinstance(column.type, sa.Boolean)}
        columns = ", ".join(f'"{name}"' for name in names)
        order = ", ".join(f'"{column.name}"' for column in table.primary_key) or "1"
        found = connection.execute(
            sa.text(f'SELECT {columns} FROM "{table.name}" ORDER BY {order}')
        ).all()
        for begin in range(0, len(found), ROWS_AT_ONCE):
            rows = ",".join(
                f"({','.join(_literal(v, n in truths) for n, v in zip(names, row, strict=True))})"
                for row in found[begin : begin + ROWS_AT_ONCE]
            )
            yield f'INSERT INTO "{table.name}" ({columns}) VALUES {rows};'


def _literal(value: Any, truth: bool) -> str:
    if value is None:
        return "NULL"
    if truth:
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, bytes):
        return f"X'{value.hex().upper()}'"
    if not isinstance(value, str):
        raise TypeError(f"{value!r}: only what SQLite gives as text or number is written")
    return "'" + value.replace("'", "''") + "'"


def facts_of(revision: str) -> dict[str, list[str]]:
    """Return the facts of the dump of a revision."""
    packed = (FOLDER / f"{revision}.facts.json.gz").read_bytes()
    return dict(json.loads(gzip.decompress(packed)))


def load(url: sa.URL, revision: str) -> None:
    """Load the rows of a revision into a database that is at it and holds none of its own."""
    text = gzip.decompress((FOLDER / f"{revision}.sql.gz").read_bytes()).decode()
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET TIME ZONE 'UTC'")
            connection.exec_driver_sql("SET session_replication_role = replica")
        for table in sa.inspect(connection).get_table_names():
            if table not in UNKEPT:
                # What a migration put there itself is in the dump too.
                connection.exec_driver_sql(f'DELETE FROM "{table}"')
        if engine.dialect.name == "postgresql":
            # Its driver takes one sign of percent for the place of a value.
            text = BYTES.sub(r"'\\x\1'", text).replace("%", "%%")
        for statement in text.split(";\n"):
            if statement:
                connection.exec_driver_sql(statement)
        if engine.dialect.name == "postgresql":
            _go_on_counting(connection)
    engine.dispose()


def _go_on_counting(connection: sa.Connection) -> None:
    """Let each sequence go on behind the rows that are there."""
    inspector = sa.inspect(connection)
    for table in inspector.get_table_names():
        for column in inspector.get_pk_constraint(table)["constrained_columns"]:
            sequence = connection.exec_driver_sql(
                "SELECT pg_get_serial_sequence(%s, %s)", (f'"{table}"', column)
            ).scalar()
            if sequence:
                connection.exec_driver_sql(
                    f"SELECT setval('{sequence}', (SELECT coalesce(max(\"{column}\"), 0) + 1"
                    f' FROM "{table}"), false)'
                )
