"""How complete and how fresh an entry of the directory is, by one rule for everybody. Pure.

Complete means: of the fields that an entry of its kind should have, how many it has. Fields that do
not fit its kind are not asked of it: nobody counts the beds of a waterfall.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import enum
import re
from collections.abc import Callable
from dataclasses import dataclass

from catalog.vocabulary import THEME_OF, Category, Certainty, Datum, Theme

LARGEST_ERROR_KM = 10.0
"""A point known less exactly than this says less than the town's name."""
WHOLE = 100
LODGING = frozenset(
    {
        Category.HOT_SPRING_RESORT,
        Category.FOREST_CABIN,
        Category.FOREST_HOMESTAY,
        Category.WELLNESS_STAY,
        Category.SKI_SUMMER_RESORT,
        Category.BASECAMP,
    }
)
"""Kinds of entries in which people stay the night."""
GRADED = frozenset({Category.SCENIC_5A, Category.SCENIC_4A, Category.SCENIC_3A})
"""Kinds of entries that are what they are by a grade."""


class Field(enum.StrEnum):
    """A field that an entry should have."""

    NAME_EN = "name_en"
    NOTE_ZH = "note_zh"
    NOTE_EN = "note_en"
    COUNTY = "county"
    TOWN = "town"
    POSITION = "position"
    DATUM = "datum"
    SOURCE = "source"
    SOURCE_DATE = "source_date"
    CERTAIN = "certain"
    VERIFIED = "verified"
    GRADE = "grade"
    GRADE_DATE = "grade_date"
    ROOMS = "rooms"
    ACCESS = "access"
    WATER = "water"


class Freshness(enum.StrEnum):
    """How old the newest dated source or check of an entry is."""

    YEAR = "up_to_1_year"
    THREE_YEARS = "1_to_3_years"
    OLDER = "over_3_years"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an entry, as far as completeness asks."""

    category: Category
    planned: bool
    name_en: str
    note_zh: str
    note_en: str
    county: str
    adcode: str
    town: str
    coord_error_km: float | None
    """``None`` when there is no point at all."""
    datum: Datum | None
    source: str
    source_date: str
    certainty: Certainty
    checked_at: dt.datetime | None
    graded: bool
    grades_dated: bool
    """Whether every grade says what date it is known for."""
    rooms: bool
    """Whether a published stay of it has room types."""
    access: bool
    """Whether a published stay says anything of lift, steps or grab bars."""
    water: bool
    """Whether a published listing says what water it has."""


_HAS: dict[Field, Callable[[Facts], bool]] = {
    Field.NAME_EN: lambda one: bool(one.name_en),
    Field.NOTE_ZH: lambda one: bool(one.note_zh),
    Field.NOTE_EN: lambda one: bool(one.note_en),
    Field.COUNTY: lambda one: bool(one.county and one.adcode),
    Field.TOWN: lambda one: bool(one.town),
    Field.POSITION: lambda one: (
        one.coord_error_km is not None and one.coord_error_km <= LARGEST_ERROR_KM
    ),
    Field.DATUM: lambda one: one.datum not in (None, Datum.UNKNOWN),
    Field.SOURCE: lambda one: bool(one.source),
    Field.SOURCE_DATE: lambda one: bool(one.source_date),
    Field.CERTAIN: lambda one: one.certainty is Certainty.SOURCED,
    Field.VERIFIED: lambda one: one.checked_at is not None,
    Field.GRADE: lambda one: one.graded,
    Field.GRADE_DATE: lambda one: one.grades_dated,
    Field.ROOMS: lambda one: one.rooms,
    Field.ACCESS: lambda one: one.access,
    Field.WATER: lambda one: one.water,
}
_ALWAYS: tuple[Field, ...] = tuple(
    field
    for field in Field
    if field
    not in {
        Field.GRADE,
        Field.GRADE_DATE,
        Field.ROOMS,
        Field.ACCESS,
        Field.WATER,
    }
)


@dataclass(frozen=True, slots=True)
class Completeness:
    """How much of what an entry should have it has."""

    asked: tuple[Field, ...]
    missing: tuple[Field, ...]

    @property
    def percent(self) -> int:
        """Whole per cent, rounded down: only an entry that lacks nothing is at 100."""
        return (len(self.asked) - len(self.missing)) * WHOLE // len(self.asked)


def fields_of(facts: Facts) -> tuple[Field, ...]:
    """Return the fields that an entry of its kind should have; what is planned has no house yet."""
    asked: list[Field] = list(_ALWAYS)
    if facts.category in GRADED:
        asked.append(Field.GRADE)
    if facts.graded:
        asked.append(Field.GRADE_DATE)
    if not facts.planned and facts.category in LODGING:
        asked += [Field.ROOMS, Field.ACCESS]
    if not facts.planned and THEME_OF[facts.category] is Theme.HOT_SPRING:
        asked.append(Field.WATER)
    return tuple(asked)


def measure(facts: Facts) -> Completeness:
    """Return how complete an entry is and what it lacks."""
    asked = fields_of(facts)
    return Completeness(asked, tuple(field for field in asked if not _HAS[field](facts)))


def dated(checked_at: dt.date | None, source_date: str) -> dt.date | None:
    """Return the day an entry's facts are known for: the check or the source, the newer one.

    A source dated by year or month only may be as old as the first day of it, and counts so.
    """
    named = re.fullmatch(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", source_date)
    days = [checked_at] if checked_at is not None else []
    if named is not None:
        year, month, day = named.groups(default="01")
        with contextlib.suppress(ValueError):
            days.append(dt.date(int(year), int(month), int(day)))
    return max(days, default=None)


def freshness(day: dt.date | None, *, today: dt.date) -> Freshness:
    """Return the band of an entry whose facts are known for ``day``."""
    if day is None:
        return Freshness.UNKNOWN
    if today <= years_after(day, 1):
        return Freshness.YEAR
    return Freshness.THREE_YEARS if today <= years_after(day, 3) else Freshness.OLDER


def years_after(day: dt.date, years: int) -> dt.date:
    """Return the same day ``years`` later; 29 February becomes the last day of that month."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


