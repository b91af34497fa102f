"""What people are told about a booking: each message put down once, however often it is owed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Enterprise, Listing
from marketplace.booking.effects import TellOfBooking
from marketplace.booking.items import BookingItem
from marketplace.booking.models import Booking, first_item
from marketplace.kernel import phones
from marketplace.notify.change_texts import CHANGED, changes_told
from marketplace.notify.message_texts import Facts, Sender, change_in_words, for_guest, for_operator
from marketplace.notify.messages import NewMessage, put_down
from marketplace.notify.models import Audience
from marketplace.payments.models import Refund
from marketplace.staff_tasks.service import new_task, open_task

SAMPLE_MARK = "（示例数据）"


def write_about_booking(
    session: Session, owed: TellOfBooking, sender: Sender, *, now: dt.datetime
) -> None:
    """Put down the messages about what happened to a booking; whoever commits sends them after.

    The partner tells its own guests, so they get nothing from us. Whoever left a landline is called
    by the staff.
    """
    what, key = owed.what, owed.key
    booking, listing, is_sample = session.execute(
        sa.select(Booking, Listing, Enterprise.is_sample)
        .join(BookingItem, first_item())
        .join(Listing, Listing.id == BookingItem.listing_id)
        .join(Enterprise, Enterprise.id == Booking.enterprise_id)
        .where(Booking.id == owed.booking_id)
    ).one()
    change = ""
    if what == CHANGED and (told := changes_told(session, booking_ids=[booking.id]).get(key)):
        change = change_in_words(told)
    facts = replace(_facts(session, booking, listing, sender), change=change)
    mark = SAMPLE_MARK if is_sample else ""
    message = NewMessage(
        told=key,
        audience=Audience.OPERATOR,
        what=what,
        text="",
        enterprise_id=booking.enterprise_id,
        booking_id=booking.id,
    )
    to_operator = for_operator(what, facts)
    if to_operator and not booking.test:
        notice = replace(message, text=to_operator + mark)
        put_down(session, notice, channel=sender.channel, now=now)
    to_guest = for_guest(what, facts, booking.language)
    if not to_guest or not booking.channel.on_our_pages or not booking.phone:
        return
    if not phones.takes_texts(booking.phone):
        # No text reaches a landline: somebody calls.
        call = new_task(kind="call_guest", key=f"call:{key}", booking_id=booking.id, what=what)
        open_task(session, call, now=now)
        return
    to = phones.number_of(booking.phone)
    text = replace(message, audience=Audience.GUEST, text=to_guest + mark, to=to)
    put_down(session, text, channel=sender.channel, now=now)


def _facts(
    session: Session,
    booking: Booking,
    listing: Listing,
    sender: Sender,
) -> Facts:
    refunded = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(Refund.amount_fen), 0)).where(
            Refund.booking_id == booking.id, Refund.reason == "cancelled"
        )
    )
    return Facts(
        code=booking.code,
        place_zh=listing.name_zh,
        place_en=listing.name_en,
        check_in=booking.starts_on.isoformat(),
        check_out=booking.ends_on.isoformat(),
        nights=(booking.ends_on - booking.starts_on).days,
        refund_fen=int(refunded or 0),
        brand=sender.brand,
        help_phone=sender.help_phone,
    )
