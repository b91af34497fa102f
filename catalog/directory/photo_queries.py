"""Reads of photographs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from catalog import views
from catalog.models import Listing
from catalog.office.models import Photo

FIRST = aliased(Photo)
"""The photograph that stands for a listing in lists."""


def columns_of(photo: type[Photo]) -> tuple[Any, ...]:
    """Return what ``photo_view`` reads of a photograph, or of an alias of it."""
    return (
        photo.id.label("photo_id"),
        photo.alt_zh,
        photo.alt_en,
        photo.width.label("photo_width"),
        photo.height.label("photo_height"),
        photo.sizes,
        photo.room_type_id,
        photo.subject,
        photo.focus,
    )


def photos_of(session: Session, listing_ids: Collection[int]) -> dict[int, list[views.PhotoView]]:
    """Return the photographs that listings show, by listing, in the order of the page."""
    rows = session.execute(
        sa.select(*columns_of(Photo), Photo.listing_id)
        .where(Photo.listing_id.in_(listing_ids))
        .order_by(Photo.listing_id, Photo.position, Photo.id)
    )
    found: dict[int, list[views.PhotoView]] = {}
    for row in rows:
        found.setdefault(row.listing_id, []).append(photo_view(row))
    return found


def photos_by_id(session: Session, photo_ids: Collection[int]) -> dict[int, views.PhotoView]:
    """Return photographs by id, shown anywhere or not; for those who may see them."""
    rows = session.execute(sa.select(*columns_of(Photo)).where(Photo.id.in_(photo_ids)))
    return {row.photo_id: photo_view(row) for row in rows}


def first_photo() -> sa.ScalarSelect[Any]:
    """The id of the first photograph of the listing of the enclosing statement."""
    return (
        sa.select(Photo.id)
        .where(Photo.listing_id == Listing.id)
        .order_by(Photo.position, Photo.id)
        .limit(1)
        .correlate(Listing)
        .scalar_subquery()
    )


def photo_view(row: Any) -> views.PhotoView:
    """Return the photograph of a row with what ``columns_of`` names."""
    return views.PhotoView(
        id=row.photo_id,
        alt_zh=row.alt_zh,
        alt_en=row.alt_en,
        width=row.photo_width,
        height=row.photo_height,
        widths=tuple(sorted(int(width) for width in row.sizes)),
        room_type_id=row.room_type_id,
        subject=row.subject,
        focus=row.focus,
    )
