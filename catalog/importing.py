"""Loading the directory file: enterprises, sites, stations; a rerun updates, never duplicates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import (
    Enterprise,
    EnterpriseCluster,
    EnterpriseGrade,
    Listing,
    Site,
    Station,
)
from catalog.reference_models import Division
from catalog.rows import COLUMNS, PlaceRow, RowError, parse_place, read_lines, read_towns
from catalog.rules import StationPoint, nearest_station
from catalog.states import EnterpriseStatus
from catalog.vocabulary import GradeScheme
from marketplace.kernel import changes
from marketplace.kernel.clock import Clock
from marketplace.kernel.db import Base, Database

DATA = Path(__file__).resolve().parent.parent / "data"
"""The files that come with the product."""

Progress = Callable[[int, int], None]
"""Told after each piece of work how much is done, and of how much."""

ENTERPRISE_FACTS = (
    "name_zh", "name_en", "category", "planned", "prefecture", "county", "adcode",
    "administering_body", "note_zh", "note_en", "source", "source_date", "certainty",
)  # fmt: skip
STATION_FACTS = (
    "name_zh", "name_en", "town_zh", "town_en", "slope", "cluster", "adcode", "lat", "lon",
    "datum", "coord_error_km", "note_zh", "note_en", "source",
)  # fmt: skip


def no_progress(done: int, total: int) -> None:
    """Show nothing."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, in lines of the file."""

    created: int
    updated: int
    unchanged: int
    refused: tuple[tuple[int, str], ...]
    """Line number and reason, in Chinese, of every line left out."""


def import_directory(
    database: Database, path: Path, *, clock: Clock, progress: Progress = no_progress
) -> ImportReport:
    """Load a directory file; lines that cannot be used are reported, and all others load.

    What the office has decided (suspended, claimed) is never touched.

    Raises:
        UnreadableFile: the file as a whole is no directory file.
    """
    lines = read_lines(path, COLUMNS)
    towns = read_towns(DATA / "towns.csv")
    with database.read() as session:
        adcodes = set(session.scalars(sa.select(Division.code)))
        samples = set(session.scalars(sa.select(Enterprise.code).where(Enterprise.is_sample)))
    places: dict[str, PlaceRow] = {}
    refused = []
    for done, (line, row) in enumerate(lines, 1):
        try:
            place = parse_place(row, towns=towns, adcodes=adcodes)
            _check_code(place.code, seen=places, samples=samples)
            places[place.code] = place
        except RowError as error:
            refused.append((line, str(error)))
        progress(done, len(lines))
    with database.write() as session:
        tally = _load(session, list(places.values()), now=clock.now())
    return ImportReport(*tally, refused=tuple(refused))


def _check_code(code: str, *, seen: Container[str], samples: Container[str]) -> None:
    """Raise ``RowError`` for a code that this file or the sample has used before."""
    if code in seen:
        raise RowError(f"编号“{code}”在文件里重复")
    if code in samples:
        raise RowError(f"编号“{code}”是示例数据的")


@dataclass(slots=True)
class _Tally:
    """Which codes an import made or changed."""

    created: set[str]
    updated: set[str]


def _load(session: Session, places: list[PlaceRow], *, now: dt.datetime) -> tuple[int, int, int]:
    tally = _Tally(set(), set())
    _load_stations(session, [place for place in places if place.category is None], tally)
    enterprises = [place for place in places if place.category is not None]
    _load_enterprises(session, enterprises, tally, now=now)
    _load_sites(session, enterprises, tally)
    _load_clusters(session, enterprises, tally)
    _load_grades(session, enterprises, tally)
    tally.updated -= tally.created
    _tell(session, tally.updated, now=now)
    made, changed = len(tally.created), len(tally.updated)
    return made, changed, len(places) - made - changed


def _load_stations(session: Session, places: list[PlaceRow], tally: _Tally) -> None:
    wanted = {
        place.code: {
            **{name: getattr(place, name) for name in STATION_FACTS if hasattr(place, name)},
            "town_zh": place.town.zh,
            "town_en": place.town.en,
            "slope": place.town.slope,
        }
        for place in places
    }
    have = {row.code: row for row in session.scalars(sa.select(Station))}
    _upsert(session, Station, wanted, have, tally)


def _load_enterprises(
    session: Session, places: list[PlaceRow], tally: _Tally, *, now: dt.datetime
) -> None:
    wanted = {
        place.code: {
            **{name: getattr(place, name) for name in ENTERPRISE_FACTS if hasattr(place, name)},
            "administering_body": place.town.administering_body,
        }
        for place in places
    }
    have = {
        row.code: row
        for row in session.scalars(sa.select(Enterprise).where(Enterprise.is_sample.is_(False)))
    }
    fresh = {
        "status": EnterpriseStatus.LISTED,
        "claimed": False,
        "is_sample": False,
        "version": 1,
        "updated_at": now,
    }
    _upsert(session, Enterprise, wanted, have, tally, fresh=fresh)
    for code in tally.updated & have.keys():
        have[code].version += 1
        have[code].updated_at = now


