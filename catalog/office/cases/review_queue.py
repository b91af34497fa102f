"""Reads for the reviewers: the queue, one case with what it changes, licences that end."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Enterprise, Listing
from catalog.office.cases import case_lifecycle
from catalog.office.cases.comparison import Compared, compare
from catalog.office.cases.handler_registry import handler_of
from catalog.office.forbidden_claims import Found
from catalog.office.models import Licence, ReviewCase
from catalog.states import CaseStatus, EnterpriseStatus
from catalog.vocabulary import CaseKind, LicenceKind
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.errors import NotFound
from marketplace.kernel.pagination import Page

PAGE_SIZE = 25
SOON = dt.timedelta(days=60)
DECIDED = (CaseStatus.RETURNED, CaseStatus.ACCEPTED, CaseStatus.REFUSED)


class Shelf(enum.StrEnum):
    """Which cases a reviewer looks at."""

    WAITING = "waiting"
    MINE = "mine"
    UNDER_REVIEW = "under_review"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One case in the queue."""

    id: int
    kind: CaseKind
    status: CaseStatus
    name_zh: str
    """What it is about: the listing, the enterprise, or the name that an application gives."""
    name_en: str
    applied_at: dt.datetime
    decided_at: dt.datetime | None
    days: int
    """Days since it was submitted, by the calendar of Asia/Shanghai."""
    reviewer_id: int | None


@dataclass(frozen=True, slots=True)
class LicenceRow:
    """A licence that has ended or will end soon."""

    id: int
    kind: LicenceKind
    number: str
    expires_on: dt.date
    days: int
    """Days until its last valid day; negative when that is over."""
    code: str
    name_zh: str
    name_en: str
    status: EnterpriseStatus


@dataclass(frozen=True, slots=True)
class LicenceEnd:
    """A licence in a case's document that has ended or will end soon; days as in LicenceRow."""

    kind: LicenceKind
    expires_on: dt.date
    days: int


