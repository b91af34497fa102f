"""Home, search, listing and directory pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from catalog.search.document import all_documents
from catalog.vocabulary import Category, Cluster, Theme
from marketplace.bootstrap import Services
from marketplace.kernel import changes
from marketplace.web import limits
from tests.factories import Room, make_enterprise, make_listing, make_room
from tests.web.traveller.journey import Journey
from tests.web.traveller.visitor import Page, Visitor

STAY = "/search?arrive=2027-07-01&nights=30&adults=2"


def index_all(services: Services) -> None:
    """Bring the word index up to date."""
    with services.database.read() as session:
        services.index.rebuild(all_documents(session), cursor=changes.last_number(session))


@contextmanager
def counted(services: Services) -> Iterator[list[str]]:
    """Collect the statements that pages send to the database."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    engine = services.database.read_engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def names(page: Page) -> list[str]:
    """Return the listings linked on a page of results, in order."""
    return [
        urlsplit(link).path for link in page.links if urlsplit(link).path.startswith("/listings/")
    ]


def more_listings(services: Services, count: int, **facts: object) -> list[Room]:
    with services.database.write() as session:
        enterprise_id = make_enterprise(session)
        return [
            make_room(
                session,
                listing_id=make_listing(session, enterprise_id=enterprise_id, **facts),
                list_fen=10_000 + 100 * number,
            )
            for number in range(count)
        ]


def test_a_card_says_the_exact_total_that_the_quote_says(
    journey: Journey, visitor: Visitor
) -> None:
    page = visitor.open(STAY)
    assert "30晚总价¥5,100" in page.text.replace(" ", "")
    assert "¥5,100" in journey.quote().text


def test_the_question_is_said_back_with_weekday_and_lunar_date(
    visitor: Visitor, loaded: Room
) -> None:
    page = visitor.open(STAY + "&children=1&lift=1&cluster=changbai")
    for words in ("2027年7月1日 星期四", "农历五月廿七", "住30晚", "2027年7月31日 星期六离开"):
        assert words in page.text
    for words in ("大人2位，小孩1位", "长白山集聚区", "有电梯"):
        assert words in page.text


def test_without_dates_a_month_price_is_shown_and_no_total(visitor: Visitor, loaded: Room) -> None:
    for url in ("/search", "/search?nights=any&arrive=2027-07-01"):
        page = visitor.open(url)
        assert "¥6,000" in page.text
        assert "晚总价" not in page.text
    assert "住几晚还没定" in page.text


def test_ten_cards_a_page_and_a_page_beyond_the_end_is_the_last(
    visitor: Visitor, services: Services
) -> None:
    more_listings(services, 23)
    assert len(names(visitor.open(STAY))) == 10
    last = visitor.open(STAY + "&page=99")
    assert len(names(last)) == 3
    assert "page=2" in "".join(last.links)


def test_sorting_by_price_puts_the_cheapest_first(visitor: Visitor, services: Services) -> None:
    rooms = more_listings(services, 3)
    page = visitor.open(STAY + "&sort=price")
    assert names(page) == [f"/listings/{room.listing_id}" for room in rooms]


def test_words_are_looked_for_in_the_index(visitor: Visitor, services: Services) -> None:
    more_listings(services, 2)
    wanted = more_listings(services, 1, name_zh="桦树温泉长住", theme=Theme.HOT_SPRING)[0]
    index_all(services)
    assert names(visitor.open("/search?q=桦树温泉")) == [f"/listings/{wanted.listing_id}"]
    assert names(visitor.open("/search?theme=hot_spring")) == [f"/listings/{wanted.listing_id}"]


def test_bad_input_is_answered_in_plain_words_with_everything_kept(
    visitor: Visitor, loaded: Room
) -> None:
    page = visitor.open(f"/search?arrive=2020-01-01&q={'温' * 61}%01&adults=0")
    assert page.status == 422
    for words in ("到达日期已经过去", "最多写60个字", "大人请写 1 到 20"):
        assert words in page.text
    form = page.form(holding="q")
    assert form.fields["q"] == "温" * 60
    assert (form.fields["arrive"], form.fields["adults"]) == ("2020-01-01", "0")


def test_nothing_found_offers_other_dates_and_fewer_filters(
    visitor: Visitor, services: Services, loaded: Room
) -> None:
    page = visitor.open(STAY + "&lift=1&cluster=jian&rooms=1")
    assert "没有合适的空房" in page.text
    offered = [parse_qs(urlsplit(link).query) for link in page.links if "/search?" in link]
    assert any(args.get("arrive") == ["2027-07-15"] for args in offered)
    assert any(args.get("arrive") == ["2027-06-17"] for args in offered)
    assert any("lift" not in args and args.get("cluster") == ["jian"] for args in offered)
    assert any("cluster" not in args and args.get("lift") == ["1"] for args in offered)


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
    "path", ["/", "/search", "/directory", "/trains", "/family", "/privacy", "/help", "/sources"]
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


def test_searches_are_limited_for_each_address(
    visitor: Visitor, loaded: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SEARCH", limits.parse("3 per minute"))
    assert [visitor.open("/search").status for _ in range(4)] == [200, 200, 200, 429]


def test_a_page_of_results_asks_the_database_the_same_however_many_there_are(
    visitor: Visitor, services: Services
) -> None:
    more_listings(services, 2)
    visitor.open(STAY)
    with counted(services) as few:
        visitor.open(STAY)
    more_listings(services, 8)
    visitor.open(STAY)
    with counted(services) as many:
        assert len(names(visitor.open(STAY))) == 10
    assert len(many) == len(few) <= 8


def test_the_drawing_follows_the_season(visitor: Visitor, loaded: Room) -> None:
    later = dt.date(2027, 9, 2).isoformat()
    assert (
        "forest-autumn.svg"
        in visitor.open(f"/search?arrive={later}&nights=other&nights_other=5").html
    )


@pytest.mark.parametrize(
    "path",
    ["/listings/99999999999999999999", "/directory/%00", "/directory/JL9'--", "/pay/sim/%00", "/x"],
)
def test_nonsense_in_an_address_is_not_found(visitor: Visitor, loaded: Room, path: str) -> None:
    assert visitor.open(path).status == 404
