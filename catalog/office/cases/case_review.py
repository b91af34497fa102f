"""What a reviewer does with a case: only who took it up decides it, and decides it once.

The steps themselves are in ``decisions``; these functions ask first whose case it is.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.office.cases import case_lifecycle, decisions
from catalog.office.models import ReviewCase
from catalog.states import CaseStatus, WrongCaseState
from catalog.vocabulary import ReturnReason
from marketplace.kernel import audit
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.kernel.unit_of_work import UnitOfWork

CONTACT_READ = "case.contact_read"
CONTACT_KEPT = dt.timedelta(days=365)
BEFORE_OFFICE = (CaseStatus.APPLIED, CaseStatus.UNDER_REVIEW)


class NotYours(DomainError):
    """A colleague has taken the case up."""

    code = "not_yours"
    http_status = 409
    message = "这份申请由另一位同事在审核，请他决定，或者请他放回队列"


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom the office may ask about a case; personal data."""

    name: str
    phone: str


def hold(session: Session, *, case_id: int, reviewer_id: int) -> ReviewCase:
    """Lock a case that ``reviewer_id`` has taken up and nobody has decided.

    Raises:
        NotFound. WrongCaseState: it is decided, or nobody has taken it up. NotYours.
    """
    case = case_lifecycle.locked(session, case_id)
    if case.status is not CaseStatus.UNDER_REVIEW:
        raise WrongCaseState(extra={"state": case.status.value})
    if case.reviewer_id != reviewer_id:
        raise NotYours
    return case


def lay_back(work: UnitOfWork, *, case_id: int, reviewer_id: int) -> None:
    """Give a case back to the queue; raises what ``hold`` raises."""
    hold(work.session, case_id=case_id, reviewer_id=reviewer_id)
    decisions.lay_back(work, case_id=case_id)


def turn_down(
    work: UnitOfWork,
    *,
    case_id: int,
    version: int,
    for_good: bool,
    reasons: Sequence[ReturnReason],
    remark: str,
    reviewer_id: int,
) -> None:
    """Return a case to its author for mending, or refuse it for good.

    Raises:
        NotFound, WrongCaseState, NotYours, StaleForm. Invalid: no reason, or one without words.
    """
    hold(work.session, case_id=case_id, reviewer_id=reviewer_id)
    step = decisions.refuse if for_good else decisions.send_back
    step(work, case_id=case_id, version=version, reasons=reasons, remark=remark)


def compare_anew(session: Session, *, case_id: int, reviewer_id: int, now: dt.datetime) -> None:
    """Compare a case with the facts as they are now, after ``FactsMoved``; raises as ``hold``."""
    hold(session, case_id=case_id, reviewer_id=reviewer_id)
    decisions.rebase(session, case_id=case_id, now=now)


def read_contact(session: Session, *, case_id: int, actor: audit.Actor, now: dt.datetime) -> None:
    """Note that a reviewer reads name and phone of a case's contact: once for each of them.

    Raises:
        NotFound: there is no such case before the office.
    """
    case = case_lifecycle.locked(session, case_id)
    if case.applied_at is None or case.contact is None:
        raise NotFound
    if not has_read_contact(session, case_id=case_id, actor=actor):
        audit.note(session, actor=actor, action=CONTACT_READ, subject=("case", case_id), now=now)


def has_read_contact(session: Session, *, case_id: int, actor: audit.Actor) -> bool:
    """Tell whether the trail says that ``actor`` has read the contact of a case."""
    entry = audit.AuditEntry
    found = session.scalar(
        sa.select(entry.id)
        .where(
            entry.subject_kind == "case",
            entry.subject_id == str(case_id),
            entry.action == CONTACT_READ,
            entry.actor_kind == actor.kind,
            entry.actor_id == actor.id,
        )
        .limit(1)
    )
    return found is not None


def contact_of(case: ReviewCase) -> Contact | None:
    """Return whom to ask about a case; ``None`` when nobody is named, or not any more."""
    if case.contact is None:
        return None
    given: Mapping[str, str] = json.loads(case.contact)
    return Contact(given.get("name", ""), given.get("phone", ""))


def forget_contacts(session: Session, *, now: dt.datetime) -> int:
    """Erase the contacts of cases in which nothing has happened for a year; returns how many.

    Cases that wait for the office keep theirs: somebody has to be asked.
    """
    erased = session.execute(
        sa.update(ReviewCase)
        .where(
            ReviewCase.contact.is_not(None),
            ReviewCase.status.not_in(BEFORE_OFFICE),
            ReviewCase.updated_at < now - CONTACT_KEPT,
        )
        .values(contact=None)
        .returning(ReviewCase.id)
    )
    return len(erased.all())
