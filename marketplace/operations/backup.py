"""Backup and restore: one portable file for both databases.

A gzip of JSON lines, one row each, read in a single snapshot. Encrypted columns stay encrypted, so
the file is useless without the keys, which are kept apart on purpose.
"""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import zlib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Listing
from marketplace.booking.events import restatement
from marketplace.kernel import changes, key_prints
from marketplace.kernel.crypto import EncryptedString
from marketplace.kernel.db import Database, UtcDateTime
from marketplace.kernel.errors import DomainError
from marketplace.kernel.key_prints import KeyPrint, Prints
from marketplace.kernel.keyring import Keyring
from marketplace.kernel.numbering import ChangeCounter, begin_epoch, epoch_of
from marketplace.kernel.typed_json import TypedJson
from marketplace.operations import schema
from marketplace.staff.models import UserSession
from marketplace.tables import metadata

FORMAT = 1
ROWS_AT_ONCE = 1000


class NotABackup(DomainError):
    """The file is not a complete backup of this product and schema."""

    code = "not_a_backup"
    message = "这个文件不是完整的备份，或属于另一个版本：%(why)s"


class OtherKeys(DomainError):
    """The backup was written with keys that this installation does not hold."""

    code = "other_keys"
    message = "这个备份是用另一套钥匙写的，没有那些钥匙谁也读不了。请先放回当时的钥匙文件"


class NotEmpty(DomainError):
    """The database to restore into holds data."""

    code = "not_empty"
    message = "数据库里已有数据。要用备份替换它，请加 --replace"


STORED_AS_TEXT = (EncryptedString, TypedJson)
"""Types of columns whose text is copied as it is."""


