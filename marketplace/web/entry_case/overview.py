"""One case: where it stands, what to do next, what was said, and withdrawing it."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from catalog.office.cases import case_lifecycle
from catalog.office.entries.entry_lines import lines
from catalog.office.entries.entry_opening import own_case
from catalog.states import CaseStatus, WrongCaseState
from catalog.vocabulary import CaseKind
from marketplace.kernel.audit_queries import TrailEntry, entries_for
from marketplace.web.auth import staff
from marketplace.web.context import now, services
from marketplace.web.entry_case.base import CASE, HEADS, address_of, nav, opened, page, to
from marketplace.web.entry_case.case_words import told
from marketplace.web.forms import reader
from marketplace.web.i18n import translate
from marketplace.web.staff_frame import say, staff_page, warn

CAN_WITHDRAW = frozenset({CaseStatus.DRAFT, CaseStatus.APPLIED, CaseStatus.RETURNED})


@page(f"{CASE}/", methods=["GET"])
def overview(case_id: int) -> str:
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


@page(f"{CASE}/withdraw", methods=["GET", "POST"])
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
    return to("overview", case_id=case_id)


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
