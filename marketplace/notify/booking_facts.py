"""What people are told of a booking, read by what the booking is for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Enterprise, Listing
from marketplace.booking.items import BookingItem
from marketplace.booking.models import Booking
from marketplace.booking.states import BookingKind
from marketplace.notify.message_texts import Facts, Sender
from marketplace.payments.models import Refund


@dataclass(frozen=True, slots=True)
class ToldBooking:
    """A booking as its guest and the enterprises that deliver it are told of it."""

    booking: Booking
    is_sample: bool
    of_all: Facts
    """The whole of it: what the guest is told."""
    of_own: Mapping[int, Facts]
    """By enterprise, what it delivers and nothing else, in the order of the items."""


@dataclass(frozen=True, slots=True)
class Common:
    """What is said of every booking, whatever it is for."""

    code: str
    refunded_fen: int
    sender: Sender


Item = tuple[BookingItem, Listing]
Reader = Callable[[Common, Sequence[Item]], Facts]
"""Returns what is told of some or all items of a booking."""


def read(session: Session, *, booking_id: str, sender: Sender) -> ToldBooking:
    """Return what there is to tell of a booking: two statements, however many items it has.

    Raises:
        KeyError: nothing is told yet of bookings of its kind.
    """
    rows = session.execute(
        sa.select(Booking, Enterprise.is_sample, BookingItem, Listing)
        .join(BookingItem, BookingItem.booking_id == Booking.id)
        .join(Listing, Listing.id == BookingItem.listing_id)
        .join(Enterprise, Enterprise.id == Booking.enterprise_id)
        .where(Booking.id == booking_id)
        .order_by(BookingItem.number)
    ).all()
    booking, is_sample = rows[0].Booking, rows[0].is_sample
    items: list[Item] = [(row.BookingItem, row.Listing) for row in rows]
    reader = READERS[booking.kind]
    common = Common(booking.code, _refunded_fen(session, booking_id), sender)
    houses = dict.fromkeys(item.enterprise_id for item, _ in items)
    return ToldBooking(
        booking=booking,
        is_sample=is_sample,
        of_all=reader(common, items),
        of_own={
            house: reader(common, [one for one in items if one[0].enterprise_id == house])
            for house in houses
        },
    )


def _refunded_fen(session: Session, booking_id: str) -> int:
    refunded = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(Refund.amount_fen), 0)).where(
            Refund.booking_id == booking_id, Refund.reason == "cancelled"
        )
    )
    return int(refunded or 0)


def _stay(common: Common, items: Sequence[Item]) -> Facts:
    """Tell of rooms: the place of the first, from the first arrival to the last departure."""
    first, last = min(item.first_day for item, _ in items), max(item.last_day for item, _ in items)
    _, listing = items[0]
    return Facts(
        code=common.code,
        place_zh=listing.name_zh,
        place_en=listing.name_en,
        check_in=first.isoformat(),
        check_out=last.isoformat(),
        nights=(last - first).days,
        refund_fen=common.refunded_fen,
        brand=common.sender.brand,
        help_phone=common.sender.help_phone,
    )


READERS: Mapping[BookingKind, Reader] = {BookingKind.STAY: _stay}
"""Who reads which kind; a kind is sold once it has a reader."""
