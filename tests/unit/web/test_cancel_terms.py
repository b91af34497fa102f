"""The table of what cancelling costs, as people read it: no day missing, none told twice."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.booking.contract import cancellation_rules
from marketplace.pricing.nights.terms import FeeBand, Terms
from marketplace.web.traveller import presenters
from tests.unit.booking.test_cancellation_rules import policies

ARRIVAL = dt.date(2027, 7, 1)
TOTAL = 600_000
DAY = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")


@pytest.fixture
def chinese(app: Flask) -> Iterator[None]:
    """A request for a Chinese page, for the words."""
    with app.test_request_context("/search"):
        yield


def told(policy: dict[str, object], today: dt.date) -> list[presenters.Term]:
    return presenters.terms(policy, total_fen=TOTAL, check_in=ARRIVAL, today=today)


def days_of(words: str, today: dt.date) -> list[dt.date]:
    """Return the days that a row speaks of, read from its words alone."""
    named = [dt.date(*map(int, found)) for found in DAY.findall(words)]
    first = today if "以前" in words else named[0]
    return [first + dt.timedelta(days=n) for n in range((named[-1] - first).days + 1)]


@pytest.mark.usefixtures("chinese")
@given(policy=policies(), ahead=st.integers(0, 90))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_words_name_each_day_once_with_the_fee_of_that_day(
    policy: dict[str, object], ahead: int
) -> None:
    today = ARRIVAL - dt.timedelta(days=ahead)
    rows = told(policy, today)
    days = [(day, row) for row in rows for day in days_of(row.period, today)]
    every = [today + dt.timedelta(days=n) for n in range(ahead + 1)]
    assert Counter(day for day, _ in days) == Counter(every)
    for day, row in days:
        share = cancellation_rules.fee_bp(policy, (ARRIVAL - day).days)
        assert row.fee_fen == (TOTAL * share + 5_000) // 10_000
        assert row.fee_fen + row.refund_fen == TOTAL
    assert [row.period.endswith("没有来") for row in rows] == [False] * (len(rows) - 1) + [True]


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(
    ("steps", "ahead", "periods"),
    [
        (
            ((14, 0), (3, 3_000), (0, 5_000)), 30,
            ["2027年6月17日（含）以前取消", "2027年6月18日到2027年6月28日取消",
             "2027年6月29日到2027年7月1日取消，或者没有来"],
        ),
        (((14, 0), (3, 3_000), (0, 5_000)), 2, ["2027年7月1日（含）以前取消，或者没有来"]),
        (((14, 0), (3, 3_000), (0, 5_000)), 0, ["2027年7月1日当天取消，或者没有来"]),
        (((0, 10_000),), 40, ["2027年7月1日（含）以前取消，或者没有来"]),
        (
            ((2, 0), (1, 1_000), (0, 2_000)), 9,
            ["2027年6月29日（含）以前取消", "2027年6月30日当天取消",
             "2027年7月1日当天取消，或者没有来"],
        ),
    ],
)  # fmt: skip
def test_rows_in_words(steps: tuple[tuple[int, int], ...], ahead: int, periods: list[str]) -> None:
    bands = tuple(FeeBand(day, fee) for day, fee in steps)
    rows = told(
        cancellation_rules.policy_of(Terms(fee_bands=bands)), ARRIVAL - dt.timedelta(days=ahead)
    )
    assert [row.period for row in rows] == periods
