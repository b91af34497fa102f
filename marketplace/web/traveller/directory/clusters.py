"""Pages of the clusters and themes: what is there, what is known of it, what can be booked."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypedDict, TypeVar

from flask import abort, url_for
from markupsafe import Markup

from catalog.directory.counts import names_of_listed, themes_with_counts
from catalog.editorial.clusters import CLUSTERS, NEIGHBOURS, PROVINCE
from catalog.editorial.themes import THEMES
from catalog.geography import reference_queries
from catalog.labels import label
from catalog.queries import DirectoryFilters
from catalog.vocabulary import Cluster, Theme
from marketplace.offers.search.search_types import Filters
from marketplace.web.context import lang, services
from marketplace.web.forms import reader
from marketplace.web.i18n import translate
from marketplace.web.rendering import pages
from marketplace.web.rendering.labels import pick
from marketplace.web.rendering.page_cache import kept_view
from marketplace.web.traveller import presenters
from marketplace.web.traveller.base import blueprint
from marketplace.web.traveller.directory import cluster_diagram, portraits
from marketplace.web.traveller.directory.portraits import Intro
from marketplace.web.traveller.search import carried_question
from marketplace.web.traveller.seo import structured_data
from marketplace.web.traveller.seo.page_heads import slug_of

Kind = TypeVar("Kind", bound=enum.StrEnum)
DRAWINGS = {
    Cluster.HUNCHUN: "village",
    Cluster.CHANGBAI: "scenery",
    Cluster.JIAN: "basecamp",
    Cluster.RING_CHANGBAI_SPRINGS: "hot_spring",
    Cluster.CJS_SPRINGS: "forest",
}
"""The theme whose drawing stands for a cluster."""


def _named(kind: type[Kind], slug: str) -> Kind:
    """Return the member that ``slug`` names; anything else is no page."""
    return next((one for one in kind if slug_of(one) == slug), None) or abort(404)


def cluster_url(cluster: Cluster) -> str:
    """Return the path of a cluster's page."""
    return url_for("traveller.cluster", slug=slug_of(cluster))


def theme_url(theme: Theme) -> str:
    """Return the path of a theme's page."""
    return url_for("traveller.theme", slug=slug_of(theme))


@blueprint.get("/clusters")
@kept_view
def clusters() -> str:
    """Introduce the three clusters and two belts, with the diagram."""
    with services().database.read() as session:
        counted = {one.cluster: one for one in reference_queries.clusters_with_counts(session)}
        names = names_of_listed(session, [fact.code for fact in PROVINCE.facts])
    places = {cluster: counted[cluster].places for cluster in Cluster}
    rows = [
        Intro(
            name=label(cluster, lang()),
            url=cluster_url(cluster),
            theme=DRAWINGS[cluster],
            lede=pick(CLUSTERS[cluster].lede.zh, CLUSTERS[cluster].lede.en),
            places=places[cluster],
            stays=counted[cluster].listings,
        )
        for cluster in Cluster
    ]
    told = portraits.told(PROVINCE, names)
    trail = _trail("集聚区和温泉带", url_for("traveller.clusters"))
    return pages.html(
        ClustersHtml(
            told=told,
            rows=rows,
            diagram=cluster_diagram.items(
                places, lambda one: carried_question.carried(cluster_url(one))
            ),
            trail=trail,
            description=told.lede,
            linked_data=_linked(trail, told.lede, [(row.name, row.url) for row in rows]),
        )
    )


@blueprint.get("/clusters/<slug>")
@kept_view
def cluster(slug: str) -> str:
    """Show a cluster: its stations and slopes, stays, towns, facts with sources, and places."""
    chosen = _named(Cluster, slug)
    with services().database.read() as session:
        seen = portraits.look(
            session,
            CLUSTERS[chosen],
            directory=DirectoryFilters(cluster=chosen),
            stays=Filters(cluster=chosen),
            page=reader.asked().page(),
        )
        stations = [one for one in reference_queries.stations(session) if one.cluster is chosen]
        links = reference_queries.rail_links(session)
    subject = Subject(
        chosen,
        cluster_url(chosen),
        above=("集聚区和温泉带", url_for("traveller.clusters")),
        about=structured_data.destination(chosen),
        directory={"cluster": chosen.value},
    )
    return pages.html(
        ClusterHtml(
            **_shared(subject, seen),
            drawing=DRAWINGS[chosen],
            stations=portraits.stations(stations, links),
            search_url=carried_question.results_again(cluster=chosen.value),
            others=[(label(one, lang()), cluster_url(one)) for one in NEIGHBOURS[chosen]],
        )
    )


@blueprint.get("/themes")
@kept_view
def themes() -> str:
    """Introduce the eight themes."""
    with services().database.read() as session:
        counted = themes_with_counts(session)
    rows = [
        Intro(
            name=label(one.theme, lang()),
            url=theme_url(one.theme),
            theme=one.theme.value,
            lede=pick(THEMES[one.theme].lede.zh, THEMES[one.theme].lede.en),
            places=one.places,
            stays=one.listings,
        )
        for one in counted
    ]
    trail = _trail("按主题看", url_for("traveller.themes"))
    return pages.html(
        ThemesHtml(
            rows=rows,
            trail=trail,
            linked_data=_linked(trail, "", [(row.name, row.url) for row in rows]),
        )
    )


