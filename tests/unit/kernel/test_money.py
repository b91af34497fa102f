"""Splits and shares of fen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel.money import (
    Money,
    exact_yuan,
    money,
    percentage,
    plain_yuan,
    share_of,
    split,
    yuan,
)


class TestSplit:
    @given(st.data())
    def test_parts_sum_to_the_amount_and_fit_their_weights(self, data: st.DataObject) -> None:
        weights = data.draw(st.lists(st.integers(0, 10**7), min_size=1, max_size=12))
        amount = data.draw(st.integers(0, sum(weights)))
        parts = split(amount, weights)
        assert sum(parts) == amount
        assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))

    @given(
        weights=st.lists(st.integers(1, 10**6), min_size=1, max_size=6),
        cuts=st.lists(st.integers(1, 10**6), max_size=5),
    )
    def test_partial_refunds_over_what_remains_end_at_zero(
        self, weights: list[int], cuts: list[int]
    ) -> None:
        remaining = weights
        for cut in [*cuts, sum(weights)]:
            parts = split(min(cut, sum(remaining)), remaining)
            remaining = [left - part for left, part in zip(remaining, parts, strict=True)]
            assert min(remaining) >= 0
        assert sum(remaining) == 0

    def test_the_worked_scenario_of_three_goodwill_refunds(self) -> None:
        remaining = [804_000, 39_800, 128_800]
        for amount, shares in (
            (100_000, [82_665, 4_092, 13_243]),
            (33_333, [27_555, 1_364, 4_414]),
            (839_267, [693_780, 34_344, 111_143]),
        ):
            assert split(amount, remaining) == shares
            remaining = [left - share for left, share in zip(remaining, shares, strict=True)]
        assert remaining == [0, 0, 0]

    def test_money_with_nowhere_to_go_is_refused(self) -> None:
        with pytest.raises(ValueError, match="nothing to split over"):
            split(1, [0, 0])


class TestShare:
    def test_half_a_fen_is_rounded_up(self) -> None:
        assert share_of(5, 1000) == 1
        assert share_of(4, 1000) == 0

    def test_negative_amounts_are_refused(self) -> None:
        with pytest.raises(ValueError, match="not negative"):
            share_of(-1, 1000)


class TestMoney:
    def test_a_float_is_no_money(self) -> None:
        with pytest.raises(TypeError):
            Money(1.5)  # type: ignore[arg-type]

    def test_currencies_do_not_mix(self) -> None:
        with pytest.raises(ValueError, match="mix"):
            Money(1) + Money(1, "HKD")

    def test_sums(self) -> None:
        assert Money(5) + Money(7) - Money(2) == Money(10)


@pytest.mark.parametrize(
    ("fen", "people", "exact", "file"),
    [
        (0, "0", "0.00", "0"),
        (5, "0.05", "0.05", "0.05"),
        (128_000, "1,280", "1,280.00", "1280"),
        (128_050, "1,280.50", "1,280.50", "1280.50"),
        (-8_010, "-80.10", "-80.10", "-80.10"),
        (10**17 + 1, "1,000,000,000,000,000.01", "1,000,000,000,000,000.01", "1000000000000000.01"),
    ],
)
def test_fen_are_written_to_the_last(fen: int, people: str, exact: str, file: str) -> None:
    assert (yuan(fen), exact_yuan(fen), plain_yuan(fen)) == (people, exact, file)
    assert money(-abs(fen)) == f"-¥{people.removeprefix('-')}" if fen else money(0) == "¥0"


@pytest.mark.parametrize(
    ("basis_points", "said"), [(0, "0"), (25, "0.25"), (800, "8"), (1_250, "12.5"), (10_000, "100")]
)
def test_shares_are_written_without_needless_noughts(basis_points: int, said: str) -> None:
    assert percentage(basis_points) == said
