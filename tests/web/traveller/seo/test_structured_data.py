"""Structured data: what a search engine reads is what the page says, and nothing invented."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from catalog.models import Enterprise, Site
from catalog.vocabulary import Category, Cluster, Datum
from marketplace.bootstrap import Services
from tests.factories import Room, make_enterprise, make_listing, make_room
from tests.web.traveller.heads import head_of

BASE = "http://localhost"


def real_room(services: Services, *, site: dict[str, Any] | None = None, **facts: Any) -> Room:
    """A room of a stay that is no sample."""
    stock = {name: facts.pop(name) for name in ("capacity", "list_fen") if name in facts}
    with services.database.write() as session:
        enterprise_id = make_enterprise(session, is_sample=False, claimed=True)
        if site:
            session.execute(
                sa.update(Site).where(Site.enterprise_id == enterprise_id).values(**site)
            )
        listing_id = make_listing(session, enterprise_id=enterprise_id, is_sample=False, **facts)
        return make_room(session, listing_id=listing_id, **stock)


def stay_of(client: FlaskClient, room: Room, prefix: str = "") -> dict[str, Any]:
    """The node of a listing's page."""
    return head_of(client, f"{prefix}/listings/{room.listing_id}").thing("LodgingBusiness")


class TestListing:
    def test_says_where_it_is_what_it_costs_and_how_one_gets_about(
        self, services: Services, client: FlaskClient
    ) -> None:
        room = real_room(services, list_fen=26_850, grab_bars=None)
        address = f"{BASE}/listings/{room.listing_id}"
        assert stay_of(client, room) == {
            "@context": "https://schema.org",
            "@type": "LodgingBusiness",
            "@id": f"{address}#stay",
            "url": address,
            "name": "林间小屋长住",
            "alternateName": "Forest cabin stay",
            "description": "安静的林间小屋",
            "address": {
                "@type": "PostalAddress",
                "addressCountry": "CN",
                "addressRegion": "吉林省",
                "addressLocality": "二道白河",
            },
            "geo": {
                "@type": "GeoCircle",
                "geoMidpoint": {"@type": "GeoCoordinates", "latitude": 42.4, "longitude": 128.1},
                "geoRadius": 8000,
            },
            "containedInPlace": [
                {
                    "@type": "TouristDestination",
                    "@id": f"{BASE}/clusters/changbai#place",
                    "name": "长白山集聚区",
                    "url": f"{BASE}/clusters/changbai",
                }
            ],
            "amenityFeature": [
                {"@type": "LocationFeatureSpecification", "name": "电梯", "value": False},
                {"@type": "LocationFeatureSpecification", "name": "进门没有台阶", "value": True},
            ],
            "makesOffer": {
                "@type": "Offer",
                "url": address,
                "priceCurrency": "CNY",
                "price": "268.50",
                "priceSpecification": {
                    "@type": "UnitPriceSpecification",
                    "priceCurrency": "CNY",
                    "price": "268.50",
                    "unitCode": "DAY",
                    "unitText": "每间每晚起",
                },
                "availability": "https://schema.org/InStock",
            },
        }

    def test_is_in_the_language_of_its_page(self, services: Services, client: FlaskClient) -> None:
        found = stay_of(client, real_room(services), "/en")
        assert (found["name"], found["alternateName"]) == ("Forest cabin stay", "林间小屋长住")
        assert found["address"]["addressLocality"] == "Erdaobaihe"
        assert found["makesOffer"]["url"].startswith(f"{BASE}/en/listings/")

    def test_names_the_lowest_price_of_all_rooms(
        self, services: Services, client: FlaskClient
    ) -> None:
        room = real_room(services, list_fen=30_000)
        with services.database.write() as session:
            make_room(session, listing_id=room.listing_id, list_fen=19_900)
        assert stay_of(client, room)["makesOffer"]["price"] == "199.00"

    def test_sold_out_is_said(self, services: Services, client: FlaskClient) -> None:
        found = stay_of(client, real_room(services, capacity=0))
        assert found["makesOffer"]["availability"] == "https://schema.org/SoldOut"

    def test_without_a_room_on_sale_there_is_no_offer(
        self, services: Services, client: FlaskClient
    ) -> None:
        with services.database.write() as session:
            enterprise_id = make_enterprise(session, is_sample=False, claimed=True)
            listing_id = make_listing(session, enterprise_id=enterprise_id, is_sample=False)
        assert "makesOffer" not in stay_of(client, Room(0, 0, listing_id, enterprise_id))

    @pytest.mark.parametrize(
        "site",
        [
            {"coord_error_km": 10.5},
            {"datum": Datum.GCJ02},
            {"datum": Datum.UNKNOWN},
        ],
    )
    def test_a_point_that_is_not_known_well_enough_is_not_given(
        self, services: Services, client: FlaskClient, site: dict[str, Any]
    ) -> None:
        assert "geo" not in stay_of(client, real_room(services, site=site))

    def test_a_point_is_no_finer_than_a_kilometre(
        self, services: Services, client: FlaskClient
    ) -> None:
        site = {"lat": 42.424_689, "lon": 128.110_512, "coord_error_km": 1.0}
        middle = stay_of(client, real_room(services, site=site))["geo"]["geoMidpoint"]
        assert (middle["latitude"], middle["longitude"]) == (42.42, 128.11)

    def test_a_sample_is_marked_and_never_offered(self, client: FlaskClient, loaded: Room) -> None:
        head = head_of(client, f"/listings/{loaded.listing_id}")
        found = head.thing("LodgingBusiness")
        assert found["additionalProperty"] == [
            {"@type": "PropertyValue", "name": "示例数据", "value": True}
        ]
        assert "Offer" not in str(head.data)
        assert not head.indexed

    def test_nothing_in_it_breaks_out_of_its_block(
        self, services: Services, client: FlaskClient
    ) -> None:
        name = "</script><script>alert(1)</script><!--&\u2028"
        room = real_room(services, name_zh=name)
        head = head_of(client, f"/listings/{room.listing_id}")
        assert head.thing("LodgingBusiness")["name"] == name
        assert "<script>alert" not in head.html

    def test_the_way_to_it_leads_through_pages_that_exist(
        self, services: Services, client: FlaskClient
    ) -> None:
        room = real_room(services)
        trail = head_of(client, f"/en/listings/{room.listing_id}").thing("BreadcrumbList")
        steps = trail["itemListElement"]
        assert [step["position"] for step in steps] == [1, 2, 3]
        for step in steps:
            assert client.get(step["item"].removeprefix(BASE)).status_code == 200


