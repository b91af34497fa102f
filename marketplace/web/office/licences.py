"""Licences that have ended or will end soon."""

from __future__ import annotations

from typing import Any

from flask import request, url_for

from catalog.office.queue import ending_licences
from catalog.vocabulary import LicenceKind
from marketplace.accounts.roles import Permission
from marketplace.web import labels
from marketplace.web.account.frame import staff_page
from marketplace.web.auth import needs
from marketplace.web.context import now, services
from marketplace.web.forms import reading
from marketplace.web.office.base import blueprint


@blueprint.get("/licences")
@needs(Permission.DECIDE_ENTERPRISES)
def licences() -> str:
    """List the licences that have ended or end within 60 days, by date."""
    asked = request.args.get("kind")
    kind = LicenceKind(asked) if asked in set(LicenceKind) else None
    number = reading.page_number(request.args.get("page"))
    with services().database.read() as session:
        page = ending_licences(session, kind=kind, page=number, now=now())
    given: dict[str, Any] = {"kind": kind.value} if kind else {}
    return staff_page(
        "office/licences.html",
        nav="licences",
        page=page,
        kind=kind,
        kinds=[(one.value, labels.of(one)) for one in LicenceKind],
        page_url=lambda number: url_for("office.licences", page=number, **given),
    )
