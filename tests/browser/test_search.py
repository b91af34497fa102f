"""The search pages in a browser: words that complete themselves, and questions that fold."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, Request, expect

from marketplace.settings import ROOT
from marketplace.web.rendering.assets import FINGERPRINT
from tests.browser.conftest import PHONE, Visit
from tests.browser.measuring import measure, violations, watch
from tests.browser.site import Site
from tests.browser.test_pages import axe

pytestmark = pytest.mark.browser

SCRIPT_BYTES = 8 * 1024
"""What all scripts of a traveller page may weigh."""
FIRST_CARD_PX = 700
"""How far down the first place found may begin on a phone."""
BELOW_HEADER_PX = 490
"""The same, from where the page's own part begins."""
ONE_LINE_PX = 70
"""The tallest that the summary of the question may be."""
OPTION = "#l-q [role=option]"
TYPE_FAST = """(values) => {
  const field = document.getElementById("f-q");
  for (const value of values) {
    field.value = value;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
}"""
"""What a quick typist leaves in the field, one after the other without a pause."""


@pytest.fixture
def phone(visit: Visit) -> BrowserContext:
    """A phone of its own."""
    return visit(PHONE)


@pytest.fixture
def page(phone: BrowserContext) -> Iterator[Page]:
    """The page of results, with nothing typed."""
    page = phone.new_page()
    heard = watch(page)
    page.goto("/search")
    yield page
    assert heard == []


def write(page: Page, words: str) -> None:
    """Type words, and wait for what completes them."""
    page.locator("#f-q").press_sequentially(words)
    expect(page.locator(OPTION).first).to_be_visible()


class TestWords:
    def test_what_is_typed_is_completed_and_taken_by_a_tap(self, page: Page) -> None:
        field = page.locator("#f-q")
        expect(field).to_have_role("combobox")
        assert page.locator(OPTION).count() == 0
        write(page, "wenq")
        assert field.get_attribute("aria-expanded") == "true"
        first = page.locator(OPTION).first
        words = first.locator(".typing__text").inner_text()
        assert "温泉" in words
        first.tap()
        assert field.input_value() == words
        expect(field).to_be_focused()
        expect(page.locator("#l-q")).to_be_hidden()
        page.locator(".ask button").tap()
        expect(page.locator(".said")).to_contain_text(words)
        assert page.locator(".card").count() > 0

    def test_keys_go_through_the_list_take_one_and_leave_it(self, page: Page) -> None:
        field = page.locator("#f-q")
        write(page, "温")
        count = page.locator(OPTION).count()
        assert count > 1
        for key, place in (
            ("ArrowDown", 0),
            ("ArrowDown", 1),
            ("ArrowUp", 0),
            ("ArrowUp", count - 1),
        ):
            field.press(key)
            chosen = page.locator(f"{OPTION}[aria-selected=true]")
            assert chosen.get_attribute("id") == field.get_attribute("aria-activedescendant")
            assert chosen.get_attribute("id") == f"l-q-{place}"
        field.press("Escape")
        expect(page.locator("#l-q")).to_be_hidden()
        assert field.input_value() == "温"
        assert field.get_attribute("aria-activedescendant") is None
        field.press_sequentially("泉")
        expect(page.locator(OPTION).first).to_be_visible()
        words = page.locator(f"{OPTION} .typing__text").first.inner_text()
        field.press("ArrowDown")
        field.press("Enter")
        assert field.input_value() == words
        assert page.url.endswith("/search"), "taking words does not send them"
        field.press("Enter")
        page.wait_for_url("**/search?**q=*")

    def test_enter_without_a_choice_sends_what_was_typed(self, page: Page) -> None:
        write(page, "温")
        page.locator("#f-q").press("Enter")
        page.wait_for_url("**/search?*")
        expect(page.locator(".said")).to_contain_text("找的是“温”")

    def test_the_server_is_asked_after_a_pause_and_never_for_nothing(self, page: Page) -> None:
        asked: list[Request] = []
        page.on("request", lambda one: asked.append(one) if "/search/words" in one.url else None)
        page.locator("#f-q").focus()
        page.evaluate(TYPE_FAST, ["w", "we", "wen"])
        expect(page.locator(OPTION).first).to_be_visible()
        assert [one.url.split("?")[1] for one in asked] == ["q=wen"]
        asked.clear()
        page.evaluate(TYPE_FAST, ["we", "w", ""])
        expect(page.locator("#l-q")).to_be_hidden()
        page.wait_for_timeout(400)
        assert asked == []

    def test_an_answer_that_comes_too_late_is_not_waited_for(self, page: Page) -> None:
        page.route("**/search/words?q=w", lambda _never_answered: None)
        field = page.locator("#f-q")
        field.focus()
        with page.expect_request("**/search/words?q=w"):
            page.evaluate(TYPE_FAST, ["w"])
        with page.expect_event("requestfailed") as failed:
            page.evaluate(TYPE_FAST, ["wen"])
        assert failed.value.url.endswith("q=w")
        expect(page.locator(OPTION).first).to_be_visible()

    def test_leaving_the_field_closes_the_list(self, page: Page) -> None:
        write(page, "温")
        page.locator("#f-q").press("Tab")
        expect(page.locator("#l-q")).to_be_hidden()

    @pytest.mark.parametrize(("width", "size"), [(360, 100), (320, 150)])
    def test_the_list_keeps_the_numbers(
        self, phone: BrowserContext, page: Page, site: Site, width: int, size: int
    ) -> None:
        phone.add_cookies([{"name": "size", "value": str(size), "url": site.address}])
        page.set_viewport_size({"width": width, "height": 780})
        page.reload()
        write(page, "温")
        boxes = [option.bounding_box() for option in page.locator(OPTION).all()]
        for above, below in itertools.pairwise(boxes):
            assert above is not None
            assert below is not None
            assert above["height"] >= 60
            assert below["y"] - above["y"] - above["height"] >= 8
        measures = measure(page)
        assert violations(measures, viewport_width=width, size=size, kind="browse") == []
        if size == 100:
            assert axe(page, width) == []

    def test_a_screen_reader_hears_how_many_there_are(self, page: Page) -> None:
        write(page, "温")
        count = page.locator(OPTION).count()
        expect(page.locator("[data-said]")).to_have_text(f"{count}个词可以选")
        tags = {one.get_attribute("lang") for one in page.locator(".typing__text").all()}
        assert tags <= {"zh-CN", "en"}


