"""The sample as it is written in ``data/sample``: operators, listings, rooms, prices by season.

``prices.csv`` is a price file like any operator's, but for its dates: ``SUMMER`` in them stands for
the year of the coming summer and for the one after it, so that the sample never grows old.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalog.bulk.tables.source import Line
from catalog.vocabulary import Category, Cluster, FoodTag, Heating, Pace, Slope, Theme
from marketplace.booking.contract.cancellation_rules import PRESETS
from marketplace.pricing.files.columns import BY_DATE, COLUMNS, Kind
from marketplace.pricing.files.reading import Scope, Wanted, read_rules
from marketplace.pricing.nights.restrictions import DayRule
from marketplace.pricing.nights.terms import Terms, Tier

FOLDER = Path(__file__).resolve().parent.parent.parent / "data" / "sample"
SHOULDER = "shoulder"
"""The season of every day that no line of ``seasons.csv`` covers."""
WEEKEND = frozenset({4, 5})
"""Friday and Saturday nights; Monday is 0."""
WEEKEND_PERCENT = 108
FEN = 100
SUMMER = "SUMMER"
"""In the dates of ``prices.csv``: the year of a summer ahead."""
SUMMER_ENDS = (8, 31)


@dataclass(frozen=True, slots=True)
class SampleRoom:
    """A room type: its facts, how many rooms there are, and yuan a night by season."""

    code: str
    listing: str
    facts: dict[str, Any] = field(repr=False)
    rooms: int
    yuan: dict[str, int]


@dataclass(frozen=True, slots=True)
class SampleListing:
    """A listing and whose it is."""

    code: str
    operator: str
    facts: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SampleOperator:
    """An invented enterprise with its one site."""

    code: str
    facts: dict[str, Any] = field(repr=False)
    site: dict[str, Any] = field(repr=False)
    clusters: frozenset[Cluster]


@dataclass(frozen=True, slots=True)
class Sample:
    """All of it."""

    operators: tuple[SampleOperator, ...]
    listings: tuple[SampleListing, ...]
    rooms: tuple[SampleRoom, ...]
    prices: tuple[dict[str, str], ...] = field(repr=False)
    """The rows of the price file."""
    seasons: tuple[tuple[str, str, str], ...]
    """(season, first day, last day), the days as month and day."""

    def season(self, day: dt.date) -> str:
        """Return the season that a night is sold in."""
        mark = day.strftime("%m-%d")
        return next((name for name, first, last in self.seasons if first <= mark <= last), SHOULDER)

    def list_fen(self, room: SampleRoom, day: dt.date) -> int:
        """Return the list price of one night: whole yuan, weekends a little dearer."""
        return night_fen(room.yuan[self.season(day)], day)

    @property
    def tiers(self) -> tuple[Tier, ...]:
        """The long-stay discounts: the same for every room and in every year."""
        (found,) = {terms.tiers for terms in self.tariffs(2000).values()}
        return found

    def tariffs(self, summer: int) -> dict[str, Terms]:
        """Return the terms of price of each room type when ``summer`` is the coming one."""
        wanted = self._wanted(summer, dt.date(summer, 1, 1), dated=False)
        return {each.room: each.terms for each in wanted if each.terms is not None}

    def restrictions(self, today: dt.date) -> dict[str, dict[dt.date, DayRule]]:
        """Return what is asked of stays by room type and date, from ``today`` on."""
        wanted = self._wanted(coming_summer(today), today, dated=True)
        return {each.room: dict(each.rules) for each in wanted}

    def _wanted(self, summer: int, today: dt.date, *, dated: bool) -> list[Wanted]:
        lines = [
            Line(number, {**dict.fromkeys(COLUMNS, ""), **cells}, None)
            for number, row in enumerate(self.prices, 2)
            if (Kind(row["rule"]) in BY_DATE) == dated
            for cells in _with_years(row, summer)
        ]
        scope = Scope([room.code for room in self.rooms], whole=True)
        wanted, faults = read_rules(lines, scope=scope, policies=PRESETS, today=today)
        if faults:
            raise ValueError(f"prices.csv, row {faults[0].row}: {faults[0]}")
        return wanted


def coming_summer(today: dt.date) -> int:
    """Return the year of the summer that is not over on ``today``."""
    return today.year + ((today.month, today.day) > SUMMER_ENDS)


def _with_years(row: dict[str, str], summer: int) -> list[dict[str, str]]:
    if not any(SUMMER in cell for cell in row.values()):
        return [row]
    return [
        {column: cell.replace(SUMMER, str(year)) for column, cell in row.items()}
        for year in (summer, summer + 1)
    ]


def night_fen(yuan: int, day: dt.date) -> int:
    """Return a season's price for one night in fen, rounded half up to whole yuan."""
    if day.weekday() in WEEKEND:
        yuan = (yuan * WEEKEND_PERCENT + 50) // 100
    return yuan * FEN


