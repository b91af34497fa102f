"""Calendars of room types: begun when the office accepts them, kept long enough, and let go of.

A calendar begins with no rooms on any day: nothing is sold before the operator says how many there
are and what they cost.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Enterprise, Listing, RoomType
from marketplace.inventory.models import Claim, PoolKind, StockDay, StockPool
from marketplace.kernel import changes
from marketplace.kernel.db import insert_new, table_of

DAYS_AHEAD = 540
"""As far ahead as search looks."""


def ensure_pools(session: Session, *, listing_id: int, today: dt.date, now: dt.datetime) -> int:
    """Give each room type of a listing its pool and its days; returns how many it had to make.

    What is there stays as it is, so it may run any number of times.
    """
    rooms = session.execute(
        sa.select(RoomType.id, Listing.enterprise_id)
        .join(Listing, Listing.id == RoomType.listing_id)
        .outerjoin(StockPool, StockPool.room_type_id == RoomType.id)
        .where(RoomType.listing_id == listing_id, StockPool.id.is_(None))
        .order_by(RoomType.id)
    ).all()
    if not rooms:
        return 0
    rows = [
        {"kind": PoolKind.ROOM, "room_type_id": row.id, "enterprise_id": row.enterprise_id}
        for row in rooms
    ]
    session.execute(insert_new(table_of(StockPool), session.get_bind().dialect.name), rows)
    made = session.scalars(
        sa.select(StockPool.id).where(StockPool.room_type_id.in_([row.id for row in rooms]))
    ).all()
    _add_days(session, dict.fromkeys(made, today), today=today, now=now)
    return len(rooms)


def keep_open(session: Session, *, today: dt.date, now: dt.datetime) -> int:
    """Add the days that came within reach since yesterday; returns how many calendars grew.

    Sample operators are left out: their days are made with rooms and prices by the sample itself.
    """
    last = sa.func.max(StockDay.day)
    rows = session.execute(
        sa.select(StockPool.id, last.label("last"))
        .join(Enterprise, Enterprise.id == StockPool.enterprise_id)
        .outerjoin(StockDay, StockDay.pool_id == StockPool.id)
        .where(Enterprise.is_sample.is_(False))
        .group_by(StockPool.id)
        .having(sa.or_(last.is_(None), last < today + dt.timedelta(days=DAYS_AHEAD - 1)))
    ).all()
    begin = {
        row.id: max(today, row.last + dt.timedelta(days=1)) if row.last else today for row in rows
    }
    _add_days(session, begin, today=today, now=now)
    return len(begin)


def _add_days(
    session: Session, begin: dict[int, dt.date], *, today: dt.date, now: dt.datetime
) -> None:
    """Add days without rooms from each pool's first missing day to the end of what is kept."""
    end = today + dt.timedelta(days=DAYS_AHEAD)
    rows = [
        {"pool_id": pool_id, "day": first + dt.timedelta(days=offset), "capacity": 0}
        for pool_id, first in begin.items()
        for offset in range((end - first).days)
    ]
    if not rows:
        return
    statement = insert_new(table_of(StockDay), session.get_bind().dialect.name)
    session.execute(statement, [{**row, "taken": 0, "closed": False} for row in rows])
    for pool_id, first in sorted(begin.items()):
        span = {"first": first.isoformat(), "last": end.isoformat()}
        changes.record(session, changes.STOCK, pool_id, now=now, detail=span)


def needed(session: Session, room_type_ids: Sequence[int]) -> set[int]:
    """Return which room types have rooms on some day, or ever had a booking or a block."""
    stocked = sa.exists().where(
        StockDay.pool_id == StockPool.id, sa.or_(StockDay.capacity > 0, StockDay.taken > 0)
    )
    claimed = sa.exists().where(Claim.pool_id == StockPool.id)
    return set(
        session.scalars(
            sa.select(StockPool.room_type_id).where(
                StockPool.room_type_id.in_(room_type_ids), sa.or_(stocked, claimed)
            )
        )
    )


def release(session: Session, room_type_ids: Sequence[int]) -> None:
    """Delete the pools of room types that are not needed, with their empty days."""
    pools = session.scalars(
        sa.select(StockPool.id).where(StockPool.room_type_id.in_(room_type_ids))
    ).all()
    session.execute(sa.delete(StockDay).where(StockDay.pool_id.in_(pools)))
    session.execute(sa.delete(StockPool).where(StockPool.id.in_(pools)))
