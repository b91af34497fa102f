"""Pages of text: privacy, help, sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from marketplace.web.i18n import translate
from marketplace.web.rendering import pages
from marketplace.web.traveller.base import blueprint
from marketplace.web.traveller.checkout.consent import CONSENT_VERSION

SOURCES = (
    (
        "企业名录",
        "公开报道、政府网站和行业名单，每一处的来源写在它自己的页上。企业还没有认领",
        "2026年整理",
    ),
    ("七月平均气温", "国家统计局《中国统计年鉴》2009年版、2010年版", "2008年和2009年的七月"),
    ("火车时间", "铁路开通时的新闻报道和公布的时刻，只作估计，以车站为准", "2020年以后的"),
    ("行政区划", "吉林省市、县名称和代码", ""),
)
"""(title, note, date) of what the pages' facts rest on."""


@dataclass(frozen=True, slots=True)
class PrivacyHtml(pages.Page):
    """What is kept about a person, what for, and who receives it."""

    template: ClassVar[str] = "traveller/privacy.html"

    consent_version: str


@dataclass(frozen=True, slots=True)
class HelpHtml(pages.Page):
    """The usual questions."""

    template: ClassVar[str] = "traveller/help.html"


@dataclass(frozen=True, slots=True)
class Source:
    """What facts rest on."""

    title: str
    note: str
    date: str


@dataclass(frozen=True, slots=True)
class SourcesHtml(pages.Page):
    """Where the facts come from."""

    template: ClassVar[str] = "traveller/directory/sources.html"

    sources: Sequence[Source]


@blueprint.get("/privacy")
def privacy() -> str:
    """Say what is kept about a person, what for, and who receives it."""
    return pages.html(PrivacyHtml(CONSENT_VERSION))


@blueprint.get("/help", endpoint="help")
def help_page() -> str:
    """Answer the usual questions, telephone first."""
    return pages.html(HelpHtml())


@blueprint.get("/sources")
def sources() -> str:
    """Say where the facts on the pages come from."""
    shown = [
        Source(translate(title), translate(note), translate(date) if date else "")
        for title, note, date in SOURCES
    ]
    return pages.html(SourcesHtml(shown))
