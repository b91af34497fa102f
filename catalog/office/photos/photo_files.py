"""Which file of a photograph is where, and who may see it."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Enterprise, Listing
from catalog.office.models import Photo
from catalog.queries import is_visible


@dataclass(frozen=True, slots=True)
class StoredPhoto:
    """One file of a photograph, and who may see it."""

    blob: str
    """Its name in the blob store."""
    owner_id: int
    """The member of staff who gave it."""
    enterprise_id: int | None
    """The enterprise it was given for."""
    shown: bool
    """Whether a listing that everybody may see shows it."""


def photo_file(session: Session, photo_id: int, *, width: int, kind: str) -> StoredPhoto | None:
    """Return the file of a photograph in a width and kind; ``None`` where there is no such file."""
    row = session.execute(
        sa.select(
            Photo.sizes,
            Photo.owner_id,
            Photo.enterprise_id,
            sa.func.coalesce(is_visible(), sa.false()).label("shown"),
        )
        .outerjoin(Listing, Listing.id == Photo.listing_id)
        .outerjoin(Enterprise, Enterprise.id == Listing.enterprise_id)
        .where(Photo.id == photo_id)
    ).one_or_none()
    blob = row.sizes.get(str(width), {}).get(kind) if row is not None else None
    if row is None or blob is None:
        return None
    return StoredPhoto(blob, row.owner_id, row.enterprise_id, bool(row.shown))
