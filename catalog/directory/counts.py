"""The directory in outline: how much of what is where, and when each thing last changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Enterprise, EnterpriseCluster, Listing, Site
from catalog.queries import DirectoryFilters, directory_where, is_visible
from catalog.vocabulary import THEME_OF, Category, Cluster, ListingKind, Theme


@dataclass(frozen=True, slots=True)
class Town:
    """A town with how many places of the directory are in it."""

    zh: str
    en: str
    places: int


@dataclass(frozen=True, slots=True)
class Outline:
    """A part of the directory summed up."""

    places: int
    categories: tuple[tuple[Category, int], ...]
    """The fullest first."""
    towns: tuple[Town, ...]
    """The fullest first; places whose town is unknown are in none."""


@dataclass(frozen=True, slots=True)
class ThemeCount:
    """A theme with how many real places and bookable stays it has."""

    theme: Theme
    places: int
    listings: int


@dataclass(frozen=True, slots=True)
class OpenListing:
    """A real listing that everybody may see."""

    id: int
    updated_at: dt.datetime


@dataclass(frozen=True, slots=True)
class OpenEnterprise:
    """A real enterprise that everybody may see."""

    code: str
    theme: Theme
    clusters: tuple[Cluster, ...]
    updated_at: dt.datetime


def outline(session: Session, *, filters: DirectoryFilters) -> Outline:
    """Sum up what ``filters`` leave of the directory: two queries."""
    count = sa.func.count()
    where = directory_where(filters)
    categories = session.execute(
        sa.select(Enterprise.category, count)
        .where(*where)
        .group_by(Enterprise.category)
        .order_by(count.desc(), Enterprise.category)
    ).all()
    towns = session.execute(
        sa.select(Site.town_zh, Site.town_en, sa.func.count(sa.distinct(Enterprise.id)))
        .join(Site, Site.enterprise_id == Enterprise.id)
        .where(*where, Site.town_zh != "")
        .group_by(Site.town_zh, Site.town_en)
        .order_by(sa.func.count(sa.distinct(Enterprise.id)).desc(), Site.town_en)
    )
    return Outline(
        places=sum(number for _category, number in categories),
        categories=tuple((category, number) for category, number in categories),
        towns=tuple(Town(zh, en, number) for zh, en, number in towns),
    )


def themes_with_counts(session: Session) -> list[ThemeCount]:
    """Return every theme with what it has to show: two queries."""
    places = dict.fromkeys(Theme, 0)
    for category, number in session.execute(
        sa.select(Enterprise.category, sa.func.count())
        .where(*directory_where(DirectoryFilters()))
        .group_by(Enterprise.category)
    ):
        places[THEME_OF[category]] += number
    listings = dict.fromkeys(Theme, 0)
    for theme, number in session.execute(
        sa.select(Listing.theme, sa.func.count())
        .join(Enterprise, Enterprise.id == Listing.enterprise_id)
        .where(is_visible(), Listing.kind == ListingKind.STAY)
        .group_by(Listing.theme)
    ):
        listings[theme] = number
    return [ThemeCount(theme, places[theme], listings[theme]) for theme in Theme]


def names_of_listed(session: Session, codes: Collection[str]) -> dict[str, tuple[str, str]]:
    """Return the Chinese and English names of those of ``codes`` that everybody may see."""
    rows = session.execute(
        sa.select(Enterprise.code, Enterprise.name_zh, Enterprise.name_en).where(
            Enterprise.code.in_(codes), *directory_where(DirectoryFilters())
        )
    )
    return {code: (zh, en) for code, zh, en in rows}


def open_listings(session: Session) -> list[OpenListing]:
    """Return every visible listing that is not sample data, in the order of the ids."""
    rows = session.execute(
        sa.select(Listing.id, Listing.updated_at)
        .join(Enterprise, Enterprise.id == Listing.enterprise_id)
        .where(is_visible(), Listing.is_sample.is_(False), Enterprise.is_sample.is_(False))
        .order_by(Listing.id)
    )
    return [OpenListing(key, updated_at) for key, updated_at in rows]


def open_enterprises(session: Session) -> list[OpenEnterprise]:
    """Return every listed enterprise that is not sample data, in the order of the codes."""
    members: dict[int, list[Cluster]] = {}
    for enterprise_id, cluster in session.execute(
        sa.select(EnterpriseCluster.enterprise_id, EnterpriseCluster.cluster)
    ):
        members.setdefault(enterprise_id, []).append(cluster)
    rows = session.execute(
        sa.select(Enterprise.id, Enterprise.code, Enterprise.category, Enterprise.updated_at)
        .where(*directory_where(DirectoryFilters()))
        .order_by(Enterprise.code)
    )
    return [
        OpenEnterprise(code, THEME_OF[category], tuple(members.get(key, ())), updated_at)
        for key, code, category, updated_at in rows
    ]
