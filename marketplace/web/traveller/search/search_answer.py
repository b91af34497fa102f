"""Asks the offers what the search pages want to know, with the names in the question looked up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from catalog.geography import reference_queries, source_cities
from catalog.geography.source_cities import Train
from catalog.views import SourceCityView
from marketplace.offers.search import distance
from marketplace.offers.search import search_service as offers
from marketplace.offers.search.search_types import Answer, Near
from marketplace.web.context import services, today
from marketplace.web.forms.links import LinkArgs
from marketplace.web.forms.stay_form import NO_WORDS
from marketplace.web.i18n import translate
from marketplace.web.traveller import presenters
from marketplace.web.traveller.search import facet_words, other_results
from marketplace.web.traveller.search.other_results import Beside
from marketplace.web.traveller.search.question import SearchForm, read_args

SHORTER_NIGHTS = 30
"""A stay that is tried where a longer one finds nothing."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, what its names stand for, and its answer."""

    form: SearchForm
    answer: Answer
    cities: Sequence[SourceCityView]
    origin: SourceCityView | None
    trains: Mapping[str, Train]
    """The fastest train from the origin to each station, by its Chinese name."""
    places: Sequence[Near]
    """What one can be near to; empty where nobody asked."""
    near: Near | None
    beside: Beside | None
    """What the words find beside the stays, on the first page; ``None`` without words."""
    shorter: int = 0
    """Where nothing was found: how many places a stay of ``SHORTER_NIGHTS`` would find."""

    def errors(self) -> dict[str, str]:
        """Return what was wrong with the question, by field, in the reader's language."""
        found = presenters.translated(self.form.errors)
        if self.form.unknown:
            found["filters"] = translate(
                "没有这个选项，没有用它来找：%(what)s",
                what=facet_words.questions(self.form.unknown),
            )
        if self.answer.words is not None and not self.answer.words.searched:
            found["q"] = translate(NO_WORDS)
        return found


def ask(session: Session, form: SearchForm, *, places_too: bool = False) -> Asked:
    """Answer a question; ``places_too`` reads what one can be near to even where it is not said.

    The number of statements depends on what is asked, never on how much is found.
    """
    tools = services()
    cities = reference_queries.source_cities(session)
    places = distance.places(session) if places_too or form.near else []
    near = next((place for place in places if place.key == form.near), None)
    origin = next((city for city in cities if city.adcode == form.origin), None)
    trains: Mapping[str, Train] = {}
    if origin is not None and origin.adcode in source_cities.DEPARTURES:
        trains = source_cities.trains(
            origin.adcode,
            links=reference_queries.rail_links(session),
            stations=reference_queries.stations(session),
        )
    form = form.known(near=near is not None, origin=origin is not None)
    answer = offers.search(
        session, query=form.query(near), matrix=tools.follower.current(), words=tools.words
    )
    beside = None
    if form.words and form.page == 1 and not places_too:
        beside = other_results.find(session, tools.words, form.words)
    shorter = 0 if answer.page.total else _shorter(session, form, near)
    return Asked(form, answer, cities, origin, trains, places, near, beside, shorter)


def shorter_args(form: SearchForm) -> LinkArgs:
    """Return the arguments of the same question for fewer nights."""
    return form.args(nights=str(SHORTER_NIGHTS), nights_other=None)


def _shorter(session: Session, form: SearchForm, near: Near | None) -> int:
    """Return how many places the same question finds for fewer nights."""
    if form.when.dates is None or form.when.dates.nights <= SHORTER_NIGHTS:
        return 0
    easier = read_args(shorter_args(form), today=today())
    tools = services()
    return offers.search(
        session,
        query=replace(easier.query(near), size=1),
        matrix=tools.follower.current(),
        words=tools.words,
    ).page.total
