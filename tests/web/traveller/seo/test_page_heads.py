"""Which pages search engines may keep, and what each of them is told of its address."""

from __future__ import annotations

import re
import struct

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.bootstrap import Services
from marketplace.web.traveller.seo import page_heads
from tests.factories import Room, make_enterprise, make_listing, make_room
from tests.support.messages import CHINESE
from tests.web.traveller.heads import Head, head_of
from tests.web.traveller.journey import Journey

BASE = "http://localhost"
OPEN = {
    "traveller.cluster",
    "traveller.clusters",
    "traveller.directory",
    "traveller.enterprise",
    "traveller.family",
    "traveller.help",
    "traveller.home",
    "traveller.join",
    "traveller.listing",
    "traveller.open_data",
    "traveller.privacy",
    "traveller.search",
    "traveller.sources",
    "traveller.theme",
    "traveller.themes",
    "traveller.trains",
}
CLOSED = {
    "traveller.book_check",
    "traveller.book_phone",
    "traveller.book_sleepers",
    "traveller.book_who",
    "traveller.cancel",
    "traveller.cancel_room",
    "traveller.change_menu",
    "traveller.change_stay",
    "traveller.filters",
    "traveller.leave",
    "traveller.more_rooms",
    "traveller.my_booking",
    "traveller.next_summer",
    "traveller.no_next_summer",
    "traveller.pay",
    "traveller.pay_change",
    "traveller.pay_return",
    "traveller.qr",
    "traveller.quote",
    "traveller.rehouse",
    "traveller.rehousing_offers",
    "traveller.search_dates",
    "traveller.search_words",
    "traveller.sim_pay",
    "traveller.voucher",
    "traveller.withdraw_change",
}
FOR_ENGINES = {
    "media.photo",
    "static",
    "traveller.open_csv",
    "traveller.open_json",
    "traveller.robots",
    "traveller.sitemap",
    "traveller.sitemap_part",
}
CLOSED_BLUEPRINTS = {
    "account",
    "applicant",
    "health",
    "hooks",
    "office",
    "operator",
    "outbox",
    "partner_api",
}
"""Whole audiences that no search engine belongs to."""


@pytest.fixture
def real(services: Services) -> Room:
    """A stay that is no sample, of the enterprise REAL01."""
    with services.database.write() as session:
        enterprise_id = make_enterprise(
            session, code="REAL01", name_zh="松江客栈", name_en="Songjiang Inn", is_sample=False
        )
        listing_id = make_listing(
            session,
            enterprise_id=enterprise_id,
            is_sample=False,
            summary_zh="林边的安静小屋，住得凉快",
        )
        return make_room(session, listing_id=listing_id)


def paths(real: Room) -> list[str]:
    """Every page that may be kept, one of each kind."""
    return [
        "/",
        "/search",
        "/directory",
        "/directory/REAL01",
        f"/listings/{real.listing_id}",
        "/clusters",
        "/clusters/changbai",
        "/clusters/ring-changbai-springs",
        "/themes",
        "/themes/hot-spring",
        "/themes/rail",
        "/trains",
        "/family",
        "/help",
        "/join",
        "/open",
        "/privacy",
        "/sources",
    ]


def test_every_page_has_decided(app: Flask) -> None:
    readable = {
        rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or set())
    }
    decided = OPEN | CLOSED | FOR_ENGINES
    undecided = {
        endpoint
        for endpoint in readable - decided
        if endpoint.split(".")[0] not in CLOSED_BLUEPRINTS
    }
    assert sorted(undecided) == [], "say in engines.py or here whether search engines may keep it"
    assert sorted(decided - readable) == [], "these are no pages any more"
    assert set(page_heads.OPEN) == OPEN


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_a_page_that_may_be_kept_names_itself_once_in_both_languages(
    client: FlaskClient, real: Room, prefix: str
) -> None:
    seen: dict[str, str] = {}
    for path in paths(real):
        head = head_of(client, f"{prefix}{path}")
        assert head.status == 200, path
        assert head.indexed, path
        assert head.canonical == [f"{BASE}{prefix}{path}"]
        assert head.alternates == [
            ("zh-CN", f"{BASE}{path}"),
            ("en", f"{BASE}/en{path}"),
            ("x-default", f"{BASE}{path}"),
        ]
        assert 10 < len(head.description) < 260, path
        assert bool(CHINESE.search(head.description)) == (not prefix), path
        assert seen.setdefault(head.description, path) == path, "two pages with one description"


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_a_shared_link_has_a_card(client: FlaskClient, real: Room, prefix: str) -> None:
    path = f"{prefix}/listings/{real.listing_id}"
    head = head_of(client, f"{path}?arrive=2027-07-01&nights=30&adults=2")
    assert head.meta["og:url"] == [f"{BASE}{path}"]
    assert head.title.startswith(head.meta["og:title"][0])
    assert head.meta["og:description"] == [head.description]
    assert head.meta["og:locale"] == ["en_GB" if prefix else "zh_CN"]
    assert head.meta["og:image"] == [f"{BASE}/static/img/share.png"]
    assert head.meta["twitter:card"] == ["summary_large_image"]
    assert head.canonical == [f"{BASE}{path}"]
    with client.get("/static/img/share.png") as answer:
        picture = answer.get_data()
    assert struct.unpack(">II", picture[16:24]) == (1200, 630)
    assert len(picture) <= 150 * 1024


