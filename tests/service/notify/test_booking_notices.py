"""What guests are told by text, and what when no text reaches them."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from marketplace.booking.effects import TellOfBooking
from marketplace.booking.items import BookingItem
from marketplace.kernel.db import Database
from marketplace.notify import handlers
from marketplace.notify.models import Audience, Message
from marketplace.staff_tasks.models import StaffTask
from tests.factories import make_enterprise, make_listing, make_room
from tests.support.booking import Desk, make_desk
from tests.support.telling import Recorder, Teller


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database, capacity=1)


def tell(desk: Desk, booking_id: str) -> Recorder:
    """Tell what is owed, and tell it again as after a crash before it was settled."""
    teller = Teller(desk.database, desk.clock)
    for _twice in range(2):
        handlers.tell_of_booking(
            teller, TellOfBooking(booking_id, "confirmed", key=f"told:{booking_id}")
        )
    return teller.channel


def texts_and_calls(desk: Desk) -> tuple[list[str | None], list[str]]:
    with desk.database.read() as session:
        to = session.scalars(sa.select(Message.to).where(Message.audience == Audience.GUEST))
        calls = session.scalars(
            sa.select(StaffTask.booking_id).where(StaffTask.kind == "call_guest")
        )
        return list(to), [str(booking_id) for booking_id in calls]


@pytest.mark.parametrize("phone", ["13800138000", "+85291234567"])
def test_a_mobile_gets_a_text_once(desk: Desk, phone: str) -> None:
    booking_id = desk.paid(phone=phone)
    channel = tell(desk, booking_id)
    assert [to for to, _text in channel.sent] == [phone]
    assert texts_and_calls(desk) == ([phone], [])


@pytest.mark.parametrize("phone", ["04331234567", "04331234567转8001", "4001234567"])
def test_for_a_landline_somebody_is_asked_to_call(desk: Desk, phone: str) -> None:
    booking_id = desk.paid(phone=phone)
    channel = tell(desk, booking_id)
    assert channel.sent == []
    assert texts_and_calls(desk) == ([], [booking_id])


class Broken(Recorder):
    """A channel that takes nothing."""

    def send(self, *, to: str, text: str, key: str) -> None:
        raise ConnectionError


def test_what_the_channel_did_not_take_stands_there_and_is_sent_as_it_was_put_down(
    desk: Desk,
) -> None:
    teller = Teller(desk.database, desk.clock)
    owed = TellOfBooking(desk.paid(), "confirmed", key="told")
    whole, teller.channel = teller.channel, Broken(desk.database)
    with pytest.raises(ConnectionError):
        handlers.tell_of_booking(teller, owed)
    with desk.database.read() as session:
        put_down = session.scalar(sa.select(Message.text).where(Message.audience == "guest"))
    with desk.database.write() as session:
        session.execute(sa.text("UPDATE listing SET name_zh = '后来改的名字'"))
    teller.channel = whole
    handlers.tell_of_booking(teller, owed)
    assert [text for _to, text in whole.sent] == [put_down]


def test_each_house_is_told_of_its_own_items_and_the_guest_of_all(desk: Desk) -> None:
    booking_id = desk.paid(nights=10)
    with desk.database.write() as session:
        first = session.get_one(BookingItem, (booking_id, 1))
        columns = [column.key for column in sa.inspect(BookingItem).column_attrs]
        own = {name: getattr(first, name) for name in columns}
        other = make_enterprise(session)
        room = make_room(session, listing_id=make_listing(session, enterprise_id=other))
        second = own | {
            "number": 2,
            "enterprise_id": other,
            "listing_id": room.listing_id,
            "room_type_id": room.room_type_id,
            "pool_id": room.pool_id,
            "first_day": first.last_day,
            "last_day": first.last_day + dt.timedelta(days=3),
        }
        session.add(BookingItem(**second))
    channel = tell(desk, booking_id)
    with desk.database.read() as session:
        rows = session.execute(
            sa.select(Message.enterprise_id, Message.text)
            .where(Message.audience == Audience.OPERATOR)
            .order_by(Message.id)
        ).all()
    assert [row.enterprise_id for row in rows] == [first.enterprise_id, other]
    assert f"{first.first_day} 到 {first.last_day}，10 晚" in rows[0].text
    assert f"{second['first_day']} 到 {second['last_day']}，3 晚" in rows[1].text
    [(_, text)] = channel.sent
    assert f"{first.first_day}入住，{second['last_day']}离开，住13晚" in text
