"""Setting facts: the one way in which an import, and its undo, change the directory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.bulk.diff import Ground
from catalog.bulk.flat_facts import (
    ENTERPRISE_FACTS,
    SITE_FACTS,
    STATION_FACTS,
    Entry,
    Facts,
    as_column,
)
from catalog.models import (
    Enterprise,
    EnterpriseCluster,
    EnterpriseGrade,
    Listing,
    Site,
    Station,
)
from catalog.states import EnterpriseStatus
from catalog.vocabulary import Datum, GradeScheme
from marketplace.kernel import changes

FRESH = dict.fromkeys(ENTERPRISE_FACTS, "") | {"planned": False}
FRESH_SITE = dict.fromkeys(SITE_FACTS, "") | {"datum": Datum.UNKNOWN.value}
FRESH_STATION = dict.fromkeys(STATION_FACTS, "") | {"datum": Datum.UNKNOWN.value}
"""What a new row holds where the file says nothing."""


def add_stations(session: Session, wanted: Mapping[str, Facts]) -> None:
    """Add stations by code."""
    rows = [{"code": code} | _columns(FRESH_STATION | facts) for code, facts in wanted.items()]
    if rows:
        session.execute(sa.insert(Station), rows)


def set_station(row: Station, facts: Facts) -> None:
    """Set facts of a station."""
    for name, value in facts.items():
        setattr(row, name, as_column(name, value))


def add_entries(
    session: Session, wanted: Mapping[str, Facts], *, ground: Ground, now: dt.datetime
) -> dict[str, int]:
    """Add entries by code, listed and unclaimed; returns their ids."""
    if not wanted:
        return {}
    begin = {
        "status": EnterpriseStatus.LISTED,
        "claimed": False,
        "is_sample": False,
        "version": 1,
        "updated_at": now,
    }
    rows = [{"code": code} | begin | _columns(_of(FRESH, facts)) for code, facts in wanted.items()]
    session.execute(sa.insert(Enterprise), rows)
    found = sa.select(Enterprise.code, Enterprise.id).where(Enterprise.code.in_(wanted))
    ids = {row.code: row.id for row in session.execute(found)}
    session.execute(
        sa.insert(Site), [_site(ids[code], facts, ground) for code, facts in wanted.items()]
    )
    members = [
        {"enterprise_id": ids[code], "cluster": cluster}
        for code, facts in wanted.items()
        for cluster in facts["clusters"]
    ]
    grades = [_grade(ids[code], facts) for code, facts in wanted.items() if facts.get("grade", "")]
    if members:
        session.execute(sa.insert(EnterpriseCluster), members)
    if grades:
        session.execute(sa.insert(EnterpriseGrade), grades)
    return ids


def _of(fresh: Facts, facts: Facts) -> Facts:
    return {name: facts.get(name, value) for name, value in fresh.items()}


def _columns(facts: Facts) -> dict[str, Any]:
    return {name: as_column(name, value) for name, value in facts.items()}


def _site(enterprise_id: int, facts: Facts, ground: Ground) -> dict[str, Any]:
    station = ground.station(facts.get("station") or ground.nearest(facts))
    return {
        "enterprise_id": enterprise_id,
        "name": facts["name_zh"],
        "nearest_station_id": station.id if station else None,
        **_columns(_of(FRESH_SITE, facts)),
    }


def _grade(enterprise_id: int, facts: Facts) -> dict[str, Any]:
    return {
        "enterprise_id": enterprise_id,
        "scheme": GradeScheme.A_LEVEL,
        "value": facts["grade"],
        "as_of": facts.get("grade_as_of", ""),
    }


def set_entry(
    session: Session, entry: Entry, facts: Facts, *, ground: Ground, now: dt.datetime
) -> None:
    """Set facts of an entry and count the change; its row must be locked."""
    row = entry.row
    full = entry.facts() | facts
    _set_site(session, entry, facts, full, ground)
    for name in facts.keys() & set(ENTERPRISE_FACTS):
        setattr(row, name, as_column(name, facts[name]))
    if "clusters" in facts:
        _set_clusters(session, entry, facts["clusters"])
    if facts.keys() & {"grade", "grade_as_of"}:
        _set_grade(session, entry, full)
    row.version += 1
    row.updated_at = now


def _set_site(session: Session, entry: Entry, facts: Facts, full: Facts, ground: Ground) -> None:
    site = entry.site
    if site is None:
        if facts.keys() & {*SITE_FACTS, "station"}:
            session.add(Site(**_site(entry.row.id, full, ground)))
        return
    if "name_zh" in facts and site.name == entry.row.name_zh:
        site.name = facts["name_zh"]
    for name in facts.keys() & set(SITE_FACTS):
        setattr(site, name, as_column(name, facts[name]))
    if "station" in facts:
        station = ground.station(facts["station"])
        site.nearest_station_id = station.id if station else None


def _set_clusters(session: Session, entry: Entry, wanted: Sequence[str]) -> None:
    for cluster in entry.members.keys() - set(wanted):
        session.delete(entry.members[cluster])
    session.add_all(
        EnterpriseCluster(enterprise_id=entry.row.id, cluster=as_column("cluster", cluster))
        for cluster in wanted
        if cluster not in entry.members
    )


def _set_grade(session: Session, entry: Entry, facts: Facts) -> None:
    if not facts["grade"]:
        if entry.grade is not None:
            session.delete(entry.grade)
    elif entry.grade is None:
        session.add(EnterpriseGrade(**_grade(entry.row.id, facts)))
    else:
        entry.grade.value, entry.grade.as_of = facts["grade"], facts["grade_as_of"]


def remove_entries(session: Session, ids: Collection[int]) -> None:
    """Remove entries with what an import made for them; nothing else may refer to them."""
    for model in (EnterpriseGrade, EnterpriseCluster, Site):
        session.execute(sa.delete(model).where(model.enterprise_id.in_(ids)))
    session.execute(sa.delete(Enterprise).where(Enterprise.id.in_(ids)))


def tell(session: Session, ids: Collection[int], *, now: dt.datetime) -> None:
    """Tell search and feed about changed entries and each listing of theirs."""
    session.flush()
    changes.record_all(session, changes.ENTERPRISE, sorted(ids), now=now)
    mine = Listing.enterprise_id.in_(ids)
    listings = session.scalars(sa.select(Listing.id).where(mine).order_by(Listing.id)).all()
    if listings:
        session.execute(
            sa.update(Listing).where(mine).values(version=Listing.version + 1, updated_at=now)
        )
        changes.record_all(session, changes.LISTING, listings, now=now)
