"""Tariffs and restrictions in force on a part of the pools, and the engine that knows them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from statistics import median

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.kernel.db import Database
from marketplace.kernel.stay import Stay
from marketplace.offers.matrix.matrix import Found
from marketplace.pricing import queries as prices
from marketplace.pricing.models import NightRate, Restriction, Tariff
from marketplace.pricing.nights.quote import Ask, quote
from marketplace.pricing.nights.restrictions import refusals
from marketplace.pricing.nights.selection import Party
from marketplace.pricing.nights.terms import (
    MonthPrice,
    Occupancy,
    Promotion,
    Terms,
    Tier,
    read_terms,
    write_terms,
)
from tests.bench.report import Figure, insist, timed
from tests.factories import TODAY

ALONE = Party(1)
"""Fits everywhere, so that the people rule out no pool that SQL finds; single use is cheaper."""
KINDS = 50
"""Different tariffs, as many operators copy what they set for one room to the others."""
RULED_ONE_IN = 3
"""One pool in so many has a tariff with months and promotions, and as many have restrictions."""
QUOTED = 2_000
"""Totals that are compared with the engine's."""
QUOTE_GOAL_SECONDS = 0.002
QUOTE_NIGHTS, QUOTE_ROOMS = 90, 4
_TIERS = (Tier(7, 500), Tier(15, 800), Tier(30, 1500), Tier(60, 2000), Tier(90, 2500))


def totals_of(found: Found) -> dict[int, int]:
    """Return what was found as room type to total."""
    return dict(zip(found.room_type_ids.tolist(), found.totals_fen.tolist(), strict=True))


def _terms(number: int) -> Terms:
    """Return the ``number``-th kind of tariff: months, promotions, people, an arrival rule."""
    fen = 210_000 + 13_000 * number
    months = tuple(MonthPrice(dt.date(2027, month, 1), fen, 15) for month in (6, 7, 8))
    return Terms(
        tiers=_TIERS,
        months=months,
        occupancy=Occupancy(extra_adult_fen=3_000, single_off_fen=50 * number),
        promotions=(
            Promotion("early", "早订", 100 + number, min_lead_days=5),
            Promotion("late", "临近", 1_100, max_lead_days=4 + number % 9),
        ),
        lead_days=12 if number % 10 == 0 else 0,
    )


def put_rules(database: Database) -> None:
    """Give a third of the rooms one of fifty tariffs, and another third restrictions."""
    with database.write() as session:
        for number in range(KINDS):
            mine = sa.and_(
                Tariff.room_type_id % RULED_ONE_IN == 0, Tariff.room_type_id % KINDS == number
            )
            session.execute(
                sa.update(Tariff)
                .where(mine)
                .values(terms=write_terms(_terms(number)))
                .execution_options(synchronize_session=False)
            )
        _restrict(session)


def _restrict(session: Session) -> None:
    rate = NightRate
    number = rate.room_type_id // RULED_ONE_IN % 4
    rows = sa.select(
        rate.room_type_id,
        rate.day,
        sa.case((number == 0, 7)).label("min_nights"),
        sa.case((number == 1, 45)).label("max_nights"),
        sa.case((number == 2, 40)).label("min_nights_arrival"),
        (number == 3).label("no_departure"),
        sa.false().label("no_arrival"),
    ).where(
        rate.room_type_id % RULED_ONE_IN == 1,
        rate.day < TODAY + dt.timedelta(days=60),
    )
    names = [column.name for column in rows.selected_columns]
    session.execute(sa.insert(Restriction).from_select(names, rows, include_defaults=False))


def insist_on_quotes(
    session: Session, found: Mapping[int, int], stay: Stay, *, among: Mapping[int, int]
) -> None:
    """Insist that the totals are the engine's, and that those missing are refused."""
    insist(len(found) < len(among), "no restriction refuses anything")
    ask = Ask(stay, TODAY, rooms=1, party=ALONE)
    rooms = sorted(among)[:QUOTED]
    plans = prices.plans(session, room_type_ids=rooms, first=stay.check_in, last=stay.check_out)
    for room in rooms:
        plan = plans[room]
        broken = refusals(stay=stay, booked_on=TODAY, terms=plan.terms, days=plan.rules)
        total = quote(ask=ask, rates=plan.rates, terms=plan.terms).total_fen
        insist(found.get(room) == (None if broken else total), f"room type {room} differs")


def quote_figure(*, rounds: int) -> Figure:
    """Measure a long quote in the engine: tiers, three months, promotions, people."""
    stay = Stay.of(TODAY + dt.timedelta(days=10), QUOTE_NIGHTS)
    ask: Ask = Ask(stay, TODAY, rooms=QUOTE_ROOMS, party=Party(7, (4, 9)))
    rates = {day: 15_000 + 500 * day.weekday() for day in stay.days()}
    terms = read_terms(write_terms(replace(_terms(20), months=_terms(3).months)))
    times = []
    for _ in range(rounds * 20):
        made, seconds = timed(lambda: quote(ask=ask, rates=rates, terms=terms))
        times.append(seconds)
    insist(sum(night.sold_fen for night in made.nights) == made.total_fen, "nights do not sum")
    insist(len(made.reductions) >= 4, "no month or promotion counted")
    note = f"{median(times) * 1000:.2f} ms, {len(made.reductions)} reductions"
    what = f"quote of {QUOTE_NIGHTS} nights, {QUOTE_ROOMS} rooms / 2 ms"
    return Figure("Q1", what, median(times) / QUOTE_GOAL_SECONDS, 1.0, "below", note)
