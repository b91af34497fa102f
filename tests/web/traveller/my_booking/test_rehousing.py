"""A guest whose house was stopped sees it, chooses another place or takes the money back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import selectinload

from catalog.service import suspend
from marketplace.booking.models import Booking, Rehousing
from marketplace.booking.rehousing import rehousing_service
from marketplace.booking.states import BookingState
from marketplace.bootstrap import Services
from marketplace.kernel.audit import SYSTEM
from tests.factories import NOW, Room, make_enterprise, make_listing, make_room
from tests.web.traveller.journey import Journey
from tests.web.traveller.visitor import Visitor


class Stopped:
    """A paid booking of a visitor whose house was stopped afterwards."""

    def __init__(self, services: Services, journey: Journey, work: Callable[[], int]) -> None:
        self.services, self.visitor, self.work = services, journey.visitor, work
        self.booking_id = journey.press("alipay_ok")
        self.url = f"/booking/{self.booking_id}"
        self.first = journey.room
        with services.database.write() as session:
            suspend(
                session,
                enterprise_id=journey.room.enterprise_id,
                reason="消防检查",
                actor=SYSTEM,
                now=NOW,
            )
        work()

    def offer(self, *, capacity: int = 1) -> Room:
        """Offer one place; returns its room."""
        with self.services.database.write() as session:
            listing = make_listing(
                session,
                enterprise_id=make_enterprise(session, name_zh="示例隔壁人家"),
                name_zh="隔壁小院",
            )
            room = make_room(session, listing_id=listing, capacity=capacity)
            rehousing_service.offer(
                session,
                rehousing_id=session.scalars(sa.select(Rehousing.id)).one(),
                places=[(room.room_type_id,)],
                actor=SYSTEM,
                now=NOW,
            )
        return room

    def booking(self) -> Booking:
        """Return the booking as it stands."""
        with self.services.database.read() as session:
            return session.get_one(Booking, self.booking_id, options=[selectinload(Booking.items)])


@pytest.fixture
def stopped(services: Services, journey: Journey, gateway_reports: Callable[[], int]) -> Stopped:
    return Stopped(services, journey, gateway_reports)


def test_it_is_said_at_once_and_nobody_is_sent_there(stopped: Stopped) -> None:
    page = stopped.visitor.open(stopped.url)
    assert "这家暂停接待了" in page.text
    assert "正在替您找附近的住处" in page.text
    # That the money is safe is no bad news; that the house was stopped is, in the list.
    assert '<div class="note note--info screen-only">您付的钱在我们这里，很安全' in page.html
    listed = stopped.visitor.open("/my-booking").html
    assert '<span class="badge badge--bad">这家暂停接待了</span>' in listed
    stopped.visitor.open(stopped.url)
    assert "二维码" not in page.html
    assert "去选一处" not in page.text
    refund = stopped.visitor.open(f"{stopped.url}/cancel")
    assert "一分不扣" in refund.text
    # Nothing is offered yet: the list leads back.
    assert stopped.visitor.open(f"{stopped.url}/rehousing").path == stopped.url


def test_choosing_a_place(stopped: Stopped) -> None:
    room = stopped.offer()
    assert "去选一处" in stopped.visitor.open(stopped.url).text
    page = stopped.visitor.open(f"{stopped.url}/rehousing")
    assert "隔壁小院" in page.text
    offer = next(link for link in page.links if link.startswith(f"{stopped.url}/rehousing/"))
    asked = stopped.visitor.open(offer)
    assert "示例隔壁人家" in asked.text
    done = stopped.visitor.send(offer)
    assert done.path == stopped.url
    assert "隔壁小院" in done.text
    assert "二维码" in done.html
    assert stopped.booking().room.room_type_id == room.room_type_id
    # A second press, or the page left open in another tab, changes nothing.
    assert stopped.visitor.open(offer).path == stopped.url


def test_a_place_that_went_meanwhile(stopped: Stopped) -> None:
    room = stopped.offer()
    page = stopped.visitor.open(f"{stopped.url}/rehousing")
    offer = next(link for link in page.links if link.startswith(f"{stopped.url}/rehousing/"))
    stopped.visitor.open(offer)
    with stopped.services.database.write() as session:
        session.execute(
            sa.text("UPDATE stock_day SET closed = :yes WHERE pool_id = :pool").bindparams(
                yes=True, pool=room.pool_id
            )
        )
    answer = stopped.visitor.send(offer)
    assert "刚刚被订走了" in answer.text
    assert stopped.booking().room.room_type_id == stopped.first.room_type_id


def test_the_money_back(stopped: Stopped) -> None:
    stopped.offer()
    stopped.visitor.open(f"{stopped.url}/cancel")
    page = stopped.visitor.send(f"{stopped.url}/cancel", reason="other")
    assert "已取消" in page.text
    assert stopped.booking().state is BookingState.CANCELLED
    assert stopped.booking().fee_fen == 0
    assert stopped.visitor.open(f"{stopped.url}/rehousing").path == stopped.url


def test_a_stranger_sees_and_changes_nothing(app: Flask, stopped: Stopped) -> None:
    stopped.offer()
    stranger = Visitor(app.test_client())
    for page in ("/rehousing", "/rehousing/1"):
        assert stranger.open(f"{stopped.url}{page}").path == "/my-booking"
    app.config["WTF_CSRF_ENABLED"] = False
    answer = app.test_client().post(f"{stopped.url}/rehousing/1")
    assert answer.location.endswith("/my-booking")
    assert stopped.booking().room.room_type_id == stopped.first.room_type_id
