"""The event log: what happened to a thing, told to one reader, each time with the whole view of it.

A reader that missed ten events needs one. Rows are numbered after the commit
(``marketplace.kernel.numbering``), so a stream is read by number like the change log.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from marketplace.kernel import numbering
from marketplace.kernel.db import Base, Key, table_of


class Event(Base):
    """One thing that happened, in the stream of the one who is told."""

    __tablename__ = "event"
    __table_args__ = (
        sa.UniqueConstraint("subject", "version"),
        sa.Index("ix_event_stream_number", "stream", "number"),
        sa.Index(
            "ix_event_unnumbered",
            "id",
            sqlite_where=sa.text("number IS NULL"),
            postgresql_where=sa.text("number IS NULL"),
        ),
    )

    id: Mapped[Key]
    """Order of insertion; of one subject also the order of commit."""
    stream: Mapped[str] = mapped_column(sa.String(60))
    """Who is told, for example ``partner:7:live``."""
    subject: Mapped[str] = mapped_column(sa.String(60))
    """What it is about, for example ``booking:`` and its id."""
    version: Mapped[int]
    """The version of the subject after it; a reader applies a version only if it is higher."""
    type: Mapped[str] = mapped_column(sa.String(40))
    """What happened, for example ``booking.confirmed``."""
    at: Mapped[dt.datetime]
    """When."""
    by: Mapped[str] = mapped_column(sa.String(20))
    """Who did it, by kind."""
    what: Mapped[str] = mapped_column(sa.Text)
    """The facts of it, as JSON."""
    view: Mapped[str | None] = mapped_column(sa.Text)
    """The subject afterwards, as JSON; empty for what happened before the log kept it."""
    number: Mapped[int | None] = mapped_column(sa.BigInteger, unique=True)
    """Position in the log, given after the commit; readers' cursors hold this."""


_INSERT = sa.insert(table_of(Event))


def write(
    session: Session,
    *,
    stream: str,
    subject: str,
    version: int,
    type_: str,
    at: dt.datetime,
    by: str,
    what: str,
    view: str,
) -> None:
    """Write an event in the caller's transaction, which holds the subject's lock."""
    session.connection().execute(
        _INSERT,
        {
            "stream": stream,
            "subject": subject,
            "version": version,
            "type": type_,
            "at": at,
            "by": by,
            "what": what,
            "view": view,
        },
    )
    numbering.wake(session)


def last_view(session: Session, subject: str) -> str | None:
    """Return a subject's latest view, as JSON."""
    return session.scalar(
        sa.select(Event.view)
        .where(Event.subject == subject)
        .order_by(Event.version.desc())
        .limit(1)
    )


def since(session: Session, stream: str, after: int, *, limit: int) -> Sequence[Event]:
    """Return the events of a stream numbered above ``after``, in order."""
    return session.scalars(
        sa.select(Event)
        .where(Event.stream == stream, Event.number > after)
        .order_by(Event.number)
        .limit(limit)
    ).all()
