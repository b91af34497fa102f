"""Reads of the directory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog import views
from catalog.directory import listing_parts, photo_queries
from catalog.models import (
    Enterprise,
    EnterpriseCluster,
    EnterpriseGrade,
    Listing,
    Site,
    Station,
)
from catalog.states import EnterpriseStatus, ListingStatus
from catalog.vocabulary import (
    Category,
    Cluster,
    FoodTag,
    GradeScheme,
    TcmService,
    Theme,
    categories_of,
)
from marketplace.kernel.errors import NotFound
from marketplace.kernel.pagination import Page

PAGE_SIZE = 10


def is_visible() -> sa.ColumnElement[bool]:
    """The one rule of what may be shown, for statements that join both tables.

    What may be sold, ``catalog.sale`` says: a place that nobody has claimed is shown and not sold.
    """
    return sa.and_(
        Listing.status == ListingStatus.PUBLISHED, Enterprise.status == EnterpriseStatus.LISTED
    )


# ------------------------------------------------------------------ listings


def cards(
    session: Session, ids: Collection[int] | None, *, hidden_too: bool = False
) -> list[views.ListingCard]:
    """Return the visible listings among ``ids``, in the order of ``ids``; ``None`` asks for all.

    One query, however many. ``hidden_too`` adds those that are not published or suspended, for
    vouchers and operators.
    """
    rows = [_listing_card(row) for row in session.execute(_listing_rows(ids, hidden_too))]
    if ids is None:
        return rows
    found = {card.id: card for card in rows}
    return [found[key] for key in ids if key in found]


def listing_pages(
    session: Session, ids: Collection[int], *, hidden_too: bool = False, bare: bool = False
) -> list[views.ListingPage]:
    """Return the visible listings among ``ids`` with all that their pages show.

    The number of queries does not depend on how many there are. ``bare`` leaves photographs and
    evidence out: for quotes, vouchers and feeds, which do not show them.
    """
    statement = _listing_rows(ids, hidden_too).add_columns(Site, Station)
    found = {row.id: row for row in session.execute(statement)}
    parts = listing_parts.read(session, {key: row.kind for key, row in found.items()}, bare=bare)
    return [
        views.ListingPage(
            card=_listing_card(found[key]),
            site=site_view(found[key].Site),
            station=station_view(found[key].Station) if found[key].Station is not None else None,
            **parts.of(key),
        )
        for key in ids
        if key in found
    ]


def listing_page(
    session: Session, listing_id: int, *, hidden_too: bool = False, bare: bool = False
) -> views.ListingPage:
    """Return one listing; raises ``NotFound`` when it does not exist or is not visible."""
    found = listing_pages(session, [listing_id], hidden_too=hidden_too, bare=bare)
    if not found:
        raise NotFound
    return found[0]


def _clusters_of() -> sa.ScalarSelect[Any]:
    """The clusters of the enterprise of the enclosing statement, joined by commas."""
    return (
        sa.select(
            sa.func.aggregate_strings(sa.type_coerce(EnterpriseCluster.cluster, sa.String), ",")
        )
        .where(EnterpriseCluster.enterprise_id == Enterprise.id)
        .correlate(Enterprise)
        .scalar_subquery()
    )


def a_level(column: sa.orm.InstrumentedAttribute[str]) -> sa.ScalarSelect[Any]:
    """A column of the A-level grade of the enterprise of the enclosing statement."""
    return (
        sa.select(column)
        .where(
            EnterpriseGrade.enterprise_id == Enterprise.id,
            EnterpriseGrade.scheme == GradeScheme.A_LEVEL,
        )
        .correlate(Enterprise)
        .scalar_subquery()
    )


def _listing_rows(ids: Collection[int] | None, hidden_too: bool) -> sa.Select[Any]:
    names = [
        "id", "code", "kind", "status", "name_zh", "name_en", "summary_zh", "summary_en", "theme",
        "min_nights", "max_nights", "is_sample", "lift", "no_steps", "grab_bars", "hospital_km",
        "hospital_minutes", "altitude_m", "heating", "food", "pace", "steps", "bed_height_cm",
        "july_mean_c", "july_years", "activity", "spring", "water_c", "cautions_zh", "cautions_en",
        "tcm", "pets", "opens", "closes", "family_suited", "illustration", "version", "updated_at",
        "enterprise_id",
    ]  # fmt: skip
    statement = (
        sa.select(
            *(getattr(Listing, name) for name in names),
            Enterprise.code.label("enterprise_code"),
            Enterprise.name_zh.label("enterprise_zh"),
            Enterprise.name_en.label("enterprise_en"),
            Enterprise.prefecture,
            Enterprise.county,
            Site.town_zh,
            Site.town_en,
            Site.slope,
            Station.name_zh.label("station_zh"),
            Station.name_en.label("station_en"),
            _clusters_of().label("clusters"),
            *photo_queries.columns_of(photo_queries.FIRST),
        )
        .join(Enterprise, Enterprise.id == Listing.enterprise_id)
        .join(Site, Site.id == Listing.site_id)
        .outerjoin(Station, Station.id == Site.nearest_station_id)
        .outerjoin(photo_queries.FIRST, photo_queries.FIRST.id == photo_queries.first_photo())
    )
    if ids is not None:
        statement = statement.where(Listing.id.in_(ids))
    return statement if hidden_too else statement.where(is_visible())


_LISTING_FIELDS = tuple(
    name
    for name in views.ListingCard.__dataclass_fields__
    if name not in {"illustration", "food", "tcm", "clusters", "photo"}
)


def _listing_card(row: Any) -> views.ListingCard:
    return views.ListingCard(
        **{name: getattr(row, name) for name in _LISTING_FIELDS},
        illustration=row.illustration or row.theme.value,
        food=tuple(FoodTag(tag) for tag in row.food),
        tcm=tuple(TcmService(service) for service in row.tcm),
        clusters=_split_clusters(row.clusters),
        photo=photo_queries.photo_view(row) if row.photo_id is not None else None,
    )


def _split_clusters(joined: str | None) -> tuple[Cluster, ...]:
    """Return clusters in the order of the vocabulary from their joined values."""
    have = set((joined or "").split(","))
    return tuple(cluster for cluster in Cluster if cluster.value in have)


# ------------------------------------------------------------------ directory


@dataclass(frozen=True, slots=True)
class DirectoryFilters:
    """What to show of the directory; empty fields do not restrict."""

    cluster: Cluster | None = None
    outside: bool = False
    """Only what belongs to no cluster."""
    theme: Theme | None = None
    category: Category | None = None
    ids: Sequence[int] | None = None
    """Only these, in this order: the hits of a search by words."""
    samples: bool = False
    """Sample operators instead of the real directory."""
    suspended: bool | None = False
    """Suspended ones only, or with ``None`` both: for the office."""


def directory_page(
    session: Session, *, filters: DirectoryFilters, page: int = 1, size: int = PAGE_SIZE
) -> Page[views.EnterpriseCard]:
    """Return one page of the directory, in the order of a search or else of the codes."""
    where = list(directory_where(filters))
    total = session.scalar(sa.select(sa.func.count()).select_from(Enterprise).where(*where)) or 0
    statement = _enterprise_rows().where(*where)
    if filters.ids is not None:
        place = {key: number for number, key in enumerate(filters.ids)}
        order: Any = sa.case(place, value=Enterprise.id) if place else Enterprise.id
        statement = statement.order_by(order)
    else:
        statement = statement.order_by(Enterprise.code)
    rows = session.execute(statement.limit(size).offset((max(page, 1) - 1) * size))
    return Page([_enterprise_card(row) for row in rows], total, max(page, 1), size)


def enterprise_page(
    session: Session, code: str, *, suspended_too: bool = False
) -> views.EnterprisePage:
    """Return one entry; raises ``NotFound`` when it does not exist or is suspended."""
    statement = (
        _enterprise_rows().where(Enterprise.code == code).add_columns(Enterprise, Site, Station)
    )
    row = session.execute(statement).one_or_none()
    if row is None or (row.status is not EnterpriseStatus.LISTED and not suspended_too):
        raise NotFound
    own = session.scalars(
        sa.select(Listing.id).where(Listing.enterprise_id == row.id).order_by(Listing.code)
    ).all()
    return views.EnterprisePage(
        card=_enterprise_card(row),
        administering_body=row.Enterprise.administering_body,
        source=row.Enterprise.source,
        source_date=row.Enterprise.source_date,
        suspended_reason=row.Enterprise.suspended_reason,
        site=site_view(row.Site) if row.Site is not None else None,
        station=station_view(row.Station) if row.Station is not None else None,
        listings=tuple(cards(session, own, hidden_too=suspended_too)),
    )


def directory_where(filters: DirectoryFilters) -> list[sa.ColumnElement[bool]]:
    """Return what ``filters`` ask of an enterprise."""
    where: list[sa.ColumnElement[bool]] = [Enterprise.is_sample.is_(filters.samples)]
    member = sa.exists().where(EnterpriseCluster.enterprise_id == Enterprise.id)
    if filters.suspended is not None:
        status = EnterpriseStatus.SUSPENDED if filters.suspended else EnterpriseStatus.LISTED
        where.append(Enterprise.status == status)
    if filters.cluster is not None:
        where.append(member.where(EnterpriseCluster.cluster == filters.cluster))
    if filters.outside:
        where.append(~member)
    if filters.theme is not None:
        where.append(Enterprise.category.in_(categories_of(filters.theme)))
    if filters.category is not None:
        where.append(Enterprise.category == filters.category)
    if filters.ids is not None:
        where.append(Enterprise.id.in_(filters.ids))
    return where


def _enterprise_rows() -> sa.Select[Any]:
    names = [
        "id", "code", "name_zh", "name_en", "category", "status", "claimed", "planned",
        "is_sample", "prefecture", "county", "note_zh", "note_en", "certainty",
    ]  # fmt: skip
    first_site = (
        sa.select(sa.func.min(Site.id))
        .where(Site.enterprise_id == Enterprise.id)
        .correlate(Enterprise)
        .scalar_subquery()
    )
    return (
        sa.select(
            *(getattr(Enterprise, name) for name in names),
            sa.func.coalesce(Site.town_zh, "").label("town_zh"),
            sa.func.coalesce(Site.town_en, "").label("town_en"),
            _clusters_of().label("clusters"),
            a_level(EnterpriseGrade.value).label("grade"),
            a_level(EnterpriseGrade.as_of).label("grade_as_of"),
        )
        .outerjoin(Site, Site.id == first_site)
        .outerjoin(Station, Station.id == Site.nearest_station_id)
    )


def all_enterprises(
    session: Session, ids: Sequence[int] | None = None
) -> list[views.EnterpriseCard]:
    """Return the real entries that are listed, all or those among ``ids``, for the search index."""
    statement = _enterprise_rows().where(*directory_where(DirectoryFilters(ids=ids)))
    return [_enterprise_card(row) for row in session.execute(statement.order_by(Enterprise.id))]


_ENTERPRISE_FIELDS = tuple(
    name for name in views.EnterpriseCard.__dataclass_fields__ if name != "clusters"
)


def _enterprise_card(row: Any) -> views.EnterpriseCard:
    return views.EnterpriseCard(
        **{name: getattr(row, name) for name in _ENTERPRISE_FIELDS},
        clusters=_split_clusters(row.clusters),
    )


def sources(session: Session, enterprise_ids: Collection[int]) -> dict[int, str]:
    """Return where what is said of each of these entries comes from."""
    rows = session.execute(
        sa.select(Enterprise.id, Enterprise.source).where(Enterprise.id.in_(enterprise_ids))
    )
    return {row.id: row.source for row in rows}


def site_view(row: Site) -> views.SiteView:
    """Return a site's row as it is read."""
    return views.SiteView(
        **{name: getattr(row, name) for name in views.SiteView.__dataclass_fields__}
    )


def station_view(row: Station) -> views.StationView:
    """Return a station's row as it is read."""
    return views.StationView(
        **{name: getattr(row, name) for name in views.StationView.__dataclass_fields__}
    )
