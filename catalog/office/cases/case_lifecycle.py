"""The life of a case: draft, applied, under review, returned, accepted or refused.

Every function locks the case first. A form carries the version it was shown; one that has been
overtaken is refused and changes nothing.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.effects import CaseDecided
from catalog.office.cases.case_facts import Facts
from catalog.office.cases.handler_registry import handler_of
from catalog.office.forbidden_claims import Found, look_through
from catalog.office.models import ReviewCase
from catalog.states import CASE_EDITABLE, CaseStatus, WrongCaseState, check_case
from catalog.vocabulary import CaseKind
from marketplace.kernel import audit, outbox
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.errors import DomainError, Invalid, NotFound
from marketplace.kernel.messages import Message
from marketplace.kernel.unit_of_work import UnitOfWork

LONGEST_REMARK = 2000
TOLD = frozenset({CaseStatus.RETURNED, CaseStatus.ACCEPTED, CaseStatus.REFUSED})
"""Decisions that the author is told of by message."""


class StaleForm(DomainError):
    """Somebody saved or decided after the form was shown."""

    code = "stale_form"
    http_status = 409
    message = "您打开这一页以后，内容已经有人改过，这次没有保存。请刷新看最新的内容，再改一次"


class AlreadyOpen(DomainError):
    """Somebody else's case about the same thing is open."""

    code = "already_open"
    http_status = 409
    message = "这一项已经有一份没办完的申请，请等它办完"


def subject_of(
    kind: CaseKind, *, author_id: int, enterprise_id: int | None, listing_id: int | None
) -> str | None:
    """Return what an open case is about, so that there is one at a time; ``None`` sets no limit."""
    if kind is CaseKind.APPLICATION:
        return f"application:{author_id}"
    if kind is CaseKind.LISTING:
        return f"listing:{listing_id}" if listing_id is not None else None
    if kind is CaseKind.CLAIM:
        # A draft keeps nobody else from claiming; before the office there is one, see ``submit``.
        return f"claim:{enterprise_id}:{author_id}"
    return f"{kind.value}:{enterprise_id}"


def open_case(
    session: Session,
    *,
    kind: CaseKind,
    author_id: int,
    now: dt.datetime,
    enterprise_id: int | None = None,
    listing_id: int | None = None,
    document: Facts | None = None,
) -> ReviewCase:
    """Begin a draft, or return the open one about the same thing; it starts from the facts now."""
    subject = subject_of(
        kind, author_id=author_id, enterprise_id=enterprise_id, listing_id=listing_id
    )
    if subject is not None:
        found = session.scalars(
            sa.select(ReviewCase).where(ReviewCase.open_for == subject)
        ).one_or_none()
        if found is not None:
            return found
    case = ReviewCase(
        kind=kind,
        status=CaseStatus.DRAFT,
        author_id=author_id,
        enterprise_id=enterprise_id,
        listing_id=listing_id,
        document={},
        base={},
        open_for=subject,
        version=1,
        opened_at=now,
        updated_at=now,
    )
    session.add(case)
    session.flush()
    case.base = handler_of(kind).facts_now(session, case)
    case.document = dict(document) if document is not None else dict(case.base)
    session.flush()
    return case


