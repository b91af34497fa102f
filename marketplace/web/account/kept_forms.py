"""What was typed when the session was over: shown after signing in again, and sent on if wanted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import redirect, request, session
from flask_login import login_required
from werkzeug.wrappers import Response

from marketplace.kernel.messages import minutes
from marketplace.staff import kept_forms
from marketplace.staff.kept_forms import Form
from marketplace.web.account.base import blueprint
from marketplace.web.auth import KEPT, staff
from marketplace.web.context import now, personal, services
from marketplace.web.forms import field_labels
from marketplace.web.protection.security import takes_long_text
from marketplace.web.rendering import pages
from marketplace.web.staff_frame import framed, home_url, warn

PLUMBING = re.compile(r"[\w:.-]{20,}", re.ASCII)
"""What a page gives to itself; nobody types it."""


@dataclass(frozen=True, slots=True)
class KeptHtml(pages.Page):
    """What was typed when the session was over."""

    template: ClassVar[str] = "account/kept.html"

    form: Form
    typed: Sequence[tuple[str, str]]
    """Label, a message id or nothing, and value."""


@blueprint.get("/kept")
@login_required
@personal
def kept() -> str | Response:
    """Show what was typed; nothing of it is done yet."""
    form = _found()
    if form is None:
        return _gone()
    labels = field_labels.of(form.path)
    typed = [
        (labels.get(name, ""), value)
        for name, value in form.fields
        if value.strip() and not PLUMBING.fullmatch(value)
    ]
    return framed(KeptHtml(form=form, typed=typed))


@blueprint.post("/kept/send")
@takes_long_text
@login_required
@personal
def send_kept() -> Response:
    """Let the browser send the form on to where it was meant for, once."""
    form = _found()
    if form is None:
        return _gone()
    _forget()
    return redirect(form.path, 307)


@blueprint.post("/kept/drop")
@login_required
def drop_kept() -> Response:
    """Forget what was typed, and go back to the page it was typed on."""
    form = _found()
    _forget()
    return redirect((form.page if form else "") or home_url(), 303)


def _found() -> Form | None:
    with services().database.read() as reader:
        return kept_forms.find(
            reader, token=session.get(KEPT, ""), user_id=staff().account.id, now=now()
        )


def _forget() -> None:
    with services().database.write() as writer:
        kept_forms.drop(writer, token=session.pop(KEPT, ""))


def _gone() -> Response:
    session.pop(KEPT, None)
    warn("没有留着的内容：已经接着交过，或过了 %(most)s 分钟", most=minutes(kept_forms.KEPT_FOR))
    return redirect(home_url(), 303 if request.method == "POST" else 302)
