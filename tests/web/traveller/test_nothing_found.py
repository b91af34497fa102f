"""Nothing found is never the end: other dates, other places, what comes nearest, a telephone."""

from __future__ import annotations

import datetime as dt

import pytest

from catalog.vocabulary import Cluster
from marketplace.bootstrap import Services
from tests.factories import Room, make_enterprise, make_listing, make_room
from tests.web.traveller.looking import STAY, index_all, names, questions
from tests.web.traveller.visitor import Visitor


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
    assert "只住30晚" in page.text
    assert names(visitor.open("/search?arrive=2027-07-01&nights=60&adults=4&rooms=2"))


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
