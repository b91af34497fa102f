"""Calendars of what is sold: begun when the office accepts it, kept long enough, and let go of.

A calendar begins with no units on any day: nothing is sold before the operator says how many there
are and what they cost.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Enterprise, Listing
from catalog.vocabulary import ListingKind
from marketplace.inventory.models import Claim, StockDay, StockPool
from marketplace.inventory.owners import OWNERS, Owner
from marketplace.inventory.service import record_days
from marketplace.kernel.db import insert_new, table_of

DAYS_AHEAD = 540
"""As far ahead as search looks."""


def ensure_pools(session: Session, *, listing_id: int, today: dt.date, now: dt.datetime) -> int:
    """Give all that a listing sells its pools and their days; returns how many it had to make.

    What is there stays as it is, so it may run any number of times.
    """
    made = [
        pool_id
        for owner in OWNERS.values()
        for pool_id in _make_pools(session, owner, Listing.id == listing_id)
    ]
    _add_days(session, dict.fromkeys(made, today), today=today, now=now)
    return len(made)


def _make_pools(session: Session, owner: Owner, which: sa.ColumnElement[bool]) -> list[int]:
    """Make the pools that are missing in the listings of ``which``; returns them."""
    rows = session.execute(
        sa.select(owner.model.id, Listing.enterprise_id)
        .join(Listing, Listing.id == owner.model.listing_id)
        .join(Enterprise, Enterprise.id == Listing.enterprise_id)
        .outerjoin(StockPool, owner.key == owner.model.id)
        .where(which, StockPool.id.is_(None))
        .order_by(owner.model.id)
    ).all()
    if not rows:
        return []
    pools = [
        {"kind": owner.kind, owner.key.key: row.id, "enterprise_id": row.enterprise_id}
        for row in rows
    ]
    session.execute(insert_new(table_of(StockPool), session.get_bind().dialect.name), pools)
    of_these = owner.key.in_([row.id for row in rows])
    return list(session.scalars(sa.select(StockPool.id).where(of_these).order_by(StockPool.id)))


def keep_open(session: Session, *, today: dt.date, now: dt.datetime) -> int:
    """Add the days that came within reach since yesterday; returns how many calendars grew.

    What was on sale before its kind had stock gets its calendar here. Sample operators are left
    out: their days are made with rooms and prices by the sample itself.
    """
    for owner in OWNERS.values():
        _make_pools(session, owner, Enterprise.is_sample.is_(False))
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
    """Add days without units from each pool's first missing day to the end of what is kept."""
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
        record_days(session, pool_id, first, end, now)


def needed(session: Session, kind: ListingKind, ids: Sequence[int]) -> set[int]:
    """Return which of the ``ids`` that such listings sell have units, or ever had a claim.

    Room types of a stay, times of an activity; of what has no stock none is needed.
    """
    owner = OWNERS.get(kind)
    if owner is None:
        return set()
    stocked = sa.exists().where(
        StockDay.pool_id == StockPool.id, sa.or_(StockDay.capacity > 0, StockDay.taken > 0)
    )
    claimed = sa.exists().where(Claim.pool_id == StockPool.id)
    found = session.scalars(
        sa.select(owner.key).where(owner.key.in_(ids), sa.or_(stocked, claimed))
    )
    return {owner_id for owner_id in found if owner_id is not None}


def release(session: Session, kind: ListingKind, ids: Sequence[int]) -> None:
    """Delete the pools of what such listings sell and nobody needs, with their empty days."""
    owner = OWNERS.get(kind)
    if owner is None:
        return
    pools = session.scalars(sa.select(StockPool.id).where(owner.key.in_(ids))).all()
    session.execute(sa.delete(StockDay).where(StockDay.pool_id.in_(pools)))
    session.execute(sa.delete(StockPool).where(StockPool.id.in_(pools)))
