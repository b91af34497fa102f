"""Fills the matrix from the database and keeps it in step with the change log.

Days that are already in memory, from an earlier matrix or a snapshot, are taken over; only what is
missing is read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog import season
from catalog.models import Enterprise, Listing, RoomType
from catalog.sale import sale_stop
from catalog.service import HOUSE_COLUMNS, WARES_COLUMNS, sale_facts
from catalog.vocabulary import ListingKind
from marketplace.inventory.models import StockDay, StockPool
from marketplace.kernel import changes
from marketplace.kernel.db import table_of
from marketplace.offers.matrix.arrays import Ints, Small, Sums
from marketplace.offers.matrix.bulk_days import packed, read_packed
from marketplace.offers.matrix.matrix import HORIZON_DAYS, MOST_FREE, Matrix
from marketplace.offers.matrix.pools import Pools
from marketplace.offers.matrix.restriction_arrays import restricted_rooms
from marketplace.offers.matrix.tariff_arrays import Tariffs, read_texts
from marketplace.offers.search import stay_facts as facts_of_stays
from marketplace.pricing.models import NightRate

SPARE_DAYS = 20
"""Days kept beyond the horizon, so that a new day costs nothing until they are used up."""
POOLS_OF_A_PART = 250
CHANGES_AT_ONCE = 5_000
POOLS_AT_ONCE = 40
"""Changed pools that one statement reads; their days are read from the first to the last."""
STOCK_COLUMNS = (
    StockPool.id,
    RoomType.id,
    Listing.id,
    RoomType.max_adults,
    RoomType.max_guests,
    Listing.min_nights,
    Listing.max_nights,
    Listing.opens,
    Listing.closes,
)


@dataclass(frozen=True, slots=True)
class Days:
    """The days of some pools, from an earlier matrix or a snapshot."""

    first_day: dt.date
    cursor: int
    pool_ids: Ints
    free: Small
    sums: Sums
    opens: Small
    """The seasons that ``free`` and ``sums`` keep to."""
    closes: Small


def build(session: Session, *, today: dt.date, known: Days | None = None) -> Matrix:
    """Read every stay pool with its stock and prices from ``today`` on.

    ``known`` days are not read again: the matrix is then as old as they are, until ``refresh``.
    Otherwise the cursor is read first; a change that commits in between is applied once more,
    harmlessly.
    """
    cursor = known.cursor if known else changes.last_number(session)
    pools = _read_pools(session, None, today=today)
    facts = facts_of_stays.load(session)
    facts = facts.only(np.isin(facts.ids, pools.listing_ids))
    rooms = pools.room_type_ids.tolist()
    tariffs = Tariffs.of(read_texts(session, rooms, all_of_them=True))
    rest = _rest_of(known, pools, today) if known else None
    if known is not None and rest is not None:
        matrix = Matrix(today, cursor, pools, facts, *rest, tariffs)
        _load(session, matrix, pool_ids=_moved(known, pools), begin=0, end=len(matrix.free))
    else:
        days = HORIZON_DAYS + SPARE_DAYS
        free = np.zeros((days, pools.count), np.int16)
        sums = np.zeros((days + 1, pools.count), np.int32)
        matrix = Matrix(today, cursor, pools, facts, free, sums, tariffs)
        missing, begin = _take_over(matrix, known) if known else ([], 0)
        missing += _moved(known, pools) if known else []
        _load(session, matrix, pool_ids=missing, begin=0, end=begin)
        _load(session, matrix, pool_ids=sorted(pools.column), begin=begin, end=days)
    _read_limits(session, matrix)
    matrix.note_prices()
    return matrix


def days_of(matrix: Matrix) -> Days:
    """Return what ``build`` can take over from ``matrix``."""
    pools = matrix.pools
    return Days(
        matrix.first_day,
        matrix.cursor,
        pools.pool_ids,
        matrix.free,
        matrix.sums,
        pools.opens,
        pools.closes,
    )


def _moved(known: Days, pools: Pools) -> list[int]:
    """Return the known pools whose season is another now: their days must be read again."""
    if not len(known.pool_ids):
        return []
    order = np.argsort(known.pool_ids)
    place = np.searchsorted(known.pool_ids, pools.pool_ids, sorter=order)
    at = order[np.minimum(place, len(order) - 1)]
    other = (known.opens[at] != pools.opens) | (known.closes[at] != pools.closes)
    found: list[int] = pools.pool_ids[other & (known.pool_ids[at] == pools.pool_ids)].tolist()
    return found


def _rest_of(known: Days, pools: Pools, today: dt.date) -> tuple[Small, Sums] | None:
    """Return the known days from ``today`` on where they suffice: the same memory, not a copy."""
    gone = (today - known.first_day).days
    enough = 0 <= gone <= len(known.free) - HORIZON_DAYS
    if not enough or not np.array_equal(known.pool_ids, pools.pool_ids):
        return None
    return known.free[gone:], known.sums[gone:]


def _take_over(matrix: Matrix, known: Days) -> tuple[list[int], int]:
    """Copy known days; returns the pools that are not known, and the first day that is not."""
    gone = (matrix.first_day - known.first_day).days
    if not 0 <= gone < len(known.free):
        return [], 0
    kept = min(len(known.free) - gone, len(matrix.free))
    place = {int(pool): at for at, pool in enumerate(known.pool_ids)}
    pairs = [(column, place[pool]) for pool, column in matrix.pools.column.items() if pool in place]
    here = np.array([pair[0] for pair in pairs], np.int64)
    there = np.array([pair[1] for pair in pairs], np.int64)
    for day in range(kept):
        matrix.free[day, here] = known.free[gone + day, there]
        matrix.sums[day + 1, here] = known.sums[gone + day + 1, there] - known.sums[gone, there]
    matrix.sums[kept + 1 :] = matrix.sums[kept]
    return [pool for pool in matrix.pools.column if pool not in place], kept


def _read_pools(session: Session, listing_ids: Collection[int] | None, *, today: dt.date) -> Pools:
    statement = (
        sa.select(*STOCK_COLUMNS, *HOUSE_COLUMNS, *WARES_COLUMNS)
        .join(RoomType, RoomType.id == StockPool.room_type_id)
        .join(Listing, Listing.id == RoomType.listing_id)
        .join(Enterprise, Enterprise.id == Listing.enterprise_id)
        .where(Listing.kind == ListingKind.STAY)
        .order_by(Listing.id, StockPool.id)
    )
    if listing_ids is not None:
        statement = statement.where(Listing.id.in_(listing_ids))
    rows = session.execute(statement).all()
    width = len(STOCK_COLUMNS)
    columns: list[Any] = list(zip(*(row[:width] for row in rows), strict=True)) or [()] * width
    stops = (sale_stop(*sale_facts(row[width:]), today=today) for row in rows)
    return Pools(
        pool_ids=np.array(columns[0], np.int64),
        room_type_ids=np.array(columns[1], np.int64),
        listing_ids=np.array(columns[2], np.int64),
        max_adults=np.array(columns[3], np.int16),
        max_guests=np.array(columns[4], np.int16),
        min_nights=np.array(columns[5], np.int16),
        max_nights=np.array(columns[6], np.int16),
        opens=np.array([season.number_of(day) for day in columns[7]], np.int16),
        closes=np.array([season.number_of(day) for day in columns[8]], np.int16),
        on_sale=np.fromiter((stop is None for stop in stops), np.bool_, len(rows)),
    )


def _read_limits(session: Session, matrix: Matrix) -> None:
    """Read every restriction: few pools have any, so that most are not asked for."""
    days, first = matrix.limits.days, matrix.first_day
    rooms = restricted_rooms(session, first=first, days=days)
    columns = np.flatnonzero(np.isin(matrix.pools.room_type_ids, rooms))
    for place in range(0, len(columns), POOLS_OF_A_PART):
        part = columns[place : place + POOLS_OF_A_PART]
        _load_limits(session, matrix, part, range(days))


def _load_limits(session: Session, matrix: Matrix, columns: Ints, span: range) -> None:
    matrix.limits.load(
        session,
        first_day=matrix.first_day,
        rooms=matrix.pools.room_type_ids[columns],
        columns=columns,
        span=span,
    )


def _load(
    session: Session, matrix: Matrix, *, pool_ids: Sequence[int], begin: int, end: int
) -> Ints:
    """Read stock and prices of pools for the days [begin, end), counted from the first day.

    Returns the columns whose prices are others now. A part of the pools at a time: all at once
    would need the memory of a second matrix.
    """
    begin, end = max(0, begin), min(len(matrix.free), end)
    repriced = [np.zeros(0, np.int64)]
    for place in range(0, len(pool_ids) if begin < end else 0, POOLS_OF_A_PART):
        part = pool_ids[place : place + POOLS_OF_A_PART]
        columns = np.array([matrix.pools.column[pool] for pool in part], np.int64)
        free, rates = _read_days(session, matrix, columns, begin, end - begin)
        matrix.free[begin:end, columns] = free
        held = matrix.sums[begin : end + 1, columns]
        if (np.diff(held, axis=0) != rates).any():
            grown = np.cumsum(rates, axis=0, dtype=np.int32)
            matrix.sums[begin + 1 : end + 1, columns] = held[0] + grown
            matrix.sums[end + 1 :, columns] += grown[-1] - (held[-1] - held[0])
            repriced.append(columns)
    return np.concatenate(repriced)


def _read_days(
    session: Session, matrix: Matrix, columns: Ints, begin: int, count: int
) -> tuple[Small, Sums]:
    """Return [day, column] free units and list prices in fen of ``count`` days from ``begin``.

    What has stock and no price, or a price and no stock, or is out of season, is not on sale and
    has neither.
    """
    first = matrix.first_day + dt.timedelta(days=begin)
    last = first + dt.timedelta(days=count)
    free = np.zeros((count, len(columns)), np.int32)
    rates = np.zeros((count, len(columns)), np.int32)
    stocked = np.zeros((count, len(columns)), np.bool_)
    day, place, units = read_packed(session, _STOCK, matrix.pools.pool_ids[columns], first, last)
    free[day, place], stocked[day, place] = np.minimum(units, MOST_FREE), True
    day, place, fen = read_packed(session, _RATES, matrix.pools.room_type_ids[columns], first, last)
    rates[day, place] = fen
    rates[~stocked] = 0
    if (shut := matrix.shut(columns, begin, count)) is not None:
        rates[shut] = 0
    free[rates == 0] = 0
    return free.astype(np.int16), rates


_DAY, _RATE = table_of(StockDay).c, table_of(NightRate).c
_STOCK = packed(_DAY.pool_id, _DAY.day, sa.case((_DAY.closed, 0), else_=_DAY.capacity - _DAY.taken))
_RATES = packed(_RATE.room_type_id, _RATE.day, _RATE.list_fen)


def refresh(session: Session, matrix: Matrix, *, today: dt.date) -> Matrix:
    """Return the matrix with every change since its cursor applied.

    Stock and price changes read their pools and days again, a changed listing its facts and rules.
    A new pool or a new day makes another matrix, which takes the known days over.
    """
    if today != matrix.first_day:
        matrix = build(session, today=today, known=days_of(matrix))
    while True:
        log = changes.since(
            session, matrix.cursor, kinds=(changes.STOCK, changes.LISTING), limit=CHANGES_AT_ONCE
        )
        if changes.is_restored(session, matrix.cursor, log):
            return build(session, today=today)
        if not log:
            return matrix
        try:
            matrix = _apply(session, matrix, log)
        finally:
            # Also after half of it: the rest is applied with the next look.
            matrix.version += 1
        matrix.cursor = log[-1].number or matrix.cursor


def _apply(session: Session, matrix: Matrix, log: Sequence[changes.Change]) -> Matrix:
    stock = [change for change in log if change.kind == changes.STOCK]
    listings = {int(change.entity_id) for change in log if change.kind == changes.LISTING}
    if _has_new_pools(session, matrix, stock, listings):
        matrix = build(session, today=matrix.first_day, known=days_of(matrix))
    elif listings:
        _reload_listings(session, matrix, listings)
    _reload_stock(session, matrix, stock)
    return matrix


def _has_new_pools(
    session: Session, matrix: Matrix, stock: Sequence[changes.Change], listings: Collection[int]
) -> bool:
    """Whether there are stays' pools that the matrix does not know.

    Only rooms come under ``STOCK``: who is a stranger there is new, or was let go of since.
    """
    strangers = {int(change.entity_id) for change in stock} - matrix.pools.column.keys()
    if strangers:
        sold_as_stays = (
            sa.select(StockPool.id)
            .join(RoomType, RoomType.id == StockPool.room_type_id)
            .join(Listing, Listing.id == RoomType.listing_id)
            .where(StockPool.id.in_(strangers), Listing.kind == ListingKind.STAY)
            .limit(1)
        )
        if session.scalar(sold_as_stays) is not None:
            return True
    return bool(listings) and not (
        set(_read_pools(session, listings, today=matrix.first_day).pool_ids.tolist())
        <= matrix.pools.column.keys()
    )


def _reload_stock(session: Session, matrix: Matrix, stock: Sequence[changes.Change]) -> None:
    """Read the changed days again, many pools in one statement.

    Where bookings alone took or gave back units, prices and restrictions are what they were.
    """
    priced = {change.entity_id for change in stock if not change.detail.get("units")}
    for pools, begin, end in _batches(matrix, [c for c in stock if c.entity_id not in priced]):
        _load_units(session, matrix, pool_ids=pools, begin=begin, end=end)
    for pools, begin, end in _batches(matrix, [c for c in stock if c.entity_id in priced]):
        repriced = _load(session, matrix, pool_ids=pools, begin=begin, end=end)
        if len(repriced):
            matrix.note_prices(repriced)
        columns = np.array(sorted(matrix.pools.column[pool] for pool in pools), np.int64)
        _load_limits(session, matrix, columns, range(begin, end))


def _batches(
    matrix: Matrix, stock: Sequence[changes.Change]
) -> Iterator[tuple[list[int], int, int]]:
    """Yield pools with the days to read of them, counted from the matrix's first day."""
    spans: dict[int, tuple[dt.date, dt.date]] = {}
    for change in stock:
        pool = int(change.entity_id)
        first = dt.date.fromisoformat(change.detail["first"])
        last = dt.date.fromisoformat(change.detail["last"])
        if pool in spans:
            first, last = min(first, spans[pool][0]), max(last, spans[pool][1])
        spans[pool] = (first, last)
    # Neighbours in time share a statement, so that few days are read in vain.
    ordered = sorted(
        (pool for pool in spans if pool in matrix.pools.column), key=lambda pool: spans[pool]
    )
    for place in range(0, len(ordered), POOLS_AT_ONCE):
        pools = ordered[place : place + POOLS_AT_ONCE]
        begin = min(spans[pool][0] for pool in pools) - matrix.first_day
        end = max(spans[pool][1] for pool in pools) - matrix.first_day
        yield pools, begin.days, end.days


