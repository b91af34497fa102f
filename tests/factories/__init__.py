"""Small makers of what a test needs to exist: an enterprise, a listing, rooms on sale."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Enterprise, EnterpriseCluster, Listing, RoomType, Site, TimeSlot
from catalog.states import ListingStatus
from catalog.vocabulary import Category, Cluster, Datum, ListingKind, Theme
from marketplace.inventory.models import PoolKind, StockDay, StockPool
from marketplace.kernel import changes
from marketplace.kernel.db import table_of
from marketplace.pricing.models import NightRate, Tariff
from marketplace.pricing.nights.terms import Terms, Tier, write_terms

NOW = dt.datetime(2027, 6, 1, 4, 0, tzinfo=dt.UTC)
"""Noon in Asia/Shanghai on a Tuesday: when the tests' clock starts."""
TODAY = dt.date(2027, 6, 1)
_number = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Room:
    """A room type on sale."""

    room_type_id: int
    pool_id: int
    listing_id: int
    enterprise_id: int


@dataclass(frozen=True, slots=True)
class Slot:
    """A time of an activity with places."""

    time_slot_id: int
    pool_id: int
    listing_id: int


def make_enterprise(
    session: Session, *, clusters: tuple[Cluster, ...] = (Cluster.CHANGBAI,), **facts: Any
) -> int:
    """Make a sample operator that may sell, with one site; returns its id."""
    enterprise = Enterprise(
        **{
            "code": f"SMP{next(_number):05d}",
            "name_zh": "示例森林小屋",
            "name_en": "Sample Forest Cabins",
            "category": Category.FOREST_CABIN,
            "is_sample": True,
            "source": "示例数据（虚构）",
            "prefecture": "延边朝鲜族自治州",
            "county": "安图县",
            "updated_at": NOW,
        }
        | facts
    )
    session.add(enterprise)
    session.flush()
    session.add(
        Site(
            enterprise_id=enterprise.id,
            name="示例院子",
            town_zh="二道白河",
            town_en="Erdaobaihe",
            lat=42.4,
            lon=128.1,
            datum=Datum.WGS84,
            coord_error_km=8.0,
        )
    )
    session.add_all(
        EnterpriseCluster(enterprise_id=enterprise.id, cluster=cluster) for cluster in clusters
    )
    session.flush()
    return enterprise.id


def make_listing(session: Session, *, enterprise_id: int, **facts: Any) -> int:
    """Make a published stay of an enterprise; returns its id."""
    site_id = session.scalar(sa.select(Site.id).where(Site.enterprise_id == enterprise_id))
    listing = Listing(
        **{
            "enterprise_id": enterprise_id,
            "site_id": site_id,
            "code": f"L{next(_number):06d}",
            "kind": ListingKind.STAY,
            "status": ListingStatus.PUBLISHED,
            "name_zh": "林间小屋长住",
            "name_en": "Forest cabin stay",
            "summary_zh": "安静的林间小屋",
            "summary_en": "Quiet cabins among trees",
            "theme": Theme.FOREST,
            "min_nights": 1,
            "max_nights": 90,
            "is_sample": True,
            "lift": False,
            "no_steps": True,
            "hospital_minutes": 20,
            "updated_at": NOW,
        }
        | facts
    )
    session.add(listing)
    session.flush()
    changes.record(session, changes.LISTING, listing.id, now=NOW)
    return listing.id


def make_room(
    session: Session,
    *,
    listing_id: int,
    first_day: dt.date = TODAY,
    days: int = 120,
    capacity: int = 2,
    list_fen: int = 20_000,
    discounts: Mapping[int, int] | None = None,
    terms: Terms | None = None,
    **facts: Any,
) -> Room:
    """Make a room type with stock and one price for ``days`` days from ``first_day``."""
    enterprise_id = session.scalar(sa.select(Listing.enterprise_id).where(Listing.id == listing_id))
    assert enterprise_id is not None
    room = RoomType(
        **{
            "listing_id": listing_id,
            "code": f"R{next(_number):06d}",
            "name_zh": "双床房",
            "name_en": "Twin room",
            "max_adults": 2,
            "max_guests": 3,
        }
        | facts
    )
    session.add(room)
    session.flush()
    pool = StockPool(kind=PoolKind.ROOM, room_type_id=room.id, enterprise_id=enterprise_id)
    session.add(pool)
    session.flush()
    nights = [first_day + dt.timedelta(days=offset) for offset in range(days)]
    session.execute(
        sa.insert(table_of(StockDay)),
        [{"pool_id": pool.id, "day": day, "capacity": capacity} for day in nights],
    )
    session.execute(
        sa.insert(table_of(NightRate)),
        [
            {"room_type_id": room.id, "day": day, "list_fen": list_fen, "by_hand": True}
            for day in nights
        ],
    )
    tiers = [Tier(*each) for each in (discounts if discounts is not None else {30: 1500}).items()]
    terms = replace(terms or Terms(), tiers=(*(terms.tiers if terms else ()), *tiers))
    session.add(Tariff(room_type_id=room.id, terms=write_terms(terms), made_at=NOW))
    session.flush()
    span = {"first": nights[0].isoformat(), "last": (nights[-1] + dt.timedelta(1)).isoformat()}
    changes.record(session, changes.STOCK, pool.id, now=NOW, detail=span)
    return Room(room.id, pool.id, listing_id, enterprise_id)


def make_slot(
    session: Session,
    *,
    enterprise_id: int,
    first_day: dt.date = TODAY,
    days: int = 120,
    capacity: int = 12,
) -> Slot:
    """Make an activity of an enterprise with one time, and places on each of ``days`` days."""
    listing_id = make_listing(session, enterprise_id=enterprise_id, kind=ListingKind.ACTIVITY)
    slot = TimeSlot(
        listing_id=listing_id,
        code=f"T{next(_number):06d}",
        name_zh="上午场",
        weekdays=[1, 3, 6],
        starts="09:30",
        minutes=90,
        capacity=capacity,
    )
    session.add(slot)
    session.flush()
    pool = StockPool(kind=PoolKind.SLOT, time_slot_id=slot.id, enterprise_id=enterprise_id)
    session.add(pool)
    session.flush()
    session.execute(
        sa.insert(table_of(StockDay)),
        [
            {"pool_id": pool.id, "day": first_day + dt.timedelta(offset), "capacity": capacity}
            for offset in range(days)
        ],
    )
    return Slot(slot.id, pool.id, listing_id)
