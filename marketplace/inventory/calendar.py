"""The operator's edits of stock: capacity, closing days, blocking rooms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.inventory.models import Claim, ClaimKind, PoolKind, StockDay, StockPool
from marketplace.inventory.service import Want, give_back, record_days, take
from marketplace.kernel.audit import Actor, note
from marketplace.kernel.errors import DomainError, Invalid, NotFound
from marketplace.kernel.messages import Message
from marketplace.kernel.stay import Stay
from marketplace.kernel.text import remark_fault
from marketplace.kernel.unit_of_work import UnitOfWork

MOST_UNITS = 2000
WRONG_UNITS = Message("房间数要在 0 到 %(most)s 之间", most=MOST_UNITS)
LONGEST_EDIT_DAYS = 400
DAYS_NAMED = 6
EVERY_WEEKDAY = frozenset(range(7))
LONGEST_REASON = 200
"""Symbols of why rooms are taken out of sale."""
NO_REASON = "请写明原因，例如“维修”"


class BelowCommitted(DomainError):
    """The new capacity is smaller than what is taken on some days; ``extra['days']`` names them."""

    code = "below_committed"
    http_status = 409
    message = "这些日期已订出和锁着的房间比新数量多：%(days)s。请先处理订单或解锁，或改大数量"


class NothingThere(DomainError):
    """No day of the range is on the calendar."""

    code = "no_days"
    http_status = 422
    message = "所选日期里没有可以修改的日子，请核对日期和星期"


@dataclass(frozen=True, slots=True)
class CalendarEdit:
    """What to change on which days of one pool; ``None`` leaves a thing as it is."""

    pool_id: int
    first_day: dt.date
    last_day: dt.date
    """The last day itself, unlike a stay's check-out: this is how a calendar is read."""
    weekdays: frozenset[int] = EVERY_WEEKDAY
    """Monday is 0."""
    capacity: int | None = None
    closed: bool | None = None


def days_of(first: dt.date, last: dt.date, weekdays: Collection[int]) -> list[dt.date]:
    """Return the days from ``first`` to ``last``, both included, that fall on ``weekdays``."""
    span = range((last - first).days + 1)
    days = (first + dt.timedelta(days=offset) for offset in span)
    return [day for day in days if day.weekday() in weekdays]


def check_capacity(taken: Iterable[tuple[dt.date, int]], *, capacity: int) -> None:
    """Refuse a capacity below what is taken on any of these (day, taken).

    Raises:
        BelowCommitted: naming the days.
    """
    short = [day.isoformat() for day, units in taken if units > capacity]
    if short:
        shown = ", ".join(short[:DAYS_NAMED]) + (" …" if len(short) > DAYS_NAMED else "")
        raise BelowCommitted(days=shown, extra={"days": short})


def locked_days(
    session: Session, *, pool_id: int, days: Collection[dt.date]
) -> list[tuple[dt.date, int, bool]]:
    """Return (day, capacity, closed) of the days on the calendar, locked until the end.

    For an editor who was shown these days and must be told when they changed since.
    """
    rows = session.execute(
        sa.select(StockDay.day, StockDay.capacity, StockDay.closed)
        .where(StockDay.pool_id == pool_id, StockDay.day.in_(days))
        .order_by(StockDay.day)
        .with_for_update()
    )
    return [(row.day, row.capacity, row.closed) for row in rows]