def test_a_title_with_signs_of_html_stays_text(services: Services, client: FlaskClient) -> None:
    with services.database.write() as session:
        make_enterprise(session, code="ODD1", name_zh='山"><b>庄', is_sample=False, note_zh="一处")
    head = head_of(client, "/directory/ODD1")
    assert head.meta["og:title"] == ['山"><b>庄']
    assert head.title.startswith('山"><b>庄')


@pytest.mark.parametrize(
    "path",
    [
        "/search?q=%E6%B8%A9%E6%B3%89",
        "/search?page=2",
        "/search/filters",
        "/directory?cluster=changbai",
        "/directory?page=1&q=x",
        "/directory/NOBODY",
        "/clusters/nowhere",
        "/listings/999999",
        "/nothing-here",
        "/my-booking",
        "/account/sign-in",
        "/en/search?cluster=jian",
    ],
)
def test_what_belongs_to_one_reader_or_to_nobody_is_not_kept(
    client: FlaskClient, loaded: Room, path: str
) -> None:
    answer = client.get(path, follow_redirects=True)
    head = Head(answer.status_code, answer.get_data(as_text=True))
    assert not head.indexed
    assert (head.canonical, head.alternates) == ([], [])


def test_no_step_of_a_booking_is_kept(journey: Journey) -> None:
    steps = [journey.quote(), journey.answer()]
    steps += [journey.visitor.open(path) for path in ("/book/who", "/book/phone")]
    for page in steps:
        head = Head(page.status, page.html)
        assert head.status == 200, page.path
        assert (head.indexed, head.canonical) == (False, []), page.path


def test_personal_pages_have_no_share_card(client: FlaskClient) -> None:
    assert not [name for name in head_of(client, "/my-booking").meta if name.startswith("og:")]


def test_sample_data_are_shown_to_people_and_kept_by_no_engine(
    services: Services, client: FlaskClient, loaded: Room
) -> None:
    assert not head_of(client, f"/listings/{loaded.listing_id}").indexed
    with services.database.write() as session:
        make_enterprise(session, code="SMP77", is_sample=True)
    assert not head_of(client, "/directory/SMP77").indexed


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("/help?utm_source=wechat&utm_medium=x", "/help"),
        ("/en/help?lang=en&fbclid=1", "/en/help"),
        ("/search?lang=zh", "/search"),
        ("/directory?page=2&utm_source=x", "/directory?page=2"),
        ("/directory?page=99", "/directory?page=2"),
        ("/directory?page=1", "/directory"),
        ("/directory?page=nonsense", "/directory"),
        ("/clusters/changbai?page=2", "/clusters/changbai?page=2"),
        ("/help?page=2", "/help"),
    ],
)
def test_arguments_that_change_nothing_are_left_out(
    services: Services, client: FlaskClient, asked: str, kept: str
) -> None:
    with services.database.write() as session:
        for number in range(11):
            make_enterprise(session, code=f"R{number}", is_sample=False)
    assert head_of(client, asked).canonical == [f"{BASE}{kept}"]


def test_pages_of_a_list_tell_themselves_apart(services: Services, client: FlaskClient) -> None:
    with services.database.write() as session:
        for number in range(11):
            make_enterprise(session, code=f"R{number}", is_sample=False)
    first, second = (head_of(client, f"/clusters/changbai{page}") for page in ("", "?page=2"))
    assert first.title != second.title
    assert first.description != second.description


def test_no_description_promises_health() -> None:
    told = " ".join(page.description for page in page_heads.OPEN.values())
    assert not re.search("治|疗效|康复|养生", told)
