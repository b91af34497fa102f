"""Whole ways through the product: without JavaScript, by keyboard alone, and in English."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.measuring import watch
from tests.browser.site import Site

pytestmark = pytest.mark.browser

NAME = "王秀兰"
CODE = re.compile(r"[2-9AFHKMRWXY]{3} [2-9AFHKMRWXY]{3} [2-9AFHKMRWXY]{4}")


def press(page: Page) -> None:
    """Press the one main button of the page."""
    page.locator("main .btn--primary").click()


def search(page: Page, prefix: str = "") -> None:
    """Ask on the home page for thirty nights from the first of July, and open the first answer."""
    page.goto(f"{prefix}/")
    page.fill("input[name=arrive]", "2027-07-01")
    press(page)
    page.locator(".card h2 a").first.click()


def hold(page: Page, phone: str, prefix: str = "") -> None:
    """Go from search to a held room."""
    search(page, prefix)
    press(page)
    expect(page.locator(".bigsum__total")).to_contain_text("¥")
    press(page)
    page.fill("input[name=lead_name]", NAME)
    page.check("input[name=for_whom][value=self]")
    press(page)
    page.fill("input[name=phone]", phone)
    page.check("input[name=consent]")
    press(page)
    assert urlsplit(page.url).path.endswith("/book/check")
    press(page)
    assert page.url.endswith("/pay")


def pay(page: Page) -> None:
    """Pay at the simulated gateway."""
    press(page)
    page.click("button[value=alipay_ok]")


def code_of(page: Page) -> str:
    """Return the booking's code that the page shows."""
    found = CODE.search(page.inner_text("main"))
    assert found is not None
    return found[0]


def test_without_javascript_a_stay_is_booked_paid_and_undone(visit: Visit, site: Site) -> None:
    page = visit(PHONE, java_script_enabled=False).new_page()
    heard = watch(page)
    hold(page, "13911110001")
    pay(page)
    expect(page.locator("h1")).to_have_text("订好了，钱已付清")
    assert page.locator(".qr").is_visible()
    page.get_by_role("link", name="取消订单").click()
    refund = page.locator(".bigsum__total").inner_text()
    paid = page.locator(".bigsum").inner_text()
    assert "不扣钱" in paid
    page.get_by_role("button", name="确定取消").click()
    expect(page.locator("h1")).to_have_text("已取消")
    expect(page.get_by_text("退款", exact=True).locator("xpath=../dd")).to_have_text(refund)
    assert heard == []


def test_a_stay_is_booked_and_paid_in_english(visit: Visit) -> None:
    page = visit(PHONE, locale="en-GB").new_page()
    hold(page, "13911110002", "/en")
    pay(page)
    assert "/en/booking/" in page.url
    assert page.locator("html").get_attribute("lang") == "en"
    assert CODE.search(page.inner_text("main"))
    assert page.locator("dd", has_text=NAME).locator("[lang='zh-CN']").count() == 1


class Keyboard:
    """A person who never touches the mouse and looks for where they are at every step."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, key: str) -> None:
        """Press a key and look at what has the focus now."""
        self.page.keyboard.press(key)
        ring = self.page.evaluate(RING)
        assert ring is None or ring["width"] >= 2, ring

    def reach(self, selector: str) -> None:
        """Press Tab until something has the focus; it must come within a hundred steps."""
        self.page.wait_for_load_state()
        for _ in range(100):
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                return
            self.press("Tab")
        raise AssertionError(f"{selector} is not reached by Tab on {self.page.url}")

    def follow(self, selector: str, key: str = "Enter") -> None:
        """Reach a link or button and press it, and wait for the page it leads to."""
        self.reach(selector)
        with self.page.expect_navigation():
            self.page.keyboard.press(key)

    def choose(self, selector: str) -> None:
        """Reach a choice and take it."""
        self.reach(selector)
        self.press("Space")
        assert self.page.is_checked(selector)

    def write(self, selector: str, words: str) -> None:
        """Reach a field and type into it."""
        self.reach(selector)
        self.page.keyboard.type(words)


RING = """() => {
  const at = document.activeElement;
  if (!at || at === document.body || at.id === "main") return null;
  const drawn = (el, pseudo) => {
    const style = getComputedStyle(el, pseudo);
    return style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth);
  };
  const shown = at.closest("label.choice") || at;
  const width = Math.max(drawn(at), drawn(shown), drawn(at, "::after"));
  return { width, where: at.outerHTML.slice(0, 120) };
}"""


def test_by_keyboard_alone_a_stay_is_found_booked_and_paid(visit: Visit) -> None:
    page = visit(DESK).new_page()
    keys = Keyboard(page)
    page.goto("/")
    keys.follow(".pick[href*='2027-07-01']")
    keys.follow(".card h2 a")
    keys.follow("main .btn--primary")
    keys.follow("main .btn--primary", "Space")
    keys.write("[name=lead_name]", NAME)
    keys.choose("[name=for_whom][value=self]")
    keys.follow("main .btn--primary")
    keys.write("[name=phone]", "13911110003")
    keys.choose("[name=consent]")
    keys.follow("main .btn--primary")
    keys.follow("main .btn--primary")
    keys.follow("main .btn--primary")
    keys.follow("button[value=wechat_ok]")
    expect(page.locator("h1")).to_have_text("订好了，钱已付清")
    keys.reach("main .btns a.btn")


def _fresh_page(visit: Visit) -> tuple[BrowserContext, Page]:
    context = visit(PHONE)
    return context, context.new_page()


def test_a_hold_outlives_its_page_and_is_extended_with_one_tap(visit: Visit) -> None:
    first, page = _fresh_page(visit)
    hold(page, "13911110004")
    code = code_of(page)
    first.close()
    _, page = _fresh_page(visit)
    page.goto("/my-booking")
    page.fill("[name=code]", code.lower())
    page.fill("[name=phone]", "139 1111 0004")
    press(page)
    expect(page.locator("h1")).to_have_text("还没有付款")
    press(page)
    kept = page.get_by_text("关掉页面也留着")
    before = kept.inner_text()
    page.get_by_role("button", name="再留30分钟").click()
    expect(kept).not_to_have_text(before)
    assert page.url.endswith("/pay")
