"""What a room is called in the books of others: by its codes, and by the names of its listing."""

from __future__ import annotations

from dataclasses import dataclass, fields

from catalog.models import Enterprise, Listing, RoomType
from marketplace.kernel.db import table_of


@dataclass(frozen=True, slots=True)
class RoomNames:
    """The codes of a room type, its listing and its enterprise, and the names of the listing."""

    room_type: str
    listing: str
    name_zh: str
    name_en: str
    is_sample: bool
    enterprise: str


_ROOM, _LISTING, _ENTERPRISE = table_of(RoomType).c, table_of(Listing).c, table_of(Enterprise).c
NAME_COLUMNS = (
    _ROOM.code.label("room_type"),
    _LISTING.code.label("listing"),
    _LISTING.name_zh,
    _LISTING.name_en,
    _LISTING.is_sample.label("sample"),
    _ENTERPRISE.code.label("enterprise"),
)
"""What ``RoomNames`` is made of, in its order, for statements that read it with other things."""
NAMES = len(fields(RoomNames))
