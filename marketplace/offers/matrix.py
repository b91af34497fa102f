"""Stock and price of every pool on every day, in memory: which are free all nights, and the total.

Day-major NumPy arrays: a question over all pools reads consecutive memory. The matrix is advisory;
the booking transaction decides. Each process builds its own and follows the change log.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Enterprise, Listing, RoomType
from catalog.queries import is_visible
from catalog.vocabulary import ListingKind
from marketplace.inventory.models import StockDay, StockPool
from marketplace.kernel import changes
from marketplace.kernel.money import BASIS_POINTS
from marketplace.kernel.stay import Stay
from marketplace.pricing.models import NightRate, StayDiscount

HORIZON_DAYS = 560
"""How many days from today the matrix covers; the sample sells 400."""
ROWS_AT_ONCE = 200_000
MOST_FREE = 32_767
"""What a cell can hold; nobody asks for more rooms than that."""

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Found:
    """Pools that can take the party: parallel arrays."""

    listing_ids: Ints
    room_type_ids: Ints
    totals_fen: Ints
    """The exact total of the stay for all rooms."""


@dataclass(slots=True)
class Matrix:
    """Free units and prices of all pools for ``HORIZON_DAYS`` days from ``first_day``."""

    first_day: dt.date
    cursor: int
    """The change-log number up to which this matrix is true."""
    pool_ids: Ints
    room_type_ids: Ints
    listing_ids: Ints
    max_adults: Ints
    max_guests: Ints
    min_nights: Ints
    max_nights: Ints
    visible: npt.NDArray[np.bool_]
    free: npt.NDArray[np.int16] = field(init=False)
    """[day, pool] units that can be sold; 0 when closed, without stock or without price."""
    rate: npt.NDArray[np.int32] = field(init=False)
    """[day, pool] list price in fen, 0 where there is none."""
    sums: npt.NDArray[np.int32] = field(init=False)
    """[day, pool] sum of ``rate`` over all earlier days: a stay's list price is one subtraction."""
    tiers: list[tuple[int, Ints, Ints]] = field(default_factory=list)
    """(min nights, columns, basis points off), fewest nights first."""
    column: dict[int, int] = field(init=False)
    """Pool id to column."""

    def __post_init__(self) -> None:
        """Make room for the days."""
        shape = (HORIZON_DAYS, len(self.pool_ids))
        self.free = np.zeros(shape, np.int16)
        self.rate = np.zeros(shape, np.int32)
        self.sums = np.zeros((HORIZON_DAYS + 1, len(self.pool_ids)), np.int32)
        self.column = {int(pool): index for index, pool in enumerate(self.pool_ids)}

    def covers(self, stay: Stay) -> bool:
        """Whether the whole stay lies within the days in memory."""
        begin = (stay.check_in - self.first_day).days
        return begin >= 0 and begin + stay.nights <= HORIZON_DAYS

    def find(self, *, stay: Stay, rooms: int, adults: int, guests: int) -> Found:
        """Return every visible pool with ``rooms`` free units on every night, with exact totals."""
        if not self.covers(stay):
            return self._found(np.zeros(0, np.int64), np.zeros(0, np.int64))
        begin = (stay.check_in - self.first_day).days
        end = begin + stay.nights
        open_to = (
            self.visible
            & (self.min_nights <= stay.nights)
            & (self.max_nights >= stay.nights)
            & (self.max_adults * rooms >= adults)
            & (self.max_guests * rooms >= guests)
            & (self.free[begin:end].min(axis=0) >= rooms)
        )
        columns = np.flatnonzero(open_to)
        listed = (self.sums[end, columns] - self.sums[begin, columns]).astype(np.int64) * rooms
        return self._found(columns, self._discounted(listed, columns, stay.nights))

    def _discounted(self, listed: Ints, columns: Ints, nights: int) -> Ints:
        """Take off the longest tier reached; the same half-up rounding as the quote engine."""
        off = np.zeros(len(self.pool_ids), np.int64)
        for min_nights, tier_columns, basis_points in self.tiers:
            if min_nights <= nights:
                off[tier_columns] = basis_points
        kept = BASIS_POINTS - off[columns]
        whole: Ints = (listed * kept * 2 + BASIS_POINTS) // (BASIS_POINTS * 2)
        return whole

    def _found(self, columns: Ints, totals: Ints) -> Found:
        return Found(self.listing_ids[columns], self.room_type_ids[columns], totals)

    def lowest_rates(self) -> dict[int, int]:
        """Return each visible listing's lowest list price a night, in fen, over the days ahead."""
        result: dict[int, int] = {}
        for column, fen in self._lowest():
            listing = int(self.listing_ids[column])
            result[listing] = min(fen, result.get(listing, fen))
        return result

    def lowest_rates_by_room(self) -> dict[int, int]:
        """Return ``lowest_rates`` by room type."""
        return {int(self.room_type_ids[column]): fen for column, fen in self._lowest()}

    def _lowest(self) -> list[tuple[int, int]]:
        """Return (column, lowest list price in fen) of every visible pool that has prices."""
        rates = np.where(self.rate > 0, self.rate, np.iinfo(np.int32).max).min(axis=0)
        columns = np.flatnonzero(self.visible & (rates < np.iinfo(np.int32).max))
        return [(int(column), int(rates[column])) for column in columns]


