"""The cluster diagram: an abstract strip of railway line with the clusters beside their stations.

It is no map: it has no borders, no directions and no scale. Everything is measured in the text's
own size (em) and in per cent of the width, so that it fits 320 pixels at the largest text and
never shrinks its words. Lines of text are broken here, because SVG does not break them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, pass_environment

from catalog.labels import label
from catalog.vocabulary import Cluster
from marketplace.web.context import lang
from marketplace.web.i18n import translate
from marketplace.web.traveller.base import blueprint

LINE = 1.45
"""From one line of text to the next, in em, as every length here that has no other unit."""
STATION = 1.75
BOX_PADDING = 0.5
BASELINE = 1.05
GAP = 0.55
BEND = 1.3
"""How far below its junction the branch has reached its own track."""
BOX_WIDTH, STATION_WIDTH = 7.3, 8.0
"""What a line of text may measure at 320 pixels and the largest text."""
NARROW, WIDE = frozenset("ijltfrI.,'()·: "), frozenset("mwMW")
MAIN, BRANCH = "14%", "5%"
"""Where the two tracks run."""


@dataclass(frozen=True, slots=True)
class Item:
    """A cluster of the diagram."""

    code: str
    name: str
    count: int
    url: str
    chosen: bool = False


def items(
    counts: Mapping[Cluster, int],
    url: Callable[[Cluster], str],
    *,
    chosen: Cluster | None = None,
) -> list[Item]:
    """Return every cluster with its count and the address that choosing it leads to."""
    return [
        Item(one.value, label(one, lang()), counts.get(one, 0), url(one), one is chosen)
        for one in Cluster
    ]


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the strip: a station's name, or a cluster's code."""

    station: str = ""
    cluster: str = ""
    track: str = MAIN
    by_rail: bool = True
    """Whether the railway goes there; otherwise the tie is dashed."""


STRIP = (
    _Row(station="长春"),
    _Row(cluster=Cluster.CJS_SPRINGS),
    _Row(station="吉林"),
    _Row(station="敦化"),
    _Row(cluster=Cluster.RING_CHANGBAI_SPRINGS),
    _Row(station="延吉西"),
    _Row(station="珲春"),
    _Row(cluster=Cluster.HUNCHUN),
    _Row(station="长白山站 北坡", track=BRANCH),
    _Row(station="长白山西站 西坡", track=BRANCH),
    _Row(cluster=Cluster.CHANGBAI, track=BRANCH),
    _Row(station="通化 换车去集安", track=BRANCH),
    _Row(cluster=Cluster.JIAN, track=BRANCH, by_rail=False),
)
JUNCTION = "敦化"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text and its baseline."""

    text: str
    y: float
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """A station: a ring on its track, and its name."""

    x: str
    y: float
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """A cluster: a box with its name and count, tied to a track."""

    item: Any
    x: str
    """Of the track."""
    y: float
    height: float
    lines: tuple[Line, ...]
    by_rail: bool

    @property
    def middle(self) -> float:
        """Where the tie to the track meets the box."""
        return round(self.y + self.height / 2, 2)


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that the macro draws."""

    height: float
    stops: tuple[Stop, ...]
    boxes: tuple[Box, ...]
    main: tuple[float, float]
    """Top and bottom of the main track."""
    branch: tuple[float, float, float]
    """Where the branch leaves, reaches its own track, and ends."""


@blueprint.app_template_filter("drawn")
@pass_environment
def draw(environment: Environment, clusters: Sequence[Any]) -> Drawing:
    """Lay out ``clusters`` (anything with the fields of ``Item``) along the strip."""
    own = {environment.getattr(one, "code"): one for one in clusters}
    stops: list[Stop] = []
    boxes: list[Box] = []
    y, at = 0.2, {}
    for row in STRIP:
        if row.station:
            words = broken(translate(row.station), STATION_WIDTH)
            stops.append(Stop(row.track, round(y + STATION / 2, 2), _lines(words, y + 0.2)))
            at[row.station] = stops[-1].y
            y += STATION + LINE * (len(words) - 1)
        elif row.cluster in own:
            box = _box(environment, own[row.cluster], row, y + GAP / 2)
            boxes.append(box)
            y = box.y + box.height + GAP / 2
    first, junction = stops[0].y, at[JUNCTION]
    ends = {stop.x: stop.y for stop in stops} | {MAIN: at["珲春"]}
    return Drawing(
        height=round(y + 0.2, 2),
        stops=tuple(stops),
        boxes=tuple(boxes),
        main=(first, _end(boxes, MAIN, ends[MAIN])),
        branch=(junction, round(junction + BEND, 2), _end(boxes, BRANCH, ends[BRANCH])),
    )


def _end(boxes: Sequence[Box], track: str, last_stop: float) -> float:
    """Return where a track ends: at its last station, or at the tie of a box below it."""
    return max([last_stop, *(box.middle for box in boxes if box.x == track)])


def _box(environment: Environment, item: Any, row: _Row, y: float) -> Box:
    name = broken(environment.getattr(item, "name"), BOX_WIDTH)
    count = translate("%(n)s处", n=environment.getattr(item, "count"))
    below = broken(translate("✓ 已选"), BOX_WIDTH) if environment.getattr(item, "chosen") else []
    lines = _lines(name, y + BOX_PADDING, strong=True)
    rest = _lines([*below, count], y + BOX_PADDING + LINE * len(name))
    height = LINE * (len(lines) + len(rest)) + 2 * BOX_PADDING
    return Box(item, row.track, round(y, 2), round(height, 2), (*lines, *rest), row.by_rail)


def _lines(words: Sequence[str], top: float, *, strong: bool = False) -> tuple[Line, ...]:
    return tuple(
        Line(text, round(top + BASELINE + LINE * number, 2), strong)
        for number, text in enumerate(words)
    )


def width(text: str) -> float:
    """Return about how wide ``text`` is in em; rather too much than too little."""
    total = 0.0
    for letter in text:
        if letter in "—–" or unicodedata.east_asian_width(letter) in "WF":
            total += 1
        else:
            total += 0.4 if letter in NARROW else 1 if letter in WIDE else 0.68
    return total


def broken(text: str, most: float) -> list[str]:
    """Break ``text`` into lines of at most ``most`` em: after a space or dash, else anywhere."""
    lines = [""]
    for part in re.findall(r"[^\s—–-]+[—–-]?\s*|\s+|[—–-]", text):
        if width((lines[-1] + part).rstrip()) <= most:
            lines[-1] += part
            continue
        if lines[-1]:
            lines.append("")
        for letter in part:
            if width((lines[-1] + letter).rstrip()) > most:
                lines.append("")
            lines[-1] += letter
    return [line.strip() for line in lines]
