"""The office's figures by name, each read with no more queries than it needs."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from marketplace.web.office.figures.booked_tables import of_beds, of_months, of_provinces
from marketplace.web.office.figures.register_tables import of_licences, of_register
from marketplace.web.office.figures.tables import Question, Table
from marketplace.web.rendering.charts import Chart

Section = Callable[[Session, Question], list[Table]]
SECTIONS: dict[Section, tuple[tuple[str, ...], tuple[str, ...]]] = {
    of_register: (
        (
            "standing", "clusters", "categories", "grades", "counties", "completeness",
            "freshness", "lacking", "worst",
        ),
        ("clusters", "categories", "grades", "counties", "completeness", "freshness",
            "lacking",
        ),
    ),
    of_beds: (("beds",), ("beds",)),
    of_licences: (("licences",), ()),
    of_months: (("months",), ("bookings", "nights", "occupancy", "stay")),
    of_provinces: (("provinces",), ("provinces",)),
}  # fmt: skip
"""The tables and the charts that each reading gives, by name."""


def table(session: Session, asked: Question, name: str) -> Table | None:
    """Return one table, reading no more than it needs."""
    section = next((one for one, (tables, _) in SECTIONS.items() if name in tables), None)
    found = section(session, asked) if section is not None else []
    return next((one for one in found if one.name == name), None)


def chart(session: Session, asked: Question, name: str) -> Chart | None:
    """Return one chart, reading no more than it needs."""
    section = next((one for one, (_, charts) in SECTIONS.items() if name in charts), None)
    found = section(session, asked) if section is not None else []
    return next((one for each in found for one in each.charts if one.name == name), None)


def all_tables(session: Session, asked: Question) -> list[Table]:
    """Return every table: thirteen queries, however much there is."""
    return [one for section in SECTIONS for one in section(session, asked)]


def of_topic(session: Session, asked: Question, topic: str) -> list[Table]:
    """Return the tables of one topic, reading no more than they need."""
    wanted = TOPICS[topic][1]
    return [
        one
        for section, (tables, _) in SECTIONS.items()
        if set(tables) & set(wanted)
        for one in section(session, asked)
        if one.name in wanted
    ]


TOPICS: dict[str, tuple[str, tuple[str, ...]]] = {
    "bookings": ("和上一年比", ("months",)),
    "months": ("各月", ("months",)),
    "guests": ("客源", ("provinces",)),
    "beds": ("床位", ("beds",)),
    "register": ("企业的状态", ("standing",)),
    "clusters": ("集聚区", ("clusters",)),
    "categories": ("类别", ("categories",)),
    "grades": ("等级", ("grades",)),
    "counties": ("县（市、区）", ("counties",)),
    "completeness": ("完整度", ("completeness",)),
    "freshness": ("资料新旧", ("freshness",)),
    "lacking": ("缺什么", ("lacking",)),
    "worst": ("最要补的", ("worst",)),
    "licences": ("证照", ("licences",)),
}
"""What there is to look at, a screen each: its name and its tables."""
