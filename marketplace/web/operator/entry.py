"""The own entry of the directory: its facts with their evidence, changing them, and its decisions.

A change is a case before the office, made in the same steps as an application; until it is accepted
the entry stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import redirect, url_for
from werkzeug.wrappers import Response

from catalog.labels import label
from catalog.models import Enterprise
from catalog.office.cases.case_facts import FactLine, Facts
from catalog.office.entries.entry_facts import PHOTO_FACT
from catalog.office.entries.entry_lines import lines
from catalog.office.entries.entry_opening import cases_of_enterprise, open_change
from catalog.office.entries.own_entry import own_entry
from catalog.office.models import Evidence, Licence, ReviewCase
from marketplace.kernel.audit_queries import TrailEntry, entries_about
from marketplace.kernel.errors import DomainError
from marketplace.staff.queries import colleagues
from marketplace.staff.roles import Permission
from marketplace.web.auth import needs, own_enterprise, staff
from marketplace.web.context import lang, now, services, today
from marketplace.web.entry_case.case_words import TONES
from marketplace.web.entry_case.routes import pages_for
from marketplace.web.operator.base import blueprint
from marketplace.web.rendering import labels, pages
from marketplace.web.staff_frame import framed, warn

SOON_DAYS = 60
"""A licence that ends within so many days is shown with a warning."""

blueprint.register_blueprint(pages_for(Permission.EDIT_OWN_ENTRY), url_prefix="/entry/changes")


@dataclass(frozen=True, slots=True)
class EntryHtml(pages.Page):
    """What the directory says of the own enterprise, and on what evidence."""

    template: ClassVar[str] = "operator/entry.html"

    enterprise: Enterprise
    lines: Sequence[tuple[FactLine, Evidence | None]]
    photos: Sequence[Facts]
    licences: Sequence[tuple[Licence, str, int | None]]
    """With its label, and the days left."""
    soon: int
    change: ReviewCase | None
    change_status: str
    change_tone: str


@dataclass(frozen=True, slots=True)
class DecisionsHtml(pages.Page):
    """Every decision about the enterprise and its cases."""

    template: ClassVar[str] = "operator/entry_decisions.html"

    entries: Sequence[tuple[TrailEntry, str]]
    kinds: Mapping[str, str]


@blueprint.get("/entry")
@needs(Permission.EDIT_OWN_ENTRY)
def entry() -> str:
    """Show what the directory says of the own enterprise, and on what evidence."""
    with services().database.read() as session:
        own = own_entry(session, enterprise_id=own_enterprise())
    return framed(
        EntryHtml(
            enterprise=own.enterprise,
            lines=[
                (line, own.evidence.get(_fact(line.name)))
                for line in lines(own.facts)
                if not line.name.startswith(("licence:", PHOTO_FACT))
            ],
            photos=own.facts["photos"],
            licences=[(row, label(row.kind, lang()), _days_left(row)) for row in own.licences],
            soon=SOON_DAYS,
            change=own.open_change,
            change_status=label(own.open_change.status, lang()) if own.open_change else "",
            change_tone=TONES[own.open_change.status] if own.open_change else "",
        ),
        nav="entry",
    )


def _fact(name: str) -> str:
    """Return under which name the evidence of a line is kept: the sites share theirs."""
    return "sites" if name.startswith("site:") else name


def _days_left(licence: Licence) -> int | None:
    """Return the days until a licence has ended; none for one without end."""
    return (licence.expires_on - today()).days if licence.expires_on else None


@blueprint.post("/entry/change")
@needs(Permission.EDIT_OWN_ENTRY)
def change_entry() -> Response:
    """Begin to change the entry, or go on with the change that is open."""
    return _begin("operator.case.overview")


@blueprint.post("/entry/renew")
@needs(Permission.EDIT_OWN_ENTRY)
def renew_licence() -> Response:
    """Begin to renew a licence: a change of the entry that starts at its licences."""
    return _begin("operator.case.licences")


def _begin(view: str) -> Response:
    try:
        with services().database.write() as session:
            case = open_change(
                session, author_id=staff().account.id, enterprise_id=own_enterprise(), now=now()
            )
    except DomainError as error:
        warn(error.message)
        return redirect(url_for("operator.entry"), 303)
    return redirect(url_for(view, case_id=case.id), 303)


@blueprint.get("/entry/decisions")
@needs(Permission.EDIT_OWN_ENTRY)
def decisions() -> str:
    """Show every decision about the enterprise and its cases, the newest first."""
    enterprise_id = own_enterprise()
    with services().database.read() as session:
        cases = cases_of_enterprise(session, enterprise_id=enterprise_id)
        found = entries_about(
            session,
            subjects={"enterprise": [enterprise_id], "case": [case.id for case in cases]},
        )
        names = colleagues(session, enterprise_id=enterprise_id)
    kinds = {str(case.id): label(case.kind, lang()) for case in cases}
    return framed(
        DecisionsHtml(
            entries=[(entry, labels.host_actor_label(entry.actor, names)) for entry in found],
            kinds=kinds,
        ),
        nav="entry",
    )