def _load_sites(session: Session, places: list[PlaceRow], tally: _Tally) -> None:
    stations = station_points(session)
    ids = _enterprise_ids(session)
    code_of = {key: code for code, key in ids.items()}
    wanted = {
        place.code: {
            "enterprise_id": ids[place.code],
            "name": place.name_zh,
            "town_zh": place.town.zh,
            "town_en": place.town.en,
            "lat": place.lat,
            "lon": place.lon,
            "datum": place.datum,
            "coord_basis": place.coord_basis,
            "coord_error_km": place.coord_error_km,
            "slope": place.town.slope,
            "nearest_station_id": nearest_station(place.lat, place.lon, place.town.slope, stations),
        }
        for place in places
    }
    have = {
        code_of[row.enterprise_id]: row
        for row in session.scalars(sa.select(Site).order_by(Site.id.desc()))
        if row.enterprise_id in code_of
    }
    _upsert(session, Site, wanted, have, tally, keyed=False)


def _load_clusters(session: Session, places: list[PlaceRow], tally: _Tally) -> None:
    """Make each enterprise a member of the cluster its line names.

    Memberships beyond that one are the office's doing and stay, unless the file's own changes.
    """
    ids = _enterprise_ids(session)
    have: dict[int, set[str]] = {}
    for member in session.scalars(sa.select(EnterpriseCluster)):
        have.setdefault(member.enterprise_id, set()).add(member.cluster)
    missing = [
        {"enterprise_id": ids[place.code], "cluster": place.cluster}
        for place in places
        if place.cluster is not None and place.cluster not in have.get(ids[place.code], set())
    ]
    left = [
        ids[place.code] for place in places if place.cluster is None and ids[place.code] in have
    ]
    if missing:
        session.execute(sa.insert(EnterpriseCluster), missing)
    if left:
        session.execute(
            sa.delete(EnterpriseCluster).where(EnterpriseCluster.enterprise_id.in_(left))
        )
    touched = {row["enterprise_id"] for row in missing} | set(left)
    tally.updated |= {code for code, key in ids.items() if key in touched}


def _load_grades(session: Session, places: list[PlaceRow], tally: _Tally) -> None:
    """Set the A-level grade that each line names; a line that names none leaves it alone."""
    ids = _enterprise_ids(session)
    have = {
        row.enterprise_id: row
        for row in session.scalars(
            sa.select(EnterpriseGrade).where(EnterpriseGrade.scheme == GradeScheme.A_LEVEL)
        )
    }
    for place in places:
        if place.grade is None:
            continue
        as_of = place.grade_as_of or ""
        row = have.get(ids[place.code])
        if row is None:
            session.add(
                EnterpriseGrade(
                    enterprise_id=ids[place.code],
                    scheme=GradeScheme.A_LEVEL,
                    value=place.grade,
                    as_of=as_of,
                )
            )
        elif (row.value, row.as_of) != (place.grade, as_of):
            row.value, row.as_of = place.grade, as_of
        else:
            continue
        tally.updated.add(place.code)
    session.flush()


def _upsert(
    session: Session,
    model: type[Base],
    wanted: dict[str, dict[str, Any]],
    have: dict[str, Any],
    tally: _Tally,
    *,
    fresh: dict[str, Any] | None = None,
    keyed: bool = True,
) -> None:
    """Insert what is missing in one statement, and set the facts that differ.

    ``fresh`` are the values a new row begins with; ``keyed`` says that the table has a code column.
    """
    new = []
    for code, facts in wanted.items():
        row = have.get(code)
        if row is None:
            new.append({**facts, **(fresh or {}), **({"code": code} if keyed else {})})
            if keyed:
                tally.created.add(code)
            continue
        different = {name: value for name, value in facts.items() if getattr(row, name) != value}
        for name, value in different.items():
            setattr(row, name, value)
        if different:
            tally.updated.add(code)
    if new:
        session.execute(sa.insert(model), new)
    session.flush()


def station_points(session: Session) -> list[StationPoint]:
    """Return the stations as the choice of the nearest one needs them."""
    rows = session.execute(
        sa.select(Station.id, Station.code, Station.lat, Station.lon, Station.slope)
    )
    return [StationPoint(*row) for row in rows]


def _enterprise_ids(session: Session) -> dict[str, int]:
    return {row.code: row.id for row in session.execute(sa.select(Enterprise.code, Enterprise.id))}


def _tell(session: Session, codes: Iterable[str], *, now: dt.datetime) -> None:
    """Tell search and feed about the listings of enterprises whose facts changed."""
    ids = session.scalars(
        sa.select(Listing.id)
        .join(Enterprise, Enterprise.id == Listing.enterprise_id)
        .where(Enterprise.code.in_(list(codes)))
        .order_by(Listing.id)
    )
    for listing_id in ids.all():
        changes.record(session, changes.LISTING, listing_id, now=now)
