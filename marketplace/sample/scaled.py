"""A large sample for benchmarks: seeded, labelled, and written in bulk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.bulk.directory_loading import DATA, Progress, no_progress, station_points
from catalog.bulk.directory_rows import read_lines
from catalog.geography.rules import nearest_station
from catalog.models import Enterprise, EnterpriseCluster, Listing, RoomType, Site
from catalog.states import EnterpriseStatus, ListingStatus
from catalog.vocabulary import (
    THEME_OF,
    Category,
    Certainty,
    Cluster,
    Datum,
    FoodTag,
    Heating,
    ListingKind,
    Pace,
)
from marketplace.inventory.models import PoolKind, StockDay, StockPool
from marketplace.kernel import changes
from marketplace.kernel.clock import Clock, shanghai_date
from marketplace.kernel.db import Base, Database, UtcDateTime
from marketplace.kernel.errors import Invalid
from marketplace.pricing.models import NightRate, Tariff
from marketplace.pricing.nights.terms import Terms, write_terms
from marketplace.sample.definitions import FEN, Sample, night_fen, read_sample
from marketplace.sample.loading import SOURCE

PREFIX = "SCL"
LISTINGS_EACH = 4
"""Listings of one operator."""
ROWS_AT_ONCE = 5_000
POOLS_AT_ONCE = 500
MOST_ROOMS = 12
CHEAPEST_YUAN, DEAREST_YUAN = 90, 350
SEASON_PERCENT = {"summer": 100, "shoulder": 72, "winter": 80}
CLOSED_ONE_IN = 97

_TREES = (
    ("白桦", "Birch"), ("红松", "Korean Pine"), ("云杉", "Spruce"), ("椴树", "Linden"),
    ("枫叶", "Maple"), ("落叶松", "Larch"), ("杏花", "Apricot"), ("稻香", "Rice Field"),
    ("雾凇", "Rime"), ("泉水", "Spring Water"), ("江畔", "Riverside"), ("林海", "Forest Sea"),
)  # fmt: skip
_HOUSES = {
    Category.HOT_SPRING_RESORT: ("温泉旅居馆", "Spring Residence"),
    Category.FOREST_CABIN: ("林间木屋", "Forest Cabins"),
    Category.BASECAMP: ("避暑基营", "Summer Base Camp"),
    Category.TCM_WELLNESS: ("本草居", "Herbal Residence"),
    Category.RURAL_OPERATOR: ("乡村小院", "Village Courtyard"),
}
_CLUSTER_OF_COUNTY = {
    "222404": Cluster.HUNCHUN,
    "222402": Cluster.HUNCHUN,
    "222426": Cluster.CHANGBAI,
    "220621": Cluster.CHANGBAI,
    "220582": Cluster.JIAN,
    "220502": Cluster.JIAN,
}
_CLUSTER_OF_PREFECTURE = {
    "2201": Cluster.CJS_SPRINGS,
    "2202": Cluster.CJS_SPRINGS,
    "2207": Cluster.CJS_SPRINGS,
    "2206": Cluster.RING_CHANGBAI_SPRINGS,
    "2224": Cluster.RING_CHANGBAI_SPRINGS,
}


@dataclass(frozen=True, slots=True)
class _County:
    code: str
    name: str
    prefecture: str
    lat: float
    lon: float

    @property
    def cluster(self) -> Cluster | None:
        return _CLUSTER_OF_COUNTY.get(self.code) or _CLUSTER_OF_PREFECTURE.get(self.code[:4])


def make_scaled(
    database: Database,
    *,
    listings: int,
    pools: int,
    days: int,
    seed: int,
    clock: Clock,
    progress: Progress = no_progress,
) -> None:
    """Make a sample of this size beside what is there; the same seed makes the same one.

    Every listing gets at least one pool, and every pool has stock and prices for ``days`` days.

    Raises:
        Invalid: the sizes make no sense, or a scaled sample is there already.
    """
    if not 1 <= listings <= pools or days < 1:
        raise Invalid({"pools": "规模不对：产品至少 1 个，房型不能少于产品，天数至少 1 天"})
    now = clock.now()
    with database.write() as session:
        there = sa.select(Enterprise.id).where(Enterprise.code.startswith(PREFIX)).limit(1)
        if session.scalar(there) is not None:
            raise Invalid({"seed": "扩展示例已经生成过，请换一个空的数据库"})
        catalogue = _Catalogue(session, np.random.default_rng(seed), now)
        catalogue.enterprises(-(-listings // LISTINGS_EACH))
        catalogue.listings(listings)
        catalogue.rooms(pools)
    _fill(database, days=days, seed=seed, today=shanghai_date(now), progress=progress)
    while changes.sequence(database):
        pass


class _Catalogue:
    """Writes operators, sites, listings, rooms and pools."""

    def __init__(self, session: Session, rng: np.random.Generator, now: dt.datetime) -> None:
        self.session = session
        self.rng = rng
        self.now = now
        self.counties = _counties()
        self.kinds = list(_HOUSES)

    def _pick(self, choices: Sequence[Any]) -> Any:
        return choices[int(self.rng.integers(len(choices)))]

    def enterprises(self, count: int) -> None:
        chosen: dict[str, _County] = {}
        rows = []
        for number in range(count):
            code = f"{PREFIX}{number:06d}"
            county = chosen[code] = self._pick(self.counties)
            category = self._pick(self.kinds)
            tree, house = self._pick(_TREES), _HOUSES[category]
            rows.append(
                {
                    "code": code,
                    "name_zh": f"示例·{county.name}{tree[0]}{house[0]}{number}",
                    "name_en": f"Sample · {tree[1]} {house[1]} {number}",
                    "category": category,
                    "status": EnterpriseStatus.LISTED,
                    "claimed": False,
                    "planned": False,
                    "is_sample": True,
                    "prefecture": county.prefecture,
                    "county": county.name,
                    "adcode": county.code,
                    "note_zh": "",
                    "note_en": "",
                    "source": SOURCE,
                    "source_date": "",
                    "certainty": Certainty.SOURCED,
                    "version": 1,
                    "updated_at": self.now,
                }
            )
        self._insert(Enterprise, rows)
        self._sites(chosen)

    def _sites(self, chosen: dict[str, _County]) -> None:
        stations = station_points(self.session)
        near = {
            county.code: nearest_station(county.lat, county.lon, None, stations)
            for county in self.counties
        }
        ids = self._ids(Enterprise)
        self._insert(
            Site,
            [
                {
                    "enterprise_id": ids[code],
                    "name": county.name,
                    "town_zh": county.name,
                    "town_en": "",
                    "lat": county.lat,
                    "lon": county.lon,
                    "datum": Datum.UNKNOWN,
                    "coord_basis": "示例：县城位置",
                    "coord_error_km": 30.0,
                    "nearest_station_id": near[county.code],
                }
                for code, county in chosen.items()
            ],
        )
        self._insert(
            EnterpriseCluster,
            [
                {"enterprise_id": ids[code], "cluster": county.cluster}
                for code, county in chosen.items()
                if county.cluster is not None
            ],
        )

    def listings(self, count: int) -> None:
        owners = self.session.execute(
            sa.select(
                Enterprise.id,
                Enterprise.name_zh,
                Enterprise.name_en,
                Enterprise.category,
                Site.id.label("site_id"),
            )
            .join(Site, Site.enterprise_id == Enterprise.id)
            .where(Enterprise.code.startswith(PREFIX))
            .order_by(Enterprise.code)
        ).all()
        maybe = (True, False, None)
        rows = []
        for number in range(count):
            owner = owners[number % len(owners)]
            rows.append(
                {
                    "code": f"{PREFIX}{number:06d}",
                    "enterprise_id": owner.id,
                    "site_id": owner.site_id,
                    "kind": ListingKind.STAY,
                    "status": ListingStatus.PUBLISHED,
                    "name_zh": f"{owner.name_zh}·{self._pick(_TREES)[0]}楼",
                    "name_en": f"{owner.name_en}, {self._pick(_TREES)[1]} House",
                    "summary_zh": f"{self._pick(_TREES)[0]}与{self._pick(_TREES)[0]}之间的住处。",
                    "summary_en": "",
                    "theme": THEME_OF[owner.category],
                    "min_nights": self._pick((1, 3, 7, 15)),
                    "max_nights": self._pick((60, 90, 120)),
                    "is_sample": True,
                    "lift": self._pick(maybe),
                    "no_steps": self._pick(maybe),
                    "grab_bars": self._pick(maybe),
                    "hospital_km": self._pick((2, 5, 12, 30, None)),
                    "hospital_minutes": None,
                    "altitude_m": int(self.rng.integers(100, 900)),
                    "heating": self._pick(list(Heating)),
                    "food": [self._pick(list(FoodTag)).value],
                    "pace": self._pick(list(Pace)),
                    "family_suited": bool(self.rng.integers(2)),
                    "illustration": "",
                    "version": 1,
                    "updated_at": self.now,
                }
            )
        self._insert(Listing, rows)
        self._insert(
            changes.Change,
            [
                {"kind": changes.LISTING, "entity_id": str(key), "detail": {}, "at": self.now}
                for key in sorted(self._ids(Listing).values())
            ],
        )

    def rooms(self, count: int) -> None:
        listings = list(self._ids(Listing).items())
        owners = dict(self.session.execute(sa.select(Listing.id, Listing.enterprise_id)).all())
        home = {}
        rows = []
        for number in range(count):
            code = f"{PREFIX}{number:06d}"
            home[code] = listings[number % len(listings)][1]
            adults = int(self.rng.integers(1, 5))
            rows.append(
                {
                    "code": code,
                    "listing_id": home[code],
                    "name_zh": f"{adults}人间",
                    "name_en": f"Room for {adults}",
                    "max_adults": adults,
                    "max_guests": adults + int(self.rng.integers(0, 3)),
                    "area_m2": int(self.rng.integers(20, 80)),
                    "beds_zh": "",
                    "beds_en": "",
                    "position": number // len(listings),
                }
            )
        self._insert(RoomType, rows)
        self._insert(
            StockPool,
            [
                {"kind": PoolKind.ROOM, "room_type_id": key, "enterprise_id": owners[home[code]]}
                for code, key in self._ids(RoomType).items()
            ],
        )

    def _ids(self, model: Any) -> dict[str, int]:
        query = sa.select(model.code, model.id).where(model.code.startswith(PREFIX))
        return dict(self.session.execute(query.order_by(model.code)).all())

    def _insert(self, model: type[Base], rows: list[dict[str, Any]]) -> None:
        for first in range(0, len(rows), ROWS_AT_ONCE):
            self.session.execute(sa.insert(model), rows[first : first + ROWS_AT_ONCE])


def _counties() -> list[_County]:
    lines = read_lines(DATA / "jilin-divisions.csv", ("code", "level", "lat", "lon"))
    return [
        _County(row["code"], row["name"], row["parent_name"], float(row["lat"]), float(row["lon"]))
        for _line, row in lines
        if row["level"] == "county" and row["lat"]
    ]


def _fill(database: Database, *, days: int, seed: int, today: dt.date, progress: Progress) -> None:
    """Write stock and prices inside the database: millions of rows never pass through Python."""
    calendar = _calendar(read_sample(), today, days)
    terms = write_terms(Terms(tiers=read_sample().tiers))
    now = dt.datetime.combine(today, dt.time(), tzinfo=dt.UTC)
    with database.read() as session:
        pool_ids = session.scalars(
            sa.select(StockPool.id)
            .join(RoomType, RoomType.id == StockPool.room_type_id)
            .where(RoomType.code.startswith(PREFIX))
            .order_by(StockPool.id)
        ).all()
    for first in range(0, len(pool_ids), POOLS_AT_ONCE):
        some = pool_ids[first : first + POOLS_AT_ONCE]
        mine = StockPool.id.between(some[0], some[-1])
        with database.write() as session:
            _fill_from(session, StockDay, _stock(calendar, seed).where(mine))
            _fill_from(session, NightRate, _prices(calendar, seed).where(mine))
            _fill_from(
                session,
                Tariff,
                sa.select(
                    StockPool.room_type_id,
                    sa.literal(terms).label("terms"),
                    sa.literal(now, UtcDateTime()).label("made_at"),
                ).where(mine),
            )
        progress(first + len(some), len(pool_ids))


def _fill_from(session: Session, model: type[Base], rows: Any) -> None:
    names = [column.name for column in rows.selected_columns]
    session.execute(sa.insert(model).from_select(names, rows, include_defaults=False))


def _stock(calendar: sa.CTE, seed: int) -> sa.Select[Any]:
    mixed = StockPool.id * 31 + calendar.c.number * 17 + seed
    return (
        sa.select(
            StockPool.id.label("pool_id"),
            calendar.c.day,
            (1 + (StockPool.id * 37 + seed) % MOST_ROOMS).label("capacity"),
            sa.literal(0).label("taken"),
            (mixed % CLOSED_ONE_IN == 0).label("closed"),
        )
        .join(calendar, sa.true())
        .order_by(StockPool.id, calendar.c.day)
    )


def _prices(calendar: sa.CTE, seed: int) -> sa.Select[Any]:
    spread = DEAREST_YUAN - CHEAPEST_YUAN
    yuan = CHEAPEST_YUAN + (StockPool.room_type_id * 53 + seed) % spread
    return (
        sa.select(
            StockPool.room_type_id,
            calendar.c.day,
            ((yuan * calendar.c.percent + 50) // 100 * FEN).label("list_fen"),
            sa.true().label("by_hand"),
        )
        .join(calendar, sa.true())
        .order_by(StockPool.room_type_id, calendar.c.day)
    )


def _calendar(sample: Sample, today: dt.date, days: int) -> sa.CTE:
    """Return the days with a number and with their price in percent of a room's summer price."""
    rows = []
    for number in range(days):
        day = today + dt.timedelta(days=number)
        percent = night_fen(SEASON_PERCENT[sample.season(day)], day) // FEN
        rows.append((day, number, percent))
    return _table("calendar", {"day": sa.Date, "number": sa.Integer, "percent": sa.Integer}, rows)


def _table(name: str, columns: dict[str, Any], rows: list[tuple[Any, ...]]) -> sa.CTE:
    """Return constant rows as a table of the statement."""
    made = [sa.column(column, kind) for column, kind in columns.items()]
    return sa.values(*made, name=name).data(rows).cte(name)
