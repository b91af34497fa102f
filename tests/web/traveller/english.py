"""Reads a page for Chinese that an English reader was not warned of."""

from __future__ import annotations

from html.parser import HTMLParser

from tests.support.messages import CHINESE
from tests.web.traveller.visitor import Page, Visitor

SPOKEN = ("alt", "aria-label", "content", "placeholder", "title", "value")
"""Attributes that are shown or read aloud."""
UNSEEN = {"hidden", "radio", "checkbox"}
"""Inputs whose value only the server reads; so it is with the value of an option."""
VOID = {"br", "hr", "img", "input", "link", "meta", "rect", "source"}


class _Ears(HTMLParser):
    """Collects Chinese outside elements that say they are Chinese."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = {name: value or "" for name, value in attrs}
        said = own.get("lang") or (self._open[-1][1] if self._open else "")
        if not said.startswith("zh"):
            silent = tag == "option" or own.get("type") in UNSEEN
            names = [name for name in SPOKEN if name != "value" or not silent]
            values = (own.get(name, "") for name in names)
            self.found += [value for value in values if CHINESE.search(value)]
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
        if self._open and self._open[-1][0] == "script":
            return  # data for programs: neither shown nor read aloud
        if CHINESE.search(data) and not (self._open and self._open[-1][1].startswith("zh")):
            self.found.append(" ".join(data.split()))


def unmarked(page: Page) -> list[str]:
    """Return the Chinese on an English page that is not marked as Chinese."""
    ears = _Ears()
    ears.feed(page.html)
    assert '<html lang="en"' in page.html, page.path
    return ears.found


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
