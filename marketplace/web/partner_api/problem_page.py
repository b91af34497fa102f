"""The page that the ``type`` of a problem leads to."""

from __future__ import annotations

from flask import render_template

from marketplace.web.i18n import translate
from marketplace.web.partner_api.door import blueprint
from marketplace.web.partner_api.problems import ELSEWHERE, PROBLEMS


@blueprint.get("/docs/problems")
def problem_page() -> str:
    """Explain every problem; each has an anchor of its code."""
    told = sorted((PROBLEMS | ELSEWHERE).items(), key=lambda item: (item[1].status, item[0]))
    return render_template(
        "partners/problems.html",
        problems=[(code, one.status, translate(one.meaning)) for code, one in told],
    )
