"""What a person sees of a page, and what a program sees of an answer, as lines of text."""

from __future__ import annotations

from html.parser import HTMLParser

from werkzeug.test import TestResponse

HEADERS = (
    *("Content-Type", "Content-Language", "Content-Disposition", "Cache-Control", "ETag"),
    *("Location", "Link", "Vary", "Idempotency-Replayed", "Retry-After"),
)
"""The headers that say something of the content; others are of the moment, or of the server."""
BLOCKS = frozenset(
    {
        *("address", "article", "aside", "blockquote", "br", "button", "caption", "dd", "details"),
        *("div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2"),
        *("h3", "h4", "header", "hr", "label", "legend", "li", "main", "nav", "ol", "option", "p"),
        *("section", "select", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr"),
        "ul",
    }
)
"""Elements that begin a line."""
MAIN = "=== main ==="
"""Stands where the part of a page begins, and ends, that is its own."""
UNSEEN = frozenset({"script", "style", "template", "svg", "title", "head"})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._words: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = dict(attrs)
        self._unseen += tag in UNSEEN
        if tag in BLOCKS:
            self.end_line()
        if tag == "main":
            self.lines.append(MAIN)
        if tag in ("input", "textarea") and own.get("type") not in ("hidden", "submit"):
            chosen = " *" if "checked" in own else ""
            self._words.append(f"[{own.get('name', '')}={own.get('value') or ''}{chosen}]")
        if tag == "option" and "selected" in own:
            self._words.append("*")

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in UNSEEN
        if tag in BLOCKS:
            self.end_line()
        if tag == "main":
            self.lines.append(MAIN)

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._words.append(data)

    def end_line(self) -> None:
        if line := " ".join("".join(self._words).split()):
            self.lines.append(line)
        self._words.clear()


def seen(html: str) -> list[str]:
    """Return what is to be read in the body of a page, a line for each block.

    Fields show what stands in them; what is hidden, drawn or meant for programs is left out.
    """
    reader = _Reader()
    reader.feed(html.partition("<body")[2].partition(">")[2] or html)
    reader.end_line()
    return reader.lines


def told(answer: TestResponse) -> list[str]:
    """Return an answer to a program: status, headers of its content, and the body as it came."""
    lines = [str(answer.status_code)]
    lines += [f"{name}: {answer.headers[name]}" for name in HEADERS if name in answer.headers]
    return [*lines, "", *answer.get_data(as_text=True).split("\n")]
