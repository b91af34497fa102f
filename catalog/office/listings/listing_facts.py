"""The kind of case that is about a listing: what it may say, and what accepting it does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog import service
from catalog.effects import ListingAccepted
from catalog.models import Listing, Site
from catalog.office.cases.case_facts import FactLine, Facts
from catalog.office.evidence.documents import Harmful, harmful_among
from catalog.office.listings import listing_lines, listing_removal, listing_writer
from catalog.office.listings.listing_checks import faults_of, has_water_report
from catalog.office.listings.listing_schema import PART_TEXTS, PARTS, TEXTS, kind_of
from catalog.office.models import Document, Photo, ReviewCase
from catalog.office.photos.photo_intake import unmade
from catalog.states import (
    EnterpriseStatus,
    ListingStatus,
    WrongEnterpriseState,
    WrongListingState,
)
from marketplace.kernel import outbox
from marketplace.kernel.errors import Invalid, NotFound

STRANGE_SITE = "请选您自己的场所"
STRANGE_PHOTO = "有一张照片不是您上传的，请去掉它"
STRANGE_DOCUMENT = "有一份证明材料不是您上传的，请重新上传"
STRANGE_PART = "有一项不属于这个产品，请刷新后再改"


class ListingHandler:
    """See ``CaseHandler``."""

    def facts_now(self, session: Session, case: ReviewCase) -> Facts:
        """Return the facts of the listing; empty for a new one."""
        if case.listing_id is None:
            return {}
        listing = session.get(Listing, case.listing_id)
        if listing is None:
            raise NotFound
        part = PARTS[listing.kind]
        photos = session.scalars(
            sa.select(Photo)
            .where(Photo.listing_id == listing.id)
            .order_by(Photo.position, Photo.id)
        )
        return listing_writer.plain_facts(listing) | {
            "site_name": session.get_one(Site, listing.site_id).label,
            part: [
                listing_writer.part_facts(row, part)
                for row in listing_writer.parts_of(session, listing)
            ],
            "photos": [listing_writer.photo_facts(photo) for photo in photos],
            "sources": listing_writer.sources_of(session, listing.id),
        }

    def check(self, session: Session, case: ReviewCase, *, today: dt.date) -> None:
        """Refuse what is incomplete, wrong, or not the author's own; all faults at once.

        Raises:
            Invalid. StillSold: a room type, time or class that is gone has units or bookings.
            WrongListingState: the listing is archived. WrongEnterpriseState: the enterprise was
            struck off.
        """
        faults = faults_of(case.document, today=today)
        faults |= dict(_strange(session, case))
        faults |= dict(_unfit(session, case.document))
        if faults:
            raise Invalid(faults)
        _check_states(session, case)
        listing_removal.refuse_needed(session, kind_of(case.document), _parts_to_go(session, case))

    def texts(self, document: Facts) -> Iterable[str]:
        """Return every text that readers will see."""
        yield from (document.get(name) or "" for name in TEXTS)
        part = PARTS[kind_of(document)]
        for row in document.get(part) or []:
            yield from (row.get(name) or "" for name in PART_TEXTS[part])
        for photo in document.get("photos") or []:
            yield from (photo.get("alt_zh") or "", photo.get("alt_en") or "")
        for said in (document.get("sources") or {}).values():
            yield said.get("source") or ""

    def water_report(self, document: Facts) -> bool:
        """Whether there is a test report of the water with its day."""
        return has_water_report(document)

    def lines(self, document: Facts) -> list[FactLine]:
        """Return the facts as a reviewer compares them; none of a listing that is not there yet."""
        return listing_lines.lines(document) if document else []

    def accept(
        self, session: Session, case: ReviewCase, *, reviewer_id: int, now: dt.datetime
    ) -> tuple[str, int]:
        """Make the listing, or change it, and owe what it sells anew its stock.

        A new one is published; one that is there keeps its state.

        Raises:
            Invalid: a photograph, file or site is not the author's own any more. StillSold.
            WrongEnterpriseState, WrongListingState. NotFound: the enterprise is gone.
        """
        if faults := dict(_strange(session, case)):
            raise Invalid(faults)
        if case.enterprise_id is None:
            raise NotFound
        enterprise = service.locked(session, case.enterprise_id)
        _check_states(session, case)
        if case.listing_id is None:
            listing = listing_writer.new_listing(session, enterprise, kind_of(case.document))
        else:
            listing = session.scalars(
                sa.select(Listing).where(Listing.id == case.listing_id).with_for_update()
            ).one()
        if listing.status in (ListingStatus.DRAFT, ListingStatus.SUBMITTED):
            listing.status = ListingStatus.PUBLISHED
        listing_writer.write(session, listing, case.document, reviewer_id=reviewer_id, now=now)
        case.listing_id = listing.id
        outbox.owe(session, ListingAccepted.by_case(case.id, listing_id=listing.id), now=now)
        return "listing", listing.id


def _check_states(session: Session, case: ReviewCase) -> None:
    if case.enterprise_id is not None:
        enterprise = service.locked(session, case.enterprise_id)
        if enterprise.status is EnterpriseStatus.DELISTED:
            raise WrongEnterpriseState(extra={"state": enterprise.status.value})
    if case.listing_id is not None:
        listing = session.get_one(Listing, case.listing_id)
        if listing.status is ListingStatus.ARCHIVED:
            raise WrongListingState(extra={"state": listing.status.value})


def _strange(session: Session, case: ReviewCase) -> Iterator[tuple[str, str]]:
    """Yield what the document names that is not the enterprise's or the author's own."""
    document = case.document
    site = session.get(Site, document.get("site_id") or 0)
    if document.get("site_id") and (site is None or site.enterprise_id != case.enterprise_id):
        yield "site_id", STRANGE_SITE
    given = {photo["id"] for photo in document.get("photos") or []}
    if given and _own(session, case, Photo, given) != given:
        yield "photos", STRANGE_PHOTO
    files = {said.get("document_id") for said in (document.get("sources") or {}).values()} - {None}
    if files and _own(session, case, Document, files) != files:
        yield "sources", STRANGE_DOCUMENT
    part = PARTS[kind_of(document)]
    named = {row.get("id") for row in document.get(part) or []} - {None}
    model = listing_writer.MODELS[kind_of(document)]
    if named and named - set(
        session.scalars(sa.select(model.id).where(model.listing_id == case.listing_id))
    ):
        yield part, STRANGE_PART


def _unfit(session: Session, document: Facts) -> Iterator[tuple[str, str]]:
    """Yield photographs that are not made, and files that were found harmful."""
    if problem := unmade(session, [photo["id"] for photo in document.get("photos") or []]):
        yield "photos", problem
    sources = document.get("sources") or {}
    given = {fact: said.get("document_id") for fact, said in sources.items()}
    harmful = harmful_among(session, set(given.values()) - {None})
    for fact, document_id in given.items():
        if document_id in harmful:
            yield f"source-{fact}", Harmful.message


def _own(
    session: Session, case: ReviewCase, model: type[Photo | Document], ids: set[int]
) -> set[int]:
    return set(
        session.scalars(
            sa.select(model.id).where(
                model.id.in_(ids),
                sa.or_(model.owner_id == case.author_id, model.enterprise_id == case.enterprise_id),
            )
        )
    )


def _parts_to_go(session: Session, case: ReviewCase) -> list[listing_removal.Part]:
    if case.listing_id is None:
        return []
    kept = {row.get("id") for row in case.document.get(PARTS[kind_of(case.document)]) or []}
    listing = session.get_one(Listing, case.listing_id)
    return [part for part in listing_writer.parts_of(session, listing) if part.id not in kept]
