"""``/sitemap.xml`` and ``/robots.txt``: exactly what may be kept, and cheap to ask for again."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from xml.etree import ElementTree as ET

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from catalog.models import Enterprise, Listing
from catalog.states import EnterpriseStatus, ListingStatus
from marketplace.bootstrap import Services
from marketplace.settings import Environment
from marketplace.web.traveller.seo import sitemap
from tests.factories import NOW, make_enterprise, make_listing
from tests.web.traveller.heads import head_of
from tests.web.traveller.search.test_search import counted
from tests.web.traveller.seo.test_page_heads import CLOSED, CLOSED_BLUEPRINTS, OPEN

BASE = "http://localhost"
SPACE = {"s": sitemap.SITEMAP, "x": sitemap.XHTML}
Url = tuple[str | None, dict[str, str]]
"""When a page last changed, and its address by language."""


def text_of(element: ET.Element, path: str) -> str | None:
    found = element.find(path, SPACE)
    return None if found is None else found.text


def read(client: FlaskClient) -> dict[str, Url]:
    """Follow the index to every part; returns what is known of each address."""
    answer = client.get("/sitemap.xml")
    assert answer.content_type == "application/xml; charset=utf-8"
    index = ET.fromstring(answer.data)  # noqa: S314 - our own answer
    assert index.tag == f"{{{sitemap.SITEMAP}}}sitemapindex"
    found: dict[str, Url] = {}
    for part in index.findall("s:sitemap", SPACE):
        address = text_of(part, "s:loc")
        assert address is not None
        pages = ET.fromstring(client.get(address.removeprefix(BASE)).data)  # noqa: S314
        assert pages.tag == f"{{{sitemap.SITEMAP}}}urlset"
        changed = [text_of(url, "s:lastmod") for url in pages.findall("s:url", SPACE)]
        assert text_of(part, "s:lastmod") == max(filter(None, changed), default=None)
        for url in pages.findall("s:url", SPACE):
            links = url.findall("x:link", SPACE)
            assert {link.get("rel") for link in links} == {"alternate"}
            spoken = {link.get("hreflang", ""): link.get("href", "") for link in links}
            loc = text_of(url, "s:loc")
            assert loc is not None
            assert loc not in found
            found[loc] = (text_of(url, "s:lastmod"), spoken)
    return found


def real_enterprise(services: Services, code: str, **facts: object) -> int:
    with services.database.write() as session:
        return make_enterprise(session, code=code, is_sample=False, **facts)


def real_listing(services: Services, enterprise_id: int, **facts: object) -> int:
    with services.database.write() as session:
        given = {"is_sample": False} | facts
        return make_listing(session, enterprise_id=enterprise_id, **given)


def test_lists_exactly_what_may_be_kept(services: Services, client: FlaskClient) -> None:
    shown = real_enterprise(services, "R1")
    hidden = real_enterprise(services, "R2", status=EnterpriseStatus.SUSPENDED)
    with services.database.write() as session:
        sample = make_enterprise(session, code="SMP1")
    listing = real_listing(services, shown)
    real_listing(services, shown, status=ListingStatus.PAUSED)
    real_listing(services, shown, is_sample=True)
    real_listing(services, hidden)
    real_listing(services, sample)
    paths = {address.removeprefix(BASE) for address in read(client)}
    own = {path for path in paths if path.startswith(("/directory/", "/listings/"))}
    assert own == {"/directory/R1", f"/listings/{listing}"}
    english = {f"/en{path}" for path in paths if not path.startswith("/en/")}
    assert english == {path for path in paths if path.startswith("/en/")}


def test_everything_in_it_opens_and_says_the_same_of_itself(
    services: Services, client: FlaskClient
) -> None:
    real_listing(services, real_enterprise(services, "R1"))
    listed = read(client)
    assert len(listed) == 2 * (len(OPEN) - 4 + 5 + 8 + 1 + 1)
    for address, (_changed, spoken) in listed.items():
        head = head_of(client, address.removeprefix(BASE))
        assert (head.status, head.canonical) == (200, [address])
        assert dict(head.alternates) == spoken


def test_dates_are_those_of_what_is_shown(services: Services, client: FlaskClient) -> None:
    earlier, later = NOW - dt.timedelta(days=9), NOW - dt.timedelta(days=2)
    first = real_enterprise(services, "R1", updated_at=earlier)
    real_enterprise(services, "R2", updated_at=later, clusters=())
    listing = real_listing(services, first, updated_at=later)
    listed = {address.removeprefix(BASE): changed for address, (changed, _) in read(client).items()}
    assert listed["/directory/R1"] == "2027-05-23T04:00:00+00:00"
    assert listed["/en/directory/R2"] == "2027-05-30T04:00:00+00:00"
    assert listed[f"/listings/{listing}"] == "2027-05-30T04:00:00+00:00"
    assert listed["/clusters/changbai"] == "2027-05-23T04:00:00+00:00"
    assert listed["/clusters"] == listed["/"] == "2027-05-30T04:00:00+00:00"
    assert listed["/clusters/jian"] is None, "a cluster without places has no date"
    assert listed["/help"] is None, "nobody knows when a text last changed"


class TestParts:
    def test_many_pages_come_in_several_parts(
        self, services: Services, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sitemap, "PAGES_A_PART", 2)
        enterprise_id = real_enterprise(services, "R1")
        listings = [real_listing(services, enterprise_id) for _ in range(5)]
        index = client.get("/sitemap.xml").get_data(as_text=True)
        assert re.findall(r"sitemap-(listings-\d+)\.xml", index) == [
            "listings-1",
            "listings-2",
            "listings-3",
        ]
        listed = read(client)
        assert all(f"{BASE}/listings/{one}" in listed for one in listings)

    def test_a_part_is_far_below_what_the_protocol_allows(self) -> None:
        assert 2 * sitemap.PAGES_A_PART <= 50_000

    @pytest.mark.parametrize(
        "path",
        [
            "/sitemap-listings-1.xml",
            "/sitemap-pages-2.xml",
            "/sitemap-pages-0.xml",
            "/sitemap-pages-99999.xml",
            "/sitemap-people-1.xml",
            "/sitemap-pages.xml",
            "/en/sitemap.xml",
            "/en/sitemap-pages-1.xml",
        ],
    )
    def test_there_are_no_others(self, client: FlaskClient, path: str) -> None:
        assert client.get(path).status_code == 404

    @pytest.mark.parametrize("path", ["/sitemap.xml", "/sitemap-listings-1.xml"])
    def test_asks_as_much_of_the_database_for_one_as_for_many(
        self, services: Services, client: FlaskClient, path: str
    ) -> None:
        enterprise_id = real_enterprise(services, "R0")
        real_listing(services, enterprise_id)
        with counted(services) as few:
            assert client.get(path).status_code == 200
        for number in range(20):
            real_listing(services, real_enterprise(services, f"R{number + 1}"))
        with counted(services) as many:
            client.get(path)
        assert len(few) == len(many) <= 4


class TestAskedAgain:
    @pytest.mark.parametrize("path", ["/sitemap.xml", "/sitemap-places-1.xml", "/robots.txt"])
    def test_what_did_not_change_is_not_sent(
        self, services: Services, client: FlaskClient, path: str
    ) -> None:
        real_enterprise(services, "R1")
        first = client.get(path)
        assert first.headers["Cache-Control"] == "public, max-age=3600"
        again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")

    def test_what_changed_is(self, services: Services, client: FlaskClient) -> None:
        key = real_listing(services, real_enterprise(services, "R1"))
        tag = client.get("/sitemap.xml").headers["ETag"]
        with services.database.write() as session:
            session.execute(
                sa.update(Listing)
                .where(Listing.id == key)
                .values(updated_at=NOW + dt.timedelta(hours=1))
            )
        answer = client.get("/sitemap.xml", headers={"If-None-Match": tag})
        assert answer.status_code == 200

    def test_a_suspension_takes_its_pages_out(
        self, services: Services, client: FlaskClient
    ) -> None:
        key = real_enterprise(services, "R1")
        real_listing(services, key)
        with services.database.write() as session:
            session.execute(
                sa.update(Enterprise)
                .where(Enterprise.id == key)
                .values(status=EnterpriseStatus.SUSPENDED)
            )
        listed = [path for path in read(client) if "/R1" in path or "/listings/" in path]
        assert listed == []


# ------------------------------------------------------------------ robots.txt


@pytest.fixture
def in_production(app: Flask, services: Services) -> FlaskClient:
    """A visitor of a production installation."""
    settings = services.settings.model_copy(
        update={"env": Environment.PRODUCTION, "public_url": "https://jilin.example"}
    )
    app.extensions["services"] = dataclasses.replace(services, settings=settings)
    return app.test_client()


def allowed(rules: str, path: str) -> bool:
    """Whether a robot may fetch ``path``: the longest rule decides, and allows when equal."""
    best = (0, True)
    for line in rules.splitlines():
        word, _, pattern = line.partition(": ")
        if word in ("Allow", "Disallow"):
            wanted = re.escape(pattern).replace(r"\*", ".*")
            if re.match(wanted, path):
                best = max(best, (len(pattern), word == "Allow"))
    return best[1]


def test_robots_are_kept_out_of_everything_outside_production(client: FlaskClient) -> None:
    answer = client.get("/robots.txt")
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.get_data(as_text=True) == "User-agent: *\nDisallow: /\n"


class TestRobotsInProduction:
    def test_are_shown_the_sitemap(self, in_production: FlaskClient) -> None:
        rules = in_production.get("/robots.txt").get_data(as_text=True)
        assert rules.startswith("User-agent: *\n")
        assert rules.endswith("\nSitemap: https://jilin.example/sitemap.xml\n")

    @pytest.mark.parametrize("prefix", ["", "/en"])
    def test_need_fetch_nothing_that_is_closed(
        self, app: Flask, in_production: FlaskClient, prefix: str
    ) -> None:
        rules = in_production.get("/robots.txt").get_data(as_text=True)
        closed = [
            rule
            for rule in app.url_map.iter_rules()
            if rule.endpoint in CLOSED or rule.endpoint.split(".")[0] in CLOSED_BLUEPRINTS
        ]
        assert len(closed) > 30
        for rule in closed:
            path = prefix + re.sub(r"<[^>]+>", "7", rule.rule)
            assert not allowed(rules, path), path

    @pytest.mark.parametrize("prefix", ["", "/en"])
    def test_may_fetch_all_that_may_be_kept(
        self, services: Services, in_production: FlaskClient, prefix: str
    ) -> None:
        real_listing(services, real_enterprise(services, "R1"))
        rules = in_production.get("/robots.txt").get_data(as_text=True)
        for path in ("/directory?page=2", "/listings/1", "/static/css/app.css?v=1"):
            assert allowed(rules, path), path
        for address in read_paths(in_production):
            assert allowed(rules, address), address

    @pytest.mark.parametrize("prefix", ["", "/en"])
    @pytest.mark.parametrize("path", ["/search?q=x", "/directory?q=x", "/search/words?q=x"])
    def test_ask_no_questions(self, in_production: FlaskClient, prefix: str, path: str) -> None:
        assert not allowed(in_production.get("/robots.txt").get_data(as_text=True), prefix + path)


def read_paths(client: FlaskClient) -> list[str]:
    """Every path of the sitemap of a production installation."""
    index = client.get("/sitemap.xml").get_data(as_text=True)
    parts = re.findall(r"https://jilin\.example(/sitemap-\S+?\.xml)", index)
    pages = "".join(client.get(part).get_data(as_text=True) for part in parts)
    return re.findall(r"<loc>https://jilin\.example(\S+?)</loc>", pages)
