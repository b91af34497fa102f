"""Licences that have ended or will end soon."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from catalog.office.cases.review_queue import LicenceRow, ending_licences
from catalog.vocabulary import LicenceKind
from marketplace.kernel.pagination import Page
from marketplace.staff.assignments import assigned_ids
from marketplace.staff.roles import Permission
from marketplace.web.auth import needs, staff
from marketplace.web.context import now, services
from marketplace.web.forms import reader
from marketplace.web.forms.links import link_to
from marketplace.web.office.base import blueprint
from marketplace.web.rendering import labels, pages
from marketplace.web.staff_frame import framed


@dataclass(frozen=True, slots=True)
class LicencesHtml(pages.Page):
    """Licences that have ended or will end soon."""

    template: ClassVar[str] = "office/licences.html"

    page: Page[LicenceRow]
    kind: LicenceKind | None
    mine: bool
    kinds: Sequence[tuple[str, str]]
    page_url: Callable[[int], str]


@blueprint.get("/licences")
@needs(Permission.DECIDE_ENTERPRISES)
def licences() -> str:
    """List the licences that have ended or end within 60 days, by date."""
    asked = reader.asked()
    kind, mine = asked.choice("kind", LicenceKind), asked.sent("whose") == "mine"
    number = asked.page()
    with services().database.read() as session:
        of = assigned_ids(session, staff().account.id) if mine else None
        page = ending_licences(session, kind=kind, page=number, now=now(), of=of)
    given = {"kind": kind.value} if kind else {}
    given |= {"whose": "mine"} if mine else {}
    return framed(
        LicencesHtml(
            page=page,
            kind=kind,
            mine=mine,
            kinds=[(one.value, labels.of(one)) for one in LicenceKind],
            page_url=lambda number: link_to("office.licences", given, page=number),
        ),
        nav="licences",
    )
