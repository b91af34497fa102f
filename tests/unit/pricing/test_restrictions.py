"""Every restriction refuses exactly what it names."""

from __future__ import annotations

import datetime as dt

import pytest

from marketplace.kernel.messages import filled
from marketplace.kernel.stay import Stay
from marketplace.pricing.nights.restrictions import DayRule, Restricted, Rule, refusals
from marketplace.pricing.nights.terms import Terms

BOOKED_ON = dt.date(2027, 5, 1)
ARRIVE = dt.date(2027, 7, 1)
"""A Thursday."""
STAY = Stay.of(ARRIVE, 10)
LAST = ARRIVE + dt.timedelta(days=9)


def broken(days: dict[dt.date, DayRule] | None = None, terms: Terms | None = None) -> list[Rule]:
    found = refusals(stay=STAY, booked_on=BOOKED_ON, terms=terms or Terms(), days=days or {})
    return [refusal.rule for refusal in found]


@pytest.mark.parametrize(
    ("day", "rule", "refuses"),
    [
        (ARRIVE, DayRule(min_nights=11), [Rule.MIN_NIGHTS]),
        (LAST, DayRule(min_nights=11), [Rule.MIN_NIGHTS]),
        (STAY.check_out, DayRule(min_nights=11), []),
        (LAST, DayRule(min_nights=10), []),
        (LAST, DayRule(max_nights=9), [Rule.MAX_NIGHTS]),
        (LAST, DayRule(max_nights=10), []),
        (STAY.check_out, DayRule(max_nights=9), []),
        (ARRIVE, DayRule(min_nights_arrival=11), [Rule.MIN_NIGHTS]),
        (LAST, DayRule(min_nights_arrival=11), []),
        (ARRIVE, DayRule(max_nights_arrival=9), [Rule.MAX_NIGHTS]),
        (LAST, DayRule(max_nights_arrival=9), []),
        (ARRIVE, DayRule(no_arrival=True), [Rule.NO_ARRIVAL]),
        (LAST, DayRule(no_arrival=True), []),
        (STAY.check_out, DayRule(no_departure=True), [Rule.NO_DEPARTURE]),
        (LAST, DayRule(no_departure=True), []),
    ],
)
def test_of_a_date(day: dt.date, rule: DayRule, refuses: list[Rule]) -> None:
    assert broken({day: rule}) == refuses


@pytest.mark.parametrize(
    ("terms", "refuses"),
    [
        (Terms(lead_days=62), [Rule.LEAD_DAYS]),
        (Terms(lead_days=61), []),
        (Terms(window_days=60), [Rule.WINDOW_DAYS]),
        (Terms(window_days=61), []),
        (Terms(arrival_weekdays=frozenset({0, 5})), [Rule.ARRIVAL_WEEKDAY]),
        (Terms(arrival_weekdays=frozenset({3})), []),
    ],
)
def test_of_a_tariff(terms: Terms, refuses: list[Rule]) -> None:
    assert broken(terms=terms) == refuses


def test_the_strictest_of_several_counts_and_all_that_are_broken_are_named() -> None:
    days = {
        ARRIVE: DayRule(min_nights=12, no_arrival=True),
        LAST: DayRule(min_nights=20),
    }
    found = refusals(stay=STAY, booked_on=BOOKED_ON, terms=Terms(lead_days=90), days=days)
    assert {(each.rule, each.limit) for each in found} == {
        (Rule.LEAD_DAYS, 90),
        (Rule.NO_ARRIVAL, 0),
        (Rule.MIN_NIGHTS, 20),
    }
    error = Restricted(found)
    assert error.extra["rule"] == "lead_days"
    assert set(error.fields) == {"arrive", "nights"}
    assert filled(error.fields["nights"]) == "这些日子最少住 20 晚"
