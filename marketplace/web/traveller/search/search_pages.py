"""The search pages: results, filters, and the words that complete what is being typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import orjson
from flask import Response, url_for

from marketplace.web.context import address, lang, services, today
from marketplace.web.forms import reader
from marketplace.web.forms.field_sizes import SIZES
from marketplace.web.forms.links import LinkValue, link_to
from marketplace.web.forms.stay_form import can_be_looked_for
from marketplace.web.protection import limits
from marketplace.web.rendering import pages
from marketplace.web.rendering.page_cache import Page, kept
from marketplace.web.rendering.price_words import Named
from marketplace.web.traveller.base import blueprint
from marketplace.web.traveller.search import facet_words, results
from marketplace.web.traveller.search.question import read_search
from marketplace.web.traveller.search.search_answer import Asked, ask

MOST_COMPLETIONS = 6
KEEP_COMPLETIONS = "private, max-age=60"


@dataclass(frozen=True, slots=True)
class WayOn:
    """A way to go on from what is being typed, as the page's script reads it."""

    text: str
    lang: str
    what: str
    count: int
    url: str


@dataclass(frozen=True, slots=True)
class FiltersHtml(pages.Page):
    """What the place must have, with how many places each answer leaves."""

    template: ClassVar[str] = "traveller/search/filters.html"

    questions: Sequence[facet_words.Question]
    near: str
    places: Sequence[tuple[str, Named]]
    hidden: Mapping[str, LinkValue]
    total: int
    errors: Mapping[str, str]
    results_url: str
    clear_url: str


@blueprint.get("/search")
def search() -> Page:
    """Find stays by words, dates, people and needs, with exact totals."""
    limits.spend(limits.SEARCH, "search", address())
    return kept(_results_page)


def _results_page() -> Page:
    asked = _ask()
    return pages.html(results.shown(asked, today())), _status(asked)


@blueprint.get("/search/filters")
def filters() -> tuple[str, int]:
    """Ask what the place must have, with how many places each answer leaves."""
    limits.spend(limits.SEARCH, "search", address())
    asked = _ask(places_too=True)
    form = asked.form
    shown = FiltersHtml(
        questions=facet_words.asked(asked.answer.facets),
        near=form.near,
        places=facet_words.places(asked.places),
        hidden=facet_words.hidden(form),
        total=asked.answer.page.total,
        errors=asked.errors(),
        results_url=link_to("traveller.search", form.args()),
        clear_url=link_to("traveller.filters", form.bare()),
    )
    return pages.html(shown), _status(asked)


@blueprint.get("/search/dates", endpoint="search_dates")
def dates() -> tuple[str, int]:
    """Ask for dates, people and where they come from; everything else of the question is kept."""
    limits.spend(limits.SEARCH, "search", address())
    asked = _ask()
    return pages.html(results.dates(asked, today())), _status(asked)


def _ask(*, places_too: bool = False) -> Asked:
    form = read_search(reader.asked(), today=today())
    with services().database.read() as session:
        return ask(session, form, places_too=places_too)


def _status(asked: Asked) -> int:
    return 422 if asked.errors() else 200


@blueprint.get("/search/words")
def search_words() -> Response:
    """Answer with ways to go on from what is being typed, the likeliest first."""
    limits.spend(limits.COMPLETE, "complete", address())
    typed = reader.asked().line("q", SIZES.words)
    found = []
    if can_be_looked_for(typed):
        tag = "en" if lang() == "en" else "zh-CN"
        found = services().words.complete(typed, lang=tag, limit=MOST_COMPLETIONS)
    body = [
        WayOn(one.text, one.lang, one.what, one.count, url_for("traveller.search", q=one.text))
        for one in found
    ]
    answer = Response(orjson.dumps(body), content_type="application/json")
    answer.headers["Cache-Control"] = KEEP_COMPLETIONS
    return answer
