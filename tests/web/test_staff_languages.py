"""The pages of staff and of applicants are in their reader's language, whatever they show."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from catalog.models import Enterprise
from catalog.service import suspend
from marketplace.bootstrap import Services
from marketplace.kernel.audit import SYSTEM
from marketplace.staff.models import User
from tests.factories import NOW, TODAY
from tests.support.entering import Applicant, make_ground
from tests.support.staff import Browser, House
from tests.web.audiences import APPLICANT, AUDIENCES, OFFICE, OPERATOR, STAFF
from tests.web.traveller.english import strange

PLACE = re.compile(r"<(?:[^<>:]+(?:\([^)]*\))?:)?(\w+)>")
LANGUAGES = ("", "/en")


class Readers:
    """Opens a page in both languages and keeps what was strange on it."""

    def __init__(self, app: Flask, services: Services) -> None:
        self.app, self.found, self.seen = app, set[tuple[str, str]](), 0
        with services.database.read() as session:
            self.names = set(session.scalars(sa.select(User.login)))

    def look(self, client: FlaskClient, url: str) -> None:
        """Open an address as it is and with ``/en`` before it."""
        for prefix in LANGUAGES:
            with client.get(prefix + url, follow_redirects=True) as answer:
                self.read(prefix + url, answer.mimetype, answer.get_data())

    def send(self, browser: Browser, url: str) -> None:
        """Send a form with nothing in it, which is refused or asks again."""
        for prefix in LANGUAGES:
            data = {"csrf_token": browser.token}
            with browser.client.post(prefix + url, data=data, follow_redirects=True) as answer:
                self.read(f"POST {prefix}{url}", answer.mimetype, answer.get_data())

    def read(self, url: str, mimetype: str, body: bytes) -> None:
        """Note the strange words of a page; files are no pages."""
        if mimetype == "text/html":
            self.seen += 1
            self.found |= {(url, words) for words in strange(body.decode(), self.names)}

    def pages(self, *audiences: str) -> Iterator[Rule]:
        """The pages of these people."""
        for rule in self.app.url_map.iter_rules():
            if AUDIENCES.get(rule.endpoint) in audiences and "GET" in (rule.methods or ()):
                yield rule


def filled(rule: Rule, **own: object) -> str:
    """The address of a page, with what it is about; the first one where nothing is known."""
    return PLACE.sub(lambda hit: str(own.get(hit[1], "1")), rule.rule)


@pytest.fixture
def lively(house: House) -> dict[str, object]:
    """A house with a guest of each kind, and one whom a stop of sales has left without a room."""
    booking_id = house.booked(nights=3)
    house.booked(arrive=TODAY + dt.timedelta(days=9), phone="13900000002", address="10.0.0.2")
    house.desk.hold(arrive=TODAY + dt.timedelta(days=5), phone="13900000003", address="10.0.0.3")
    with house.services.database.read() as session:
        code = session.get_one(Enterprise, house.room.enterprise_id).code
    return {
        "booking_id": booking_id,
        "code": code,
        "listing_id": house.room.listing_id,
        "room_type_id": house.room.room_type_id,
        "enterprise_id": house.room.enterprise_id,
        "act": "disable",
    }


def test_the_consoles_of_a_house_and_of_the_office(
    app: Flask,
    house: House,
    lively: dict[str, object],
    office: Browser,
    operator: Browser,
) -> None:
    services = house.services
    readers = Readers(app, services)
    for rule in readers.pages(OPERATOR, STAFF):
        readers.look(operator.client, filled(rule, **lively))
    enterprise_id = house.room.enterprise_id
    with services.database.write() as session:
        suspend(session, enterprise_id=enterprise_id, reason="消防检查", actor=SYSTEM, now=NOW)
    house.work()
    for rule in readers.pages(OFFICE, STAFF):
        readers.look(office.client, filled(rule, **lively))
    operator.open("/operator/blocks")
    for form in ("/operator/blocks", "/operator/check-in", "/operator/bookings/find"):
        readers.send(operator, form)
    office.open("/office/accounts/new")
    readers.send(office, "/office/accounts/new")
    assert sorted(readers.found) == []
    assert readers.seen > 120


def test_the_steps_of_an_application(app: Flask, services: Services) -> None:
    make_ground(services.database)
    person = Applicant(Browser(app.test_client()), services)
    person.join()
    person.fill()
    readers = Readers(app, services)
    about = {"case_id": person.case_id, "kind": "business", "scheme": "a_level"}
    for rule in readers.pages(APPLICANT, STAFF):
        readers.look(person.browser.client, filled(rule, **about))
    readers.look(person.browser.client, "/apply/claim?q=JL001")
    for step in ("business", "place", "about", "licences/business"):
        person.browser.open(person.url(step))
        readers.send(person.browser, person.url(step))
    assert sorted(readers.found) == []
    assert readers.seen > 40


def test_a_word_of_the_other_language_is_found() -> None:
    page = '<html lang="{}"><p>{}</p></html>'
    assert strange(page.format("zh-CN", "clerk 正在审核 Refund"), {"clerk"}) == ["Refund"]
    assert strange(page.format("en", "Reviewed by 名录办")) == ["Reviewed by 名录办"]
    assert (
        strange(page.format("zh-CN", '<code>rule</code> JY-2026-01 <span lang="en">x y</span>'))
        == []
    )
