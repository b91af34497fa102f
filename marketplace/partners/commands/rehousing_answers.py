"""What a partner answers when its guests are offered another place."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Enterprise, Listing, RoomType
from marketplace.booking.models import Booking, OfferedRoom
from marketplace.booking.rehousing import rehousing_service
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.partners.commands.stay_commands import AnswerRehousing


def answer(work: UnitOfWork, booking: Booking, command: AnswerRehousing) -> None:
    """Move the booking to the place that is taken, or leave it to the office to look for others.

    Raises:
        NotFound: not an offer for it. RehousingSettled, OfferGone, NothingOffered.
    """
    if command.offer_id is None:
        rehousing_service.decline(
            work.session, booking_id=booking.id, actor=work.actor, now=work.now
        )
        return
    rehousing_service.accept(
        work.session,
        booking_id=booking.id,
        offer_id=command.offer_id,
        recipient=_host(work.session, command.offer_id),
        actor=work.actor,
        ids=work.ids,
        now=work.now,
    )


def _host(session: Session, offer_id: int) -> str:
    """Return who will learn the guests' names, in Chinese; nothing where there is no such offer."""
    found = session.scalar(
        sa.select(Enterprise.name_zh)
        .join(Listing, Listing.enterprise_id == Enterprise.id)
        .join(RoomType, RoomType.listing_id == Listing.id)
        .join(OfferedRoom, OfferedRoom.room_type_id == RoomType.id)
        .where(OfferedRoom.offer_id == offer_id)
        .limit(1)
    )
    return found or ""
