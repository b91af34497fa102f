"""What search engines and share cards are told of a page: address, languages, description.

A page is closed to search engines unless ``OPEN`` names it, so that nothing personal is opened by
forgetting a line. Sample listings, error pages and answers to one reader's question say so
themselves and are closed too; see ``docs/adr/0007-open-to-search-engines.md``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from flask import g, request

from catalog.vocabulary import local
from marketplace.kernel.messages import Message
from marketplace.web.context import lang, services
from marketplace.web.forms.links import LinkValue, link_to
from marketplace.web.forms.stay_form import SET_NIGHTS
from marketplace.web.i18n import translate
from marketplace.web.traveller.base import blueprint

SHARE_IMAGE = "/static/img/share.png"
OF_NO_MATTER = re.compile(r"lang|size|utm_\w+|gclid|fbclid|msclkid|bd_vid")
"""Arguments that change nothing of what a page says."""


@dataclass(frozen=True, slots=True)
class OpenPage:
    """A page that search engines may keep."""

    description: str = ""
    """Message id; what a page tells of itself goes before it."""
    paged: bool = False
    """Whether ``?page=`` leads to pages that may be kept as well."""
    lists: bool = False
    """Whether it lists places of the directory, and so changes with them."""
    asked: bool = False
    """Whether arguments make it the answer to one reader's question, which nobody keeps."""


OPEN: Mapping[str, OpenPage] = {
    "traveller.home": OpenPage(
        Message(
            "去吉林避暑长住：温泉、森林木屋和山地住处，住%(least)s晚到%(most)s晚，先看总价，随时可以打电话。",
            least=SET_NIGHTS[0],
            most=SET_NIGHTS[-1],
        ),
        lists=True,
    ),
    "traveller.search": OpenPage(
        "按日期、地方和身体方便找吉林的住处，每一处都写明几十晚的总价。", asked=True
    ),
    "traveller.listing": OpenPage("住处的房型、每月价格、身体方便不方便和取消办法。"),
    "traveller.directory": OpenPage(
        "吉林省康养旅游企业名录：温泉、森林、乡村和景区，每一处都写明资料来源。",
        paged=True,
        lists=True,
        asked=True,
    ),
    "traveller.enterprise": OpenPage("名录里的一处：在哪里、资料从哪里来、有多可靠。"),
    "traveller.open_data": OpenPage(
        "整份名录下载：JSON 和 CSV，写明许可、来源、新旧和缺什么。", lists=True
    ),
    "traveller.clusters": OpenPage(lists=True),
    "traveller.cluster": OpenPage(paged=True),
    "traveller.themes": OpenPage(
        "按主题看吉林康养：温泉、森林、山地、乡村、名胜、民俗、中医药和火车。", lists=True
    ),
    "traveller.theme": OpenPage(paged=True),
    "traveller.trains": OpenPage(
        "坐火车去吉林：到各站最快多久、哪一站到哪一面坡、有哪些观光列车。"
    ),
    "traveller.family": OpenPage("带老人孩子一起去吉林：三代人能同住的住处，和附近可以去的地方。"),
    "traveller.help": OpenPage("怎么订、怎么付、怎么退、怎么替父母订。有不明白的，打电话问。"),
    "traveller.privacy": OpenPage("我们记下哪些个人信息、为什么、谁能看到、怎么删除。"),
    "traveller.join": OpenPage("企业怎样列入吉林省康养旅游企业名录：要准备什么，谁看得到什么。"),
    "traveller.sources": OpenPage("页面上的名录、气温和火车时间从哪里来，是哪一年的。"),
}
"""By endpoint."""


@dataclass(frozen=True, slots=True)
class PageHead:
    """What the head of a page says."""

    address: str
    """The page's own address, absolute, without arguments of no matter."""
    description: str
    indexed: bool
    """Whether search engines may keep it."""
    shared: bool
    """Whether it may be sent on: then it has a share card."""
    alternates: tuple[tuple[str, str], ...]
    """(hreflang, address) in either language, and for readers of any other."""
    image: str


@blueprint.app_template_global("told_to_engines")
def page_head(*, description: str = "", closed: bool = False, page: int = 1) -> PageHead:
    """Return what the head of the page of this request says.

    Args:
        description: the page's own, where ``OPEN`` has none.
        closed: that this page is not to be kept although its kind is.
        page: which page of a list was shown; one beyond the end is the last.
    """
    kind = OPEN.get(request.endpoint or "")
    words = description or (translate(kind.description) if kind and kind.description else "")
    indexed = kind is not None and not closed and not (kind.asked and _is_asked(kind))
    number = page if kind is not None and kind.paged else 1
    path = quote(request.path) + (f"?page={number}" if number > 1 else "")
    return PageHead(
        address=address_of(path, lang()),
        description=words,
        indexed=indexed,
        shared=kind is not None,
        alternates=alternates_of(path) if indexed else (),
        image=f"{services().settings.base_url}{SHARE_IMAGE}",
    )


def _is_asked(kind: OpenPage) -> bool:
    """Tell whether the request asks something of its own."""
    own = {"page"} if kind.paged else set()
    return any(not OF_NO_MATTER.fullmatch(name) for name in request.args if name not in own)


def address_of(path: str, language: str) -> str:
    """Return the absolute address of a path (without language prefix) in a language."""
    prefix = "/en" if language == "en" else ""
    return f"{services().settings.base_url}{prefix}{path}"


def alternates_of(path: str) -> tuple[tuple[str, str], ...]:
    """Return the addresses of a path by language; who reads neither gets the Chinese page."""
    zh, en = address_of(path, "zh"), address_of(path, "en")
    return (("zh-CN", zh), ("en", en), ("x-default", zh))


def absolute(endpoint: str, **values: LinkValue) -> str:
    """Return the absolute address of a page in the language of this request."""
    return f"{services().settings.base_url}{link_to(endpoint, values)}"


def in_language(zh: str, en: str) -> str:
    """Return a text if there is one in the language of this request, else nothing."""
    text, tag = local(zh, en, lang())
    return text if tag == language_tag() else ""


def language_tag() -> str:
    """Return the language of this request as pages name it."""
    return "en" if g.get("lang") == "en" else "zh-CN"


def slug_of(member: str) -> str:
    """Return a cluster or theme as addresses name it."""
    return member.replace("_", "-")
