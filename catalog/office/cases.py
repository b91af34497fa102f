"""The life of a case: draft, applied, under review, returned, accepted or refused.

Every function locks the case first. A form carries the version it was shown; one that has been
overtaken is refused and changes nothing.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.office.claims import Found, look_through
from catalog.office.handling import Facts
from catalog.office.kinds import handler_of
from catalog.office.models import ReviewCase
from catalog.states import CASE_EDITABLE, CaseStatus, WrongCaseState, check_case
from catalog.vocabulary import CaseKind, ReturnReason
from marketplace.kernel import audit, outbox
from marketplace.kernel.errors import DomainError, Invalid, NotFound

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


class FactsMoved(DomainError):
    """The facts were changed otherwise since the case was submitted."""

    code = "facts_moved"
    http_status = 409
    message = "提交以后，原来的资料又有变动，还没有办理。请看新的对比再决定"


def subject_of(
    kind: CaseKind, *, author_id: int, enterprise_id: int | None, listing_id: int | None
) -> str | None:
    """Return what an open case is about, so that there is one at a time; ``None`` sets no limit."""
    if kind is CaseKind.APPLICATION:
        return f"application:{author_id}"
    if kind is CaseKind.LISTING:
        return f"listing:{listing_id}" if listing_id is not None else None
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
    """Begin a draft, or return the open one about the same thing; it starts from the facts now.

    Raises:
        AlreadyOpen: somebody who does not belong to the enterprise has one open.
    """
    subject = subject_of(
        kind, author_id=author_id, enterprise_id=enterprise_id, listing_id=listing_id
    )
    if subject is not None:
        found = session.scalars(
            sa.select(ReviewCase).where(ReviewCase.open_for == subject)
        ).one_or_none()
        if found is not None:
            if kind is CaseKind.CLAIM and found.author_id != author_id:
                raise AlreadyOpen
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
    _touch(session, case, now)
    return case


def submit(
    session: Session,
    *,
    case_id: int,
    version: int,
    actor: audit.Actor,
    now: dt.datetime,
    today: dt.date,
) -> ReviewCase:
    """Put a draft or returned case before the office.

    Raises:
        NotFound, StaleForm, WrongCaseState. Invalid: something is missing or wrong; the fields say.
    """
    case = locked(session, case_id, version=version)
    # A case under review may become applied as well, but only its reviewer lays it back.
    if case.status not in CASE_EDITABLE:
        raise WrongCaseState(extra={"state": case.status.value})
    handler = handler_of(case.kind)
    handler.check(session, case, today=today)
    found = claims_in(case)
    if found.waters and not handler.water_report(case.document):
        raise Invalid(
            {"water_report": "写到“%(words)s”，要先上传有日期的水质检测报告"},
            words="、".join(found.waters),
        )
    case.base = handler.facts_now(session, case)
    case.status = CaseStatus.APPLIED
    case.applied_at = now
    case.reviewer_id = None
    _decided(session, case, "case.applied", actor, now)
    return case


def claims_in(case: ReviewCase) -> Found:
    """Return the words of cure and of measured water in the document."""
    return look_through(handler_of(case.kind).texts(case.document))


def withdraw(
    session: Session, *, case_id: int, version: int, actor: audit.Actor, now: dt.datetime
) -> ReviewCase:
    """Take a case back before it is reviewed.

    Raises:
        NotFound, StaleForm. WrongCaseState: a reviewer has it, or it is over.
    """
    case = locked(session, case_id, version=version)
    _end(session, case, CaseStatus.WITHDRAWN, actor, now)
    return case


def take_up(
    session: Session, *, case_id: int, reviewer_id: int, actor: audit.Actor, now: dt.datetime
) -> ReviewCase:
    """Begin to review a case, so that no two people decide it.

    Raises:
        NotFound. WrongCaseState: a colleague has it, or it was withdrawn.
    """
    case = locked(session, case_id)
    check_case(case.status, CaseStatus.UNDER_REVIEW)
    case.status = CaseStatus.UNDER_REVIEW
    case.reviewer_id = reviewer_id
    _decided(session, case, "case.taken_up", actor, now)
    return case


def lay_back(session: Session, *, case_id: int, actor: audit.Actor, now: dt.datetime) -> ReviewCase:
    """Give a case back to the queue, at its old place; raises ``WrongCaseState``, ``NotFound``."""
    case = locked(session, case_id)
    if case.status is not CaseStatus.UNDER_REVIEW:
        raise WrongCaseState(extra={"state": case.status.value})
    case.status = CaseStatus.APPLIED
    case.reviewer_id = None
    _decided(session, case, "case.laid_back", actor, now)
    return case


def send_back(
    session: Session,
    *,
    case_id: int,
    version: int,
    reasons: Sequence[ReturnReason],
    remark: str,
    actor: audit.Actor,
    now: dt.datetime,
) -> ReviewCase:
    """Return a case to its author with reasons; the author mends it and submits it again.

    Raises:
        NotFound, StaleForm, WrongCaseState. Invalid: no reason, or another reason without words.
    """
    case = locked(session, case_id, version=version)
    check_case(case.status, CaseStatus.RETURNED)
    _give_reasons(case, reasons, remark)
    case.status = CaseStatus.RETURNED
    case.decided_at = now
    _decided(session, case, "case.returned", actor, now, reasons=[*case.reasons])
    return case


def refuse(
    session: Session,
    *,
    case_id: int,
    version: int,
    reasons: Sequence[ReturnReason],
    remark: str,
    actor: audit.Actor,
    now: dt.datetime,
) -> ReviewCase:
    """End a case without granting it; raises what ``send_back`` raises."""
    case = locked(session, case_id, version=version)
    check_case(case.status, CaseStatus.REFUSED)
    _give_reasons(case, reasons, remark)
    case.decided_at = now
    _end(session, case, CaseStatus.REFUSED, actor, now, reasons=[*case.reasons])
    return case


def accept(
    session: Session,
    *,
    case_id: int,
    version: int,
    overrides: Mapping[str, str],
    reviewer_id: int,
    actor: audit.Actor,
    now: dt.datetime,
    remark: str = "",
) -> ReviewCase:
    """Grant a case: its document becomes true.

    ``overrides`` give the reason why each word of cure in the document is harmless.

    Raises:
        NotFound, StaleForm, WrongCaseState. FactsMoved: the facts changed since it was submitted;
        the case now compares with the new ones. Invalid: a word of cure has no reason.
    """
    case = locked(session, case_id, version=version)
    check_case(case.status, CaseStatus.ACCEPTED)
    handler = handler_of(case.kind)
    if handler.facts_now(session, case) != case.base:
        raise FactsMoved
    case.overrides = _overrides(claims_in(case), overrides, reviewer_id)
    case.remark = remark.strip()[:LONGEST_REMARK]
    case.reasons = []
    case.decided_at = now
    subject = handler.accept(session, case, reviewer_id=reviewer_id, now=now)
    _end(session, case, CaseStatus.ACCEPTED, actor, now, overrides=case.overrides)
    audit.note(
        session,
        actor=actor,
        action=f"{subject[0]}.accepted",
        subject=subject,
        now=now,
        case=case.id,
    )
    return case


def rebase(session: Session, *, case_id: int, now: dt.datetime) -> ReviewCase:
    """Compare a case before the office with the facts as they stand now; after ``FactsMoved``."""
    case = locked(session, case_id)
    case.base = handler_of(case.kind).facts_now(session, case)
    _touch(session, case, now)
    return case


def _overrides(found: Found, given: Mapping[str, str], reviewer_id: int) -> list[dict[str, object]]:
    missing = [word for word in found.cures if not given.get(word, "").strip()]
    if missing:
        raise Invalid(
            {"overrides": "文字里有“%(words)s”。请退回修改；确实没有宣传疗效的，逐条写明理由"},
            words="、".join(missing),
        )
    return [
        {"word": word, "reason": given[word].strip()[:300], "by": reviewer_id}
        for word in found.cures
    ]


def _give_reasons(case: ReviewCase, reasons: Sequence[ReturnReason], remark: str) -> None:
    remark = remark.strip()
    if not reasons:
        raise Invalid({"reasons": "请至少选一条原因"})
    if ReturnReason.OTHER in reasons and not remark:
        raise Invalid({"remark": "选了“其他原因”，请写明是什么"})
    if len(remark) > LONGEST_REMARK:
        raise Invalid({"remark": "说明太长，请写在 2000 字以内"})
    case.reasons = [reason.value for reason in reasons]
    case.remark = remark


def _end(
    session: Session,
    case: ReviewCase,
    status: CaseStatus,
    actor: audit.Actor,
    now: dt.datetime,
    **detail: object,
) -> None:
    check_case(case.status, status)
    case.status = status
    case.open_for = None
    case.credit_code = None
    _decided(session, case, f"case.{status.value}", actor, now, **detail)


def _decided(
    session: Session,
    case: ReviewCase,
    action: str,
    actor: audit.Actor,
    now: dt.datetime,
    **detail: object,
) -> None:
    _touch(session, case, now)
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
        outbox.owe(
            session,
            key=f"notify.case:{case.id}:{case.version}",
            topic="notify.case",
            payload={"case_id": case.id, "outcome": case.status.value},
            now=now,
        )


def _touch(session: Session, case: ReviewCase, now: dt.datetime) -> None:
    case.version += 1
    case.updated_at = now
    session.flush()
