"""Nothing found is never the end: other dates, other places, what comes nearest, a telephone."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from urllib.parse import urlencode

import pytest

from catalog.vocabulary import Cluster
from marketplace.bootstrap import Services
from tests.factories import Room, make_enterprise, make_listing, make_room
from tests.web.traveller.looking import STAY, index_all, names, questions
from tests.web.traveller.visitor import Page, Visitor


@pytest.fixture
def late(services: Services) -> Room:
    """A place with a lift in Ji'an that opens on 10 July."""
    with services.database.write() as session:
        enterprise_id = make_enterprise(session, clusters=(Cluster.JIAN,))
        listing_id = make_listing(session, enterprise_id=enterprise_id, lift=True)
        return make_room(session, listing_id=listing_id, first_day=dt.date(2027, 7, 10))


def test_the_nearest_free_windows_are_offered_with_their_price(
    visitor: Visitor, late: Room
) -> None:
    page = visitor.open(STAY + "&access=lift")
    assert page.status == 200
    assert "这些日子没有合适的空房" in page.text
    assert "别的日子有空房" in page.text
    assert "2027年7月10日 星期六到" in page.text
    assert "1处，总价¥5,100起" in page.text
    (other,) = [args for args in questions(page) if args.get("arrive") == ["2027-07-10"]]
    assert (other["nights"], other["access"]) == (["30"], ["lift"])
    found = visitor.open("/search?arrive=2027-07-10&nights=30&access=lift")
    assert names(found) == [f"/listings/{late.listing_id}"]


def test_a_flexible_question_is_offered_plain_dates(visitor: Visitor, late: Room) -> None:
    page = visitor.open("/search?when=within&month_from=2027-06&month_to=2027-06&nights=20")
    others = [args for args in questions(page) if args.get("arrive") == ["2027-07-10"]]
    assert others
    assert all(args["nights"] == ["20"] for args in others)
    assert not any(args.keys() & {"when", "month_from", "month_to"} for args in others)


def test_other_clusters_are_offered_with_their_counts(visitor: Visitor, loaded: Room) -> None:
    page = visitor.open(STAY + "&cluster=hunchun")
    assert "别的地方有空房" in page.text
    sisters = [args for args in questions(page) if args.get("cluster") == ["changbai"]]
    assert sisters
    assert all(args["arrive"] == ["2027-07-01"] for args in sisters)
    assert "长白山集聚区1处" in page.text


def test_the_closest_are_shown_and_what_was_left_aside_is_said(
    visitor: Visitor, loaded: Room
) -> None:
    page = visitor.open(STAY + "&cluster=changbai&access=lift&band=to_3000&food=soft")
    assert "没有管这些条件：" in page.text
    left_aside = page.text.split("没有管这些条件：")[1][:60]
    for words in ("每月3000元以内", "软烂易嚼", "有电梯"):
        assert words in left_aside
    assert names(page) == [f"/listings/{loaded.listing_id}"]
    assert "30晚总价" in page.text


def test_no_dates_are_left_aside_by_dates_that_are_free(visitor: Visitor, loaded: Room) -> None:
    page = visitor.open(STAY + "&q=没有这个词&cluster=changbai")
    assert "词语“没有这个词”" in page.text.split("没有管这些条件：")[1][:40]
    assert names(page) == [f"/listings/{loaded.listing_id}"]


def test_too_many_people_for_a_room_are_offered_more_rooms(visitor: Visitor, loaded: Room) -> None:
    page = visitor.open("/search?arrive=2027-07-01&nights=60&adults=4")
    assert "分住2间房" in page.text
    assert any(args.get("rooms") == ["2"] for args in questions(page))
    assert names(visitor.open("/search?arrive=2027-07-01&nights=60&adults=4&rooms=2"))


def test_fewer_nights_are_offered_where_they_find_something(visitor: Visitor, loaded: Room) -> None:
    page = visitor.open("/search?arrive=2027-07-01&nights=other&nights_other=100&adults=2")
    assert "只住30晚1处" in page.text
    (shorter,) = [args for args in questions(page) if args.get("nights") == ["30"]]
    assert names(visitor.open("/search?" + urlencode(shorter, doseq=True)))
    page = visitor.open("/search?arrive=2027-07-01&nights=60&adults=4")
    assert "只住30晚" not in page.text


