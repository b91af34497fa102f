"""What may own a pool: what a listing of each kind sells, and the column that names it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy.orm import InstrumentedAttribute

from catalog.models import RoomType, TimeSlot
from catalog.vocabulary import ListingKind
from marketplace.inventory.models import PoolKind, StockPool


@dataclass(frozen=True, slots=True)
class Owner:
    """One kind of owner."""

    kind: PoolKind
    """The kind of its pools."""
    model: type[RoomType] | type[TimeSlot]
    """The thing that is sold."""
    key: InstrumentedAttribute[int | None]
    """The column of a pool that names it; every other owner's is empty."""


OWNERS: Mapping[ListingKind, Owner] = MappingProxyType(
    {
        ListingKind.STAY: Owner(PoolKind.ROOM, RoomType, StockPool.room_type_id),
        ListingKind.ACTIVITY: Owner(PoolKind.SLOT, TimeSlot, StockPool.time_slot_id),
    }
)
"""By the kind of listing that sells it. Classes of a train own none: a train has stock on the days
it departs, and no departure is known yet."""
