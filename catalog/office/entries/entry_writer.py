"""Making an entry's document true: the rows of an enterprise and what hangs on it."""

from __future__ import annotations

import datetime as dt
import re

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.bulk.directory_loading import station_points
from catalog.geography.rules import nearest_station
from catalog.models import Enterprise, EnterpriseCluster, EnterpriseGrade, Listing, Site, Station
from catalog.office.cases.case_facts import Facts
from catalog.office.entries.entry_facts import PHOTO_FACT, current_licences, default_point
from catalog.office.evidence import fact_evidence
from catalog.office.licences import licence_records
from catalog.office.models import Document, Photo
from catalog.states import EnterpriseStatus
from catalog.vocabulary import (
    Category,
    Certainty,
    Cluster,
    Datum,
    GradeScheme,
    LicenceKind,
    Slope,
)
from marketplace.kernel.audit import Actor
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.db import lock_word
from marketplace.kernel.errors import Invalid

BY_APPLICATION = "经营者申请，名录办审核"
CODE = re.compile(r"JL([0-9]{3,})")
PLAIN = ("legal_name", "name_zh", "name_en", "adcode", "county", "prefecture", "note_zh", "note_en")
PROVED = (
    "legal_name", "credit_code", "name_zh", "name_en", "category", "clusters", "adcode", "sites",
    "note_zh", "note_en",
)  # fmt: skip
"""Facts that have a line of evidence of their own, besides grades and photographs."""


def new_enterprise(session: Session, document: Facts, *, now: dt.datetime) -> Enterprise:
    """Make the entry of an accepted application, with the next free number of the directory."""
    entry = Enterprise(
        code=next_code(session),
        status=EnterpriseStatus.LISTED,
        source=BY_APPLICATION,
        source_date=shanghai_date(now).isoformat(),
        certainty=Certainty.SOURCED,
        name_zh=document["name_zh"],
        category=Category(document["category"]),
        updated_at=now,
    )
    session.add(entry)
    session.flush()
    return entry


def next_code(session: Session) -> str:
    """Return the next number of the directory; stations are numbered in the same row."""
    lock_word(session, "enterprise.code")
    used = session.scalars(sa.union_all(sa.select(Enterprise.code), sa.select(Station.code)))
    numbers = [int(found[1]) for code in used if (found := CODE.fullmatch(code))]
    return f"JL{max(numbers, default=0) + 1:03d}"


def write(
    session: Session,
    entry: Enterprise,
    document: Facts,
    *,
    base: Facts,
    reviewer_id: int,
    actor: Actor,
    now: dt.datetime,
) -> None:
    """Set everything that ``document`` says of ``entry``, whose facts were ``base``.

    Raises:
        Invalid: a site that a listing stands on would go.
    """
    for name in PLAIN:
        setattr(entry, name, document.get(name, ""))
    entry.credit_code = document.get("credit_code") or None
    entry.category = Category(document["category"])
    entry.claimed = True
    entry.checked_at = now
    session.flush()
    _write_clusters(session, entry.id, document)
    _write_sites(session, entry, document)
    _write_grades(session, entry.id, document)
    _write_licences(session, entry.id, document, reviewer_id=reviewer_id, actor=actor, now=now)
    _write_evidence(session, entry.id, document, base, reviewer_id=reviewer_id, now=now)
    _hand_over(session, entry.id, document)


def _write_clusters(session: Session, enterprise_id: int, document: Facts) -> None:
    wanted = {Cluster(value) for value in document.get("clusters", [])}
    mine = EnterpriseCluster.enterprise_id == enterprise_id
    have = set(session.scalars(sa.select(EnterpriseCluster.cluster).where(mine)))
    session.execute(
        sa.delete(EnterpriseCluster).where(mine, EnterpriseCluster.cluster.in_(have - wanted))
    )
    session.add_all(
        EnterpriseCluster(enterprise_id=enterprise_id, cluster=cluster)
        for cluster in Cluster
        if cluster in wanted - have
    )


SITE_TEXTS = ("name", "address", "town_zh", "town_en", "phone", "arrive_from", "way_zh")


def _write_sites(session: Session, entry: Enterprise, document: Facts) -> None:
    points = station_points(session)
    by_code = {point.code: point.id for point in points}
    have = {
        row.id: row
        for row in session.scalars(sa.select(Site).where(Site.enterprise_id == entry.id))
    }
    given = document.get("sites", [])
    gone = have.keys() - {site.get("id") for site in given}
    if session.scalar(sa.select(Listing.id).where(Listing.site_id.in_(gone)).limit(1)):
        raise Invalid({"sites": "有产品的场所不能去掉，请先把它的产品归档或改到别的场所"})
    for site in given:
        row = have.get(site.get("id")) or Site(enterprise_id=entry.id, lat=0.0, lon=0.0)
        for name in SITE_TEXTS:
            setattr(row, name, site.get(name, ""))
        row.slope = Slope(site["slope"]) if site.get("slope") else None
        _put(session, row, site, adcode=entry.adcode)
        row.nearest_station_id = by_code.get(site.get("station", "")) or nearest_station(
            row.lat, row.lon, row.slope, points
        )
        session.add(row)
    session.execute(sa.delete(Site).where(Site.id.in_(gone)))
    session.flush()


