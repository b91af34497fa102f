"""What the office must know of one entry: its licences, its open cases, whom to ask."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.office.cases.review_queue import SOON
from catalog.office.models import Licence, ReviewCase
from catalog.states import CaseStatus
from catalog.vocabulary import CaseKind, LicenceKind

OPEN = (CaseStatus.APPLIED, CaseStatus.UNDER_REVIEW, CaseStatus.RETURNED)


@dataclass(frozen=True, slots=True)
class HeldLicence:
    """A licence that counts."""

    kind: LicenceKind
    number: str
    issued_by: str
    expires_on: dt.date | None
    days: int | None
    """Days until its last valid day, negative when that is over; ``None`` without end."""

    @property
    def due(self) -> bool:
        """Whether it has ended or ends within 60 days."""
        return self.days is not None and self.days <= SOON.days


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case that was submitted and is not over; returned ones wait for their author."""

    id: int
    kind: CaseKind
    status: CaseStatus
    applied_at: dt.datetime
    reviewer_id: int | None


def licences_of(session: Session, enterprise_id: int, *, today: dt.date) -> list[HeldLicence]:
    """Return the licences that count, the first to end first, those without end last."""
    rows = session.execute(
        sa.select(Licence.kind, Licence.number, Licence.issued_by, Licence.expires_on)
        .where(Licence.enterprise_id == enterprise_id, Licence.replaced_at.is_(None))
        .order_by(Licence.expires_on.is_(None), Licence.expires_on, Licence.id)
    )
    return [HeldLicence(*row, (row[3] - today).days if row[3] else None) for row in rows]


def open_cases_of(session: Session, enterprise_id: int) -> list[OpenCase]:
    """Return the cases about an entry that are not over, the oldest submission first."""
    rows = session.execute(
        sa.select(
            *(ReviewCase.id, ReviewCase.kind, ReviewCase.status),
            *(ReviewCase.applied_at, ReviewCase.reviewer_id),
        )
        .where(
            ReviewCase.enterprise_id == enterprise_id,
            ReviewCase.status.in_(OPEN),
            ReviewCase.applied_at.is_not(None),
        )
        .order_by(ReviewCase.applied_at, ReviewCase.id)
    )
    return [
        OpenCase(id_, kind, status, applied_at, reviewer_id)
        for id_, kind, status, applied_at, reviewer_id in rows
        if applied_at is not None
    ]


def contact_case_of(session: Session, enterprise_id: int) -> ReviewCase | None:
    """Return the latest accepted case of an entry that still has a contact."""
    return session.scalars(
        sa.select(ReviewCase)
        .where(
            ReviewCase.enterprise_id == enterprise_id,
            ReviewCase.status == CaseStatus.ACCEPTED,
            ReviewCase.contact.is_not(None),
        )
        .order_by(ReviewCase.decided_at.desc(), ReviewCase.id.desc())
        .limit(1)
    ).one_or_none()
