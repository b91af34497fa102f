"""Reads that join room types with their stock."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.inventory.models import StockPool


def pool_of_room_types(session: Session, *, room_type_ids: Collection[int]) -> dict[int, int]:
    """Return {room type id: pool id} of those that have stock."""
    rows = session.execute(
        sa.select(StockPool.room_type_id, StockPool.id).where(
            StockPool.room_type_id.in_(room_type_ids)
        )
    )
    return {row.room_type_id: row.id for row in rows}