def _raw(table: sa.Table) -> list[sa.ColumnElement[Any]]:
    """The columns as stored: ciphertext is copied, never read, and so are values kept as JSON."""
    return [
        sa.type_coerce(column, sa.Text).label(column.name)
        if isinstance(column.type, STORED_AS_TEXT)
        else column
        for column in table.columns
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    return value


MADE_BEFORE = {"change_counter", "search_state", "key_print"}
"""Tables that hold something before anybody wrote: the row of a migration, prints of the keys."""


def dump(database: Database, path: Path) -> int:
    """Write everything to ``path``, appearing there only when complete; returns the row count."""
    partial = path.with_name(path.name + ".partial")
    total = 0
    # For the owner alone from the first byte: it holds everything but the keys.
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    with database.read() as session, gzip.open(partial, "wb") as file:
        revision = schema.current(session.connection())
        file.write(orjson.dumps({"format": FORMAT, "revision": revision}) + b"\n")
        for table in metadata.sorted_tables:
            query = sa.select(*_raw(table)).execution_options(yield_per=ROWS_AT_ONCE)
            rows = session.execute(query)
            for row in rows:
                line = [table.name, [_plain(value) for value in row]]
                file.write(orjson.dumps(line) + b"\n")
                total += 1
        file.write(orjson.dumps({"rows": total}) + b"\n")
    partial.replace(path)
    return total


def restore(
    database: Database,
    path: Path,
    *,
    now: dt.datetime,
    replace: bool = False,
    keyring: Keyring | None = None,
) -> int:
    """Load a backup into an empty database in one transaction; returns the row count.

    The logs go on in a new epoch, in which every listing and every partner's booking that matters
    is told anew, so that whoever read further than the backup reaches learns what holds. With
    ``keyring`` the backup must have been written with these keys.

    Raises:
        NotABackup: the file is cut short, or of another schema. NotEmpty: data would be lost.
        OtherKeys: nobody could read what it holds.
    """
    header = next(_lines(path), None)
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise NotABackup(why=path.name)
    if header.get("revision") != schema.head(database.url):
        raise NotABackup(why=str(header.get("revision")))
    prints = _must_be_whole(path)  # read once before anything is dropped
    if keyring and key_prints.differences(prints, keyring, path=path):
        raise OtherKeys
    least_epoch = _epoch(database) + 1 if replace else 1
    if replace:
        _drop_everything(database)
    schema.upgrade(database.url)
    with database.write_engine.begin() as connection:
        _clear_seed(connection)
        total = _load(connection, path)
        # Whoever was signed out since the backup was made must not be signed in again by it.
        connection.execute(
            sa.update(UserSession)
            .where(UserSession.ended_at.is_(None))
            .values(ended_at=UserSession.seen_at)
        )
        _reset_sequences(connection)
        with Session(connection) as session:
            _tell_anew(session, least_epoch=least_epoch, now=now)
            session.commit()
    while changes.sequence(database):
        pass
    return total


def _epoch(database: Database) -> int:
    """Return the epoch of a database that is about to be replaced."""
    with database.read() as session:
        if not sa.inspect(session.connection()).has_table(ChangeCounter.__tablename__):
            return 0
        return epoch_of(session.scalar(sa.select(sa.func.max(ChangeCounter.last_number))) or 0)


def _tell_anew(session: Session, *, least_epoch: int, now: dt.datetime) -> None:
    begin_epoch(session, least=least_epoch, now=now)
    changes.record_all(session, changes.LISTING, session.scalars(sa.select(Listing.id)), now=now)
    restatement.restate(session, now=now)


def _lines(path: Path) -> Iterator[Any]:
    try:
        with gzip.open(path, "rb") as file:
            for line in file:
                yield orjson.loads(line)
    except (EOFError, zlib.error, gzip.BadGzipFile, orjson.JSONDecodeError) as error:
        raise NotABackup(why=path.name) from error


def _must_be_whole(path: Path) -> Prints:
    """Refuse a file that was cut short, at the end of a line or within one.

    Returns the fingerprints of the keys that it was written with.
    """
    rows, promised, prints = 0, None, Prints()
    for line in _lines(path):
        if isinstance(line, dict):
            promised = line.get("rows")
            continue
        rows += 1
        if line[0] == KeyPrint.__tablename__:
            purpose, key_id, fingerprint, _ = line[1]
            prints[purpose, key_id] = fingerprint
    if promised != rows:
        raise NotABackup(why=path.name)
    return prints


def _clear_seed(connection: sa.Connection) -> None:
    """Empty the rows that come by themselves; refuse if there is anything else."""
    for table in metadata.sorted_tables:
        if table.name in MADE_BEFORE:
            connection.execute(sa.delete(table))
        elif connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first():
            raise NotEmpty


def _load(connection: sa.Connection, path: Path) -> int:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
    total, promised = 0, None
    lines = (line for line in _lines(path))
    next(lines)
    for name, group in groupby(lines, key=lambda line: line[0] if isinstance(line, list) else None):
        if name is None:
            promised = next(group)["rows"]
            continue
        table = metadata.tables[name]
        statement = _raw_insert(table)
        names = [column.name for column in table.columns]
        batch: list[dict[str, Any]] = []
        for _, values in group:
            batch.append(dict(zip(names, map(_native, table.columns, values), strict=True)))
            total += 1
            if len(batch) == ROWS_AT_ONCE:
                connection.execute(statement, batch)
                batch = []
        if batch:
            connection.execute(statement, batch)
    if promised != total:
        raise NotABackup(why=path.name)
    return total


def _raw_insert(table: sa.Table) -> sa.Insert:
    """An insert that stores ciphertext and JSON as they are."""
    values = {
        column.name: sa.bindparam(column.name, type_=sa.Text())
        for column in table.columns
        if isinstance(column.type, STORED_AS_TEXT)
    }
    return sa.insert(table).values(values) if values else sa.insert(table)


def _native(column: sa.Column[Any], value: Any) -> Any:
    """Return a value read from JSON as the type its column takes."""
    if value is None:
        return None
    kind = column.type
    if isinstance(value, dict) and set(value) == {"bytes"} and isinstance(kind, sa.LargeBinary):
        return base64.b64decode(value["bytes"])
    if isinstance(kind, sa.Date):
        return dt.date.fromisoformat(value)
    if isinstance(kind, UtcDateTime):
        return dt.datetime.fromisoformat(value)
    if isinstance(kind, sa.Enum) and kind.enum_class is not None:
        return kind.enum_class(value)
    return value


def _reset_sequences(connection: sa.Connection) -> None:
    """PostgreSQL counts ids in sequences of their own; move them past what was loaded."""
    if connection.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        for column in table.primary_key.columns:
            counted = sa.func.pg_get_serial_sequence(table.name, column.name)
            if column.autoincrement in (True, "auto") and connection.scalar(sa.select(counted)):
                highest = sa.select(sa.func.coalesce(sa.func.max(column), 1)).scalar_subquery()
                connection.execute(sa.select(sa.func.setval(counted, highest)))


def _drop_everything(database: Database) -> None:
    with database.write_engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        for table in reversed(metadata.sorted_tables):
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table.name}")
        connection.exec_driver_sql("DROP TABLE IF EXISTS alembic_version")
