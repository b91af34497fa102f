"""The event log: what happened to a thing, told to one reader, each time with the whole view of it.

A reader that missed ten events needs one. Rows are numbered after the commit
(``marketplace.kernel.numbering``), so a stream is read by number like the change log.

The last event of a subject is what the subject is read from, so it is never deleted; an older one
is, when its time is over. Who keeps a stream decides when (``due_at``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from marketplace.kernel import numbering
from marketplace.kernel.db import Base, Key, table_of

KEPT_WHOLE = dt.timedelta(days=400)
"""How long every event is kept; afterwards it goes when a later one tells its subject."""
NO_STREAM = ""
"""The stream of an event that nobody reads any more, kept for the view of its subject."""


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
        sa.Index(
            "ix_event_due",
            "due_at",
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
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
    due_at: Mapped[dt.datetime | None]
    """From when it is looked at whether it is still needed; empty when it stays for good."""


_INSERT = sa.insert(table_of(Event))


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event that is to be written; each field as the column of its name in ``Event``."""

    stream: str
    subject: str
    version: int
    type: str
    at: dt.datetime
    by: str
    what: str
    view: str


def write(session: Session, event: NewEvent) -> None:
    """Write an event in the caller's transaction, which holds the subject's lock."""
    session.connection().execute(_INSERT, asdict(event) | {"due_at": event.at + KEPT_WHOLE})
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


@dataclass(frozen=True, slots=True)
class Due:
    """An event whose time has come to be looked at."""

    id: int
    at: dt.datetime
    view: str | None
    superseded: bool
    """A later event of its subject can be read in its place."""


def due(session: Session, *, now: dt.datetime, limit: int) -> list[Due]:
    """Return the events that are to be looked at, those due longest first."""
    later = aliased(Event)
    superseded = (
        sa.exists()
        .where(
            later.subject == Event.subject,
            later.version > Event.version,
            # Before it has a number nobody can read it.
            later.number.is_not(None),
        )
        .label("superseded")
    )
    rows = session.execute(
        sa.select(Event.id, Event.at, Event.view, superseded)
        .where(Event.due_at <= now, Event.number.is_not(None))
        .order_by(Event.due_at)
        .limit(limit)
    )
    return [Due(row.id, row.at, row.view, row.superseded) for row in rows]


def forget(session: Session, ids: Collection[int]) -> None:
    """Delete events; a later one tells the subject of each."""
    session.execute(sa.delete(Event).where(Event.id.in_(ids)))


def withdraw(session: Session, ids: Collection[int]) -> None:
    """Take events out of their streams for good; the views of their subjects stay."""
    session.execute(sa.update(Event).where(Event.id.in_(ids)).values(stream=NO_STREAM, due_at=None))


def put_off(session: Session, event_id: int, until: dt.datetime) -> None:
    """Let an event stay as it is until it is looked at again."""
    session.execute(sa.update(Event).where(Event.id == event_id).values(due_at=until))
