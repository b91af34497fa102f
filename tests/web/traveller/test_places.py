"""Listing and directory pages, and that every open page opens."""

from __future__ import annotations

import pytest

from catalog.vocabulary import Category, Cluster
from marketplace.bootstrap import Services
from tests.factories import Room, make_enterprise
from tests.web.traveller.journey import Journey
from tests.web.traveller.looking import index_all
from tests.web.traveller.visitor import Visitor


def test_a_listing_that_is_not_there_is_not_found(visitor: Visitor, loaded: Room) -> None:
    assert visitor.open("/listings/999999").status == 404
    assert visitor.open(f"/listings/{loaded.listing_id}/quote?room_type=999999").status == 404


def test_a_quote_without_dates_asks_for_them_on_the_listing(visitor: Visitor, loaded: Room) -> None:
    page = visitor.open(
        f"/listings/{loaded.listing_id}/quote?room_type={loaded.room_type_id}&adults=9&nights=30"
    )
    assert page.status == 422
    assert "请选哪天到" in page.text
    assert page.form(holding="arrive").fields["adults"] == "9"


@pytest.mark.parametrize(
    ("stay", "words"),
    [
        ({"nights": 100}, "这里最多住 90 晚"),
        ({"adults": 5}, "每间最多住 2 位大人"),
        ({"arrive": "2027-05-01"}, "到达日期已经过去"),
    ],
)
def test_a_rule_of_the_listing_is_named(
    journey: Journey, stay: dict[str, object], words: str
) -> None:
    page = journey.quote(**stay)  # type: ignore[arg-type]
    assert page.status == 422
    assert words in page.text


def test_dates_that_are_not_on_sale_offer_the_nearest_that_are(journey: Journey) -> None:
    page = journey.quote(arrive="2027-09-20", nights=20)
    assert "还没有开放预订" in page.text
    assert any("arrive=2027-09-09" in link for link in page.links)
    assert not any("seen_total_fen" in form.names for form in page.forms)


def test_the_directory_filters_pages_and_never_books(visitor: Visitor, services: Services) -> None:
    with services.database.write() as session:
        for number in range(12):
            make_enterprise(
                session,
                code=f"JL9{number:02d}",
                is_sample=False,
                planned=number == 0,
                name_zh=f"名录里的地方{number}",
                category=Category.SCENIC if number else Category.HOT_SPRING_RESORT,
                clusters=(Cluster.JIAN,) if number < 3 else (),
            )
    index_all(services)
    first = visitor.open("/directory")
    assert "共12处" in first.text
    assert len([link for link in first.links if "/directory/JL" in link]) == 10
    assert "共3处" in visitor.open("/directory?cluster=jian").text
    assert "共9处" in visitor.open("/directory?cluster=outside").text
    assert "共1处" in visitor.open("/directory?theme=hot_spring").text
    assert "名录里的地方7" in visitor.open("/directory?q=地方7").text
    assert "page=1" in "".join(visitor.open("/directory?page=50").links)
    planned = visitor.open("/directory/JL900")
    assert "还在规划" in planned.text
    assert not any("/quote" in form.action for form in planned.forms)
    assert visitor.open("/directory/JL999").status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/search",
        "/search/filters",
        "/directory",
        "/trains",
        "/family",
        "/privacy",
        "/help",
        "/sources",
    ],
)
def test_every_open_page_opens_in_both_languages(visitor: Visitor, loaded: Room, path: str) -> None:
    chinese = visitor.open(f"{path}?lang=zh")
    assert chinese.status == 200
    assert 'lang="zh-CN"' in chinese.html
    english = visitor.open(f"/en{path}?lang=en")
    assert english.status == 200
    assert '<html lang="en"' in english.html
    assert all(
        link.startswith(("/en/", "#", "tel:", "?", "http", "/?", "/static")) or "lang=zh" in link
        for link in english.links
    )


@pytest.mark.parametrize(
    "path",
    ["/listings/99999999999999999999", "/directory/%00", "/directory/JL9'--", "/pay/sim/%00", "/x"],
)
def test_nonsense_in_an_address_is_not_found(visitor: Visitor, loaded: Room, path: str) -> None:
    assert visitor.open(path).status == 404
