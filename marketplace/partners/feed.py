"""The listings feed: each listing once, at its latest change, and gone ones as tombstones.

After OpenActive RPDE 1.0 with ``afterChangeNumber``: a reader keeps the last number it saw and asks
for what is newer. A listing that was ever in the log stays in it, so whoever missed its removal
still learns of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from catalog.directory.photo_queries import photos_of
from catalog.models import Enterprise, EnterpriseGrade
from catalog.queries import a_level, listing_pages
from catalog.views import ListingPage, PhotoView
from catalog.vocabulary import Category, Certainty, ListingKind
from marketplace.kernel.changes import LISTING, Change
from marketplace.kernel.errors import NotFound
from marketplace.kernel.numbering import Log, check_cursor
from marketplace.pricing import queries as prices
from marketplace.pricing.nights.terms import Terms


@dataclass(frozen=True, slots=True)
class Provenance:
    """How the directory knows an enterprise."""

    enterprise_id: int
    category: Category
    source: str
    source_date: str
    certainty: Certainty
    grade: str | None
    grade_as_of: str | None


@dataclass(frozen=True, slots=True)
class ListingFacts:
    """A listing with all that a partner reads of it."""

    page: ListingPage
    provenance: Provenance
    tariffs: Mapping[int, tuple[int, Terms]]
    """Room type id to the number of the tariff that counts now, and its terms."""
    photos: tuple[PhotoView, ...] = ()
    """In the order of the page."""


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One listing at its latest change; ``facts`` is ``None`` when it is not to be shown."""

    listing_id: int
    number: int
    facts: ListingFacts | None


def feed_items(session: Session, *, after: int, limit: int) -> list[FeedItem]:
    """Return the listings whose latest change is numbered above ``after``, in that order.

    A fixed number of queries, however many items.

    Raises:
        CursorUnknown, Restored: the reader cannot go on from there.
    """
    check_cursor(session, Log.CHANGES, after)
    later = aliased(Change)
    superseded = sa.exists().where(
        later.kind == LISTING, later.entity_id == Change.entity_id, later.number > Change.number
    )
    rows = session.execute(
        sa.select(Change.entity_id, Change.number)
        .where(Change.kind == LISTING, Change.number > after, ~superseded)
        .order_by(Change.number)
        .limit(limit)
    ).all()
    shown = _facts(session, [int(row.entity_id) for row in rows])
    return [FeedItem(int(row.entity_id), row.number, shown.get(int(row.entity_id))) for row in rows]


def listing_facts(session: Session, *, listing_id: int) -> ListingFacts:
    """Return one listing; raises ``NotFound`` when it is not on show, or not a stay."""
    found = _facts(session, [listing_id])
    if listing_id not in found:
        raise NotFound
    return found[listing_id]


def _facts(session: Session, ids: Collection[int]) -> dict[int, ListingFacts]:
    """Return what is on show of ``ids``; only stays are sold by this API."""
    pages = [
        page
        for page in listing_pages(session, ids, bare=True)
        if page.card.kind is ListingKind.STAY
    ]
    known = _provenance(session, {page.card.enterprise_id for page in pages})
    rooms = {room.id for page in pages for room in page.room_types}
    tariffs = prices.tariffs(session, room_type_ids=rooms)
    photos = photos_of(session, [page.card.id for page in pages])
    return {
        page.card.id: ListingFacts(
            page,
            known[page.card.enterprise_id],
            tariffs,
            tuple(photos.get(page.card.id, ())),
        )
        for page in pages
    }


def _provenance(session: Session, enterprise_ids: Collection[int]) -> dict[int, Provenance]:
    rows = session.execute(
        sa.select(
            Enterprise.id,
            Enterprise.category,
            Enterprise.source,
            Enterprise.source_date,
            Enterprise.certainty,
            a_level(EnterpriseGrade.value),
            a_level(EnterpriseGrade.as_of),
        ).where(Enterprise.id.in_(enterprise_ids))
    )
    return {row.id: Provenance(*row) for row in rows}
