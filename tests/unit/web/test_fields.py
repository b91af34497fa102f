"""Reading single fields."""

from __future__ import annotations

import datetime as dt

import pytest

from marketplace.web.forms import fields


@pytest.mark.parametrize("typed", ["", None, "2027-02-30", "9999-12-31", "0001-01-01", "soon"])
def test_days_that_cannot_be_used(typed: str | None) -> None:
    assert fields.day(typed) is None


def test_a_month_is_its_first_day() -> None:
    assert fields.month("2027-12") == dt.date(2027, 12, 1)


def test_control_characters_are_dropped() -> None:
    assert fields.text("  维\x00修\u202e\n二楼 ") == "维修\n二楼"
    assert fields.text("长" * 400, 10) == "长" * 10
