"""Reads a page for words of the other language that its reader was not warned of."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from html.parser import HTMLParser

from marketplace.web.protection.devices import BROWSERS, SYSTEMS
from tests.support.messages import CHINESE
from tests.web.traveller.visitor import Page, Visitor

SPOKEN = ("alt", "aria-label", "content", "placeholder", "title", "value")
"""Attributes that are shown or read aloud."""
UNSEEN = {"hidden", "radio", "checkbox"}
"""Inputs whose value only the server reads; so it is with the value of an option."""
PRESSED = {"submit", "button", "reset"}
"""Inputs whose value is a word of ours; that of the others is what the reader typed."""
VOID = {"br", "hr", "img", "input", "link", "meta", "rect", "source"}


TOLD = {"description", "og:title", "og:description", "og:site_name", "og:image:alt"}
"""Meta elements whose content is shown somewhere; that of the others is for programs."""
LATIN = re.compile(r"[A-Za-z]{2,}")
ADDRESS = re.compile(
    r"https?://\S+|[\w.+-]+@[\w.-]+|(?:[a-z0-9-]+\.)+(?:cn|com|net|org)[\w/.?=&%-]*", re.IGNORECASE
)
CODE = re.compile(
    r"\b(?:JL|SMP)[0-9]+[A-Z0-9]*\b|\bWGS-84\b|\bGCJ-02\b|/[a-z/.]+"
    r"|\b[A-Z2-9]{3} [A-Z2-9]{3}(?: [A-Z2-9]{4})?\b|\bGB ?18030\b"
    r"|\b(?=[\w-]*[0-9])[A-Za-z0-9_-]+\b"
)
"""Codes: of entries, bookings, systems of coordinates, and all that has a digit in it."""
USUAL = {"CSV", "JSON", "English", "KB", "MB", "PDF", "APP", "ETag", "GeoNames", "CC", "BY"} | {
    *("XLSX", "JPEG", "PNG", "WebP", "AVIF", "GPS", "Authenticator"),
    *(name for _, name in (*SYSTEMS, *BROWSERS)),
}
"""Latin words that Chinese readers meet everywhere: forms of files, names of programs."""
KEPT = {"cite", "code"}
"""Elements of a Chinese page that keep the words of their source, or are what programs write."""


def _chinese(text: str) -> list[str]:
    return [text] if CHINESE.search(text) else []


def _latin(text: str) -> list[str]:
    bare = CODE.sub(" ", ADDRESS.sub(" ", text))
    return [word for word in LATIN.findall(bare) if word not in USUAL]


class _Ears(HTMLParser):
    """Collects the words of one language outside elements that say they are in it."""

    def __init__(self, strange: Callable[[str], list[str]], own: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._strange, self._own = strange, own
        self._open: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = {name: value or "" for name, value in attrs}
        said = own.get("lang") or (self._open[-1][1] if self._open else "")
        if said.startswith(self._own):
            silent = tag in {"option", "button"} or own.get("type") in UNSEEN
            if self._own == "zh" and tag == "input" and own.get("type") not in PRESSED:
                silent = True
            names = [name for name in SPOKEN if name != "value" or not silent]
            if {own.get("name"), own.get("property")}.isdisjoint(TOLD):
                names.remove("content")
            for name in names:
                self.found += self._strange(own.get(name, ""))
        if tag not in VOID:
            self._open.append((tag, said))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tag, said = self._open[-1] if self._open else ("", "")
        # What is in a script is data for programs: neither shown nor read aloud.
        # A citation keeps the words of its source.
        cited = any(name in KEPT for name, _ in self._open) and self._own == "zh"
        if tag != "script" and said.startswith(self._own) and not cited:
            self.found += self._strange(" ".join(data.split()))


def strange(html: str, names: Collection[str] = ()) -> list[str]:
    """Return the words of a page that are not in its language and not marked as such.

    ``names`` are the sign-in names of staff, which may stand in a sentence.
    """
    english = '<html lang="en"' in html
    assert english or '<html lang="zh-CN"' in html, html[:300]
    ears = _Ears(_chinese, "en") if english else _Ears(_latin, "zh")
    ears.feed(html)
    return [words for words in ears.found if words not in names]


def unmarked(page: Page) -> list[str]:
    """Return the Chinese on an English page that is not marked as Chinese."""
    assert '<html lang="en"' in page.html, page.path
    return strange(page.html)


def unmarked_latin(page: Page) -> list[str]:
    """Return the words of a Chinese page that are in Latin letters and not marked as such."""
    assert '<html lang="zh-CN"' in page.html, page.path
    return strange(page.html)


class ChineseVisitor(Visitor):
    """A visitor who reads Chinese, and notes other words wherever they are met."""

    def open(self, url: str, *, follow: bool = True) -> Page:
        """Open the Chinese page of an address."""
        page = super().open(url, follow=follow)
        assert unmarked_latin(page) == [], (page.path, unmarked_latin(page))
        return page

    def send(self, holding: str, *, follow: bool = True, **filled: str) -> Page:
        """Send a form and read the Chinese page that follows."""
        page = super().send(holding, follow=follow, **filled)
        assert unmarked_latin(page) == [], (page.path, unmarked_latin(page))
        return page


class EnglishVisitor(Visitor):
    """A visitor who reads English, and notes Chinese wherever it is met."""

    def open(self, url: str, *, follow: bool = True) -> Page:
        """Open the English page of an address."""
        page = super().open(url if url.startswith("/en/") else f"/en{url}", follow=follow)
        assert unmarked(page) == [], page.path
        return page

    def send(self, holding: str, *, follow: bool = True, **filled: str) -> Page:
        """Send a form and read the English page that follows."""
        page = super().send(holding, follow=follow, **filled)
        assert unmarked(page) == [], page.path
        return page
