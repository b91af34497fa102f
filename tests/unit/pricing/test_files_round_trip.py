"""Price files written and read again, and what they would change told rule by rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from marketplace.kernel.money import plain_yuan
from marketplace.pricing.files.building import ordered
from marketplace.pricing.files.cells import percent, read_cell
from marketplace.pricing.files.comparing import State, compare
from marketplace.pricing.files.reading import Wanted
from marketplace.pricing.files.writing import (
    as_csv,
    as_xlsx,
    rows_of_nights,
    rows_of_rules,
    rows_of_terms,
)
from marketplace.pricing.nights.restrictions import DayRule
from marketplace.pricing.nights.terms import Occupancy, Season, Terms, Tier, faults_of
from tests.support.price_file import ROOM, TODAY, day_maps, day_rules, full_terms, only, read

Writer = Callable[[Sequence[dict[str, str]]], bytes]
WRITERS = pytest.mark.parametrize("writer", [as_csv, as_xlsx])


@given(st.integers(0, 10**9), st.integers(0, 10_000))
def test_money_and_shares_come_back_to_the_fen(fen: int, share: int) -> None:
    assert read_cell("price", plain_yuan(fen), policies=()) == fen
    assert read_cell("percent", percent(share), policies=()) == share


class TestRoundTrip:
    @WRITERS
    @settings(max_examples=30)
    @given(terms=full_terms())
    def test_a_tariff_comes_back_as_it_was(self, writer: Writer, terms: Terms) -> None:
        assume(faults_of(terms) == [])
        rows = [{"room": ROOM, **row} for row in rows_of_terms(terms)]
        wanted = only(writer(rows))
        assert wanted.terms == ordered(terms)
        assert compare(State(terms), wanted).nothing

    @WRITERS
    @settings(max_examples=30)
    @given(nights=day_maps(st.sampled_from([10_000, 12_050, 9_901])), rules=day_maps(day_rules()))
    def test_so_do_prices_set_by_hand_and_restrictions(
        self, writer: Writer, nights: dict[dt.date, int], rules: dict[dt.date, DayRule]
    ) -> None:
        rows = [{"room": ROOM, **row} for row in (*rows_of_nights(nights), *rows_of_rules(rules))]
        assume(rows)
        wanted = only(writer(rows))
        assert (wanted.nights, wanted.rules) == (nights, rules)

    def test_a_summer_with_dearer_weekends_takes_two_rows(self) -> None:
        days = [dt.date(2027, 7, 1) + dt.timedelta(offset) for offset in range(62)]
        nights = {day: 23_500 if day.weekday() in (4, 5) else 21_800 for day in days}
        assert [(row["weekdays"], row["price"]) for row in rows_of_nights(nights)] == [
            ("12347", "218"),
            ("56", "235"),
        ]

    @WRITERS
    def test_a_name_that_a_spreadsheet_would_run_is_kept_from_it(self, writer: Writer) -> None:
        rows = [{"rule": "promotion", "room": ROOM, "code": "=1", "name_zh": "甲", "percent": "5"}]
        assert b"'=1" in as_csv(rows)
        _, faults = read(writer(rows))
        assert "看来是公式" in str(faults[0])


class TestComparing:
    BEFORE = State(
        Terms(tiers=(Tier(7, 500), Tier(30, 1_500)), occupancy=Occupancy(extra_adult_fen=6_000)),
        nights={TODAY: 20_000},
        rules={TODAY: DayRule(min_nights=3)},
    )

    def test_tells_new_changed_gone_and_unchanged(self) -> None:
        after = Terms(tiers=(Tier(7, 600), Tier(30, 1_500), Tier(60, 2_000)))
        found = compare(self.BEFORE, Wanted(ROOM, 2, after))
        assert found.new == ("tier nights=60 percent=20",)
        assert found.changed == (("tier nights=7 percent=5", "tier nights=7 percent=6"),)
        assert found.gone == ("extra_adult price=60",)
        # The 30-night tier, the people included and the cancellation policy.
        assert found.unchanged == 3
        assert not found.nothing

    def test_counts_dates_that_differ_from_what_is_set(self) -> None:
        tomorrow = TODAY + dt.timedelta(1)
        found = compare(
            self.BEFORE,
            Wanted(
                ROOM,
                2,
                nights={TODAY: None, tomorrow: 20_000},
                rules={TODAY: DayRule(min_nights=3), tomorrow: DayRule(no_arrival=True)},
            ),
        )
        assert (found.nights, found.freed, found.dates) == (1, 1, 1)
        assert (found.new, found.changed, found.gone) == ((), (), ())

    def test_a_first_tariff_is_new_even_when_it_says_nothing(self) -> None:
        found = compare(State(has_tariff=False), Wanted(ROOM, 2, Terms()))
        assert found.new == ("included count=2", "cancellation policy=stay")

    def test_warns_of_nights_that_a_season_does_not_reach(self) -> None:
        season = Season(TODAY, TODAY + dt.timedelta(9), 30_000)
        found = compare(self.BEFORE, Wanted(ROOM, 2, Terms(seasons=(season,))))
        assert found.by_hand == 1
        freed = Wanted(ROOM, 2, Terms(seasons=(season,)), nights={TODAY: None})
        assert compare(self.BEFORE, freed).by_hand == 0
