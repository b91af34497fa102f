"""What people are told about a booking: each message put down once, however often it is owed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from sqlalchemy.orm import Session

from marketplace.booking.effects import TellOfBooking
from marketplace.kernel import phones
from marketplace.notify import booking_facts
from marketplace.notify.booking_facts import ToldBooking
from marketplace.notify.change_texts import ABOUT_CHANGES, changes_told
from marketplace.notify.message_texts import Sender, change_in_words, for_guest, for_operator
from marketplace.notify.messages import NewMessage, put_down
from marketplace.notify.models import Audience
from marketplace.staff_tasks.service import new_task, open_task

SAMPLE_MARK = "（示例数据）"


def write_about_booking(
    session: Session, owed: TellOfBooking, sender: Sender, *, now: dt.datetime
) -> None:
    """Put down the messages about what happened to a booking; whoever commits sends them after.

    The partner tells its own guests, so they get nothing from us. Whoever left a landline is called
    by the staff.
    """
    told = booking_facts.read(session, booking_id=owed.booking_id, sender=sender)
    if not told.booking.test:
        _tell_houses(session, owed, told, sender, now)
    _tell_guest(session, owed, told, sender, now)


def _tell_houses(
    session: Session, owed: TellOfBooking, told: ToldBooking, sender: Sender, now: dt.datetime
) -> None:
    """Put a notice into the console of each enterprise that delivers something, of that alone."""
    change = ""
    if owed.what in ABOUT_CHANGES:
        made = changes_told(session, booking_ids=[owed.booking_id]).get(owed.key)
        change = change_in_words(made) if made is not None else ""
    for house, facts in told.of_own.items():
        text = for_operator(owed.what, replace(facts, change=change))
        if text is None:
            continue
        notice = NewMessage(
            told=owed.key if house == told.booking.enterprise_id else f"{owed.key}:{house}",
            audience=Audience.OPERATOR,
            what=owed.what,
            text=text + _mark(told),
            enterprise_id=house,
            booking_id=owed.booking_id,
        )
        put_down(session, notice, channel=sender.channel, now=now)


def _tell_guest(
    session: Session, owed: TellOfBooking, told: ToldBooking, sender: Sender, now: dt.datetime
) -> None:
    """Put a text down for the guest, or have somebody call where no text arrives."""
    booking = told.booking
    text = for_guest(owed.what, told.of_all, booking.language)
    if text is None or not booking.channel.on_our_pages or not booking.phone:
        return
    if not phones.takes_texts(booking.phone):
        call = new_task(
            kind="call_guest", key=f"call:{owed.key}", booking_id=booking.id, what=owed.what
        )
        open_task(session, call, now=now)
        return
    message = NewMessage(
        told=owed.key,
        audience=Audience.GUEST,
        what=owed.what,
        text=text + _mark(told),
        to=phones.number_of(booking.phone),
        enterprise_id=booking.enterprise_id,
        booking_id=booking.id,
    )
    put_down(session, message, channel=sender.channel, now=now)


def _mark(told: ToldBooking) -> str:
    return SAMPLE_MARK if told.is_sample else ""
