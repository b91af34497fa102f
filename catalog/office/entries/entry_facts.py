"""An entry as it stands, in the shape of a case's document; and what documents are checked with."""

from __future__ import annotations

import csv
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.bulk.directory_loading import DATA, station_points
from catalog.geography.reference_models import Division
from catalog.models import Enterprise, EnterpriseCluster, EnterpriseGrade, Listing, Site, Station
from catalog.office.cases.case_facts import LONGEST_SOURCE, Facts
from catalog.office.entries.entry_faults import Known
from catalog.office.evidence import fact_evidence
from catalog.office.models import Licence, Photo
from catalog.states import ListingStatus
from catalog.vocabulary import Cluster, Datum, GradeScheme, LicenceKind
from marketplace.kernel.errors import NotFound

PHOTO_FACT = "photo:"
"""Begins the evidence of a photograph of the entry itself; its id follows."""
COUNTY_ERROR_KM, PREFECTURE_ERROR_KM = 20.0, 60.0
"""How far a place may be from the mark of its county or prefecture; towns are nearer."""


def facts_of(session: Session, enterprise_id: int) -> Facts:
    """Return the facts of an entry; the same as long as nothing changes.

    Raises:
        NotFound: there is no such entry.
    """
    entry = session.get(Enterprise, enterprise_id, populate_existing=True)
    if entry is None:
        raise NotFound
    return {
        "legal_name": entry.legal_name,
        "credit_code": entry.credit_code or "",
        "name_zh": entry.name_zh,
        "name_en": entry.name_en,
        "category": entry.category.value,
        "clusters": _clusters(session, enterprise_id),
        "adcode": entry.adcode,
        "county": entry.county,
        "prefecture": entry.prefecture,
        "sites": _sites(session, enterprise_id),
        "licences": _licences(session, enterprise_id),
        "grades": _grades(session, enterprise_id),
        "note_zh": entry.note_zh,
        "note_en": entry.note_en,
        "photos": _photos(session, enterprise_id),
        "sources": _sources(session, entry),
    }


def _clusters(session: Session, enterprise_id: int) -> list[str]:
    have = set(
        session.scalars(
            sa.select(EnterpriseCluster.cluster).where(
                EnterpriseCluster.enterprise_id == enterprise_id
            )
        )
    )
    return [cluster.value for cluster in Cluster if cluster in have]


def _sites(session: Session, enterprise_id: int) -> list[Facts]:
    rows = session.execute(
        sa.select(Site, Station.code, Station.name_zh, Station.name_en)
        .outerjoin(Station, Station.id == Site.nearest_station_id)
        .where(Site.enterprise_id == enterprise_id)
        .order_by(Site.id)
        .execution_options(populate_existing=True)
    )
    return [
        {
            "id": site.id,
            "name": site.name,
            "address": site.address,
            "phone": site.phone,
            "arrive_from": site.arrive_from,
            "way_zh": site.way_zh,
            "town_zh": site.town_zh,
            "town_en": site.town_en,
            "slope": site.slope.value if site.slope else "",
            "station": code or "",
            "station_zh": name_zh or "",
            "station_en": name_en or "",
            "lat": site.lat,
            "lon": site.lon,
            "error_km": site.coord_error_km,
            "datum": site.datum.value,
        }
        for site, code, name_zh, name_en in rows
    ]


def current_licences(session: Session, enterprise_id: int) -> list[Licence]:
    """Return the licence of each kind that counts, in the order of the vocabulary."""
    rows = session.scalars(
        sa.select(Licence).where(
            Licence.enterprise_id == enterprise_id, Licence.replaced_at.is_(None)
        )
    ).all()
    order = list(LicenceKind)
    return sorted(rows, key=lambda row: order.index(row.kind))


def _licences(session: Session, enterprise_id: int) -> list[Facts]:
    return [
        {
            "kind": row.kind.value,
            "number": row.number,
            "issued_by": row.issued_by,
            "expires_on": row.expires_on.isoformat() if row.expires_on else "",
            "document_id": row.document_id,
        }
        for row in current_licences(session, enterprise_id)
    ]


def _grades(session: Session, enterprise_id: int) -> list[Facts]:
    rows = {
        row.scheme: row
        for row in session.scalars(
            sa.select(EnterpriseGrade)
            .where(EnterpriseGrade.enterprise_id == enterprise_id)
            .execution_options(populate_existing=True)
        )
    }
    return [
        {"scheme": scheme.value, "value": rows[scheme].value, "as_of": rows[scheme].as_of}
        for scheme in GradeScheme
        if scheme in rows
    ]


