"""The page that the ``type`` of a problem leads to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from markupsafe import Markup

from marketplace.web.api.problems import ELSEWHERE, Told
from marketplace.web.context import lang
from marketplace.web.i18n import translate
from marketplace.web.rendering import pages

WRITTEN = re.compile(r"([A-Za-z][\w./-]*)")
"""A word in Latin letters; in a Chinese text it is what programs write."""


@dataclass(frozen=True, slots=True)
class ProblemsHtml(pages.Page):
    """Every problem, each with an anchor of its code."""

    template: ClassVar[str] = "api/problems.html"

    intro: str | Markup
    problems: Sequence[tuple[str, int, str | Markup]]
    """Code, status, meaning."""
    description: str


def explained(problems: dict[str, Told], *, description: str) -> str:
    """Explain every problem; each has an anchor of its code.

    ``description`` is the address of what the problems belong to.
    """
    told = sorted((problems | ELSEWHERE).items(), key=lambda item: (item[1].status, item[0]))
    return pages.html(
        ProblemsHtml(
            intro=_marked(translate("给写程序的人看：程序按 code 处理，detail 是给人看的。")),
            problems=[(code, one.status, _marked(translate(one.meaning))) for code, one in told],
            description=description,
        )
    )


def _marked(words: str) -> str | Markup:
    """Return a Chinese text with what programs write marked as such; English ones as they are."""
    if lang() == "en":
        return words
    # Every second part is what the pattern found.
    parts = enumerate(WRITTEN.split(words))
    return Markup().join(
        Markup("<code>{}</code>").format(part) if n % 2 else part for n, part in parts
    )
