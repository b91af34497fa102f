"""The directory of enterprises, and the two doors that are not booked online: trains and family."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import ClassVar, TypeAlias

from flask import abort, redirect, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from catalog import queries
from catalog.geography import reference_queries
from catalog.labels import basis_label, label
from catalog.office.entries.records import codes, evidence, records
from catalog.queries import DirectoryFilters
from catalog.search.indexes.port import DocKind
from catalog.search.query_parser import Understood
from catalog.views import EnterpriseCard, EnterprisePage, RailLinkView, StationView
from catalog.vocabulary import Category, Cluster, Theme
from marketplace.kernel.pagination import Page
from marketplace.offers.search import search_service as offers
from marketplace.offers.search.search_types import Filters, SearchQuery
from marketplace.web.context import address, lang, services, today
from marketplace.web.forms import reader
from marketplace.web.forms.links import link_to
from marketplace.web.forms.reader import FormReader
from marketplace.web.forms.stay_form import can_be_looked_for, read_words
from marketplace.web.i18n import translate
from marketplace.web.protection import limits
from marketplace.web.rendering import pages, price_words
from marketplace.web.rendering.filters import lang_of
from marketplace.web.rendering.page_cache import Page as Kept
from marketplace.web.rendering.page_cache import kept
from marketplace.web.traveller import presenters
from marketplace.web.traveller.base import blueprint
from marketplace.web.traveller.directory import entry_standing
from marketplace.web.traveller.directory.directory_cache import Directory, Order, sliced
from marketplace.web.traveller.directory.directory_cache import directory as known_directory
from marketplace.web.traveller.search import carried_question, query_sentences, results
from marketplace.web.traveller.search.cards import Card, Seen, card
from marketplace.web.traveller.seo import structured_data
from marketplace.web.traveller.seo.page_heads import in_language

Answer: TypeAlias = str | Response | tuple[str, int]
OUTSIDE = "outside"
"""The choice of what belongs to no cluster."""
CODE = re.compile(r"[A-Za-z0-9-]{1,20}")
NEARBY = 10
MOST_TRAINS = 20


@dataclass(frozen=True, slots=True)
class DirectoryForm:
    """What the directory is asked for, each as addresses write it; nothing asks nothing."""

    q: str
    cluster: str
    theme: str
    category: str
    sort: str

    def args(self, **changed: str) -> dict[str, str]:
        """Return it as arguments of an address, empty ones left out."""
        return {name: value for name, value in (asdict(self) | changed).items() if value}


@dataclass(frozen=True, slots=True)
class Results:
    """A page of entries."""

    items: Sequence[presenters.PlaceShown]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class DirectoryHtml(pages.Page):
    """The directory of listed enterprises."""

    template: ClassVar[str] = "traveller/directory/directory.html"

    form: DirectoryForm
    clusters: Sequence[tuple[str, str]]
    categories: Sequence[tuple[str, str]]
    themes: Sequence[tuple[str, str]]
    errors: Mapping[str, str]
    taken: Sequence[Markup]
    suggestion: results.Link | None
    sorts: Sequence[results.Link]
    results: Results
    page_url: Callable[[int], str]


@blueprint.get("/directory")
def directory() -> Kept:
    """List the real enterprises of the directory; none of them can be booked here yet."""
    said = reader.asked()
    form = _directory_form(said)
    if form.q:
        limits.spend(limits.SEARCH, "search", address())
    return kept(lambda: _listed(said, form))


def _listed(said: FormReader, form: DirectoryForm) -> Kept:
    with services().database.read() as session:
        known = known_directory(session)
        found, words = _directory_page(session, form, said.page(), known)
    shown = DirectoryHtml(
        form=form,
        clusters=[*presenters.clusters(), (OUTSIDE, presenters.cluster_name(()))],
        categories=[(category.value, label(category, lang())) for category in Category],
        themes=presenters.themes(),
        errors=presenters.translated(said.faults),
        taken=query_sentences.taken(words),
        suggestion=results.suggested(
            words, lambda q: link_to("traveller.directory", form.args(q=q))
        ),
        sorts=_sorts(form),
        results=Results(
            items=[_in_list(item, known) for item in found.items],
            total=found.total,
            page=found.number,
            pages=found.pages,
        ),
        page_url=lambda number: carried_question.carried(
            link_to("traveller.directory", {**form.args(), "page": number})
        ),
    )
    return pages.html(shown), 422 if said.faults else 200


def _directory_form(said: FormReader) -> DirectoryForm:
    return DirectoryForm(
        q=read_words(said),
        cluster=said.option("cluster", (OUTSIDE, *Cluster)),
        theme=said.option("theme", Theme),
        category=said.option("category", Category),
        sort=said.option("sort", Order),
    )


def _sorts(form: DirectoryForm) -> list[results.Link]:
    """Return the orders that can be chosen; without words the first is the one by code."""
    first = translate("最合适的在前") if form.q else translate("按编号")
    words = {
        "": first,
        Order.NAME: translate("按名字"),
        Order.COMPLETE: translate("资料全的在前"),
        Order.FRESH: translate("资料新的在前"),
    }
    return [
        results.Link(
            said,
            link_to("traveller.directory", form.args(sort=str(order))),
            current=str(order) == form.sort,
        )
        for order, said in words.items()
    ]


def _directory_page(
    session: Session, form: DirectoryForm, number: int, known: Directory
) -> tuple[Page[EnterpriseCard], Understood | None]:
    """Return the page asked for, or the last, and how the words were taken."""
    words = None
    if can_be_looked_for(form.q):
        words = services().words.search(form.q, kind=DocKind.ENTERPRISE)
    in_cluster = form.cluster and form.cluster != OUTSIDE
    filters = DirectoryFilters(
        cluster=Cluster(form.cluster) if in_cluster else None,
        outside=form.cluster == OUTSIDE,
        theme=Theme(form.theme) if form.theme else None,
        category=Category(form.category) if form.category else None,
        ids=words.hits.best() if words else None,
    )
    if form.sort:
        return _sorted_page(session, filters, Order(form.sort), number, known), words
    found = queries.directory_page(session, filters=filters, page=number)
    if number > found.pages:
        found = queries.directory_page(session, filters=filters, page=found.pages)
    return found, words


def _sorted_page(
    session: Session, filters: DirectoryFilters, order: Order, number: int, known: Directory
) -> Page[EnterpriseCard]:
    """Return a page in an order that no column of the database has."""
    all_of_it = codes(session, filters=filters)
    size = queries.PAGE_SIZE
    number = min(number, max(1, -(-len(all_of_it) // size)))
    place = known.ordered(order, english=lang() == "en")
    own = DirectoryFilters(ids=sliced(all_of_it, place, number=number, size=size))
    items = queries.directory_page(session, filters=own, size=size).items
    return Page(items, len(all_of_it), number, size)


def _in_list(item: EnterpriseCard, known: Directory) -> presenters.PlaceShown:
    own = entry_standing.standing(known.by_code.get(item.code))
    return replace(presenters.place(item), standing=own)


@dataclass(frozen=True, slots=True)
class EntryShown:
    """What only the own page of an entry tells."""

    code: str
    sample: bool
    certainty: str
    source: str
    source_date: str
    coord_basis: str
    coord_basis_lang: str
    coord_error_km: str | None
    station: str | None
    listings: Sequence[tuple[price_words.Named, str]]
    """Names and addresses."""


@dataclass(frozen=True, slots=True)
class EnterpriseHtml(pages.Page):
    """One listed enterprise."""

    template: ClassVar[str] = "traveller/directory/enterprise.html"

    entry: presenters.PlaceShown
    enterprise: EntryShown
    description: str
    linked_data: Sequence[structured_data.Node]


@blueprint.get("/directory/<code>")
def enterprise(code: str) -> Answer:
    """Show one entry of the directory: its facts, their sources, and how far to trust them."""
    if not CODE.fullmatch(code):
        abort(404)
    with services().database.read() as session:
        page = queries.enterprise_page(session, code)
        whole = records(session, today=today(), samples=page.card.is_sample, code=code)
        shown = evidence(session, enterprise_id=page.card.id)
    if page.card.is_sample and page.listings:
        return redirect(
            carried_question.carried(url_for("traveller.listing", listing_id=page.listings[0].id))
        )
    standing = entry_standing.in_full(whole[0] if whole else None, shown)
    return pages.html(
        EnterpriseHtml(
            entry=replace(presenters.place(page.card), standing=standing),
            enterprise=_enterprise(page),
            description=in_language(page.card.note_zh, page.card.note_en),
            linked_data=structured_data.enterprise(page),
        )
    )


def _enterprise(page: EnterprisePage) -> EntryShown:
    site, station = page.site, page.station
    basis = basis_label(site.coord_basis, lang()) if site else ""
    return EntryShown(
        code=page.card.code,
        sample=page.card.is_sample,
        certainty=label(page.card.certainty, lang()),
        source=page.source,
        source_date=page.source_date,
        coord_basis=basis,
        coord_basis_lang=lang_of(basis),
        coord_error_km=f"{site.coord_error_km:g}" if site else None,
        station=price_words.named(station.name_zh, station.name_en).name if station else None,
        listings=[
            (
                price_words.named(card.name_zh, card.name_en),
                carried_question.carried(url_for("traveller.listing", listing_id=card.id)),
            )
            for card in page.listings
        ],
    )


@dataclass(frozen=True, slots=True)
class TrainTime:
    """How long a train takes between two stations, and of what year that is."""

    from_name: str
    to_name: str
    minutes: int
    year: str
    note: str


@dataclass(frozen=True, slots=True)
class StationShown:
    """A station, and what to know of it."""

    name: str
    name_lang: str
    note: str
    note_lang: str


@dataclass(frozen=True, slots=True)
class TrainsHtml(pages.Page):
    """Coming by train."""

    template: ClassVar[str] = "traveller/directory/trains.html"

    links: Sequence[TrainTime]
    stations: Sequence[StationShown]
    theme_trains: Sequence[presenters.PlaceShown]


@dataclass(frozen=True, slots=True)
class FamilyHtml(pages.Page):
    """Three generations together."""

    template: ClassVar[str] = "traveller/directory/family.html"

    items: Sequence[Card]
    places: Sequence[presenters.PlaceShown]


@blueprint.get("/trains")
def trains() -> str:
    """Say how long the trains take, which tourist trains there are, and whom to call."""
    with services().database.read() as session:
        links = reference_queries.rail_links(session)
        stations = reference_queries.stations(session)
        tourist = queries.directory_page(
            session, filters=DirectoryFilters(theme=Theme.RAIL), size=MOST_TRAINS
        )
    return pages.html(
        TrainsHtml(
            links=[_link(link) for link in links if link.usable_for_planning],
            stations=[_station(station) for station in stations],
            theme_trains=[presenters.place(item) for item in tourist.items],
        )
    )


def _link(link: RailLinkView) -> TrainTime:
    year = re.search(r"20\d\d", link.as_of)
    return TrainTime(
        from_name=link.from_station,
        to_name=link.to_station,
        minutes=link.fastest_minutes,
        year=year[0] if year else link.as_of,
        note=link.note,
    )


def _station(station: StationView) -> StationShown:
    name = price_words.named(station.name_zh, station.name_en)
    note = price_words.named(station.note_zh, station.note_en)
    return StationShown(name.name, name.name_lang, note.name, note.name_lang)


@blueprint.get("/family")
def family() -> str:
    """List the stays where three generations fit, and what is worth seeing with children."""
    tools = services()
    matrix = tools.follower.current()
    query = SearchQuery(filters=Filters(family=True))
    with tools.database.read() as session:
        stays = offers.search(session, query=query, matrix=matrix, words=tools.words)
        places = queries.directory_page(
            session, filters=DirectoryFilters(theme=Theme.CULTURE), size=NEARBY
        )
    return pages.html(
        FamilyHtml(
            items=[card(item, Seen(carried_question.question())) for item in stays.page.items],
            places=[presenters.place(item) for item in places.items],
        )
    )
