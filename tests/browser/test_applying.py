"""The steps of an application: readable, large enough to hit, and filled in by hand."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from marketplace.staff.roles import Role
from tests.browser.conftest import DESK, Visit
from tests.browser.measuring import watch
from tests.browser.site import Site
from tests.browser.test_consoles import faults
from tests.support.entering import Applicant
from tests.support.staff import PASSWORD, Browser, make_staff

pytestmark = pytest.mark.browser

STEPS = (
    "", "business", "place", "licences", "licences/business", "about", "grades/a_level", "water",
    "photos", "check", "withdraw",
)  # fmt: skip


@pytest.fixture(scope="module")
def person(site: Site) -> Applicant:
    """Somebody with a whole application in draft."""
    somebody = Applicant(Browser(site.app.test_client()), site.services)
    somebody.browser.client.environ_base["HTTP_X_FORWARDED_FOR"] = site.new_address()
    somebody.join("asker")
    somebody.fill()
    make_staff(site.services, "nobody-yet", Role.APPLICANT, None)
    return somebody


def sign_in(page: Page, login: str) -> None:
    page.goto("/account/sign-in")
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.locator("main .btn--primary").click()
    page.wait_for_load_state()


def test_every_step_keeps_the_numbers(visit: Visit, person: Applicant) -> None:
    page = visit(DESK).new_page()
    heard = watch(page)
    sign_in(page, "asker")
    found = faults(page, heard)
    for address in ("/apply/claim?q=温泉", *(person.url(step) for step in STEPS)):
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        found += faults(page, heard)
    page.goto(person.url("place"))
    page.select_option("[name=site_0_station]", "JL124")
    page.locator("main .btn--primary").click()
    page.wait_for_load_state()
    assert "二道白河" in page.locator("[data-error-summary]").inner_text()
    heard.clear()  # that the browser speaks of an answer of 422
    assert found + faults(page, heard) == []
