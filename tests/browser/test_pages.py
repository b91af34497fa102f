"""Every page a traveller can open, measured: small and smaller phone, normal and largest text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import PHONE, Visit
from tests.browser.measuring import Kind, measure, violations, watch
from tests.browser.site import Site
from tests.browser.states import States
from tests.web.traveller.english import strange

pytestmark = pytest.mark.browser

AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "rules": {"color-contrast-enhanced": {"enabled": True}, "target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}


def send(page: Page) -> None:
    """Press the one main button of the page, with everything left as it is."""
    page.locator("main .btn--primary").first.click()
    page.wait_for_load_state()


def forget(page: Page) -> None:
    """Send a form after losing the cookie it was made with."""
    kept = page.context.cookies()
    page.context.clear_cookies(name="session")
    send(page)
    page.context.add_cookies(kept)


def empty(page: Page) -> None:
    """Clear what was answered before, then send the form."""
    for field in page.locator("main input[type=text], main input[type=tel]").all():
        field.fill("")
    for choice in page.locator("main input:checked").all():
        choice.evaluate("box => { box.checked = false; }")
    send(page)


def introduce(page: Page) -> None:
    """Answer the first step of joining."""
    page.fill("[name=contact_name]", "赵桂芝")
    page.fill("[name=contact_phone]", "13900000001")
    page.check("[name=consent]")
    send(page)


def introduce_and_send(page: Page) -> None:
    """Answer the first step of joining and leave the second empty."""
    introduce(page)
    send(page)


def outdate(page: Page) -> None:
    """Send the form of a page that another tab has made an old one."""
    page.locator("main input[name=shown]").evaluate("field => { field.value = ''; }")
    send(page)


@dataclass(frozen=True)
class Shown:
    """How a page is reached: by an address, or by one that ``States`` knows, and then an act."""

    endpoint: str
    kind: Kind
    url: str = ""
    act: Callable[[Page], None] | None = None
    status: int = 200


PAGES = {
    "home": Shown("home", "browse", "/"),
    "search": Shown(
        "search", "browse", "/search?arrive=2027-07-01&nights=60&hospital=30&from=110100"
    ),
    "search_no_dates": Shown("search", "browse", "/search?page=2"),
    "search_around": Shown(
        "search",
        "browse",
        "/search?when=around&arrive=2027-07-01&nights=30&from=420100&near=station:JL123",
    ),
    "search_within": Shown(
        "search",
        "browse",
        "/search?when=within&month_from=2027-07&month_to=2027-08&nights=30&cluster=cjs_springs"
        "&access=no_steps&from=420100&page=9",
    ),
    "search_words": Shown("search", "browse", "/search?q=wenqaun&sort=month"),
    "search_empty": Shown(
        "search",
        "browse",
        "/search?arrive=2027-07-01&nights=60&cluster=jian&access=lift&band=to_3000&q=温泉",
    ),
    "search_errors": Shown(
        "search",
        "browse",
        "/search?arrive=2027-02-29&nights=500&adults=99&theme=x&near=y&q=。",
        status=422,
    ),
    "search_month_errors": Shown(
        "search",
        "browse",
        "/search?when=within&month_from=2027-08&month_to=2027-07&nights=30",
        status=422,
    ),
    "filters": Shown(
        "filters",
        "browse",
        "/search/filters?arrive=2027-07-01&nights=60&cluster=jian&food=soft&access=lift",
    ),
    "filters_errors": Shown("filters", "browse", "/search/filters?cluster=atlantis", status=422),
    "listing": Shown("listing", "browse"),
    "listing_photos": Shown("listing", "browse"),
    "listing_activity": Shown("listing", "browse"),
    "listing_errors": Shown("quote", "browse", status=422),
    "closed": Shown("listing", "browse"),
    "quote": Shown("quote", "flow"),
    "quote_family": Shown("quote", "flow"),
    "quote_family_errors": Shown("quote", "flow", "quote_child", act=send),
    "quote_ages": Shown("quote", "flow"),
    "quote_ages_errors": Shown("quote", "flow", "quote_ages", act=send),
    "quote_choice": Shown("quote", "flow"),
    "quote_months": Shown("quote", "flow"),
    "quote_refused": Shown("quote", "flow", status=422),
    "quote_sold_out": Shown("quote", "browse"),
    "book_who": Shown("book_who", "flow", "/book/who"),
    "book_who_errors": Shown("book_who", "flow", "/book/who", act=empty),
    "book_phone": Shown("book_phone", "flow", "/book/phone"),
    "book_phone_errors": Shown("book_phone", "flow", "/book/phone", act=empty),
    "book_check": Shown("book_check", "flow", "/book/check"),
    "book_check_old": Shown("book_check", "flow", "/book/check", act=outdate),
    "quote_rooms": Shown("quote", "flow"),
    "quote_rooms_choice": Shown("quote", "flow"),
    "more_rooms_who": Shown("more_rooms", "flow"),
    "more_rooms_errors": Shown("more_rooms", "flow", status=422),
    "more_rooms_ages": Shown("more_rooms", "flow"),
    "more_rooms": Shown("more_rooms", "flow"),
    "sleepers": Shown("book_sleepers", "flow"),
    "check_rooms": Shown("book_check", "flow"),
    "pay_rooms": Shown("pay", "flow"),
    "pay": Shown("pay", "flow"),
    "sim_pay": Shown("sim_pay", "flow"),
    "pay_wait": Shown("pay_return", "flow"),
    "held": Shown("voucher", "browse"),
    "confirmed": Shown("voucher", "browse"),
    "cancelled": Shown("voucher", "browse"),
    "expired": Shown("voucher", "browse"),
    "cancel": Shown("cancel", "flow"),
    "give_up": Shown("cancel", "flow"),
    "withdraw_change": Shown("withdraw_change", "flow"),
    "in_stay": Shown("voucher", "browse"),
    "completed": Shown("voucher", "browse"),
    "change": Shown("change_menu", "flow"),
    "change_waiting": Shown("change_menu", "flow"),
    "change_in_house": Shown("change_menu", "flow"),
    "change_longer": Shown("change_stay", "flow"),
    "change_longer_errors": Shown("change_stay", "flow", status=422),
    "change_longer_rule": Shown("change_stay", "flow", status=422),
    "change_shorter": Shown("change_stay", "flow"),
    "change_dates": Shown("change_stay", "flow"),
    "change_dates_errors": Shown("change_stay", "flow", status=422),
    "change_room": Shown("change_stay", "flow"),
    "change_room_errors": Shown("change_stay", "flow", status=422),
    "change_people": Shown("change_stay", "flow"),
    "change_ages": Shown("change_stay", "flow"),
    "change_extras": Shown("change_stay", "flow"),
    "change_pays": Shown("change_stay", "flow"),
    "change_gives_back": Shown("change_stay", "flow"),
    "change_paid": Shown("voucher", "browse"),
    "several_rooms": Shown("voucher", "browse"),
    "which_room": Shown("change_menu", "flow"),
    "cancel_room": Shown("cancel_room", "flow"),
    "change_one_room": Shown("change_menu", "flow"),
    "change_one_people": Shown("change_stay", "flow"),
    "change_unpaid": Shown("voucher", "browse"),
    "pay_change": Shown("pay_change", "flow"),
    "next_summer": Shown("next_summer", "flow"),
    "no_next_summer": Shown("no_next_summer", "flow"),
    "next_summer_over": Shown("next_summer", "flow"),
    "homeless": Shown("voucher", "browse"),
    "rehousing": Shown("rehousing_offers", "browse"),
    "rehouse": Shown("rehouse", "flow"),
    "my_booking": Shown("my_booking", "flow", "/my-booking"),
    "my_booking_errors": Shown("my_booking", "flow", "/my-booking", act=send),
    "form_expired": Shown("my_booking", "browse", "/my-booking", act=forget),
    "directory": Shown("directory", "browse", "/directory"),
    "directory_empty": Shown("directory", "browse", "/directory?q=没有这个名字"),
    "enterprise": Shown("enterprise", "browse", "/directory/JL001"),
    "enterprise_planned": Shown("enterprise", "browse", "/directory/JL013"),
    "directory_sorted": Shown("directory", "browse", "/directory?sort=complete&page=2"),
    "join": Shown("join", "flow", "/join?claim=JL001"),
    "join_errors": Shown("join", "flow", "/join", act=send),
    "join_account": Shown("join", "flow", "/join?claim=JL001", act=introduce),
    "join_account_errors": Shown("join", "flow", "/join", act=introduce_and_send),
    "open_data": Shown("open_data", "browse", "/open"),
    "leave": Shown("leave", "flow", "/leave"),
    "search_dates": Shown("search_dates", "browse", "/search/dates?arrive=2027-07-01&nights=60"),
    "problems": Shown("problem_page", "browse", "/docs/problems"),
    "clusters": Shown("clusters", "browse", "/clusters"),
    "cluster": Shown("cluster", "browse", "/clusters/changbai"),
    "cluster_page": Shown("cluster", "browse", "/clusters/ring-changbai-springs?page=2"),
    "themes": Shown("themes", "browse", "/themes"),
    "theme": Shown("theme", "browse", "/themes/hot-spring"),
    "theme_trains": Shown("theme", "browse", "/themes/rail"),
    "trains": Shown("trains", "browse", "/trains"),
    "family": Shown("family", "browse", "/family"),
    "help": Shown("help", "flow", "/help"),
    "privacy": Shown("privacy", "flow", "/privacy"),
    "sources": Shown("sources", "browse", "/sources"),
    "not_found": Shown("enterprise", "browse", "/directory/no-such-place", status=404),
}
PICTURES = {"open_csv", "open_json", "qr", "robots", "search_words", "sitemap", "sitemap_part"}
"""Routes that answer with no page."""
OF_PROGRAMMERS = {"problem_page"}
"""Pages of the partner API that a person reads."""


def axe(page: Page, width: int) -> list[str]:
    """Return what axe says of the open page in a width."""
    page.set_viewport_size({"width": width, "height": 780})
    if not page.evaluate("() => 'axe' in window"):  # half a megabyte, once for each page
        page.evaluate(_axe_script())
    found = page.evaluate("options => axe.run(options).then(said => said.violations)", AXE)
    return [
        f"axe {width} px: {rule['id']} {node['target']} {node['failureSummary'][:200]}"
        for rule in found
        for node in rule["nodes"]
    ]


@cache
def _axe_script() -> str:
    script: str = Axe().axe_script
    return script


class Reader:
    """The prepared visitor on a phone, opening pages in one language."""

    def __init__(self, context: BrowserContext, states: States, prefix: str = "") -> None:
        self.context, self.states, self.prefix = context, states, prefix
        self.page = context.new_page()
        self.heard = watch(self.page)

    def open(self, name: str, *, width: int = 360, size: int = 100) -> None:
        """Open a page anew in a width and a text size, with nothing of the page before."""
        shown = PAGES[name]
        base = self.states.site_address
        self.heard.clear()
        self.context.clear_cookies()
        self.context.add_cookies(
            [
                {"name": "session", "value": self.states.cookie, "url": base},
                {"name": "size", "value": str(size), "url": base},
            ]
        )
        self.page.set_viewport_size({"width": width, "height": 780})
        url = self.states.urls.get(shown.url or name, shown.url)
        answer = self.page.goto(self.prefix + url)
        assert answer is not None
        assert answer.status == shown.status, f"{url}: {answer.status}"
        # A page that may not be seen yet leads to another one, which would pass in its place.
        assert self.page.url.split("?")[0] == base + (self.prefix + url).split("?")[0]
        if shown.act is not None:
            shown.act(self.page)

    def faults(self, name: str, *, width: int, size: int, weigh: bool = False) -> list[str]:
        """Measure what is open, after narrowing or widening it to ``width``."""
        self.page.set_viewport_size({"width": width, "height": 780})
        found = violations(
            measure(self.page, with_weight=weigh),
            viewport_width=width,
            size=size,
            kind=PAGES[name].kind,
            console=self.heard,
        )
        self.heard.clear()
        found += [
            f"C22 not in the page's language: {word}" for word in strange(self.page.content())
        ]
        return [f"{width} px, {size} %: {line}" for line in found]


def test_every_traveller_page_is_in_the_table(site: Site) -> None:
    pages = {
        rule.endpoint.removeprefix("traveller.")
        for rule in site.app.url_map.iter_rules()
        if rule.endpoint.startswith("traveller.") and "GET" in (rule.methods or ())
    }
    assert (pages | OF_PROGRAMMERS) - PICTURES == {shown.endpoint for shown in PAGES.values()}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_keeps_the_numbers(name: str, visit: Visit, states: States) -> None:
    reader = Reader(visit(PHONE), states)
    reader.open(name)
    faults = reader.faults(name, width=360, size=100, weigh=True)
    faults += axe(reader.page, 360) + axe(reader.page, 1280)
    faults += reader.faults(name, width=320, size=100)
    reader.open(name, size=150)
    faults += reader.faults(name, width=360, size=150)
    faults += reader.faults(name, width=320, size=150)
    assert faults == []


@pytest.fixture(scope="module")
def english(browser: Browser, site: Site, states: States) -> Iterator[Reader]:
    """One English phone for all pages, with its caches: what pages weigh is read in Chinese."""
    context = browser.new_context(**PHONE, locale="en-GB", base_url=site.address)
    yield Reader(context, states, "/en")
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_keeps_the_numbers_in_english(name: str, english: Reader, site: Site) -> None:
    reader = english
    reader.context.set_extra_http_headers({"X-Forwarded-For": site.new_address()})
    reader.open(name)
    faults = reader.faults(name, width=360, size=100)
    reader.open(name, width=320, size=150)
    faults += reader.faults(name, width=320, size=150)
    assert faults == []