def _put(session: Session, row: Site, site: Facts, *, adcode: str) -> None:
    """Set the point of a site; one that is given just as it was keeps what is said of it."""
    lat, lon = site.get("lat"), site.get("lon")
    if lat is None or lon is None:
        point = default_point(session, adcode=adcode, town_zh=row.town_zh)
        row.lat, row.lon, row.datum, row.coord_basis, row.coord_error_km = point
        return
    given = (lat, lon, float(site["error_km"]), Datum(site.get("datum") or Datum.UNKNOWN))
    if given == (row.lat, row.lon, row.coord_error_km, row.datum):
        return
    row.lat, row.lon, row.coord_error_km, row.datum = given
    row.coord_basis = "given by the operator"


def _write_grades(session: Session, enterprise_id: int, document: Facts) -> None:
    have = {
        row.scheme: row
        for row in session.scalars(
            sa.select(EnterpriseGrade).where(EnterpriseGrade.enterprise_id == enterprise_id)
        )
    }
    wanted = {GradeScheme(row["scheme"]): row for row in document.get("grades", [])}
    for scheme, row in have.items():
        if scheme not in wanted:
            session.delete(row)
    for scheme, facts in wanted.items():
        kept = have.get(scheme) or EnterpriseGrade(enterprise_id=enterprise_id, scheme=scheme)
        kept.value, kept.as_of = facts["value"], facts["as_of"]
        session.add(kept)
    session.flush()


def _write_licences(
    session: Session,
    enterprise_id: int,
    document: Facts,
    *,
    reviewer_id: int,
    actor: Actor,
    now: dt.datetime,
) -> None:
    """Record the licences that are new or renewed; the office has verified them just now."""
    have = {
        row.kind: (row.number, row.issued_by, row.expires_on, row.document_id)
        for row in current_licences(session, enterprise_id)
    }
    for facts in document.get("licences", []):
        licence = licence_records.LicenceFacts(
            kind=LicenceKind(facts["kind"]),
            number=facts["number"],
            issued_by=facts["issued_by"],
            expires_on=dt.date.fromisoformat(facts["expires_on"]) if facts["expires_on"] else None,
            document_id=facts["document_id"],
        )
        same = (licence.number, licence.issued_by, licence.expires_on, licence.document_id)
        if have.get(licence.kind) != same:
            licence_records.record(
                session,
                enterprise_id=enterprise_id,
                licence=licence,
                reviewer_id=reviewer_id,
                actor=actor,
                now=now,
            )


def _write_evidence(
    session: Session,
    enterprise_id: int,
    document: Facts,
    base: Facts,
    *,
    reviewer_id: int,
    now: dt.datetime,
) -> None:
    """Note for each fact where it comes from, and that the reviewer found it right."""
    own = {"source": BY_APPLICATION, "date": shanghai_date(now).isoformat(), "document_id": None}
    sources, earlier = document.get("sources", {}), base.get("sources", {})
    names = [name for name in PROVED if document.get(name)]
    names += [f"grade:{row['scheme']}" for row in document.get("grades", [])]
    names += [f"{PHOTO_FACT}{row['id']}" for row in document.get("photos", [])]
    names += ["spring"] if sources.get("spring") else []
    same = {name for name in names if _value(document, name) == _value(base, name)}
    said = {}
    for name in names:
        source = sources.get(name) or own
        # That the office once looked at another value says nothing of this one.
        stale = name not in same and source == earlier.get(name)
        stale = stale and source["source"] == BY_APPLICATION
        said[name] = own if stale or not source.get("source") else source
    fact_evidence.write(
        session,
        (fact_evidence.ENTERPRISE, enterprise_id),
        said,
        unchanged={name for name in same if sources.get(name) == earlier.get(name)},
        reviewer_id=reviewer_id,
        now=now,
    )


def _value(document: Facts, name: str) -> object:
    """Return the fact that a line of evidence is about."""
    kind, _, key = name.partition(":")
    rows = {"grade": ("grades", "scheme"), PHOTO_FACT.rstrip(":"): ("photos", "id")}.get(kind)
    if rows is None:
        return document.get(name)
    return next((row for row in document.get(rows[0], []) if str(row[rows[1]]) == key), None)


def documents_in(document: Facts) -> set[int]:
    """Return the ids of the files that a document names."""
    rows = [*document.get("licences", []), *document.get("sources", {}).values()]
    rows.append(document.get("proof", {}))
    return {row["document_id"] for row in rows if row.get("document_id") is not None}


def _hand_over(session: Session, enterprise_id: int, document: Facts) -> None:
    """Let the enterprise's operators see the files and photographs that now belong to it."""
    session.execute(
        sa.update(Document)
        .where(Document.id.in_(documents_in(document)), Document.enterprise_id.is_(None))
        .values(enterprise_id=enterprise_id)
    )
    for position, row in enumerate(document.get("photos", [])):
        session.execute(
            sa.update(Photo)
            .where(Photo.id == row["id"], Photo.listing_id.is_(None))
            .values(
                enterprise_id=enterprise_id,
                position=position,
                alt_zh=row["alt_zh"],
                alt_en=row.get("alt_en", ""),
            )
        )