def build(session: Session, *, today: dt.date) -> Matrix:
    """Read every stay pool with its stock and prices from ``today`` on.

    The cursor is read first: a change that commits in between is applied once more, harmlessly.
    """
    cursor = changes.last_number(session)
    rows = session.execute(
        sa.select(
            StockPool.id,
            RoomType.id,
            Listing.id,
            RoomType.max_adults,
            RoomType.max_guests,
            Listing.min_nights,
            Listing.max_nights,
            is_visible().label("visible"),
        )
        .join(RoomType, RoomType.id == StockPool.room_type_id)
        .join(Listing, Listing.id == RoomType.listing_id)
        .join(Enterprise, Enterprise.id == Listing.enterprise_id)
        .where(Listing.kind == ListingKind.STAY)
        .order_by(StockPool.id)
    ).all()
    columns = [np.array([row[index] for row in rows], np.int64) for index in range(7)]
    matrix = Matrix(
        first_day=today,
        cursor=cursor,
        pool_ids=columns[0],
        room_type_ids=columns[1],
        listing_ids=columns[2],
        max_adults=columns[3],
        max_guests=columns[4],
        min_nights=columns[5],
        max_nights=columns[6],
        visible=np.array([bool(row[7]) for row in rows], np.bool_),
    )
    _load_tiers(session, matrix)
    _load(session, matrix, pools=None, first=today, last=today + dt.timedelta(days=HORIZON_DAYS))
    return matrix


def _load_tiers(session: Session, matrix: Matrix) -> None:
    column_of = {int(room): index for index, room in enumerate(matrix.room_type_ids)}
    found: dict[int, list[tuple[int, int]]] = {}
    for row in session.execute(
        sa.select(StayDiscount.room_type_id, StayDiscount.min_nights, StayDiscount.off_bp)
    ):
        if row.room_type_id in column_of:
            found.setdefault(row.min_nights, []).append((column_of[row.room_type_id], row.off_bp))
    matrix.tiers = [
        (
            nights,
            np.array([column for column, _ in pairs], np.int64),
            np.array([off for _, off in pairs], np.int64),
        )
        for nights, pairs in sorted(found.items())
    ]


