"""The office's part in the life of a case: taking it up, returning, refusing, accepting it.

As in ``catalog.office.cases.case_lifecycle``, every function locks the case first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from catalog.office.cases.case_lifecycle import (
    LONGEST_REMARK,
    claims_in,
    end_case,
    locked,
    note_step,
    touch,
)
from catalog.office.cases.handler_registry import handler_of
from catalog.office.forbidden_claims import Found
from catalog.office.models import ReviewCase
from catalog.service import LONGEST_REASON
from catalog.states import CaseStatus, WrongCaseState, check_case
from catalog.vocabulary import ReturnReason
from marketplace.kernel import audit
from marketplace.kernel.errors import DomainError, Invalid
from marketplace.kernel.messages import Message
from marketplace.kernel.text import remark_fault
from marketplace.kernel.unit_of_work import UnitOfWork


class FactsMoved(DomainError):
    """The facts were changed otherwise since the case was submitted."""

    code = "facts_moved"
    http_status = 409
    message = "提交以后，原来的资料又有变动，还没有办理。请看新的对比再决定"


def take_up(work: UnitOfWork, *, case_id: int, reviewer_id: int) -> ReviewCase:
    """Begin to review a case, so that no two people decide it.

    Raises:
        NotFound. WrongCaseState: a colleague has it, or it was withdrawn.
    """
    case = locked(work.session, case_id)
    check_case(case.status, CaseStatus.UNDER_REVIEW)
    case.status = CaseStatus.UNDER_REVIEW
    case.reviewer_id = reviewer_id
    note_step(work.session, case, "case.taken_up", work.actor, work.now)
    return case


def lay_back(work: UnitOfWork, *, case_id: int) -> ReviewCase:
    """Give a case back to the queue, at its old place; raises ``WrongCaseState``, ``NotFound``."""
    case = locked(work.session, case_id)
    if case.status is not CaseStatus.UNDER_REVIEW:
        raise WrongCaseState(extra={"state": case.status.value})
    case.status = CaseStatus.APPLIED
    case.reviewer_id = None
    note_step(work.session, case, "case.laid_back", work.actor, work.now)
    return case


def send_back(
    work: UnitOfWork, *, case_id: int, version: int, reasons: Sequence[ReturnReason], remark: str
) -> ReviewCase:
    """Return a case to its author with reasons; the author mends it and submits it again.

    Raises:
        NotFound, StaleForm, WrongCaseState. Invalid: no reason, or another reason without words.
    """
    case = locked(work.session, case_id, version=version)
    check_case(case.status, CaseStatus.RETURNED)
    _give_reasons(case, reasons, remark)
    case.status = CaseStatus.RETURNED
    case.decided_at = work.now
    note_step(work.session, case, "case.returned", work.actor, work.now, reasons=[*case.reasons])
    return case


def refuse(
    work: UnitOfWork, *, case_id: int, version: int, reasons: Sequence[ReturnReason], remark: str
) -> ReviewCase:
    """End a case without granting it; raises what ``send_back`` raises."""
    case = locked(work.session, case_id, version=version)
    check_case(case.status, CaseStatus.REFUSED)
    _give_reasons(case, reasons, remark)
    case.decided_at = work.now
    end_case(work.session, case, CaseStatus.REFUSED, work.actor, work.now, reasons=[*case.reasons])
    return case


def accept(
    work: UnitOfWork,
    *,
    case_id: int,
    version: int,
    overrides: Mapping[str, str],
    reviewer_id: int,
    remark: str = "",
) -> ReviewCase:
    """Grant a case: its document becomes true.

    ``overrides`` give the reason why each word of cure in the document is harmless.

    Raises:
        NotFound, StaleForm, WrongCaseState. FactsMoved: the facts changed since it was submitted;
        the case now compares with the new ones. Invalid: a word of cure has no reason.
    """
    case = locked(work.session, case_id, version=version)
    check_case(case.status, CaseStatus.ACCEPTED)
    remark = _remark(remark)
    handler = handler_of(case.kind)
    if handler.facts_now(work.session, case) != case.base:
        raise FactsMoved
    case.overrides = _overrides(claims_in(case), overrides, reviewer_id)
    case.remark = remark
    case.reasons = []
    case.decided_at = work.now
    subject = handler.accept(work.session, case, reviewer_id=reviewer_id, now=work.now)
    end_case(
        work.session, case, CaseStatus.ACCEPTED, work.actor, work.now, overrides=case.overrides
    )
    audit.note(
        work.session,
        actor=work.actor,
        action=f"{subject[0]}.accepted",
        subject=subject,
        now=work.now,
        case=case.id,
    )
    return case


def rebase(session: Session, *, case_id: int, now: dt.datetime) -> ReviewCase:
    """Compare a case before the office with the facts as they stand now; after ``FactsMoved``."""
    case = locked(session, case_id)
    case.base = handler_of(case.kind).facts_now(session, case)
    touch(session, case, now)
    return case


def _overrides(found: Found, given: Mapping[str, str], reviewer_id: int) -> list[dict[str, object]]:
    missing = [word for word in found.cures if not given.get(word, "").strip()]
    if missing:
        said = "文字里有“%(words)s”。请退回修改；确实没有宣传疗效的，逐条写明理由"
        raise Invalid({"overrides": Message(said, words="、".join(missing))})
    reasons = {word: given[word].strip() for word in found.cures}
    for reason in reasons.values():
        if fault := remark_fault(reason, most=LONGEST_REASON):
            raise Invalid({"overrides": fault})
    return [{"word": word, "reason": reasons[word], "by": reviewer_id} for word in found.cures]


def _remark(typed: str) -> str:
    remark = typed.strip()
    if fault := remark_fault(remark, most=LONGEST_REMARK):
        raise Invalid({"remark": fault})
    return remark


def _give_reasons(case: ReviewCase, reasons: Sequence[ReturnReason], remark: str) -> None:
    remark = _remark(remark)
    if not reasons:
        raise Invalid({"reasons": "请至少选一条原因"})
    if ReturnReason.OTHER in reasons and not remark:
        raise Invalid({"remark": "选了“其他原因”，请写明是什么"})
    case.reasons = [reason.value for reason in reasons]
    case.remark = remark
