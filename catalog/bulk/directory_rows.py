"""From a line of the directory file to checked facts, without a database."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stdnum.cn import uscc

from catalog.bulk.reasons import RowError
from catalog.geography.rules import in_jilin
from catalog.geography.towns import Town, TownPoint, town_at
from catalog.office.entries import credit_code
from catalog.vocabulary import Category, Certainty, Cluster, Datum, Slope
from marketplace.kernel import typed
from marketplace.kernel.errors import DomainError
from marketplace.kernel.typed import Unit

STATION = "rail_station"
OUTSIDE = {"yitong", "other_jilin"}
"""Values of the file's cluster column that mean: in none."""
NO_CLUSTER = "other_jilin"
COLUMNS = (
    "id", "name_zh", "name_en", "type", "cluster", "prefecture", "county", "adcode", "lat", "lon",
    "coord_basis", "coord_error_km", "note_zh", "note_en", "source", "certainty",
)  # fmt: skip
"""What every directory file has."""
OPTIONAL = (
    "legal_name", "credit_code", "address", "town_zh", "town_en", "slope", "station",
    "administering_body", "datum", "planned", "grade", "grade_as_of", "source_date",
)  # fmt: skip
"""What a file may have. An empty cell leaves the fact alone; without its column, a fact that can be
told from the others (town, slope, station, datum, date, grade) is."""
TOLD = (
    "status", "claimed", "other_grades", "licences", "evidence", "checked_at", "version",
    "updated_at",
)  # fmt: skip
"""What an export tells besides; an import passes over it."""
LONGEST = {
    "name_zh": 120, "name_en": 160, "prefecture": 40, "county": 40, "coord_basis": 160,
    "note_zh": 4000, "note_en": 8000, "source": 4000, "legal_name": 120, "address": 200,
    "town_zh": 40, "town_en": 60, "administering_body": 60, "grade": 20, "grade_as_of": 10,
    "source_date": 10,
}  # fmt: skip
"""Symbols that a cell may have."""
LONGEST_OF_STATION = {"name_zh": 60, "name_en": 80}
WIDEST_ERROR_KM = 500
"""Wider than the province: no position at all."""
CODE = re.compile(r"[A-Z]{2,4}[0-9]{2,6}")
CODED = frozenset(
    ("id", "type", "cluster", "adcode", "certainty", "credit_code", "slope", "station", "datum",
     "planned", "grade")
)  # fmt: skip
"""Columns of codes and of words of a list."""
DATES = frozenset(("grade_as_of", "source_date"))
ADCODE = re.compile(r"22[0-9]{4}")
FULL_DATE = re.compile(r"(?<!\d)(20\d\d-\d\d(?:-\d\d)?)(?!\d)")
YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
CLAUSE = re.compile("[，；。、]")
OWN_GRADE = re.compile(
    r"(?:[^，；。、\d]{1,8}[县市州区])?(?:(20\d\d)年(?:\d+月)?)?(?:首批|被?评为|列为|国家)*"
    r"([2-5])A(?:级)?(?:旅游)?(?:景区)?(?:（(20\d\d(?:-20\d\d)?)年[^）]*）)?"
)
"""A whole clause that says the place's own grade: 2013年评为4A, 汪清县3A级景区（2019年名单）."""
GRADE_OF_CATEGORY = {Category.SCENIC_5A: "5A", Category.SCENIC_4A: "4A", Category.SCENIC_3A: "3A"}
YES_OR_NO = {"1": True, "是": True, "0": False, "否": False, "": None}


class UnreadableFile(DomainError):
    """A file of reference is not a CSV in UTF-8 with the columns it must have."""

    code = "unreadable_file"
    http_status = 422
    message = "这个文件读不懂：需要 UTF-8 编码、带表头的 CSV，缺少的列：%(columns)s"


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One checked line of the directory file."""

    code: str
    is_station: bool
    """A railway station, else an enterprise."""
    facts: dict[str, Any]
    """What the line says, by the names of ``flat_facts``; what it leaves alone is not here.

    Values are what JSON can hold: closed lists by value, an empty text for nothing.
    """
    clusters: tuple[str, ...]
    """Clusters that it must be a member of; none means that it belongs to no cluster."""
    station: str | None
    """Code of the station to arrive at; ``""`` leaves it alone, ``None`` asks for the nearest."""


def read_lines(path: Path, required: Collection[str]) -> list[tuple[int, dict[str, str]]]:
    """Return the lines of a reference CSV with their numbers; a byte-order mark is fine.

    Raises:
        UnreadableFile: it is not UTF-8, not a CSV, or a required column is missing.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = set(required) - set(reader.fieldnames or ())
            if missing:
                raise UnreadableFile(columns=", ".join(sorted(missing)))
            names = tuple(reader.fieldnames or ())
            return [
                (reader.line_num, {name: (row[name] or "").strip() for name in names})
                for row in reader
            ]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFile(columns=", ".join(sorted(required))) from error


