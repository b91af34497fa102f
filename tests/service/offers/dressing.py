"""Gives part of the sample's rooms every kind of tariff and restriction, as operators would."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import sqlalchemy as sa

from catalog.models import RoomType
from marketplace.inventory.models import StockPool
from marketplace.kernel import changes
from marketplace.kernel.audit import Actor
from marketplace.kernel.db import Database
from marketplace.pricing import queries as prices
from marketplace.pricing.models import NightRate
from marketplace.pricing.nights.restrictions import DayRule
from marketplace.pricing.nights.terms import ChildBand, MonthPrice, Occupancy, Promotion, Terms
from marketplace.pricing.service import put_tariff, set_restrictions
from tests.factories import NOW, TODAY

OPERATOR = Actor("operator", "1")
MONTHS = {(2027, 6): 82, (2027, 7): 84, (2027, 8): 78, (2027, 12): 70, (2028, 2): 84}
"""Named months with their price in percent of their nights' list prices."""
PROMOTIONS = (
    Promotion("early", "早订", 700, min_lead_days=45, min_nights=7),
    Promotion("late", "临近", 1_200, max_lead_days=6),
    Promotion("autumn", "金秋", 900, arrive_first=TODAY + dt.timedelta(90),
              arrive_last=TODAY + dt.timedelta(150)),
    Promotion("over", "已结束", 4_000, booked_last=TODAY - dt.timedelta(1)),
    Promotion("soon", "未开始", 4_000, booked_first=TODAY + dt.timedelta(1)),
)  # fmt: skip
PEOPLE = Occupancy(
    included=2,
    extra_adult_fen=4_500,
    single_off_fen=2_000,
    children=(ChildBand(2, 0), ChildBand(9, 1_500)),
)
ONE_INCLUDED = Occupancy(included=1, extra_adult_fen=3_300, children=(ChildBand(6, 900),))
RULES = (
    (20, 15, DayRule(min_nights=7)),
    (60, 10, DayRule(max_nights=30)),
    (95, 20, DayRule(min_nights_arrival=15)),
    (120, 9, DayRule(max_nights_arrival=29)),
    (33, 5, DayRule(no_arrival=True)),
    (150, 12, DayRule(no_departure=True)),
    (200, 3, DayRule(min_nights=2, max_nights=45, min_nights_arrival=7, no_departure=True)),
)
"""From which day, for how many, what is asked."""


def dress(database: Database) -> None:
    """Set tariffs and restrictions of five rooms in six; the sixth keeps what the sample says."""
    with database.write() as session:
        rooms = session.execute(
            sa.select(RoomType.id, StockPool.id, sa.func.min(NightRate.list_fen))
            .join(StockPool, StockPool.room_type_id == RoomType.id)
            .join(NightRate, NightRate.room_type_id == RoomType.id)
            .group_by(RoomType.id, StockPool.id)
            .order_by(RoomType.id)
        ).all()
        ids = [room for room, *_ in rooms]
        current = prices.tariffs(session, room_type_ids=ids)
        rates = prices.rates_between(
            session, room_type_ids=ids, first=TODAY, last=TODAY + dt.timedelta(600)
        )
        for place, (room, pool, _) in enumerate(rooms):
            terms = _terms(place, current[room][1], rates[room])
            put_tariff(
                session,
                room_type_id=room,
                pool_id=pool,
                terms=terms,
                actor=OPERATOR,
                today=TODAY,
                now=NOW,
            )
            if place % 6 in (4, 5):
                set_restrictions(
                    session,
                    room_type_id=room,
                    pool_id=pool,
                    rules=_rules(place),
                    actor=OPERATOR,
                    now=NOW,
                )
    while changes.sequence(database):
        pass


def _terms(place: int, before: Terms, rates: dict[dt.date, int]) -> Terms:
    changed = (
        before,
        replace(before, months=_months(rates)),
        replace(before, promotions=PROMOTIONS),
        replace(before, occupancy=PEOPLE, months=_months(rates)),
        replace(
            before,
            occupancy=ONE_INCLUDED,
            months=_months(rates),
            promotions=PROMOTIONS,
            lead_days=2,
            window_days=300,
            arrival_weekdays=frozenset({0, 2, 4, 5}),
        ),
        replace(before, occupancy=replace(PEOPLE, single_off_fen=0)),
    )
    return changed[place % 6]


def _months(rates: dict[dt.date, int]) -> tuple[MonthPrice, ...]:
    found = []
    for place, ((year, month), percent) in enumerate(MONTHS.items()):
        first = dt.date(year, month, 1)
        days = MonthPrice(first, 1).days
        listed = sum(rates.get(first + dt.timedelta(day), 0) for day in range(days))
        # An odd sum, so that its nights differ by a fen.
        found.append(MonthPrice(first, listed * percent // 100 + 7, (30, 15, 30, 7, 30)[place]))
    return tuple(month for month in found if month.month_fen > 10_000)


def _rules(place: int) -> dict[dt.date, DayRule]:
    return {
        TODAY + dt.timedelta(place + begin + day): rule
        for begin, days, rule in RULES
        for day in range(days)
    }
