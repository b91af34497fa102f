"""A tariff with every kind of term, and how an operator changes one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from marketplace.bootstrap import Services
from marketplace.pricing.nights.restrictions import DayRule
from marketplace.pricing.nights.terms import (
    Board,
    BoardPrice,
    ChildBand,
    FeeBand,
    MonthPrice,
    Occupancy,
    Promotion,
    Terms,
    Tier,
)
from tests.factories import Room
from tests.support import price_setting
from tests.support.partner import Program

QUOTE = "/partner/v1/stays/quote"
JULY = dt.date(2027, 7, 1)
RICH = Terms(
    tiers=(Tier(7, 333), Tier(30, 1_777)),
    months=(MonthPrice(JULY, 500_003, 10), MonthPrice(dt.date(2027, 8, 1), 900_000, 10)),
    occupancy=Occupancy(
        included=2,
        extra_adult_fen=3_001,
        single_off_fen=1_003,
        children=(ChildBand(5, 0), ChildBand(11, 1_501)),
    ),
    included_board=Board.BREAKFAST,
    boards=(BoardPrice(Board.FULL_BOARD, 4_000, 2_100),),
    extra_bed_fen=2_050,
    most_extra_beds=1,
    promotions=(
        Promotion("early", "早订优惠", 777, "Early bird", min_lead_days=40),
        Promotion("june", "六月优惠", 501, arrive_last=dt.date(2027, 6, 30)),
    ),
    fee_bands=(FeeBand(10, 1_000), FeeBand(0, 5_000)),
)


def restrict(services: Services, room: Room, **rules: DayRule) -> None:
    """Set restrictions by date, written as ``d0610`` for 10 June."""
    days = {dt.date(2027, int(day[1:3]), int(day[3:])): rule for day, rule in rules.items()}
    price_setting.restrict(services, room, days)


def room_of(program: Program, room: Room, first: str, last: str) -> dict[str, Any]:
    path = f"/partner/v1/stays/{room.listing_id}/ari?from={first}&to={last}"
    answer = program.get(path)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return dict(answer.json["room_types"][0])
