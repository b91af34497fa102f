"""Reading single fields."""

from __future__ import annotations

import datetime as dt

import pytest

from marketplace.web.forms import fields


@pytest.mark.parametrize("typed", ["", None, "2027-02-30", "9999-12-31", "0001-01-01", "soon"])
def test_days_that_cannot_be_used(typed: str | None) -> None:
    assert fields.day(typed) is None


def test_months_follow_each_other() -> None:
    december = fields.month("2027-12")
    assert december == dt.date(2027, 12, 1)
    assert fields.next_month(december) == dt.date(2028, 1, 1)
    assert fields.previous_month(dt.date(2028, 1, 1)) == december


def test_control_characters_are_dropped() -> None:
    assert fields.text("  维\x00修\u202e\n二楼 ") == "维修\n二楼"
    assert fields.text("长" * 400, 10) == "长" * 10