def read_sample(folder: Path = FOLDER) -> Sample:
    """Read the sample's files; they are part of the product, so a mistake in them is a bug."""
    return Sample(
        operators=tuple(_operator(row) for row in _rows(folder / "operators.csv")),
        listings=tuple(_listing(row) for row in _rows(folder / "listings.csv")),
        rooms=tuple(_room(row) for row in _rows(folder / "rooms.csv")),
        prices=tuple(_rows(folder / "prices.csv")),
        seasons=tuple(
            (row["season"], row["from"], row["to"]) for row in _rows(folder / "seasons.csv")
        ),
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _number(text: str) -> int | None:
    return int(text) if text else None


def _known(text: str) -> bool | None:
    """Return yes or no, and ``None`` for what nobody knows."""
    return {"yes": True, "no": False, "": None}[text]


def _operator(row: dict[str, str]) -> SampleOperator:
    copied = ("name_zh", "name_en", "prefecture", "county", "adcode", "note_zh", "note_en")
    return SampleOperator(
        code=row["code"],
        facts={
            **{name: row[name] for name in copied},
            "category": Category(row["category"]),
            "administering_body": row["administering_body"] or None,
        },
        site={
            "name": row["name_zh"],
            "town_zh": row["town_zh"],
            "town_en": row["town_en"],
            **{name: row[name] for name in ("address", "phone", "arrive_from", "way_zh")},
            "lat": float(row["lat"]),
            "lon": float(row["lon"]),
            "slope": Slope(row["slope"]) if row["slope"] else None,
        },
        clusters=frozenset(Cluster(name) for name in row["clusters"].split()),
    )


def _listing(row: dict[str, str]) -> SampleListing:
    copied = ("name_zh", "name_en", "summary_zh", "summary_en")
    return SampleListing(
        code=row["code"],
        operator=row["operator"],
        facts={
            **{name: row[name] for name in copied},
            "theme": Theme(row["theme"]),
            "illustration": row["drawing"],
            "min_nights": int(row["min_nights"]),
            "max_nights": int(row["max_nights"]),
            "lift": _known(row["lift"]),
            "no_steps": _known(row["no_steps"]),
            "grab_bars": _known(row["grab_bars"]),
            "hospital_km": _number(row["hospital_km"]),
            "hospital_minutes": _number(row["hospital_minutes"]),
            "altitude_m": _number(row["altitude_m"]),
            "heating": Heating(row["heating"]) if row["heating"] else None,
            "food": [FoodTag(tag).value for tag in row["food"].split()],
            "pace": Pace(row["pace"]) if row["pace"] else None,
            "family_suited": bool(_known(row["family"])),
        },
    )


def _room(row: dict[str, str]) -> SampleRoom:
    return SampleRoom(
        code=row["code"],
        listing=row["listing"],
        facts={
            "name_zh": row["name_zh"],
            "name_en": row["name_en"],
            "max_adults": int(row["max_adults"]),
            "max_guests": int(row["max_guests"]),
            "area_m2": _number(row["area_m2"]),
            "beds_zh": row["beds_zh"],
            "beds_en": row["beds_en"],
            "illustration": row["drawing"],
        },
        rooms=int(row["rooms"]),
        yuan={season: int(row[season]) for season in ("summer", SHOULDER, "winter")},
    )