def test_all_scripts_of_a_page_are_small(page: Page) -> None:
    scripts = page.locator("script[src]").all()
    names = [FINGERPRINT.sub("", one.get_attribute("src") or "") for one in scripts]
    assert sorted(names) == ["/static/js/app.js", "/static/js/words.js"]
    assert sum((ROOT / name.lstrip("/")).stat().st_size for name in names) <= SCRIPT_BYTES


def test_only_what_the_way_of_saying_when_asks_is_in_sight(page: Page) -> None:
    parts = ("arrive", "month_from", "nights", "nights_other")
    page.goto("/search/dates")
    for way, seen in (
        ("exact", ("arrive", "nights")),
        ("around", ("arrive", "nights")),
        ("within", ("month_from", "nights")),
        ("open", ()),
    ):
        page.check(f"main form input[name=when][value={way}]")
        shown = [name for name in parts if page.locator(f"main form #f-{name}").is_visible()]
        assert shown == list(seen), way
    page.check("input[name=when][value=exact]")
    page.check("input[name=nights][value=other]")
    assert page.locator("#f-nights_other").is_visible()


def test_without_a_script_filters_words_and_months_find_the_same(visit: Visit) -> None:
    page = visit(PHONE, java_script_enabled=False).new_page()
    heard = watch(page)
    page.goto("/search")
    page.fill("#f-q", "温泉")
    page.locator(".ask button").click()
    assert "q=%E6%B8%A9%E6%B3%89" in page.url
    page.locator("#f-filters").click()
    page.check("input[name=access][value=lift]")
    page.get_by_role("button", name="重新数一数").click()
    assert "/search/filters?" in page.url
    assert page.is_checked("input[name=access][value=lift]")
    counted = page.locator("main .btn--primary").inner_text()
    page.locator("main .btn--primary").click()
    found = page.locator("#found").inner_text()
    assert found.strip("共处") == counted.split("（")[1].strip("处）")
    expect(page.locator(".said")).to_contain_text("温泉")
    page.get_by_role("link", name="改日期").click()
    assert "/search/dates?" in page.url
    page.check("input[name=when][value=within]")
    page.select_option("[name=month_from]:visible", "2027-07")
    page.select_option("[name=month_to]:visible", "2027-08")
    page.locator("main .btn--primary").click()
    expect(page.locator(".said")).to_contain_text("2027年7月到2027年8月里任意30晚")
    expect(page.locator(".card__lines").first).to_contain_text("住30晚")
    page.locator("main summary").first.click()
    page.get_by_role("link", name="去掉：有电梯").click()
    assert "access" not in page.url
    assert heard == []


@pytest.mark.parametrize(
    "url",
    [
        "/search?arrive=2027-07-01&nights=30&adults=2",
        "/search?when=within&month_from=2027-07&month_to=2027-08&nights=30&adults=2&rooms=2",
        "/search?arrive=2027-10-15&nights=60&adults=2&access=lift&hospital=30",
        "/search?q=温泉",
        "/en/search?arrive=2027-07-01&nights=30&adults=2",
    ],
)
def test_the_first_place_is_seen_without_a_long_way_down(visit: Visit, url: str) -> None:
    page = visit(PHONE).new_page()
    page.goto(url)
    box = page.locator(".card").first.bounding_box()
    assert box is not None
    top = page.locator("main").bounding_box()
    assert top is not None
    # What stands above the page's own part is another matter, and wider in English.
    assert box["y"] <= FIRST_CARD_PX or url.startswith("/en/")
    assert box["y"] - top["y"] <= BELOW_HEADER_PX
    summary = page.locator("main summary").first
    assert summary.bounding_box() is not None
    assert (summary.bounding_box() or {})["height"] <= ONE_LINE_PX
    assert page.locator("main input[name=arrive]:not([type=hidden])").count() == 0
