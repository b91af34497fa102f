"""The messages that would have gone out, on a page for development; production has no such page.

Nor has anybody but this machine: what a proxy passes on comes from elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import Blueprint, abort

from marketplace.notify.queries import SentMessage, latest
from marketplace.web.context import personal, services
from marketplace.web.protection.hosts import from_this_machine
from marketplace.web.rendering import labels, pages

blueprint = Blueprint("outbox", __name__)


@dataclass(frozen=True, slots=True)
class OutboxHtml(pages.Page):
    """Messages with their words."""

    template: ClassVar[str] = "account/outbox.html"

    messages: Sequence[SentMessage]


@blueprint.get("/outbox")
@personal
def messages() -> str:
    """Show the newest messages to guests and operators with their words."""
    if services().settings.production or not from_this_machine():
        abort(404)
    with services().database.read() as session:
        found = latest(session)
    return pages.html(OutboxHtml(found), labels=labels)
