"""Fingerprints of the keys in the database: a process with other keys never starts on it.

What the keys wrote cannot be read with others, and what others write could not be read again, so
nothing is guessed and nothing is made anew where something might be lost.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, Session, mapped_column

from marketplace.kernel import keyring
from marketplace.kernel.crypto import NO_KEY_OPENS, EncryptedString
from marketplace.kernel.db import Base, Database, insert_new, table_of
from marketplace.kernel.keyring import Keyring, ring_of
from marketplace.kernel.starting import CannotStart


class KeyPrint(Base):
    """The fingerprint of one key that wrote, or may have written, what the database holds."""

    __tablename__ = "key_print"

    purpose: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    """What the key is for."""
    key_id: Mapped[str] = mapped_column(sa.String(8), primary_key=True)
    """Its name among the keys of its purpose."""
    fingerprint: Mapped[str] = mapped_column(sa.String(64))
    """SHA-256 of purpose and key."""
    first_at: Mapped[dt.datetime]
    """When the key was first used here."""


Prints = dict[tuple[str, str], str]


def prints_of(ring: Keyring) -> Prints:
    """Return the fingerprints of all keys by purpose and name."""
    return {
        (purpose, key_id): hashlib.sha256(f"{purpose}:".encode() + key).hexdigest()
        for purpose in keyring.PURPOSES
        for key_id, key in ring.of(purpose)
    }


def differences(known: Prints, ring: Keyring, *, path: Path) -> list[str]:
    """Say which keys, of those that a database was written with, ``ring`` does not hold."""
    own = prints_of(ring)
    return [
        f"{path} lacks the {purpose} key {key_id}, which the database was written with"
        if (purpose, key_id) not in own
        else f"{path} holds another {purpose} key {key_id} than the database was written with"
        for (purpose, key_id), fingerprint in sorted(known.items())
        if own.get((purpose, key_id)) != fingerprint
    ]


def prove(database: Database, path: Path, *, now: dt.datetime) -> Keyring:
    """Return the keys in ``path`` once they are known to be those of the database.

    New keys are made for an empty database alone. Where a database of an older release holds no
    fingerprints, the keys are tried on what they would have written.

    Raises:
        CannotStart: the file is missing, open to others or damaged, or holds other keys.
    """
    try:
        known = _known(database)
        ring = ring_of(_entries(database, path, known=known or {}))
        faults = (
            differences(known, ring, path=path) if known else _cannot_open(database, ring, path)
        )
        if faults:
            raise CannotStart(*faults)
        if known is not None:
            register(database, ring, known=known, now=now)
    except OperationalError:
        raise CannotStart(
            "SNOWBIRD_DATABASE_URL leads to a database that does not answer"
        ) from None
    except OSError as error:
        raise CannotStart(f"{path} cannot be written: {error.strerror}") from None
    return ring


def _entries(database: Database, path: Path, *, known: Prints) -> keyring.Entries:
    """Return the keys in the file, made or completed where nothing can have been lost."""
    if not path.exists() and not known and not _encrypted(database):
        keyring.create(path)
    entries = keyring.read(path)
    missing = set(keyring.PURPOSES) - entries.keys()
    if missing & {purpose for purpose, _ in known}:
        raise CannotStart(f"{path} is of an older release than the database")
    if missing:
        # Written by an older release, which had fewer purposes.
        if faults := _cannot_open(database, ring_of(keyring.fresh() | entries), path):
            raise CannotStart(*faults)
        with keyring.locked(path):
            keyring.replace(path, keyring.fresh() | keyring.read(path))
        entries = keyring.read(path)
    return entries


def register(database: Database, ring: Keyring, *, known: Prints, now: dt.datetime) -> None:
    """Remember the keys that the database does not know yet."""
    new = [key for key in prints_of(ring).items() if key[0] not in known]
    if new:
        with database.write() as session:
            dialect = session.get_bind().dialect.name
            for (purpose, key_id), fingerprint in new:
                session.execute(
                    insert_new(table_of(KeyPrint), dialect).values(
                        purpose=purpose, key_id=key_id, fingerprint=fingerprint, first_at=now
                    )
                )


def forget(session: Session, *, purpose: str, key_ids: list[str]) -> None:
    """Forget keys under which nothing is written any more."""
    session.execute(
        sa.delete(KeyPrint).where(KeyPrint.purpose == purpose, KeyPrint.key_id.in_(key_ids))
    )


def _known(database: Database) -> Prints | None:
    """Return the fingerprints; ``None`` where there is no place for them yet."""
    if database.is_sqlite and not Path(str(database.url.database)).exists():
        return None
    with database.read() as session:
        if not sa.inspect(session.connection()).has_table(KeyPrint.__tablename__):
            return None
        rows = session.execute(sa.select(KeyPrint.purpose, KeyPrint.key_id, KeyPrint.fingerprint))
        return {(row.purpose, row.key_id): row.fingerprint for row in rows}


def encrypted_columns() -> list[sa.Column[Any]]:
    """Return every column whose values are ciphertext."""
    return [
        column
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, EncryptedString)
    ]


def _encrypted(database: Database) -> list[tuple[sa.Column[Any], str]]:
    """Return one stored value of each encrypted column that has any, as it is stored."""
    if database.is_sqlite and not Path(str(database.url.database)).exists():
        return []
    found = []
    with database.read() as session:
        there = set(sa.inspect(session.connection()).get_table_names())
        for column in encrypted_columns():
            if column.table.name not in there:
                continue
            stored = sa.type_coerce(column, sa.Text)
            value = session.scalar(sa.select(stored).where(column.is_not(None)).limit(1))
            if value is not None:
                found.append((column, value))
    return found


def _cannot_open(database: Database, ring: Keyring, path: Path) -> list[str]:
    if any(opened(column, value, ring) is None for column, value in _encrypted(database)):
        return [f"{path} holds other keys than the database was written with"]
    return []


def sealed(column: sa.Column[Any], text: str) -> sa.ColumnElement[str]:
    """Return a plain text as ``column`` stores it under the key that writes, for a statement."""
    return sa.literal(cast(EncryptedString, column.type).sealed(text), sa.Text)


def opened(column: sa.Column[Any], value: str, ring: Keyring) -> str | None:
    """Return the plain text of a value as ``column`` stores it, if a key of ``ring`` opens it."""
    try:
        return cast(EncryptedString, column.type).open(value, ring)
    except NO_KEY_OPENS:
        return None
