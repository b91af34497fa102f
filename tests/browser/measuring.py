"""Reads a page as an older person meets it, and says which of the design's numbers it misses.

``measure`` runs ``measure.js`` in the open page, ``weigh`` adds what the page costs to load, and
``violations`` compares both with the numbers. Rules are named as in the design (C1, C5 …), so that
a failing test names the rule it broke.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import ConsoleMessage, Page

Kind = Literal["flow", "browse", "console"]
"""``flow``: one step of a booking; ``browse``: any other traveller page; ``console``: staff."""

SCRIPT = Path(__file__).with_name("measure.js")
KIB = 1024
COMPRESSED = ("text/", "application/javascript", "image/svg+xml")
BODY = {"flow": 20.0, "browse": 20.0, "console": 16.0}
SMALLEST = {"flow": 18.0, "browse": 18.0, "console": 14.0}
TARGET = {"flow": 60.0, "browse": 60.0, "console": 44.0}
WEIGHT = {"flow": (40, 5), "browse": (250, 12), "console": (300, 15)}
"""Kibibytes and requests of a first view, before the tenth that the design allows on top."""
INDUCING = ("立即领取", "仅剩", "倒计时", "最后1间", "砍价", "下载APP", "hurry", "only 1 left")
CHINESE = re.compile(r"[\u3400-\u9fff]")
ERROR_TITLES = ("出错:", "Error:")
NARROW, LONGEST_LINE = 360, 20.5
"""A phone's width in px, and how many Chinese characters one line of it may have."""
HAIR = 0.6
"""Pixels that layout rounding may take from a box."""


@dataclass(frozen=True)
class Text:
    """One visible text: ``size`` in px, ``ratio`` line height by size, ``contrast`` to ground."""

    where: str
    words: str
    size: float
    ratio: float
    contrast: float
    lang: str
    chinese: bool
    body: bool
    """Whether it is a paragraph, an item, a label or a cell: what people read at length."""
    across: float
    """Letters of its size that fit beside each other, where the text is longer than a line."""


@dataclass(frozen=True)
class Target:
    """One thing to tap; a radio or checkbox has the box of the label around it."""

    where: str
    words: str
    width: float
    height: float
    top: float
    primary: bool
    nav: bool
    tel: bool


@dataclass(frozen=True)
class Gap:
    """Two targets nearer than 16 px, and how near."""

    first: str
    second: str
    gap: float


@dataclass(frozen=True)
class Field:
    """One input; radios of one question share a ``group``."""

    where: str
    group: str
    labelled: bool


@dataclass(frozen=True)
class Hidden:
    """Chinese words that no eye sees: a choice of a closed list, or said by a screen reader."""

    where: str
    words: str
    lang: str


@dataclass(frozen=True)
class Weight:
    """What a first view costs: compressed bytes and requests."""

    bytes: int
    requests: int


@dataclass(frozen=True)
class Measures:
    """All that was read from one page."""

    texts: tuple[Text, ...]
    targets: tuple[Target, ...]
    gaps: tuple[Gap, ...]
    fields: tuple[Field, ...]
    hidden: tuple[Hidden, ...]
    lang: str
    title: str
    viewport: str
    scroll_width: float
    body_size: float
    h1: int
    summary: bool
    summary_focused: bool
    summary_target: bool
    forms_without_button: int
    script_links: int
    refreshes: int
    strangers: tuple[str, ...]
    weight: Weight | None = None


def _only(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: row[name] for name in names}


def measure(page: Page, *, with_weight: bool = False) -> Measures:
    """Read the open page; ``with_weight`` also fetches what it loaded, to count its bytes."""
    read: dict[str, Any] = page.evaluate(_script())
    facts = read["page"]
    return Measures(
        texts=tuple(Text(**row) for row in read["texts"]),
        targets=tuple(Target(**_only(row, *Target.__annotations__)) for row in read["targets"]),
        gaps=tuple(Gap(**row) for row in read["gaps"]),
        fields=tuple(Field(**_only(row, *Field.__annotations__)) for row in read["fields"]),
        hidden=tuple(Hidden(**row) for row in read["hidden"]),
        lang=facts["lang"],
        title=facts["title"],
        viewport=facts["viewport"],
        scroll_width=facts["scrollWidth"],
        body_size=facts["rootSize"],
        h1=facts["h1"],
        summary=facts["summary"],
        summary_focused=facts["summaryFocused"],
        summary_target=facts["summaryTarget"],
        forms_without_button=facts["formsWithoutButton"],
        script_links=facts["scriptLinks"],
        refreshes=facts["refreshes"],
        strangers=tuple(facts["strangers"]),
        weight=weigh(page) if with_weight else None,
    )


