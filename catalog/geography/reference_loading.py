"""Loading the reference files: divisions, source cities and rail links; reruns change nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.bulk.directory_loading import DATA
from catalog.bulk.directory_rows import read_lines
from catalog.geography.reference_models import Division, RailLink, SourceCity
from marketplace.kernel.db import Base, Database

PLANNABLE_FROM = 2020
"""Timetables from before this year are shown with their year and never planned with."""


def load_reference(database: Database, *, folder: Path = DATA) -> None:
    """Load all three files of ``folder``, adding what is new and setting what differs."""
    with database.write() as session:
        _load(session, Division, ("code",), _divisions(folder / "jilin-divisions.csv"))
        _load(session, SourceCity, ("adcode",), _source_cities(folder / "origins.csv"))
        ends = ("from_station", "to_station")
        _load(session, RailLink, ends, _rail_links(folder / "rail-links.csv"))


def is_plannable(as_of: str) -> bool:
    """Whether a figure of this date may be planned with: it names a year from 2020 on."""
    year = re.search(r"(?:19|20)\d\d", as_of)
    return year is not None and int(year[0]) >= PLANNABLE_FROM


def _divisions(path: Path) -> list[dict[str, Any]]:
    return [
        {
            "code": row["code"],
            "name": row["name"],
            "level": row["level"],
            "parent_code": row["parent_code"] or None,
        }
        for _line, row in read_lines(path, ("code", "name", "level", "parent_code"))
    ]


def _source_cities(path: Path) -> list[dict[str, Any]]:
    columns = ("role", "adcode", "july_mean_2008", "july_mean_2009", "cooler_in_changchun_by")
    return [
        {
            "adcode": row["adcode"],
            "city_zh": row["city"],
            "province_zh": row["province"],
            "region": row["region"],
            "july_2008": float(row["july_mean_2008"]),
            "july_2009": float(row["july_mean_2009"]),
            "july_mean": float(row["july_two_year_mean"]),
            "cooler_by": float(row["cooler_in_changchun_by"]),
            "source": row["source"],
        }
        for _line, row in read_lines(path, columns)
        if row["role"] == "origin"
    ]


def _rail_links(path: Path) -> list[dict[str, Any]]:
    columns = ("from_station", "to_station", "fastest_minutes", "as_of", "note", "source")
    return [
        {
            "from_station": row["from_station"],
            "to_station": row["to_station"],
            "fastest_minutes": int(row["fastest_minutes"]),
            "as_of": row["as_of"],
            "usable_for_planning": is_plannable(row["as_of"]),
            "note": row["note"],
            "source": row["source"],
        }
        for _line, row in read_lines(path, columns)
    ]


def _load(
    session: Session, model: type[Base], key: tuple[str, ...], rows: list[dict[str, Any]]
) -> None:
    have = {
        tuple(getattr(row, name) for name in key): row for row in session.scalars(sa.select(model))
    }
    new = []
    for facts in rows:
        row = have.get(tuple(facts[name] for name in key))
        if row is None:
            new.append(facts)
            continue
        for name, value in facts.items():
            setattr(row, name, value)
    if new:
        session.execute(sa.insert(model), new)
