"""What words find beside the stays: activities, trains, the directory, pages that explain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from catalog import queries
from catalog.geography.source_cities import JULY_YEARS
from catalog.labels import label
from catalog.queries import DirectoryFilters
from catalog.search.analysis import normalise
from catalog.search.guide_pages import GuidePage
from catalog.search.indexes.port import DocKind
from catalog.search.lexicon import WATERS
from catalog.search.query_parser import Understood
from catalog.search.search_service import Words
from catalog.views import EnterpriseCard, ListingCard, SourceCityView
from catalog.vocabulary import Cluster, Spring, Theme
from marketplace.web.context import lang
from marketplace.web.forms.links import link_to
from marketplace.web.i18n import translate
from marketplace.web.rendering.price_words import named
from marketplace.web.traveller.directory.clusters import cluster_url, theme_url
from marketplace.web.traveller.search import query_sentences
from marketplace.web.traveller.search.carried_question import carried
from marketplace.web.traveller.search.question import SearchForm

MOST_SHOWN = 5
"""Things shown of each kind; the rest is a tap away."""
MOST_PAGES = 3


@dataclass(frozen=True, slots=True)
class Beside:
    """What words find beside the stays, the best of each kind."""

    words: tuple[Understood, ...]
    """How they were taken, for each kind."""
    offers: Sequence[ListingCard]
    offers_total: int
    trains: Sequence[EnterpriseCard]
    """Entries of the directory that are trains."""
    trains_total: int
    entries: Sequence[EnterpriseCard]
    """All other entries."""
    entries_total: int
    pages: Sequence[GuidePage]
    water: Spring | None
    """The kind of water asked for."""
    sources: Mapping[int, str]
    """Where what is said of each entry comes from, where a water is asked for."""

    @property
    def found(self) -> bool:
        """Whether there is anything."""
        return bool(self.offers_total or self.trains_total or self.entries_total or self.pages)


def find(session: Session, words: Words, typed: str) -> Beside:
    """Look for ``typed`` in everything but the stays."""
    offers, entries, pages = (
        words.search(typed, kind=kind)
        for kind in (DocKind.OFFER, DocKind.ENTERPRISE, DocKind.GUIDE)
    )
    ids = entries.hits.best()
    trains = queries.directory_page(
        session, filters=DirectoryFilters(theme=Theme.RAIL, ids=ids), size=MOST_SHOWN
    )
    # As many more as may be trains, so that enough others are left.
    rest = queries.directory_page(
        session, filters=DirectoryFilters(ids=ids), size=MOST_SHOWN + trains.total
    )
    shown = [card for card in rest.items if card.theme is not Theme.RAIL][:MOST_SHOWN]
    water = water_in(f"{typed} {entries.searched}")
    return Beside(
        words=(entries, offers, pages),
        offers=queries.cards(session, offers.hits.best(MOST_SHOWN)) if len(offers.hits) else [],
        offers_total=len(offers.hits),
        trains=trains.items,
        trains_total=trains.total,
        entries=shown,
        entries_total=rest.total - trains.total,
        pages=words.pages(pages, limit=MOST_PAGES),
        water=water,
        sources=queries.sources(session, [card.id for card in shown]) if water else {},
    )


def water_in(typed: str) -> Spring | None:
    """Return the kind of water that words ask for, if it is one that must be shown by a test."""
    text = normalise(typed)
    return next((water for word, water in WATERS.items() if word in text), None)


# ------------------------------------------------------------------ shown


@dataclass(frozen=True, slots=True)
class Item:
    """One thing found, as a link."""

    name: str
    name_lang: str
    url: str
    about: str = ""
    note: str = ""
    note_lang: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """What words found of one kind."""

    key: str
    title: str
    total: int
    items: Sequence[Item]
    more_url: str = ""
    """Where all of it is, when there is more."""


def sections(found: Beside, form: SearchForm, cities: Sequence[SourceCityView]) -> list[Section]:
    """Return the sections that hold anything, in the order of the page."""
    by_code = {city.adcode: city for city in cities}
    rides = [*map(_offer, found.offers), *(_entry(card, "") for card in found.trains)]
    shown = [
        Section(
            "rides",
            translate("列车和活动"),
            found.offers_total + found.trains_total,
            rides,
            carried(url_for("traveller.trains")) if found.trains_total else "",
        ),
        Section(
            "entries",
            translate("企业名录"),
            found.entries_total,
            [_entry(card, found.sources.get(card.id, "")) for card in found.entries],
            carried(url_for("traveller.directory", q=form.words)),
        ),
        Section(
            "pages",
            translate("帮助和介绍"),
            len(found.pages),
            [page_item(page, form, by_code) for page in found.pages],
        ),
    ]
    return [section for section in shown if section.total]


def _offer(card: ListingCard) -> Item:
    name = named(card.name_zh, card.name_en)
    return Item(
        name.name,
        name.name_lang,
        carried(url_for("traveller.listing", listing_id=card.id)),
        label(card.kind, lang()),
    )


def _entry(card: EnterpriseCard, source: str) -> Item:
    name = named(card.name_zh, card.name_en)
    note = named(card.note_zh, card.note_en) if source else named("", "")
    said = translate("%(note)s（来源：%(source)s）", note=note.name, source=source)
    return Item(
        name.name,
        name.name_lang,
        carried(url_for("traveller.enterprise", code=card.code)),
        label(card.category, lang()),
        said if source else "",
        note.name_lang,
    )


def page_item(page: GuidePage, form: SearchForm, cities: Mapping[str, SourceCityView]) -> Item:
    """Return the link to an explaining page; ``cities`` are the source cities by code."""
    kind, _, key = page.key.partition(":")
    name = page.en if lang() == "en" else page.zh
    if kind == "city":
        url = link_to("traveller.search", form.args(q=None, **{"from": key}))
        return Item(name, "", url, _july(cities[key]) if key in cities else "")
    if kind == "theme":
        return Item(name, "", carried(theme_url(Theme(key))))
    if kind == "cluster":
        return Item(name, "", carried(cluster_url(Cluster(key))))
    if kind == "help":
        return Item(name, "", carried(url_for("traveller.help", _anchor=key)), translate("帮助"))
    return Item(name, "", carried(url_for(f"traveller.{key}")))


def _july(city: SourceCityView) -> str:
    return translate(
        "七月平均%(mean)s℃，长春凉%(cooler)s℃（%(years)s两年平均）",
        mean=f"{city.july_mean:g}",
        cooler=f"{city.cooler_by:g}",
        years=translate("、").join(str(year) for year in JULY_YEARS),
    )


def water_said(found: Beside, *, stays: int) -> list[Markup]:
    """Say which springs are known to be of the water asked for, and that none is on sale if so."""
    if found.water is None:
        return []
    water = label(found.water, lang())
    lines = []
    if not stays:
        lines.append(query_sentences.marked("现在没有能预订的%(water)s住处。", water=water))
    if found.entries_total:
        lines.append(query_sentences.marked("名录里写到%(water)s的，连来源写在下面。", water=water))
    else:
        lines.append(query_sentences.marked("名录里没有查实哪一处是%(water)s。", water=water))
    return lines
