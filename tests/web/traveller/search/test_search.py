"""The page of results: what it says of a question, in which order, and at what cost."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from catalog.search.query_parser import Taken, Understood, Why
from catalog.vocabulary import Theme
from marketplace.bootstrap import Services
from marketplace.web.protection import limits
from tests.factories import Room
from tests.web.traveller.journey import Journey
from tests.web.traveller.looking import (
    STAY,
    counted,
    dates_form,
    index_all,
    more_listings,
    names,
    questions,
)
from tests.web.traveller.visitor import Page, Visitor


def test_a_card_says_the_exact_total_that_the_quote_says(
    journey: Journey, visitor: Visitor
) -> None:
    page = visitor.open(STAY)
    assert "30晚总价¥5,100" in page.text.replace(" ", "")
    assert "¥5,100" in journey.quote().text


def test_a_card_says_total_then_month_then_night(visitor: Visitor, loaded: Room) -> None:
    text = visitor.open("/search?arrive=2027-07-01&nights=60").text.replace(" ", "")
    total, month, night = (
        text.index(words) for words in ("60晚总价¥10,200", "每月（30晚）约¥5,100", "每晚约¥170")
    )
    assert total < month < night


def test_the_question_is_said_back_with_weekday_and_lunar_date(
    visitor: Visitor, loaded: Room
) -> None:
    page = visitor.open(STAY + "&children=1&access=no_steps&cluster=changbai&rooms=2")
    for words in ("2027年7月1日 星期四", "农历五月廿七", "住30晚", "2027年7月31日 星期六离开"):
        assert words in page.text
    for words in ("大人2位，小孩1位，2间房", "去掉：长白山集聚区", "去掉：进门没有台阶"):
        assert words in page.text


def test_without_dates_a_month_price_is_shown_and_no_total(visitor: Visitor, loaded: Room) -> None:
    for url in ("/search", "/search?when=open", "/search?nights=any&arrive=2027-07-01"):
        page = visitor.open(url)
        assert "¥6,000" in page.text
        assert "每晚约¥200起" in page.text
        assert "晚总价" not in page.text
    assert "住几晚还没定" in page.text


def test_a_card_leads_to_the_listing_with_dates_and_people(visitor: Visitor, loaded: Room) -> None:
    page = visitor.open(STAY + "&children=1&q=&cluster=changbai")
    (link,) = [link for link in page.links if link.startswith("/listings/")]
    args = parse_qs(urlsplit(link).query)
    assert parse_qs(args.pop("search")[0])["cluster"] == ["changbai"]
    assert args == {
        "arrive": ["2027-07-01"],
        "nights": ["30"],
        "adults": ["2"],
        "children": ["1"],
        "room_type": [str(loaded.room_type_id)],
    }


def test_ten_cards_a_page_and_a_page_beyond_the_end_is_the_last(
    visitor: Visitor, services: Services
) -> None:
    more_listings(services, 23)
    first = visitor.open(STAY)
    assert len(names(first)) == 10
    assert "共23处" in first.text
    assert "没有第" not in first.text
    last = visitor.open(STAY + "&page=99")
    assert len(names(last)) == 3
    assert "没有第99页，这是最后一页" in last.text
    assert "page=2" in "".join(last.links)


@pytest.mark.parametrize("page", ["0", "-3", "two", "1e9", "", "99999999999"])
def test_a_page_number_that_makes_no_sense_is_the_first(
    visitor: Visitor, loaded: Room, page: str
) -> None:
    answer = visitor.open(f"{STAY}&page={page}")
    assert (answer.status, len(names(answer))) == (200, 1)
    assert "没有第" not in answer.text


class TestOrder:
    @pytest.mark.parametrize("sort", ["price", "month"])
    def test_by_price_the_cheapest_come_first(
        self, visitor: Visitor, services: Services, sort: str
    ) -> None:
        rooms = more_listings(services, 3)
        page = visitor.open(f"{STAY}&sort={sort}")
        assert names(page) == [f"/listings/{room.listing_id}" for room in rooms]

    def test_every_order_can_be_chosen_and_keeps_the_question(
        self, visitor: Visitor, loaded: Room
    ) -> None:
        page = visitor.open(STAY + "&cluster=changbai")
        for words in ("最合适的在前", "总价低的在前", "每月价格低的在前", "离车站或城镇近的在前"):
            assert words in page.text
        asked = {args["sort"][0]: args for args in questions(page) if "sort" in args}
        assert {"relevance", "price", "month"} <= asked.keys()
        assert all(args["arrive"] == ["2027-07-01"] for args in asked.values())
        assert all(args["cluster"] == ["changbai"] for args in asked.values())

    def test_a_total_cannot_be_sorted_by_while_there_is_none(
        self, visitor: Visitor, loaded: Room
    ) -> None:
        assert "总价低的在前" not in visitor.open("/search").text

    def test_it_is_said_that_nobody_can_pay_for_a_place_in_it(
        self, visitor: Visitor, loaded: Room
    ) -> None:
        assert "谁也不能花钱排到前面" in visitor.open("/search").text


class TestWords:
    def test_are_looked_for_in_the_index(self, visitor: Visitor, services: Services) -> None:
        more_listings(services, 2)
        wanted = more_listings(services, 1, name_zh="桦树温泉长住", theme=Theme.HOT_SPRING)[0]
        index_all(services)
        address = f"/listings/{wanted.listing_id}"
        assert names(visitor.open("/search?q=桦树温泉")) == [address]
        assert names(visitor.open("/search?theme=hot_spring")) == [address]

    @pytest.fixture
    def taken(
        self,
        monkeypatch: pytest.MonkeyPatch,
        visitor: Visitor,
        services: Services,
        loaded: Room,
    ) -> Callable[..., Page]:
        """Look for words that are taken as given."""

        def look(*parts: Taken, corrected: bool = False, suggestion: str | None = None) -> Page:
            def search(_words: object, typed: str, **_kind: object) -> Understood:
                empty = Understood.nothing(typed)
                return Understood(typed, "温泉", parts, corrected, suggestion, empty.hits)

            monkeypatch.setattr(type(services.words), "search", search)
            return visitor.open("/search?q=wenqaun&cluster=jian")

        return look

    @pytest.mark.parametrize(
        ("why", "words"),
        [
            (Why.PINYIN, "“wenquan”按“温泉”找的。"),
            (Why.INITIALS, "“wenquan”按“温泉”找的。"),
            (Why.VARIANT, "“wenquan”按“温泉”找的。"),
            (Why.SYNONYM, "“wenquan”，连“温泉”一起找的。"),
            (Why.TYPO, "没有“wenquan”，按“温泉”找的。"),
        ],
    )
    def test_taken_as_others_are_said(
        self, taken: Callable[..., Page], why: Why, words: str
    ) -> None:
        assert words in taken(Taken("wenquan", "温泉", why)).text

    def test_corrected_as_a_whole_are_said(self, taken: Callable[..., Page]) -> None:
        assert "没有“wenqaun”，按“温泉”找的。" in taken(corrected=True).text

    def test_that_may_be_meant_are_a_link_that_keeps_the_question(
        self, taken: Callable[..., Page]
    ) -> None:
        page = taken(suggestion="温泉")
        assert "您要找的是不是" in page.text
        assert any(
            args.get("q") == ["温泉"] and args.get("cluster") == ["jian"]
            for args in questions(page)
        )

    def test_that_are_plain_need_no_words(
        self, visitor: Visitor, services: Services, loaded: Room
    ) -> None:
        index_all(services)
        text = visitor.open("/search?q=林间").text
        assert "找的是“林间”" in text
        assert "按“" not in text
        assert "没有“" not in text

    @pytest.mark.parametrize(
        "typed",
        [
            "' OR 1=1 --", "name:* AND (", "<script>alert(1)</script>", "%25%27%3B", "*", "AND",
            "../../etc", "{{7*7}}", "\u202e温泉", "温\t泉%0d%0a",
        ],
    )  # fmt: skip
    def test_of_any_kind_are_words_and_nothing_else(
        self, visitor: Visitor, services: Services, loaded: Room, typed: str
    ) -> None:
        index_all(services)
        page = visitor.open(f"/search?q={typed}")
        assert page.status in (200, 422)
        assert "<script>alert" not in page.html
        assert "49" not in page.form(holding="q").fields["q"]

    @pytest.mark.parametrize("typed", ["🙂🙂", "。。。", "——", "？"])
    def test_without_a_word_in_them_are_named_and_left_aside(
        self, visitor: Visitor, loaded: Room, typed: str
    ) -> None:
        page = visitor.open(f"/search?q={typed}")
        assert page.status == 422
        assert "这里没有可以找的字" in page.text
        assert len(names(page)) == 1
        assert page.form(holding="q").fields["q"] == typed

    def test_in_letters_that_nothing_here_is_written_with_are_named(
        self, visitor: Visitor, services: Services, loaded: Room
    ) -> None:
        index_all(services)
        page = visitor.open("/search?q=สวัสดี")
        assert page.status == 422
        assert "这里没有可以找的字" in page.text


def test_bad_input_is_answered_in_plain_words_with_everything_kept(
    visitor: Visitor, loaded: Room
) -> None:
    page = visitor.open(f"/search?arrive=2020-01-01&q={'温' * 61}%01&adults=0")
    assert page.status == 422
    for words in ("到达日期已经过去", "最多写60个字", "大人请写 1 到 20"):
        assert words in page.text
    assert page.form(holding="q").fields["q"] == "温" * 60
    form = dates_form(page)
    assert (form.fields["arrive"], form.fields["adults"]) == ("2020-01-01", "0")
    assert form.fields["q"] == "温" * 60


def test_searches_are_limited_for_each_address(
    visitor: Visitor, loaded: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SEARCH", limits.parse("3 per minute"))
    urls = ["/search", "/search/filters", "/search", "/search"]
    assert [visitor.open(url).status for url in urls] == [200, 200, 200, 429]


@pytest.mark.parametrize("asked", ["", "&when=around&from=110100&access=no_steps"])
def test_a_page_of_results_asks_the_database_the_same_however_many_there_are(
    visitor: Visitor, services: Services, reference: None, asked: str
) -> None:
    more_listings(services, 2)
    visitor.open(STAY + asked)
    with counted(services) as few:
        visitor.open(STAY + asked)
    more_listings(services, 8)
    visitor.open(STAY + asked)
    with counted(services) as many:
        page = visitor.open(STAY + asked)
    assert (page.status, len(names(page))) == (200, 10)
    assert len(many) == len(few) <= 8, many


def test_the_drawing_follows_the_season(visitor: Visitor, loaded: Room) -> None:
    later = dt.date(2027, 9, 2).isoformat()
    page = visitor.open(f"/search?arrive={later}&nights=other&nights_other=5")
    assert re.search(r"img/forest-autumn\.[0-9a-f]+\.svg", page.html)


def test_the_diagram_counts_the_places_and_leads_to_them_and_back(
    visitor: Visitor, loaded: Room
) -> None:
    page = visitor.open(STAY + "&access=no_steps")
    to_changbai = [args for args in questions(page) if args.get("cluster") == ["changbai"]]
    assert to_changbai
    assert all(args["access"] == ["no_steps"] for args in to_changbai)
    page = visitor.open(STAY + "&access=no_steps&cluster=changbai")
    assert "✓ 已选" in page.text
    back = [args for args in questions(page) if "cluster" not in args and "sort" not in args]
    kept = [args for args in back if args.get("access") == ["no_steps"]]
    assert len(kept) == 3, "the condition itself, the drawing and the words beneath it"
