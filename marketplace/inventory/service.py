"""Taking stock and giving it back: n units of these pool-days, all or nothing.

Every placement locks its rows in (pool, day) order first and then changes them by one conditional
UPDATE; the CHECK constraint on the table is the second wall. Whoever takes stock for a new booking
has locked the enterprise row before (``catalog.service.lock_for_sale``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.inventory.models import Claim, ClaimKind, PoolKind, StockDay, StockPool
from marketplace.kernel import changes
from marketplace.kernel.db import table_of
from marketplace.kernel.errors import DomainError
from marketplace.kernel.stay import Stay

SOLD_OUT: Mapping[PoolKind, str] = MappingProxyType(
    {
        PoolKind.ROOM: "这些日期已经没有足够的空房，没有扣款。请换日期或房型，或打电话给我们",
        PoolKind.SLOT: "这一场已经没有足够的名额，没有扣款。请换日期或场次，或打电话给我们",
    }
)
"""What the reader hears, by what it is that was wanted."""


class SoldOut(DomainError):
    """Pools have too few free units on at least one of their days; nothing was taken."""

    code = "sold_out"
    http_status = 409

    def __init__(self, pools: Collection[int], kind: PoolKind = PoolKind.ROOM) -> None:
        """Name the pools for the program, and speak to the reader of what ``kind`` they hold."""
        super().__init__(SOLD_OUT[kind])
        self.pools = frozenset(pools)


def sold_out(session: Session, pools: Collection[int]) -> SoldOut:
    """Return the refusal that names ``pools``, in the words of the one that is locked first."""
    kind = session.scalars(sa.select(StockPool.kind).where(StockPool.id == min(pools))).one()
    return SoldOut(pools, kind)


@dataclass(frozen=True, slots=True, order=True)
class Want:
    """``units`` of one pool for every night of ``stay``."""

    pool_id: int
    stay: Stay
    units: int


def span_of(want: Want) -> sa.ColumnElement[bool]:
    """Return the condition that a stock day is one of ``want``'s."""
    return sa.and_(
        StockDay.pool_id == want.pool_id,
        StockDay.day >= want.stay.check_in,
        StockDay.day < want.stay.check_out,
    )


def free(session: Session, want: Want) -> None:
    """Count ``want``'s units as free again on its days, which are locked."""
    session.execute(
        sa.update(StockDay)
        .where(span_of(want))
        .values(taken=StockDay.taken - want.units)
        .execution_options(synchronize_session=False)
    )


def lock_days(session: Session, wants: Sequence[Want]) -> None:
    """Lock all rows in (pool, day) order; a bare range UPDATE locks in physical order: deadlocks.

    SQLite's write transaction already holds its one lock.
    """
    if session.get_bind().dialect.name == "sqlite":
        return
    if len(wants) == 1:
        session.connection().execute(_LOCK_ONE, _values(wants[0]))
        return
    session.execute(
        sa.select(StockDay.day)
        .where(sa.or_(*map(span_of, wants)))
        .order_by(StockDay.pool_id, StockDay.day)
        .with_for_update()
    )


_DAY = table_of(StockDay)
_UNITS = sa.bindparam("units", type_=sa.Integer)
_IN_SPAN = (
    _DAY.c.pool_id == sa.bindparam("pool"),
    _DAY.c.day >= sa.bindparam("first"),
    _DAY.c.day < sa.bindparam("last"),
)
_FILL = (
    sa.update(_DAY)
    .where(*_IN_SPAN, _DAY.c.closed.is_(False), _DAY.c.taken + _UNITS <= _DAY.c.capacity)
    .values(taken=_DAY.c.taken + _UNITS)
)
_LOCK_ONE = sa.select(_DAY.c.day).where(*_IN_SPAN).order_by(_DAY.c.day).with_for_update()
"""``lock_days`` of one pool."""
_LOCKED = _LOCK_ONE.subquery("locked")
_LOCK_AND_FILL = _FILL.where(_DAY.c.day == _LOCKED.c.day)
"""Locks like ``_LOCK_ONE`` and fills like ``_FILL``, which sees the days as they are then."""
_CLAIM = sa.insert(table_of(Claim))


def _values(want: Want) -> dict[str, object]:
    return {
        "pool": want.pool_id,
        "first": want.stay.check_in,
        "last": want.stay.check_out,
        "units": want.units,
    }