def _load_units(
    session: Session, matrix: Matrix, *, pool_ids: Sequence[int], begin: int, end: int
) -> None:
    """Read how many units are free on the days [begin, end); prices are those in memory."""
    begin, end = max(0, begin), min(len(matrix.free), end)
    if begin >= end:
        return
    columns = np.array([matrix.pools.column[pool] for pool in pool_ids], np.int64)
    first = matrix.first_day + dt.timedelta(days=begin)
    last = matrix.first_day + dt.timedelta(days=end)
    free = np.zeros((end - begin, len(columns)), np.int16)
    day, place, units = read_packed(session, _STOCK, matrix.pools.pool_ids[columns], first, last)
    free[day, place] = np.minimum(units, MOST_FREE)
    free[np.diff(matrix.sums[begin : end + 1, columns], axis=0) == 0] = 0
    matrix.free[begin:end, columns] = free


def _reload_listings(session: Session, matrix: Matrix, listing_ids: Collection[int]) -> None:
    """Read facts, rules and discounts of listings again whose pools are all known."""
    fresh = _read_pools(session, listing_ids, today=matrix.first_day)
    columns = np.array([matrix.pools.column[int(pool)] for pool in fresh.pool_ids], np.int64)
    pools = matrix.pools
    moved = (fresh.opens != pools.opens[columns]) | (fresh.closes != pools.closes[columns])
    for name in (
        "max_adults",
        "max_guests",
        "min_nights",
        "max_nights",
        "on_sale",
        "opens",
        "closes",
    ):
        getattr(pools, name)[columns] = getattr(fresh, name)
    again = fresh.pool_ids[moved].tolist()
    repriced = _load(session, matrix, pool_ids=again, begin=0, end=len(matrix.free))
    if len(repriced):
        matrix.note_prices(repriced)
    facts = facts_of_stays.load(session, listing_ids)
    matrix.facts.put(facts.only(np.isin(facts.ids, matrix.facts.ids)))
    texts = read_texts(session, fresh.room_type_ids.tolist(), all_of_them=False)
    matrix.tariffs = matrix.tariffs.put(columns, texts)
