"""The price engine: itemised, exact, explainable."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel.stay import Stay
from marketplace.pricing.quote import NoPrice, Tier, quote, reached

DAY = dt.date(2027, 7, 20)
TIERS = [Tier(7, 500), Tier(30, 1500), Tier(60, 2000)]


def priced(nights: int, fens: list[int], rooms: int = 1, tiers: list[Tier] = TIERS):  # type: ignore[no-untyped-def]
    stay = Stay.of(DAY, nights)
    rates = {day: fens[index % len(fens)] for index, day in enumerate(stay.days())}
    return quote(stay=stay, rooms=rooms, rates=rates, tiers=tiers)


class TestQuote:
    @given(
        nights=st.integers(1, 120),
        fens=st.lists(st.integers(1, 500_000), min_size=1, max_size=9),
        rooms=st.integers(1, 9),
    )
    def test_everything_sums(self, nights: int, fens: list[int], rooms: int) -> None:
        found = priced(nights, fens, rooms)
        assert sum(line.amount_fen for line in found.lines) == found.list_fen
        assert found.list_fen - found.discount_fen == found.total_fen
        assert sum(night.sold_fen for night in found.nights) == found.total_fen
        assert sum(night.list_fen for night in found.nights) == found.list_fen
        assert sum(line.nights for line in found.lines) == nights
        assert all(0 <= night.sold_fen <= night.list_fen for night in found.nights)

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
            quote(stay=Stay.of(DAY, 2), rooms=1, rates={DAY: 100}, tiers=())

    @pytest.mark.parametrize(
        ("nights", "off"), [(6, None), (7, 500), (29, 500), (30, 1500), (90, 2000)]
    )
    def test_the_longest_tier_reached_counts(self, nights: int, off: int | None) -> None:
        tier = reached(list(reversed(TIERS)), nights)
        assert (tier.off_bp if tier else None) == off
