"""What a page does, not how it looks: faults, stillness, wide spacing, and paper."""

from __future__ import annotations

import io
import re
import unicodedata
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.measuring import measure
from tests.browser.site import Site
from tests.browser.states import States

pytestmark = pytest.mark.browser

SPACING = """() => {
  for (const el of document.querySelectorAll("body, body *")) {
    el.style.setProperty("line-height", "1.5", "important");
    el.style.setProperty("letter-spacing", "0.12em", "important");
    el.style.setProperty("word-spacing", "0.16em", "important");
    if (el.tagName === "P") el.style.setProperty("margin-bottom", "2em", "important");
  }
}"""
CLIPPED = """() => [...document.querySelectorAll("main *, header *")]
  .filter((el) => ["hidden", "clip"].includes(getComputedStyle(el).overflowX))
  .filter((el) => el.innerText && !el.matches(".hush"))
  .filter((el) => el.scrollWidth > el.clientWidth + 1 || el.scrollHeight > el.clientHeight + 1)
  .map((el) => el.outerHTML.slice(0, 120))"""
WATCH_CHANGES = """() => {
  window.changed = [];
  new MutationObserver((all) => all.forEach((one) => window.changed.push(one.type)))
    .observe(document, { childList: true, subtree: true, characterData: true });
}"""
IDLE_MS = 4000


@pytest.fixture
def page(visit: Visit, states: States, site: Site) -> Page:
    """The prepared visitor's phone."""
    context = visit(PHONE)
    context.add_cookies([{"name": "session", "value": states.cookie, "url": site.address}])
    return context.new_page()


@pytest.mark.parametrize(
    ("url", "filled", "field"),
    [
        ("/book/who", {"lead_name": ""}, "lead_name"),
        ("/book/phone", {"phone": "12"}, "phone"),
        ("/search?arrive=2020-01-01&adults=2", {}, "arrive"),
        ("/my-booking", {"code": "AAA", "phone": "13911112222"}, "code"),
    ],
)
def test_a_fault_is_named_on_top_and_leads_to_its_field(
    page: Page, url: str, filled: dict[str, str], field: str
) -> None:
    page.goto(url)
    for name, words in filled.items():
        page.fill(f"[name={name}]", words)
    if filled:
        page.locator("main .btn--primary").click()
    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    assert page.title().startswith("出错:")
    summary.locator("a").first.click()
    shown = page.locator(f"[name={field}]:not([type=hidden])")
    expect(shown).to_be_focused()
    assert shown.get_attribute("aria-invalid") == "true"
    kept = {name: page.input_value(f"[name={name}]") for name in filled}
    assert kept == filled


@pytest.mark.parametrize("url", ["/", "/search?arrive=2027-07-01&nights=30"])
def test_an_idle_page_stays_as_it_is(page: Page, site: Site, url: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(url, wait_until="networkidle")
    assert [one for one in asked if not one.startswith((site.address, "data:"))] == []
    page.evaluate(WATCH_CHANGES)
    asked.clear()
    here = page.url
    page.wait_for_timeout(IDLE_MS)
    assert (page.evaluate("window.changed"), asked, page.url) == ([], [], here)
    assert page.locator("dialog[open], [role=dialog], [role=alertdialog]").count() == 0


@pytest.mark.parametrize("name", ["home", "listing", "quote", "check", "confirmed"])
def test_wide_letter_spacing_breaks_no_page(page: Page, states: States, name: str) -> None:
    page.goto({"home": "/", "check": "/book/check"}.get(name) or states.urls[name])
    page.set_viewport_size({"width": 320, "height": 780})
    page.evaluate(SPACING)
    assert measure(page).scroll_width <= 320
    assert page.evaluate(CLIPPED) == []


PRINT_WIDTH, PRINT_HEIGHT = 703, 1032
"""A sheet of A4 within margins of 12 mm, in px."""
FIRST_SHEET = ("0433-1234-5601", "14:00")
FIRST_SHEET_IN = {
    "": ("安图县二道白河示例白桦路1号", "长白山站", "下车以后", "示例号码", "总价"),
    "/en": (
        *("Changbaishan", "Fromthestation", "samplenumber", "Total"),
        *("Showthistothetaxidriver", "白桦温泉旅居馆延边朝鲜族自治州", "白桦路1号白桦林温泉长住"),
    ),
}
"""What the way needs, by the language of the sheet; a taxi's driver reads Chinese."""


def _pdf(page: Page) -> io.BytesIO:
    return io.BytesIO(page.pdf(format="A4"))


RADICALS = str.maketrans("⻓⻋⻝", "长车食")
"""Glyphs that two characters share are read as the radical; NFKC folds only Kangxi's."""


def _words(text: str) -> str:
    """Return a sheet's words without the gaps that setting them on paper leaves."""
    return "".join(unicodedata.normalize("NFKC", text).translate(RADICALS).split())


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_first_sheet_of_a_voucher_has_all_that_the_way_needs_in_large_type(
    visit: Visit, states: States, site: Site, prefix: str
) -> None:
    context = visit(DESK)
    context.add_cookies([{"name": "session", "value": states.cookie, "url": site.address}])
    page = context.new_page()
    page.goto(prefix + states.urls["confirmed"])
    sheets = [_words(sheet.extract_text()) for sheet in PdfReader(_pdf(page)).pages]
    # The price line by line and the terms follow on a second sheet.
    assert len(sheets) == 2
    missing = [words for words in (*FIRST_SHEET, *FIRST_SHEET_IN[prefix]) if words not in sheets[0]]
    assert missing == [], sheets[0]
    assert re.search(r"¥[0-9,]{5,}", sheets[0])
    page.emulate_media(media="print")
    page.set_viewport_size({"width": PRINT_WIDTH, "height": PRINT_HEIGHT})
    article = page.locator(".voucher").bounding_box()
    assert article is not None
    assert article["y"] + article["height"] <= PRINT_HEIGHT
    seen: dict[str, Any] = page.evaluate(PRINTED)
    assert seen["smallest"] >= 14 * 96 / 72 - 0.01
    assert seen["controls"] == []
    assert seen["qr_mm"] >= 30
    assert seen["phone_pt"] >= 20
    assert ("Sample data" if prefix else "示例数据") in page.inner_text("main")
    taxi = page.locator(".taxi[lang='zh-CN']")
    assert taxi.count() == (1 if prefix else 0)


PRINTED = """() => {
  const shown = (el) => el.checkVisibility() && !el.matches(".hush");
  const sizes = [...document.body.querySelectorAll("*")]
    .filter((el) => shown(el) && [...el.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
    .map((el) => parseFloat(getComputedStyle(el).fontSize));
  return {
    smallest: Math.min(...sizes),
    controls: [...document.querySelectorAll("nav, button, header, footer, form")]
      .filter(shown).map((el) => el.tagName),
    qr_mm: document.querySelector(".qr").getBoundingClientRect().width / 96 * 25.4,
    phone_pt: parseFloat(getComputedStyle(document.querySelector(".bigphone")).fontSize) * 72 / 96,
  };
}"""