def test_a_price_that_nothing_has_leaves_other_dates_without_it(
    visitor: Visitor, late: Room
) -> None:
    page = visitor.open(STAY + "&band=to_3000")
    assert "没有管每月的价钱" in page.text
    (other,) = [args for args in questions(page) if args.get("arrive") == ["2027-07-10"]]
    assert "band" not in other


def test_with_nothing_on_sale_at_all_there_is_still_a_telephone(
    visitor: Visitor, services: Services
) -> None:
    index_all(services)
    for url in ("/search", STAY, "/search?q=温泉", STAY + "&cluster=jian", "/search/filters"):
        page = visitor.open(url)
        assert page.status == 200
        assert any(link.startswith("tel:") for link in page.links)
    assert "没有找到合适的住处" in visitor.open("/search").text
    assert any(args == {} for args in questions(visitor.page))


def relaxed(page: Page) -> dict[str, str]:
    """Return {what leaving one condition aside is called and finds: where it leads}."""
    part = page.html.split("去掉一条就有")[1].split("</div>")[0]
    links = re.findall(r'<a class="pick" href="([^"]+)">(.*?)</a>', part, re.DOTALL)
    return {re.sub(r"<[^>]+>|\s+", "", words): unescape(url) for url, words in links}


@pytest.mark.parametrize(
    ("asked", "reason", "said"),
    [
        ("band=to_3000", "每月3000元以内", "不要求每月3000元以内1处，总价¥5,100起"),
        ("access=lift", "有电梯", "不要求有电梯1处，总价¥5,100起"),
        ("access=lift&access=no_steps", "有电梯", "不要求有电梯1处，总价¥5,100起"),
        ("food=halal", "清真", "不要求清真1处，总价¥5,100起"),
        ("theme=tcm", "中医药康养", "不要求中医药康养1处，总价¥5,100起"),
        ("cluster=jian", "集安集聚区", "不要求集安集聚区1处，总价¥5,100起"),
        ("family=family", "三代人能同住", "不要求三代人能同住1处，总价¥5,100起"),
        ("hospital=15", "到医院15分钟以内", "不要求到医院15分钟以内1处，总价¥5,100起"),
    ],
)
def test_the_one_condition_in_the_way_is_named_with_what_there_is_without_it(
    visitor: Visitor, loaded: Room, asked: str, reason: str, said: str
) -> None:
    page = visitor.open(f"{STAY}&{asked}")
    assert names(page) == [f"/listings/{loaded.listing_id}"], "the closest"
    assert f"只因为这一条：{reason}" in page.text.replace(" ", "")
    found = relaxed(page)
    assert list(found) == [said]
    again = visitor.open(found[said])
    assert "共1处" in again.text
    assert "去掉一条就有" not in again.text
    if "no_steps" in asked:
        assert "access=no_steps" in found[said], "what is there is still asked for"


def test_people_in_the_way_are_told_how_many_rooms_and_what_that_costs_them(
    visitor: Visitor, loaded: Room
) -> None:
    page = visitor.open("/search?arrive=2027-07-01&nights=30&adults=4")
    (said,) = relaxed(page)
    assert said == "分住2间房1处，总价¥10,200起"
    assert "只因为这一条：4位住1间房" in page.text.replace(" ", "")
    assert "只住1间房（按2间房算）" in page.text
    assert "30晚总价¥10,200" in page.text.replace(" ", ""), "the closest is priced for all four"
    assert "¥5,100" not in page.text
    again = visitor.open(relaxed(page)[said])
    assert "共1处" in again.text
    assert "¥10,200" in again.text


def test_dates_in_the_way_are_told_with_the_price_of_a_month(visitor: Visitor, late: Room) -> None:
    found = relaxed(visitor.open(STAY + "&access=lift"))
    assert list(found) == ["先不定日子1处，每月（30晚）¥6,000起"]
    assert "arrive" not in found["先不定日子1处，每月（30晚）¥6,000起"]


def test_two_conditions_that_are_both_in_the_way_are_not_said_to_be_one(
    visitor: Visitor, loaded: Room
) -> None:
    page = visitor.open(STAY + "&band=to_3000&access=lift")
    assert "只因为这一条" not in page.text
    assert "去掉一条就有" not in page.text
    assert "没有管这些条件：" in page.text
