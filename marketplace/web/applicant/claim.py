"""Claiming an entry that nobody has claimed: finding it, and beginning the claim."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import redirect, url_for
from werkzeug.wrappers import Response

from catalog.labels import label
from catalog.office.entries.entry_opening import (
    Claimable,
    NotClaimable,
    OneAtATime,
    claimable,
    open_claim,
)
from marketplace.staff.roles import Permission
from marketplace.web.applicant.base import blueprint
from marketplace.web.auth import needs, staff
from marketplace.web.context import lang, now, services
from marketplace.web.forms import reader
from marketplace.web.forms.field_sizes import SIZES
from marketplace.web.rendering import pages
from marketplace.web.staff_frame import framed, warn


@dataclass(frozen=True, slots=True)
class ClaimHtml(pages.Page):
    """Entries that can be claimed."""

    template: ClassVar[str] = "applicant/claim.html"

    q: str
    found: Sequence[Claimable]
    category: Callable[[Claimable], str]


@blueprint.get("/claim")
@needs(Permission.APPLY)
def claim() -> str:
    """Look among the entries that can be claimed by name, number or place."""
    q = reader.asked().text("q", SIZES.words)
    with services().database.read() as session:
        found = claimable(session, words=q) if q else []
    return framed(
        ClaimHtml(
            q=q,
            found=found,
            category=lambda item: label(item.category, lang()),
        ),
        nav="claim",
    )


@blueprint.post("/claim/<code>")
@needs(Permission.APPLY)
def begin_claim(code: str) -> Response:
    """Begin to claim an entry; pressed twice, it leads to the same claim."""
    try:
        with services().database.write() as session:
            case = open_claim(
                session, author_id=staff().account.id, code=code, actor=staff().actor, now=now()
            )
    except (NotClaimable, OneAtATime) as error:
        warn(error.message)
        return redirect(url_for("applicant.home"), 303)
    return redirect(url_for("applicant.case.proof", case_id=case.id), 303)
