"""How dates, phones and shares are written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from flask import Flask, g

from marketplace.web.rendering import filters
from tests.factories import NOW

DAY = dt.date(2027, 6, 20)


@pytest.fixture
def reader(app: Flask) -> Iterator[None]:
    """A request under way."""
    with app.test_request_context("/"):
        g.lang = "zh"
        yield


@pytest.mark.usefixtures("reader")
class TestDates:
    def test_in_chinese(self) -> None:
        assert filters.date_long(DAY) == "2027年6月20日 星期日"
        assert filters.date_short(DAY) == "2027年6月20日"
        assert filters.month(DAY) == "2027年6月"

    def test_in_english(self) -> None:
        g.lang = "en"
        assert filters.date_long(DAY) == "Sunday, 20 June 2027"
        assert filters.date_short(DAY) == "20 Jun 2027"
        assert filters.month(DAY) == "June 2027"

    def test_instants_are_told_in_shanghai_time(self) -> None:
        instant = dt.datetime(2027, 6, 20, 16, 5, tzinfo=dt.UTC)
        assert filters.clock_time(instant) == "6月21日 00:05"
        assert filters.moment(instant) == "2027年6月21日 00:05"

    @pytest.mark.parametrize(
        ("minutes", "zh", "en"),
        [
            (0, "12:00", "12:00"),
            (11 * 60 + 59, "23:59", "23:59"),
            (12 * 60, "明天 00:00", "00:00 tomorrow"),
            (36 * 60 - 1, "明天 23:59", "23:59 tomorrow"),
            (36 * 60, "6月3日 00:00", "00:00 on 3 June"),
            (-13 * 60, "5月31日 23:00", "23:00 on 31 May"),
        ],
    )
    def test_a_time_of_another_day_says_which(self, minutes: int, zh: str, en: str) -> None:
        """From noon of 1 June in Shanghai, where the clock of the tests stands."""
        instant = NOW + dt.timedelta(minutes=minutes)
        assert filters.clock_time(instant) == zh
        g.lang = "en"
        assert filters.clock_time(instant) == en

    @pytest.mark.parametrize(
        ("day", "lunar"),
        [
            (dt.date(2027, 2, 6), "农历正月初一"),  # Spring Festival
            (dt.date(2027, 6, 9), "农历五月初五"),  # Dragon Boat
            (dt.date(2027, 9, 15), "农历八月十五"),  # Mid-Autumn
            (dt.date(2025, 7, 25), "农历闰六月初一"),  # a leap month
            (dt.date(2026, 2, 16), "农历腊月廿九"),  # New Year's Eve of a short month
        ],
    )
    def test_lunar_dates_are_those_of_the_almanac(self, day: dt.date, lunar: str) -> None:
        assert filters.lunar(day) == lunar


@pytest.mark.parametrize(
    ("phone", "masked"),
    [("13912345678", "139****5678"), ("+8613912345678", "+86****5678"), ("1234567", "****")],
)
def test_a_phone_is_shown_without_its_middle(phone: str, masked: str) -> None:
    assert filters.phone_masked(phone) == masked


@pytest.mark.parametrize(("points", "shown"), [(1500, "15%"), (1250, "12.5%"), (0, "0%")])
def test_shares_are_shown_without_needless_zeros(points: int, shown: str) -> None:
    assert filters.percent(points) == shown
