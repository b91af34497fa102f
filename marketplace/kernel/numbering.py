"""How rows of a log get their numbers, and which numbers a reader may come with.

A row is written in the transaction of its cause *without* a number. Numbers are given after the
commit, by one numberer at a time under a lock. Numbers taken inside the transaction would commit
out of order, and a reader whose cursor had passed the larger would never see the smaller.

A number is ``epoch * 2**40 + n``. A restore begins the next epoch, so that no number is ever given
twice for two things and nothing new stands below a cursor that was held before. It begins as far
into the epoch as there are seconds gone by: one backup may be restored into two empty databases,
neither of which knows of the other, and the later one begins above all that the earlier one gave.
"""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from marketplace.kernel.db import Base, after_commit
from marketplace.kernel.errors import DomainError

EPOCH_BITS = 40
COUNTED_FROM = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
SECONDS_BITS = 31
"""An epoch has room for restores until 2094, each with 512 numbers a second up to the next."""
AT_ONCE = 5000
THE_END = 2**53 - 1
"""Larger than any number will be, and the largest that every reader of JSON counts exactly: what
comes after it is the end of a log, which is how RPDE's validator asks for the last page."""


class Log(enum.IntEnum):
    """The logs that are read by number; the value is the key of its counter."""

    CHANGES = 1
    EVENTS = 2


class ChangeCounter(Base):
    """One row a log; its lock makes the numberer one at a time."""

    __tablename__ = "change_counter"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """1 for changes, 2 for events."""
    last_number: Mapped[int] = mapped_column(sa.BigInteger)
    """The last number given."""


class LogEpoch(Base):
    """A restore: all numbers after it are of a new epoch. Before the first one it is epoch 0."""

    __tablename__ = "log_epoch"

    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Counts the restores, from 1."""
    began_at: Mapped[dt.datetime]
    """When it was restored."""
    last_before: Mapped[int] = mapped_column(sa.BigInteger)
    """The last event that the backup holds; what was told after it is lost."""
    last_change_before: Mapped[int] = mapped_column(sa.BigInteger)
    """The last change that the backup holds."""
    began_after: Mapped[int] = mapped_column(sa.BigInteger)
    """All numbers of the epoch are above it."""


class CursorUnknown(DomainError):
    """The number is further than the log goes, so it was never given."""

    code = "cursor_unknown"
    http_status = 400
    message = "这个编号还没有发出过，请用上一页 next 里的编号，或者从 0 读起"


class Restored(DomainError):
    """What stood at this number is lost: the data was restored from an older backup."""

    code = "restored"
    http_status = 410
    message = "数据从备份恢复过，这个编号之前的一部分已经没有了，请从 %(number)s 接着读"


def epoch_of(number: int) -> int:
    """Return the epoch in which a number was given."""
    return number >> EPOCH_BITS


def wake(session: Session) -> None:
    """Have the rows written in this session numbered once it is committed."""
    call = session.info.get("wake_sequencer")
    if call is not None and not session.info.get("sequencer_woken"):
        session.info["sequencer_woken"] = True
        after_commit(session, call)


def number_rows(session: Session, table: sa.Table, log: Log) -> int:
    """Number the committed rows of ``table`` that have no number yet; returns how many.

    The counter's lock is held until the commit, so a number is visible only after all smaller
    ones are.
    """
    # The rows are made by migrations.
    last = session.scalars(
        sa.select(ChangeCounter.last_number).where(ChangeCounter.id == log).with_for_update()
    ).one()
    waiting = session.scalars(
        sa.select(table.c.id).where(table.c.number.is_(None)).order_by(table.c.id).limit(AT_ONCE)
    ).all()
    if waiting:
        session.connection().execute(
            sa.update(table)
            .where(table.c.id == sa.bindparam("row"))
            .values(number=sa.bindparam("given")),
            [{"row": row, "given": last + place} for place, row in enumerate(waiting, 1)],
        )
        session.execute(
            sa.update(ChangeCounter)
            .where(ChangeCounter.id == log)
            .values(last_number=last + len(waiting))
        )
    return len(waiting)


def last_number(session: Session, log: Log) -> int:
    """Return the highest number given so far."""
    return session.scalar(sa.select(ChangeCounter.last_number).where(ChangeCounter.id == log)) or 0


def check_cursor(session: Session, log: Log, after: int) -> None:
    """Make sure that a reader can go on after the number ``after``.

    Raises:
        CursorUnknown: it is beyond the end. Restored: what the reader saw up to it is lost in part.
    """
    if after == THE_END:
        return
    last = last_number(session, log)
    if after > last:
        raise CursorUnknown
    if not epoch_of(last):
        return
    lost_after = LogEpoch.last_before if log is Log.EVENTS else LogEpoch.last_change_before
    kept = session.scalars(
        sa.select(lost_after).where(LogEpoch.began_after > after).order_by(LogEpoch.epoch).limit(1)
    ).one_or_none()
    if kept is not None and after > kept:
        raise Restored(number=kept, extra={"after_change_number": kept})


def seconds_by(now: dt.datetime) -> int:
    """Return what grows by one a second, so that a later restore goes on above an earlier one."""
    seconds = int((now - COUNTED_FROM).total_seconds())
    return min(max(seconds, 0), (1 << SECONDS_BITS) - 1)


def last_beginning(session: Session) -> int:
    """Return above which number the epoch of today began; 0 before the first restore."""
    latest = sa.select(LogEpoch.began_after).order_by(LogEpoch.began_after.desc()).limit(1)
    return session.scalar(latest) or 0


def begin_epoch(session: Session, *, least: int, now: dt.datetime) -> int:
    """Let all further numbers be of a new epoch, ``least`` or later; returns it."""
    counters = {
        row.id: row.last_number
        for row in session.execute(sa.select(ChangeCounter.id, ChangeCounter.last_number))
    }
    epoch = max(least, *(epoch_of(number) + 1 for number in counters.values()))
    began_after = (epoch << EPOCH_BITS) + (seconds_by(now) << (EPOCH_BITS - SECONDS_BITS))
    session.add(
        LogEpoch(
            epoch=epoch,
            began_at=now,
            last_before=counters[Log.EVENTS],
            last_change_before=counters[Log.CHANGES],
            began_after=began_after,
        )
    )
    session.execute(sa.update(ChangeCounter).values(last_number=began_after))
    session.flush()
    return epoch