def _photos(session: Session, enterprise_id: int) -> list[Facts]:
    ids = [
        int(row.fact.removeprefix(PHOTO_FACT))
        for row in fact_evidence.rows_of(session, (fact_evidence.ENTERPRISE, enterprise_id))
        if row.fact.startswith(PHOTO_FACT)
    ]
    rows = session.scalars(sa.select(Photo).where(Photo.id.in_(ids)))
    return [
        {"id": row.id, "alt_zh": row.alt_zh, "alt_en": row.alt_en}
        for row in sorted(rows, key=lambda photo: (photo.position, photo.id))
    ]


def _sources(session: Session, entry: Enterprise) -> Facts:
    """Return the sources by fact; where none is kept of the description, the entry's own."""
    found: Facts = {
        row.fact: fact_evidence.told(row)
        for row in fact_evidence.rows_of(session, (fact_evidence.ENTERPRISE, entry.id))
        if not row.fact.startswith(PHOTO_FACT)
    }
    if entry.note_zh and "note_zh" not in found:
        found["note_zh"] = {
            "source": entry.source[:LONGEST_SOURCE],
            "date": entry.source_date,
            "document_id": None,
        }
    return found


def known(session: Session, enterprise_id: int | None) -> Known:
    """Return what the document of an entry is checked against."""
    own = sa.select(Site.id).where(Site.enterprise_id == enterprise_id)
    occupied = sa.select(Listing.site_id).where(
        Listing.enterprise_id == enterprise_id, Listing.status != ListingStatus.ARCHIVED
    )
    return Known(
        counties=set(session.scalars(sa.select(Division.code).where(Division.level == "county"))),
        stations={point.code: point for point in station_points(session)},
        occupied=set(session.scalars(occupied)) if enterprise_id else set(),
        sites=set(session.scalars(own)) if enterprise_id else set(),
    )


def with_names(session: Session, facts: Facts) -> Facts:
    """Return the facts of places with the names of county and stations beside their codes."""
    county = session.get(Division, facts.get("adcode", ""))
    above = session.get(Division, county.parent_code) if county and county.parent_code else None
    names = {
        row.code: (row.name_zh, row.name_en)
        for row in session.execute(sa.select(Station.code, Station.name_zh, Station.name_en))
    }
    sites = []
    for site in facts.get("sites", []):
        zh, en = names.get(site.get("station", ""), ("", ""))
        sites.append({**site, "station_zh": zh, "station_en": en})
    return {
        **facts,
        "sites": sites,
        "county": county.name if county else "",
        "prefecture": above.name if above else "",
    }


@lru_cache(maxsize=1)
def _county_marks() -> dict[str, tuple[float, float, str]]:
    """The points that the file of divisions gives, by code; a county without one has none."""
    path = DATA / "jilin-divisions.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {
            row["code"]: (float(row["lat"]), float(row["lon"]), row["coord_source"])
            for row in csv.DictReader(file)
            if row["lat"] and row["lon"]
        }


def default_point(
    session: Session, *, adcode: str, town_zh: str
) -> tuple[float, float, Datum, str, float]:
    """Return a point for a site without coordinates: lat, lon, datum, what it is, error in km.

    The town's, where another place of the directory in that county and town has one; else the
    county's mark, or its prefecture's.
    """
    town_names = {town_zh, town_zh.removesuffix("镇"), town_zh.removesuffix("乡")} - {""}
    same_town = (
        sa.select(Site.lat, Site.lon, Site.datum, Site.coord_basis, Site.coord_error_km)
        .join(Enterprise, Enterprise.id == Site.enterprise_id)
        .where(
            Site.town_zh.in_(town_names),
            Enterprise.adcode == adcode,
            Enterprise.is_sample.is_(False),
            Site.coord_basis.startswith("GeoNames"),
        )
        .order_by(Site.id)
        .limit(1)
    )
    town = session.execute(same_town).one_or_none()
    if town is not None:
        return town.lat, town.lon, town.datum, town.coord_basis, town.coord_error_km
    marks = _county_marks()
    if adcode in marks:
        lat, lon, source = marks[adcode]
        return lat, lon, _datum(source), f"{source}, mark of the county", COUNTY_ERROR_KM
    lat, lon, source = marks[f"{adcode[:4]}00"]
    return lat, lon, _datum(source), f"{source}, mark of the prefecture", PREFECTURE_ERROR_KM


def _datum(source: str) -> Datum:
    return Datum.WGS84 if source.startswith("GeoNames") else Datum.UNKNOWN


def counties(session: Session) -> list[tuple[str, str]]:
    """Return the counties with their prefectures' names before theirs, by code."""
    above = sa.orm.aliased(Division)
    rows = session.execute(
        sa.select(Division.code, Division.name, above.name.label("prefecture"))
        .outerjoin(above, above.code == Division.parent_code)
        .where(Division.level == "county")
        .order_by(Division.code)
    )
    return [(row.code, f"{row.prefecture or ''} {row.name}".strip()) for row in rows]
