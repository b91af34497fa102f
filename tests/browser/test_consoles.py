"""The staff's pages: readable, large enough to hit, and no wider than the window."""

from __future__ import annotations

import itertools

import pytest
from playwright.sync_api import Page

from marketplace.staff.roles import Role
from marketplace.staff.second_factor import code_now
from marketplace.web.office.figures.figure_registry import TOPICS
from tests.browser.conftest import DESK, Visit
from tests.browser.measuring import measure, violations, watch
from tests.browser.site import Site
from tests.browser.states import ROOM, States
from tests.browser.test_pages import axe
from tests.support.staff import PASSWORD, SECRET, make_staff

pytestmark = pytest.mark.browser

RULES = {"C1", "C3", "C5", "C6", "C8", "C10", "C15", "C22", "C24"}
"""What staff pages promise; they hold more on a page than a traveller's, nearer together."""
PAGES = {
    "front": [
        "/operator/",
        "/operator/arrivals",
        "/operator/bookings",
        "/operator/calendar",
        "/operator/calendar/edit",
        "/operator/prices",
        "/operator/prices/{room}",
        "/operator/blocks",
        "/operator/check-in",
        "/operator/entry",
        "/operator/entry/decisions",
        "/account/password",
        "/account/",
    ],
    "clerk": [
        "/office/",
        "/office/enterprises/SMP01",
        "/office/enterprises/SMP01/suspend",
        "/office/cases",
        "/office/licences",
        "/office/dashboard?data=sample",
        "/office/dashboard?data=sample&topic=months",
        "/office/imports",
        "/office/imports/1?show=new",
        "/office/tasks",
        "/office/trail",
    ],
}


@pytest.fixture(scope="module")
def staff(site: Site, states: States) -> Site:
    """The site with a front desk that has bookings, and a clerk of the office."""
    make_staff(site.services, "front", Role.OPERATOR, site.room(ROOM).enterprise_id)
    make_staff(site.services, "clerk", Role.OFFICE, None)
    return site


HEADER_PX = 290
"""How high header and menu of an operator may be on a phone, with all their links on screen."""


def header_faults(page: Page) -> list[str]:
    """Return links of header and menu that a phone does not show, and a header that is too high."""
    page.set_viewport_size({"width": 360, "height": 780})
    links = page.locator(".con__top a, .con__top button, .con__nav a").all()
    boxes = [(link.inner_text(), link.bounding_box()) for link in links]
    found = [
        f"{page.url}: “{word}” is off the screen"
        for word, box in boxes
        if box is None or box["x"] < 0 or box["x"] + box["width"] > 360
    ]
    top = page.locator("main").bounding_box()
    if top is None or top["y"] > HEADER_PX:
        found.append(f"{page.url}: the page begins at {top and top['y']:.0f} px")
    return found


SCREEN_HEIGHT = 800


def tall_topics(page: Page) -> list[str]:
    """Return the topics of the overview that are taller than one screen."""
    page.set_viewport_size({"width": 1280, "height": SCREEN_HEIGHT})
    found = []
    for topic, data in itertools.product(TOPICS, ("", "sample")):
        page.goto(f"/office/dashboard?topic={topic}&data={data}")
        tall = page.evaluate("document.documentElement.scrollHeight")
        if tall > SCREEN_HEIGHT:
            found.append(f"{topic} {data}: {tall} px")
    return found


MONTH_LONG = "/operator/calendar"
"""Has a column for each day, and is moved sideways in any window."""


def wide_tables(page: Page) -> list[str]:
    """Return the tables that a wide window does not show whole; on a phone they are moved."""
    if page.url.endswith(MONTH_LONG):
        return []
    return [
        f"{page.url}: the table “{name}” is {wide} px too wide"
        for name, wide in page.evaluate(
            "() => [...document.querySelectorAll('.scroll')]"
            ".filter((one) => one.scrollWidth > one.clientWidth)"
            ".map((one) => [one.ariaLabel, one.scrollWidth - one.clientWidth])"
        )
    ]


def faults(page: Page, heard: list[str]) -> list[str]:
    """Measure the open page in a wide window and on a phone."""
    page.set_viewport_size({"width": 1280, "height": 900})
    found = wide_tables(page)
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        lines = violations(
            measure(page), viewport_width=width, size=100, kind="console", console=heard
        )
        kept = [line for line in lines if line.split()[0] in RULES]
        found += [f"{page.url} {width} px: {line}" for line in kept]
        found += axe(page, width)
    heard.clear()
    return found


def test_the_sign_in_page_keeps_the_numbers(visit: Visit) -> None:
    page = visit(DESK).new_page()
    heard = watch(page)
    page.goto("/account/sign-in")
    assert faults(page, heard) == []


@pytest.mark.parametrize("login", PAGES)
def test_console_pages_keep_the_numbers(login: str, visit: Visit, staff: Site) -> None:
    page = visit(DESK).new_page()
    heard = watch(page)
    page.goto("/account/sign-in")
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.locator("main .btn--primary").click()
    page.wait_for_load_state()
    found = []
    if page.locator("[name=code]").count():
        found += faults(page, heard)
        page.fill("[name=code]", code_now(SECRET, staff.clock.now()))
        page.locator("main .btn--primary").click()
        page.wait_for_load_state()
    for page_url in PAGES[login]:
        url = page_url.format(room=staff.room(ROOM).room_type_id)
        answer = page.goto(url)
        assert answer is not None
        assert answer.status == 200, url
        assert page.url == staff.address + url
        found += faults(page, heard)
    if login == "clerk":
        found += tall_topics(page)
    if login == "front":
        page.goto("/operator/")
        found += header_faults(page)
        page.goto("/account/")
        page.fill("[name=password]", PASSWORD)
        page.locator("main .btn--primary").click()
        page.wait_for_load_state()
        assert page.url == staff.address + "/account/set-up"
        found += faults(page, heard)
    assert found == []
