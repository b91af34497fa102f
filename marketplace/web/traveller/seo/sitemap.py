"""What search engines are given to find their way: ``/robots.txt`` and ``/sitemap.xml``.

The sitemap is an index of parts, each far below what the protocol allows (50,000 addresses, 50 MB);
every page stands in it twice, once in each language, with the others beside it. Only real, visible
things are in it, and a date only where one is known.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from flask import Response, abort, current_app, request, url_for
from sqlalchemy.orm import Session

from catalog.directory.counts import OpenEnterprise, open_enterprises, open_listings
from catalog.vocabulary import Cluster, Theme
from marketplace.web.context import services
from marketplace.web.traveller.base import blueprint
from marketplace.web.traveller.seo.page_heads import OPEN, address_of, alternates_of, slug_of

PAGES_A_PART = 2_000
KEPT_SECONDS = 3600
NAME = re.compile(r"(pages|places|listings)-([1-9]\d{0,4})")
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"

CLOSED = (
    "/account",
    "/apply",
    "/book",
    "/docs/",
    "/healthz",
    "/hooks/",
    "/leave",
    "/listings/*/quote",
    "/listings/*/rooms",
    "/metrics",
    "/my-booking",
    "/office",
    "/openapi.json",
    "/operator",
    "/outbox",
    "/partner/",
    "/pay",
    "/readyz",
    "/search/",
    "/search?",
    "/directory?",
)
"""What no robot need fetch: personal, for staff or programs, or one reader's question."""
OPENED = ("/directory?page=",)
"""Exceptions; the longer rule wins (RFC 9309)."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the site: its path without language, and when it last changed, if that is known."""

    path: str
    updated_at: dt.datetime | None


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Say what robots may fetch: in production what is public, elsewhere nothing."""
    lines = ["User-agent: *"]
    if services().settings.production:
        for prefix in ("", "/en"):
            lines += [f"Disallow: {prefix}{path}" for path in CLOSED]
            lines += [f"Allow: {prefix}{path}" for path in OPENED]
        lines += ["", f"Sitemap: {address_of(url_for('traveller.sitemap'), 'zh')}"]
    else:
        lines.append("Disallow: /")
    return _kept("\n".join(lines) + "\n", "text/plain; charset=utf-8")


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """List the parts of the sitemap."""
    _only_without_language()
    with services().database.read() as session:
        pages = _pages(session)
    parts = [
        _element("sitemap", _part_address(kind, number), _newest(part))
        for kind, listed in pages.items()
        for number, part in enumerate(_parts(listed), 1)
    ]
    body = f"{HEAD}<sitemapindex xmlns={quoteattr(SITEMAP)}>\n{''.join(parts)}</sitemapindex>\n"
    return _kept(body, "application/xml; charset=utf-8")


@blueprint.get("/sitemap-<name>.xml")
def sitemap_part(name: str) -> Response:
    """List the pages of one part, each in both languages."""
    _only_without_language()
    wanted = NAME.fullmatch(name) or abort(404)
    with services().database.read() as session:
        parts = _parts(_pages(session)[wanted[1]])
    number = int(wanted[2])
    if number > len(parts):
        abort(404)
    urls = [_both_languages(page) for page in parts[number - 1]]
    opening = f"<urlset xmlns={quoteattr(SITEMAP)} xmlns:xhtml={quoteattr(XHTML)}>"
    return _kept(f"{HEAD}{opening}\n{''.join(urls)}</urlset>\n", "application/xml; charset=utf-8")


def _only_without_language() -> None:
    """The one sitemap names the pages of both languages; there is none of one language."""
    if request.script_root:
        abort(404)


def _pages(session: Session) -> dict[str, list[Page]]:
    """Return every page by kind: three queries, however many there are."""
    enterprises = open_enterprises(session)
    listings = open_listings(session)
    return {
        "pages": list(_of_text(enterprises)),
        "places": [
            Page(url_for("traveller.enterprise", code=one.code), one.updated_at)
            for one in enterprises
        ],
        "listings": [
            Page(url_for("traveller.listing", listing_id=one.id), one.updated_at)
            for one in listings
        ],
    }


def _of_text(enterprises: list[OpenEnterprise]) -> Iterable[Page]:
    """Yield the pages that stand for themselves; those that list places change with them."""
    of_all = _newest(enterprises)
    for endpoint, kind in OPEN.items():
        if not _takes_values(endpoint):
            yield Page(url_for(endpoint), of_all if kind.lists else None)
    for cluster in Cluster:
        within = [one for one in enterprises if cluster in one.clusters]
        yield Page(url_for("traveller.cluster", slug=slug_of(cluster)), _newest(within))
    for theme in Theme:
        within = [one for one in enterprises if one.theme is theme]
        yield Page(url_for("traveller.theme", slug=slug_of(theme)), _newest(within))


def _takes_values(endpoint: str) -> bool:
    """Tell whether an endpoint stands for many pages."""
    return any(rule.arguments for rule in current_app.url_map.iter_rules(endpoint))


def _parts(pages: list[Page]) -> list[list[Page]]:
    return [pages[at : at + PAGES_A_PART] for at in range(0, len(pages), PAGES_A_PART)]


def _newest(changed: Iterable[Page | OpenEnterprise]) -> dt.datetime | None:
    return max((one.updated_at for one in changed if one.updated_at is not None), default=None)


def _part_address(kind: str, number: int) -> str:
    return address_of(url_for("traveller.sitemap_part", name=f"{kind}-{number}"), "zh")


def _both_languages(page: Page) -> str:
    versions = alternates_of(page.path)
    links = "".join(
        f'<xhtml:link rel="alternate" hreflang={quoteattr(tag)} href={quoteattr(url)}/>\n'
        for tag, url in versions
    )
    own = dict(versions)
    return "".join(
        _element("url", own[language], page.updated_at, links) for language in ("zh-CN", "en")
    )


def _element(kind: str, address: str, changed: dt.datetime | None, links: str = "") -> str:
    dated = f"<lastmod>{changed.isoformat(timespec='seconds')}</lastmod>\n" if changed else ""
    return f"<{kind}>\n<loc>{escape(address)}</loc>\n{dated}{links}</{kind}>\n"


def _kept(body: str, content_type: str) -> Response:
    """Return a text that anybody may keep for an hour, and ask for again by its tag."""
    response = Response(body, content_type=content_type)
    response.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    response.add_etag()
    response.make_conditional(request)
    return response