def read_towns(path: Path) -> tuple[TownPoint, ...]:
    """Return the towns of ``path`` with their points."""
    columns = ("town_zh", "town_en", "adcode", "lat", "lon", "slope", "administering_body")
    return tuple(
        TownPoint(
            Town(
                row["town_zh"],
                row["town_en"],
                Slope(row["slope"]) if row["slope"] else None,
                row["administering_body"] or None,
            ),
            row["adcode"],
            float(row["lat"]),
            float(row["lon"]),
        )
        for _line, row in read_lines(path, columns)
    )


def parse_place(
    row: Mapping[str, str], *, towns: Iterable[TownPoint], counties: Mapping[str, str]
) -> PlaceRow:
    """Check one line; ``counties`` are the names of the divisions known by code, if any are.

    Raises:
        RowError: something in it cannot be used.
    """
    row = {name: _plain(name, cell) for name, cell in row.items()}
    is_station = row["type"] == STATION
    code = row["id"]
    if not CODE.fullmatch(code):
        raise RowError("code_form", value=code)
    if not row["name_zh"]:
        raise RowError("no_name")
    if not row["source"]:
        raise RowError("no_source")
    _check_lengths(row, is_station=is_station)
    facts = _required(row, counties)
    clusters = _clusters(row["cluster"])
    town = town_at(
        facts["lat"],
        facts["lon"],
        error_km=facts["coord_error_km"],
        adcode=facts["adcode"],
        towns=towns,
    )
    if is_station:
        return PlaceRow(code, True, _of_station(row, facts, clusters, town), (), "")
    facts["category"] = _category(row["type"])
    facts["coord_basis"] = row["coord_basis"]
    facts |= _told_or_derived(row, town) | _given(row) | _grade(row)
    return PlaceRow(code, False, facts, clusters, row.get("station"))


def _plain(column: str, cell: str) -> str:
    """Return a code, a word of a list or a date as it is kept, however wide it is written."""
    if column in DATES:
        return typed.partial_date(cell) or cell
    if column not in CODED:
        return cell
    plain = typed.narrow(cell)
    return plain.upper() if column in ("id", "station") else plain


def _required(row: Mapping[str, str], counties: Mapping[str, str]) -> dict[str, Any]:
    """Return the facts that every line has."""
    lat, lon = _point(row)
    adcode = _adcode(row["adcode"], counties)
    right = counties.get(adcode)
    if right is not None and right not in {row["county"], row["county"] or row["prefecture"]}:
        raise RowError("county", value=row["county"], adcode=adcode, right=right)
    return {
        "name_zh": row["name_zh"],
        "name_en": row["name_en"],
        "prefecture": row["prefecture"],
        "county": row["county"],
        "adcode": adcode,
        "lat": lat,
        "lon": lon,
        "coord_error_km": _error_km(row["coord_error_km"]),
        "note_zh": row["note_zh"],
        "note_en": row["note_en"],
        "source": row["source"],
        "certainty": _certainty(row["certainty"]),
    }


def _of_station(
    row: Mapping[str, str], facts: dict[str, Any], clusters: tuple[str, ...], town: Town
) -> dict[str, Any]:
    for name in ("prefecture", "county", "certainty"):
        del facts[name]
    told = _told_or_derived(row, town)
    kept = {name: told[name] for name in ("town_zh", "town_en", "slope", "datum") if name in told}
    return facts | kept | {"cluster": clusters[0] if clusters else ""}


