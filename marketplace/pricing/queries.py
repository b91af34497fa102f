"""Reads of prices for the quote engine."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.kernel.db import table_of
from marketplace.kernel.stay import Stay
from marketplace.pricing.models import NightRate, Restriction, Tariff
from marketplace.pricing.nights.restrictions import DayRule
from marketplace.pricing.nights.terms import NOTHING_SET, Terms, read_terms

_RATE = table_of(NightRate).c
_RULE = table_of(Restriction).c
_TARIFF = table_of(Tariff).c
ROOMS: sa.BindParameter[list[int]] = sa.bindparam("rooms", expanding=True)
FIRST, LAST = sa.bindparam("first", type_=sa.Date), sa.bindparam("last", type_=sa.Date)
"""What a statement of plans is asked with: ids of room types, the first night, the departure."""
_SHAPE: Mapping[str, sa.types.TypeEngine[Any]] = {
    "room_type_id": sa.BigInteger(),
    "day": sa.Date(),
    "list_fen": sa.BigInteger(),
    "min_nights": sa.Integer(),
    "max_nights": sa.Integer(),
    "min_nights_arrival": sa.Integer(),
    "max_nights_arrival": sa.Integer(),
    "no_arrival": sa.Boolean(),
    "no_departure": sa.Boolean(),
    "tariff_id": sa.BigInteger(),
    "terms": sa.Text(),
    "free": sa.Integer(),
}
"""The rows that plans are read from: each fills some of these."""


def part_of_plan(**filled: sa.ColumnElement[Any]) -> sa.Select[*tuple[Any, ...]]:
    """Return a part of a statement of plans, for a union with the others; the rest is empty."""
    return sa.select(
        *(
            filled[name].label(name) if name in filled else sa.cast(None, kind).label(name)
            for name, kind in _SHAPE.items()
        )
    )


_LIMITS = (
    _RULE.min_nights,
    _RULE.max_nights,
    _RULE.min_nights_arrival,
    _RULE.max_nights_arrival,
    _RULE.no_arrival,
    _RULE.no_departure,
)
PLAN_PARTS = (
    part_of_plan(room_type_id=_RATE.room_type_id, day=_RATE.day, list_fen=_RATE.list_fen).where(
        _RATE.room_type_id.in_(ROOMS), _RATE.day >= FIRST, _RATE.day < LAST
    ),
    part_of_plan(
        room_type_id=_RULE.room_type_id,
        day=_RULE.day,
        **{limit.name: limit for limit in _LIMITS},
    ).where(_RULE.room_type_id.in_(ROOMS), _RULE.day >= FIRST, _RULE.day <= LAST),
    part_of_plan(
        room_type_id=_TARIFF.room_type_id, tariff_id=_TARIFF.id, terms=_TARIFF.terms
    ).where(_TARIFF.room_type_id.in_(ROOMS), _TARIFF.replaced_at.is_(None)),
)
"""Prices of the nights, restrictions of the dates up to the day of departure, and tariffs."""
_PLANS = sa.union_all(*PLAN_PARTS)
_CURRENT = sa.select(_TARIFF.room_type_id, _TARIFF.id, _TARIFF.terms).where(
    _TARIFF.room_type_id.in_(ROOMS), _TARIFF.replaced_at.is_(None)
)


@dataclass(frozen=True, slots=True)
class Plan:
    """All that prices a stay of one room type: calendar, terms and restrictions."""

    tariff_id: int | None = None
    terms: Terms = NOTHING_SET
    rates: dict[dt.date, int] = field(default_factory=dict)
    """List price in fen of each night that has one."""
    rules: dict[dt.date, DayRule] = field(default_factory=dict)
    """Restrictions of those dates that have any."""


def plan(session: Session, *, room_type_id: int, stay: Stay) -> Plan:
    """Return what prices ``stay``: one query."""
    return plans(session, room_type_ids=[room_type_id], first=stay.check_in, last=stay.check_out)[
        room_type_id
    ]


def plans(
    session: Session, *, room_type_ids: Collection[int], first: dt.date, last: dt.date
) -> dict[int, Plan]:
    """Return the plan of each room type for nights from ``first`` to before ``last``."""
    rooms = list(room_type_ids)
    rows = session.connection().execute(_PLANS, {"rooms": rooms, "first": first, "last": last})
    return plans_by(rows, rooms)


def plans_by(rows: Iterable[Any], rooms: Collection[int]) -> dict[int, Plan]:
    """Return the plan of each of the ``rooms`` by the rows of ``PLAN_PARTS``."""
    tariff: dict[int, tuple[int, Terms]] = {}
    rates: dict[int, dict[dt.date, int]] = {room: {} for room in rooms}
    rules: dict[int, dict[dt.date, DayRule]] = {room: {} for room in rooms}
    for row in rows:
        room, day, list_fen, *limits, tariff_id, text, free = row
        if list_fen is not None:
            rates[room][day] = list_fen
        elif tariff_id is not None:
            tariff[room] = tariff_id, read_terms(text)
        elif free is None:
            rules[room][day] = _rule(limits)
    return {
        room: Plan(tariff_id, terms, rates[room], rules[room])
        for room in rooms
        for tariff_id, terms in [tariff.get(room, (None, NOTHING_SET))]
    }


def _rule(limits: Iterable[int | bool | None]) -> DayRule:
    least, most, least_arrival, most_arrival, no_arrival, no_departure = limits
    return DayRule(least, most, least_arrival, most_arrival, bool(no_arrival), bool(no_departure))


def tariffs(session: Session, *, room_type_ids: Collection[int]) -> dict[int, tuple[int, Terms]]:
    """Return the tariff that counts now of each room type that has one: its id and its terms."""
    rows = session.connection().execute(_CURRENT, {"rooms": list(room_type_ids)})
    return {room: (tariff_id, read_terms(text)) for room, tariff_id, text in rows}


def terms_of(session: Session, *, tariff_id: int | None) -> Terms:
    """Return the terms of one version of a tariff, whether it still counts or not."""
    if tariff_id is None:
        return NOTHING_SET
    text = session.scalar(sa.select(Tariff.terms).where(Tariff.id == tariff_id))
    return NOTHING_SET if text is None else read_terms(text)


def set_by_hand(
    session: Session, *, room_type_ids: Collection[int], first: dt.date, last: dt.date
) -> dict[int, set[dt.date]]:
    """Return the nights by room type whose price was set on the calendar, both ends included."""
    found = session.execute(
        sa.select(NightRate.room_type_id, NightRate.day).where(
            NightRate.room_type_id.in_(room_type_ids),
            NightRate.day >= first,
            NightRate.day <= last,
            NightRate.by_hand.is_(True),
        )
    )
    result: dict[int, set[dt.date]] = defaultdict(set)
    for room_type_id, day in found:
        result[room_type_id].add(day)
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
    result: dict[int, dict[dt.date, int]] = defaultdict(dict)
    for room_type_id, day, list_fen in found:
        result[room_type_id][day] = list_fen
    return result
