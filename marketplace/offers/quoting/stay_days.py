"""All that a stay is priced by and how much is left for it: one query, whatever rooms are asked."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.inventory.models import StockDay, StockPool
from marketplace.kernel.db import table_of
from marketplace.kernel.stay import Stay
from marketplace.pricing.queries import FIRST, LAST, PLAN_PARTS, ROOMS, Plan, part_of_plan, plans_by

_DAY, _POOL = table_of(StockDay), table_of(StockPool)
_FREE = sa.case((_DAY.c.closed, 0), else_=_DAY.c.capacity - _DAY.c.taken)
_DAYS = sa.union_all(
    *PLAN_PARTS,
    part_of_plan(room_type_id=_POOL.c.room_type_id, day=_DAY.c.day, free=_FREE)
    .join_from(_DAY, _POOL, _POOL.c.id == _DAY.c.pool_id)
    .where(_POOL.c.room_type_id.in_(ROOMS), _DAY.c.day >= FIRST, _DAY.c.day < LAST),
)


@dataclass(frozen=True, slots=True)
class StayDays:
    """What is known of the days of a stay, by room type."""

    plans: dict[int, Plan]
    """What prices it."""
    left: dict[int, int]
    """How many rooms are free on every night; 0 where a night is missing."""


def stay_days(session: Session, *, room_type_ids: Collection[int], stay: Stay) -> StayDays:
    """Return the plans of the room types for a stay, and how many rooms are left for it."""
    rooms = sorted(set(room_type_ids))
    asked = {"rooms": rooms, "first": stay.check_in, "last": stay.check_out}
    rows = session.connection().execute(_DAYS, asked).all()
    free: dict[int, dict[dt.date, int]] = defaultdict(dict)
    for row in rows:
        if row.free is not None:
            free[row.room_type_id][row.day] = row.free
    return StayDays(
        plans_by(rows, rooms),
        {room: _least(free[room], stay) for room in rooms},
    )


def _least(free: dict[dt.date, int], stay: Stay) -> int:
    return min(free.values()) if len(free) == stay.nights else 0
