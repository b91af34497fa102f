"""Licences that have ended or will end soon."""

from __future__ import annotations

from typing import Any

from flask import url_for

from catalog.office.cases.review_queue import ending_licences
from catalog.vocabulary import LicenceKind
from marketplace.staff.assignments import assigned_ids
from marketplace.staff.roles import Permission
from marketplace.web.auth import needs, staff
from marketplace.web.context import now, services
from marketplace.web.forms import reader
from marketplace.web.office.base import blueprint
from marketplace.web.rendering import labels
from marketplace.web.staff_frame import staff_page


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
    given: dict[str, Any] = {"kind": kind.value} if kind else {}
    given |= {"whose": "mine"} if mine else {}
    return staff_page(
        "office/licences.html",
        nav="licences",
        page=page,
        kind=kind,
        mine=mine,
        kinds=[(one.value, labels.of(one)) for one in LicenceKind],
        page_url=lambda number: url_for("office.licences", page=number, **given),
    )
