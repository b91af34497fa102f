"""Months of the calendar."""

from __future__ import annotations

import datetime as dt

import pytest

from marketplace.kernel.months import month_after


@pytest.mark.parametrize(
    ("count", "first"),
    [
        (1, "2028-01-01"),
        (0, "2027-12-01"),
        (-1, "2027-11-01"),
        (-12, "2026-12-01"),
        (14, "2029-02-01"),
    ],
)
def test_months_are_counted_across_years(count: int, first: str) -> None:
    assert month_after(dt.date(2027, 12, 31), count) == dt.date.fromisoformat(first)
