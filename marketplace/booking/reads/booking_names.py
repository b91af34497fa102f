"""Names of bookings and rooms by their keys, for pages that tell what was done to them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.directory.names import Name
from catalog.models import Enterprise, Listing, RoomType
from marketplace.booking.models import Booking, Rehousing
from marketplace.inventory.models import StockPool
from marketplace.payments.models import Refund


def bookings(session: Session, ids: Collection[str]) -> dict[str, str]:
    """Return the codes of bookings."""
    rows = session.execute(sa.select(Booking.id, Booking.code).where(Booking.id.in_(ids)))
    return {row[0]: row[1] for row in rows}


def rehousings(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Return the codes of the bookings that are to be rehoused."""
    return _codes(session, Rehousing, ids)


def refunds(session: Session, ids: Collection[str]) -> dict[str, str]:
    """Return the codes of the bookings whose money goes back."""
    return _codes(session, Refund, ids)


def _codes(
    session: Session, of: type[Rehousing | Refund], ids: Collection[object]
) -> dict[Any, str]:
    """Return the codes of the bookings that rows of another table are about, by their ids."""
    rows = session.execute(
        sa.select(of.id, Booking.code)
        .join(Booking, Booking.id == of.booking_id)
        .where(of.id.in_(ids))
    )
    return {row[0]: row[1] for row in rows}


def rooms(session: Session, ids: Collection[int]) -> dict[int, Name]:
    """Return the names of room types with those of their listings."""
    return {row[0]: _room(row) for row in session.execute(_rooms().where(RoomType.id.in_(ids)))}


def pools(session: Session, ids: Collection[int]) -> dict[int, Name]:
    """Return the names of the room types whose stock these pools hold."""
    rows = session.execute(
        _rooms()
        .add_columns(StockPool.id)
        .join(StockPool, StockPool.room_type_id == RoomType.id)
        .where(StockPool.id.in_(ids))
    )
    return {row[-1]: _room(row) for row in rows}


def _rooms() -> sa.Select[Any]:
    columns: list[Any] = [
        *(RoomType.id, RoomType.name_zh, RoomType.name_en),
        *(Listing.name_zh, Listing.name_en, Enterprise.code),
    ]
    return (
        sa.select(*columns)
        .join(Listing, Listing.id == RoomType.listing_id)
        .join(Enterprise, Enterprise.id == Listing.enterprise_id)
    )


def _room(row: Any) -> Name:
    _id, zh, en, listing_zh, listing_en, code = row[:6]
    english = f"{listing_en} · {en}" if listing_en and en else ""
    return Name(f"{listing_zh} · {zh}", english, code)
