"""What guests are told by text, and what when no text reaches them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from marketplace.kernel.db import Database
from marketplace.notify.models import Audience, Message
from marketplace.notify.service import Notice, Sender, send_about_booking
from marketplace.staff_tasks.models import StaffTask
from tests.service.notify.test_office import Recorder
from tests.support.booking import Desk, make_desk


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database, capacity=1)


def tell(desk: Desk, booking_id: str, channel: Recorder) -> None:
    for _twice in range(2):
        with desk.database.write() as session:
            send_about_booking(
                session,
                Notice(booking_id=booking_id, what="confirmed", key=f"told:{booking_id}"),
                Sender(brand="候鸟吉林", help_phone="0431-1234-5678", channel=channel),
                now=desk.clock.now(),
            )


def texts_and_calls(desk: Desk) -> tuple[list[str | None], list[str]]:
    with desk.database.read() as session:
        to = session.scalars(sa.select(Message.to).where(Message.audience == Audience.GUEST))
        calls = session.scalars(
            sa.select(StaffTask.booking_id).where(StaffTask.kind == "call_guest")
        )
        return list(to), [str(booking_id) for booking_id in calls]


@pytest.mark.parametrize("phone", ["13800138000", "+85291234567"])
def test_a_mobile_gets_a_text_once(desk: Desk, phone: str) -> None:
    booking_id, channel = desk.paid(phone=phone), Recorder()
    tell(desk, booking_id, channel)
    assert [to for to, _text in channel.sent] == [phone]
    assert texts_and_calls(desk) == ([phone], [])


@pytest.mark.parametrize("phone", ["04331234567", "04331234567转8001", "4001234567"])
def test_for_a_landline_somebody_is_asked_to_call(desk: Desk, phone: str) -> None:
    booking_id, channel = desk.paid(phone=phone), Recorder()
    tell(desk, booking_id, channel)
    assert channel.sent == []
    assert texts_and_calls(desk) == ([], [booking_id])
