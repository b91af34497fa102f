"""New keys, and what older ones wrote written anew; each may be stopped and run again at any time.

``rotate`` puts a new key in front for each purpose: it writes from then on, the older ones go on
reading. ``rewrap`` encrypts and indexes anew what older keys wrote, and lets go of each older key
once nothing needs it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from catalog.office.evidence import file_checks
from marketplace.kernel import crypto, key_prints, keyring
from marketplace.kernel.blobs import BlobStore
from marketplace.kernel.crypto import BLIND
from marketplace.kernel.db import Base, Database
from marketplace.kernel.errors import DomainError
from marketplace.kernel.keyring import PURPOSES, Entries

ROWS_AT_ONCE = 200
REWRITTEN = ("encryption", "index")
"""Purposes whose older keys go once everything is written anew."""
OVERLAP = {"session": dt.timedelta(days=31), "webhook": dt.timedelta(days=1)}
"""How long an older key of these reads on after another came: cookies last 30 days, and an event
that was not heard is sent again for hours. Audit keys are kept: seals are never made anew."""

Progress = Callable[[str, int], None]
"""Told the table and how many of its rows were written anew just now."""
Conditions = Sequence[sa.ColumnElement[bool]]
"""What finds one row."""


class Unfinished(DomainError):
    """What the keys before last wrote has not all been written anew."""

    code = "rewrap_unfinished"
    http_status = 409
    message = "上一次换的钥匙还没有换完。请先运行 keys rewrap"


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """What a run of ``rewrap`` came to."""

    rows: int
    """How many rows and files it wrote."""
    dropped: dict[str, list[str]]
    """The keys that nothing needs any more, by purpose."""
    kept: dict[str, list[str]]
    """Older keys that still read, by purpose."""
    unreadable: int
    """Values and files that no key opens; the keys stay because of them."""


def rotate(
    database: Database, path: Path, *, purposes: Sequence[str] = PURPOSES, now: dt.datetime
) -> None:
    """Put a new key in front for each of ``purposes``.

    Raises:
        Unfinished: older keys than the present ones are still needed for what they wrote.
    """
    with keyring.locked(path):
        entries = keyring.read(path)
        if any(len(entries[purpose]) > 1 for purpose in REWRITTEN if purpose in purposes):
            raise Unfinished
        keyring.replace(path, keyring.add_keys(entries, purposes=tuple(purposes), now=now))
    _use(database, path, now=now)


def rewrap(
    database: Database,
    path: Path,
    blobs: BlobStore,
    *,
    now: dt.datetime,
    progress: Progress = lambda _table, _rows: None,
) -> Rewrapped:
    """Write anew what older keys wrote, then let go of those that nothing needs any more."""
    _use(database, path, now=now)
    rows, unreadable = 0, 0
    for table, columns in groupby(key_prints.encrypted_columns(), key=lambda one: one.table):
        done, lost = _encrypt(database, table, list(columns), progress)
        rows, unreadable = rows + done, unreadable + lost
    files = file_checks.reseal(database, blobs)
    progress("files", files.files)
    unreadable += files.unreadable
    if len(crypto.keyring().index) > 1 and not unreadable:
        for column in _blind_columns():
            rows += _index(database, column, progress)
    done_with = {
        purpose: names
        for purpose, names in _spent(keyring.read(path), now).items()
        if names and not (purpose in REWRITTEN and unreadable)
    }
    _let_go(database, path, done_with, now=now)
    kept = {
        purpose: [entry["id"] for entry in keys[1:]]
        for purpose, keys in keyring.read(path).items()
        if len(keys) > 1
    }
    return Rewrapped(rows + files.files, done_with, kept, unreadable)


def _use(database: Database, path: Path, *, now: dt.datetime) -> None:
    ring = key_prints.prove(database, path, now=now)
    crypto.install(ring, path)


def _spent(entries: Entries, now: dt.datetime) -> dict[str, list[str]]:
    """Return the keys that may go now that everything has been written anew."""
    found = {purpose: [entry["id"] for entry in entries[purpose][1:]] for purpose in REWRITTEN}
    for purpose, overlap in OVERLAP.items():
        keys = entries[purpose]
        found[purpose] = [
            older["id"]
            for newer, older in pairwise(keys)
            if dt.datetime.fromisoformat(newer["since"]) + overlap <= now
        ]
    return found


def _let_go(
    database: Database, path: Path, done_with: dict[str, list[str]], *, now: dt.datetime
) -> None:
    """Take the keys out of the database's memory and then out of the file.

    Stopped between the two, the next start remembers them again, and the next run lets go of them.
    """
    if not done_with:
        return
    with keyring.locked(path):
        entries = keyring.read(path)
        with database.write() as session:
            for purpose, names in done_with.items():
                key_prints.forget(session, purpose=purpose, key_ids=names)
        left = {
            purpose: [entry for entry in keys if entry["id"] not in done_with.get(purpose, ())]
            for purpose, keys in entries.items()
        }
        keyring.replace(path, left)
    _use(database, path, now=now)


def _encrypt(
    database: Database, table: sa.Table, columns: list[sa.Column[Any]], progress: Progress
) -> tuple[int, int]:
    """Encrypt anew what is not under the key that writes; returns rows written and unreadable."""
    mark = f"v{crypto.keyring().encryption[0][0]}:"
    stored = [sa.type_coerce(column, sa.Text) for column in columns]
    older = sa.or_(*(raw.not_like(f"{mark}%") for raw in stored))
    unreadable = 0

    def write(connection: sa.Connection, row: Conditions, values: Sequence[Any]) -> int:
        nonlocal unreadable
        anew: dict[str, sa.ColumnElement[str]] = {}
        # Whoever changes a value in the meantime writes it under the newest key.
        same = []
        for column, raw, value in zip(columns, stored, values, strict=True):
            if value is None or value.startswith(mark):
                continue
            plain = key_prints.opened(column, value, crypto.keyring())
            if plain is None:
                unreadable += 1
                continue
            anew[column.name] = key_prints.sealed(column, plain)
            same.append(raw == value)
        if not anew:
            return 0
        return connection.execute(sa.update(table).where(*row, *same).values(anew)).rowcount

    rows = _each(database, table, stored, where=older, write=write, progress=progress)
    return rows, unreadable


def _index(database: Database, column: sa.Column[str], progress: Progress) -> int:
    """Compute the blind indexes of a column anew under the key that writes."""
    of, index_of = column.info[BLIND]

    def write(connection: sa.Connection, row: Conditions, values: Sequence[Any]) -> int:
        old, plain = values
        if plain is None or old == (new := index_of(plain)):
            return 0
        changed = sa.update(column.table).where(*row, column == old).values({column.name: new})
        return connection.execute(changed).rowcount

    wanted = [column, column.table.columns[of]]
    there = column.is_not(None)
    return _each(database, column.table, wanted, where=there, write=write, progress=progress)


def _each(
    database: Database,
    table: sa.Table,
    wanted: Sequence[sa.ColumnElement[Any]],
    *,
    where: sa.ColumnElement[bool],
    write: Callable[[sa.Connection, Conditions, Sequence[Any]], int],
    progress: Progress,
) -> int:
    """Let ``write`` look at each row, in the order of keys and a few in each transaction.

    It is given what finds the row and the values ``wanted``, and returns how many rows it wrote.
    """
    keys = list(table.primary_key.columns)
    rows = 0
    after: sa.ColumnElement[bool] = sa.true()
    while True:
        query = sa.select(*keys, *wanted).where(where, after).order_by(*keys).limit(ROWS_AT_ONCE)
        written = 0
        with database.write() as session:
            found = [tuple(row) for row in session.connection().execute(query)]
            for row in found:
                itself = [key == value for key, value in zip(keys, row, strict=False)]
                written += write(session.connection(), itself, row[len(keys) :])
        rows += written
        progress(table.name, written)
        if len(found) < ROWS_AT_ONCE:
            return rows
        last = [sa.literal(value, key.type) for key, value in zip(keys, found[-1], strict=False)]
        after = sa.tuple_(*keys) > sa.tuple_(*last)


def _blind_columns() -> list[sa.Column[Any]]:
    return [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if BLIND in column.info
    ]
