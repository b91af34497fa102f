"""An operator's listings: those on the register, and those that are still before the office."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Listing, Site
from catalog.office.cases.case_lifecycle import open_case
from catalog.office.models import ReviewCase
from catalog.states import CASE_EDITABLE, CASE_OPEN, CaseStatus, ListingStatus, WrongListingState
from catalog.vocabulary import CaseKind, ListingKind
from marketplace.kernel.errors import Invalid, NotFound


@dataclass(frozen=True, slots=True)
class OwnListing:
    """A listing as its operator sees it in the list."""

    listing_id: int | None
    """Empty for one that was never accepted."""
    case_id: int | None
    """The open case about it, if any."""
    case_status: CaseStatus | None
    kind: ListingKind
    status: ListingStatus
    """That of a new one follows from its case: draft, or submitted while the office has it."""
    code: str
    name_zh: str
    name_en: str


def own_listings(session: Session, *, enterprise_id: int) -> list[OwnListing]:
    """Return everything that an enterprise offers or prepares, new ones first, then by code."""
    cases = session.scalars(
        sa.select(ReviewCase)
        .where(
            ReviewCase.enterprise_id == enterprise_id,
            ReviewCase.kind == CaseKind.LISTING,
            ReviewCase.status.in_(CASE_OPEN),
        )
        .order_by(ReviewCase.id.desc())
    ).all()
    about = {case.listing_id: case for case in cases if case.listing_id is not None}
    listings = session.scalars(
        sa.select(Listing).where(Listing.enterprise_id == enterprise_id).order_by(Listing.code)
    )
    fresh = [_new(case) for case in cases if case.listing_id is None]
    return fresh + [_existing(listing, about.get(listing.id)) for listing in listings]


def _new(case: ReviewCase) -> OwnListing:
    editable = case.status in CASE_EDITABLE
    return OwnListing(
        None,
        case.id,
        case.status,
        ListingKind(case.document["kind"]),
        ListingStatus.DRAFT if editable else ListingStatus.SUBMITTED,
        "",
        case.document.get("name_zh") or "",
        case.document.get("name_en") or "",
    )


def _existing(listing: Listing, case: ReviewCase | None) -> OwnListing:
    return OwnListing(
        listing.id,
        case.id if case else None,
        case.status if case else None,
        listing.kind,
        listing.status,
        listing.code,
        listing.name_zh,
        listing.name_en,
    )


def own_listing(session: Session, listing_id: int, *, enterprise_id: int) -> Listing:
    """Return a listing of the enterprise; raises ``NotFound`` for any other."""
    listing = session.get(Listing, listing_id)
    if listing is None or listing.enterprise_id != enterprise_id:
        raise NotFound
    return listing


def own_listing_case(session: Session, case_id: int, *, enterprise_id: int) -> ReviewCase:
    """Return a case about a listing of the enterprise; raises ``NotFound`` for any other."""
    case = session.get(ReviewCase, case_id)
    if case is None or case.kind is not CaseKind.LISTING or case.enterprise_id != enterprise_id:
        raise NotFound
    return case


def last_case(session: Session, listing_id: int) -> ReviewCase | None:
    """Return the newest case about a listing, open or decided."""
    return session.scalars(
        sa.select(ReviewCase)
        .where(ReviewCase.listing_id == listing_id, ReviewCase.kind == CaseKind.LISTING)
        .order_by(ReviewCase.id.desc())
        .limit(1)
    ).one_or_none()


def sites_of(session: Session, enterprise_id: int) -> list[Site]:
    """Return the sites of an enterprise."""
    return list(
        session.scalars(
            sa.select(Site).where(Site.enterprise_id == enterprise_id).order_by(Site.id)
        )
    )


def begin_new(
    session: Session,
    *,
    kind: ListingKind,
    site_id: int,
    author_id: int,
    enterprise_id: int,
    now: dt.datetime,
) -> ReviewCase:
    """Begin the draft of a new listing at one of the enterprise's sites.

    Raises:
        Invalid: the site is none of theirs.
    """
    sites = {site.id: site for site in sites_of(session, enterprise_id)}
    if site_id not in sites:
        raise Invalid({"site_id": "请选一个场所"})
    return open_case(
        session,
        kind=CaseKind.LISTING,
        author_id=author_id,
        enterprise_id=enterprise_id,
        now=now,
        document={
            "kind": kind.value,
            "site_id": site_id,
            "site_name": sites[site_id].label,
        },
    )


def begin_change(
    session: Session, *, listing_id: int, author_id: int, enterprise_id: int, now: dt.datetime
) -> ReviewCase:
    """Begin to change the facts of a listing, or go on with the change that is open.

    Raises:
        NotFound: it is none of theirs. WrongListingState: it is archived.
    """
    listing = own_listing(session, listing_id, enterprise_id=enterprise_id)
    if listing.status is ListingStatus.ARCHIVED:
        raise WrongListingState(extra={"state": listing.status.value})
    return open_case(
        session,
        kind=CaseKind.LISTING,
        author_id=author_id,
        enterprise_id=enterprise_id,
        listing_id=listing_id,
        now=now,
    )
