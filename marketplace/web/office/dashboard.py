"""The overview: the register and its bookings in figures, as a page, as files and as images."""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any

from flask import Response, abort, request, url_for
from sqlalchemy.orm import Session

from catalog.vocabulary import Cluster
from marketplace.accounts.roles import Permission
from marketplace.booking.statistics import month_after
from marketplace.kernel.typed import whole
from marketplace.web import labels
from marketplace.web.account.frame import staff_page
from marketplace.web.auth import needs
from marketplace.web.charts import WIDTH, Chart, svg
from marketplace.web.context import services, today
from marketplace.web.forms import csv_file, reading
from marketplace.web.i18n import translate
from marketplace.web.noting import exports
from marketplace.web.office import figures, yearly
from marketplace.web.office.base import blueprint
from marketplace.web.office.register_tables import licences_url
from marketplace.web.office.tabled import Linked, Question, Table

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
    months = whole(request.args.get("months")) or USUAL_LENGTH
    first = reading.month(request.args.get("first"))
    if first not in _first_months(this_month):
        first = None
    worst = request.args.get("worst", "")
    if months not in LENGTHS:
        months = USUAL_LENGTH
    samples = request.args.get("data") == "sample"
    kept: dict[str, Any] = {"data": "sample"} if samples else {}
    if first:
        kept["first"] = f"{first:%Y-%m}"
    if months != USUAL_LENGTH:
        kept["months"] = months
    return Question(
        today=today(),
        samples=samples,
        first=first or month_after(this_month, -MONTHS_BACK),
        months=months,
        worst=worst if worst in {*Cluster, OUTSIDE} else "",
        kept=kept,
    )


def _first_months(this_month: dt.date) -> list[dt.date]:
    return [month_after(this_month, ahead) for ahead in range(-FARTHEST_BACK, FARTHEST_AHEAD + 1)]


@blueprint.get("/dashboard")
@needs(Permission.SEE_STATISTICS)
def dashboard() -> str:
    """Show one topic, a screen high; or everything, for paper."""
    asked = _asked()
    topic = request.args.get("topic", "")
    if topic not in {*figures.TOPICS, EVERYTHING}:
        topic = "worst" if "worst" in request.args else next(iter(figures.TOPICS))
    figure = request.args.get("figure", "")
    if figure not in yearly.FIGURES:
        figure = next(iter(yearly.FIGURES))
    args = {**asked.kept, **({"worst": asked.worst} if asked.worst else {})}
    with services().database.read() as session:
        years = yearly.of_years(session, asked, figure) if topic in BY_MONTHS else None
        tables = _tables(session, asked, topic)
    return staff_page(
        "office/dashboard.html",
        nav="dashboard",
        asked=asked,
        topic=topic,
        everything=topic == EVERYTHING,
        title=translate(figures.TOPICS[topic][0] if topic in figures.TOPICS else "概览"),
        topics=[(name, translate(word)) for name, (word, _) in figures.TOPICS.items()],
        topic_url=lambda name: url_for("office.dashboard", topic=name, **asked.kept),
        tables=tables,
        years=years,
        figure_url=lambda name: url_for(
            "office.dashboard", topic="months", figure=name, **asked.kept
        ),
        figures=[(name, translate(word)) for name, (word, _, _) in yearly.FIGURES.items()],
        by_months=topic in {*BY_MONTHS, "guests", EVERYTHING},
        most_rows=None if topic == EVERYTHING else MOST_ROWS,
        image=_image,
        chart_width=WIDTH,
        firsts=[(f"{one:%Y-%m}", labels.month_label(one)) for one in _first_months(_this_month())],
        lengths=[(count, translate("%(n)s个月", n=count)) for count in LENGTHS],
        last=month_after(asked.first, asked.months - 1),
        this_month=_this_month(),
        file_url=lambda name: url_for("office.figures_file", name=name, **args),
        chart_url=lambda name: url_for("office.chart", name=name, **args),
        licences_url=licences_url(),
    )  # fmt: skip


def _tables(session: Session, asked: Question, topic: str) -> list[Table]:
    if topic == EVERYTHING:
        return figures.all_tables(session, asked)
    if topic == "guests":
        return [yearly.provinces_of_years(session, asked)]
    return figures.of_topic(session, asked, topic)


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
        found = figures.chart(session, asked, name)
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
        found = figures.table(session, asked, name)
    if found is None:
        abort(404)
    heads = [head if isinstance(head, str) else head[0] for head in found.heads]
    rows = ([str(c) if isinstance(c, Linked) else c for c in row] for row in found.rows)
    return csv_file.answer(f"{name}-{today():%Y%m%d}", heads, rows)