@cache
def _script() -> str:
    return SCRIPT.read_text(encoding="utf-8")


def weigh(page: Page) -> Weight:
    """Count the bytes of the page and of what it loaded, texts as gzip would send them."""
    loaded: list[str] = page.evaluate(
        "() => performance.getEntriesByType('resource').map((entry) => entry.name)"
    )
    total = len(gzip.compress(page.content().encode()))
    total += sum(_weight_of(page, address) for address in loaded)
    return Weight(bytes=total, requests=1 + len(loaded))


_known: dict[str, int] = {}
"""Weights of files whose address names their content, so that each is fetched once a run."""


def _weight_of(page: Page, address: str) -> int:
    if (known := _known.get(address)) is not None:
        return known
    answer = page.request.get(address)
    body = answer.body()
    kind = answer.headers.get("content-type", "")
    weight = len(gzip.compress(body)) if kind.startswith(COMPRESSED) else len(body)
    if "immutable" in answer.headers.get("cache-control", ""):
        _known[address] = weight
    return weight


def watch(page: Page) -> list[str]:
    """Collect console errors, uncaught exceptions and refused policies; call before ``goto``."""
    heard: list[str] = []

    def said(message: ConsoleMessage) -> None:
        # A page that refuses with a status of its own is told to the console too; it is the answer.
        own = message.location["url"] == page.url and message.text.startswith("Failed to load")
        if message.type == "error" and not own:
            heard.append(message.text)

    page.on("console", said)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


def violations(
    m: Measures,
    *,
    viewport_width: int,
    size: int,
    kind: Kind,
    console: Sequence[str] = (),
) -> list[str]:
    """Return one line per broken rule, beginning with the rule's name; empty when all hold.

    Args:
        m: what ``measure`` read.
        viewport_width: the width the browser was set to, in px; never the page's own idea of it.
        size: the text size in percent: 100, 120 or 150.
        kind: which numbers apply.
        console: what ``watch`` heard (C24).
    """
    return [
        *_sizes(m, size / 100, kind),
        *_legibility(m),
        *_lines(m, viewport_width, kind),
        *_targets(m, kind),
        *_page(m, viewport_width),
        *_questions(m, kind),
        *_forms(m, kind),
        *_language(m),
        *_weight(m, kind),
        *(f"C24 console: {line[:160]}" for line in console),
    ]


def _sizes(m: Measures, scale: float, kind: Kind) -> Iterator[str]:
    # Staff may choose a larger size too, but only traveller pages promise exact ones.
    scale = 1.0 if kind == "console" else scale
    smallest, body = SMALLEST[kind] * scale, BODY[kind] * scale
    rule = "C2" if scale > 1 else "C1"
    if kind != "console" and abs(m.body_size - body) > HAIR:
        yield f"{rule} body text is {m.body_size:g} px, not {body:g}"
    for text in m.texts:
        if kind != "console" and text.body and text.size < body - 0.01:
            yield f"{rule} {text.where} “{text.words}” is {text.size:g} px, as body text {body:g}"
        if text.size < smallest - 0.01:
            yield f"{rule} {text.where} “{text.words}” is {text.size:g} px, below {smallest:g}"


def _legibility(m: Measures) -> Iterator[str]:
    for text in m.texts:
        if text.words and text.size < 24 and text.ratio < 1.495:
            yield f"C3 {text.where} “{text.words}” has line height {text.ratio:.2f}"
        if text.words and text.contrast < 6.995:
            yield f"C5 {text.where} “{text.words}” has contrast {text.contrast:.2f}"


