"""Whole entries of the directory, each with how complete and how fresh it is.

Five queries, however many entries: open data, the public pages and the office's figures read the
same rows and measure them by the same rule.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import (
    Enterprise,
    EnterpriseCluster,
    EnterpriseGrade,
    Listing,
    RoomType,
    Site,
    Station,
)
from catalog.office.entries.completeness import (
    Completeness,
    Facts,
    Freshness,
    dated,
    freshness,
    measure,
)
from catalog.office.evidence.fact_evidence import ENTERPRISE
from catalog.office.models import Evidence
from catalog.queries import DirectoryFilters, directory_where
from catalog.states import EnterpriseStatus, ListingStatus
from catalog.vocabulary import Category, Certainty, Cluster, Datum, GradeScheme, ListingKind, Slope
from marketplace.kernel.clock import shanghai_date

NAMES = (
    "id", "code", "name_zh", "name_en", "category", "status", "claimed", "planned", "prefecture",
    "county", "adcode", "administering_body", "note_zh", "note_en", "source", "source_date",
    "certainty", "checked_at", "updated_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SiteRecord:
    """A place of an entry, with how exact its point is."""

    town_zh: str
    town_en: str
    lat: float
    lon: float
    datum: Datum
    coord_basis: str
    coord_error_km: float
    slope: Slope | None
    station_code: str | None
    station_zh: str | None
    station_en: str | None


@dataclass(frozen=True, slots=True)
class GradeRecord:
    """An official grade and the date it is known for, as precise as its source gives it."""

    scheme: GradeScheme
    value: str
    as_of: str


@dataclass(frozen=True, slots=True)
class Record:
    """An entry of the directory as a whole; nothing in it is about a person."""

    id: int
    code: str
    name_zh: str
    name_en: str
    category: Category
    status: EnterpriseStatus
    claimed: bool
    planned: bool
    prefecture: str
    county: str
    adcode: str
    administering_body: str | None
    note_zh: str
    note_en: str
    source: str
    source_date: str
    certainty: Certainty
    checked_at: dt.datetime | None
    updated_at: dt.datetime
    clusters: tuple[Cluster, ...]
    sites: tuple[SiteRecord, ...]
    grades: tuple[GradeRecord, ...]
    complete: Completeness
    known_for: dt.date | None
    """The day its facts are known for."""
    fresh: Freshness


@dataclass(frozen=True, slots=True)
class Shown:
    """Where one fact of an entry comes from, and when the office found it right."""

    fact: str
    source: str
    source_date: str
    verified_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class State:
    """What the open part of the directory stands at; any change of it changes this."""

    count: int
    versions: int
    changed_at: dt.datetime | None
    """When an entry, or a listing of one, last changed."""


LISTED = (EnterpriseStatus.LISTED,)
NOT_STRUCK_OFF = (EnterpriseStatus.LISTED, EnterpriseStatus.SUSPENDED)


def records(
    session: Session,
    *,
    today: dt.date,
    status: Collection[EnterpriseStatus] = LISTED,
    samples: bool = False,
    code: str | None = None,
) -> list[Record]:
    """Return the entries with a ``status``, by code: the real ones, or else the samples."""
    where: list[sa.ColumnElement[bool]] = [
        Enterprise.is_sample.is_(samples),
        Enterprise.status.in_(status),
    ]
    if code is not None:
        where.append(Enterprise.code == code)
    clusters, sites, grades, offered = (
        _clusters(session, where),
        _sites(session, where),
        _grades(session, where),
        _offered(session, where),
    )
    rows = session.execute(
        sa.select(*(getattr(Enterprise, name) for name in NAMES))
        .where(*where)
        .order_by(Enterprise.code)
    )
    return [
        _record(
            row,
            have=clusters.get(row["id"], set()),
            sites=tuple(sites.get(row["id"], ())),
            grades=tuple(grades.get(row["id"], ())),
            offered=offered.get(row["id"], (False, False, False)),
            today=today,
        )
        for row in rows.mappings()
    ]


def _record(
    row: Any,
    *,
    have: set[Cluster],
    sites: tuple[SiteRecord, ...],
    grades: tuple[GradeRecord, ...],
    offered: tuple[bool, bool, bool],
    today: dt.date,
) -> Record:
    first = sites[0] if sites else None
    rooms, access, water = offered
    facts = Facts(
        category=row["category"],
        planned=row["planned"],
        name_en=row["name_en"],
        note_zh=row["note_zh"],
        note_en=row["note_en"],
        county=row["county"],
        adcode=row["adcode"],
        town=first.town_zh if first else "",
        coord_error_km=first.coord_error_km if first else None,
        datum=first.datum if first else None,
        source=row["source"],
        source_date=row["source_date"],
        certainty=row["certainty"],
        checked_at=row["checked_at"],
        graded=bool(grades),
        grades_dated=all(grade.as_of for grade in grades),
        rooms=rooms,
        access=access,
        water=water,
    )
    checked = row["checked_at"]
    day = dated(shanghai_date(checked) if checked else None, row["source_date"])
    return Record(
        **row,
        clusters=tuple(cluster for cluster in Cluster if cluster in have),
        sites=sites,
        grades=grades,
        complete=measure(facts),
        known_for=day,
        fresh=freshness(day, today=today),
    )


def _clusters(session: Session, where: list[sa.ColumnElement[bool]]) -> dict[int, set[Cluster]]:
    found: dict[int, set[Cluster]] = {}
    for key, cluster in session.execute(
        sa.select(EnterpriseCluster.enterprise_id, EnterpriseCluster.cluster)
        .join(Enterprise, Enterprise.id == EnterpriseCluster.enterprise_id)
        .where(*where)
    ):
        found.setdefault(key, set()).add(cluster)
    return found


def _sites(session: Session, where: list[sa.ColumnElement[bool]]) -> dict[int, list[SiteRecord]]:
    found: dict[int, list[SiteRecord]] = {}
    own = ("town_zh", "town_en", "lat", "lon", "datum", "coord_basis", "coord_error_km", "slope")
    for key, *values in session.execute(
        sa.select(
            Site.enterprise_id,
            *(getattr(Site, name) for name in own),
            Station.code,
            Station.name_zh,
            Station.name_en,
        )
        .join(Enterprise, Enterprise.id == Site.enterprise_id)
        .outerjoin(Station, Station.id == Site.nearest_station_id)
        .where(*where)
        .order_by(Site.id)
    ):
        found.setdefault(key, []).append(SiteRecord(*values))
    return found


def _grades(session: Session, where: list[sa.ColumnElement[bool]]) -> dict[int, list[GradeRecord]]:
    found: dict[int, list[GradeRecord]] = {}
    for key, scheme, value, as_of in session.execute(
        sa.select(
            EnterpriseGrade.enterprise_id,
            EnterpriseGrade.scheme,
            EnterpriseGrade.value,
            EnterpriseGrade.as_of,
        )
        .join(Enterprise, Enterprise.id == EnterpriseGrade.enterprise_id)
        .where(*where)
        .order_by(EnterpriseGrade.scheme)
    ):
        found.setdefault(key, []).append(GradeRecord(scheme, value, as_of))
    return found


def _offered(
    session: Session, where: list[sa.ColumnElement[bool]]
) -> dict[int, tuple[bool, bool, bool]]:
    """Whether published listings of an entry say anything of rooms, access and water."""

    def said(condition: sa.ColumnElement[bool]) -> sa.Function[Any]:
        return sa.func.max(sa.case((condition, 1), else_=0))

    has_rooms = sa.exists().where(RoomType.listing_id == Listing.id)
    stay = Listing.kind == ListingKind.STAY
    access = sa.or_(
        Listing.lift.is_not(None), Listing.no_steps.is_not(None), Listing.grab_bars.is_not(None)
    )
    rows = session.execute(
        sa.select(
            Listing.enterprise_id,
            said(sa.and_(stay, has_rooms)),
            said(sa.and_(stay, access)),
            said(Listing.spring.is_not(None)),
        )
        .join(Enterprise, Enterprise.id == Listing.enterprise_id)
        .where(*where, Listing.status == ListingStatus.PUBLISHED)
        .group_by(Listing.enterprise_id)
    )
    return {key: (bool(rooms), bool(ways), bool(water)) for key, rooms, ways, water in rows}


def evidence(session: Session, *, enterprise_id: int) -> list[Shown]:
    """Return where the facts of an entry come from, by the fact's name: one query."""
    rows = session.execute(
        sa.select(Evidence.fact, Evidence.source, Evidence.source_date, Evidence.verified_at)
        .where(Evidence.subject_kind == ENTERPRISE, Evidence.subject_id == enterprise_id)
        .order_by(Evidence.fact)
    )
    return [Shown(*row) for row in rows]


