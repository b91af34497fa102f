"""The last step: everything that was given, everything that is wrong, and submitting it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import request

from catalog.office.cases import case_lifecycle
from catalog.office.cases.case_facts import FactLine
from catalog.office.entries.entry_faults import Step
from catalog.office.entries.entry_lines import lines
from catalog.office.entries.entry_opening import own_case
from catalog.office.models import ReviewCase
from catalog.states import WrongCaseState
from marketplace.kernel.errors import Invalid
from marketplace.web.auth import staff
from marketplace.web.context import services, unit_of_work
from marketplace.web.entry_case.base import (
    CASE,
    HEADS,
    Answer,
    Opened,
    address_of,
    nav,
    opened,
    page,
    to,
)
from marketplace.web.errors import words_of
from marketplace.web.forms import reader
from marketplace.web.i18n import translate
from marketplace.web.rendering import pages
from marketplace.web.staff_frame import errors_of, framed, say, warn

ALREADY = "这份申请先前已经提交，没有重复提交"


@page(f"{CASE}/check", methods=["GET", "POST"])
def check(case_id: int) -> Answer:
    """Show everything before it is submitted; a POST submits it."""
    held = opened(case_id)
    if request.method == "GET":
        return _page(held) if held.editable else to("overview", case_id=case_id)
    try:
        _submit(case_id)
    except (WrongCaseState, case_lifecycle.StaleForm, case_lifecycle.AlreadyOpen) as error:
        held = opened(case_id)
        if held.editable:
            return _page(held, {"": words_of(error)}), error.http_status
        warn(ALREADY)
        return to("overview", case_id=case_id)
    except Invalid as error:
        held = opened(case_id)
        known = any(faults.all for faults in held.faults.values())
        return _page(held, {} if known else errors_of(error)), error.http_status
    say("已经提交。名录办审核后，结果写在这一页")
    return to("overview", case_id=case_id)


def _submit(case_id: int) -> None:
    account = staff().account
    with services().database.write() as session:
        own_case(session, case_id, author_id=account.id, enterprise_id=account.enterprise_id)
        case_lifecycle.submit(
            unit_of_work(session, staff().actor),
            case_id=case_id,
            version=reader.posted().key("version") or 0,
        )


@dataclass(frozen=True, slots=True)
class CheckHtml(pages.Page):
    """Everything once more, and what is missing."""

    template: ClassVar[str] = "entry_case/check.html"

    case: ReviewCase
    errors: Mapping[str, str]
    faults: Sequence[tuple[str, str, Sequence[tuple[str, str]]]]
    """View, heading, and the faults by field."""
    number: int
    lines: Sequence[FactLine]
    cures: Sequence[str]
    """Words of cure in what it says."""
    link: Callable[..., str]


def _page(held: Opened, errors: dict[str, str] | None = None) -> str:
    return framed(
        CheckHtml(
            case=held.case,
            errors=errors or {},
            faults=[
                (step.value, translate(HEADS[step]), _said(held, step))
                for step in held.steps
                if held.faults[step].all
            ],
            number=len(held.steps) + 1,
            lines=lines(held.case.document),
            cures=case_lifecycle.claims_in(held.case).cures,
            link=address_of,
        ),
        nav=nav(held),
    )


def _said(held: Opened, step: Step) -> list[tuple[str, str]]:
    """Return the faults of a step as (field, sentence)."""
    return [(name, translate(said)) for name, said in held.faults[step].all.items()]
