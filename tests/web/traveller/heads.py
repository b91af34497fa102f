"""Reads what a page tells search engines: its links, meta elements and data blocks."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import orjson
from flask.testing import FlaskClient


@dataclass
class Head(HTMLParser):
    """The head of one page."""

    status: int
    html: str
    title: str = ""
    canonical: list[str] = field(default_factory=list)
    alternates: list[tuple[str, str]] = field(default_factory=list)
    meta: dict[str, list[str]] = field(default_factory=dict)
    data: list[dict[str, Any]] = field(default_factory=list)
    _inside: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = {name: value or "" for name, value in attrs}
        if tag == "link" and own.get("rel") == "canonical":
            self.canonical.append(own["href"])
        elif tag == "link" and own.get("rel") == "alternate":
            self.alternates.append((own["hreflang"], own["href"]))
        elif tag == "meta":
            name = own.get("name") or own.get("property", "")
            self.meta.setdefault(name, []).append(own.get("content", ""))
        elif tag == "title":
            self._inside = "title"
        elif tag == "script" and own.get("type") == "application/ld+json":
            self._inside = "data"

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "title":
            self.title += data
        elif self._inside == "data":
            self.data.append(orjson.loads(data))

    @property
    def indexed(self) -> bool:
        """Whether search engines may keep the page."""
        return "noindex" not in "".join(self.meta.get("robots", []))

    @property
    def description(self) -> str:
        """The one description."""
        (text,) = self.meta["description"]
        return text

    def thing(self, kind: str) -> dict[str, Any]:
        """The one node of a kind."""
        (found,) = [node for node in self.data if node["@type"] == kind]
        return found


def head_of(client: FlaskClient, url: str) -> Head:
    """Open a page and read its head."""
    answer = client.get(url)
    return Head(answer.status_code, answer.get_data(as_text=True))
