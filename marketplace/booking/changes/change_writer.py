"""Writing a changed stay down: the booking and its nights."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.booking.changes.change_pricing import NightSold, Reckoned, StayWish
from marketplace.booking.contract.placement import price_text
from marketplace.booking.models import Booking, BookingNight
from marketplace.kernel.money import share_of, split
from marketplace.offers.quoting.stay_offers import Offer
from marketplace.pricing.nights.quote import agreed


def was_of(booking: Booking) -> StayWish:
    """Return the stay as it is booked."""
    return StayWish(
        room_type_id=booking.room_type_id,
        check_in=booking.check_in,
        check_out=booking.check_out,
        adults=booking.adults,
        children_ages=tuple(booking.children_ages),
        board=booking.board,
        extra_beds=booking.extra_beds,
    )


def nights_of(session: Session, booking_id: str) -> list[NightSold]:
    """Return the nights of a booking as they were sold, in order."""
    rows = session.execute(
        sa.select(
            BookingNight.day, BookingNight.rate_fen, BookingNight.list_fen, BookingNight.sold_fen
        )
        .where(BookingNight.booking_id == booking_id)
        .order_by(BookingNight.day)
    )
    return [NightSold(*row) for row in rows]


def rewrite(
    session: Session,
    booking: Booking,
    *,
    wish: StayWish,
    offer: Offer,
    reckoned: Reckoned,
    tariff_id: int | None,
    first: dt.date,
) -> None:
    """Write the stay as it is from now on; nights before ``first`` stay as they were sold."""
    before_fen, used_fen = booking.list_fen, _list_fen(session, booking.id, before=first)
    session.execute(
        sa.delete(BookingNight)
        .where(BookingNight.booking_id == booking.id, BookingNight.day >= first)
        .execution_options(synchronize_session=False)
    )
    if reckoned.rest is not None:
        sold = split(reckoned.rest_fen, [night.sold_fen for night in reckoned.rest.nights])
        commissions = split(share_of(reckoned.rest_fen, booking.commission_bp), sold)
        session.execute(
            sa.insert(BookingNight),
            [
                {
                    "booking_id": booking.id,
                    "day": night.day,
                    "rate_fen": night.rate_fen,
                    "list_fen": night.list_fen,
                    "sold_fen": fen,
                    "commission_fen": commission,
                }
                for night, fen, commission in zip(
                    reckoned.rest.nights, sold, commissions, strict=True
                )
            ],
        )
    if booking.topup_fen:
        # We add what the rehoused guest's room costs more, for the nights that they stay in it.
        stays = booking.room_type_id == wish.room_type_id
        still_fen = _list_fen(session, booking.id) if stays else used_fen
        booking.topup_fen = booking.topup_fen * min(still_fen, before_fen) // before_fen
    booking.check_in, booking.check_out = wish.check_in, wish.check_out
    booking.room_type_id, booking.listing_id = wish.room_type_id, offer.listing_id
    booking.pool_id, booking.tariff_id = offer.pool_id, tariff_id
    booking.adults, booking.children_ages = wish.adults, list(wish.children_ages)
    booking.board, booking.extra_beds = wish.board, wish.extra_beds
    list_fen, total_fen = session.execute(
        sa.select(sa.func.sum(BookingNight.list_fen), sa.func.sum(BookingNight.sold_fen)).where(
            BookingNight.booking_id == booking.id
        )
    ).one()
    booking.list_fen, booking.total_fen = int(list_fen), int(total_fen)
    booking.price = price_text(agreed(reckoned.whole, booking.total_fen))
    session.flush()


def _list_fen(session: Session, booking_id: str, *, before: dt.date = dt.date.max) -> int:
    """Return the list price of a booking's nights before a day, in fen."""
    found = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(BookingNight.list_fen), 0)).where(
            BookingNight.booking_id == booking_id, BookingNight.day < before
        )
    )
    return int(found or 0)