@blueprint.get("/themes/<slug>")
@kept_view
def theme(slug: str) -> str:
    """Show a theme: stays, towns, facts with sources, what to ask a doctor, and places."""
    chosen = _named(Theme, slug)
    with services().database.read() as session:
        seen = portraits.look(
            session,
            THEMES[chosen],
            directory=DirectoryFilters(theme=chosen),
            stays=None if chosen is Theme.RAIL else Filters(theme=chosen),
            page=reader.asked().page(),
        )
    subject = Subject(
        chosen,
        theme_url(chosen),
        above=("按主题看", url_for("traveller.themes")),
        about=None,
        directory={"theme": chosen.value},
    )
    return pages.html(
        ThemeHtml(
            **_shared(subject, seen),
            drawing=chosen.value,
            cautions=presenters.cautions(chosen),
            trains_url=url_for("traveller.trains") if chosen is Theme.RAIL else None,
            search_url=carried_question.results_again(theme=chosen.value),
            others=[(label(one, lang()), theme_url(one)) for one in Theme if one is not chosen],
        )
    )


@dataclass(frozen=True, slots=True)
class Subject:
    """What a portrait is of."""

    chosen: Cluster | Theme
    path: str
    above: tuple[str, str]
    """The page above it: its name, in Chinese, and its address."""
    about: structured_data.Node | None
    """What search engines are told it is."""
    directory: Mapping[str, str]
    """How the directory is asked for its places."""


class Shared(TypedDict):
    """What the page of a cluster and that of a theme both show."""

    name: str
    told: portraits.PortraitShown
    trail: list[tuple[str, str]]
    page_url: Callable[[int], str]
    page_number: int
    description: str
    linked_data: list[structured_data.Node]


@dataclass(frozen=True, slots=True, kw_only=True)
class PortraitHtml(pages.Page):
    """A cluster or theme; from the second page of places on, those alone."""

    name: str
    told: portraits.PortraitShown
    trail: Sequence[tuple[str, str]]
    page_url: Callable[[int], str]
    page_number: int
    description: str
    linked_data: Sequence[structured_data.Node]
    drawing: str
    search_url: str
    others: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterHtml(PortraitHtml):
    """A cluster."""

    template: ClassVar[str] = "traveller/directory/cluster.html"

    stations: Sequence[portraits.StationShown]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeHtml(PortraitHtml):
    """A theme."""

    template: ClassVar[str] = "traveller/directory/theme.html"

    cautions: Sequence[Markup]
    trains_url: str | None


@dataclass(frozen=True, slots=True)
class ClustersHtml(pages.Page):
    """All clusters, with the diagram."""

    template: ClassVar[str] = "traveller/directory/clusters.html"

    told: portraits.Story
    rows: Sequence[Intro]
    diagram: Sequence[cluster_diagram.Item]
    trail: Sequence[tuple[str, str]]
    description: str
    linked_data: Sequence[structured_data.Node]


@dataclass(frozen=True, slots=True)
class ThemesHtml(pages.Page):
    """All themes."""

    template: ClassVar[str] = "traveller/directory/themes.html"

    rows: Sequence[Intro]
    trail: Sequence[tuple[str, str]]
    linked_data: Sequence[structured_data.Node]


def _shared(subject: Subject, seen: portraits.Look) -> Shared:
    path = subject.path
    name = label(subject.chosen, lang())
    told = portraits.shown(seen, directory=subject.directory)
    trail = [*_trail(*subject.above), (name, path)]
    number = seen.places.number

    def page_url(wanted: int) -> str:
        asked = f"?page={wanted}" if wanted > 1 else ""
        return carried_question.carried(f"{path}{asked}#places")

    return Shared(
        name=name,
        told=told,
        trail=trail,
        page_url=page_url,
        page_number=number,
        description=_description(name, told.lede, number),
        linked_data=_linked(
            trail,
            told.lede,
            [(place.name, place.url) for place in told.places],
            total=seen.places.total,
            first=told.first,
            about=subject.about,
        ),
    )


def _description(name: str, lede: str, number: int) -> str:
    """Return the description of a page of places; no two pages share one."""
    if number == 1:
        return lede
    return translate("%(name)s：名录里的地方，第%(n)s页。", name=name, n=number)


def _trail(word: str, path: str) -> list[tuple[str, str]]:
    """Return the way from the home page to ``path``."""
    return [(translate("首页"), url_for("traveller.home")), (translate(word), path)]


def _linked(
    trail: list[tuple[str, str]],
    description: str,
    items: Sequence[tuple[str, str]],
    *,
    total: int | None = None,
    first: int = 1,
    about: structured_data.Node | None = None,
) -> list[structured_data.Node]:
    name, path = trail[-1]
    listed = structured_data.collection(
        name=name,
        description=description,
        path=path,
        items=items,
        total=len(items) if total is None else total,
        first=first,
        about=about,
    )
    return [listed, structured_data.breadcrumbs(trail)]
