"""Proves that the page measure can fail: a page made wrong breaks the rules it should."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.measuring import measure, violations

BAD = Path(__file__).with_name("bad_page.html")
GOOD = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>好页面</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
body { margin: 0; font: 20px/1.6 sans-serif; color: #1f2a24; background: #fbf7ee; }
a, button, input { display: block; min-height: 64px; min-width: 64px; margin: 12px; font: inherit; }
a, button { color: #1f2a24; background: #fff; }
</style></head><body><a href="tel:043112345678">0431-1234-5678</a><h1>好页面</h1>
<form method="post" action="/x"><label for="n">姓名</label><input id="n" name="n">
<button type="submit" class="btn--primary">下一步</button></form></body></html>"""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """A page of the size of a small phone; each test gives it other content."""
    opened = browser.new_page(viewport={"width": 360, "height": 780})
    yield opened
    opened.close()


def rules(page: Page, html: str) -> set[str]:
    """Return the names of the rules that ``html`` breaks."""
    page.set_content(html)
    found = violations(measure(page), viewport_width=360, size=100, kind="flow")
    return {line.split()[0] for line in found}


def test_the_bad_page_breaks_each_rule_it_was_made_to_break(page: Page) -> None:
    broken = rules(page, BAD.read_text(encoding="utf-8"))
    assert broken >= {"C1", "C3", "C5", "C6", "C7", "C8", "C10", "C13", "C15", "C22"}


def test_a_plain_good_page_breaks_none(page: Page) -> None:
    assert rules(page, GOOD) == set()


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        ("C1", "font: 20px/1.6", "font: 16px/1.6"),
        ("C1", "<label for=", '<label style="font-size: 19px" for='),
        ("C3", "20px/1.6", "20px/1.3"),
        ("C3", "<form", f'<p style="width: 420px">{"长" * 30}</p><form'),
        ("C5", "color: #1f2a24; background: #fbf7ee", "color: #777; background: #fbf7ee"),
        ("C6", "min-height: 64px", "min-height: 20px"),
        ("C7", "margin: 12px", "margin: 1px"),
        ("C8", "<h1>", '<h1 style="width: 500px">'),
        ("C10", "initial-scale=1", "initial-scale=1, maximum-scale=2"),
        ("C12", "<h1>好页面", "<h1>仅剩两间"),
        ("C13", "tel:043112345678", "/help"),
        ("C14", "<form", "<h1>另一个</h1><form"),
        ("C15", "<label for=", "<label data-for="),
        ("C16", "<form", '<div class="errors" role="alert">请改正</div><form'),
        ("C17", '<button type="submit"', '<button type="button"'),
        ("C22", 'lang="zh-CN"', 'lang="en"'),
        ("C22", '<input id="n"', '<input id="n" lang="en" aria-label="姓名"'),
    ],
)
def test_one_fault_is_named_by_its_rule(page: Page, rule: str, old: str, new: str) -> None:
    assert old in GOOD
    assert rule in rules(page, GOOD.replace(old, new))


def test_texts_inside_open_shadow_roots_are_read(page: Page) -> None:
    script = """<div id="host"></div><script>
    document.getElementById("host").attachShadow({mode: "open"}).innerHTML =
      '<span style="font-size: 12px">影子里的小字</span>';</script></body>"""
    assert "C1" in rules(page, GOOD.replace("</body>", script))


def test_a_larger_text_size_moves_the_limits_with_it(page: Page) -> None:
    page.set_content(GOOD)
    found = violations(measure(page), viewport_width=360, size=150, kind="flow")
    assert any(line.startswith("C2 body text is 20 px, not 30") for line in found)