FIELD_LABELS: dict[Field, tuple[str, str]] = {
    Field.NAME_EN: ("英文名", "English name"),
    Field.NOTE_ZH: ("中文说明", "Description in Chinese"),
    Field.NOTE_EN: ("英文说明", "Description in English"),
    Field.COUNTY: ("县和代码", "County and its code"),
    Field.TOWN: ("乡镇", "Town"),
    Field.POSITION: ("10公里以内的位置", "Position within 10 km"),
    Field.DATUM: ("坐标系", "Datum of the position"),
    Field.SOURCE: ("资料来源", "Source"),
    Field.SOURCE_DATE: ("资料日期", "Date of the source"),
    Field.CERTAIN: ("可靠的来源", "A firm source"),
    Field.VERIFIED: ("名录办核实", "Checked by the directory office"),
    Field.GRADE: ("等级", "Grade"),
    Field.GRADE_DATE: ("等级的日期", "Date of the grade"),
    Field.ROOMS: ("房型", "Room types"),
    Field.ACCESS: ("电梯、台阶和扶手", "Lift, steps and grab bars"),
    Field.WATER: ("水的种类", "Kind of water"),
}
"""What each field is called, in Chinese and English."""

FRESHNESS_LABELS: dict[Freshness, tuple[str, str]] = {
    Freshness.YEAR: ("1年以内", "Up to 1 year"),
    Freshness.THREE_YEARS: ("1到3年", "1 to 3 years"),
    Freshness.OLDER: ("3年以上", "Over 3 years"),
    Freshness.UNKNOWN: ("没有日期", "No date"),
}
"""What each band is called, in Chinese and English."""


def field_label(field: Field, lang: str) -> str:
    """Return what a field is called."""
    return FIELD_LABELS[field][1 if lang.startswith("en") else 0]


def freshness_label(band: Freshness, lang: str) -> str:
    """Return what a band of age is called."""
    return FRESHNESS_LABELS[band][1 if lang.startswith("en") else 0]
