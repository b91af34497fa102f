"""Reads of stock."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Listing, RoomType
from marketplace.inventory.models import Claim, ClaimKind, PoolKind, StockDay, StockPool
from marketplace.kernel.db import table_of
from marketplace.kernel.stay import Stay


@dataclass(frozen=True, slots=True)
class DayStock:
    """One pool-day as the operator sees it."""

    day: dt.date
    capacity: int
    taken: int
    """Booked, held and blocked together."""
    closed: bool
    blocked: int = 0
    """Taken out of sale by the operator; only ``month_with_blocks`` says so."""

    @property
    def booked(self) -> int:
        """How many units guests have."""
        return self.taken - self.blocked

    @property
    def free(self) -> int:
        """How many units can still be sold."""
        return 0 if self.closed else self.capacity - self.taken


@dataclass(frozen=True, slots=True)
class Block:
    """Rooms that an operator took out of sale."""

    id: str
    pool_id: int
    first_day: dt.date
    last_day: dt.date
    """The day after the last night."""
    units: int
    reason: str

    @property
    def last_night(self) -> dt.date:
        """The last night that is blocked, as it was typed."""
        return self.last_day - dt.timedelta(days=1)


_DAY = table_of(StockDay).c
_LEAST_FREE = (
    sa.select(
        _DAY.pool_id,
        sa.func.min(sa.case((_DAY.closed, 0), else_=_DAY.capacity - _DAY.taken)).label("least"),
        sa.func.count().label("nights"),
    )
    .where(
        _DAY.pool_id.in_(sa.bindparam("pools", expanding=True)),
        _DAY.day >= sa.bindparam("first"),
        _DAY.day < sa.bindparam("last"),
    )
    .group_by(_DAY.pool_id)
)


def least_free(session: Session, *, pool_ids: Collection[int], stay: Stay) -> dict[int, int]:
    """Return each pool's units free on *every* night of ``stay``; 0 when a night is missing."""
    rows = session.connection().execute(
        _LEAST_FREE, {"pools": list(pool_ids), "first": stay.check_in, "last": stay.check_out}
    )
    found = {row.pool_id: row.least if row.nights == stay.nights else 0 for row in rows}
    return {pool_id: found.get(pool_id, 0) for pool_id in pool_ids}


def month(
    session: Session, *, pool_ids: Collection[int], first: dt.date, last: dt.date
) -> dict[int, dict[dt.date, DayStock]]:
    """Return the stock of each pool from ``first`` up to, not including, ``last``."""
    rows = session.execute(
        sa.select(
            StockDay.pool_id, StockDay.day, StockDay.capacity, StockDay.taken, StockDay.closed
        )
        .where(StockDay.pool_id.in_(pool_ids), StockDay.day >= first, StockDay.day < last)
        .order_by(StockDay.pool_id, StockDay.day)
    )
    result: dict[int, dict[dt.date, DayStock]] = {pool_id: {} for pool_id in pool_ids}
    for row in rows:
        result[row.pool_id][row.day] = DayStock(row.day, row.capacity, row.taken, row.closed)
    return result


def month_with_blocks(
    session: Session, *, pool_ids: Collection[int], first: dt.date, last: dt.date
) -> dict[int, dict[dt.date, DayStock]]:
    """Return what ``month`` does, with what of it is blocked: for those who block."""
    blocks = session.execute(
        sa.select(Claim.pool_id, Claim.first_day, Claim.last_day, Claim.units).where(
            Claim.pool_id.in_(pool_ids),
            Claim.kind == ClaimKind.BLOCK,
            Claim.released_at.is_(None),
            Claim.first_day < last,
            Claim.last_day > first,
        )
    )
    blocked: Counter[tuple[int, dt.date]] = Counter()
    for pool_id, begin, end, units in blocks:
        for day in Stay(max(begin, first), min(end, last)).days():
            blocked[pool_id, day] += units
    stock = month(session, pool_ids=pool_ids, first=first, last=last)
    return {
        pool_id: {day: replace(found, blocked=blocked[pool_id, day]) for day, found in days.items()}
        for pool_id, days in stock.items()
    }


def live_blocks(session: Session, *, enterprise_id: int, today: dt.date) -> list[Block]:
    """Return the blocks of an enterprise's rooms that are not over, soonest first."""
    rows = session.execute(
        sa.select(
            Claim.holder, Claim.pool_id, Claim.first_day, Claim.last_day, Claim.units, Claim.reason
        )
        .join(StockPool, StockPool.id == Claim.pool_id)
        .where(
            StockPool.enterprise_id == enterprise_id,
            StockPool.kind == PoolKind.ROOM,
            Claim.kind == ClaimKind.BLOCK,
            Claim.released_at.is_(None),
            Claim.last_day > today,
        )
        .order_by(Claim.first_day, Claim.id)
    )
    return [Block(*row) for row in rows]


def was_own_block(session: Session, *, enterprise_id: int, block_id: str) -> bool:
    """Tell whether the enterprise ever had a block of its rooms with this id."""
    found = session.scalar(
        sa.select(Claim.id)
        .join(StockPool, StockPool.id == Claim.pool_id)
        .where(
            Claim.holder == block_id,
            Claim.kind == ClaimKind.BLOCK,
            StockPool.enterprise_id == enterprise_id,
            StockPool.kind == PoolKind.ROOM,
        )
        .limit(1)
    )
    return found is not None


def pools_of(session: Session, *, enterprise_id: int) -> dict[int, int]:
    """Return the pools of the enterprise's rooms as {room type id: pool id}."""
    rows = session.execute(
        sa.select(StockPool.room_type_id, StockPool.id)
        .where(StockPool.enterprise_id == enterprise_id, StockPool.kind == PoolKind.ROOM)
        .order_by(StockPool.id)
    )
    return {row.room_type_id: row.id for row in rows}


@dataclass(frozen=True, slots=True)
class OwnRoom:
    """A room type of an operator with its pool, named for a console."""

    room_type_id: int
    pool_id: int
    name_zh: str
    name_en: str
    listing_zh: str
    listing_en: str


def own_rooms(session: Session, *, enterprise_id: int) -> list[OwnRoom]:
    """Return the room types of an enterprise that have stock, in the order of their pages."""
    rows = session.execute(
        sa.select(
            RoomType.id,
            StockPool.id,
            RoomType.name_zh,
            RoomType.name_en,
            Listing.name_zh,
            Listing.name_en,
        )
        .join(StockPool, StockPool.room_type_id == RoomType.id)
        .join(Listing, Listing.id == RoomType.listing_id)
        .where(StockPool.enterprise_id == enterprise_id)
        .order_by(Listing.code, RoomType.position, RoomType.id)
    )
    return [OwnRoom(*row) for row in rows]
