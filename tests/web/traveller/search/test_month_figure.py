"""Prices at a glance: nothing said twice, about in whole yuan, a month of the season asked for."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import sqlalchemy as sa

from marketplace.bootstrap import Services
from marketplace.kernel.clock import SetClock
from marketplace.pricing.models import NightRate
from tests.factories import TODAY, Room
from tests.web.traveller.journey import Journey
from tests.web.traveller.visitor import Visitor

ABOUT = re.compile(r"约¥[\d,.]+")
LIST_FEN = {6: 19_000, 7: 26_000, 8: 30_000, 9: 9_900}
"""By month: September is the cheapest, and no summer."""


@pytest.fixture
def seasons(services: Services, loaded: Room) -> Room:
    """The loaded room at a price for each month."""
    with services.database.write() as session:
        for month, fen in LIST_FEN.items():
            first, end = dt.date(2027, month, 1), dt.date(2027, month + 1, 1)
            rates = sa.update(NightRate).where(NightRate.day >= first, NightRate.day < end)
            session.execute(rates.values(list_fen=fen))
    return loaded


def test_thirty_nights_are_a_month_and_said_once(journey: Journey, visitor: Visitor) -> None:
    card = visitor.open("/search?arrive=2027-07-01&nights=30").text.replace(" ", "")
    assert "30晚总价¥5,100" in card
    listing = visitor.open(next(one for one in visitor.page.links if "/listings/" in one)).text
    for text in (card, journey.quote().text, listing[: listing.index("房型和价格")]):
        assert "每月（30晚）" not in text
        assert "每晚约¥170" in text
    assert "每月（30晚）约¥5,100" in journey.quote(nights=60).text


@pytest.mark.parametrize(
    ("rate_fen", "nights", "told"),
    [
        (19_999, 31, ("¥5,269.74", ["约¥5,100", "约¥170"])),
        (20_050, 7, ("¥1,403.50", ["约¥6,015", "约¥201"])),
        (20_049, 1, ("¥200.49", ["约¥6,015", "约¥200"])),
    ],
)
def test_about_is_whole_yuan_and_a_total_is_exact(
    journey: Journey, services: Services, rate_fen: int, nights: int, told: tuple[str, list[str]]
) -> None:
    exact, about = told
    with services.database.write() as session:
        session.execute(sa.update(NightRate).values(list_fen=rate_fen))
    card = journey.visitor.open(f"/search?arrive=2027-07-01&nights={nights}").text
    assert f"{nights}晚总价{exact}" in card.replace(" ", "")
    assert ABOUT.findall(card) == about
    quote = journey.quote(nights=nights).text
    assert exact in quote
    assert ABOUT.findall(quote) == about


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("2027-06-01", "season=summer"), ("7月到8月", 260)),
        (("2027-06-01", ""), ("", 99)),
        (("2027-06-01", "nights=any&arrive=2027-06-05"), ("6月到7月", 190)),
        (("2027-06-01", "nights=any&arrive=2027-08-01"), ("8月", 300)),
        (("2027-06-01", "season=summer&nights=any&arrive=2027-06-05"), ("6月到7月", 190)),
        (("2027-06-01", "season=summer&when=open&arrive=2027-06-05"), ("7月到8月", 260)),
        (("2027-08-20", "season=summer"), ("8月", 300)),
    ],
)
def test_the_figure_of_a_month_is_of_the_months_that_are_asked_for(
    visitor: Visitor, clock: SetClock, seasons: Room, asked: tuple[str, str], told: tuple[str, int]
) -> None:
    (today, question), (months, night) = asked, told
    clock.advance(days=(dt.date.fromisoformat(today) - TODAY).days)
    page = visitor.open(f"/search?{question}")
    assert f"{months}每月（30晚）约¥{night * 30:,}起" in page.text
    assert f"每晚约¥{night}起" in page.text
    listing = visitor.open(next(one for one in page.links if one.startswith("/listings/")))
    assert f"约¥{night * 30:,}{months}每月（30晚）起" in listing.text


def test_what_is_not_sold_in_summer_is_not_shown_behind_the_summer_door(
    visitor: Visitor, services: Services, seasons: Room
) -> None:
    with services.database.write() as session:
        summer = sa.delete(NightRate).where(
            NightRate.day >= dt.date(2027, 7, 1), NightRate.day < dt.date(2027, 9, 1)
        )
        session.execute(summer)
    assert "/listings/" in "".join(visitor.open("/search").links)
    assert "共1处" not in visitor.open("/search?season=summer").text


def test_the_summer_door_asks_for_summer(visitor: Visitor, seasons: Room) -> None:
    door = next(link for link in visitor.open("/").links if "nights=30" in link)
    page = visitor.open(door)
    assert "7月到8月每月（30晚）约¥7,800起" in page.text
    assert "先看7月到8月每月的价格" in page.text
    assert "July to August" in visitor.open(f"/en{door}").text
    assert visitor.open("/search?season=never").status == 422
