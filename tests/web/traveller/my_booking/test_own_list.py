"""“My booking” lists what this device knows, and what is not finished; nothing of anybody else."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from catalog.models import Listing
from catalog.service import suspend
from catalog.states import ListingStatus
from marketplace.booking.models import Booking
from marketplace.bootstrap import Services
from marketplace.kernel.audit import SYSTEM
from marketplace.kernel.clock import SetClock
from marketplace.web.traveller import access
from tests.factories import NOW
from tests.web.traveller.journey import NAME, Journey
from tests.web.traveller.search.test_search import counted
from tests.web.traveller.visitor import Page, Visitor


def listed(page: Page) -> list[str]:
    """Return the ids of the bookings that a page leads to, in its order."""
    return [link.split("/")[-1] for link in page.links if link.startswith("/booking/")]


def test_the_next_arrival_is_on_top_and_what_is_over_last(
    journey: Journey, services: Services
) -> None:
    later = journey.press("alipay_ok", arrive="2027-08-01", nights=7)
    given_up = journey.hold(arrive="2027-09-01", nights=7)
    journey.visitor.open(f"/booking/{given_up}/cancel")
    journey.visitor.send("refund_fen")
    sooner = journey.hold(arrive="2027-07-01", nights=7)
    page = journey.visitor.open("/my-booking")
    assert listed(page) == [sooner, later, given_up]
    for words in ("还没有付款", "房间为您留到", "订好了，钱已付清", "已取消", "2027年8月1日"):
        assert words in page.text
    with services.database.read() as session:
        codes = session.scalars(sa.select(Booking.code)).all()
    for private in (NAME, "13800138000", *codes):
        assert private not in page.html
    assert page.response.headers["Cache-Control"] == "no-store"


def test_another_device_and_a_forged_cookie_see_nothing(
    app: Flask, client: FlaskClient, journey: Journey
) -> None:
    booking_id = journey.press("alipay_ok")
    cookie = client.get_cookie("session")
    assert cookie is not None
    assert listed(Visitor(app.test_client()).open("/my-booking")) == []
    for forged in (cookie.value[:-3] + "xyz", "x" * 4000, cookie.value.split(".")[0], "é"):
        other = app.test_client()
        other.set_cookie("session", forged)
        page = Visitor(other).open("/my-booking")
        assert (page.status, listed(page)) == (200, [])
        assert other.get(f"/booking/{booking_id}").location.endswith("/my-booking")


def test_the_cookie_keeps_the_newest_twenty(app: Flask) -> None:
    with app.test_request_context("/"):
        for number in range(25):
            access.remember(f"b{number}")
            access.remember_draft(f"d{number}")
        access.remember("b7")
        assert access.booking_ids() == [f"b{n}" for n in (5, 6, *range(8, 25), 7)]
        assert access.draft_ids() == [f"d{n}" for n in range(5, 25)]


def test_leaving_the_computer_clears_the_list(journey: Journey) -> None:
    journey.press("alipay_ok")
    journey.quote(arrive="2027-08-10")
    journey.visitor.send("seen_total_fen")
    page = journey.visitor.open("/my-booking")
    assert listed(page)
    assert "还没订完的" in page.text
    journey.visitor.open("/leave")
    journey.visitor.send("/leave")
    page = journey.visitor.open("/my-booking")
    assert listed(page) == []
    assert "还没订完的" not in page.text


def test_what_is_unfinished_is_gone_on_with(journey: Journey, clock: SetClock) -> None:
    journey.quote()
    journey.visitor.send("seen_total_fen")
    page = journey.visitor.open("/my-booking")
    assert "¥5,100" in page.text
    assert "这个价钱给您留到" in page.text
    clock.advance(minutes=31)
    page = journey.visitor.open("/my-booking")
    assert "下一步会重新算" in page.text
    onwards = next(link for link in page.links if "/book/who" in link)
    journey.visitor.open(onwards)
    journey.visitor.send("lead_name", lead_name=NAME, for_whom="self")
    journey.visitor.send("phone", phone="138 0013 8000", consent="1")
    onwards = next(link for link in journey.visitor.open("/my-booking").links if "/check" in link)
    journey.visitor.open(onwards)
    journey.visitor.send("/book/check")
    page = journey.visitor.open("/my-booking")
    assert "还没订完的" not in page.text
    assert len(listed(page)) == 1


@pytest.mark.parametrize("why", ["suspended", "paused", "past"])
def test_what_cannot_be_gone_on_with_is_not_shown(
    journey: Journey, services: Services, clock: SetClock, why: str
) -> None:
    journey.quote(arrive="2027-06-10", nights=7)
    journey.visitor.send("seen_total_fen")
    assert "还没订完的" in journey.visitor.open("/my-booking").text
    with services.database.write() as session:
        if why == "suspended":
            suspend(
                session, enterprise_id=journey.room.enterprise_id, reason="x", actor=SYSTEM, now=NOW
            )
        if why == "paused":
            session.get_one(Listing, journey.room.listing_id).status = ListingStatus.PAUSED
    if why == "past":
        clock.advance(days=25)
    assert "还没订完的" not in journey.visitor.open("/my-booking").text


def test_the_list_asks_the_database_a_fixed_number_of_times(
    journey: Journey, services: Services
) -> None:
    counts = []
    for day in (1, 10, 20):
        journey.press("alipay_ok", arrive=f"2027-07-{day:02}", nights=7)
        with counted(services) as sent:
            assert len(listed(journey.visitor.open("/my-booking"))) == len(counts) + 1
        counts.append(len(sent))
    assert counts[0] == counts[2] <= 7
