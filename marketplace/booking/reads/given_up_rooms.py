"""Rooms that a guest gave up alone, while others of the same booking stay."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import RoomType
from marketplace.booking.models import BookingChange
from marketplace.booking.states import ChangeKind
from marketplace.pricing.nights.selection import StaySelection


@dataclass(frozen=True, slots=True)
class RoomGivenUp:
    """Rooms of one type that were given up alone, as their operator sees them."""

    room_zh: str
    room_en: str
    chosen: StaySelection
    fee_fen: int
    """What was kept of them."""


def rooms_given_up(session: Session, booking_id: str) -> tuple[RoomGivenUp, ...]:
    """Return what was given up of a booking, in that order."""
    changes = session.scalars(
        sa.select(BookingChange)
        .where(BookingChange.booking_id == booking_id, BookingChange.kind == ChangeKind.CANCEL)
        .order_by(BookingChange.number)
    ).all()
    if not changes:
        return ()
    types = sa.select(RoomType.id, RoomType.name_zh, RoomType.name_en).where(
        RoomType.id.in_({change.was.room_type_id for change in changes})
    )
    names = {row.id: (row.name_zh, row.name_en) for row in session.execute(types)}
    return tuple(
        RoomGivenUp(*names[change.was.room_type_id], change.was, change.fee_fen)
        for change in changes
    )
