"""Reads of prices for the quote engine."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.kernel.stay import Stay
from marketplace.pricing.models import NightRate, StayDiscount
from marketplace.pricing.quote import Tier


def rates(session: Session, *, room_type_id: int, stay: Stay) -> dict[dt.date, int]:
    """Return the list price in fen of each night of ``stay`` that has one."""
    return rates_many(session, room_type_ids=[room_type_id], stay=stay).get(room_type_id, {})


def rates_many(
    session: Session, *, room_type_ids: Collection[int], stay: Stay
) -> dict[int, dict[dt.date, int]]:
    """Return ``rates`` for several room types at once, by room type."""
    found = session.execute(
        sa.select(NightRate.room_type_id, NightRate.day, NightRate.list_fen).where(
            NightRate.room_type_id.in_(room_type_ids),
            NightRate.day >= stay.check_in,
            NightRate.day < stay.check_out,
        )
    )
    result: dict[int, dict[dt.date, int]] = defaultdict(dict)
    for row in found:
        result[row.room_type_id][row.day] = row.list_fen
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
    found = session.execute(
        sa.select(
            StayDiscount.room_type_id, StayDiscount.min_nights, StayDiscount.off_bp
        )
        .where(StayDiscount.room_type_id.in_(room_type_ids))
        .order_by(StayDiscount.min_nights)
    )
    result: dict[int, list[Tier]] = defaultdict(list)
    for row in found:
        result[row.room_type_id].append(Tier(row.min_nights, row.off_bp))
    return result
