"""The price engine: itemised, exact, explainable."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel.errors import Invalid
from marketplace.kernel.stay import Stay
from marketplace.pricing.nights.quote import (
    Ask,
    ExtraKind,
    NoPrice,
    Quote,
    ReductionKind,
    agreed,
    quote,
)
from marketplace.pricing.nights.selection import Party
from marketplace.pricing.nights.terms import (
    Board,
    BoardPrice,
    ChildBand,
    MonthPrice,
    Occupancy,
    Promotion,
    Terms,
    Tier,
    reached,
)
from tests.unit.pricing.tariffs import BOOKED_ON, asks, calendars, kept, terms

DAY = dt.date(2027, 7, 20)
TIERS = (Tier(7, 500), Tier(30, 1500), Tier(60, 2000))
JULY = dt.date(2027, 7, 1)
LONG = Terms(tiers=TIERS)


def priced(
    nights: int, fens: list[int], rooms: int = 1, terms: Terms = LONG, **wish: object
) -> Quote:
    stay = Stay.of(DAY, nights)
    rates = {day: fens[index % len(fens)] for index, day in enumerate(stay.days())}
    ask = replace(Ask(stay, BOOKED_ON, rooms=rooms, party=Party(2 * rooms)), **wish)  # type: ignore[arg-type]
    return quote(ask=ask, rates=rates, terms=terms)


def check_sums(found: Quote) -> None:
    """A quote is the sum of its lines, and its nights sum to it."""
    lines = sum(line.amount_fen for line in found.lines)
    extras = sum(extra.amount_fen for extra in found.extras)
    cuts = sum(cut.off_fen for cut in found.reductions)
    assert lines + extras == found.list_fen
    assert found.list_fen - cuts == found.total_fen
    assert sum(night.sold_fen for night in found.nights) == found.total_fen
    assert sum(night.list_fen for night in found.nights) == found.list_fen
    assert sum(line.nights for line in found.lines) == found.stay.nights
    assert all(0 <= night.sold_fen <= night.list_fen for night in found.nights if not cuts)
    for extra in found.extras:
        assert extra.amount_fen == extra.count * extra.nights * extra.unit_fen


class TestQuote:
    @given(ask=asks(), fens=calendars(), terms=terms())
    def test_a_quote_is_the_sum_of_its_lines(self, ask: Ask, fens: list[int], terms: Terms) -> None:
        rates = {day: fens[index % len(fens)] for index, day in enumerate(ask.stay.days())}
        check_sums(quote(ask=ask, rates=rates, terms=terms))

    @given(ask=asks(), fens=calendars(), terms=terms(), seed=st.randoms())
    def test_the_order_of_rules_changes_nothing(
        self, ask: Ask, fens: list[int], terms: Terms, seed: object
    ) -> None:
        rates = {day: fens[index % len(fens)] for index, day in enumerate(ask.stay.days())}
        mixed = replace(
            terms,
            tiers=tuple(reversed(terms.tiers)),
            months=tuple(reversed(terms.months)),
            promotions=tuple(reversed(terms.promotions)),
            boards=tuple(reversed(terms.boards)),
        )
        first = quote(ask=ask, rates=rates, terms=terms)
        assert quote(ask=ask, rates=dict(reversed(rates.items())), terms=mixed) == first

    @given(ask=asks(), fens=calendars(), terms=terms())
    def test_a_quote_reads_back_as_it_was_written(
        self, ask: Ask, fens: list[int], terms: Terms
    ) -> None:
        rates = {day: fens[index % len(fens)] for index, day in enumerate(ask.stay.days())}
        made = quote(ask=ask, rates=rates, terms=terms)
        assert kept(made) == made

    def test_a_month_gets_the_month_discount(self) -> None:
        found = priced(30, [10_000])
        assert found.tier == Tier(30, 1500)
        assert found.total_fen == 255_000
        assert found.month_fen == 255_000
        assert found.night_fen == 8_500

    def test_lines_follow_months_and_prices(self) -> None:
        found = priced(14, [10_000, 12_000])
        assert [(line.first_day.month, line.nights, line.list_fen) for line in found.lines] == [
            (7, 6, 10_000),
            (7, 6, 12_000),
            (8, 1, 10_000),
            (8, 1, 12_000),
        ]

    def test_a_night_without_price_is_not_on_sale(self) -> None:
        with pytest.raises(NoPrice):
            quote(ask=Ask(Stay.of(DAY, 2), BOOKED_ON), rates={DAY: 100}, terms=Terms())

    @pytest.mark.parametrize(
        ("nights", "off"), [(6, None), (7, 500), (29, 500), (30, 1500), (90, 2000)]
    )
    def test_the_longest_tier_reached_counts(self, nights: int, off: int | None) -> None:
        tier = reached(list(reversed(TIERS)), nights)
        assert (tier.off_bp if tier else None) == off


class TestMonths:
    def test_a_whole_named_month_costs_its_price_to_the_fen(self) -> None:
        ask = Ask(Stay.of(JULY, 31), BOOKED_ON, rooms=2, party=Party(4))
        month = MonthPrice(JULY, 500_001)
        found = quote(
            ask=ask,
            rates=dict.fromkeys(ask.stay.days(), 20_000),
            terms=Terms(tiers=TIERS, months=(month,)),
        )
        assert found.total_fen == 2 * 500_001
        assert [cut.kind for cut in found.reductions] == [ReductionKind.MONTH]

    def test_a_part_of_a_month_costs_its_part_and_the_rest_the_tier(self) -> None:
        month = MonthPrice(JULY, 310_000)
        found = priced(40, [20_000], terms=Terms(tiers=TIERS, months=(month,)))
        assert found.total_fen == 12 * 10_000 + 28 * 17_000

    def test_a_month_that_is_dearer_than_the_nights_is_left_aside(self) -> None:
        month = MonthPrice(JULY, 31 * 17_001)
        found = priced(40, [20_000], terms=Terms(tiers=TIERS, months=(month,)))
        assert found.total_fen == 40 * 17_000

    def test_a_short_stay_does_not_reach_it(self) -> None:
        month = MonthPrice(JULY, 31 * 100)
        assert priced(12, [20_000], terms=Terms(months=(month,))).total_fen == 240_000


class TestPeople:
    TERMS = Terms(
        tiers=TIERS,
        occupancy=Occupancy(
            included=2,
            extra_adult_fen=6_000,
            single_off_fen=2_000,
            children=(ChildBand(5, 0), ChildBand(11, 3_000)),
        ),
        boards=(BoardPrice(Board.BREAKFAST, 1_500, 800),),
        extra_bed_fen=5_000,
        most_extra_beds=1,
    )

    @pytest.mark.parametrize(
        ("rooms", "adults", "ages", "a_night"),
        [
            (1, 2, (), 20_000),
            (1, 1, (), 18_000),
            (2, 2, (), 36_000),
            (2, 3, (), 38_000),
            (1, 3, (), 26_000),
            (1, 2, (4,), 20_000),
            (1, 2, (8,), 23_000),
            (1, 2, (15,), 26_000),
            (1, 1, (8,), 20_000),
            (1, 1, (4, 8), 20_000),
            (2, 2, (4, 8, 15), 43_000 - 3_000),
        ],
    )
    def test_places_go_to_adults_and_then_to_the_dearest_children(
        self, rooms: int, adults: int, ages: tuple[int, ...], a_night: int
    ) -> None:
        found = priced(1, [20_000], rooms, terms=self.TERMS, party=Party(adults, ages))
        assert found.total_fen == a_night

    def test_extras_of_people_are_discounted_beds_and_meals_are_not(self) -> None:
        found = priced(
            30, [20_000], terms=self.TERMS, party=Party(3), board=Board.BREAKFAST, extra_beds=1
        )
        assert found.total_fen == 30 * 26_000 * 85 // 100 + 30 * (3 * 1_500 + 5_000)
        assert {extra.kind for extra in found.extras} == {
            ExtraKind.ADULT,
            ExtraKind.BED,
            ExtraKind.BOARD_ADULT,
        }
        check_sums(found)

    def test_meals_and_beds_that_are_not_there_are_refused(self) -> None:
        with pytest.raises(Invalid) as refused:
            priced(3, [100], terms=self.TERMS, board=Board.FULL_BOARD, extra_beds=2)
        assert set(refused.value.fields) == {"board", "extra_beds"}


class TestPromotions:
    EARLY = Promotion("early", "早订优惠", 1_000, min_lead_days=60)
    BEST = Promotion("best", "限时优惠", 2_000, booked_last=BOOKED_ON)

    def test_the_best_one_that_is_met_comes_off_what_the_tier_left(self) -> None:
        both = Terms(tiers=TIERS, promotions=(self.EARLY, self.BEST))
        assert priced(30, [10_000], terms=both).total_fen == 30 * 10_000 * 85 // 100 * 8 // 10

    def test_a_condition_that_is_not_met_gives_nothing(self) -> None:
        late = Terms(promotions=(replace(self.EARLY, min_lead_days=1_000),))
        assert priced(3, [10_000], terms=late).total_fen == 30_000


def test_an_agreed_price_keeps_its_nights_in_step() -> None:
    found = agreed(priced(30, [10_001]), 200_000)
    assert found.total_fen == 200_000
    check_sums(found)
