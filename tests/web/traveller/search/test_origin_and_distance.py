"""What is said to a traveller from a certain city, and how far a place is from another."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from catalog.models import Site, Station
from catalog.vocabulary import Datum, Slope
from marketplace.bootstrap import Services
from marketplace.kernel import changes
from tests.factories import NOW, Room, make_enterprise, make_listing, make_room
from tests.web.traveller.looking import STAY, names, questions
from tests.web.traveller.visitor import Visitor

BEIJING, WUHAN = "&from=110100", "&from=420100"
NORTH_TRAIN = "北京朝阳到长白山站（二道白河，长白山北坡）最快4小时33分（2025年的数字）"


def station(code: str, name: str, slope: Slope, town: str, lat: float) -> Station:
    return Station(
        code=code,
        name_zh=name,
        name_en=f"{town} railway station",
        town_zh=town,
        town_en=town,
        slope=slope,
        adcode="222426",
        lat=lat,
        lon=128.12,
        datum=Datum.WGS84,
        coord_error_km=1.0,
    )


@pytest.fixture
def houses(services: Services, reference: None) -> dict[str, Room]:
    """One place by each station of Changbai Mountain, and one in Changchun near none."""
    with services.database.write() as session:
        stations = [
            station("JL123", "长白山站", Slope.NORTH, "二道白河", 42.46),
            station("JL124", "长白山西站", Slope.WEST, "松江河", 42.19),
        ]
        session.add_all(stations)
        session.flush()
        north, west = (one.id for one in stations)
        made = {}
        for name, station_id, facts, lat in (
            ("north", north, {}, 42.40),
            ("west", west, {}, 42.18),
            ("changchun", None, {"prefecture": "长春市", "county": "双阳区"}, 43.5),
        ):
            enterprise_id = make_enterprise(session, **facts)
            session.execute(
                sa.update(Site)
                .where(Site.enterprise_id == enterprise_id)
                .values(nearest_station_id=station_id, lat=lat)
            )
            made[name] = make_room(
                session, listing_id=make_listing(session, enterprise_id=enterprise_id, name_zh=name)
            )
            changes.record(session, changes.LISTING, made[name].listing_id, now=NOW)
        return made


def card(visitor: Visitor, url: str, room: Room) -> str:
    """Return the words of one card of a page."""
    html = visitor.open(url).html
    (found,) = [
        part for part in html.split("<article")[1:] if f"/listings/{room.listing_id}?" in part
    ]
    return found.split("</article>")[0]


class TestOrigin:
    def test_without_one_nothing_is_said(self, visitor: Visitor, houses: dict[str, Room]) -> None:
        text = visitor.open(STAY).text
        for words in ("凉快6", "℃", "最快4小时", "年的数字"):
            assert words not in text

    def test_july_is_compared_in_changchun_alone(
        self, visitor: Visitor, houses: dict[str, Room]
    ) -> None:
        words = "比武汉七月凉快6.9℃（2008、2009两年平均，长春的数字）"
        assert words in card(visitor, STAY + WUHAN, houses["changchun"])
        for elsewhere in ("north", "west"):
            assert "℃" not in card(visitor, STAY + WUHAN, houses[elsewhere])
        assert "气温取自国家统计年鉴" in visitor.page.text

    def test_the_source_is_only_named_where_a_figure_is(
        self, visitor: Visitor, services: Services, houses: dict[str, Room]
    ) -> None:
        text = visitor.open("/search?from=420100&cluster=changbai&q=").text
        assert "气温取自国家统计年鉴" in text
        assert "气温取自国家统计年鉴" not in visitor.open("/search?q=").text

    def test_the_train_is_said_for_its_station_and_no_other(
        self, visitor: Visitor, houses: dict[str, Room]
    ) -> None:
        assert NORTH_TRAIN in card(visitor, STAY + BEIJING, houses["north"])
        for elsewhere in ("west", "changchun"):
            assert "最快" not in card(visitor, STAY + BEIJING, houses[elsewhere])

    def test_a_city_without_a_train_is_told_of_none(
        self, visitor: Visitor, houses: dict[str, Room]
    ) -> None:
        assert "最快" not in card(visitor, STAY + WUHAN, houses["north"])

    def test_it_is_kept_said_and_can_be_taken_back(
        self, visitor: Visitor, houses: dict[str, Room]
    ) -> None:
        page = visitor.open(STAY + WUHAN)
        assert "从武汉来。" in page.text
        assert "去掉：从武汉来" in page.text
        assert "挑条件（" not in page.text  # nothing of that page is chosen
        assert page.form(holding="from").fields["from"] == "420100"
        kept = [args.get("from") for args in questions(page) if "sort" in args]
        assert kept
        assert set(map(str, kept)) == {"['420100']"}
        assert any("from" not in args and args.get("arrive") for args in questions(page))

    def test_in_english(self, visitor: Visitor, houses: dict[str, Room]) -> None:
        found = visitor.open("/en" + STAY + BEIJING).text
        assert "Beijing Chaoyang to 二道白河 railway station" in found
        assert "in 4 h 33 min at the fastest (figure of 2025)" in found
        assert "July is 4.2 °C cooler than in Beijing" in found


class TestNearness:
    def test_the_nearest_come_first_with_distance_and_error(
        self, visitor: Visitor, houses: dict[str, Room]
    ) -> None:
        page = visitor.open(STAY + "&near=station:JL123")
        order = [houses[name].listing_id for name in ("north", "west", "changchun")]
        assert names(page) == [f"/listings/{key}" for key in order]
        assert "离长白山站直线约7公里（误差约9公里，位置只到乡镇）" in page.text
        assert "去掉：离长白山站近" in page.text
        assert "离长白山站近的在前" in page.text

    def test_another_order_may_be_chosen_all_the_same(
        self, visitor: Visitor, houses: dict[str, Room]
    ) -> None:
        page = visitor.open(STAY + "&near=station:JL123&sort=price")
        assert "离长白山站直线约" in page.text
        orders = {args["sort"][0] for args in questions(page) if "sort" in args}
        assert orders == {"relevance", "price", "month", "hospital", "near"}
        back = [args for args in questions(page) if "arrive" in args and "near" not in args]
        assert [args.get("sort") for args in back] == [["price"]], "the order that was chosen stays"

    def test_a_town_will_do(self, visitor: Visitor, houses: dict[str, Room]) -> None:
        page = visitor.open(STAY + "&near=town:二道白河")
        assert "离二道白河直线约" in page.text

    def test_the_order_asks_for_a_place_where_none_is_named(
        self, visitor: Visitor, houses: dict[str, Room]
    ) -> None:
        page = visitor.open(STAY)
        (link,) = [link for link in page.links if link.endswith("#f-near")]
        filters = visitor.open(link)
        assert '<option value="station:JL124" lang="zh-CN">长白山西站</option>' in filters.html
        assert filters.form(holding="near").fields["sort"] == "near"
        assert names(visitor.send("near", near="station:JL124"))[0] == (
            f"/listings/{houses['west'].listing_id}"
        )

    def test_the_order_without_a_place_is_the_usual_one(
        self, visitor: Visitor, houses: dict[str, Room]
    ) -> None:
        assert names(visitor.open(STAY + "&sort=near")) == names(visitor.open(STAY))
