"""Charts as SVG files that pages show as images; the numbers stand in a table beneath each.

Drawn here, with presentation attributes alone: no script, no style sheet, the same bytes for the
same numbers, Chinese measured as wide as it is, and shades that a print without colour keeps apart.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

from marketplace.web.i18n import translate

Kind = Literal["bars", "columns", "shares"]
WIDTH = 760
FONT, SMALL_FONT = 15, 13
FONTS = "'Noto Sans CJK SC','Noto Sans SC','PingFang SC','Microsoft YaHei',sans-serif"
INK, LINE, EDGE = "#1f2a24", "#c9c0a8", "#1e4d3a"
FILLS = ("#1e4d3a", "#7fa08a", "#d3dfcb", "#ffffff")
"""From dark to light."""
WORDS_ON = ("#ffffff", INK, INK, INK)
"""The colour of words on each of ``FILLS``."""
ROW, BAR, PAD = 34, 24, 12
WHOLE = 100
PLOT_HEIGHT, MOST_TICKS, LEGEND = 150, 5, 30
NARROW_SIGN = 0.58
"""The width of a Latin letter or digit in ems; a Chinese character is one em wide."""


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers of one meaning, one for each label; ``None`` leaves a gap."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: what its file is called, what it shows, and in words for who cannot see it."""

    name: str
    title: str
    kind: Kind
    labels: tuple[str, ...]
    """What each number is of; for columns the month as 2027-06."""
    series: tuple[Series, ...]
    unit: str = ""
    """What stands behind a number, for example ``%``."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(value for one in self.series for value in one.values)

    @property
    def height(self) -> int:
        """Height in pixels of the ``WIDTH`` that it is drawn in."""
        if self.kind == "columns":
            return PLOT_HEIGHT + 90 + (LEGEND if len(self.series) > 1 else 0)
        return 2 * PAD + ROW * (len(self.labels) + (1 if self.kind == "shares" else 0))

    @property
    def alt(self) -> str:
        """What it shows, in a sentence."""
        pairs = [
            (value, label)
            for one in self.series
            for value, label in zip(one.values, self.labels, strict=True)
            if value is not None
        ]
        if self.empty or not pairs:
            return translate("%(title)s：还没有数字", title=self.title)
        value, where = max(pairs, key=lambda pair: pair[0])
        return translate(
            "%(title)s。最大的是%(where)s，%(value)s。全部数字在下面的表里",
            title=self.title,
            where=where,
            value=self.written(value),
        )

    def written(self, value: float) -> str:
        """Return a number as it stands at its bar."""
        return f"{value:,g}{self.unit}"


def svg(chart: Chart) -> bytes:
    """Return a chart as an SVG file."""
    draw = {"bars": _bars, "columns": _columns, "shares": _shares}[chart.kind]
    body = "".join(draw(chart))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{chart.height}" '
        f'viewBox="0 0 {WIDTH} {chart.height}" font-family="{FONTS}" font-size="{FONT}" '
        f'fill="{INK}" role="img"><title>{escape(chart.title)}</title>'
        f'<rect width="{WIDTH}" height="{chart.height}" fill="#ffffff"/>{body}</svg>\n'
    ).encode()


def width_of(text: str, size: int = FONT) -> float:
    """Return how wide a text is drawn, in pixels: never too little, at most a bit too much."""
    wide = (unicodedata.east_asian_width(sign) in "WFA" for sign in text)
    return sum(size if is_wide else size * NARROW_SIGN for is_wide in wide)


def ticks(most: float) -> list[float]:
    """Return round numbers from 0 to the first that is not below ``most``."""
    if most <= 0:
        return [0, 1]
    rough = most / (MOST_TICKS - 1)
    power = 10 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    if most >= 1:
        step = max(step, 1)
    return [number * step for number in range(math.ceil(most / step) + 1)]


def _text(x: float, y: float, words: str, *, anchor: str = "start", more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{escape(words)}</text>'


def _rect(x: float, y: float, width: float, height: float, fill: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{max(height, 0):.1f}" '
        f"fill={quoteattr(fill)} stroke={quoteattr(EDGE)}/>"
    )


def _most(chart: Chart, values: Sequence[float | None]) -> float:
    """Return the number that reaches the end of the axis; a share is always seen against all."""
    return max([WHOLE if chart.unit == "%" else 0, *(value for value in values if value)])


def _label_room(labels: Sequence[str]) -> float:
    return max((width_of(label) for label in labels), default=0) + 2 * PAD


def _bars(chart: Chart) -> Iterator[str]:
    """A bar for each label, its number behind it."""
    values = chart.series[0].values
    most = _most(chart, values) or 1
    left = _label_room(chart.labels)
    tail = max((width_of(chart.written(v)) for v in values if v is not None), default=0)
    room = WIDTH - left - tail - 2 * PAD
    for row, (label, value) in enumerate(zip(chart.labels, values, strict=True)):
        y = PAD + row * ROW
        yield _text(left - PAD, y + 18, label, anchor="end")
        if value is not None:
            yield _rect(left, y, room * value / most, BAR, FILLS[0])
            yield _text(left + room * value / most + 8, y + 18, chart.written(value))


def _shares(chart: Chart) -> Iterator[str]:
    """A bar for each label, in parts that together are all of it."""
    yield from _legend(chart)
    left = _label_room(chart.labels)
    sums = [sum(one.values[row] or 0 for one in chart.series) for row in range(len(chart.labels))]
    most, room = max(sums, default=0) or 1, WIDTH - left - PAD
    for row, label in enumerate(chart.labels):
        y, x = PAD + (row + 1) * ROW, left
        yield _text(left - PAD, y + 18, label, anchor="end")
        for number, one in enumerate(chart.series):
            value = one.values[row]
            if not value:
                continue
            wide = room * value / most
            yield _rect(x, y, wide, BAR, FILLS[number])
            words = chart.written(value)
            if width_of(words) + 4 <= wide:
                colour = f' fill="{WORDS_ON[number]}"'
                yield _text(x + wide / 2, y + 18, words, anchor="middle", more=colour)
            x += wide


def _legend(chart: Chart) -> Iterator[str]:
    """What the shades mean, over the chart."""
    at: float = PAD
    apart = 2 if chart.kind == "columns" else 1
    for number, one in enumerate(chart.series):
        yield _rect(at, PAD, 18, 18, FILLS[apart * number])
        yield _text(at + 26, PAD + 15, one.name)
        at += width_of(one.name) + 26 + 2 * PAD


def _columns(chart: Chart) -> Iterator[str]:
    """A column for each month, or one for each of its years, over an axis of round numbers."""
    scale = ticks(_most(chart, [value for one in chart.series for value in one.values]))
    left = max(width_of(chart.written(tick)) for tick in scale) + 2 * PAD
    legend = LEGEND if len(chart.series) > 1 else 0
    bottom = 2.5 * PAD + legend + PLOT_HEIGHT
    if legend:
        yield from _legend(chart)
    for tick in scale:
        y = bottom - PLOT_HEIGHT * tick / scale[-1]
        yield f'<path d="M{left:.1f} {y:.1f}H{WIDTH - PAD}" stroke="{LINE}"/>'
        yield _text(left - 8, y + 5, chart.written(tick), anchor="end")
    step = (WIDTH - PAD - left) / max(len(chart.labels), 1)
    small = f' font-size="{SMALL_FONT}"'
    year = ""
    for place, label in enumerate(chart.labels):
        x = left + step * place
        middle = x + step / 2
        yield _text(middle, bottom + 20, f"{int(label[5:7])}", anchor="middle", more=small)
        if label[:4] != year:
            year = label[:4]
            yield _text(x + 2, bottom + 42, year, more=' font-weight="700"')
        yield from _pillars(chart, place, (x, bottom, step), scale[-1])
    yield f'<path d="M{left:.1f} {bottom:.1f}H{WIDTH - PAD}" stroke="{INK}" stroke-width="2"/>'


def _pillars(
    chart: Chart, place: int, at: tuple[float, float, float], most: float
) -> Iterator[str]:
    """The columns of one month; a single one bears its number where there is room."""
    x, bottom, step = at
    wide = step * 0.7 / len(chart.series)
    for number, one in enumerate(chart.series):
        value = one.values[place]
        if not value:
            continue
        tall = PLOT_HEIGHT * value / most
        yield _rect(x + step * 0.15 + wide * number, bottom - tall, wide, tall, FILLS[2 * number])
        words = f"{value:,g}"
        if len(chart.series) == 1 and width_of(words, SMALL_FONT) <= step:
            y = max(bottom - tall - 5, bottom - PLOT_HEIGHT - 16)
            yield _text(x + step / 2, y, words, anchor="middle", more=f' font-size="{SMALL_FONT}"')