def locked(session: Session, case_id: int, *, version: int | None = None) -> ReviewCase:
    """Return the case with its row locked until the transaction ends.

    Raises:
        NotFound: there is none. StaleForm: it is not at ``version`` any more.
    """
    case = session.scalars(
        sa.select(ReviewCase)
        .where(ReviewCase.id == case_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if case is None:
        raise NotFound
    if version is not None and case.version != version:
        raise StaleForm(extra={"version": case.version})
    return case


def save(
    session: Session,
    *,
    case_id: int,
    version: int,
    facts: Mapping[str, object],
    now: dt.datetime,
    contact: Mapping[str, str] | None = None,
) -> ReviewCase:
    """Set ``facts`` in the document of a draft or returned case; other facts stay.

    ``contact`` is the name and phone of whom to ask; it is encrypted at rest.

    Raises:
        NotFound, StaleForm. WrongCaseState: it is before the office, or over.
    """
    case = locked(session, case_id, version=version)
    if case.status not in CASE_EDITABLE:
        raise WrongCaseState(extra={"state": case.status.value})
    case.document = {**case.document, **facts}
    if contact is not None:
        case.contact = json.dumps(dict(contact), ensure_ascii=False)
    touch(session, case, now)
    return case


def submit(work: UnitOfWork, *, case_id: int, version: int) -> ReviewCase:
    """Put a draft or returned case before the office.

    Raises:
        NotFound, StaleForm, WrongCaseState. Invalid: something is missing or wrong; the fields say.
        AlreadyOpen: somebody else's claim of the entry is before the office.
    """
    session = work.session
    case = locked(session, case_id, version=version)
    # A case under review may become applied as well, but only its reviewer lays it back.
    if case.status not in CASE_EDITABLE:
        raise WrongCaseState(extra={"state": case.status.value})
    handler = handler_of(case.kind)
    handler.check(session, case, today=shanghai_date(work.now))
    if case.kind is CaseKind.CLAIM and _claimed_by_another(session, case):
        raise AlreadyOpen
    found = claims_in(case)
    if found.waters and not handler.water_report(case.document):
        said = "写到“%(words)s”，要先上传有日期的水质检测报告"
        raise Invalid({"water_report": Message(said, words="、".join(found.waters))})
    case.base = handler.facts_now(session, case)
    case.status = CaseStatus.APPLIED
    case.applied_at = work.now
    case.reviewer_id = None
    note_step(session, case, "case.applied", work.actor, work.now)
    return case


def _claimed_by_another(session: Session, case: ReviewCase) -> bool:
    found = session.scalar(
        sa.select(ReviewCase.id)
        .where(
            ReviewCase.kind == CaseKind.CLAIM,
            ReviewCase.enterprise_id == case.enterprise_id,
            ReviewCase.status.in_({CaseStatus.APPLIED, CaseStatus.UNDER_REVIEW}),
            ReviewCase.id != case.id,
        )
        .limit(1)
    )
    return found is not None


def claims_in(case: ReviewCase) -> Found:
    """Return the words of cure and of measured water in the document."""
    cautions = [case.document.get(name) or "" for name in ("cautions_zh", "cautions_en")]
    return look_through(handler_of(case.kind).texts(case.document), cautions=cautions)


def withdraw(work: UnitOfWork, *, case_id: int, version: int) -> ReviewCase:
    """Take a case back before it is reviewed.

    Raises:
        NotFound, StaleForm. WrongCaseState: a reviewer has it, or it is over.
    """
    case = locked(work.session, case_id, version=version)
    end_case(work.session, case, CaseStatus.WITHDRAWN, work.actor, work.now)
    return case


def end_case(
    session: Session,
    case: ReviewCase,
    status: CaseStatus,
    actor: audit.Actor,
    now: dt.datetime,
    **detail: object,
) -> None:
    """End a locked case as ``status``: what it kept others from is open again."""
    check_case(case.status, status)
    case.status = status
    case.open_for = None
    case.credit_code = None
    note_step(session, case, f"case.{status.value}", actor, now, **detail)


def note_step(
    session: Session,
    case: ReviewCase,
    action: str,
    actor: audit.Actor,
    now: dt.datetime,
    **detail: object,
) -> None:
    """Write down a step in the life of a locked case, and owe its author the news of an answer."""
    touch(session, case, now)
    audit.note(
        session,
        actor=actor,
        action=action,
        subject=("case", case.id),
        now=now,
        kind=case.kind.value,
        **detail,
    )
    if case.status in TOLD:
        news = CaseDecided.at(case.id, version=case.version, outcome=case.status)
        outbox.owe(session, news, now=now)


def touch(session: Session, case: ReviewCase, now: dt.datetime) -> None:
    """Count a change of a locked case: forms that show an older version are refused."""
    case.version += 1
    case.updated_at = now
    session.flush()
