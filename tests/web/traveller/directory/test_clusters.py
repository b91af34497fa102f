"""Pages of clusters and themes over the real directory, and the diagram that leads to them."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from catalog.bulk.directory_loading import import_directory
from catalog.editorial.clusters import CLUSTERS
from catalog.geography.reference_loading import load_reference
from catalog.labels import label
from catalog.models import Enterprise
from catalog.search.refresh import build
from catalog.states import EnterpriseStatus
from catalog.vocabulary import Cluster, Theme
from marketplace.bootstrap import Services
from marketplace.kernel import changes
from marketplace.settings import ROOT
from marketplace.web.traveller.seo.page_heads import slug_of
from tests.factories import make_enterprise, make_listing, make_room
from tests.web.traveller.search.test_search import counted
from tests.web.traveller.visitor import Page, Visitor

PLACES = {"hunchun": 13, "changbai": 36, "jian": 13, "ring-changbai-springs": 31, "cjs-springs": 23}
"""Places of the directory in each cluster; stations are none."""


@pytest.fixture
def directory(services: Services) -> None:
    """The real directory and the reference figures, without anything to book."""
    load_reference(services.database, folder=ROOT / "data")
    import_directory(
        services.database, ROOT / "data" / "directory-places.csv", clock=services.clock
    )


def links_to(page: Page, start: str) -> list[str]:
    return [link for link in page.links if link.startswith(start)]


def bookable(services: Services, cluster: Cluster, count: int = 1) -> None:
    """Put stays of a cluster on sale."""
    with services.database.write() as session:
        enterprise_id = make_enterprise(session, clusters=(cluster,))
        for _ in range(count):
            make_room(session, listing_id=make_listing(session, enterprise_id=enterprise_id))


@pytest.mark.usefixtures("directory")
class TestCluster:
    def test_every_one_has_its_places_facts_and_gaps(self, visitor: Visitor) -> None:
        for cluster in Cluster:
            slug = slug_of(cluster)
            page = visitor.open(f"/clusters/{slug}")
            assert page.status == 200, slug
            assert label(cluster) in page.text
            assert f"名录里的地方，共{PLACES[slug]}处" in page.text, slug
            assert len(links_to(page, "/directory/JL")) >= 10
            for told in (CLUSTERS[cluster].lede, *CLUSTERS[cluster].gaps):
                assert told.zh in page.text, slug
            for fact in CLUSTERS[cluster].facts:
                assert fact.zh in page.text, slug
                assert fact.source.zh in page.text, slug

    def test_the_two_stations_of_changbai_stand_with_their_slopes_and_towns(
        self, visitor: Visitor
    ) -> None:
        text = visitor.open("/clusters/changbai").text
        assert "长白山站在二道白河，长白山北坡" in text
        assert "从北京朝阳来，最快4小时33分（2025年的时刻）" in text
        assert "长白山西站在松江河，长白山西坡从沈阳北来，最快1小时39分（2025年的时刻）" in text

    def test_a_train_time_too_old_to_plan_with_is_not_given(self, visitor: Visitor) -> None:
        text = visitor.open("/clusters/hunchun").text
        assert "珲春站在珲春没有可用的车次时间，请打电话问。" in text
        assert "从长春来" not in text

    def test_a_figure_that_nobody_measured_is_not_printed(self, visitor: Visitor) -> None:
        july = re.compile(r"七月平均\s*\d")
        assert july.search(visitor.open("/clusters/cjs-springs").text)
        for slug in PLACES.keys() - {"cjs-springs"}:
            assert not july.search(visitor.open(f"/clusters/{slug}").text), slug

    def test_its_places_are_read_page_by_page(self, visitor: Visitor) -> None:
        seen: list[str] = []
        for number in range(1, 5):
            page = visitor.open(f"/clusters/ring-changbai-springs?page={number}")
            rows = page.html.partition('<ul class="rows">')[2].partition("</ul>")[0]
            seen += re.findall(r'href="/directory/(JL\d+)"', rows)
        assert len(seen) == len(set(seen)) == PLACES["ring-changbai-springs"]
        assert visitor.open("/clusters/ring-changbai-springs?page=99").text == page.text
        assert "查到的事" not in page.text, "the second page is the list alone"
        again = visitor.open("/clusters/ring-changbai-springs")
        assert "/clusters/ring-changbai-springs?page=2#places" in again.links

    def test_where_nothing_can_be_booked_somebody_is_called(self, visitor: Visitor) -> None:
        page = visitor.open("/clusters/jian")
        assert "这里还没有能在网上预订的住处" in page.text
        assert not links_to(page, "/search?cluster=")

    def test_stays_are_its_own_and_lead_to_the_full_search(
        self, services: Services, visitor: Visitor
    ) -> None:
        bookable(services, Cluster.JIAN, 5)
        bookable(services, Cluster.HUNCHUN)
        page = visitor.open("/clusters/jian")
        assert len(links_to(page, "/listings/")) == 3
        assert "全部5处住处" in page.text
        assert "示例数据" in page.text
        (search,) = set(links_to(page, "/search?cluster="))
        assert "共5处" in visitor.open(search).text

    def test_what_is_suspended_is_told_of_no_more(
        self, services: Services, visitor: Visitor
    ) -> None:
        told = "下活龙村在鸭绿江边"
        build(services.index, services.database)
        assert told in visitor.open("/clusters/jian").text
        with services.database.write() as session:
            changed = session.scalars(
                sa.update(Enterprise)
                .where(Enterprise.code == "JL092")
                .values(status=EnterpriseStatus.SUSPENDED)
                .returning(Enterprise.id)
            ).one()
            changes.record(session, changes.ENTERPRISE, changed, now=services.clock.now())
        page = visitor.open("/clusters/jian")
        assert told not in page.text
        assert "名录里的地方，共12处" in page.text
        assert "/directory/JL092" not in page.links

    def test_neighbours_and_the_way_back_are_linked(self, visitor: Visitor) -> None:
        page = visitor.open("/clusters/jian")
        assert {"/", "/clusters", "/clusters/changbai"} <= set(page.links)

    def test_asks_as_much_of_the_database_for_few_as_for_many(
        self, services: Services, visitor: Visitor
    ) -> None:
        bookable(services, Cluster.HUNCHUN, 3)
        bookable(services, Cluster.CHANGBAI, 12)
        visitor.open("/clusters/hunchun?page=1")
        with counted(services) as few:
            visitor.open("/clusters/hunchun")
        with counted(services) as many:
            visitor.open("/clusters/changbai")
        assert len(few) == len(many) <= 16


@pytest.mark.usefixtures("directory")
class TestTheme:
    def test_every_one_has_its_places(self, visitor: Visitor) -> None:
        found = 0
        for theme in Theme:
            page = visitor.open(f"/themes/{slug_of(theme)}")
            assert page.status == 200
            assert label(theme) in page.text
            counted_places = re.search(r"名录里的地方，共(\d+)处", page.text)
            assert counted_places is not None
            found += int(counted_places[1])
        assert found == 122

    def test_of_springs_says_who_should_ask_a_doctor_and_what_is_missing(
        self, visitor: Visitor
    ) -> None:
        text = visitor.open("/themes/hot-spring").text
        assert "有心脏病、高血压的，泡温泉前先问医生。" in text
        assert "松原一带还没有找到温泉。" in text
        assert "先问医生" not in visitor.open("/themes/forest").text

    def test_of_trains_leads_to_the_trains_and_offers_nothing_to_book(
        self, visitor: Visitor
    ) -> None:
        page = visitor.open("/themes/rail")
        assert "/trains" in page.links
        assert "能预订的住处" not in page.text
        assert links_to(page, "/search?") == []


@pytest.mark.usefixtures("directory")
class TestIndexes:
    def test_clusters_are_linked_from_diagram_list_and_card(self, visitor: Visitor) -> None:
        page = visitor.open("/clusters")
        for slug, count in PLACES.items():
            assert page.links.count(f"/clusters/{slug}") == 3, slug
            assert f"名录里的地方：{count}处" in page.text
        assert "2025年1月，省里公布了51家旅居养老机构。" in page.text

    def test_themes_are_linked(self, visitor: Visitor) -> None:
        page = visitor.open("/themes")
        assert len(links_to(page, "/themes/")) == len(Theme)

    def test_home_leads_to_both(self, visitor: Visitor) -> None:
        assert {"/clusters", "/themes"} <= set(visitor.open("/").links)


@pytest.mark.parametrize(
    "path",
    [
        "/clusters/nowhere",
        "/clusters/ring_changbai_springs",
        "/clusters/Hunchun",
        "/clusters/yitong",
        "/themes/hot_spring",
        "/themes/spa",
        "/clusters/%00",
    ],
)
def test_an_unknown_name_is_no_page(visitor: Visitor, path: str) -> None:
    assert visitor.open(path).status == 404


class TestDiagram:
    def test_of_the_home_page_filters_by_cluster_in_drawing_and_list(
        self, services: Services, visitor: Visitor
    ) -> None:
        bookable(services, Cluster.CJS_SPRINGS, 2)
        page = visitor.open("/")
        figure = page.html.partition('<figure class="atlas">')[2].partition("</figure>")[0]
        links = re.findall(r'href="([^"]+)"', figure)
        chosen = [parse_qs(urlsplit(link).query)["cluster"][0] for link in links]
        assert sorted(chosen) == sorted([cluster.value for cluster in Cluster] * 2)
        assert figure.count("2处") == 2
        assert "示意图，不是地图。" in figure
        assert "style=" not in figure

    def test_names_the_hubs_of_both_lines(self, visitor: Visitor) -> None:
        for path, hubs in (
            ("/", ("长春", "吉林", "敦化", "延吉西", "珲春", "长白山站 北坡", "长白山西站 西坡")),
            ("/en/", ("Changchun", "Jilin", "Dunhua", "Yanji West", "Hunchun")),
        ):
            page = visitor.open(path)
            drawing = page.html.partition("<svg class=")[2].partition("</svg>")[0]
            words = re.findall(r"<text[^>]*>([^<]+)</text>", drawing)
            assert set(hubs) <= set(words), path
