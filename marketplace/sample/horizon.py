"""Keeping the sample sellable: 400 days of stock, prices and restrictions from today on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import RoomType
from marketplace.inventory.models import StockDay, StockPool
from marketplace.kernel import changes
from marketplace.kernel.clock import shanghai_midnight
from marketplace.kernel.db import Base, insert_new
from marketplace.pricing.models import NightRate, Restriction
from marketplace.pricing.nights.restrictions import DayRule
from marketplace.sample.definitions import Sample, read_sample
from marketplace.sample.tariffs import renew_tariffs

HORIZON_DAYS = 400


def extend_horizon(
    session: Session, *, today: dt.date, sample: Sample | None = None, days: int = HORIZON_DAYS
) -> int:
    """Add what is missing of the ``days`` days from ``today``; returns how many pool-days.

    Days that are there, with whatever an operator made of them, are never touched. Named months
    follow the summers.
    """
    sample = sample or read_sample()
    renew_tariffs(session, sample=sample, today=today)
    wanted = [today + dt.timedelta(days=offset) for offset in range(days)]
    stock = add_days(session, sample=sample, wanted=wanted, asked=sample.restrictions(today))
    _tell(session, stock, today=today)
    return len(stock)


def add_days(
    session: Session,
    *,
    sample: Sample,
    wanted: Sequence[dt.date],
    asked: Mapping[str, Mapping[dt.date, DayRule]],
) -> list[dict[str, Any]]:
    """Add stock and prices of the days ``wanted`` where they are missing; returns the new stock.

    ``asked`` is what is asked of stays by room type and date; it is set on new days alone. Nobody
    is told: whoever opens days that can be sold does that.
    """
    pools = {
        row.code: (row.pool_id, row.room_type_id)
        for row in session.execute(
            sa.select(
                RoomType.code, RoomType.id.label("room_type_id"), StockPool.id.label("pool_id")
            )
            .join(StockPool, StockPool.room_type_id == RoomType.id)
            .where(RoomType.code.in_([room.code for room in sample.rooms]))
        )
    }
    first, last = min(wanted), max(wanted)
    stocked = _present(session, StockDay.pool_id, StockDay.day, first, last)
    priced = _present(session, NightRate.room_type_id, NightRate.day, first, last)
    stock: list[dict[str, Any]] = []
    prices: list[dict[str, Any]] = []
    rules: list[dict[str, Any]] = []
    for room in sample.rooms:
        if room.code not in pools:
            continue
        pool_id, room_type_id = pools[room.code]
        new = {day for day in wanted if (pool_id, day) not in stocked}
        stock += [
            {"pool_id": pool_id, "day": day, "capacity": room.rooms, "taken": 0, "closed": False}
            for day in wanted
            if day in new
        ]
        rules += [
            {"room_type_id": room_type_id, "day": day, **asdict(rule)}
            for day, rule in asked.get(room.code, {}).items()
            if day in new
        ]
        prices += [
            {
                "room_type_id": room_type_id,
                "day": day,
                "list_fen": sample.list_fen(room, day),
                "by_hand": True,
            }
            for day in wanted
            if (room_type_id, day) not in priced
        ]
    _insert(session, StockDay, stock)
    _insert(session, NightRate, prices)
    _insert(session, Restriction, rules)
    return stock


def _present(
    session: Session, owner: Any, day: Any, first: dt.date, last: dt.date
) -> set[tuple[int, dt.date]]:
    rows = session.execute(sa.select(owner, day).where(day.between(first, last)))
    return {(row[0], row[1]) for row in rows}


def _insert(session: Session, model: type[Base], rows: list[dict[str, Any]]) -> None:
    """Insert rows in one statement; those that another job inserts meanwhile are skipped."""
    table = model.__table__
    if rows and isinstance(table, sa.Table):
        session.execute(insert_new(table, session.get_bind().dialect.name), rows)


def _tell(session: Session, stock: list[dict[str, Any]], *, today: dt.date) -> None:
    """Tell the matrix and the feed which pools have new days, once for each pool."""
    spans: dict[int, list[dt.date]] = {}
    for row in stock:
        spans.setdefault(row["pool_id"], []).append(row["day"])
    for pool_id, days in spans.items():
        changes.record(
            session,
            changes.STOCK,
            pool_id,
            now=shanghai_midnight(today),
            detail={
                "first": days[0].isoformat(),
                "last": (days[-1] + dt.timedelta(days=1)).isoformat(),
            },
        )
