"""A shared computer keeps nothing of a traveller who leaves it."""

from __future__ import annotations

import sqlalchemy as sa

from marketplace.booking.models import Draft
from marketplace.web.traveller.access import DRAFTS
from tests.factories import NOW
from tests.support.booking import answers_for
from tests.support.staff import Browser, House


def test_bookings_and_answers_are_forgotten(browser: Browser, house: House) -> None:
    booking_id = house.booked()
    browser.open("/my-booking")
    browser.send("/my-booking", code=house.code(booking_id), phone="13900000001")
    with house.services.database.write() as session:
        answers = answers_for(house.room)
        session.add(Draft(id="own", answers=answers, updated_at=NOW))
        session.add(Draft(id="other", answers=answers, updated_at=NOW))
    with browser.client.session_transaction() as cookie:
        cookie[DRAFTS] = ["own"]
    browser.open("/?size=150", expect=302)
    page = browser.open("/leave")
    assert "记着您的订单" in page
    assert "这里没有留下您的东西" in browser.send("/leave")
    assert browser.client.get(f"/booking/{booking_id}").status_code == 302
    assert browser.client.get_cookie("size") is None
    with house.services.database.read() as session:
        assert list(session.scalars(sa.select(Draft.id))) == ["other"]
    assert house.desk.booking(booking_id).code


def test_looking_forgets_nothing_and_twice_is_harmless(browser: Browser, house: House) -> None:
    assert "这里没有留下您的东西" in browser.open("/leave")
    browser.send("/leave")
    assert "Nothing of yours" in browser.open("/en/leave")


def test_staff_are_signed_out_as_well(operator: Browser) -> None:
    operator.open("/account/password")
    operator.send("/leave")
    assert operator.client.get("/operator/").status_code == 302


def test_every_page_of_travellers_leads_there(browser: Browser) -> None:
    assert 'href="/leave"' in browser.open("/my-booking")
