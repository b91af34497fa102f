"""Writing a changed stay down: its room, the nights of it, and the sums of the booking."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.booking.changes.change_pricing import NightSold, Reckoned
from marketplace.booking.contract.holding import part_rows
from marketplace.booking.contract.placement import kept_price, nights_sold
from marketplace.booking.items import BookingItem, BookingPart
from marketplace.booking.models import Booking
from marketplace.offers.quoting.stay_offers import Offer
from marketplace.pricing.nights.quote import agreed
from marketplace.pricing.nights.selection import StaySelection
from marketplace.pricing.nights.terms import Board


def nights_of(session: Session, room: BookingItem) -> list[NightSold]:
    """Return the nights of a room as they were sold, in order."""
    rows = session.execute(
        sa.select(BookingPart.day, BookingPart.rate_fen, BookingPart.list_fen, BookingPart.sold_fen)
        .where(*_parts_of(room))
        .order_by(BookingPart.day)
    )
    return [NightSold(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Anew:
    """An item's stay as it is to be."""

    wish: StaySelection
    offer: Offer
    reckoned: Reckoned
    tariff_id: int | None
    first: dt.date
    """The first night that is sold anew."""


def rewrite(
    session: Session,
    booking: Booking,
    room: BookingItem,
    anew: Anew,
) -> None:
    """Write one item's stay as it is from now on; nights before its first stay as sold."""
    wish, reckoned, first = anew.wish, anew.reckoned, anew.first
    before_fen, used_fen = room.list_fen, _list_fen(session, room, before=first)
    session.execute(
        sa.delete(BookingPart)
        .where(*_parts_of(room), BookingPart.day >= first)
        .execution_options(synchronize_session=False)
    )
    if reckoned.rest is not None:
        rest = agreed(reckoned.rest, reckoned.rest_fen)
        session.execute(sa.insert(BookingPart), part_rows(room, nights_sold(rest)))
    if room.topup_fen:
        # We add what the rehoused guest's room costs more, for the nights that they stay in it.
        stays = room.room_type_id == wish.room_type_id
        still_fen = _list_fen(session, room) if stays else used_fen
        room.topup_fen = room.topup_fen * min(still_fen, before_fen) // before_fen
    room.first_day, room.last_day = wish.stay.check_in, wish.stay.check_out
    room.room_type_id, room.listing_id = wish.room_type_id, anew.offer.listing_id
    room.pool_id, room.tariff_id = anew.offer.pool_id, anew.tariff_id
    room.adults, room.children_ages = wish.party.adults, list(wish.party.children_ages)
    room.board, room.extra_beds = wish.board or Board.ROOM_ONLY, wish.extra_beds
    list_fen, total_fen = session.execute(
        sa.select(sa.func.sum(BookingPart.list_fen), sa.func.sum(BookingPart.sold_fen)).where(
            *_parts_of(room)
        )
    ).one()
    room.list_fen, room.total_fen = int(list_fen), int(total_fen)
    room.price = kept_price(agreed(reckoned.whole, room.total_fen))
    booking.sum_up()
    session.flush()


def remove(session: Session, booking: Booking, room: BookingItem) -> None:
    """Take an item and its days out of the booking, which has others."""
    session.flush()
    for table, own in (
        (BookingPart, _parts_of(room)),
        (BookingItem, (BookingItem.booking_id == booking.id, BookingItem.number == room.number)),
    ):
        session.execute(sa.delete(table).where(*own).execution_options(synchronize_session=False))
    session.expunge(room)
    session.refresh(booking, ["items"])
    booking.sum_up()
    session.flush()


def _parts_of(room: BookingItem) -> tuple[sa.ColumnElement[bool], ...]:
    return BookingPart.booking_id == room.booking_id, BookingPart.item == room.number


def _list_fen(session: Session, room: BookingItem, *, before: dt.date = dt.date.max) -> int:
    """Return the list price of a room's nights before a day, in fen."""
    found = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(BookingPart.list_fen), 0)).where(
            *_parts_of(room), BookingPart.day < before
        )
    )
    return int(found or 0)
