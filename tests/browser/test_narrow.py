"""Narrow phones: a header that leaves room in both languages, sums and telephones in one piece."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.browser.states import ROOM

pytestmark = pytest.mark.browser

NARROW = {"viewport": {"width": 320, "height": 640}, "device_scale_factor": 2, "is_mobile": True}
MOST_HEADER = 200
MOST_USUAL_HEADER = 220
"""In letters of the usual size, with the choice of sizes on a line of its own."""
FIRST_CARD = 700
STAY = "arrive=2027-07-01&nights=45&adults=2"
BROKEN_SUMS = r"""() => {
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const parent = text.parentElement;
    if (!parent.checkVisibility() || parent.closest(".hush")) continue;
    for (const sum of text.data.matchAll(/约?[-+]?¥[\d,]*\d(?:\.\d\d)?起?|\b0\d+-\d+-\d{4}\b/g)) {
      const range = document.createRange();
      range.setStart(text, sum.index);
      range.setEnd(text, sum.index + sum[0].length);
      const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
      if (lines.size > 1) found.push(sum[0]);
    }
  }
  return found;
}"""
BROKEN_WORDS = r"""() => {
  const found = [];
  for (const head of document.querySelectorAll("th")) {
    const text = head.firstChild;
    for (const word of (text?.data ?? "").matchAll(/[A-Za-z]+/g)) {
      const range = document.createRange();
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
      if (lines.size > 1) found.push(word[0]);
    }
  }
  return found;
}"""


@pytest.fixture
def narrow(visit: Visit) -> Page:
    """A page of the narrowest phone, with the largest letters chosen."""
    page = visit(NARROW).new_page()
    page.goto("/help?size=150")
    return page


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_sums_are_whole_and_the_header_leaves_room(narrow: Page, site: Site, prefix: str) -> None:
    room = site.room(ROOM)
    listing = f"/listings/{room.listing_id}"
    asked = f"{STAY}&room_type={room.room_type_id}"
    for url in (
        "/",
        f"/search?{STAY}",
        "/search?nights=30&season=summer",
        listing,
        f"{listing}?{asked}",
        f"{listing}?{asked.replace('nights=45', 'nights=1')}",
        f"{listing}/quote?{asked}",
        f"{listing}/quote?{asked}&choose=1",
    ):
        narrow.goto(prefix + url)
        header = narrow.locator("header.top").bounding_box()
        assert header is not None
        assert header["height"] <= MOST_HEADER, (url, header)
        assert narrow.evaluate(BROKEN_SUMS) == [], url
        assert narrow.evaluate("document.documentElement.scrollWidth") == 320, url


def test_the_tools_open_at_a_tap_and_lead_back_to_smaller_letters(narrow: Page) -> None:
    assert narrow.locator(".top__bar > .tools").is_hidden()
    narrow.locator(".tools-fold summary").click()
    narrow.locator(".tools--open [data-set-size='100']").click()
    narrow.wait_for_function("document.documentElement.dataset.size === '100'")
    assert narrow.locator(".top__bar > .tools").is_visible()
    narrow.reload()
    assert narrow.locator(".tools-fold").count() == 0


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_an_english_header_is_no_higher_and_the_first_place_is_seen_at_once(
    visit: Visit, prefix: str
) -> None:
    page = visit().new_page()
    page.goto(f"{prefix}/search?{STAY}")
    header = page.locator("header.top").bounding_box()
    card = page.locator(".card").first.bounding_box()
    assert header is not None
    assert card is not None
    assert header["height"] <= MOST_USUAL_HEADER
    assert card["y"] <= FIRST_CARD


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_no_word_of_the_tables_is_broken_in_the_middle(visit: Visit, prefix: str) -> None:
    page = visit().new_page()
    page.goto(f"{prefix}/")
    assert page.evaluate(BROKEN_WORDS) == []