def _lines(m: Measures, viewport_width: int, kind: Kind) -> Iterator[str]:
    if kind == "console" or viewport_width > NARROW:
        return
    for text in m.texts:
        if text.body and text.chinese and text.across > LONGEST_LINE:
            yield f"C3 {text.where} “{text.words}” has lines of {text.across:.1f} characters"


def _targets(m: Measures, kind: Kind) -> Iterator[str]:
    for target in m.targets:
        needed = TARGET[kind] if target.primary or target.nav else 44.0
        if min(target.width, target.height) < needed - HAIR:
            yield (
                f"C6 {target.where} “{target.words}” is {target.width:.0f}×{target.height:.0f} px,"
                f" below {needed:g}"
            )
    for gap in m.gaps:
        if gap.gap < 8 - HAIR:
            yield f"C7 “{gap.first}” and “{gap.second}” are {gap.gap:.1f} px apart"


def _page(m: Measures, viewport_width: int) -> Iterator[str]:
    if m.scroll_width > viewport_width + HAIR:
        yield f"C8 the page is {m.scroll_width:g} px wide in {viewport_width}"
    if _zoom_is_blocked(m.viewport):
        yield f"C10 zoom is blocked: {m.viewport or 'no viewport given'}"
    helping = [t for t in m.targets if t.tel and t.top < 200 and t.height >= 60 - HAIR]
    if not helping:
        yield "C13 no telephone link of 60 px in the first 200 px"
    if m.strangers:
        yield f"C11 loads from elsewhere: {', '.join(m.strangers[:3])}"
    if m.refreshes:
        yield "C11 the page reloads by itself"


def _questions(m: Measures, kind: Kind) -> Iterator[str]:
    if m.h1 != 1:
        yield f"C14 {m.h1} main headings"
    if kind == "flow":
        primary = sum(target.primary for target in m.targets)
        if primary > 1:
            yield f"C14 {primary} primary buttons in a step"
        asked = len({field.group for field in m.fields})
        if asked > 3:
            yield f"C14 {asked} questions in a step"


def _zoom_is_blocked(viewport: str) -> bool:
    parts = dict(part.strip().lower().split("=", 1) for part in viewport.split(",") if "=" in part)
    if "width" not in parts or parts.get("user-scalable") in ("no", "0"):
        return True
    try:
        return float(parts.get("maximum-scale", "10")) < 5
    except ValueError:
        return True


def _forms(m: Measures, kind: Kind) -> Iterator[str]:
    for field in m.fields:
        if not field.labelled:
            yield f"C15 {field.where} has no visible label"
    if m.summary and not m.title.startswith(ERROR_TITLES):
        yield f"C16 the title does not begin with the word for error: {m.title}"
    if m.summary and not m.summary_focused:
        yield "C16 the error summary has no focus"
    if not m.summary_target:
        yield "C16 the first link of the error summary leads to no field"
    if kind != "console" and m.forms_without_button:
        yield f"C17 {m.forms_without_button} forms cannot be sent without a script"
    if m.script_links:
        yield f"C17 {m.script_links} links work by script alone"


def _language(m: Measures) -> Iterator[str]:
    if m.lang not in ("zh-CN", "en"):
        yield f"C22 the language of the page is {m.lang or 'not given'}"
    if m.lang == "en" and CHINESE.search(m.title):
        yield f"C22 the title of an English page is Chinese: {m.title}"
    marked = [text for text in m.texts if text.chinese]
    for said in (*marked, *m.hidden):
        if said.lang.startswith("en"):
            yield f"C22 Chinese words marked as English: {said.where} “{said.words}”"
    for text in m.texts:
        if any(word in text.words.lower() for word in INDUCING):
            yield f"C12 words that press the reader: “{text.words}”"


def _weight(m: Measures, kind: Kind) -> Iterator[str]:
    if m.weight is None:
        return
    kib, requests = WEIGHT[kind]
    if m.weight.bytes > kib * KIB * 1.1:
        yield f"C23 the first view weighs {m.weight.bytes / KIB:.0f} KiB, more than {kib}"
    if m.weight.requests > requests * 1.1:
        yield f"C23 the first view takes {m.weight.requests} requests, more than {requests}"
