"""Sending what is owed to people about a booking; delivered twice, sent once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Enterprise, Listing
from marketplace.booking.models import Booking
from marketplace.kernel import phones
from marketplace.kernel.db import insert_new, table_of
from marketplace.notify.change_texts import CHANGED, changes_told
from marketplace.notify.channel import Channel, ConsoleChannel
from marketplace.notify.message_texts import Facts, change_in_words, for_guest, for_operator
from marketplace.notify.models import Audience, Message, message_key
from marketplace.payments.models import Refund
from marketplace.staff_tasks.service import new_task, open_task

SAMPLE_MARK = "（示例数据）"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that is to be told about a booking."""

    booking_id: str
    what: str
    """What happened to it."""
    key: str
    """Tells this notice from any other: the messages of one key are written once."""


@dataclass(frozen=True, slots=True)
class Sender:
    """In whose name messages go out, and how."""

    brand: str
    help_phone: str
    channel: Channel = field(default_factory=ConsoleChannel)


def send_about_booking(
    session: Session, notice: Notice, sender: Sender, *, now: dt.datetime
) -> None:
    """Write and send the messages about what happened to a booking.

    The partner tells its own guests, so they get nothing from us. Only the delivery that inserts
    the message row sends. Whoever left a landline is called by the staff.
    """
    booking_id, what, key = notice.booking_id, notice.what, notice.key
    booking, listing, is_sample = session.execute(
        sa.select(Booking, Listing, Enterprise.is_sample)
        .join(Listing, Listing.id == Booking.listing_id)
        .join(Enterprise, Enterprise.id == Booking.enterprise_id)
        .where(Booking.id == booking_id)
    ).one()
    change = ""
    if what == CHANGED and (told := changes_told(session, booking_ids=[booking_id]).get(key)):
        change = change_in_words(told)
    facts = replace(_facts(session, booking, listing, sender), change=change)
    mark = SAMPLE_MARK if is_sample else ""
    to_operator = for_operator(what, facts)
    if to_operator and not booking.test:
        text = to_operator + mark
        _write(session, booking, notice, audience=Audience.OPERATOR, text=text, now=now)
    to_guest = for_guest(what, facts, booking.language)
    if not to_guest or not booking.channel.on_our_pages or not booking.phone:
        return
    if not phones.takes_texts(booking.phone):
        # No text reaches a landline: somebody calls.
        call = new_task(kind="call_guest", key=f"call:{key}", booking_id=booking.id, what=what)
        open_task(session, call, now=now)
        return
    text, to = to_guest + mark, phones.number_of(booking.phone)
    if _write(session, booking, notice, audience=Audience.GUEST, text=text, to=to, now=now):
        sender.channel.send(to=to, text=text, key=key)


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
        check_in=booking.check_in.isoformat(),
        check_out=booking.check_out.isoformat(),
        nights=(booking.check_out - booking.check_in).days,
        refund_fen=int(refunded or 0),
        brand=sender.brand,
        help_phone=sender.help_phone,
    )


def _write(
    session: Session,
    booking: Booking,
    notice: Notice,
    *,
    audience: Audience,
    text: str,
    now: dt.datetime,
    to: str | None = None,
) -> bool:
    table = table_of(Message)
    written = session.execute(
        insert_new(table, session.get_bind().dialect.name)
        .values(
            key=message_key(notice.key, audience),
            audience=audience,
            what=notice.what,
            booking_id=booking.id,
            enterprise_id=booking.enterprise_id,
            to=to,
            text=text,
            channel="console",
            sent_at=now,
        )
        .returning(Message.id)
    ).scalar_one_or_none()
    return written is not None
