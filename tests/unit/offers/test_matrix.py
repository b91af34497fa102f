"""The matrix against trying every day with the engine, on small random stocks."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.kernel.stay import Stay
from marketplace.offers.matrix.matrix import MOST_REMEMBERED, NEVER
from marketplace.offers.search.search_types import Dates
from marketplace.pricing.nights.restrictions import DayRule
from marketplace.pricing.nights.selection import COUPLE, Party
from marketplace.pricing.nights.terms import MonthPrice, Occupancy, Promotion, Terms, Tier
from tests.unit.offers.stocks import DAYS, TODAY, Stock, parties, plain, stocks

DAY = dt.timedelta(days=1)


@settings(max_examples=120)
@given(
    stock=stocks(),
    begin=st.integers(-3, DAYS),
    reach=st.integers(0, 20),
    nights=st.integers(1, 14),
    rooms=st.integers(1, 2),
    party=parties(),
    wish=st.one_of(st.none(), st.integers(-3, DAYS)),
)
def test_the_best_arrival_is_that_of_trying_every_day(  # noqa: PLR0917 - what is varied
    stock: Stock,
    begin: int,
    reach: int,
    nights: int,
    rooms: int,
    party: Party,
    wish: int | None,
) -> None:
    matrix = stock.matrix()
    dates = Dates(
        nights,
        TODAY + begin * DAY,
        TODAY + (begin + reach) * DAY,
        None if wish is None else TODAY + wish * DAY,
    )
    best = matrix.best(dates=dates, rooms=rooms, party=party)
    for pool in range(matrix.pools.count):
        offers = [
            (0 if wish is None or not reach else abs(arrival - wish), fen, arrival)
            for arrival in range(begin, begin + reach + 1)
            if (fen := stock.total(pool, arrival, nights, rooms, party)) is not None
        ]
        if not offers:
            assert best.keys[pool] == NEVER
            continue
        nearest = min(offers)
        if reach and wish is not None:
            # Of two days equally near, the earlier.
            nearest = min(offers, key=lambda offer: (offer[0], offer[2]))
        assert (best.totals_fen[pool], best.arrivals[pool]) == nearest[1:]


@settings(max_examples=150)
@given(
    stock=stocks(),
    begin=st.integers(0, DAYS),
    nights=st.integers(1, 31),
    rooms=st.integers(1, 2),
    party=parties(),
)
def test_one_day_of_arrival(
    stock: Stock, begin: int, nights: int, rooms: int, party: Party
) -> None:
    found = stock.matrix().find(stay=Stay.of(TODAY + begin * DAY, nights), rooms=rooms, party=party)
    expected = {
        (pool + 1) * 10: fen
        for pool in range(stock.count)
        if (fen := stock.total(pool, begin, nights, rooms, party)) is not None
    }
    assert (
        dict(zip(found.room_type_ids.tolist(), found.totals_fen.tolist(), strict=True)) == expected
    )


@settings(max_examples=60)
@given(stock=stocks(), nights=st.integers(2, 9), party=parties(), data=st.data())
def test_some_of_the_pools_are_asked_for_alone(
    stock: Stock, nights: int, party: Party, data: st.DataObject
) -> None:
    asked = data.draw(st.sets(st.integers(0, stock.count - 1), min_size=1))
    columns = np.array(sorted(asked), np.int64)
    matrix = stock.matrix()
    fits = matrix.suits(nights=nights, rooms=1, party=party)
    dates = Dates(nights, TODAY, TODAY + 30 * DAY)
    for arrival, free in matrix.each_arrival(columns, dates, 1, party):
        assert [
            bool(is_free and fits[pool]) for pool, is_free in zip(sorted(asked), free, strict=True)
        ] == [stock.total(pool, arrival, nights, 1, party) is not None for pool in sorted(asked)]


def test_people_and_rooms_are_counted_together() -> None:
    matrix = plain(1).matrix()
    stay = Stay.of(TODAY, 2)
    for rooms, adults, children, fits in (
        (1, 2, 1, True),
        (1, 3, 0, False),
        (2, 3, 3, True),
        (2, 4, 3, False),
        (3, 6, 3, True),
    ):
        party = Party(adults, (4,) * children)
        found = matrix.find(stay=stay, rooms=rooms, party=party)
        assert bool(len(found.listing_ids)) is fits


@pytest.mark.parametrize(
    ("terms", "rules", "nights", "party", "total"),
    [
        (Terms(), {}, 10, COUPLE, 200_000),
        (Terms(tiers=(Tier(7, 1_000),)), {}, 10, COUPLE, 180_000),
        (Terms(occupancy=Occupancy(single_off_fen=3_000)), {}, 10, Party(1), 170_000),
        (Terms(occupancy=Occupancy(included=1, extra_adult_fen=5_000)), {}, 10, COUPLE, 250_000),
        (Terms(promotions=(Promotion("a", "优惠", 500),)), {}, 10, COUPLE, 190_000),
        # June for 300 yuan: fourteen nights at ten yuan, and one night of July as listed.
        (Terms(months=(MonthPrice(dt.date(2027, 6, 1), 30_000, 1),)), {}, 15, COUPLE, 34_000),
        # June at 170 yuan a night is less than listed, and more than the tier leaves.
        (Terms(tiers=(Tier(7, 2_000),), months=(MonthPrice(dt.date(2027, 6, 1), 510_000, 1),)), {},
         10, COUPLE, 160_000),
        (Terms(promotions=(Promotion("a", "优惠", 2_000), Promotion("b", "优惠", 500))), {}, 10,
         COUPLE, 160_000),
        (Terms(lead_days=1), {}, 10, COUPLE, None),
        (Terms(window_days=0), {}, 10, COUPLE, 200_000),
        (Terms(arrival_weekdays=frozenset({2})), {}, 10, COUPLE, None),
        (Terms(), {9: DayRule(min_nights=11)}, 10, COUPLE, None),
        (Terms(), {10: DayRule(min_nights=11)}, 10, COUPLE, 200_000),
        (Terms(), {9: DayRule(max_nights=9)}, 10, COUPLE, None),
        (Terms(), {0: DayRule(min_nights_arrival=11)}, 10, COUPLE, None),
        (Terms(), {0: DayRule(max_nights_arrival=9)}, 10, COUPLE, None),
        (Terms(), {0: DayRule(no_arrival=True)}, 10, COUPLE, None),
        (Terms(), {10: DayRule(no_departure=True)}, 10, COUPLE, None),
        (Terms(), {0: DayRule(no_departure=True), 10: DayRule(no_arrival=True)}, 10, COUPLE,
         200_000),
    ],
)  # fmt: skip
def test_each_part_by_itself(
    terms: Terms, rules: dict[int, DayRule], nights: int, party: Party, total: int | None
) -> None:
    """Sums one can check by hand; today is a Thursday, and a night costs 200 yuan."""
    stock = replace(plain(1, fen=20_000), terms=(terms,), rules=(rules,))
    found = stock.matrix().find(stay=Stay.of(TODAY, nights), rooms=1, party=party)
    assert found.totals_fen.tolist() == ([] if total is None else [total])


@pytest.mark.parametrize(
    ("conditions", "counts_on"),
    [
        ({}, [0, 1, 4, 5, 6]),
        ({"min_lead_days": 5}, [5, 6]),
        ({"max_lead_days": 4}, [0, 1, 4]),
        ({"arrive_first": TODAY + DAY, "arrive_last": TODAY + 5 * DAY}, [1, 4, 5]),
        ({"min_nights": 10}, [0, 1, 4, 5, 6]),
        ({"min_nights": 11}, []),
        ({"booked_first": TODAY, "booked_last": TODAY}, [0, 1, 4, 5, 6]),
        ({"booked_first": TODAY + DAY}, []),
        ({"booked_last": TODAY - DAY}, []),
    ],
)
def test_when_a_promotion_counts(conditions: dict[str, Any], counts_on: list[int]) -> None:
    """Ten nights at 200 yuan, on one day of arrival and on several."""
    terms = Terms(promotions=(Promotion("a", "优惠", 1_000, **conditions),))
    matrix = replace(plain(1, fen=20_000), terms=(terms,)).matrix()
    for arrival in (0, 1, 4, 5, 6):
        first = TODAY + arrival * DAY
        total = 180_000 if arrival in counts_on else 200_000
        found = matrix.find(stay=Stay.of(first, 10), rooms=1, party=COUPLE)
        assert found.totals_fen.tolist() == [total]
        around = Dates(10, first, first + DAY, wished=first)
        assert matrix.best(dates=around, rooms=1, party=COUPLE).totals_fen.tolist() == [total]


def test_what_is_worked_out_once_is_worked_out_anew_after_a_change() -> None:
    matrix = plain(1).matrix()
    made_up = iter(range(10))
    assert [matrix.remembered("x", lambda: next(made_up)) for _ in range(3)] == [0, 0, 0]
    matrix.version += 1
    assert matrix.remembered("x", lambda: next(made_up)) == 1


def test_only_so_much_is_remembered() -> None:
    matrix = plain(1).matrix()
    for number in range(100):
        assert matrix.remembered(number, lambda number=number: number) == number
    assert len(matrix._kept) == MOST_REMEMBERED
    assert matrix.remembered(99, lambda: -1) == 99
    assert matrix.remembered(0, lambda: -1) == -1
