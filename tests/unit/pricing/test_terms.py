"""The terms of a tariff: read as written, contradictions named, order of no account."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.pricing.nights.terms import (
    Board,
    BoardPrice,
    ChildBand,
    FeeBand,
    MonthPrice,
    Occupancy,
    Promotion,
    Season,
    Terms,
    Tier,
    faults_of,
    list_price,
    read_terms,
    write_terms,
)
from tests.unit.pricing.tariffs import terms

DAY = dt.date(2027, 7, 1)
PROMOTION = Promotion("early", "早订优惠", 500)


@given(terms=terms())
def test_terms_read_back_as_they_were_written_and_can_be_used(terms: Terms) -> None:
    assert read_terms(write_terms(terms)) == terms
    assert faults_of(terms) == []


def test_what_is_not_set_is_not_written() -> None:
    assert write_terms(Terms()) == "{}"
    assert read_terms("{}") == Terms()


class TestSeasons:
    SUMMER = Season(DAY, DAY + dt.timedelta(days=61), 20_000)
    WEEKEND = replace(SUMMER, list_fen=26_000, weekdays=frozenset({4, 5}))
    FESTIVAL = Season(DAY + dt.timedelta(days=1), DAY + dt.timedelta(days=3), 40_000)

    @pytest.mark.parametrize(
        ("offset", "fen"),
        [(-1, None), (0, 20_000), (1, 40_000), (2, 40_000), (8, 26_000), (62, None)],
    )
    def test_the_most_particular_one_counts_in_any_order(
        self, offset: int, fen: int | None
    ) -> None:
        for order in permutations([self.SUMMER, self.WEEKEND, self.FESTIVAL]):
            assert list_price(order, DAY + dt.timedelta(days=offset)) == fen

    def test_of_two_alike_the_lower_price_counts(self) -> None:
        dear = replace(self.SUMMER, list_fen=99_000)
        assert (
            list_price([dear, self.SUMMER], DAY) == list_price([self.SUMMER, dear], DAY) == 20_000
        )


class TestMonths:
    @given(fen=st.integers(1, 10_000_000), month=st.integers(1, 12))
    def test_its_nights_sum_to_its_price_and_differ_by_a_fen_at_most(
        self, fen: int, month: int
    ) -> None:
        price = MonthPrice(dt.date(2028, month, 1), fen)
        nights = [price.of_night(price.month + dt.timedelta(days=day)) for day in range(price.days)]
        assert sum(nights) == fen
        assert max(nights) - min(nights) <= 1
        assert nights == sorted(nights, reverse=True)


@pytest.mark.parametrize(
    "terms",
    [
        Terms(seasons=(Season(DAY, DAY - dt.timedelta(days=1), 20_000),)),
        Terms(seasons=(Season(DAY, DAY, 99),)),
        Terms(seasons=(Season(DAY, DAY, 20_000, frozenset()),)),
        Terms(months=(MonthPrice(DAY, 300_000), MonthPrice(DAY, 400_000))),
        Terms(months=(MonthPrice(DAY + dt.timedelta(days=1), 300_000),)),
        Terms(months=(MonthPrice(DAY, 3_000),)),
        Terms(tiers=(Tier(7, 500), Tier(7, 600))),
        Terms(tiers=(Tier(7, 500), Tier(30, 400))),
        Terms(tiers=(Tier(1, 500),)),
        Terms(tiers=(Tier(7, 10_000),)),
        Terms(promotions=(PROMOTION, PROMOTION)),
        Terms(promotions=(replace(PROMOTION, name_zh=""),)),
        Terms(promotions=(replace(PROMOTION, off_bp=0),)),
        Terms(occupancy=Occupancy(included=0)),
        Terms(occupancy=Occupancy(extra_adult_fen=-1)),
        Terms(occupancy=Occupancy(children=(ChildBand(11, 0), ChildBand(5, 0)))),
        Terms(occupancy=Occupancy(children=(ChildBand(18, 0),))),
        Terms(seasons=(Season(DAY, DAY, 20_000),), occupancy=Occupancy(single_off_fen=10_001)),
        Terms(boards=(BoardPrice(Board.BREAKFAST, 1, 1), BoardPrice(Board.BREAKFAST, 2, 2))),
        Terms(boards=(BoardPrice(Board.ROOM_ONLY, 1, 1),)),
        Terms(most_extra_beds=1),
        Terms(most_extra_beds=5, extra_bed_fen=5_000),
        Terms(lead_days=30, window_days=20),
        Terms(lead_days=-1),
        Terms(arrival_weekdays=frozenset()),
        Terms(arrival_weekdays=frozenset({7})),
        Terms(fee_bands=(FeeBand(7, 1_000),)),
        Terms(fee_bands=(FeeBand(0, 5_000), FeeBand(7, 1_000))),
        Terms(fee_bands=(FeeBand(7, 6_000), FeeBand(0, 5_000))),
        Terms(fee_bands=(FeeBand(7, 0), FeeBand(0, 10_001))),
    ],
)
def test_terms_that_contradict_themselves_are_named(terms: Terms) -> None:
    assert faults_of(terms)


def test_what_a_single_guest_is_spared_is_half_a_night_at_most() -> None:
    terms = Terms(occupancy=Occupancy(single_off_fen=5_000))
    assert faults_of(terms, lowest_night_fen=10_000) == []
    assert faults_of(terms, lowest_night_fen=9_999)
