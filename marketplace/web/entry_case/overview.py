"""One case: where it stands, what to do next, what was said, and withdrawing it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import request
from werkzeug.wrappers import Response

from catalog.office.cases import case_lifecycle
from catalog.office.cases.case_facts import FactLine
from catalog.office.entries.entry_lines import lines
from catalog.office.entries.entry_opening import own_case
from catalog.states import CaseStatus, WrongCaseState
from catalog.vocabulary import CaseKind
from marketplace.kernel.audit_queries import TrailEntry, entries_for
from marketplace.web.auth import staff
from marketplace.web.context import services, unit_of_work
from marketplace.web.entry_case.base import CASE, HEADS, address_of, nav, opened, page, to
from marketplace.web.entry_case.case_words import CaseShown, told
from marketplace.web.forms import reader
from marketplace.web.i18n import translate
from marketplace.web.rendering import pages
from marketplace.web.staff_frame import framed, say, warn

CAN_WITHDRAW = frozenset({CaseStatus.DRAFT, CaseStatus.APPLIED, CaseStatus.RETURNED})


@dataclass(frozen=True, slots=True)
class CaseHtml(pages.Page):
    """Where a case stands, its steps, what it says, and its story."""

    template: ClassVar[str] = "entry_case/case.html"

    told: CaseShown
    editable: bool
    may_withdraw: bool
    steps: Sequence[tuple[str, str, bool]]
    """View, heading, and whether nothing is missing or wrong."""
    new_entry: bool
    lines: Sequence[FactLine]
    story: Sequence[tuple[TrailEntry, str]]
    """Each entry with who it was."""
    link: Callable[..., str]


@dataclass(frozen=True, slots=True)
class WithdrawHtml(pages.Page):
    """Whether a case shall be taken back."""

    template: ClassVar[str] = "entry_case/withdraw.html"

    told: CaseShown
    version: int
    link: Callable[..., str]


@page(f"{CASE}/", methods=["GET"])
def overview(case_id: int) -> str:
    """Show one case: where it stands, its steps, what it says, and its story."""
    held = opened(case_id)
    with services().database.read() as session:
        story = entries_for(session, subject=("case", case_id))
    return framed(
        CaseHtml(
            told=told(held.case),
            editable=held.editable,
            may_withdraw=held.case.status in CAN_WITHDRAW,
            steps=[
                (step.value, translate(HEADS[step]), not held.faults[step].all)
                for step in held.steps
            ],
            new_entry=held.case.kind is CaseKind.APPLICATION,
            lines=lines(held.case.document),
            story=[(entry, who(entry)) for entry in story],
            link=address_of,
        ),
        nav=nav(held),
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
        return framed(
            WithdrawHtml(
                told=told(held.case),
                version=held.case.version,
                link=address_of,
            ),
            nav=nav(held),
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
            unit_of_work(session, staff().actor),
            case_id=case_id,
            version=reader.posted().key("version") or 0,
        )
