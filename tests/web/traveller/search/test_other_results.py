"""Words find more than stays: trains and activities, the directory, pages that explain."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask

from catalog.bulk.directory_loading import DATA, import_directory
from catalog.geography.reference_loading import load_reference
from catalog.geography.reference_queries import source_cities
from catalog.labels import label
from catalog.search.guide_pages import guide
from catalog.search.indexes.port import DocKind
from catalog.vocabulary import Category, Cluster, ListingKind, Theme
from marketplace.bootstrap import Services
from marketplace.sample import load_sample
from marketplace.web.forms.reader import FormReader
from marketplace.web.traveller.search.other_results import MOST_PAGES, page_item
from marketplace.web.traveller.search.question import read_search
from tests.factories import make_enterprise, make_listing
from tests.web.traveller.looking import index_all
from tests.web.traveller.visitor import Page, Visitor

SECTIONS = {"rides": "列车和活动", "entries": "企业名录", "pages": "帮助和介绍"}


@pytest.fixture
def whole(services: Services) -> Services:
    """The directory, the sample and the reference, as the product starts with them."""
    load_reference(services.database, folder=DATA)
    import_directory(services.database, DATA / "directory-places.csv", clock=services.clock)
    load_sample(services.database, clock=services.clock, days=60)
    index_all(services)
    return services


def links_of(page: Page, key: str) -> list[str]:
    """Return where a section of what was found leads, without the question that goes along."""
    part = re.search(rf'<section[^>]*"s-{key}">(.*?)</section>', page.html, re.DOTALL)
    return [
        re.sub(r"[?&]search=[^&#]*", "", unescape(link)).removesuffix("&nights=30&adults=2")
        for link in (re.findall(r'<a class="pick" href="([^"]+)"', part[1]) if part else [])
    ]


def found_in(page: Page) -> set[str]:
    """Return the sections that hold anything."""
    stays = {"stays"} if re.search(r"共\d+处|Places: \d+|\d+ places", page.text) else set()
    return stays | {key for key in SECTIONS if links_of(page, key)}


def test_every_word_the_home_page_and_its_doors_promise_finds_something(
    visitor: Visitor, whole: Services
) -> None:
    promised = [
        "避暑长住",
        "温泉康养",
        "专列出行",
        "带全家来",
        "泡汤",
        "静养",
        "坐火车来",
        "老人孩子一起住",
        "有电梯",
        "没有台阶",
        "离医院近",
        "替父母订",
        "打电话",
        "专列",
        "森林小火车",
        "采摘",
        "家庭",
        "家庭同游",
        "氡泉",
        "中医药",
        "药膳",
        "森林木屋",
        "人参",
        "避暑",
        "候鸟",
        "订单",
        "退款",
        *(label(one) for one in Theme),
        *(label(one) for one in Cluster),
        *(label(one) for one in Category),
        "train",
        "family",
        "hot spring",
        "ski",
        "insurance",
        "refund",
        "zhuanlie",
        "caizhai",
        "jiating",
        "wuhan",
        "yibao",
        "tuikuan",
        *(label(one, "en") for one in Theme),
    ]
    nothing = []
    for word in promised:
        page = visitor.open(f"/search?q={word}")
        assert page.status == 200, word
        if not found_in(page):
            nothing.append(word)
    assert nothing == []


NEAREST = (
    ("专列", "rides", "/directory/JL021"),
    ("专列", "pages", "/trains"),
    ("森林小火车", "rides", "/directory/JL019"),
    ("森林小火车", "pages", "/trains"),
    ("采摘", "entries", "/directory/JL080"),
    ("家庭", "pages", "/family"),
    ("滑雪", "entries", "/directory/JL116"),
    ("滑雪", "pages", "/help#winter"),
    ("skiing", "pages", "/help#winter"),
    ("医保", "pages", "/help#insurance"),
    ("yibao", "pages", "/help#insurance"),
    ("武汉", "pages", "/search?from=420100"),
    ("wuhan", "pages", "/search?from=420100"),
    ("北京", "pages", "/search?from=110100"),
    ("湖北", "pages", "/search?from=420100"),
    ("退款", "pages", "/help#refund"),
    ("怎么取消", "pages", "/help#refund"),
    ("能不能退款", "pages", "/help#refund"),
    ("请问怎么订房", "pages", "/help#book"),
    ("天池", "pages", "/clusters/changbai"),
    ("氡泉", "entries", "/directory/JL005"),
    ("gaogouli", "entries", "/directory/JL089"),
)
"""Words, the section that answers them, and where it leads."""


def test_what_has_no_stay_is_answered_with_what_is_nearest(
    visitor: Visitor, whole: Services
) -> None:
    for word, key, path in NEAREST:
        page = visitor.open(f"/search?q={word}")
        assert path in links_of(page, key), word
        target = visitor.open(path)
        assert target.status == 200
        _, _, anchor = path.partition("#")
        assert not anchor or f'id="{anchor}"' in target.html


def test_radon_is_answered_with_the_spring_its_source_and_that_none_is_on_sale(
    visitor: Visitor, whole: Services
) -> None:
    page = visitor.open("/search?q=氡泉")
    assert "现在没有能预订的氡泉住处。" in page.text
    assert "仙人桥温泉" in page.text
    assert "来源：" in page.text
    assert links_of(page, "entries") == ["/directory/JL005"]
    plain = visitor.open("/search?q=温泉")
    assert "现在没有能预订的" not in plain.text


def test_what_nobody_has_is_answered_with_the_telephone_and_no_other_word(
    visitor: Visitor, whole: Services
) -> None:
    for word in ("签证", "潜水", "visa", "diving", "赌场", "乾安"):
        page = visitor.open(f"/search?q={word}")
        assert page.status == 200
        assert f"没有写到“{word}”的住处" in page.text
        assert "列车、活动、名录和帮助里也没有" in page.text
        assert any(link.startswith("tel:") for link in page.links)
        assert "/help" in page.links
        assert "按“" not in page.text, "no other word is put in its place"


def test_activities_and_trains_on_sale_are_found_by_words_and_follow_changes(
    visitor: Visitor, services: Services
) -> None:
    with services.database.write() as session:
        enterprise_id = make_enterprise(session)
        made = {
            kind: make_listing(
                session, enterprise_id=enterprise_id, kind=kind, name_zh=f"海棠湖畔{word}"
            )
            for kind, word in ((ListingKind.ACTIVITY, "采蘑菇"), (ListingKind.RAIL, "慢火车"))
        }
    index_all(services)
    page = visitor.open("/search?q=海棠湖畔")
    assert set(links_of(page, "rides")) == {f"/listings/{key}" for key in made.values()}
    assert "没有写到“海棠湖畔”的住处" in page.text


def test_other_pages_of_results_do_not_say_it_again(visitor: Visitor, whole: Services) -> None:
    assert links_of(visitor.open("/search?q=温泉"), "pages")
    assert not links_of(visitor.open("/search?q=温泉&page=2"), "pages")
    assert not links_of(visitor.open("/search"), "pages")


def test_every_page_of_the_guide_is_found_by_its_title_and_opens(
    app: Flask, visitor: Visitor, whole: Services
) -> None:
    with whole.database.read() as session:
        pages = guide(session)
        cities = {city.adcode: city for city in source_cities(session)}
    assert len({page.key for page in pages}) == len(pages)
    opened = set()
    for page in pages:
        for title in (page.zh, page.en):
            hits = whole.words.search(title, kind=DocKind.GUIDE)
            assert page in whole.words.pages(hits, limit=MOST_PAGES), title
        with app.test_request_context("/search"):
            form = read_search(FormReader(), today=whole.clock.now().date())
            path, _, anchor = page_item(page, form, cities).url.partition("#")
        if not page.key.startswith("city:") or not opened & {"city"}:
            target = visitor.open(path)
            assert target.status == 200, path
            assert not anchor or f'id="{anchor}"' in target.html, anchor
        opened.add(page.key.partition(":")[0])
    assert opened == {"page", "help", "theme", "cluster", "city"}
