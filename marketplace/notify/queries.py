"""Reads of messages: an operator's unread notices, and the outbox page of development."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import RoomType
from catalog.office.models import Licence, ReviewCase
from catalog.vocabulary import CaseKind, LicenceKind
from marketplace.booking.items import BookingItem
from marketplace.booking.models import Booking
from marketplace.booking.states import ReasonCode
from marketplace.notify.change_texts import ABOUT_CHANGES, ToldChange, changes_told
from marketplace.notify.models import Audience, Message, message_key

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class BookedRooms:
    """Rooms of one type that are booked."""

    room_zh: str
    room_en: str
    rooms: int


@dataclass(frozen=True, slots=True)
class Booked:
    """What an operator's notice says of a booking besides its dates; sums in fen.

    Only what the operator itself delivers of it.
    """

    rooms: tuple[BookedRooms, ...]
    adults: int
    children_ages: list[Any]
    total_fen: int
    reason: ReasonCode | None
    """Why it was cancelled."""
    fee_fen: int | None
    """What was kept on cancellation or no-show."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice in the operator's console: about a booking, a licence or a case."""

    id: int
    what: str
    sent_at: dt.datetime
    booking_id: str | None
    code: str | None
    check_in: dt.date | None
    check_out: dt.date | None
    licence: LicenceKind | None
    expires_on: dt.date | None
    """The last valid day of the licence it is about."""
    case: CaseKind | None
    booked: Booked | None
    """The booking it is about, as it stands now."""
    change: ToldChange | None
    """What was changed, when it is about a change."""


@dataclass(frozen=True, slots=True)
class SentMessage:
    """One message with its words and the phone it went to."""

    id: int
    audience: Audience
    what: str
    to: str
    text: str
    sent_at: dt.datetime


def unread(session: Session, *, enterprise_id: int) -> tuple[list[Notice], int]:
    """Return the newest 20 unread notices of an operator, and how many there are in all."""
    mine = sa.and_(
        Message.enterprise_id == enterprise_id,
        Message.audience == Audience.OPERATOR,
        Message.seen_at.is_(None),
    )
    total = session.scalar(sa.select(sa.func.count()).select_from(Message).where(mine)) or 0
    rows = session.execute(
        sa.select(
            *(Message.id, Message.what, Message.sent_at, Message.key),
            *(Booking.reason, Booking.fee_fen),
            *(Message.booking_id, Booking.code, Booking.starts_on, Booking.ends_on),
            *(Licence.kind.label("licence"), Licence.expires_on, ReviewCase.kind.label("case")),
        )
        .outerjoin(Booking, Booking.id == Message.booking_id)
        .outerjoin(Licence, Licence.id == Message.licence_id)
        .outerjoin(ReviewCase, ReviewCase.id == Message.case_id)
        .where(mine)
        .order_by(Message.id.desc())
        .limit(MOST_SHOWN)
    ).all()
    changed = {row.booking_id for row in rows if row.what in ABOUT_CHANGES}
    told = changes_told(session, booking_ids=changed) if changed else {}
    items = _items(session, enterprise_id, {row.booking_id for row in rows if row.booking_id})
    changes = {message_key(key, Audience.OPERATOR): change for key, change in told.items()}
    notices = [
        Notice(
            id=row.id,
            what=row.what,
            sent_at=row.sent_at,
            booking_id=row.booking_id,
            code=row.code,
            check_in=row.starts_on,
            check_out=row.ends_on,
            licence=row.licence,
            expires_on=row.expires_on,
            case=row.case,
            booked=_booked(row, items[row.booking_id]) if row.booking_id else None,
            change=changes.get(row.key),
        )
        for row in rows
    ]
    return notices, total


def _items(
    session: Session, enterprise_id: int, booking_ids: Collection[str]
) -> Mapping[str, Sequence[sa.Row[Any]]]:
    """Return what an operator delivers of these bookings, by booking and in order."""
    found: dict[str, list[sa.Row[Any]]] = {booking_id: [] for booking_id in booking_ids}
    if not found:
        return found
    rows = session.execute(
        sa.select(
            *(RoomType.name_zh, RoomType.name_en, BookingItem.units, BookingItem.adults),
            *(BookingItem.children_ages, BookingItem.total_fen, BookingItem.booking_id),
        )
        .join(RoomType, RoomType.id == BookingItem.room_type_id)
        .where(BookingItem.booking_id.in_(booking_ids), BookingItem.enterprise_id == enterprise_id)
        .order_by(BookingItem.booking_id, BookingItem.number)
    )
    for row in rows:
        found[row.booking_id].append(row)
    return found


def _booked(row: Any, items: Sequence[sa.Row[Any]]) -> Booked:
    return Booked(
        rooms=tuple(BookedRooms(item.name_zh, item.name_en, item.units) for item in items),
        adults=sum(item.adults for item in items),
        children_ages=[age for item in items for age in item.children_ages],
        total_fen=sum(item.total_fen for item in items),
        reason=row.reason,
        fee_fen=row.fee_fen,
    )


def latest(session: Session, *, limit: int = 50) -> list[SentMessage]:
    """Return the newest messages to anybody, for development."""
    rows = session.execute(
        sa.select(
            Message.id, Message.audience, Message.what, Message.to, Message.text, Message.sent_at
        )
        .order_by(Message.id.desc())
        .limit(limit)
    )
    return [
        SentMessage(row.id, row.audience, row.what, row.to or "", row.text, row.sent_at)
        for row in rows
    ]
