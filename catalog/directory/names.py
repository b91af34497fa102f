"""Names of what the directory holds by their keys, for pages that tell what was done to them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Enterprise, Listing
from catalog.office.cases.review_queue import subject_names
from catalog.office.models import Document, ImportRun, ReviewCase


@dataclass(frozen=True, slots=True)
class Name:
    """What something is called; ``code`` is the directory number of the enterprise it is of."""

    zh: str
    en: str
    code: str = ""


def enterprises(session: Session, ids: Collection[int]) -> dict[int, Name]:
    """Return the names of entries, whatever their standing."""
    rows = session.execute(
        sa.select(Enterprise.id, Enterprise.name_zh, Enterprise.name_en, Enterprise.code).where(
            Enterprise.id.in_(ids)
        )
    )
    return {row[0]: Name(*row[1:]) for row in rows}


def listings(session: Session, ids: Collection[int]) -> dict[int, Name]:
    """Return the names of listings, whatever their standing."""
    rows = session.execute(
        sa.select(Listing.id, Listing.name_zh, Listing.name_en, Enterprise.code)
        .join(Enterprise, Enterprise.id == Listing.enterprise_id)
        .where(Listing.id.in_(ids))
    )
    return {row[0]: Name(*row[1:]) for row in rows}


def cases(session: Session, ids: Collection[int]) -> dict[int, Name]:
    """Return what cases are about; empty where their author gave no name yet."""
    rows = session.execute(
        sa.select(ReviewCase.id, *subject_names())
        .outerjoin(Enterprise, Enterprise.id == ReviewCase.enterprise_id)
        .outerjoin(Listing, Listing.id == ReviewCase.listing_id)
        .where(ReviewCase.id.in_(ids))
    )
    return {row[0]: Name(row[1] or "", row[2] or "") for row in rows}


def documents(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Return the names of files that prove something."""
    rows = session.execute(sa.select(Document.id, Document.name).where(Document.id.in_(ids)))
    return {row[0]: row[1] for row in rows}


def imports(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Return the names of files that were imported."""
    rows = session.execute(sa.select(ImportRun.id, ImportRun.name).where(ImportRun.id.in_(ids)))
    return {row[0]: row[1] for row in rows}
