"""A price line by line: weekdays are named, and every discount stands below what it lowers."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from marketplace.bootstrap import Services
from marketplace.kernel.stay import Stay
from marketplace.pricing.models import NightRate
from marketplace.pricing.nights.quote import Ask, Quote, quote
from marketplace.pricing.nights.terms import (
    Board,
    BoardPrice,
    MonthPrice,
    Occupancy,
    Promotion,
    Terms,
    Tier,
)
from marketplace.web.rendering.price_lines import quote_lines, weekdays
from tests.unit.pricing.tariffs import kept
from tests.web.traveller.journey import Journey

D = dt.date(2027, 7, 1)
"""A Thursday."""
WEEKEND = {5, 6}
BOOKED = dt.date(2027, 6, 1)
TIERS = (Tier(7, 1_000),)


def priced(
    first: dt.date, nights: int, terms: Terms, rates: dict[dt.date, int], **ask: object
) -> Quote:
    """Price a stay at 200 yuan, 250 on Fridays and Saturdays, and ``rates`` by hand."""
    stay = Stay.of(first, nights)
    usual = {day: 25_000 if day.isoweekday() in WEEKEND else 20_000 for day in stay.days()}
    return quote(ask=Ask(stay, BOOKED, **ask), rates=usual | rates, terms=terms)  # type: ignore[arg-type]


@pytest.mark.usefixtures("app_context")
class TestNights:
    """The nights of a month with several prices say which they are."""

    @pytest.mark.parametrize(
        ("first", "nights", "rates", "labels"),
        [
            (D, 30, {}, ["2027年7月，21晚（周日到周四）", "2027年7月，9晚（周五、周六）"]),
            (
                D,
                3,
                {},
                ["2027年7月，1晚（7月1日，周四）", "2027年7月，2晚（7月2日到7月3日，周五、周六）"],
            ),
            (dt.date(2027, 7, 4), 5, {}, ["2027年7月，5晚"]),
            (
                D,
                14,
                {dt.date(2027, 7, 5): 30_000},
                [
                    "2027年7月，9晚（周日到周四）",
                    "2027年7月，4晚（周五、周六）",
                    "2027年7月，1晚（7月5日，周一）",
                ],
            ),
            (
                D,
                20,
                {D + dt.timedelta(days): 18_000 for days in range(10)},
                [
                    "2027年7月，10晚（7月1日到7月10日）",
                    "2027年7月，8晚（周日到周四）",
                    "2027年7月，2晚（7月16日到7月17日，周五、周六）",
                ],
            ),
            (
                D,
                16,
                {D + dt.timedelta(days): 20_000 for days in (1, 2, 8, 9, 15)}
                | {D + dt.timedelta(4): 5_000},
                ["2027年7月，15晚（其余的晚上）", "2027年7月，1晚（7月5日，周一）"],
            ),
        ],
    )
    def test_weekdays_and_days_are_named(
        self, first: dt.date, nights: int, rates: dict[dt.date, int], labels: list[str]
    ) -> None:
        lines = quote_lines(priced(first, nights, Terms(), rates))
        assert [line.label for line in lines] == labels

    def test_what_is_kept_says_it_as_well(self) -> None:
        made = priced(D, 30, Terms(), {})
        assert quote_lines(kept(made)) == quote_lines(made)

    @pytest.mark.parametrize(
        ("days", "words"),
        [
            ({5, 6}, "周五、周六"), ({7, 1, 2, 3, 4}, "周日到周四"),
            ({1, 2, 3, 4, 5}, "周一到周五"),
            ({6, 7}, "周日、周六"), ({1, 3, 5, 7}, "周日、周一、周三、周五"), ({2}, "周二"),
        ],
    )  # fmt: skip
    def test_days_of_the_week(self, days: set[int], words: str) -> None:
        assert weekdays(days) == words


@pytest.mark.usefixtures("app_context")
class TestDiscounts:
    """Each stands below the lines that it lowers, and above those that it leaves."""

    def test_the_tier_stands_below_the_nights_and_meals_below_it(self) -> None:
        terms = Terms(
            tiers=TIERS,
            boards=(BoardPrice(Board.FULL_BOARD, 3_000, 1_500),),
            occupancy=Occupancy(included=1, extra_adult_fen=1_000),
        )
        lines = quote_lines(priced(D, 7, terms, {}, board=Board.FULL_BOARD))
        labels = [line.label for line in lines]
        assert labels[2:] == ["加大人：1位", "长住优惠", "大人用餐，含三餐"]

    def test_a_month_price_stands_below_its_month_and_the_tier_names_the_others(self) -> None:
        terms = Terms(
            tiers=TIERS,
            months=(MonthPrice(D, 400_000, 7),),
            promotions=(Promotion("x", "早订优惠", 500),),
        )
        made = priced(dt.date(2027, 6, 28), 40, terms, {})
        lines = quote_lines(made)
        assert [line.label.split("（")[0] for line in lines] == [
            "2027年6月，3晚",
            "2027年7月，21晚",
            "2027年7月，10晚",
            "2027年7月整月价",
            "2027年8月，5晚",
            "2027年8月，1晚",
            "长住优惠",
            "早订优惠",
        ]
        tier = next(line for line in lines if line.label == "长住优惠")
        assert tier.note == "6月、8月的晚上：住满7晚，便宜10%"
        at = [line.label for line in lines].index("2027年7月整月价")
        assert lines[at - 1].label.startswith("2027年7月")
        assert lines[at + 1].label.startswith("2027年8月")
        assert sum(line.amount_fen for line in lines) == made.total_fen

    def test_the_tier_stands_below_the_only_month_that_it_lowers(self) -> None:
        terms = Terms(tiers=TIERS, months=(MonthPrice(dt.date(2027, 8, 1), 400_000, 7),))
        lines = quote_lines(priced(D, 45, terms, {}))
        assert [line.label.split("（")[0] for line in lines] == [
            "2027年7月，21晚",
            "2027年7月，10晚",
            "长住优惠",
            "2027年8月，10晚",
            "2027年8月，4晚",
            "2027年8月整月价",
        ]


def test_the_voucher_names_the_weekdays_too(journey: Journey, services: Services) -> None:
    with services.database.write() as session:
        for offset in range(60):
            day = D + dt.timedelta(offset)
            if day.isoweekday() in WEEKEND:
                rate = sa.update(NightRate).where(NightRate.day == day)
                session.execute(rate.values(list_fen=25_000))
    quoted = journey.quote()
    assert "2027年7月，9晚（周五、周六）" in quoted.text
    assert quoted.html.index("周五、周六") < quoted.html.index("长住优惠")
    booking_id = journey.hold()
    page = journey.visitor.open(f"/booking/{booking_id}/pay")
    assert "2027年7月，21晚（周日到周四）" in page.text
