"""A stay that a rule refuses: the rule beside its question, and what can be had instead."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from catalog.models import Enterprise, Listing
from marketplace.bootstrap import Services
from marketplace.inventory.models import StockDay
from marketplace.pricing.nights.restrictions import DayRule
from marketplace.pricing.nights.terms import Board, BoardPrice, Terms
from tests.factories import TODAY, Room
from tests.support.price_setting import put, restrict
from tests.web.traveller.english import unmarked
from tests.web.traveller.journey import Journey
from tests.web.traveller.visitor import Page

D = dt.date(2027, 7, 1)
"""A Thursday."""
A_DAY = dt.timedelta(days=1)


def offered(page: Page) -> list[str]:
    """Return the addresses of the stays that are offered instead."""
    return [link for link in page.links if link.startswith("/listings/") and "/quote?" in link]


@pytest.mark.parametrize(
    ("rules", "terms", "told"),
    [
        ({D: DayRule(no_arrival=True)}, Terms(), ("这一天不能办理入住", "arrive")),
        ({D + 5 * A_DAY: DayRule(no_departure=True)}, Terms(), ("离店那一天不能退房", "nights")),
        ({D: DayRule(min_nights_arrival=7)}, Terms(), ("这些日子最少住 7 晚", "nights")),
        ({D + 3 * A_DAY: DayRule(max_nights=4)}, Terms(), ("这些日子最多住 4 晚", "nights")),
        ({}, Terms(lead_days=40), ("这里要至少提前40天预订", "arrive")),
        ({}, Terms(window_days=20), ("这里最多提前20天预订", "arrive")),
        ({}, Terms(arrival_weekdays=frozenset({0})), ("请换一个星期几到", "arrive")),
    ],
)  # fmt: skip
def test_a_rule_is_named_beside_its_question(
    journey: Journey,
    services: Services,
    rules: dict[dt.date, DayRule],
    terms: Terms,
    told: tuple[str, str],
) -> None:
    words, field = told
    restrict(services, journey.room, rules)
    put(services, journey.room, terms)
    page = journey.quote(nights=5)
    assert page.status == 422
    assert words in page.text
    assert f'id="e-{field}"' in page.html
    assert "没有空房" not in page.text, "it is not sold out"
    form = page.form(holding="arrive")
    assert (form.fields["arrive"], form.fields["nights"]) == ("2027-07-01", "5")
    assert not any("seen_total_fen" in form.names for form in page.forms)
    windows = offered(page)
    assert windows
    for link in windows:
        assert journey.visitor.open(link).status == 200, link
    english = journey.visitor.open(f"/en{page.response.request.full_path}")
    assert unmarked(english) == []


@pytest.mark.parametrize(
    ("rule", "asked", "nights"),
    [
        (DayRule(min_nights_arrival=9), 5, 9),
        (DayRule(max_nights_arrival=3), 5, 3),
        (DayRule(min_nights=9), 5, 9),
    ],
)
def test_the_same_arrival_with_the_nights_that_are_allowed_comes_first(
    journey: Journey, services: Services, rule: DayRule, asked: int, nights: int
) -> None:
    restrict(services, journey.room, {D: rule})
    page = journey.quote(nights=asked)
    first = offered(page)[0]
    assert f"arrive=2027-07-01&nights={nights}" in first
    assert f"¥{nights * 200:,}" in page.text
    assert f"¥{nights * 200:,}" in journey.visitor.open(first).text


def test_other_nights_than_those_taken_are_offered(
    journey: Journey, services: Services, loaded: Room
) -> None:
    """From the same day the nights that the rule wants are taken: other days are left."""
    restrict(services, loaded, {D: DayRule(min_nights_arrival=9)})
    with services.database.write() as session:
        taken = sa.update(StockDay).where(StockDay.day == D + 8 * A_DAY)
        session.execute(taken.values(capacity=0))
    page = journey.quote(nights=5)
    links = offered(page)
    assert links
    assert not any("arrive=2027-07-01" in link for link in links)


def test_the_shortest_stay_of_the_listing_is_offered_with_what_was_chosen(
    journey: Journey, services: Services, loaded: Room
) -> None:
    put(services, loaded, Terms(boards=(BoardPrice(Board.BREAKFAST, 1_000, 500),)))
    with services.database.write() as session:
        session.get_one(Listing, loaded.listing_id).min_nights = 7
    page = journey.quote(nights=3, board="breakfast")
    assert page.status == 422
    assert "这里最少住 7 晚" in page.text
    first = offered(page)[0]
    assert "nights=7" in first
    assert "¥1,540" in page.text, "seven nights with two breakfasts each"
    answer = journey.visitor.open(first)
    assert "¥1,540" in answer.text
    assert "含早餐" in answer.text


def test_the_closest_of_two_limits_is_told_and_every_other_rule_beside(
    journey: Journey, services: Services, loaded: Room
) -> None:
    with services.database.write() as session:
        session.get_one(Listing, loaded.listing_id).min_nights = 7
    restrict(services, loaded, {D: DayRule(min_nights=9, no_arrival=True)})
    page = journey.quote(nights=3)
    assert "这些日子最少住 9 晚" in page.text
    assert "这里最少住" not in page.text
    assert "这一天不能办理入住" in page.text


def test_the_question_can_be_answered_anew_on_the_same_page(
    journey: Journey, services: Services, loaded: Room
) -> None:
    restrict(services, loaded, {D: DayRule(no_arrival=True)})
    journey.quote(nights=5, rooms=2, adults=4)
    page = journey.visitor.send("arrive", arrive="2027-07-02", nights="6")
    assert page.status == 200
    assert "¥2,400" in page.text, "two rooms for six nights"
    assert "大人4位" in page.text


def test_a_rule_that_came_while_answering_leads_back_to_the_page_that_names_it(
    journey: Journey, services: Services, loaded: Room
) -> None:
    journey.quote(nights=5)
    journey.answer()
    restrict(services, loaded, {D: DayRule(no_arrival=True)})
    page = journey.visitor.send("/book/check")
    assert page.path.endswith("/quote")
    assert "这一天不能办理入住" in page.text


@pytest.mark.parametrize(
    "facts",
    [{"sells_until": TODAY - A_DAY}, {"planned": True}, {"is_sample": False, "claimed": False}],
)
def test_who_may_not_sell_is_not_priced_first_and_refused_at_the_end(
    journey: Journey, services: Services, facts: dict[str, object]
) -> None:
    priced = journey.quote(nights=5)
    with services.database.write() as session:
        session.execute(sa.update(Enterprise).values(**facts))
    page = journey.quote(nights=5)
    assert page.status == 200
    assert "这家企业目前不接受预订" in page.text
    assert offered(page) == []
    assert not any("seen_total_fen" in form.names for form in page.forms)
    journey.visitor.page = priced
    page = journey.visitor.send("seen_total_fen")
    assert page.path.endswith("/quote")
    assert "这家企业目前不接受预订" in page.text
