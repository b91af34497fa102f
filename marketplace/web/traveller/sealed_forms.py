"""What a page showed, sealed and carried by its form: a button acts on that or on nothing.

A person may have two pages open. What the one shows, the other may have changed; so each form says
what stood above its button, and a page that no longer fits is answered with both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from marketplace.web.forms import reader
from marketplace.web.rendering import pages

FIELD = "shown"
"""The name of the hidden field."""
MOST_LETTERS = 4000


Facts: TypeAlias = dict[str, Any]
"""What a page showed, as plain JSON: who reads it knows what the same page sealed."""


def seal(kind: str, facts: Mapping[str, Any]) -> str:
    """Return ``facts``, which are plain JSON, as one text that nobody but us can have made."""
    return str(_serializer(kind).dumps(dict(facts)))


def opened(kind: str) -> Facts | None:
    """Return the facts that this request's form carries; ``None`` when it carries none of ours."""
    typed = reader.posted().sent(FIELD)
    if not typed or len(typed) > MOST_LETTERS:
        return None
    try:
        facts: Facts = _serializer(kind).loads(typed)
    except BadData:
        return None
    return facts


def _serializer(kind: str) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt=f"shown:{kind}")


Rows = Sequence[tuple[str, Any]]
"""Facts as pages show them: label and value."""


@dataclass(frozen=True, slots=True)
class DiffersHtml(pages.Page):
    """What a form showed beside what is there now."""

    template: ClassVar[str] = "traveller/checkout/differs.html"

    before: Rows
    current: Sequence[tuple[str, Any, bool]]
    """Label and value, and whether it differs."""
    ways: Sequence[tuple[str, str]]
    sample: bool
    back: tuple[str, str] | None


def both(
    before: Rows,
    current: Rows,
    *,
    ways: Sequence[tuple[str, str]],
    sample: bool,
    back: tuple[str, str] | None = None,
) -> tuple[str, int]:
    """Return the page that shows what the form showed beside what is there now.

    ``before`` is empty when that is not known. ``ways``: what can be chosen, address and words,
    the present first. ``sample``: whether it is about sample data. ``back``: address and words of
    the way back.
    """
    page = pages.html(
        DiffersHtml(
            before=before,
            current=[(*row, bool(before) and row not in before) for row in current],
            ways=ways,
            sample=sample,
            back=back,
        )
    )
    return page, 409
