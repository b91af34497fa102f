"""What stands in the directory, as flat facts that can be compared, kept as JSON and set again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Enterprise, EnterpriseCluster, EnterpriseGrade, Site, Station
from catalog.vocabulary import Category, Certainty, Cluster, Datum, GradeScheme, Slope

ENTERPRISE_FACTS = (
    "name_zh", "name_en", "category", "planned", "prefecture", "county", "adcode",
    "administering_body", "note_zh", "note_en", "source", "source_date", "certainty",
    "legal_name", "credit_code",
)  # fmt: skip
SITE_FACTS = (
    "town_zh", "town_en", "lat", "lon", "datum", "coord_basis", "coord_error_km", "slope",
    "address",
)  # fmt: skip
STATION_FACTS = (
    "name_zh", "name_en", "town_zh", "town_en", "slope", "cluster", "adcode", "lat", "lon",
    "datum", "coord_error_km", "note_zh", "note_en", "source",
)  # fmt: skip
KINDS = {
    "category": Category, "certainty": Certainty, "datum": Datum, "slope": Slope,
    "cluster": Cluster,
}  # fmt: skip
"""Facts from closed lists."""
NOTHING_IS_NULL = {"administering_body", "credit_code", "slope", "cluster"}
"""Facts whose empty text is NULL in the database."""

Facts = dict[str, Any]


@dataclass(slots=True)
class Entry:
    """An entry of the directory with what belongs to it."""

    row: Enterprise
    site: Site | None
    """Its first site: the one that the directory file is about."""
    members: dict[str, EnterpriseCluster]
    """Its memberships by cluster."""
    grade: EnterpriseGrade | None
    """Its A-level grade."""
    station_code: str
    """The station to arrive at; empty when all are far."""

    @property
    def clusters(self) -> tuple[str, ...]:
        """The clusters it belongs to, in order."""
        return in_order(self.members)

    def facts(self) -> Facts:
        """Return everything that an import can set."""
        facts = {name: as_json(name, getattr(self.row, name)) for name in ENTERPRISE_FACTS}
        if self.site is not None:
            facts |= {name: as_json(name, getattr(self.site, name)) for name in SITE_FACTS}
        return facts | {
            "station": self.station_code,
            "clusters": list(self.clusters),
            "grade": self.grade.value if self.grade else "",
            "grade_as_of": self.grade.as_of if self.grade else "",
        }


def as_json(name: str, value: Any) -> Any:
    """Return a column's value as a fact: closed lists by value, an empty text for nothing."""
    if value is None:
        return ""
    return value.value if name in KINDS else value


def as_column(name: str, value: Any) -> Any:
    """Return a fact as its column holds it."""
    if value == "" and name in NOTHING_IS_NULL:
        return None
    return KINDS[name](value) if name in KINDS else value


def station_facts(row: Station) -> Facts:
    """Return the facts of a station."""
    return {name: as_json(name, getattr(row, name)) for name in STATION_FACTS}


def in_order(clusters: Collection[str]) -> tuple[str, ...]:
    """Return clusters in the order of the vocabulary."""
    return tuple(cluster.value for cluster in Cluster if cluster.value in clusters)


def entries(session: Session, codes: Collection[str], *, lock: bool = False) -> dict[str, Entry]:
    """Return the entries with these codes, samples too, in four queries however many.

    ``lock`` keeps them from being sold or changed until the transaction ends; rows are locked in
    the order of their ids, so that two that lock several never wait for each other.
    """
    chosen = sa.select(Enterprise).where(Enterprise.code.in_(codes)).order_by(Enterprise.id)
    if lock:
        chosen = chosen.with_for_update()
    rows = session.scalars(chosen.execution_options(populate_existing=True)).all()
    ids = [row.id for row in rows]
    # The highest id first, so that the lowest is what stays.
    sites = {
        row.Site.enterprise_id: (row.Site, row.code)
        for row in session.execute(
            sa.select(Site, Station.code)
            .outerjoin(Station, Station.id == Site.nearest_station_id)
            .where(Site.enterprise_id.in_(ids))
            .order_by(Site.id.desc())
            .execution_options(populate_existing=True)
        )
    }
    members: dict[int, dict[str, EnterpriseCluster]] = {}
    for member in session.scalars(
        sa.select(EnterpriseCluster).where(EnterpriseCluster.enterprise_id.in_(ids))
    ):
        members.setdefault(member.enterprise_id, {})[member.cluster.value] = member
    grades = {
        row.enterprise_id: row
        for row in session.scalars(
            sa.select(EnterpriseGrade)
            .where(
                EnterpriseGrade.enterprise_id.in_(ids),
                EnterpriseGrade.scheme == GradeScheme.A_LEVEL,
            )
            .execution_options(populate_existing=True)
        )
    }
    found = {}
    for row in rows:
        site, station = sites.get(row.id, (None, None))
        found[row.code] = Entry(
            row, site, members.get(row.id, {}), grades.get(row.id), station or ""
        )
    return found


def stations(session: Session, codes: Collection[str]) -> dict[str, Station]:
    """Return the stations with these codes."""
    rows = session.scalars(
        sa.select(Station).where(Station.code.in_(codes)).execution_options(populate_existing=True)
    )
    return {row.code: row for row in rows}


def different(have: Facts, wanted: Facts) -> tuple[Facts, Facts]:
    """Return what differs, as it is and as it is wanted."""
    names = [name for name, value in wanted.items() if have.get(name, "") != value]
    return {name: have.get(name, "") for name in names}, {name: wanted[name] for name in names}
