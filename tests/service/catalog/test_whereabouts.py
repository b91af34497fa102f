"""Every place that the whole directory and sample claim to be at, held against their points."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.bulk.diff import TOWNS
from catalog.bulk.directory_loading import DATA, import_directory
from catalog.bulk.directory_rows import read_towns
from catalog.geography.reference_loading import load_reference
from catalog.geography.reference_models import Division
from catalog.geography.rules import NEAR_KM, distance_km
from catalog.geography.towns import REACH_KM
from catalog.labels import label
from catalog.models import Enterprise, EnterpriseCluster, Listing, Site, Station
from catalog.search.document import all_documents
from catalog.search.indexes.port import DocKind
from catalog.vocabulary import Cluster, Slope
from marketplace.kernel.clock import SetClock
from marketplace.kernel.db import Database
from marketplace.sample import load_sample
from tests.factories import NOW

WIDEST_KM = 200
"""How far a member may be from the middle of its cluster; the belts are wide."""
SLOPE_KM = 60
"""How far a place on a slope of Changbai Mountain may be from the lake on its top."""
LAKE = (42.006, 128.056)


@pytest.fixture(scope="module")
def session(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    path = tmp_path_factory.mktemp("whereabouts") / "all.sqlite3"
    shutil.copy(sqlite_template, path)
    database, clock = Database(f"sqlite:///{path}"), SetClock(NOW)
    load_reference(database)
    import_directory(database, DATA / "directory-places.csv", clock=clock)
    load_sample(database, clock=clock, days=1)
    with database.read() as reading:
        yield reading
    database.dispose()


def test_every_place_a_document_claims_is_near_its_point_or_its_division(session: Session) -> None:
    entries = {row.id: row for row in session.scalars(sa.select(Enterprise))}
    sites = {row.id: row for row in session.scalars(sa.select(Site))}
    site_of_entry = {row.enterprise_id: row for row in sites.values()}
    listings = {row.id: row for row in session.scalars(sa.select(Listing))}
    stations = {row.name_zh: row for row in session.scalars(sa.select(Station))}
    divisions = {row.code: row for row in session.scalars(sa.select(Division))}
    towns = {point.town.zh: point for point in read_towns(TOWNS)}
    clusters = {label(one) for one in Cluster} | {"珲春", "长白山", "集安", "环长白山"}
    slopes = {label(one) for one in Slope}
    claimed = 0
    for document in all_documents(session):
        if document.kind is DocKind.ENTERPRISE:
            entry = entries[document.id]
            site = site_of_entry[entry.id]
        else:
            listing = listings[document.id]
            entry, site = entries[listing.enterprise_id], sites[listing.site_id or 0]
        own = divisions[entry.adcode]
        divided = {own.name, divisions[own.parent_code or ""].name}
        for word in document.place.split():
            if word.isascii() or word in divided | clusters | slopes:
                continue
            point = stations.get(word) or towns.get(word)
            assert point is not None, (document.name, word)
            reach = NEAR_KM if word in stations else REACH_KM
            where = (document.name, word)
            assert distance_km(site.lat, site.lon, point.lat, point.lon) <= reach, where
            claimed += 1
    assert claimed > 100


def test_every_town_slope_station_and_division_of_a_site_is_near_it(session: Session) -> None:
    towns = read_towns(TOWNS)
    stations = {row.id: row for row in session.scalars(sa.select(Station))}
    divisions = {row.code: row for row in session.scalars(sa.select(Division))}
    rows = session.execute(
        sa.select(Site, Enterprise).join(Enterprise, Enterprise.id == Site.enterprise_id)
    )
    for site, entry in rows:
        county = divisions[entry.adcode]
        assert (entry.county, entry.prefecture) in {
            (county.name, divisions[county.parent_code or ""].name),
            ("", county.name),
        }, entry.code
        if site.town_zh:
            here = [point for point in towns if point.town.zh == site.town_zh]
            assert [point.adcode for point in here] == [entry.adcode], entry.code
            assert distance_km(site.lat, site.lon, here[0].lat, here[0].lon) <= REACH_KM
        if site.slope is not None:
            assert distance_km(site.lat, site.lon, *LAKE) <= SLOPE_KM, entry.code
        if site.nearest_station_id is not None:
            station = stations[site.nearest_station_id]
            assert distance_km(site.lat, site.lon, station.lat, station.lon) <= NEAR_KM


def test_every_member_of_a_cluster_is_near_its_middle(session: Session) -> None:
    members: dict[Cluster, list[tuple[str, float, float]]] = {}
    for cluster, code, lat, lon in session.execute(
        sa.select(EnterpriseCluster.cluster, Enterprise.code, Site.lat, Site.lon)
        .join(Enterprise, Enterprise.id == EnterpriseCluster.enterprise_id)
        .join(Site, Site.enterprise_id == Enterprise.id)
    ):
        members.setdefault(cluster, []).append((code, lat, lon))
    assert set(members) == set(Cluster)
    for some in members.values():
        lat = sum(one[1] for one in some) / len(some)
        lon = sum(one[2] for one in some) / len(some)
        far = {one[0]: round(distance_km(lat, lon, one[1], one[2])) for one in some}
        assert max(far.values()) <= WIDEST_KM, far
