"""An applicant's cases: all of them, and beginning an application."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import redirect, url_for
from werkzeug.wrappers import Response

from catalog.office.entries.entry_opening import cases_of_author, open_application
from catalog.states import CASE_OPEN
from marketplace.kernel.errors import DomainError
from marketplace.staff.roles import Permission
from marketplace.web.applicant.base import blueprint
from marketplace.web.auth import needs, staff
from marketplace.web.context import now, services
from marketplace.web.entry_case.case_words import CaseShown, told
from marketplace.web.rendering import pages
from marketplace.web.staff_frame import framed, warn


@dataclass(frozen=True, slots=True)
class HomeHtml(pages.Page):
    """The own applications and claims."""

    template: ClassVar[str] = "applicant/home.html"

    cases: Sequence[CaseShown]
    none_open: bool


@blueprint.get("/")
@needs(Permission.APPLY)
def home() -> str:
    """List the own applications and claims, the newest first."""
    with services().database.read() as session:
        found = cases_of_author(session, author_id=staff().account.id)
    return framed(
        HomeHtml(
            cases=[told(case) for case in found],
            none_open=not any(case.status in CASE_OPEN for case in found),
        ),
        nav="home",
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
        return redirect(url_for("applicant.home"), 303)
    return redirect(url_for("applicant.case.overview", case_id=case.id), 303)
