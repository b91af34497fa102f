"""The cluster diagram as it is drawn: words inside their boxes, boxes large enough, focus seen."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Visit
from tests.browser.site import Site

pytestmark = pytest.mark.browser

BOXES = """() => [...document.querySelectorAll(".atlas__link")].map((link) => {
  const box = link.querySelector("rect").getBoundingClientRect();
  const words = [...link.querySelectorAll("text")].map((text) => text.getBoundingClientRect());
  const style = getComputedStyle(link.querySelector("rect"));
  return {
    name: link.textContent.trim().replace(/\\s+/g, " "),
    top: box.top, bottom: box.bottom, height: box.height, width: box.width,
    inside: words.every((word) => word.left >= box.left && word.right <= box.right
      && word.top >= box.top - 1 && word.bottom <= box.bottom + 1),
    fill: style.fill, stroke: style.stroke, ink: getComputedStyle(link.querySelector("text")).fill,
  };
})"""
OUTSIDE = """() => {
  const strip = document.querySelector(".atlas__strip").getBoundingClientRect();
  return [...document.querySelectorAll(".atlas__strip text, .atlas__strip circle")]
    .filter((el) => el.getBoundingClientRect().right > strip.right + 1
      || el.getBoundingClientRect().left < strip.left - 1
      || el.getBoundingClientRect().bottom > strip.bottom + 1)
    .map((el) => el.textContent);
}"""


def opened(visit: Visit, site: Site, *, path: str = "/", size: int = 100, width: int = 360) -> Page:
    """A page with the diagram in a width and a text size."""
    context = visit(PHONE, locale="en-GB" if path.startswith("/en") else "zh-CN")
    context.add_cookies([{"name": "size", "value": str(size), "url": site.address}])
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 780})
    page.goto(path)
    return page


def boxes(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(BOXES)
    assert len(found) == 5
    return found


@pytest.mark.parametrize("path", ["/", "/en/clusters"])
@pytest.mark.parametrize(("width", "size"), [(360, 100), (320, 100), (320, 150)])
def test_words_stay_in_their_boxes_and_boxes_are_large(
    visit: Visit, site: Site, path: str, width: int, size: int
) -> None:
    page = opened(visit, site, path=path, width=width, size=size)
    found = boxes(page)
    assert [box["name"] for box in found if not box["inside"]] == []
    assert page.evaluate(OUTSIDE) == []
    assert min(box["height"] for box in found) >= 60
    assert min(box["width"] for box in found) >= 60
    found.sort(key=lambda box: float(box["top"]))
    pairs = itertools.pairwise(found)
    assert all(below["top"] - above["bottom"] >= 8 for above, below in pairs)


def test_a_box_is_reached_by_keyboard_shows_it_and_filters(visit: Visit, site: Site) -> None:
    page = opened(visit, site)
    before = [(box["stroke"], box["fill"]) for box in boxes(page)]
    page.locator(".atlas__link").first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    expect(page.locator(".atlas__link").first).to_be_focused()
    after = [(box["stroke"], box["fill"]) for box in boxes(page)]
    assert after[0] != before[0]
    assert after[1:] == before[1:]
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?cluster=*")


def test_in_forced_colours_words_stand_out_from_their_boxes(visit: Visit, site: Site) -> None:
    page = opened(visit, site)
    page.emulate_media(forced_colors="active", color_scheme="dark")
    for box in boxes(page):
        assert box["fill"] == "rgb(0, 0, 0)"
        assert box["ink"] not in (box["fill"], "rgb(20, 54, 40)")


def test_a_reader_of_the_page_hears_a_group_of_links(visit: Visit, site: Site) -> None:
    page = opened(visit, site)
    group = page.get_by_role("group", name="示意图：各集聚区挨着哪些车站")
    expect(group.get_by_role("link")).to_have_count(5)
    expect(group.get_by_role("link", name="长白山集聚区")).to_be_visible()