def _load(
    session: Session,
    matrix: Matrix,
    *,
    pools: Collection[int] | None,
    first: dt.date,
    last: dt.date,
) -> None:
    """Read stock and prices of ``pools`` (all when ``None``) for the days [first, last)."""
    first = max(first, matrix.first_day)
    last = min(last, matrix.first_day + dt.timedelta(days=HORIZON_DAYS))
    if first >= last:
        return
    free = sa.case((StockDay.closed, 0), else_=StockDay.capacity - StockDay.taken)
    query = (
        sa.select(StockDay.day, StockDay.pool_id, free, NightRate.list_fen)
        .join(StockPool, StockPool.id == StockDay.pool_id)
        .join(
            NightRate,
            sa.and_(
                NightRate.room_type_id == StockPool.room_type_id, NightRate.day == StockDay.day
            ),
        )
        .where(StockDay.day >= first, StockDay.day < last)
    )
    if pools is not None:
        query = query.where(StockDay.pool_id.in_(pools))
    begin, end = (first - matrix.first_day).days, (last - matrix.first_day).days
    columns = (
        np.arange(len(matrix.pool_ids))
        if pools is None
        else np.array([matrix.column[pool] for pool in pools], np.int64)
    )
    matrix.free[begin:end, columns] = 0
    matrix.rate[begin:end, columns] = 0
    rows = session.execute(query.execution_options(yield_per=ROWS_AT_ONCE))
    for part in rows.partitions():
        days = np.array([row[0].toordinal() for row in part], np.int64)
        where = days - matrix.first_day.toordinal()
        at = np.array([matrix.column.get(row[1], -1) for row in part], np.int64)
        known = at >= 0
        free_now = np.array([min(row[2], MOST_FREE) for row in part], np.int16)
        rates_now = np.array([row[3] for row in part], np.int32)
        matrix.free[where[known], at[known]] = free_now[known]
        matrix.rate[where[known], at[known]] = rates_now[known]
    matrix.sums[1:, columns] = np.cumsum(matrix.rate[:, columns], axis=0, dtype=np.int32)


def refresh(session: Session, matrix: Matrix, *, today: dt.date) -> Matrix:
    """Return the matrix with every change since its cursor applied; rebuilt when days have passed.

    Stock changes re-read only their pool and days; a changed or new listing its visibility.
    """
    if today != matrix.first_day:
        return build(session, today=today)
    log = changes.since(session, matrix.cursor, kinds=(changes.STOCK, changes.LISTING), limit=5000)
    stock = [change for change in log if change.kind == changes.STOCK]
    listings = {int(change.entity_id) for change in log if change.kind == changes.LISTING}
    strangers = listings - set(matrix.listing_ids.tolist())
    if any(int(change.entity_id) not in matrix.column for change in stock) or (
        strangers and _has_pools(session, strangers)
    ):
        return build(session, today=today)
    _reload_stock(session, matrix, stock)
    if listings:
        _load_visibility(session, matrix, listings)
    if log:
        matrix.cursor = log[-1].number or matrix.cursor
    return matrix


def _reload_stock(session: Session, matrix: Matrix, stock: Sequence[changes.Change]) -> None:
    """Read the changed days again; pools that changed on the same days in one query."""
    spans: dict[tuple[str, str], set[int]] = {}
    for change in stock:
        span = (change.detail["first"], change.detail["last"])
        spans.setdefault(span, set()).add(int(change.entity_id))
    for (first, last), pools in spans.items():
        _load(
            session,
            matrix,
            pools=sorted(pools),
            first=dt.date.fromisoformat(first),
            last=dt.date.fromisoformat(last),
        )


def _has_pools(session: Session, listing_ids: Collection[int]) -> bool:
    query = (
        sa.select(StockPool.id)
        .join(RoomType, RoomType.id == StockPool.room_type_id)
        .where(RoomType.listing_id.in_(listing_ids))
        .limit(1)
    )
    return session.scalar(query) is not None


def _load_visibility(session: Session, matrix: Matrix, listing_ids: Collection[int]) -> None:
    shown = set(
        session.scalars(
            sa.select(Listing.id)
            .join(Enterprise, Enterprise.id == Listing.enterprise_id)
            .where(Listing.id.in_(listing_ids), is_visible())
        )
    )
    for listing_id in listing_ids:
        matrix.visible[matrix.listing_ids == listing_id] = listing_id in shown
