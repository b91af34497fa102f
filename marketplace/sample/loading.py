"""Loading the sample: made once, brought up to its files on every later run."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.bulk.directory_loading import Progress, no_progress, station_points
from catalog.geography.rules import nearest_station
from catalog.models import Enterprise, EnterpriseCluster, Listing, RoomType, Site
from catalog.states import EnterpriseStatus, ListingStatus
from catalog.vocabulary import Certainty, Datum, ListingKind
from marketplace.inventory.models import PoolKind, StockPool
from marketplace.kernel import changes
from marketplace.kernel.clock import Clock, shanghai_date
from marketplace.kernel.db import Base, Database
from marketplace.sample.definitions import Sample, read_sample
from marketplace.sample.horizon import HORIZON_DAYS, extend_horizon
from marketplace.sample.tariffs import renew_tariffs

SOURCE = "示例数据（虚构）"
STEPS = 3


def load_sample(
    database: Database,
    *,
    clock: Clock,
    progress: Progress = no_progress,
    days: int = HORIZON_DAYS,
) -> bool:
    """Load the sample with ``days`` days of stock and prices; returns whether anything changed.

    The stations must be loaded before. What the office and the operators did stays: a suspension,
    a paused listing, another tariff, capacities, prices and restrictions of days that are there.
    """
    sample = read_sample()
    now = clock.now()
    with database.write() as session:
        loader = _Loader(session, sample, now)
        loader.enterprises()
        progress(1, STEPS)
        loader.listings()
        loader.rooms()
        progress(2, STEPS)
        renewed = renew_tariffs(session, sample=sample, today=shanghai_date(now))
        added = extend_horizon(session, today=shanghai_date(now), sample=sample, days=days)
        progress(STEPS, STEPS)
    return loader.changed or renewed > 0 or added > 0


class _Loader:
    """One run over the sample; knows which listings to announce as changed."""

    def __init__(self, session: Session, sample: Sample, now: dt.datetime) -> None:
        self.session = session
        self.sample = sample
        self.now = now
        self.changed = False

    def enterprises(self) -> None:
        fresh = {
            "status": EnterpriseStatus.LISTED,
            "claimed": False,
            "planned": False,
            "is_sample": True,
            "certainty": Certainty.SOURCED,
            "source": SOURCE,
            "source_date": "",
            "version": 1,
            "updated_at": self.now,
        }
        wanted = {operator.code: operator.facts for operator in self.sample.operators}
        self._upsert(Enterprise, wanted, fresh)
        ids = self._ids(Enterprise)
        stations = station_points(self.session)
        have = {row.enterprise_id: row for row in self.session.scalars(sa.select(Site))}
        new = []
        for operator in self.sample.operators:
            place = operator.site
            facts = {
                **place,
                "datum": Datum.WGS84,
                "coord_basis": f"GeoNames settlement centroid of {place['town_zh']}",
                "coord_error_km": 8.0,
                "nearest_station_id": nearest_station(
                    place["lat"], place["lon"], place["slope"], stations
                ),
            }
            site = have.get(ids[operator.code])
            if site is None:
                new.append({**facts, "enterprise_id": ids[operator.code]})
            else:
                self._set(site, facts)
        self._insert(Site, new)
        self._insert(EnterpriseCluster, self._missing_clusters(ids))

    def _missing_clusters(self, ids: dict[str, int]) -> list[dict[str, Any]]:
        rows = self.session.execute(
            sa.select(EnterpriseCluster.enterprise_id, EnterpriseCluster.cluster)
        )
        have = {(row.enterprise_id, row.cluster) for row in rows}
        return [
            {"enterprise_id": ids[operator.code], "cluster": cluster}
            for operator in self.sample.operators
            for cluster in sorted(operator.clusters)
            if (ids[operator.code], cluster) not in have
        ]

    def listings(self) -> None:
        ids = self._ids(Enterprise)
        sites = {
            row.enterprise_id: row.id
            for row in self.session.execute(sa.select(Site.enterprise_id, Site.id))
        }
        wanted = {
            listing.code: {
                **listing.facts,
                "enterprise_id": ids[listing.operator],
                "site_id": sites[ids[listing.operator]],
            }
            for listing in self.sample.listings
        }
        fresh = {
            "kind": ListingKind.STAY,
            "status": ListingStatus.PUBLISHED,
            "is_sample": True,
            "version": 1,
            "updated_at": self.now,
        }
        for listing_id in self._upsert(Listing, wanted, fresh):
            changes.record(self.session, changes.LISTING, listing_id, now=self.now)

    def rooms(self) -> None:
        listings = self._ids(Listing)
        wanted = {
            room.code: {**room.facts, "listing_id": listings[room.listing], "position": position}
            for position, room in enumerate(self.sample.rooms)
        }
        self._upsert(RoomType, wanted, {})
        rooms = self._ids(RoomType)
        owners = dict(self.session.execute(sa.select(Listing.id, Listing.enterprise_id)).all())
        pooled = set(self.session.scalars(sa.select(StockPool.room_type_id)))
        self._insert(
            StockPool,
            [
                {
                    "kind": PoolKind.ROOM,
                    "room_type_id": rooms[room.code],
                    "enterprise_id": owners[listings[room.listing]],
                }
                for room in self.sample.rooms
                if rooms[room.code] not in pooled
            ],
        )

    # ------------------------------------------------------------ small steps

    def _ids(self, model: Any) -> dict[str, int]:
        return dict(self.session.execute(sa.select(model.code, model.id)).all())

    def _insert(self, model: type[Base], rows: list[dict[str, Any]]) -> None:
        if rows:
            self.changed = True
            self.session.execute(sa.insert(model), rows)

    def _set(self, row: Any, facts: dict[str, Any]) -> bool:
        different = {name: value for name, value in facts.items() if getattr(row, name) != value}
        for name, value in different.items():
            setattr(row, name, value)
        self.changed = self.changed or bool(different)
        return bool(different)

    def _upsert(
        self, model: Any, wanted: dict[str, dict[str, Any]], fresh: dict[str, Any]
    ) -> list[int]:
        """Insert or update rows by code; returns the ids of those made or changed."""
        query = sa.select(model).where(model.code.in_(wanted))
        have = {row.code: row for row in self.session.scalars(query)}
        touched = []
        for code, row in have.items():
            if self._set(row, wanted[code]):
                touched.append(code)
                if "version" in fresh:
                    row.version += 1
                    row.updated_at = self.now
        new = [
            {**fresh, **facts, "code": code} for code, facts in wanted.items() if code not in have
        ]
        self._insert(model, new)
        self.session.flush()
        touched += [row["code"] for row in new]
        ids = self._ids(model)
        return [ids[code] for code in touched]
