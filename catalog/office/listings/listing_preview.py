"""A listing's document as the page that travellers would see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog import queries, views
from catalog.directory import photo_queries
from catalog.models import Enterprise, EnterpriseCluster, Site, Station
from catalog.office.cases.case_facts import Facts
from catalog.office.listings.listing_photos import focus_of, room_keys, subject_of
from catalog.office.listings.listing_schema import (
    CHOICES,
    NUMBERS,
    SETS,
    TEXTS,
    TRUTHS,
    has,
    kind_of,
)
from catalog.office.models import ReviewCase
from catalog.states import ListingStatus
from catalog.vocabulary import BerthKind, Cluster, Theme
from marketplace.kernel.errors import NotFound

UNNAMED = 0
"""The id of what has none yet."""


def preview(session: Session, case: ReviewCase) -> views.ListingPage:
    """Return the page of a document, however incomplete; nothing of it can be booked.

    Raises:
        NotFound: the enterprise or the site is gone.
    """
    document = case.document
    enterprise = session.get(Enterprise, case.enterprise_id or 0)
    site = session.get(Site, document.get("site_id") or 0)
    if enterprise is None or site is None:
        raise NotFound
    station = session.get(Station, site.nearest_station_id) if site.nearest_station_id else None
    rooms = tuple(
        _part(views.RoomTypeView, row, place)
        for place, row in enumerate(document.get("rooms") or [])
    )
    photos = _photos(session, document, rooms)
    return views.ListingPage(
        card=_card(session, case, enterprise=enterprise, site=site, station=station, photos=photos),
        site=queries.site_view(site),
        station=queries.station_view(station) if station else None,
        room_types=rooms,
        time_slots=tuple(
            _part(views.TimeSlotView, row, place, weekdays=tuple(row.get("weekdays") or ()))
            for place, row in enumerate(document.get("slots") or [])
        ),
        berth_classes=tuple(
            _part(views.BerthClassView, row, place, kind=BerthKind(row["kind"]))
            for place, row in enumerate(document.get("berths") or [])
            if row.get("kind")
        ),
        photos=photos,
        evidence={
            fact: views.EvidenceView(said.get("source") or "", said.get("date") or "", None)
            for fact, said in (document.get("sources") or {}).items()
        },
    )


def _card(
    session: Session,
    case: ReviewCase,
    *,
    enterprise: Enterprise,
    site: Site,
    station: Station | None,
    photos: tuple[views.PhotoView, ...],
) -> views.ListingCard:
    document, kind = case.document, kind_of(case.document)
    clusters = set(
        session.scalars(
            sa.select(EnterpriseCluster.cluster).where(
                EnterpriseCluster.enterprise_id == enterprise.id
            )
        )
    )
    facts: dict[str, Any] = {name: document.get(name) or "" for name in TEXTS}
    facts |= {name: document.get(name) if has(kind, name) else None for name in TRUTHS}
    facts |= {name: document.get(name) for name in NUMBERS}
    for name, choices in CHOICES.items():
        facts[name] = choices(document[name]) if document.get(name) else None
    for name, choices in SETS.items():
        facts[name] = tuple(choices(value) for value in document.get(name) or ())
    facts["theme"] = facts["theme"] or Theme.SCENERY
    facts["min_nights"] = facts["min_nights"] or 1
    facts["max_nights"] = facts["max_nights"] or facts["min_nights"]
    return views.ListingCard(
        **facts,
        id=case.listing_id or UNNAMED,
        code="",
        kind=kind,
        status=ListingStatus.DRAFT,
        is_sample=enterprise.is_sample,
        july_mean_c=document.get("july_mean_c"),
        family_suited=bool(document.get("family_suited")),
        illustration=facts["theme"].value,
        version=0,
        updated_at=case.updated_at,
        enterprise_id=enterprise.id,
        enterprise_code=enterprise.code,
        enterprise_zh=enterprise.name_zh,
        enterprise_en=enterprise.name_en,
        prefecture=enterprise.prefecture,
        county=enterprise.county,
        town_zh=site.town_zh,
        town_en=site.town_en,
        slope=site.slope,
        station_zh=station.name_zh if station else None,
        station_en=station.name_en if station else None,
        clusters=tuple(cluster for cluster in Cluster if cluster in clusters),
        photo=photos[0] if photos else None,
    )


def _part(view: Any, row: Facts, place: int, **typed: Any) -> Any:
    """Return a room type, time slot or berth class; what is not written yet is empty or 0."""
    given = {"id": row.get("id") or -1 - place, "listing_id": UNNAMED, "code": "", **typed}
    for name in view.__dataclass_fields__:
        if name not in given:
            empty = "" if name.endswith(("_zh", "_en")) or name == "starts" else 0
            given[name] = row.get(name) or (None if name == "area_m2" else empty)
    return view(**given)


def _photos(
    session: Session, document: Facts, rooms: Sequence[views.RoomTypeView]
) -> tuple[views.PhotoView, ...]:
    keys = room_keys(document.get("rooms") or [])
    by_key = {key: room.id for key, room in zip(keys, rooms, strict=True)}
    given = document.get("photos") or []
    known = photo_queries.photos_by_id(session, [photo["id"] for photo in given])
    return tuple(
        views.PhotoView(
            id=photo["id"],
            alt_zh=photo["alt_zh"],
            alt_en=photo.get("alt_en") or "",
            width=known[photo["id"]].width,
            height=known[photo["id"]].height,
            widths=known[photo["id"]].widths,
            room_type_id=by_key.get(photo.get("room") or ""),
            subject=subject_of(photo),
            focus=focus_of(photo),
        )
        for photo in given
        if photo["id"] in known and known[photo["id"]].widths
    )
