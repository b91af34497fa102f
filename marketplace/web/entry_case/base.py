"""What the steps share: who asks, their case, saving it, and the frame of a step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeAlias, TypeVar

from flask import redirect
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from catalog.office.cases import case_lifecycle
from catalog.office.cases.case_facts import Facts
from catalog.office.entries.entry_cases import EntryHandler
from catalog.office.entries.entry_faults import Faults, Step
from catalog.office.entries.entry_lines import lines
from catalog.office.entries.entry_opening import own_case
from catalog.office.models import ReviewCase
from catalog.states import CASE_EDITABLE, WrongCaseState
from catalog.vocabulary import CaseKind
from marketplace.kernel.errors import DomainError, Invalid
from marketplace.staff.roles import Role
from marketplace.web.auth import staff
from marketplace.web.context import now, services, today
from marketplace.web.forms import reader
from marketplace.web.forms.links import LinkValue, link_to
from marketplace.web.rendering import pages
from marketplace.web.staff_frame import errors_of, framed

View = TypeVar("View", bound=Callable[..., Any])
Answer: TypeAlias = str | Response | tuple[str, int]
CASE = "/<int(max=999999999999999):case_id>"
"""How a case stands in an address."""
STEPS = tuple(Step)
HEADS = {
    Step.PROOF: "与企业的关系",
    Step.BUSINESS: "企业",
    Step.PLACE: "地点",
    Step.LICENCES: "证照",
    Step.ABOUT: "等级和介绍",
    Step.PHOTOS: "照片",
}
"""What each step is called, as message ids."""


@dataclass(frozen=True, slots=True)
class CasePage:
    """A page of a case, not yet put below anybody's address."""

    path: str
    view: Callable[..., Any]
    methods: tuple[str, ...]


VIEWS: list[CasePage] = []
"""Every page of a case, in the order of their modules."""


def page(path: str, *, methods: Iterable[str]) -> Callable[[View], View]:
    """Make a view a page of a case, wherever cases are; ``routes`` says who may open it there."""

    def wrap(view: View) -> View:
        VIEWS.append(CasePage(path, view, tuple(methods)))
        return view

    return wrap


def address_of(view: str, **values: LinkValue) -> str:
    """Return the address of a page of a case, below the same address as the page that is shown."""
    return link_to(f".{view}", values)


def to(view: str, **values: LinkValue) -> Response:
    """Lead on to a page of a case."""
    return redirect(address_of(view, **values), 303)


@dataclass(frozen=True, slots=True)
class Opened:
    """A case with what every page of it says."""

    case: ReviewCase
    faults: dict[Step, Faults]

    @property
    def editable(self) -> bool:
        """Whether its author may change it."""
        return self.case.status in CASE_EDITABLE

    @property
    def steps(self) -> list[Step]:
        """The steps of this kind of case, in order: a claim begins with its proof."""
        first = [Step.PROOF] if Step.PROOF in self.faults else []
        return first + [step for step in STEPS if step in self.faults and step is not Step.PROOF]

    def after(self, step: Step) -> str:
        """Return the view that follows a step."""
        place = self.steps.index(step) + 1
        return self.steps[place].value if place < len(self.steps) else "check"


def opened(case_id: int) -> Opened:
    """Return the signed-in person's case; raises ``NotFound`` for any other."""
    account = staff().account
    with services().database.read() as session:
        case = own_case(session, case_id, author_id=account.id, enterprise_id=account.enterprise_id)
        return Opened(case, EntryHandler().faults(session, case, today=today()))


def keep(case_id: int, facts: Facts, *, contact: Mapping[str, str] | None = None) -> None:
    """Save ``facts`` in the case, at the version that the form was shown.

    Raises:
        NotFound, StaleForm, WrongCaseState: nothing was saved.
    """
    with services().database.write() as session:
        save(session, case_id, facts, contact=contact)


def save(
    session: Session, case_id: int, facts: Facts, *, contact: Mapping[str, str] | None = None
) -> None:
    """Do what ``keep`` does in a transaction that is under way."""
    account = staff().account
    own_case(session, case_id, author_id=account.id, enterprise_id=account.enterprise_id)
    case_lifecycle.save(
        session,
        case_id=case_id,
        version=reader.posted().key("version") or 0,
        facts=facts,
        contact=contact,
        now=now(),
    )


def refuse_wrong(faults: Faults) -> None:
    """Raise ``Invalid`` for what cannot be used; what is missing may be missing in a draft."""
    if faults.wrong:
        raise Invalid(faults.wrong)


def refuse_any(faults: Faults) -> None:
    """Raise ``Invalid`` for what cannot be used or is missing."""
    if faults.all:
        raise Invalid(faults.all)


def step_page(
    page: pages.Page, held: Opened, step: Step, error: DomainError | None = None
) -> Answer:
    """Show a step; with an error nothing was saved, and what was typed is shown again."""
    if not held.editable and error is None:
        return to("overview", case_id=held.case.id)
    overtaken = isinstance(error, (case_lifecycle.StaleForm, WrongCaseState))
    shown = framed(
        page,
        nav=nav(held),
        case=held.case,
        editable=held.editable,
        errors=errors_of(error) if error else {},
        overtaken=lines(held.case.document) if overtaken else [],
        step=step,
        head=HEADS[step],
        number=held.steps.index(step) + 1,
        total=len(held.steps) + 1,
        link=address_of,
    )
    return shown, error.http_status if error else HTTPStatus.OK


def nav(held: Opened) -> str:
    """Return which entry of the menu a case belongs to."""
    if staff().account.role is Role.OPERATOR:
        return "entry"
    return "claim" if held.case.kind is CaseKind.CLAIM else "home"