class TestEnterprise:
    @pytest.mark.parametrize(
        ("category", "kind"),
        [
            (Category.SCENIC_5A, "TouristAttraction"),
            (Category.HOT_SPRING_SOURCE, "TouristAttraction"),
            (Category.HOT_SPRING_RESORT, "LodgingBusiness"),
            (Category.FOREST_HOMESTAY, "LodgingBusiness"),
        ],
    )
    def test_is_what_its_category_says_with_its_source(
        self, services: Services, client: FlaskClient, category: Category, kind: str
    ) -> None:
        with services.database.write() as session:
            make_enterprise(
                session,
                code="R1",
                category=category,
                is_sample=False,
                source="吉林日报 2025-06-04",
                source_date="2025-06-04",
                clusters=(Cluster.JIAN, Cluster.CHANGBAI),
            )
        found = head_of(client, "/directory/R1").thing(kind)
        assert found["identifier"] == "R1"
        assert found["subjectOf"] == {
            "@type": "CreativeWork",
            "name": "吉林日报 2025-06-04",
            "datePublished": "2025-06-04",
        }
        assert {place["name"] for place in found["containedInPlace"]} == {
            "集安集聚区",
            "长白山集聚区",
        }
        said = {one["name"]: one["value"] for one in found["additionalProperty"]}
        assert said["可靠程度"] == "有据可查"
        assert "makesOffer" not in found

    def test_what_is_only_planned_is_no_attraction(
        self, services: Services, client: FlaskClient
    ) -> None:
        with services.database.write() as session:
            make_enterprise(session, code="R1", is_sample=False, planned=True)
        found = head_of(client, "/directory/R1").thing("Place")
        assert {"@type": "PropertyValue", "name": "规划中，还没有开", "value": True} in found[
            "additionalProperty"
        ]

    def test_where_the_town_is_unknown_the_county_stands(
        self, services: Services, client: FlaskClient
    ) -> None:
        with services.database.write() as session:
            key = make_enterprise(session, code="R1", is_sample=False, source="", note_zh="")
            session.execute(
                sa.update(Site).where(Site.enterprise_id == key).values(town_zh="", town_en="")
            )
            session.execute(
                sa.update(Enterprise).where(Enterprise.id == key).values(county="集安市")
            )
        found = head_of(client, "/en/directory/R1").thing("LodgingBusiness")
        assert found["address"]["addressLocality"] == "集安市"
        assert found["address"]["addressRegion"] == "Jilin"
        assert not {"subjectOf", "description"} & found.keys()


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_site_says_how_it_is_searched(client: FlaskClient, loaded: Room, prefix: str) -> None:
    site = head_of(client, f"{prefix}/").thing("WebSite")
    assert site["url"] == f"{BASE}{prefix}/"
    template = site["potentialAction"]["target"]["urlTemplate"]
    assert template == f"{BASE}{prefix}/search?q={{search_term_string}}"
    url = template.removeprefix(BASE).replace("{search_term_string}", "林间")
    assert client.get(url).status_code == 200


def test_a_cluster_lists_the_places_of_its_page(services: Services, client: FlaskClient) -> None:
    with services.database.write() as session:
        for number in range(12):
            make_enterprise(session, code=f"R{number:02}", name_zh=f"第{number}处", is_sample=False)
    head = head_of(client, "/clusters/changbai?page=2")
    found = head.thing("CollectionPage")
    assert found["about"]["@type"] == "TouristDestination"
    assert found["mainEntity"]["numberOfItems"] == 12
    assert found["mainEntity"]["itemListElement"] == [
        {
            "@type": "ListItem",
            "position": position,
            "name": f"第{position - 1}处",
            "url": f"{BASE}/directory/R{position - 1:02}",
        }
        for position in (11, 12)
    ]
    steps = head.thing("BreadcrumbList")["itemListElement"]
    assert [step["name"] for step in steps] == ["首页", "集聚区和温泉带", "长白山集聚区"]


@pytest.mark.parametrize("path", ["/clusters", "/themes", "/themes/forest"])
def test_lists_say_what_they_list(client: FlaskClient, path: str) -> None:
    found = head_of(client, path).thing("CollectionPage")
    assert found["mainEntity"]["@type"] == "ItemList"
    count = {"/clusters": 5, "/themes": 8, "/themes/forest": 0}[path]
    assert found["mainEntity"]["numberOfItems"] == count