def fill(session: Session, want: Want) -> bool:
    """Count the units in, or tell that a night is full, closed or not on sale.

    The days of one pool are locked in their order by the same statement.
    """
    alone = session.get_bind().dialect.name == "sqlite"
    done = session.connection().execute(_FILL if alone else _LOCK_AND_FILL, _values(want))
    return done.rowcount == want.stay.nights


def take(
    session: Session,
    *,
    wants: Sequence[Want],
    kind: ClaimKind,
    holder: str,
    now: dt.datetime,
    reason: str = "",
) -> None:
    """Take every wanted unit on every night for ``holder``, or none at all.

    Wants on the same pool must not overlap in days; ask for more units instead. The caller's
    transaction must be rolled back on ``SoldOut``.

    Raises:
        SoldOut: naming each pool that has a day missing, closed, or with too few free units.
    """
    ordered = sorted(wants, key=lambda want: (want.pool_id, want.stay.check_in))
    # The claims come first: the rows of a night that everybody wants stay locked only from here to
    # the commit, and every statement in between would be waited for by all others.
    session.connection().execute(
        _CLAIM,
        [
            {
                "pool_id": want.pool_id,
                "kind": kind,
                "holder": holder,
                "first_day": want.stay.check_in,
                "last_day": want.stay.check_out,
                "units": want.units,
                "reason": reason,
                "made_at": now,
            }
            for want in ordered
        ],
    )
    tell_of_units(session, ordered, now)
    if len(ordered) > 1:
        lock_days(session, ordered)
    if lacking := [want.pool_id for want in ordered if not fill(session, want)]:
        raise sold_out(session, lacking)


def give_back(
    session: Session, *, holder: str, now: dt.datetime, from_day: dt.date | None = None
) -> int:
    """Give back what ``holder``'s live claims hold; returns how many claims were released.

    With ``from_day`` only the nights from that day on go back, and the part before stays claimed
    and live. Claims are released by compare-and-set, so a second call gives back nothing.
    """
    released = session.execute(
        sa.update(Claim)
        .where(Claim.holder == holder, Claim.released_at.is_(None))
        .values(released_at=now)
        .returning(
            Claim.pool_id, Claim.kind, Claim.first_day, Claim.last_day, Claim.units, Claim.reason
        )
        .execution_options(synchronize_session=False)
    ).all()
    back, kept = [], []
    for row in sorted(released, key=lambda row: (row.pool_id, row.first_day)):
        first = max(row.first_day, from_day) if from_day else row.first_day
        if first < row.last_day:
            back.append(Want(row.pool_id, Stay(first, row.last_day), row.units))
        if first > row.first_day:
            kept.append(
                {
                    "pool_id": row.pool_id,
                    "kind": row.kind,
                    "holder": holder,
                    "first_day": row.first_day,
                    "last_day": min(first, row.last_day),
                    "units": row.units,
                    "reason": row.reason,
                    "made_at": now,
                }
            )
    if kept:
        session.execute(sa.insert(Claim), kept)
    if back:
        lock_days(session, back)
    for want in back:
        free(session, want)
    tell_of_units(session, back, now)
    return len(released)


_POOL = table_of(StockPool)
_OWN_KIND = sa.select(_POOL.c.kind).where(_POOL.c.id == sa.bindparam("pool")).scalar_subquery()
_TELL = changes.insert_of(
    sa.case((_OWN_KIND == PoolKind.ROOM, changes.STOCK), else_=changes.PLACES)
)
"""Finds the kind where it is written: asking first would cost each booking a statement."""


def record_days(
    session: Session,
    pool_id: int,
    first: dt.date,
    last: dt.date,
    now: dt.datetime,
) -> None:
    """Tell the change log of a pool's days from ``first`` to before ``last``."""
    changes.record_by(session, _TELL, [_told(pool_id, first, last)], now=now)


def tell_of_units(session: Session, wants: Sequence[Want], now: dt.datetime) -> None:
    """Tell the change log of days on which units were taken or given back: one statement.

    Nothing else about these days is another: who follows the log need not read their prices again.
    """
    told = [
        _told(want.pool_id, want.stay.check_in, want.stay.check_out, units=True) for want in wants
    ]
    changes.record_by(session, _TELL, told, now=now)


def _told(pool_id: int, first: dt.date, last: dt.date, **more: object) -> dict[str, Any]:
    detail = {"first": first.isoformat(), "last": last.isoformat(), **more}
    return {"entity_id": str(pool_id), "pool": pool_id, "detail": detail}
