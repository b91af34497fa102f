"""From a line of the directory file to checked facts, without a database."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from catalog.rules import in_jilin
from catalog.vocabulary import Category, Certainty, Cluster, Datum, Slope
from marketplace.kernel.errors import DomainError

STATION = "rail_station"
OUTSIDE = {"yitong", "other_jilin"}
"""Values of the file's cluster column that mean: in none."""
COLUMNS = (
    "id", "name_zh", "name_en", "type", "cluster", "prefecture", "county", "adcode", "lat", "lon",
    "coord_basis", "coord_error_km", "note_zh", "note_en", "source", "certainty",
)  # fmt: skip
WIDEST_ERROR_KM = 500
"""Wider than the province: no position at all."""
CODE = re.compile(r"[A-Z]{2,4}\d{2,6}")
ADCODE = re.compile(r"22\d{4}")
FULL_DATE = re.compile(r"(?<!\d)(20\d\d-\d\d(?:-\d\d)?)(?!\d)")
YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
YEAR_THEN_GRADE = re.compile(r"(20\d\d)年[^，；。]*?([2-5])A")
GRADE_THEN_YEAR = re.compile(r"([2-5])A[^，；。]*?（(20\d\d(?:-20\d\d)?)年")
GRADE = re.compile(r"([2-5])A")


class UnreadableFile(DomainError):
    """The file is not a directory file in UTF-8."""

    code = "unreadable_file"
    http_status = 422
    message = "这个文件读不懂：需要 UTF-8 编码、带表头的 CSV，缺少的列：%(columns)s"


class RowError(ValueError):
    """A line cannot be used; the text says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Town:
    """What is known of the point a coordinate stands for."""

    zh: str
    en: str
    slope: Slope | None
    administering_body: str | None


NO_TOWN = Town("", "", None, None)


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One checked line of the directory file."""

    code: str
    name_zh: str
    name_en: str
    category: Category | None
    """``None`` for a railway station."""
    cluster: Cluster | None
    prefecture: str
    county: str
    adcode: str
    lat: float
    lon: float
    coord_basis: str
    coord_error_km: float
    datum: Datum
    town: Town
    note_zh: str
    note_en: str
    source: str
    source_date: str
    certainty: Certainty
    grade: str | None
    grade_as_of: str | None
    planned: bool


def read_lines(path: Path, required: Collection[str]) -> list[tuple[int, dict[str, str]]]:
    """Return the lines of a CSV with their numbers; a leading byte-order mark is fine.

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


def read_towns(path: Path) -> dict[str, Town]:
    """Return the towns by the ``coord_basis`` of the directory file that names them."""
    columns = ("coord_basis", "town_zh", "town_en", "slope", "administering_body")
    return {
        row["coord_basis"]: Town(
            row["town_zh"],
            row["town_en"],
            Slope(row["slope"]) if row["slope"] else None,
            row["administering_body"] or None,
        )
        for _line, row in read_lines(path, columns)
    }


def parse_place(
    row: Mapping[str, str], *, towns: Mapping[str, Town], adcodes: Collection[str]
) -> PlaceRow:
    """Check one line; ``adcodes`` are the county codes known, empty when none are loaded.

    Raises:
        RowError: something in it cannot be used.
    """
    if not CODE.fullmatch(row["id"]):
        raise RowError(f"编号“{row['id']}”不合规定，应为字母加数字，如 JL001")
    if not row["name_zh"]:
        raise RowError("缺少中文名称")
    if not row["source"]:
        raise RowError("缺少资料来源")
    lat, lon = _point(row)
    grade, grade_as_of = grade_in(row["note_zh"])
    return PlaceRow(
        code=row["id"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        category=_category(row["type"]),
        cluster=_cluster(row["cluster"]),
        prefecture=row["prefecture"],
        county=row["county"],
        adcode=_adcode(row["adcode"], adcodes),
        lat=lat,
        lon=lon,
        coord_basis=row["coord_basis"],
        coord_error_km=_error_km(row["coord_error_km"]),
        datum=datum_of(row["coord_basis"]),
        town=towns.get(row["coord_basis"], NO_TOWN),
        note_zh=row["note_zh"],
        note_en=row["note_en"],
        source=row["source"],
        source_date=date_in(row["source"]),
        certainty=_certainty(row["certainty"]),
        grade=grade,
        grade_as_of=grade_as_of,
        planned="（规划）" in row["name_zh"],
    )


def date_in(source: str) -> str:
    """Return the newest date that a source names, as precise as it is given, else ``""``."""
    found = FULL_DATE.findall(source) or YEAR.findall(source)
    return max(found, default="")


def grade_in(note: str) -> tuple[str | None, str | None]:
    """Return the scenic grade that a note names and the year it is known for.

    The grades of rural operators are another scale with the same letters, and are left out.
    """
    if "乡村旅游经营单位" in note:
        return None, None
    if found := YEAR_THEN_GRADE.search(note):
        return f"{found[2]}A", found[1]
    if found := GRADE_THEN_YEAR.search(note):
        return f"{found[1]}A", found[2]
    if found := GRADE.search(note):
        return f"{found[1]}A", None
    return None, None


def datum_of(basis: str) -> Datum:
    """Return the reference system that points of this origin have."""
    if basis.startswith("GeoNames"):
        return Datum.WGS84
    return Datum.GCJ02 if basis.startswith("Amap") else Datum.UNKNOWN


def _point(row: Mapping[str, str]) -> tuple[float, float]:
    try:
        lat, lon = float(row["lat"]), float(row["lon"])
    except ValueError:
        raise RowError(f"坐标“{row['lat']}, {row['lon']}”不是数字") from None
    if not in_jilin(lat, lon):
        raise RowError(f"坐标 {lat}, {lon} 不在吉林省内")
    return lat, lon


def _error_km(text: str) -> float:
    try:
        error = float(text)
    except ValueError:
        error = -1.0
    if not 0 <= error <= WIDEST_ERROR_KM:
        raise RowError(f"坐标误差“{text}”不是公里数")
    return error


def _category(text: str) -> Category | None:
    if text == STATION:
        return None
    if text not in set(Category):
        raise RowError(f"类别“{text}”不认识")
    return Category(text)


def _cluster(text: str) -> Cluster | None:
    if text in OUTSIDE:
        return None
    if text not in set(Cluster):
        raise RowError(f"集聚区“{text}”不认识")
    return Cluster(text)


def _adcode(text: str, known: Collection[str]) -> str:
    if not ADCODE.fullmatch(text) or (known and text not in known):
        raise RowError(f"行政区划代码“{text}”不是吉林省的")
    return text


def _certainty(text: str) -> Certainty:
    if text not in set(Certainty):
        raise RowError(f"可靠程度“{text}”不认识")
    return Certainty(text)
