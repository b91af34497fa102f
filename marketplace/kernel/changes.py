"""The change log: what search, the matrix and the listings feed follow.

Its rows are numbered after the commit (``marketplace.kernel.numbering``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from marketplace.kernel import numbering
from marketplace.kernel.db import Base, Database, Key, table_of
from marketplace.kernel.events import Event
from marketplace.kernel.numbering import Log

LISTING = "listing"
ENTERPRISE = "enterprise"
STOCK = "stock"
"""Units or prices of rooms: what the matrix follows."""
PLACES = "places"
"""Units of a pool that holds no rooms."""


class Change(Base):
    """One thing that changed."""

    __tablename__ = "change"
    __table_args__ = (
        sa.Index(
            "ix_change_unnumbered",
            "id",
            sqlite_where=sa.text("number IS NULL"),
            postgresql_where=sa.text("number IS NULL"),
        ),
        sa.Index("ix_change_kind_number", "kind", "number"),
        sa.Index("ix_change_kind_entity_number", "kind", "entity_id", "number"),
    )

    id: Mapped[Key]
    """Order of insertion, which is not the order of commit."""
    number: Mapped[int | None] = mapped_column(sa.BigInteger, unique=True)
    """Position in the log, given after the commit; readers' cursors hold this."""
    kind: Mapped[str] = mapped_column(sa.String(20))
    """``listing``, ``enterprise``, ``stock`` or ``places``."""
    entity_id: Mapped[str] = mapped_column(sa.String(40))
    """The listing, entry of the directory or stock pool that changed."""
    detail: Mapped[dict[str, Any]]
    """What a reader needs to refresh cheaply, for example the days that a stock change touches."""
    at: Mapped[dt.datetime]
    """When the cause happened."""


_INSERT = sa.insert(table_of(Change))


def record(
    session: Session,
    kind: str,
    entity_id: object,
    *,
    now: dt.datetime,
    detail: dict[str, Any] | None = None,
) -> None:
    """Note in the caller's transaction that an entity changed."""
    record_all(session, kind, [entity_id], now=now, detail=detail)


def record_all(
    session: Session,
    kind: str,
    entity_ids: Iterable[object],
    *,
    now: dt.datetime,
    detail: dict[str, Any] | None = None,
) -> None:
    """Note in the caller's transaction that several entities of one kind changed."""
    rows = [
        {"kind": kind, "entity_id": str(entity_id), "detail": detail or {}, "at": now}
        for entity_id in entity_ids
    ]
    if not rows:
        return
    session.connection().execute(_INSERT, rows if len(rows) > 1 else rows[0])
    numbering.wake(session)


def insert_of(kind: sa.ColumnElement[str]) -> sa.Insert:
    """Return a statement for ``record_by`` which lets the database find the kind of a change."""
    return _INSERT.values(kind=kind)


def record_by(
    session: Session,
    insert: sa.Insert,
    told: Sequence[Mapping[str, Any]],
    *,
    now: dt.datetime,
) -> None:
    """Note several like ``record``, by one statement.

    Each of ``told`` has ``entity_id``, ``detail`` and the parameters of the kind in ``insert``.
    """
    if not told:
        return
    rows = [{**each, "at": now} for each in told]
    session.connection().execute(insert, rows if len(rows) > 1 else rows[0])
    numbering.wake(session)


_NUMBERED = ((Log.CHANGES, table_of(Change)), (Log.EVENTS, table_of(Event)))


def sequence(database: Database) -> int:
    """Number every committed change and event that has no number yet; returns how many it numbered.

    Safe to run anywhere, any number of times.
    """
    unnumbered = sa.select(
        *(
            sa.exists(sa.select(table.c.id).where(table.c.number.is_(None)))
            for _, table in _NUMBERED
        )
    )
    with database.read() as session:
        waiting = session.execute(unnumbered).one()
    if not any(waiting):
        return 0
    with database.write() as session:
        return sum(
            numbering.number_rows(session, table, log)
            for (log, table), is_waiting in zip(_NUMBERED, waiting, strict=True)
            if is_waiting
        )


def since(session: Session, after: int, *, kinds: Sequence[str], limit: int = 1000) -> list[Change]:
    """Return the changes of ``kinds`` numbered above ``after``, in order."""
    query = (
        sa.select(Change)
        .where(Change.number > after, Change.kind.in_(kinds))
        .order_by(Change.number)
        .limit(limit)
    )
    return list(session.scalars(query))


def is_restored(session: Session, cursor: int, log: Sequence[Change]) -> bool:
    """Whether the database was restored since a follower came to ``cursor``.

    ``log`` is what it found after it. Then nothing that the follower knows need be so any more.
    """
    if log and not numbering.epoch_of(log[0].number or 0):
        return False
    if cursor < numbering.last_beginning(session):
        return True
    return not log and cursor > last_number(session)


def last_number(session: Session) -> int:
    """Return the highest number given so far."""
    return numbering.last_number(session, Log.CHANGES)


def mark(session: Session, number: int) -> str:
    """Return what tells the log at ``number`` from another database's log at the same number."""
    row = session.execute(sa.select(Change.id, Change.at).where(Change.number == number)).first()
    return f"{row.id} {row.at.isoformat()}" if row is not None else ""