def state(session: Session) -> State:
    """Return what the open directory stands at, suspended and struck-off entries included.

    One query over counters: a suspension raises an entry's version in its own transaction, so
    whoever keeps something made of the directory sees at once that it is not true any more.
    """
    own = Enterprise.is_sample.is_(False)
    offered = sa.select(Listing).join(Enterprise, Enterprise.id == Listing.enterprise_id).where(own)
    versions = offered.with_only_columns(sa.func.coalesce(sa.func.sum(Listing.version), 0))
    changed = offered.with_only_columns(sa.func.max(Listing.updated_at))
    row = session.execute(
        sa.select(
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(Enterprise.version), 0),
            sa.func.max(Enterprise.updated_at),
            versions.scalar_subquery(),
            changed.scalar_subquery(),
        ).where(own)
    ).one()
    return State(row[0], int(row[1]) + int(row[3]), max(_given(row[2], row[4]), default=None))


def _given(*moments: dt.datetime | None) -> Iterable[dt.datetime]:
    return [moment for moment in moments if moment is not None]


def codes(session: Session, *, filters: DirectoryFilters) -> list[tuple[int, str]]:
    """Return id and code of the entries that ``filters`` leave, by code: one query."""
    rows = session.execute(
        sa.select(Enterprise.id, Enterprise.code)
        .where(*directory_where(filters))
        .order_by(Enterprise.code)
    )
    return [(key, code) for key, code in rows]
