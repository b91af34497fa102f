"""The home page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from catalog.geography.reference_queries import clusters_with_counts, source_cities
from catalog.geography.source_cities import JULY_YEARS, city_name
from catalog.views import SourceCityView
from marketplace.web.context import services, today
from marketplace.web.forms.links import LinkValue
from marketplace.web.forms.reader import FormReader
from marketplace.web.i18n import translate
from marketplace.web.rendering import pages, price_words
from marketplace.web.rendering.filters import day_and_year
from marketplace.web.rendering.page_cache import kept_view
from marketplace.web.traveller import presenters
from marketplace.web.traveller.base import blueprint
from marketplace.web.traveller.directory import cluster_diagram
from marketplace.web.traveller.search import carried_question
from marketplace.web.traveller.search.question import SearchForm, read_search

FIRST_NIGHTS = 30
ORIGINS_SHOWN = 8
WARM_MONTHS = (6, 7)
ASKED_HERE = ("when", "month_from", "month_to", "arrive", "nights", "adults", "children", "cluster")
"""What the short form asks itself, and what a date chosen in it takes the place of."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A city that people come from, and how much cooler it is here."""

    name: str
    name_lang: str
    july_mean: float
    cooler_by: float
    years: str


@dataclass(frozen=True, slots=True)
class QuickDate:
    """A day of arrival that one tap searches for."""

    word: str
    note: str
    url: str


@dataclass(frozen=True, slots=True)
class HomeHtml(pages.Page):
    """The four doors."""

    template: ClassVar[str] = "traveller/home.html"

    form: SearchForm
    hidden: Mapping[str, LinkValue]
    """What else of a question goes along."""
    hidden_beside_words: Mapping[str, LinkValue]
    clusters: Sequence[tuple[str, str]]
    diagram: Sequence[cluster_diagram.Item]
    quick: Sequence[QuickDate]
    origins: Sequence[Origin]


@blueprint.get("/")
@kept_view
def home() -> str:
    """Open the four doors: long stays, hot springs, trains, family."""
    with services().database.read() as session:
        found = clusters_with_counts(session)
        cities = source_cities(session)[:ORIGINS_SHOWN]
    asked = carried_question.question()
    shown = HomeHtml(
        form=asked or read_search(FormReader(), today=today()),
        hidden=asked.args(**dict.fromkeys(ASKED_HERE)) if asked else {},
        hidden_beside_words=asked.args(q=None) if asked else {},
        clusters=presenters.clusters(),
        diagram=cluster_diagram.items(
            {one.cluster: one.listings for one in found if one.cluster is not None},
            lambda cluster: carried_question.results_again(cluster=cluster.value),
        ),
        quick=quick_dates(today()),
        origins=[_origin(city) for city in cities],
    )
    return pages.html(shown)


def quick_dates(day: dt.date) -> list[QuickDate]:
    """Return next Monday and the firsts of June and July that come next, soonest first."""
    monday = day + dt.timedelta(days=7 - day.weekday())
    firsts = [_next_first(month, after=day) for month in WARM_MONTHS]
    found = []
    for arrive in sorted({monday, *firsts}):
        word, note = day_and_year(arrive)
        if arrive == monday:
            word, note = translate("下周一"), word
        dates = dict.fromkeys(carried_question.WHEN) | {"arrive": arrive.isoformat()}
        url = carried_question.results_again(**dates | {"nights": FIRST_NIGHTS})
        found.append(QuickDate(word, note, url))
    return found


def _next_first(month: int, *, after: dt.date) -> dt.date:
    this_year = dt.date(after.year, month, 1)
    return this_year if this_year > after else this_year.replace(year=after.year + 1)


def _origin(city: SourceCityView) -> Origin:
    name = price_words.named(*city_name(city))
    return Origin(
        name=name.name,
        name_lang=name.name_lang,
        july_mean=city.july_mean,
        cooler_by=city.cooler_by,
        years=translate("、").join(str(year) for year in JULY_YEARS),
    )
