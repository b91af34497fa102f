"""The nights of a booking as they were sold, for those who deliver them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.booking.items import BookingPart


@dataclass(frozen=True, slots=True)
class NightRow:
    """One night of rooms of one type; sums are of all of them, in fen."""

    day: dt.date
    list_fen: int
    sold_fen: int
    commission_fen: int
    earned_at: dt.datetime | None


def nights_by_item(session: Session, booking_id: str) -> dict[int, list[NightRow]]:
    """Return the nights of a booking by the number of the item."""
    rows = session.execute(
        sa.select(
            BookingPart.item,
            BookingPart.day,
            BookingPart.list_fen,
            BookingPart.sold_fen,
            BookingPart.commission_fen,
            BookingPart.earned_at,
        )
        .where(BookingPart.booking_id == booking_id)
        .order_by(BookingPart.item, BookingPart.day)
    )
    found: dict[int, list[NightRow]] = {}
    for row in rows:
        found.setdefault(row.item, []).append(NightRow(*row[1:]))
    return found