def apply(session: Session, *, edit: CalendarEdit, actor: Actor, now: dt.datetime) -> int:
    """Apply an edit to every day it names, or to none; returns how many days it changed.

    Raises:
        Invalid: the range is reversed or too long, or the capacity out of bounds.
        BelowCommitted: claims hold more units than the new capacity on some days.
        NothingThere: no such day is on the calendar.
    """
    _check(edit)
    days = days_of(edit.first_day, edit.last_day, edit.weekdays)
    rows = session.execute(
        sa.select(StockDay.day, StockDay.taken)
        .where(StockDay.pool_id == edit.pool_id, StockDay.day.in_(days))
        .order_by(StockDay.day)
        .with_for_update()
    ).all()
    if not rows:
        raise NothingThere
    if edit.capacity is not None:
        check_capacity([(row.day, row.taken) for row in rows], capacity=edit.capacity)
    values = {
        name: value
        for name, value in (("capacity", edit.capacity), ("closed", edit.closed))
        if value is not None
    }
    found = [row.day for row in rows]
    session.execute(
        sa.update(StockDay)
        .where(StockDay.pool_id == edit.pool_id, StockDay.day.in_(found))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    end = found[-1] + dt.timedelta(days=1)
    record_days(session, edit.pool_id, found[0], end, now)
    note(
        session,
        actor=actor,
        action="calendar.changed",
        subject=("stock_pool", edit.pool_id),
        now=now,
        first=found[0].isoformat(),
        last=found[-1].isoformat(),
        days=len(found),
        **values,
    )
    return len(found)


def _check(edit: CalendarEdit) -> None:
    faults: dict[str, str] = {}
    if not 0 <= (edit.last_day - edit.first_day).days < LONGEST_EDIT_DAYS:
        said = "结束日期要在开始日期之后，最长 %(most)s 天"
        faults["last_day"] = Message(said, most=LONGEST_EDIT_DAYS)
    if edit.capacity is not None and not 0 <= edit.capacity <= MOST_UNITS:
        faults["capacity"] = WRONG_UNITS
    if edit.capacity is None and edit.closed is None:
        faults["capacity"] = "请写房间数，或选择关房、开房"
    if not edit.weekdays:
        faults["weekdays"] = "请至少选一个星期几"
    if faults:
        raise Invalid(faults)


def block(work: UnitOfWork, *, pool_id: int, stay: Stay, units: int, reason: str) -> str:
    """Take rooms out of sale with a reason; returns the block's id.

    Raises:
        Invalid: no reason, or no units.
        SoldOut: fewer rooms are free on some night.
    """
    reason = reason.strip()
    if fault := remark_fault(reason, most=LONGEST_REASON, missing=NO_REASON):
        raise Invalid({"reason": fault})
    if units < 1:
        raise Invalid({"units": "请写要锁几间房"})
    block_id = work.ids.new_id()
    take(
        work.session,
        wants=[Want(pool_id, stay, units)],
        kind=ClaimKind.BLOCK,
        holder=block_id,
        now=work.now,
        reason=reason,
    )
    note(
        work.session,
        actor=work.actor,
        action="rooms.blocked",
        subject=("stock_pool", pool_id),
        now=work.now,
        block=block_id,
        first=stay.check_in.isoformat(),
        # The last night, as it was typed and as every other entry of the calendar has it.
        last=(stay.check_out - dt.timedelta(days=1)).isoformat(),
        units=units,
    )
    return block_id


def unblock(
    session: Session, *, block_id: str, enterprise_id: int, actor: Actor, now: dt.datetime
) -> None:
    """Give blocked rooms back for sale.

    Raises:
        NotFound: no live block of this enterprise has this id.
    """
    pool_id = session.scalar(
        sa.select(Claim.pool_id)
        .join(StockPool, StockPool.id == Claim.pool_id)
        .where(
            Claim.holder == block_id,
            Claim.kind == ClaimKind.BLOCK,
            Claim.released_at.is_(None),
            StockPool.enterprise_id == enterprise_id,
            StockPool.kind == PoolKind.ROOM,
        )
    )
    if pool_id is None:
        raise NotFound
    if not give_back(session, holder=block_id, now=now):
        raise NotFound  # somebody else released it since it was looked for
    note(
        session,
        actor=actor,
        action="rooms.unblocked",
        subject=("stock_pool", pool_id),
        now=now,
        block=block_id,
    )
