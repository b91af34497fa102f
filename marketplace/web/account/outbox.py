"""The messages that would have gone out, on a page for development; production has no such page.

Nor has anybody but this machine: what a proxy passes on comes from elsewhere.
"""

from __future__ import annotations

from flask import Blueprint, abort, render_template

from marketplace.notify.queries import latest
from marketplace.web.context import personal, services
from marketplace.web.protection.hosts import from_this_machine
from marketplace.web.rendering import labels

blueprint = Blueprint("outbox", __name__)


@blueprint.get("/outbox")
@personal
def messages() -> str:
    """Show the newest messages to guests and operators with their words."""
    if services().settings.production or not from_this_machine():
        abort(404)
    with services().database.read() as session:
        found = latest(session)
    return render_template("account/outbox.html", messages=found, labels=labels)
