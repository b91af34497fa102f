"""Reads of prices for the quote engine."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.kernel.db import table_of
from marketplace.kernel.stay import Stay
from marketplace.pricing.models import NightRate, StayDiscount
from marketplace.pricing.quote import Tier

_RATE = table_of(NightRate).c
_TIER = table_of(StayDiscount).c
_RATES = sa.select(_RATE.room_type_id, _RATE.day, _RATE.list_fen).where(
    _RATE.room_type_id.in_(sa.bindparam("rooms", expanding=True)),
    _RATE.day >= sa.bindparam("first"),
    _RATE.day < sa.bindparam("last"),
)
_TIERS = (
    sa.select(_TIER.room_type_id, _TIER.min_nights, _TIER.off_bp)
    .where(_TIER.room_type_id.in_(sa.bindparam("rooms", expanding=True)))
    .order_by(_TIER.min_nights)
)


def rates(session: Session, *, room_type_id: int, stay: Stay) -> dict[dt.date, int]:
    """Return the list price in fen of each night of ``stay`` that has one."""
    return rates_many(session, room_type_ids=[room_type_id], stay=stay).get(room_type_id, {})


def rates_many(
    session: Session, *, room_type_ids: Collection[int], stay: Stay
) -> dict[int, dict[dt.date, int]]:
    """Return ``rates`` for several room types at once, by room type."""
    found = session.connection().execute(
        _RATES, {"rooms": list(room_type_ids), "first": stay.check_in, "last": stay.check_out}
    )
    result: dict[int, dict[dt.date, int]] = defaultdict(dict)
    for room_type_id, day, list_fen in found:
        result[room_type_id][day] = list_fen
    return result


def rates_between(
    session: Session, *, room_type_ids: Collection[int], first: dt.date, last: dt.date
) -> dict[int, dict[dt.date, int]]:
    """Return list prices in fen by room type and day, from ``first`` to ``last``, both included."""
    found = session.execute(
        sa.select(NightRate.room_type_id, NightRate.day, NightRate.list_fen).where(
            NightRate.room_type_id.in_(room_type_ids),
            NightRate.day >= first,
            NightRate.day <= last,
        )
    )
    result: dict[int, dict[dt.date, int]] = {key: {} for key in room_type_ids}
    for row in found:
        result[row.room_type_id][row.day] = row.list_fen
    return result


def tiers(session: Session, *, room_type_ids: Collection[int]) -> dict[int, list[Tier]]:
    """Return the long-stay discounts of each room type that has any."""
    found = session.connection().execute(_TIERS, {"rooms": list(room_type_ids)})
    result: dict[int, list[Tier]] = defaultdict(list)
    for room_type_id, min_nights, off_bp in found:
        result[room_type_id].append(Tier(min_nights, off_bp))
    return result
