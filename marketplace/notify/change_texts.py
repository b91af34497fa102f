"""What changed about a booking that a notice is about: the stay and its price, before and after."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import RoomType
from marketplace.booking.effects import TellOfBooking
from marketplace.booking.items import BookingItem
from marketplace.booking.models import Booking, BookingChange
from marketplace.booking.states import ChangeState
from marketplace.pricing.nights.selection import StaySelection

CHANGED, GIVEN_UP = "changed", "room_given_up"
ABOUT_CHANGES = frozenset({CHANGED, GIVEN_UP})
"""What notices about a change that was made are called."""


@dataclass(frozen=True, slots=True)
class ToldStay:
    """A stay as a notice tells it, with its price in fen."""

    wish: StaySelection | None
    """``None`` where the room was given up."""
    room_zh: str
    room_en: str
    total_fen: int


@dataclass(frozen=True, slots=True)
class ToldChange:
    """A change that was made: how the stay was and how it is, and what was kept, in fen."""

    was: ToldStay
    now: ToldStay
    fee_fen: int
    one_of_several: bool
    """Whether the booking has other rooms, so that it is to be said which one it is about."""


def changes_told(session: Session, *, booking_ids: Collection[str]) -> dict[str, ToldChange]:
    """Return the changes made of these bookings by the key under which each was told."""
    others = sa.exists().where(
        BookingItem.booking_id == BookingChange.booking_id,
        BookingItem.number != BookingChange.item,
    )
    rows = session.execute(
        sa.select(BookingChange, Booking.total_fen, others.label("others"))
        .join(Booking, Booking.id == BookingChange.booking_id)
        .where(
            BookingChange.booking_id.in_(booking_ids), BookingChange.state == ChangeState.APPLIED
        )
        .order_by(
            BookingChange.booking_id, BookingChange.applied_at.desc(), BookingChange.number.desc()
        )
    ).all()
    pairs = [(row.was, row.wish) for row, _, _ in rows]
    names = _names(session, {wish.room_type_id for pair in pairs for wish in pair if wish})
    found: dict[str, ToldChange] = {}
    totals: dict[str, int] = {}
    for (row, total_fen, several), (was, wish) in zip(rows, pairs, strict=True):
        # The newest first: what the booking costs now is what the last change left.
        after = totals.get(row.booking_id, total_fen)
        before = totals[row.booking_id] = after - row.difference_fen
        told = TellOfBooking.that(row.booking_id, CHANGED if wish else GIVEN_UP, mark=row.id)
        found[told.key] = ToldChange(
            ToldStay(was, *names[was.room_type_id], before),
            ToldStay(wish, *(names[wish.room_type_id] if wish else ("", "")), after),
            row.fee_fen,
            several,
        )
    return found


def _names(session: Session, room_type_ids: Collection[int]) -> dict[int, tuple[str, str]]:
    rows = session.execute(
        sa.select(RoomType.id, RoomType.name_zh, RoomType.name_en).where(
            RoomType.id.in_(room_type_ids)
        )
    )
    return {row.id: (row.name_zh, row.name_en) for row in rows}
