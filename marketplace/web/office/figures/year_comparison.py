"""What was booked beside the same time of the year before, with the change in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from marketplace.booking.reads import statistics as booked
from marketplace.booking.reads.statistics import Month
from marketplace.kernel.months import month_after
from marketplace.web.i18n import translate
from marketplace.web.office.figures.booked_tables import of_provinces
from marketplace.web.office.figures.tables import Cell, Question, Table, number
from marketplace.web.rendering.charts import Chart, Series

Figure = Callable[[Month], float | None]
FIGURES: dict[str, tuple[str, str, Figure]] = {
    "bookings": ("订单", "", lambda month: month.bookings),
    "nights": ("住客夜数", "", lambda month: month.guest_nights),
    "rooms": ("售出间夜", "", lambda month: month.room_nights),
    "occupancy": ("入住率", "%", lambda month: month.occupancy),
    "stay": ("平均住几晚", "", lambda month: month.mean_stay),
}
"""What is compared: its name, its unit and how a month or a sum of months tells it."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure of a time, of the same time a year before, and the change in words."""

    now: str
    before: str
    change: str
    nothing: bool
    """Both are zero or not known."""


@dataclass(frozen=True, slots=True)
class Line:
    """One figure, for this month and for the months asked for."""

    name: str
    title: str
    month: Compared
    period: Compared


@dataclass(frozen=True, slots=True)
class Years:
    """The figures of two years side by side; ``chart`` shows one of them month by month."""

    lines: tuple[Line, ...]
    chart: Chart

    @property
    def empty(self) -> bool:
        """Whether nothing was booked in any of these times, so that there is nothing to compare."""
        return all(line.month.nothing and line.period.nothing for line in self.lines)


def of_years(session: Session, asked: Question, shown: str) -> Years:
    """Compare this month, and the months asked for, with a year before: nine queries."""
    this_month = asked.today.replace(day=1)

    def read(question: Question) -> list[Month]:
        return booked.months(
            session, samples=asked.samples, first=question.first, count=question.months
        )

    found, before = read(asked), read(asked.year_before)
    a_year = booked.months(
        session,
        samples=asked.samples,
        first=month_after(this_month, -booked.MONTHS_A_YEAR),
        count=booked.MONTHS_A_YEAR + 1,
    )
    lines = tuple(
        Line(
            name,
            translate(title),
            _compared(tell(a_year[-1]), tell(a_year[0]), unit),
            _compared(tell(booked.summed(found)), tell(booked.summed(before)), unit),
        )
        for name, (title, unit, tell) in FIGURES.items()
    )
    return Years(lines, _chart(found, before, shown))


def _chart(found: Sequence[Month], before: Sequence[Month], shown: str) -> Chart:
    title, unit, tell = FIGURES[shown]
    return Chart(
        shown,
        translate(title),
        "columns",
        tuple(f"{month.first:%Y-%m}" for month in found),
        (
            Series(translate("这一年"), tuple(tell(month) for month in found)),
            Series(translate("上一年同月"), tuple(tell(month) for month in before)),
        ),
        unit,
    )


def _compared(now: float | None, before: float | None, unit: str) -> Compared:
    return Compared(
        _written(now, unit),
        _written(before, unit),
        _change(now, before, unit),
        not (now or before),
    )


def _written(value: float | None, unit: str) -> str:
    return "–" if value is None else f"{value:,g}{unit}"


def _change(now: float | None, before: float | None, unit: str) -> str:
    """Return a change in words: 多 12（60%）; of shares in percentage points."""
    if now is None or before is None or not (now or before):
        return translate("没有可比的")
    by = round(now - before, 1)
    if not by:
        return translate("一样")
    word = "多 %(sum)s" if by > 0 else "少 %(sum)s"
    if unit:
        return translate(word, sum=translate("%(n)s 个百分点", n=f"{abs(by):,g}"))
    told = translate(word, sum=f"{abs(by):,g}")
    share = f"{round(abs(by) * 100 / before)}%" if before else ""
    return translate("%(change)s（%(share)s）", change=told, share=share) if share else told


def provinces_of_years(session: Session, asked: Question) -> Table:
    """Say where guests come from, the year before beside; small groups are not told."""
    (now,), (before,) = of_provinces(session, asked), of_provinces(session, asked.year_before)
    was = {row[0]: row[1:] for row in before.rows}
    rows: list[tuple[Cell, ...]] = [(*row, *was.pop(row[0], (0, 0))) for row in now.rows]
    rows += [(name, 0, 0, *cells) for name, cells in was.items()]
    heads = (
        *now.heads,
        number(translate("上一年的订单")),
        number(translate("上一年的夜数")),
    )
    return Table(now.name, now.title, heads, tuple(rows), now.note)
