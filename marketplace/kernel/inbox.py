"""Events of providers enter through the inbox: stored once, answered 2xx, worked on afterwards."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from marketplace.kernel.db import Base, Key, insert_new, table_of


class InboxRow(Base):
    """One verified event of an outside provider."""

    __tablename__ = "inbox"
    __table_args__ = (sa.UniqueConstraint("source", "external_id"),)

    id: Mapped[Key]
    """Order of arrival."""
    source: Mapped[str] = mapped_column(sa.String(40))
    """The provider, for example ``simulated``."""
    external_id: Mapped[str] = mapped_column(sa.String(120))
    """The provider's own id of the event; the same event twice is stored once."""
    payload: Mapped[dict[str, Any]]
    """The event as parsed: references and amounts, no personal data."""
    received_at: Mapped[dt.datetime]
    """When it arrived."""
    processed_at: Mapped[dt.datetime | None]
    """When its facts were applied; empty while that is owed."""


def store(
    session: Session, *, source: str, external_id: str, payload: dict[str, Any], now: dt.datetime
) -> int | None:
    """Store an event; returns its row id, or ``None`` when this event was stored before."""
    table = table_of(InboxRow)
    statement = insert_new(table, session.get_bind().dialect.name).values(
        source=source, external_id=external_id, payload=payload, received_at=now
    )
    row_id: int | None = session.execute(statement.returning(InboxRow.id)).scalar_one_or_none()
    return row_id


def load(session: Session, row_id: int) -> InboxRow | None:
    """Return a stored event that is not processed yet, else ``None``."""
    row = session.get(InboxRow, row_id)
    return row if row is not None and row.processed_at is None else None
