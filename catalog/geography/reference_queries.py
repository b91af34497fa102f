"""Reads of what stands round the directory: clusters, cities to come from, trains, stations."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog import views
from catalog.geography.reference_models import RailLink, SourceCity
from catalog.models import Enterprise, EnterpriseCluster, Listing, Station
from catalog.queries import DirectoryFilters, directory_where, is_visible, station_view
from catalog.vocabulary import Cluster, ListingKind


def clusters_with_counts(session: Session) -> list[views.ClusterCount]:
    """Return every cluster, and last what is in none, with what each has to show."""
    places = _counts(
        session,
        sa.select(EnterpriseCluster.cluster, sa.func.count())
        .select_from(Enterprise)
        .outerjoin(EnterpriseCluster, EnterpriseCluster.enterprise_id == Enterprise.id)
        .where(*directory_where(DirectoryFilters()))
        .group_by(EnterpriseCluster.cluster),
    )
    listings = _counts(
        session,
        sa.select(EnterpriseCluster.cluster, sa.func.count())
        .select_from(Listing)
        .join(Enterprise, Enterprise.id == Listing.enterprise_id)
        .outerjoin(EnterpriseCluster, EnterpriseCluster.enterprise_id == Enterprise.id)
        .where(is_visible(), Listing.kind == ListingKind.STAY)
        .group_by(EnterpriseCluster.cluster),
    )
    order: list[Cluster | None] = [*Cluster, None]
    return [
        views.ClusterCount(cluster, places.get(cluster, 0), listings.get(cluster, 0))
        for cluster in order
    ]


def _counts(session: Session, statement: sa.Select[Cluster, int]) -> dict[Cluster | None, int]:
    return {row[0]: row[1] for row in session.execute(statement)}


def source_cities(session: Session) -> list[views.SourceCityView]:
    """Return the source cities, those that gain most by coming first."""
    names = views.SourceCityView.__dataclass_fields__
    rows = session.execute(
        sa.select(*(getattr(SourceCity, name) for name in names)).order_by(
            SourceCity.cooler_by.desc(), SourceCity.adcode
        )
    )
    return [views.SourceCityView(**row) for row in rows.mappings()]


def rail_links(session: Session) -> list[views.RailLinkView]:
    """Return the rail links, those that may be planned with first, then by destination."""
    names = views.RailLinkView.__dataclass_fields__
    rows = session.execute(
        sa.select(*(getattr(RailLink, name) for name in names)).order_by(
            RailLink.usable_for_planning.desc(), RailLink.to_station, RailLink.fastest_minutes
        )
    )
    return [views.RailLinkView(**row) for row in rows.mappings()]


def stations(session: Session) -> list[views.StationView]:
    """Return the stations by code."""
    return [station_view(row) for row in session.scalars(sa.select(Station).order_by(Station.code))]
