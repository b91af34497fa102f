"""Restrictions of all pools at once refuse exactly what ``pricing.restrictions`` refuses."""

from __future__ import annotations

import datetime as dt

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.kernel.stay import LONGEST_NIGHTS, Stay
from marketplace.offers.matrix.restriction_arrays import Gate, Limits, Notice, notice_of
from marketplace.pricing.nights.restrictions import DayRule, refusals
from marketplace.pricing.nights.terms import Terms
from tests.unit.offers.stocks import as_numbers

TODAY = dt.date(2027, 6, 17)
DAYS = 20
LENGTHS = st.none() | st.sampled_from([1, 2, 3, 5, 9, 119, 120, 127, 128, 100_000])
Rules = dict[int, DayRule]


def rules_of_dates() -> st.SearchStrategy[Rules]:
    rule = st.builds(DayRule, LENGTHS, LENGTHS, LENGTHS, LENGTHS, st.booleans(), st.booleans())
    return st.dictionaries(st.integers(0, DAYS), rule, max_size=3)


def bookings() -> st.SearchStrategy[Terms]:
    days = st.sampled_from([0, 0, 1, 4, 10])
    some = st.frozensets(st.integers(0, 6), min_size=1)
    return st.builds(
        Terms,
        lead_days=days,
        window_days=st.none() | days,
        arrival_weekdays=st.just(frozenset(range(7))) | some,
    )


def passes(rules: Rules, terms: Terms, arrival: int, nights: int) -> bool:
    return not refusals(
        stay=Stay.of(TODAY + dt.timedelta(arrival), nights),
        booked_on=TODAY,
        terms=terms,
        days={TODAY + dt.timedelta(day): rule for day, rule in rules.items()},
    )


def limits_of(rules: list[Rules]) -> Limits:
    limits = Limits(DAYS + 1)
    limits.put(np.arange(len(rules)), 0, as_numbers(rules, DAYS + 1))
    return limits


def gate_of(limits: Limits, terms: list[Terms], nights: int, columns: list[int]) -> Gate:
    numbers = np.array([notice_of(each) for each in terms], np.int64).T
    notice = Notice.of(numbers, np.arange(len(terms)))
    every = len(columns) == len(terms)
    return Gate(
        limits,
        notice,
        nights=nights,
        first_day=TODAY,
        columns=None if every else np.array(columns, np.int64),
    )


def let_through(gate: Gate, count: int, arrival: int) -> list[bool]:
    flags = np.ones(count, np.bool_)
    gate.close_nights(flags, arrival, arrival + gate.nights)
    gate.close_ends(flags, arrival)
    return flags.tolist()


@settings(max_examples=200)
@given(
    pools=st.lists(st.tuples(rules_of_dates(), bookings()), min_size=1, max_size=4),
    arrival=st.integers(0, DAYS - 1),
    data=st.data(),
)
def test_who_is_let_through(
    pools: list[tuple[Rules, Terms]], arrival: int, data: st.DataObject
) -> None:
    nights = data.draw(st.integers(1, DAYS - arrival))
    columns = sorted(data.draw(st.sets(st.integers(0, len(pools) - 1))))
    terms = [each for _, each in pools]
    gate = gate_of(limits_of([rules for rules, _ in pools]), terms, nights, columns)
    expected = [passes(*pools[column], arrival, nights) for column in columns]
    assert let_through(gate, len(columns), arrival) == expected


@given(
    edits=st.lists(
        st.tuples(
            st.dictionaries(st.integers(0, 3), rules_of_dates(), min_size=1),
            st.integers(0, DAYS),
            st.integers(1, DAYS),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_edits_one_after_the_other(edits: list[tuple[dict[int, Rules], int, int]]) -> None:
    """Each makes some days of some pools others, and leaves the rest as it was."""
    limits = Limits(DAYS + 1)
    held: list[Rules] = [{} for _ in range(4)]
    for changed, begin, length in edits:
        end = min(begin + length, DAYS + 1)
        columns = sorted(changed)
        numbers = as_numbers([changed[column] for column in columns], DAYS + 1)
        limits.put(np.array(columns), begin, numbers[begin:end])
        for column in columns:
            kept = {day: each for day, each in held[column].items() if not begin <= day < end}
            new = {day: each for day, each in changed[column].items() if begin <= day < end}
            held[column] = kept | new
    for nights in (1, 3, 9):
        gate = gate_of(limits, [Terms()] * 4, nights, list(range(4)))
        for arrival in range(DAYS + 1 - nights):
            expected = [passes(rules, Terms(), arrival, nights) for rules in held]
            assert let_through(gate, 4, arrival) == expected


def test_only_pools_with_a_rule_of_a_kind_take_part() -> None:
    limits = limits_of([{}, {3: DayRule(min_nights=5)}, {4: DayRule(no_departure=True)}, {}])
    taking_part = {name: plane.columns.tolist() for name, plane in limits.planes.items()}
    assert taking_part == {
        "least": [1],
        "most": [],
        "least_arriving": [],
        "most_arriving": [],
        "least_leaving": [2],
    }


def test_the_longest_stay_is_not_refused_by_what_does_not_fit_into_a_byte() -> None:
    limits = Limits(LONGEST_NIGHTS + 1)
    rules = [{0: DayRule(max_nights=500)}, {0: DayRule(min_nights=500)}]
    limits.put(np.arange(2), 0, as_numbers(rules, LONGEST_NIGHTS + 1))
    gate = gate_of(limits, [Terms()] * 2, LONGEST_NIGHTS, [0, 1])
    assert let_through(gate, 2, 0) == [True, False]
