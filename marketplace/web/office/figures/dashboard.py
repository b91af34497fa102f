"""The overview: the register and its bookings in figures, as a page, as files and as images."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import Response, abort
from sqlalchemy.orm import Session

from catalog.vocabulary import Cluster
from marketplace.kernel.months import month_after
from marketplace.staff.roles import Permission
from marketplace.web.auth import needs
from marketplace.web.context import services, today
from marketplace.web.forms import csv_file, reader
from marketplace.web.forms.links import LinkArgs, link_to
from marketplace.web.i18n import translate
from marketplace.web.office.base import blueprint
from marketplace.web.office.figures import figure_registry, year_comparison
from marketplace.web.office.figures.register_tables import licences_url
from marketplace.web.office.figures.tables import Linked, Question, Table
from marketplace.web.protection.access_notes import exports
from marketplace.web.rendering import labels, pages
from marketplace.web.rendering.charts import WIDTH, Chart, svg
from marketplace.web.staff_frame import framed

MONTHS_BACK = 12
LENGTHS = (1, 3, 6, 12, 25, 36)
USUAL_LENGTH = 25
"""Twelve months back, the present one, and twelve ahead."""
FARTHEST_BACK, FARTHEST_AHEAD = 48, 12
OUTSIDE = "outside"
EVERYTHING = "all"
"""All topics on one page, with every row."""
BY_MONTHS = frozenset({"bookings", "months"})
"""Topics that are compared with the year before, figure by figure."""
MOST_ROWS = 3
"""Rows of a table on the screen of a topic."""


def _asked() -> Question:
    """Return what is asked for; nonsense is left aside."""
    this_month = today().replace(day=1)
    said = reader.asked()
    months = said.whole("months") or USUAL_LENGTH
    first = said.month("first")
    if first not in _first_months(this_month):
        first = None
    if months not in LENGTHS:
        months = USUAL_LENGTH
    samples = said.sent("data") == "sample"
    kept: LinkArgs = {"data": "sample"} if samples else {}
    if first:
        kept["first"] = f"{first:%Y-%m}"
    if months != USUAL_LENGTH:
        kept["months"] = months
    return Question(
        today=today(),
        samples=samples,
        first=first or month_after(this_month, -MONTHS_BACK),
        months=months,
        worst=said.option("worst", (*Cluster, OUTSIDE)),
        kept=kept,
    )


def _first_months(this_month: dt.date) -> list[dt.date]:
    return [month_after(this_month, ahead) for ahead in range(-FARTHEST_BACK, FARTHEST_AHEAD + 1)]


@dataclass(frozen=True, slots=True)
class DashboardHtml(pages.Page):
    """One topic, a screen high; or everything, for paper."""

    template: ClassVar[str] = "office/dashboard.html"

    asked: Question
    topic: str
    everything: bool
    title: str
    topics: Sequence[tuple[str, str]]
    topic_url: Callable[[str], str]
    tables: Sequence[Table]
    years: year_comparison.Years | None
    figure_url: Callable[[str], str]
    figures: Sequence[tuple[str, str]]
    by_months: bool
    most_rows: int | None
    image: Callable[[Chart], str]
    chart_width: int
    firsts: Sequence[tuple[str, str]]
    lengths: Sequence[tuple[int, str]]
    last: dt.date
    this_month: dt.date
    file_url: Callable[[str], str]
    chart_url: Callable[[str], str]
    licences_url: str | None


@blueprint.get("/dashboard")
@needs(Permission.SEE_STATISTICS)
def dashboard() -> str:
    """Show one topic, a screen high; or everything, for paper."""
    asked = _asked()
    topic = reader.asked().sent("topic")
    if topic not in {*figure_registry.TOPICS, EVERYTHING}:
        topic = "worst" if "worst" in reader.asked() else next(iter(figure_registry.TOPICS))
    figure = reader.asked().sent("figure")
    if figure not in year_comparison.FIGURES:
        figure = next(iter(year_comparison.FIGURES))
    args = {**asked.kept, **({"worst": asked.worst} if asked.worst else {})}
    with services().database.read() as session:
        years = year_comparison.of_years(session, asked, figure) if topic in BY_MONTHS else None
        tables = _tables(session, asked, topic)
    return framed(
        DashboardHtml(
            asked=asked,
            topic=topic,
            everything=topic == EVERYTHING,
            title=translate(figure_registry.TOPICS.get(topic, ("概览",))[0]),
            topics=[(name, translate(word)) for name, (word, _) in figure_registry.TOPICS.items()],
            topic_url=lambda name: link_to("office.dashboard", asked.kept, topic=name),
            tables=tables,
            years=years,
            figure_url=lambda name: link_to(
                "office.dashboard", asked.kept, topic="months", figure=name
            ),
            figures=[
                (name, translate(word)) for name, (word, _, _) in year_comparison.FIGURES.items()
            ],
            by_months=topic in {*BY_MONTHS, "guests", EVERYTHING},
            most_rows=None if topic == EVERYTHING else MOST_ROWS,
            image=_image,
            chart_width=WIDTH,
            firsts=[
                (f"{one:%Y-%m}", labels.month_label(one)) for one in _first_months(_this_month())
            ],
            lengths=[(count, translate("%(n)s个月", n=count)) for count in LENGTHS],
            last=month_after(asked.first, asked.months - 1),
            this_month=_this_month(),
            file_url=lambda name: link_to("office.figures_file", args, name=name),
            chart_url=lambda name: link_to("office.chart", args, name=name),
            licences_url=licences_url(),
        ),
        nav="dashboard",
    )


def _tables(session: Session, asked: Question, topic: str) -> list[Table]:
    if topic == EVERYTHING:
        return figure_registry.all_tables(session, asked)
    if topic == "guests":
        return [year_comparison.provinces_of_years(session, asked)]
    return figure_registry.of_topic(session, asked, topic)


def _this_month() -> dt.date:
    return today().replace(day=1)


def _image(chart: Chart) -> str:
    """Return the chart within the page: it is made of the very numbers of the table beneath."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg(chart)).decode()}"


@blueprint.get("/charts/<name>.svg")
@needs(Permission.SEE_STATISTICS)
def chart(name: str) -> Response:
    """Give one chart as an image file."""
    asked = _asked()
    with services().database.read() as session:
        found = figure_registry.chart(session, asked, name)
    if found is None:
        abort(404)
    return Response(svg(found), content_type="image/svg+xml; charset=utf-8")


@blueprint.get("/figures/<name>.csv")
@needs(Permission.SEE_STATISTICS)
@exports
def figures_file(name: str) -> Response:
    """Give one table as a file."""
    asked = _asked()
    with services().database.read() as session:
        found = figure_registry.table(session, asked, name)
    if found is None:
        abort(404)
    heads = [head if isinstance(head, str) else head[0] for head in found.heads]
    rows = ([str(c) if isinstance(c, Linked) else c for c in row] for row in found.rows)
    return csv_file.answer(f"{name}-{today():%Y%m%d}", heads, rows)
