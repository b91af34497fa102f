"""Effects leave through the outbox: a row in the same transaction as its cause.

The row is the truth; a message to the broker after the commit is only a nudge, and a sweep delivers
whatever the nudge lost. Delivery is at least once, so every handler is idempotent by the row's id.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from marketplace.kernel.db import Base, Key, after_commit, insert_new, table_of
from marketplace.kernel.effects import Effect, payload_of

LEASE = dt.timedelta(seconds=60)
RETRY_SECONDS = (2, 10, 60, 300, 1800)


class OutboxRow(Base):
    """One effect that is owed to the world."""

    __tablename__ = "outbox"
    __table_args__ = (sa.Index("ix_outbox_due", "done_at", "due_at"),)

    id: Mapped[Key]
    """Order of writing; the idempotency key of the effect."""
    key: Mapped[str] = mapped_column(sa.String(120), unique=True)
    """What makes this effect one of a kind: owed twice, written once."""
    topic: Mapped[str] = mapped_column(sa.String(60))
    """Which handler delivers it."""
    payload: Mapped[dict[str, Any]]
    """Identifiers only, never personal data."""
    created_at: Mapped[dt.datetime]
    """When the cause happened."""
    due_at: Mapped[dt.datetime]
    """Not to be tried before this; moved on by a lease or a failure."""
    attempts: Mapped[int] = mapped_column(default=0)
    """How often delivery was begun."""
    done_at: Mapped[dt.datetime | None]
    """When it was delivered; empty while it is owed."""
    failure: Mapped[str | None] = mapped_column(sa.String(200))
    """The kind of the last failure, for staff."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An effect taken up for delivery."""

    id: int
    key: str
    topic: str
    payload: dict[str, Any]


Nudge = Callable[[int], None]


def owe(
    session: Session, effect: Effect, *, now: dt.datetime, due_at: dt.datetime | None = None
) -> None:
    """Owe an effect, from ``due_at`` on if it is given; a key that is owed already changes nothing.

    Delivered, it is handled by the function that the table of routes names for its class.
    """
    table = table_of(OutboxRow)
    statement = insert_new(table, session.get_bind().dialect.name).values(
        key=effect.key,
        topic=effect.topic,
        payload=payload_of(effect),
        created_at=now,
        due_at=due_at or now,
        attempts=0,
    )
    row_id = session.execute(statement.returning(OutboxRow.id)).scalar_one_or_none()
    nudge: Nudge | None = session.info.get("nudge")
    if row_id is not None and nudge is not None and (due_at is None or due_at <= now):
        after_commit(session, lambda: nudge(row_id))


def due_ids(session: Session, *, now: dt.datetime, limit: int = 200) -> list[int]:
    """Return the ids of effects that are owed and due, oldest first."""
    query = (
        sa.select(OutboxRow.id)
        .where(OutboxRow.done_at.is_(None), OutboxRow.due_at <= now)
        .order_by(OutboxRow.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def take_up(session: Session, row_id: int, *, now: dt.datetime) -> Delivery | None:
    """Lease an owed effect for a minute; ``None`` when it is done, leased or not due yet."""
    taken = session.execute(
        sa.update(OutboxRow)
        .where(OutboxRow.id == row_id, OutboxRow.done_at.is_(None), OutboxRow.due_at <= now)
        .values(due_at=now + LEASE, attempts=OutboxRow.attempts + 1)
        .returning(OutboxRow.key, OutboxRow.topic, OutboxRow.payload)
    ).one_or_none()
    return Delivery(row_id, taken.key, taken.topic, taken.payload) if taken else None


def settle(session: Session, row_id: int, *, now: dt.datetime) -> None:
    """Mark an effect delivered."""
    session.execute(
        sa.update(OutboxRow).where(OutboxRow.id == row_id).values(done_at=now, failure=None)
    )


def put_back(session: Session, row_id: int, *, failure: str, now: dt.datetime) -> None:
    """Note a failed delivery and set the time of the next try, later each time."""
    attempts = session.scalar(sa.select(OutboxRow.attempts).where(OutboxRow.id == row_id)) or 1
    wait = RETRY_SECONDS[min(attempts, len(RETRY_SECONDS)) - 1]
    session.execute(
        sa.update(OutboxRow)
        .where(OutboxRow.id == row_id, OutboxRow.done_at.is_(None))
        .values(due_at=now + dt.timedelta(seconds=wait), failure=failure[:200])
    )
