"""Every route of the application, and who may come in by it.

A new route fails these tests until it is in the table, and then has to keep what the table says.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from marketplace.bootstrap import Services
from marketplace.kernel.db import Database
from marketplace.settings import Environment
from marketplace.staff.roles import Role
from tests.support.partner import Program, issue
from tests.support.staff import CODE_PAGE, PASSWORD, Browser, make_staff
from tests.web.audiences import (
    ANYBODY,
    APPLICANT,
    AUDIENCES,
    DEVELOPER,
    HALF,
    MACHINE,
    OFFICE,
    OPERATOR,
    OWNER,
    PARTNER,
    STAFF,
)
from tests.web.every_route import Site, send

# Looking at personal data and taking a file away are written down (`access_notes`).
# The gateway sends the traveller back by a GET, and what it says is a fact to be kept at once.
MAY_WRITE = {"traveller.pay_return"}
OPENED = {200, 302, 303, 404, 422, 503}
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def token_of(client: FlaskClient) -> str:
    """The form token of a visitor who has seen a page with a form."""
    found = TOKEN.search(client.get("/account/sign-in").get_data(as_text=True))
    assert found is not None
    return found[1]


def test_every_route_is_in_the_table_and_every_line_of_it_is_a_route(app: Flask) -> None:
    routes = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert sorted(routes - AUDIENCES.keys()) == [], "say in the table who these are for"
    assert sorted(AUDIENCES.keys() - routes) == [], "these are no routes any more"


def test_every_staff_route_asks_for_a_permission_by_name(app: Flask) -> None:
    careless = [
        endpoint
        for endpoint, audience in AUDIENCES.items()
        if audience in (APPLICANT, OPERATOR, OFFICE)
        and not hasattr(app.view_functions[endpoint], "permission")
    ]
    assert careless == []


@pytest.mark.parametrize("audience", [HALF, STAFF, APPLICANT, OPERATOR, OFFICE])
def test_a_stranger_is_asked_to_sign_in(site: Site, client: FlaskClient, audience: str) -> None:
    token = token_of(client)
    routes = site.rules(audience)
    assert routes
    for rule, method in routes:
        answer = send(client, method, site.address(rule), token)
        assert answer.status_code == 302, (rule.endpoint, method)
        assert answer.location.startswith("/account/sign-in"), (rule.endpoint, method)


@pytest.mark.parametrize("audience", [STAFF, APPLICANT, OPERATOR, OFFICE])
def test_the_password_alone_opens_no_page_of_the_office(
    site: Site, client: FlaskClient, services: Services, audience: str
) -> None:
    make_staff(services, "clerk", Role.OFFICE, None)
    half = Browser(client)
    half.open("/account/sign-in")
    assert CODE_PAGE in half.send("/account/sign-in", login="clerk", password=PASSWORD)
    for rule, method in site.rules(audience):
        answer = send(client, method, site.address(rule), half.token)
        assert answer.status_code == 302, (rule.endpoint, method)
        assert answer.location.startswith("/account/code"), (rule.endpoint, method)


def test_an_operator_is_no_office(site: Site, operator: Browser) -> None:
    for rule, method in site.rules(OFFICE):
        answer = send(operator.client, method, site.address(rule), token_of_staff(operator))
        assert answer.status_code == 403, (rule.endpoint, method)


def test_the_office_is_no_operator(site: Site, office: Browser) -> None:
    for rule, method in site.rules(OPERATOR):
        answer = send(office.client, method, site.address(rule), token_of_staff(office))
        assert answer.status_code == 403, (rule.endpoint, method)


def test_an_applicant_is_neither_operator_nor_office(site: Site, applicant: Browser) -> None:
    for rule, method in [*site.rules(OPERATOR), *site.rules(OFFICE)]:
        answer = send(applicant.client, method, site.address(rule), token_of_staff(applicant))
        assert answer.status_code == 403, (rule.endpoint, method)


def test_neither_operator_nor_office_is_an_applicant(
    site: Site, operator: Browser, office: Browser
) -> None:
    for rule, method in site.rules(APPLICANT):
        for other in (operator, office):
            answer = send(other.client, method, site.address(rule), token_of_staff(other))
            assert answer.status_code == 403, (rule.endpoint, method)


def token_of_staff(browser: Browser) -> str:
    """The form token of somebody who is signed in."""
    browser.open("/account/password")
    return browser.token


def test_without_a_key_there_is_no_partner(site: Site, client: FlaskClient) -> None:
    routes = site.rules(PARTNER)
    assert routes
    for rule, method in routes:
        answer = client.open(site.address(rule), method=method, json={})
        assert answer.status_code == 401, (rule.endpoint, method)
        assert answer.json["code"] == "unauthenticated"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_another_visitors_booking_is_asked_for_by_code_and_phone(
    site: Site, client: FlaskClient
) -> None:
    token = token_of(client)
    routes = site.rules(OWNER)
    assert routes
    for rule, method in routes:
        answer = send(client, method, site.address(rule), token)
        assert answer.status_code in (302, 303), (rule.endpoint, method)
        assert answer.location.startswith("/my-booking"), (rule.endpoint, method)


@pytest.mark.parametrize(
    ("who", "audience"), [("applicant", APPLICANT), ("operator", OPERATOR), ("office", OFFICE)]
)
def test_nothing_that_staff_read_or_save_is_kept_by_a_cache(
    site: Site, who: str, audience: str, request: pytest.FixtureRequest
) -> None:
    reader: Browser = request.getfixturevalue(who)
    addresses = [site.address(rule) for rule, method in site.rules(audience) if method == "GET"]
    if audience == OFFICE:
        addresses += [f"/office/export/directory.{ending}" for ending in ("xlsx", "json")]
    assert addresses
    for address in addresses:
        with reader.client.get(address) as answer:
            assert answer.headers.get_all("Cache-Control") == ["no-store"], address


def test_nor_is_what_travellers_do(site: Site, client: FlaskClient) -> None:
    for rule, method in site.rules(OWNER):
        if method == "GET":
            with client.get(site.address(rule)) as answer:
                assert answer.headers.get_all("Cache-Control") == ["no-store"], rule.endpoint


def test_staff_have_no_way_in_by_a_travellers_page(site: Site, operator: Browser) -> None:
    for rule, method in site.rules(OWNER):
        answer = send(operator.client, method, site.address(rule), token_of_staff(operator))
        assert answer.status_code in (302, 303), (rule.endpoint, method)
        assert answer.location.startswith("/my-booking"), (rule.endpoint, method)


def test_what_is_for_anybody_opens_for_anybody(site: Site, client: FlaskClient) -> None:
    for rule, method in site.rules(ANYBODY):
        if method == "GET":
            with client.get(site.address(rule)) as answer:
                assert answer.status_code not in (401, 403, 405, 500), rule.endpoint
                assert "/account/sign-in" not in (answer.location or ""), rule.endpoint


def test_a_form_without_its_token_changes_nothing(site: Site, operator: Browser) -> None:
    forms = [
        (rule, method)
        for audience in (ANYBODY, OWNER, HALF, STAFF, APPLICANT, OPERATOR, OFFICE)
        for rule, method in site.rules(audience)
        if method == "POST" and not rule.endpoint.startswith("partner_api.")
    ]
    assert forms
    for rule, method in forms:
        answer = send(operator.client, method, site.address(rule))
        assert answer.status_code == 400, rule.endpoint


def test_the_development_outbox_is_not_in_production(
    app: Flask, services: Services, client: FlaskClient
) -> None:
    assert client.get("/outbox").status_code == 200
    settings = services.settings.model_copy(update={"env": Environment.PRODUCTION})
    app.extensions["services"] = dataclasses.replace(services, settings=settings)
    assert client.get("/outbox").status_code == 404


class TestLookingChangesNothing:
    """A GET opens no transaction that writes: it may be repeated, prefetched and shared."""

    @pytest.fixture
    def writes(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """A line for each transaction that writes."""
        opened: list[str] = []
        really: Callable[[Database], AbstractContextManager[Session]] = Database.write

        def counted(database: Database) -> AbstractContextManager[Session]:
            opened.append("write")
            return really(database)

        monkeypatch.setattr(Database, "write", counted)
        return opened

    def look(self, site: Site, audiences: tuple[str, ...], client: FlaskClient) -> list[str]:
        """Open every page for these audiences; returns the routes that answered properly."""
        opened = []
        for audience in audiences:
            for rule, method in site.rules(audience):
                notes = hasattr(site.app.view_functions[rule.endpoint], "notes")
                if method == "GET" and rule.endpoint not in MAY_WRITE and not notes:
                    with client.get(site.address(rule)) as answer:
                        assert answer.status_code in OPENED, rule.endpoint
                        opened.append(rule.endpoint)
        return opened

    def test_of_a_visitor(self, site: Site, client: FlaskClient, writes: list[str]) -> None:
        writes.clear()
        assert len(self.look(site, (ANYBODY, DEVELOPER, MACHINE), client)) > 15
        assert writes == []

    def test_of_a_traveller(self, site: Site, browser: Browser, writes: list[str]) -> None:
        browser.open("/my-booking")
        code = site.house.code(site.booking_id)
        browser.send("/my-booking", code=code, phone="13900000001")
        assert browser.client.get(f"/booking/{site.booking_id}").status_code == 200
        writes.clear()
        assert len(self.look(site, (OWNER,), browser.client)) >= 3
        assert writes == []

    def test_of_an_operator(self, site: Site, operator: Browser, writes: list[str]) -> None:
        writes.clear()
        assert len(self.look(site, (OPERATOR, STAFF), operator.client)) > 8
        assert writes == []

    def test_of_an_applicant(self, site: Site, applicant: Browser, writes: list[str]) -> None:
        writes.clear()
        assert len(self.look(site, (APPLICANT,), applicant.client)) > 8
        assert writes == []

    def test_of_the_office(self, site: Site, office: Browser, writes: list[str]) -> None:
        writes.clear()
        assert len(self.look(site, (OFFICE,), office.client)) > 4
        assert writes == []

    def test_of_a_partner(self, site: Site, services: Services, writes: list[str]) -> None:
        partner = Program(site.app, issue(services))
        partner.get("/partner/v1/events")  # the day's first use of a key is noted
        writes.clear()
        for rule, method in site.rules(PARTNER):
            if method == "GET":
                answer = partner.get(site.address(rule))
                assert answer.status_code in (200, 404), (rule.endpoint, answer.data)
        assert writes == []
