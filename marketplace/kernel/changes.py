"""The change log: what search, the matrix, the feed and the partners' event list follow.

A row is written in the transaction of its cause *without* a number. Numbers are given after the
commit, by one sequencer at a time under a lock. Numbers taken inside the transaction would commit
out of order, and a reader whose cursor had passed the larger would never see the smaller.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from marketplace.kernel.db import Base, Database, Key, after_commit, table_of

LISTING = "listing"
ENTERPRISE = "enterprise"
STOCK = "stock"
BOOKING = "booking"


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
    """``listing``, ``enterprise``, ``stock`` or ``booking``."""
    entity_id: Mapped[str] = mapped_column(sa.String(40))
    """The listing, entry of the directory, stock pool or booking that changed."""
    detail: Mapped[dict[str, Any]]
    """What a reader needs to refresh cheaply, for example the days that a stock change touches."""
    at: Mapped[dt.datetime]
    """When the cause happened."""


class ChangeCounter(Base):
    """The single row whose lock makes the sequencer one at a time."""

    __tablename__ = "change_counter"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Always 1."""
    last_number: Mapped[int] = mapped_column(sa.BigInteger)
    """The last number given."""


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
    wake = session.info.get("wake_sequencer")
    if wake is not None and not session.info.get("sequencer_woken"):
        session.info["sequencer_woken"] = True
        after_commit(session, wake)


def sequence(database: Database) -> int:
    """Number every committed change that has no number yet; returns how many it numbered.

    The counter row's lock is held until the commit, so a number is visible only after all smaller
    ones are. Safe to run anywhere, any number of times.
    """
    with database.read() as session:
        if session.scalar(sa.select(Change.id).where(Change.number.is_(None)).limit(1)) is None:
            return 0
    with database.write() as session:
        # The row is made by the first migration.
        last = session.scalars(
            sa.select(ChangeCounter.last_number).where(ChangeCounter.id == 1).with_for_update()
        ).one()
        waiting = session.scalars(
            sa.select(Change.id).where(Change.number.is_(None)).order_by(Change.id).limit(5000)
        ).all()
        if waiting:
            session.connection().execute(
                sa.update(Change.__table__)  # type: ignore[arg-type]
                .where(Change.__table__.c.id == sa.bindparam("row"))
                .values(number=sa.bindparam("given")),
                [{"row": row, "given": last + place} for place, row in enumerate(waiting, 1)],
            )
            session.execute(
                sa.update(ChangeCounter)
                .where(ChangeCounter.id == 1)
                .values(last_number=last + len(waiting))
            )
    return len(waiting)


def since(session: Session, after: int, *, kinds: Sequence[str], limit: int = 1000) -> list[Change]:
    """Return the changes of ``kinds`` numbered above ``after``, in order."""
    query = (
        sa.select(Change)
        .where(Change.number > after, Change.kind.in_(kinds))
        .order_by(Change.number)
        .limit(limit)
    )
    return list(session.scalars(query))


def last_number(session: Session) -> int:
    """Return the highest number given so far."""
    return session.scalar(sa.select(ChangeCounter.last_number)) or 0


def mark(session: Session, number: int) -> str:
    """Return what tells the log at ``number`` from another database's log at the same number."""
    row = session.execute(sa.select(Change.id, Change.at).where(Change.number == number)).first()
    return f"{row.id} {row.at.isoformat()}" if row is not None else ""
