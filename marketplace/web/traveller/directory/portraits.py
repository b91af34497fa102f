"""Gathers and words what the pages of clusters and themes show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import babel.dates
from flask import url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from catalog import queries
from catalog.directory.counts import Outline, Town, names_of_listed, outline
from catalog.editorial.portrait import Fact, Portrait
from catalog.geography.source_cities import leads_to, year_of
from catalog.labels import label
from catalog.queries import DirectoryFilters
from catalog.views import EnterpriseCard, RailLinkView, StationView
from marketplace.kernel.pagination import Page
from marketplace.offers.search import search_service as offers
from marketplace.offers.search.search_types import Filters, Result, SearchQuery
from marketplace.web.context import lang, services
from marketplace.web.forms.links import link_to
from marketplace.web.rendering import price_words
from marketplace.web.rendering.labels import pick
from marketplace.web.traveller import presenters
from marketplace.web.traveller.search import cards, carried_question, query_sentences

STAYS_SHOWN = 3
ZH_DATES = ("y年", "y年M月", "y年M月d日")
EN_DATES = ("y", "MMMM y", "d MMMM y")
"""How a date of one, two or three parts is written."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is there of a cluster or theme."""

    portrait: Portrait
    outline: Outline
    names: dict[str, tuple[str, str]]
    """Of the listed enterprises that facts are about, by code."""
    places: Page[EnterpriseCard]
    stays: Sequence[Result]
    stay_count: int


@dataclass(frozen=True, slots=True)
class Intro:
    """A cluster or theme in a list of them."""

    name: str
    url: str
    theme: str
    """Whose drawing stands for it."""
    lede: str
    places: int
    stays: int


def look(
    session: Session,
    portrait: Portrait,
    *,
    directory: DirectoryFilters,
    stays: Filters | None,
    page: int,
) -> Look:
    """Read one page of places and, on the first, all that is told beside them.

    ``stays`` says which can be booked, ``None`` that nothing can. The number of statements is the
    same however much there is. A page beyond the end is the last.
    """
    found = queries.directory_page(session, filters=directory, page=page)
    if page > found.pages:
        found = queries.directory_page(session, filters=directory, page=found.pages)
    bookable = _bookable(session, stays) if stays is not None else None
    return Look(
        portrait=portrait,
        outline=outline(session, filters=directory),
        names=names_of_listed(session, [fact.code for fact in portrait.facts if fact.code]),
        places=found,
        stays=bookable.items if bookable else (),
        stay_count=bookable.total if bookable else 0,
    )


def _bookable(session: Session, filters: Filters) -> Page[Result]:
    tools = services()
    answer = offers.search(
        session,
        query=SearchQuery(filters=filters, size=STAYS_SHOWN),
        matrix=tools.follower.current(),
        words=tools.words,
    )
    return answer.page


@dataclass(frozen=True, slots=True)
class FactShown:
    """A fact with its source, and the listed place that it is about, if it is about one."""

    text: str
    source: str
    date: str | None
    place: price_words.Named | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """The texts of a portrait."""

    lede: str
    more: Sequence[str]
    facts: Sequence[FactShown]
    gaps: Sequence[str]
    """What is not known, or not there."""


@dataclass(frozen=True, slots=True)
class TownShown:
    """A town, and how many listed places are in it."""

    name: str
    name_lang: str
    count: int


@dataclass(frozen=True, slots=True)
class PortraitShown(Story):
    """A cluster or theme with what is there of it."""

    place_count: int
    stay_count: int
    stays: Sequence[cards.Card]
    towns: Sequence[TownShown]
    categories: Sequence[tuple[str, int]]
    directory_url: str
    places: Sequence[presenters.PlaceShown]
    first: int
    """Which place of all the first of this page is, from 1."""
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class StationShown:
    """A station with its town and slope, and the trains to it."""

    name: price_words.Named
    where: Markup
    trains: Sequence[Markup]


def told(portrait: Portrait, names: dict[str, tuple[str, str]]) -> Story:
    """Return the texts of a portrait; a fact about what is not listed any more is left out."""
    return Story(
        lede=pick(portrait.lede.zh, portrait.lede.en),
        more=[pick(text.zh, text.en) for text in portrait.more],
        facts=[
            _fact(fact, names) for fact in portrait.facts if not fact.code or fact.code in names
        ],
        gaps=[pick(text.zh, text.en) for text in portrait.gaps],
    )


def _fact(fact: Fact, names: dict[str, tuple[str, str]]) -> FactShown:
    return FactShown(
        text=pick(fact.zh, fact.en),
        source=pick(fact.source.zh, fact.source.en),
        date=partial_date(fact.as_of) if fact.as_of else None,
        place=price_words.named(*names[fact.code]) if fact.code else None,
        url=url_for("traveller.enterprise", code=fact.code) if fact.code else None,
    )


def partial_date(as_of: str) -> str:
    """Return a date as precise as it is given: 2024年12月12日, 2018年2月, 2019年."""
    parts = [int(part) for part in as_of.split("-")]
    year, month, day = (*parts, 1, 1)[:3]
    patterns, locale = (EN_DATES, "en") if lang() == "en" else (ZH_DATES, "zh_Hans_CN")
    pattern = patterns[len(parts) - 1]
    return babel.dates.format_date(dt.date(year, month, day), pattern, locale=locale)


def shown(seen: Look, *, directory: Mapping[str, str]) -> PortraitShown:
    """Return what the templates show of a look; ``directory`` is the same choice in its search."""
    story = told(seen.portrait, seen.names)
    return PortraitShown(
        lede=story.lede,
        more=story.more,
        facts=story.facts,
        gaps=story.gaps,
        place_count=seen.outline.places,
        stay_count=seen.stay_count,
        stays=[
            cards.card(result, cards.Seen(carried_question.question())) for result in seen.stays
        ],
        towns=[_town(town) for town in seen.outline.towns],
        categories=[
            (label(category, lang()), number) for category, number in seen.outline.categories
        ],
        directory_url=carried_question.carried(link_to("traveller.directory", directory)),
        places=[presenters.place(card) for card in seen.places.items],
        first=(seen.places.number - 1) * seen.places.size + 1,
        page=seen.places.number,
        pages=seen.places.pages,
    )


def _town(town: Town) -> TownShown:
    name = price_words.named(town.zh, town.en)
    return TownShown(name.name, name.name_lang, town.places)


def stations(found: Sequence[StationView], links: Sequence[RailLinkView]) -> list[StationShown]:
    """Return stations with town and slope, and the trains to them that may be planned with."""
    return [
        StationShown(
            name=price_words.named(station.name_zh, station.name_en),
            where=_where(station),
            trains=[
                query_sentences.marked(
                    "从%(departure)s来，最快%(time)s（%(year)s年的时刻）",
                    departure=query_sentences.spoken(link.from_station, "zh-CN"),
                    time=cards.duration(link.fastest_minutes),
                    year=year_of(link.as_of),
                )
                for link in links
                if link.usable_for_planning and leads_to(link.to_station, station.name_zh)
            ],
        )
        for station in found
    ]


def _where(station: StationView) -> Markup:
    """Name the town, and the slope where there is one: stations of like name serve two slopes."""
    town = query_sentences.own_name(station.town_zh, station.town_en)
    if station.slope is None:
        return query_sentences.marked("在%(town)s", town=town)
    return query_sentences.marked(
        "在%(town)s，%(slope)s", town=town, slope=label(station.slope, lang())
    )