def _told_or_derived(row: Mapping[str, str], town: Town) -> dict[str, Any]:
    """Return what the line tells, or what the rest of it tells where the column is missing."""
    derived = {
        "town_zh": town.zh,
        "town_en": town.en,
        "slope": town.slope.value if town.slope else "",
        "administering_body": town.administering_body or "",
        "datum": datum_of(row["coord_basis"]).value,
        "source_date": date_in(row["source"]),
    }
    facts = {name: row.get(name, value) for name, value in derived.items()}
    if facts["slope"] and facts["slope"] not in set(Slope):
        raise RowError("slope", value=facts["slope"])
    if facts["datum"] and facts["datum"] not in set(Datum):
        raise RowError("datum", value=facts["datum"])
    if row.get("planned", "") not in YES_OR_NO:
        raise RowError("planned", value=row["planned"])
    planned = YES_OR_NO[row.get("planned", "")]
    if planned is None and "planned" not in row:
        planned = "（规划）" in row["name_zh"]
    kept = {name: value for name, value in facts.items() if value or name not in row}
    return kept if planned is None else kept | {"planned": planned}


def _given(row: Mapping[str, str]) -> dict[str, Any]:
    """Return the facts that nothing else tells, as far as they are given."""
    given = {
        name: row[name] for name in ("legal_name", "credit_code", "address") if row.get(name, "")
    }
    if "credit_code" in given:
        given["credit_code"] = credit_code.normal(given["credit_code"])
        if not uscc.is_valid(given["credit_code"]):
            raise RowError("credit_code", value=given["credit_code"])
    return given


def _grade(row: Mapping[str, str]) -> dict[str, Any]:
    """Return the A-level grade of the column; where there is none, of the category or the note."""
    grade, as_of = grade_in(row["note_zh"])
    of_category = GRADE_OF_CATEGORY.get(Category(row["type"]))
    if of_category is not None and grade != of_category:
        grade, as_of = of_category, None
    if "grade" in row:
        grade, as_of = row["grade"], row.get("grade_as_of", "")
    return {"grade": grade, "grade_as_of": as_of or ""} if grade else {}


def _check_lengths(row: Mapping[str, str], *, is_station: bool) -> None:
    limits = LONGEST | LONGEST_OF_STATION if is_station else LONGEST
    for column, most in limits.items():
        if len(row.get(column, "")) > most:
            raise RowError("too_long", column=column, most=most)


def date_in(source: str) -> str:
    """Return the newest date that a source names, as precise as it is given, else ``""``."""
    found = FULL_DATE.findall(source) or YEAR.findall(source)
    return max(found, default="")


def grade_in(note: str) -> tuple[str | None, str | None]:
    """Return the scenic grade that a note gives the place, and the year it is known for.

    A clause that says more than this speaks of another place (“3 km from the 5A area”), or of the
    grades of rural operators, which are another scale with the same letters.
    """
    for clause in CLAUSE.split(note):
        if found := OWN_GRADE.fullmatch(clause.strip()):
            return f"{found[2]}A", found[1] or found[3]
    return None, None


def datum_of(basis: str) -> Datum:
    """Return the reference system that points of this origin have."""
    if basis.startswith("GeoNames"):
        return Datum.WGS84
    return Datum.GCJ02 if basis.startswith("Amap") else Datum.UNKNOWN


def _point(row: Mapping[str, str]) -> tuple[float, float]:
    lat, lon = (typed.number(row[name], Unit.DEGREES) for name in ("lat", "lon"))
    if lat is None or lon is None:
        raise RowError("coordinates", value=f"{row['lat']}, {row['lon']}")
    if not in_jilin(lat, lon):
        raise RowError("outside", value=f"{lat}, {lon}")
    return lat, lon


def _error_km(text: str) -> float:
    error = typed.number(text, Unit.KILOMETRES)
    if error is None or not 0 <= error <= WIDEST_ERROR_KM:
        raise RowError("error_km", value=text)
    return error


def _category(text: str) -> str:
    if text not in set(Category):
        raise RowError("category", value=text)
    return text


def _clusters(text: str) -> tuple[str, ...]:
    """Return the clusters that a cell names, parted by semicolons."""
    named = [part.strip() for part in re.split(r"[;,、]", text)]
    for name in named:
        if name not in set(Cluster) and name not in OUTSIDE:
            raise RowError("cluster", value=name)
    return tuple(name for name in named if name not in OUTSIDE)


def _adcode(text: str, counties: Mapping[str, str]) -> str:
    if not ADCODE.fullmatch(text) or (counties and text not in counties):
        raise RowError("adcode", value=text)
    return text


def _certainty(text: str) -> str:
    if text not in set(Certainty):
        raise RowError("certainty", value=text)
    return text
