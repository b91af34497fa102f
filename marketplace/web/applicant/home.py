"""An applicant's cases: where each stands, what to do next, what was said, and withdrawing one."""

from __future__ import annotations

from typing import Any

from flask import request
from werkzeug.wrappers import Response

from catalog.labels import label
from catalog.office.cases import case_lifecycle
from catalog.office.entries.entry_lines import lines
from catalog.office.entries.entry_opening import cases_of_author, open_application, own_case
from catalog.office.models import ReviewCase
from catalog.states import CASE_OPEN, CaseStatus, WrongCaseState
from catalog.vocabulary import CaseKind, ReturnReason
from marketplace.kernel.audit_queries import TrailEntry, entries_for
from marketplace.kernel.errors import DomainError
from marketplace.staff.roles import Permission
from marketplace.web.auth import needs, staff
from marketplace.web.context import lang, now, services
from marketplace.web.entry_case.base import (
    CASE,
    HEADS,
    address_of,
    blueprint,
    both,
    nav,
    opened,
    to,
)
from marketplace.web.forms import reader
from marketplace.web.i18n import translate
from marketplace.web.staff_frame import say, staff_page, warn

NEXT = {
    CaseStatus.DRAFT: "请填完每一步，再提交。填到一半可以离开，下次接着填",
    CaseStatus.APPLIED: "名录办收到了，会按先后审核。审核开始以前可以撤回",
    CaseStatus.UNDER_REVIEW: "名录办正在审核，请等结果",
    CaseStatus.RETURNED: "请按退回的原因修改，然后再提交",
    CaseStatus.ACCEPTED: "已经通过，资料已经写进名录",
    CaseStatus.REFUSED: "没有通过，原因写在下面",
    CaseStatus.WITHDRAWN: "已经撤回，名录里什么也没有改",
}
"""What happens next, as message ids."""
TONES = {
    CaseStatus.DRAFT: "",
    CaseStatus.APPLIED: "info",
    CaseStatus.UNDER_REVIEW: "info",
    CaseStatus.RETURNED: "wait",
    CaseStatus.ACCEPTED: "good",
    CaseStatus.REFUSED: "bad",
    CaseStatus.WITHDRAWN: "",
}
CAN_WITHDRAW = frozenset({CaseStatus.DRAFT, CaseStatus.APPLIED, CaseStatus.RETURNED})


def told(case: ReviewCase) -> dict[str, Any]:
    """Return what is said of a case in a list and on its own page."""
    return {
        "id": case.id,
        "kind": label(case.kind, lang()),
        "name": case.document.get("name_zh", ""),
        "status": label(case.status, lang()),
        "tone": TONES[case.status],
        "next": translate(NEXT[case.status]),
        "updated_at": case.updated_at,
        "reasons": [label(ReturnReason(reason), lang()) for reason in case.reasons],
        "remark": case.remark,
        "returned": case.status is CaseStatus.RETURNED,
        "open": case.status in CASE_OPEN,
    }


@blueprint.get("/")
@needs(Permission.APPLY)
def home() -> str:
    """List the own applications and claims, the newest first."""
    with services().database.read() as session:
        found = cases_of_author(session, author_id=staff().account.id)
    return staff_page(
        "applicant/home.html",
        nav="home",
        cases=[told(case) for case in found],
        none_open=not any(case.status in CASE_OPEN for case in found),
        link=address_of,
    )


@blueprint.post("/new")
@needs(Permission.APPLY)
def new() -> Response:
    """Begin an application, or go on with the one that is open."""
    try:
        with services().database.write() as session:
            case = open_application(session, author_id=staff().account.id, now=now())
    except DomainError as error:
        warn(error.message)
        return to("home")
    return to("case", case_id=case.id)


@both(f"{CASE}/", methods=["GET"])
def case(case_id: int) -> str:
    """Show one case: where it stands, its steps, what it says, and its story."""
    held = opened(case_id)
    with services().database.read() as session:
        story = entries_for(session, subject=("case", case_id))
    return staff_page(
        "entry_case/case.html",
        nav=nav(held),
        told=told(held.case),
        editable=held.editable,
        may_withdraw=held.case.status in CAN_WITHDRAW,
        steps=[
            (step.value, translate(HEADS[step]), not held.faults[step].all) for step in held.steps
        ],
        new_entry=held.case.kind is CaseKind.APPLICATION,
        lines=lines(held.case.document),
        story=[(entry, who(entry)) for entry in story],
        link=address_of,
    )


def who(entry: TrailEntry) -> str:
    """Return who did something: oneself, or the office; nobody else decides here."""
    own = entry.actor.account_id == staff().account.id
    return translate("您") if own else translate("名录办")


@both(f"{CASE}/withdraw", methods=["GET", "POST"])
def withdraw(case_id: int) -> str | Response:
    """Ask whether the case shall be taken back; a POST takes it back, a second one changes none."""
    held = opened(case_id)
    if request.method == "GET":
        return staff_page(
            "entry_case/withdraw.html",
            nav=nav(held),
            told=told(held.case),
            version=held.case.version,
            link=address_of,
        )
    try:
        _withdraw(case_id)
        say("已经撤回，名录里什么也没有改")
    except (WrongCaseState, case_lifecycle.StaleForm) as error:
        warn(error.message)
    return to("case", case_id=case_id)


def _withdraw(case_id: int) -> None:
    account = staff().account
    with services().database.write() as session:
        own_case(session, case_id, author_id=account.id, enterprise_id=account.enterprise_id)
        case_lifecycle.withdraw(
            session,
            case_id=case_id,
            version=reader.posted().key("version") or 0,
            actor=staff().actor,
            now=now(),
        )
