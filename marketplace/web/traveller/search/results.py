"""The page of results: what the templates show of a question and its answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypedDict

from markupsafe import Markup

from catalog.geography.source_cities import city_name, cooler_by
from catalog.labels import label
from catalog.search.query_parser import Understood
from catalog.vocabulary import Cluster
from marketplace.kernel.money import money
from marketplace.offers.search.search_types import (
    Dates,
    OtherDates,
    Otherwise,
    Relaxed,
    Result,
    Sort,
)
from marketplace.pricing.nights.quote import DAYS_A_MONTH
from marketplace.web.context import lang
from marketplace.web.forms.links import LinkArgs, LinkValue, link_to
from marketplace.web.i18n import translate
from marketplace.web.rendering import pages
from marketplace.web.rendering.filters import month
from marketplace.web.rendering.price_words import Named, named
from marketplace.web.traveller.directory import cluster_diagram
from marketplace.web.traveller.search import facet_words, other_results, query_sentences
from marketplace.web.traveller.search.cards import Card, Seen, card
from marketplace.web.traveller.search.date_form import months
from marketplace.web.traveller.search.question import SearchForm
from marketplace.web.traveller.search.search_answer import SHORTER_NIGHTS, Asked, shorter_args


@dataclass(frozen=True, slots=True)
class Link:
    """Another question, with what to call it."""

    words: str | Markup
    url: str
    note: str = ""
    current: bool = False


@dataclass(frozen=True, slots=True)
class Instead:
    """What to show when nothing fits: other dates, other clusters, and what comes near."""

    relaxed: Sequence[Link]
    only: Markup | None
    dates: Sequence[Link]
    sisters: Sequence[Link]
    dropped: Sequence[Markup]
    closest: Sequence[Card]
    closest_url: str
    easier: Sequence[Link]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of stays."""

    items: Sequence[Card]
    total: int
    page: int
    pages: int
    beyond: int | None
    """The page that was asked for, where there are fewer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskingHtml(pages.Page):
    """What every page shows that asks for dates and people."""

    query: SearchForm
    errors: Mapping[str, str]
    hidden: Mapping[str, LinkValue]
    """What else of the question goes along."""
    months: Sequence[tuple[str, str]]
    cities: Sequence[tuple[str, Named]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHtml(AskingHtml):
    """The results."""

    template: ClassVar[str] = "traveller/search/search.html"

    brief: str
    said: Sequence[Markup]
    """The question in a sentence."""
    taken: Sequence[Markup]
    suggestion: Link | None
    dates_url: str
    dates_wrong: bool
    unheld: Markup | None
    beside: Sequence[other_results.Section]
    water: Sequence[Markup]
    chosen: Sequence[facet_words.Chosen]
    filtered: Sequence[facet_words.Chosen]
    clear_url: str
    filters_url: str
    results: Found
    page_url: Callable[[int], str]
    sorts: Sequence[Link]
    cooler_said: bool
    instead: Instead | None
    diagram: Sequence[cluster_diagram.Item]
    hidden_beside_words: Mapping[str, LinkValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatesHtml(AskingHtml):
    """The dates and people of a question."""

    template: ClassVar[str] = "traveller/search/dates.html"

    said: Sequence[Markup]
    results_url: str


class Asking(TypedDict):
    """The fields of ``AskingHtml``."""

    query: SearchForm
    errors: dict[str, str]
    hidden: LinkArgs
    months: list[tuple[str, str]]
    cities: list[tuple[str, Named]]


def shown(asked: Asked, today: dt.date) -> SearchHtml:
    """Return everything that the page of results shows."""
    form, page, beside = asked.form, asked.answer.page, asked.beside
    words = _words_told(asked)
    return SearchHtml(
        **_asking(asked, today),
        brief=query_sentences.brief(form),
        said=query_sentences.question(form, origin=asked.origin),
        taken=query_sentences.taken(words),
        suggestion=suggested(words, lambda q: link_to("traveller.search", form.args(q=q))),
        dates_url=link_to("traveller.search_dates", form.args()),
        dates_wrong=bool(form.when.errors),
        unheld=_unheld(asked),
        beside=other_results.sections(beside, form, asked.cities) if beside else [],
        water=other_results.water_said(beside, stays=page.total) if beside else [],
        chosen=facet_words.chosen(form, near=asked.near, origin=asked.origin),
        filtered=facet_words.chosen(form, near=asked.near, origin=None),
        clear_url=link_to("traveller.search", form.bare("from")),
        filters_url=link_to("traveller.filters", form.args()),
        results=Found(
            items=_cards(asked, page.items),
            total=page.total,
            page=page.number,
            pages=page.pages,
            beyond=form.page if form.page > page.number else None,
        ),
        page_url=lambda number: link_to("traveller.search", form.args(page=number)),
        sorts=sorts(asked),
        cooler_said=_cooler_said(asked, page.items),
        instead=_instead(asked, asked.answer.otherwise),
        diagram=diagram_items(asked),
        hidden_beside_words=form.args(q=None),
    )


def dates(asked: Asked, today: dt.date) -> DatesHtml:
    """Return what the page shows that asks for dates and people alone."""
    return DatesHtml(
        **_asking(asked, today),
        said=query_sentences.question(asked.form, origin=asked.origin),
        results_url=link_to("traveller.search", asked.form.args()),
    )


def _asking(asked: Asked, today: dt.date) -> Asking:
    return Asking(
        query=asked.form,
        errors=asked.errors(),
        hidden=hidden(asked.form),
        months=month_choices(today),
        cities=cities(asked),
    )


def _words_told(asked: Asked) -> Understood | None:
    """Return how the words were taken where they found anything: for the stays, else beside."""
    words, others = asked.answer.words, asked.beside
    if words is None or others is None or len(words.hits):
        return words
    return next((other for other in others.words if len(other.hits)), words)


def _unheld(asked: Asked) -> Markup | None:
    """Say it when no stay holds the words at all."""
    words = asked.answer.words
    if words is None or len(words.hits):
        return None
    return query_sentences.marked(
        "没有写到“%(words)s”的住处", words=query_sentences.typed(asked.form.words)
    )


def _cards(asked: Asked, items: Sequence[Result]) -> list[Card]:
    seen = Seen(asked.form, asked.near, asked.origin, asked.trains, asked.form.span)
    return [card(item, seen) for item in items]


def _cooler_said(asked: Asked, items: Sequence[Result]) -> bool:
    """Whether a card compares temperatures, so that the page must say where they come from."""
    origin = asked.origin
    return origin is not None and any(
        cooler_by(origin, prefecture=item.card.prefecture) is not None for item in items
    )


def suggested(words: Understood | None, url_of: Callable[[str], str]) -> Link | None:
    """Return what may have been meant: “did you mean”."""
    if words is None or not words.suggestion:
        return None
    return Link(query_sentences.typed(words.suggestion), url_of(words.suggestion))


def sorts(asked: Asked) -> list[Link]:
    """Return the orders that can be chosen; nearness first asks for a place."""
    form, near = asked.form, asked.near
    current = form.order(near)
    orders = [(Sort.RELEVANCE, translate("最合适的在前"))]
    if form.when.dates is not None:
        orders.append((Sort.PRICE, translate("总价低的在前")))
    orders.append((Sort.MONTH, translate("每月价格低的在前")))
    orders.append((Sort.HOSPITAL, translate("离医院近的在前")))
    found = [
        Link(words, link_to("traveller.search", form.args(sort=order)), current=order is current)
        for order, words in orders
    ]
    if near is None:
        url = link_to("traveller.filters", form.args(sort=Sort.NEAR), anchor="f-near")
        return [*found, Link(translate("离车站或城镇近的在前"), url)]
    words = query_sentences.marked("离%(place)s近的在前", place=query_sentences.place(near))
    url = link_to("traveller.search", form.args(sort=Sort.NEAR))
    return [*found, Link(words, url, current=current is Sort.NEAR)]


def diagram_items(asked: Asked) -> list[cluster_diagram.Item]:
    """Return the clusters with what each would leave; the one chosen leads back to all."""
    form = asked.form
    facet = next(facet for facet in asked.answer.facets if facet.name == "cluster")
    mine = form.filters.cluster
    return cluster_diagram.items(
        {Cluster(value.value): value.count for value in facet.values},
        lambda one: link_to(
            "traveller.search", form.args(cluster=None if one is mine else one.value)
        ),
        chosen=mine,
    )


# ------------------------------------------------------------------ the form


def hidden(form: SearchForm) -> LinkArgs:
    """Return the arguments that the form on the page of results keeps and does not ask for."""
    own = ("when", "month_from", "month_to", "from")
    return form.args(**dict.fromkeys((*own, *form.when.stay.args())))


def month_choices(today: dt.date) -> list[tuple[str, str]]:
    """Return (2027-07, 2027年7月) for each month that can be chosen."""
    return [(f"{first:%Y-%m}", month(first)) for first in months(today)]


def cities(asked: Asked) -> list[tuple[str, Named]]:
    """Return (code, name) of the cities that a traveller may come from."""
    return [(city.adcode, named(*city_name(city))) for city in asked.cities]


# ------------------------------------------------------------------ nothing found


def _instead(asked: Asked, otherwise: Otherwise | None) -> Instead | None:
    """Return what to show when nothing fits: other dates, other clusters, and what comes near."""
    if otherwise is None:
        return None
    form = asked.form
    return Instead(
        relaxed=[_relaxed(form, one) for one in otherwise.relaxed],
        only=_only(form, otherwise.relaxed),
        dates=_other_dates(form, otherwise.dates),
        sisters=[
            Link(
                label(one.cluster, lang()),
                link_to("traveller.search", form.args(cluster=one.cluster)),
                translate("%(n)s处", n=one.count),
            )
            for one in otherwise.sisters
        ],
        dropped=facet_words.left_aside(form, otherwise.dropped, otherwise.rooms),
        closest=_cards(asked, otherwise.closest),
        closest_url=link_to(
            "traveller.search", facet_words.without(form, otherwise.dropped, otherwise.rooms)
        ),
        easier=_easier(asked),
    )


def _relaxed(form: SearchForm, one: Relaxed) -> Link:
    """Return the question without one condition, with what it finds."""
    if form.when.dates is not None and one.name != "dates":
        note = translate("%(n)s处，总价%(sum)s起", n=one.count, sum=money(one.lowest_fen))
    else:
        note = translate(
            "%(n)s处，每月（%(nights)s晚）%(sum)s起",
            n=one.count,
            nights=DAYS_A_MONTH,
            sum=money(one.lowest_fen),
        )
    return Link(
        facet_words.relaxed_words(form, one),
        link_to("traveller.search", facet_words.relaxed_args(form, one)),
        note,
    )


def _only(form: SearchForm, relaxed: Sequence[Relaxed]) -> Markup | None:
    """Return the one condition that alone is in the way, where there is one only."""
    if len(relaxed) != 1:
        return None
    (one,) = relaxed
    return facet_words.condition(form, one.name, one.value)


def _other_dates(form: SearchForm, others: Sequence[OtherDates]) -> list[Link]:
    """Return the questions on other dates; what they cost a month is left out of these."""
    found = []
    for other in others:
        stay = other.stay
        if form.when.dates == Dates.exactly(stay):
            continue
        args = form.args(
            when=None,
            month_from=None,
            month_to=None,
            arrive=stay.check_in.isoformat(),
            nights=stay.nights,
            nights_other=None,
            band=None,
        )
        note = translate("%(n)s处，总价%(sum)s起", n=other.count, sum=money(other.lowest_fen))
        found.append(
            Link(query_sentences.stay_words(stay), link_to("traveller.search", args), note)
        )
    return found


def _easier(asked: Asked) -> list[Link]:
    """Return a question that asks for less, fewer nights, where it finds something."""
    if not asked.shorter:
        return []
    url = link_to("traveller.search", shorter_args(asked.form))
    return [
        Link(
            translate("只住%(nights)s晚", nights=SHORTER_NIGHTS),
            url,
            translate("%(n)s处", n=asked.shorter),
        )
    ]
