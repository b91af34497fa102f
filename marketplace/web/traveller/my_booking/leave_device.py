"""Leaving a computer that others use too: nothing of this visitor stays on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace.booking.contract import drafts
from marketplace.web.auth import leave as leave_account
from marketplace.web.context import personal, services
from marketplace.web.i18n import COOKIE as LANGUAGE
from marketplace.web.protection import attempts
from marketplace.web.rendering import pages
from marketplace.web.traveller import access
from marketplace.web.traveller.base import blueprint

SIZE = "size"


@dataclass(frozen=True, slots=True)
class LeaveHtml(pages.Page):
    """What this device still knows."""

    template: ClassVar[str] = "traveller/my_booking/leave.html"

    known: bool


@blueprint.route("/leave", methods=["GET", "POST"])
@personal
def leave() -> str | Response:
    """Say what this device still knows; a POST forgets it, here and in the database."""
    if request.method == "GET":
        known = bool(access.booking_ids() or access.draft_ids())
        return pages.html(LeaveHtml(known=known))
    if begun := access.draft_ids():
        with services().database.write() as writer:
            drafts.forget(writer, draft_ids=begun)
    leave_account()
    answer = redirect(url_for("traveller.leave"), 303)
    for name in (SIZE, LANGUAGE, attempts.cookie_name()):
        answer.delete_cookie(name)
    return answer
