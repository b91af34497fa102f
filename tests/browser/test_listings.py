"""An operator's listing pages: readable, large enough to hit, and no wider than the window."""

from __future__ import annotations

import pytest

from marketplace.staff.roles import Role
from tests.browser.conftest import DESK, Visit
from tests.browser.listings import draft_of, staff_id
from tests.browser.measuring import watch
from tests.browser.site import Site
from tests.browser.states import ROOM
from tests.browser.test_consoles import faults
from tests.support.staff import PASSWORD, make_staff

pytestmark = pytest.mark.browser

SECTIONS = ("", "/basics", "/access", "/wellness", "/parts", "/photos", "/sources")


def test_listing_pages_keep_the_numbers(visit: Visit, site: Site) -> None:
    room = site.room(ROOM)
    make_staff(site.services, "lister", Role.OPERATOR, room.enterprise_id)
    author = staff_id(site, "lister")
    draft = draft_of(site, listing_id=room.listing_id, author_id=author)
    page = visit(DESK).new_page()
    heard = watch(page)
    page.goto("/account/sign-in")
    page.fill("[name=login]", "lister")
    page.fill("[name=password]", PASSWORD)
    page.locator("main .btn--primary").click()
    page.wait_for_load_state()
    own = f"/operator/listings/{room.listing_id}"
    found = []
    for url in (
        "/operator/listings",
        "/operator/listings/new",
        own,
        f"{own}/archive",
        *(f"/operator/listings/drafts/{draft}{section}" for section in SECTIONS),
    ):
        answer = page.goto(url)
        assert answer is not None
        assert answer.status == 200, url
        found += faults(page, heard)
    assert found == []
    page.goto(f"/operator/listings/drafts/{draft}/parts")
    page.fill("[name=rooms-0-name_zh]", "朝南双床房")
    page.press("[name=rooms-0-name_zh]", "Enter")
    page.wait_for_load_state()
    assert "朝南双床房" in page.inner_text("main"), "Enter saves and takes nothing out"