@dataclass(frozen=True, slots=True)
class Namesake:
    """Another entry under the same legal name."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Review:
    """One case with everything that its reviewer looks at, except the contact."""

    case: ReviewCase
    name_zh: str
    name_en: str
    enterprise_code: str
    """The directory number of the entry it is about; empty when there is none yet."""
    rows: list[Compared]
    found: Found
    licences: list[LicenceEnd]
    namesakes: list[Namesake]


def _shelf(shelf: Shelf, reviewer_id: int) -> sa.ColumnElement[bool]:
    if shelf is Shelf.WAITING:
        return ReviewCase.status == CaseStatus.APPLIED
    if shelf is Shelf.DECIDED:
        return sa.and_(ReviewCase.status.in_(DECIDED), ReviewCase.applied_at.is_not(None))
    under_review = ReviewCase.status == CaseStatus.UNDER_REVIEW
    if shelf is Shelf.MINE:
        return sa.and_(under_review, ReviewCase.reviewer_id == reviewer_id)
    return under_review


def shelves(session: Session, *, reviewer_id: int) -> dict[Shelf, int]:
    """Return how many cases stand on each shelf."""
    counts = [sa.func.count().filter(_shelf(shelf, reviewer_id)) for shelf in Shelf]
    row = session.execute(sa.select(*counts).select_from(ReviewCase)).one()
    return dict(zip(Shelf, row, strict=True))


def kinds_on(session: Session, *, shelf: Shelf, reviewer_id: int) -> dict[CaseKind, int]:
    """Return how many cases of each kind stand on a shelf."""
    rows = session.execute(
        sa.select(ReviewCase.kind, sa.func.count())
        .where(_shelf(shelf, reviewer_id))
        .group_by(ReviewCase.kind)
    )
    found = {row[0]: row[1] for row in rows}
    return {kind: found.get(kind, 0) for kind in CaseKind}


def queue_page(
    session: Session,
    *,
    shelf: Shelf,
    kind: CaseKind | None,
    reviewer_id: int,
    page: int,
    now: dt.datetime,
) -> Page[QueueRow]:
    """Return one page of a shelf: the oldest submission first, of decided ones the newest."""
    where = [_shelf(shelf, reviewer_id)]
    if kind is not None:
        where.append(ReviewCase.kind == kind)
    total = session.scalar(sa.select(sa.func.count(ReviewCase.id)).where(*where)) or 0
    number = min(max(page, 1), max(1, -(-total // PAGE_SIZE)))
    order = (
        (ReviewCase.decided_at.desc(), ReviewCase.id.desc())
        if shelf is Shelf.DECIDED
        else (ReviewCase.applied_at, ReviewCase.id)
    )
    rows = session.execute(
        sa.select(
            *(ReviewCase.id, ReviewCase.kind, ReviewCase.status, *subject_names()),
            *(ReviewCase.applied_at, ReviewCase.decided_at, ReviewCase.reviewer_id),
        )
        .outerjoin(Enterprise, Enterprise.id == ReviewCase.enterprise_id)
        .outerjoin(Listing, Listing.id == ReviewCase.listing_id)
        .where(*where)
        .order_by(*order)
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    )
    today = shanghai_date(now)
    items = [
        QueueRow(
            id=row.id,
            kind=row.kind,
            status=row.status,
            name_zh=row.name_zh or "",
            name_en=row.name_en or "",
            applied_at=row.applied_at,
            decided_at=row.decided_at,
            days=(today - shanghai_date(row.applied_at)).days,
            reviewer_id=row.reviewer_id,
        )
        for row in rows
    ]
    return Page(items, total, number, PAGE_SIZE)


def subject_names() -> list[sa.ColumnElement[str]]:
    """Return what a case is about, both names: its own document first, since it may be new."""
    given = [ReviewCase.document[name].as_string() for name in ("name_zh", "name_en", "legal_name")]
    zh, en, legal = (sa.func.nullif(name, "") for name in given)
    return [
        sa.func.coalesce(zh, Listing.name_zh, Enterprise.name_zh, legal).label("name_zh"),
        sa.func.coalesce(en, Listing.name_en, Enterprise.name_en).label("name_en"),
    ]


def review(session: Session, case_id: int, *, today: dt.date) -> Review:
    """Return one case as its reviewer sees it.

    Raises:
        NotFound: there is no such case, or it was never submitted.
    """
    row = session.execute(
        sa.select(ReviewCase, Enterprise.code, *subject_names())
        .outerjoin(Enterprise, Enterprise.id == ReviewCase.enterprise_id)
        .outerjoin(Listing, Listing.id == ReviewCase.listing_id)
        .where(ReviewCase.id == case_id, ReviewCase.applied_at.is_not(None))
    ).one_or_none()
    if row is None:
        raise NotFound
    case: ReviewCase = row[0]
    handler = handler_of(case.kind)
    return Review(
        case=case,
        name_zh=row.name_zh or "",
        name_en=row.name_en or "",
        enterprise_code=row.code or "",
        rows=compare(handler.lines(case.base), handler.lines(case.document)),
        found=case_lifecycle.claims_in(case),
        licences=_ending(case, today),
        namesakes=_namesakes(session, case),
    )


def _ending(case: ReviewCase, today: dt.date) -> list[LicenceEnd]:
    found = []
    for licence in case.document.get("licences") or ():
        try:
            last = dt.date.fromisoformat(licence.get("expires_on") or "")
        except ValueError:
            continue
        if last <= today + SOON:
            found.append(LicenceEnd(LicenceKind(licence["kind"]), last, (last - today).days))
    return sorted(found, key=lambda end: end.expires_on)


def _namesakes(session: Session, case: ReviewCase) -> list[Namesake]:
    legal_name = str(case.document.get("legal_name") or "").strip()
    if not legal_name:
        return []
    rows = session.execute(
        sa.select(Enterprise.code, Enterprise.name_zh, Enterprise.name_en)
        .where(
            Enterprise.legal_name == legal_name,
            Enterprise.status != EnterpriseStatus.DELISTED,
            Enterprise.id != (case.enterprise_id or 0),
        )
        .order_by(Enterprise.code)
        .limit(PAGE_SIZE)
    )
    return [Namesake(*row) for row in rows]


def ending(today: dt.date) -> list[sa.ColumnElement[bool]]:
    """Return what holds of licences that count and have ended or end within 60 days."""
    return [
        Licence.replaced_at.is_(None),
        Licence.expires_on <= today + SOON,
        Enterprise.status != EnterpriseStatus.DELISTED,
    ]


def ending_licences(
    session: Session,
    *,
    kind: LicenceKind | None,
    page: int,
    now: dt.datetime,
    of: Collection[int] | None = None,
) -> Page[LicenceRow]:
    """Return the licences that count and have ended or end within 60 days, by date.

    ``of`` names the entries whose licences are wanted; ``None`` wants all.
    """
    today = shanghai_date(now)
    where = ending(today)
    if of is not None:
        where.append(Licence.enterprise_id.in_(of))
    if kind is not None:
        where.append(Licence.kind == kind)
    joined = Licence.__table__.join(Enterprise.__table__, Enterprise.id == Licence.enterprise_id)
    total = session.scalar(sa.select(sa.func.count()).select_from(joined).where(*where)) or 0
    number = min(max(page, 1), max(1, -(-total // PAGE_SIZE)))
    rows = session.execute(
        sa.select(
            *(Licence.id, Licence.kind, Licence.number, Licence.expires_on),
            *(Enterprise.code, Enterprise.name_zh, Enterprise.name_en, Enterprise.status),
        )
        .join(Enterprise, Enterprise.id == Licence.enterprise_id)
        .where(*where)
        .order_by(Licence.expires_on, Licence.id)
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    )
    items = [
        LicenceRow(
            id=row.id,
            kind=row.kind,
            number=row.number,
            expires_on=row.expires_on,
            days=(row.expires_on - today).days,
            code=row.code,
            name_zh=row.name_zh,
            name_en=row.name_en,
            status=row.status,
        )
        for row in rows
    ]
    return Page(items, total, number, PAGE_SIZE)
