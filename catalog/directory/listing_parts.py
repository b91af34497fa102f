"""Reads of what a listing's page shows beside the listing: what it sells, photographs, evidence."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog import views
from catalog.directory.photo_queries import photos_of
from catalog.models import BerthClass, RoomType, TimeSlot
from catalog.office.evidence.fact_evidence import LISTING
from catalog.office.models import Evidence
from catalog.vocabulary import ListingKind

"""The kind of thing that the evidence of a listing is about."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of several listings, each by listing."""

    rooms: dict[int, list[views.RoomTypeView]]
    slots: dict[int, list[views.TimeSlotView]]
    berths: dict[int, list[views.BerthClassView]]
    photos: dict[int, list[views.PhotoView]]
    evidence: dict[int, dict[str, views.EvidenceView]]

    def of(self, listing_id: int) -> dict[str, Any]:
        """Return the fields of a ``ListingPage`` that are parts of one listing."""
        return {
            "room_types": tuple(self.rooms.get(listing_id, ())),
            "time_slots": tuple(self.slots.get(listing_id, ())),
            "berth_classes": tuple(self.berths.get(listing_id, ())),
            "photos": tuple(self.photos.get(listing_id, ())),
            "evidence": self.evidence.get(listing_id, {}),
        }


def read(session: Session, kinds: dict[int, ListingKind], *, bare: bool = False) -> Parts:
    """Return the parts of the listings in ``kinds``; what their kinds do not have is not read.

    ``bare`` leaves photographs and evidence out.
    """
    ids, present = list(kinds), set(kinds.values())
    return Parts(
        _by_listing(room_types(session, ids)),
        _by_listing(time_slots(session, ids) if ListingKind.ACTIVITY in present else []),
        _by_listing(berth_classes(session, ids) if ListingKind.RAIL in present else []),
        {} if bare else photos_of(session, ids),
        {} if bare else _evidence(session, ids),
    )


def _by_listing(rows: list[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.listing_id, []).append(row)
    return found


def room_types(session: Session, listing_ids: Collection[int]) -> list[views.RoomTypeView]:
    """Return the room types of the listings, in the order of their pages."""
    rows = session.execute(_rows(RoomType, views.RoomTypeView, listing_ids))
    return [views.RoomTypeView(**row) for row in rows.mappings()]


def time_slots(session: Session, listing_ids: Collection[int]) -> list[views.TimeSlotView]:
    """Return the times of the activities, in the order of their pages."""
    rows = session.execute(_rows(TimeSlot, views.TimeSlotView, listing_ids))
    return [
        views.TimeSlotView(**{**row, "weekdays": tuple(row["weekdays"])}) for row in rows.mappings()
    ]


def berth_classes(session: Session, listing_ids: Collection[int]) -> list[views.BerthClassView]:
    """Return the classes of the trains, in the order of their pages."""
    rows = session.execute(_rows(BerthClass, views.BerthClassView, listing_ids))
    return [views.BerthClassView(**row) for row in rows.mappings()]


def _rows(model: Any, view: Any, listing_ids: Collection[int]) -> sa.Select[Any]:
    return (
        sa.select(*(getattr(model, name) for name in view.__dataclass_fields__))
        .where(model.listing_id.in_(listing_ids))
        .order_by(model.listing_id, model.position, model.id)
    )


def _evidence(
    session: Session, listing_ids: Collection[int]
) -> dict[int, dict[str, views.EvidenceView]]:
    rows = session.execute(
        sa.select(
            Evidence.subject_id,
            Evidence.fact,
            Evidence.source,
            Evidence.source_date,
            Evidence.verified_at,
        ).where(Evidence.subject_kind == LISTING, Evidence.subject_id.in_(listing_ids))
    )
    found: dict[int, dict[str, views.EvidenceView]] = {}
    for row in rows:
        found.setdefault(row.subject_id, {})[row.fact] = views.EvidenceView(
            row.source, row.source_date, row.verified_at
        )
    return found
