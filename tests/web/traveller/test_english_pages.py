"""Each page is in its own language: what there is in the other one only is marked as such."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from catalog.bulk.directory_loading import import_directory
from catalog.geography.reference_loading import load_reference
from catalog.models import Enterprise, Listing
from catalog.search import refresh
from catalog.vocabulary import Cluster, Theme
from marketplace.booking.models import Booking
from marketplace.bootstrap import Services
from marketplace.kernel import changes
from marketplace.sample import load_sample
from marketplace.settings import ROOT
from marketplace.web.traveller.seo import page_heads
from tests.factories import Room
from tests.web.traveller.english import (
    ChineseVisitor,
    EnglishVisitor,
    unmarked,
    unmarked_latin,
)
from tests.web.traveller.journey import PHONE
from tests.web.traveller.visitor import Page

ARRIVE = "2027-06-20"
DAYS = 60
"""Days of sample stock: enough for 30 nights from ``ARRIVE``."""
STAY = f"arrive={ARRIVE}&nights=30&adults=2"


@pytest.fixture
def reader(client: FlaskClient) -> EnglishVisitor:
    """A visitor who reads English."""
    return EnglishVisitor(client)


@pytest.fixture
def everything(services: Services) -> None:
    """The directory, the reference figures and the sample, as a newcomer finds them."""
    load_reference(services.database, folder=ROOT / "data")
    import_directory(
        services.database, ROOT / "data" / "directory-places.csv", clock=services.clock
    )
    load_sample(services.database, clock=services.clock, days=DAYS)
    changes.sequence(services.database)
    refresh.build(services.index, services.database)


@pytest.mark.usefixtures("everything")
def test_chinese_pages_have_no_english_that_is_not_marked(
    client: FlaskClient, services: Services
) -> None:
    visitor = ChineseVisitor(client)
    for path in (
        "/",
        f"/search?{STAY}&children=1&access=lift&hospital=30&cluster=changbai&from=420100",
        f"/search?{STAY}&when=around&near=station:JL123&from=110100",
        f"/search?{STAY}&q=滑雪",
        f"/search/filters?{STAY}&near=town:双阳",
        f"/search/dates?{STAY}",
        "/search?arrive=2020-01-01&nights=other&nights_other=500&adults=99&children=99",
        "/clusters",
        *(f"/clusters/{page_heads.slug_of(cluster)}" for cluster in Cluster),
        "/themes",
        *(f"/themes/{page_heads.slug_of(theme)}" for theme in Theme),
        *("/trains", "/family", "/help", "/privacy", "/sources", "/my-booking", "/leave"),
        *("/join", "/account/sign-in", "/directory", "/directory?sort=fresh", "/open", "/nothing"),
    ):
        visitor.open(path)
    with services.database.read() as session:
        codes = session.scalars(sa.select(Enterprise.code)).all()
        listings = session.scalars(sa.select(Listing.id)).all()
    for code in codes:
        visitor.open(f"/directory/{code}")
    for listing_id in listings:
        visitor.open(f"/listings/{listing_id}?{STAY}")


def test_the_way_to_the_voucher_is_chinese_alone(
    client: FlaskClient, services: Services, loaded: Room
) -> None:
    reader = ChineseVisitor(client)
    reader.open(f"/listings/{loaded.listing_id}/quote?room_type={loaded.room_type_id}&{STAY}")
    reader.send("seen_total_fen")
    reader.send("lead_name", lead_name="")
    reader.send("lead_name", lead_name="Wang Xiulan", for_whom="family")
    reader.send("phone", phone="1")
    reader.open("/my-booking")
    reader.send("code", code="", phone="")
    reader.open("/book/phone")
    reader.send("phone", phone=PHONE, consent="1")
    assert reader.send("/book/check").path.endswith("/pay")
    booking_id = reader.page.path.split("/")[-2]
    for page in ("", "/cancel", "/pay"):
        reader.open(f"/booking/{booking_id}{page}")
    reader.send("/pay")
    reader.send(reader.page.path, action="alipay_ok")
    for page in ("", "/cancel", "/change"):
        reader.open(f"/booking/{booking_id}{page}")


def test_english_that_is_not_marked_is_found(client: FlaskClient) -> None:
    page = Page(client.get("/help"))
    assert unmarked_latin(page) == []
    page.html = page.html.replace("<h2", '<h2 title="Phone"')
    assert "Phone" in unmarked_latin(page)
    page.html = page.html.replace("</h2>", " Refund</h2>")
    assert "Refund" in unmarked_latin(page)


@pytest.mark.usefixtures("everything")
def test_every_page_of_text_and_of_lists(reader: EnglishVisitor, services: Services) -> None:
    for path in (
        "/",
        "/search",
        (
            f"/search?{STAY}&children=1&access=lift&access=no_steps&hospital=30&cluster=changbai"
            "&theme=forest&from=420100"
        ),
        f"/search?{STAY}&when=around&near=station:JL123&from=110100",
        (
            "/search?when=within&month_from=2027-07&month_to=2027-07&nights=20&cluster=cjs_springs"
            "&from=430100&near=town:双阳"
        ),
        f"/search?{STAY}&q=wenqaun&page=9",
        f"/search?{STAY}&cluster=jian&access=lift&access=grab_bars&band=to_3000&food=soft",
        f"/search/filters?{STAY}&q=温泉&near=town:双阳",
        f"/search?{STAY}&q=zzzz",
        "/search?arrive=2020-01-01&nights=other&nights_other=500&adults=99&children=99",
        "/search?arrive=2027-02-29&cluster=x&near=x&from=x&q=。&sort=x",
        "/search?when=within&month_from=2027-08&month_to=2027-07",
        "/clusters",
        *(f"/clusters/{page_heads.slug_of(cluster)}" for cluster in Cluster),
        "/clusters/changbai?page=2",
        "/themes",
        *(f"/themes/{page_heads.slug_of(theme)}" for theme in Theme),
        "/themes/scenery?page=2",
        "/trains",
        "/family",
        "/help",
        "/privacy",
        "/sources",
        "/my-booking",
        "/account/sign-in",
        "/directory",
        "/directory?cluster=outside",
        "/directory?sort=fresh",
        "/open",
        "/docs/problems",
        "/directory?q=zzzz",
        "/no-such-page",
    ):
        reader.open(path)
    with services.database.read() as session:
        codes = session.scalars(sa.select(Enterprise.code)).all()
        listings = session.scalars(sa.select(Listing.id)).all()
    assert len(codes) > 100
    for code in codes:
        reader.open(f"/directory/{code}")
    for listing_id in listings:
        reader.open(f"/listings/{listing_id}?{STAY}")


def test_the_way_to_the_voucher_and_back(
    reader: EnglishVisitor, services: Services, loaded: Room
) -> None:
    offer = f"/listings/{loaded.listing_id}/quote?room_type={loaded.room_type_id}"
    reader.open(f"{offer}&arrive=&nights=")
    reader.open(f"{offer}&{STAY}&rooms=9")
    page = reader.open(f"{offer}&{STAY}")
    assert "sample payee" in page.text
    reader.send("seen_total_fen")
    reader.send("lead_name", lead_name="")
    reader.send("lead_name", lead_name="Wang Xiulan", for_whom="family")
    reader.send("phone", phone="1")
    reader.send("phone", phone=PHONE, consent="1")
    assert reader.send("/book/check").path.endswith("/pay")
    booking_id = reader.page.path.split("/")[-2]
    reader.open(f"/booking/{booking_id}")
    reader.open(f"/booking/{booking_id}/cancel")
    pay(reader, booking_id, "card_fail")
    reader.open(f"/booking/{booking_id}/pay")
    reader.send("/extend")
    pay(reader, booking_id, "alipay_ok")
    assert "Booked and paid" in reader.open(f"/booking/{booking_id}").text
    reader.open(f"/booking/{booking_id}/cancel")
    reader.send("reason", reason="traveller_health")
    assert "Cancelled" in reader.open(f"/booking/{booking_id}").text
    reader.open("/my-booking")
    reader.send("code", code=code_of(services, booking_id), phone="139 0000 0000")


def pay(reader: EnglishVisitor, booking_id: str, action: str) -> Page:
    """Press a button of the gateway's page."""
    reader.open(f"/booking/{booking_id}/pay")
    reader.send("/pay")
    return reader.send("/pay/sim/" + reader.page.path.split("/")[-1], action=action)


def code_of(services: Services, booking_id: str) -> str:
    with services.database.read() as session:
        return session.scalars(sa.select(Booking.code).where(Booking.id == booking_id)).one()


def test_chinese_that_is_not_marked_is_found(client: FlaskClient, loaded: Room) -> None:
    page = Page(client.get(f"/en/listings/{loaded.listing_id}"))
    assert unmarked(page) == []
    page.html = page.html.replace('<span lang="zh-CN">', "<span>")
    assert unmarked(page) != []
    page.html = page.html.replace("<h1>", '<h1 aria-label="住处">')
    assert "住处" in unmarked(page)
