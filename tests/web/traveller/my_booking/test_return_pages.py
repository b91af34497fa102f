"""The same room next summer: offered on the voucher, taken like any other hold, or let go."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.booking.lifecycle import scheduled_jobs, stay_lifecycle
from marketplace.booking.models import Booking, Consent, ReturnRight
from marketplace.booking.states import BookingState, ReturnState
from marketplace.bootstrap import Services
from marketplace.inventory.models import StockDay
from marketplace.kernel.audit import Actor
from marketplace.kernel.clock import SetClock
from marketplace.pricing.models import NightRate
from marketplace.web.traveller.checkout.consent import CONSENT_VERSION
from tests.factories import TODAY, Room, make_enterprise, make_listing, make_room
from tests.support.staff import House
from tests.web.traveller.english import EnglishVisitor
from tests.web.traveller.visitor import Page, Visitor

ARRIVE = TODAY + dt.timedelta(days=10)
NEXT = dt.date(2028, 6, 11)
TOTAL = 30 * 17_000
"""Thirty nights of next summer by the tariff of today, in fen."""


class Returner:
    """A guest whose long stay is over, in front of its voucher."""

    def __init__(self, visitor: Visitor, room: Room, services: Services, clock: SetClock) -> None:
        self.visitor, self.room, self.services, self.clock = visitor, room, services, clock
        house = House(services, clock, room)
        self.id = house.booked(arrive=ARRIVE, nights=30)
        clock.advance(days=10)
        with services.database.write() as session:
            stay_lifecycle.check_in(
                session,
                booking_id=self.id,
                enterprise_id=room.enterprise_id,
                actor=Actor("staff", "1"),
                now=clock.now(),
            )
        clock.advance(days=31)
        scheduled_jobs.advance_stays(services.money)
        visitor.open("/my-booking")
        visitor.send("code", code=house.code(self.id), phone="13900000001")

    def open(self, page: str = "") -> Page:
        return self.visitor.open(f"/booking/{self.id}{page}")

    def take(self, **answer: str) -> Page:
        self.open("/next-summer")
        return self.visitor.send("consent", **({"consent": "1"} | answer))

    @property
    def right(self) -> ReturnRight:
        with self.services.database.read() as session:
            return session.scalars(sa.select(ReturnRight)).one()

    @property
    def made(self) -> Booking | None:
        """The booking of next summer, if there is one."""
        with self.services.database.read() as session:
            return session.scalars(
                sa.select(Booking).where(Booking.id != self.id).order_by(Booking.placed_at.desc())
            ).first()

    def kept(self) -> int:
        """How many nights of next summer are taken."""
        with self.services.database.read() as session:
            query = sa.select(sa.func.sum(StockDay.taken)).where(
                StockDay.pool_id == self.room.pool_id, StockDay.day >= NEXT
            )
            return session.scalar(query) or 0


@pytest.fixture
def years(services: Services) -> Room:
    """One room that is on sale for more than a year."""
    with services.database.write() as session:
        listing = make_listing(session, enterprise_id=make_enterprise(session))
        return make_room(session, listing_id=listing, capacity=1, days=500)


@pytest.fixture
def guest(visitor: Visitor, years: Room, services: Services, clock: SetClock) -> Returner:
    return Returner(visitor, years, services, clock)


def test_offered_checked_held_and_paid(guest: Returner) -> None:
    page = guest.open()
    for words in (
        "明年夏天，同一间房先为您留着",
        "2028年6月11日",
        "留到2027年9月10日",
        "¥5,100",
        "现在不收钱",
    ):
        assert words in page.text
    page = guest.open("/next-summer")
    for words in ("王秀英", "13900000001", "示例森林小屋", "2028年6月11日", "¥5,100", "长住优惠"):
        assert words in page.text
    page = guest.take()
    made = guest.made
    assert made is not None
    assert page.path == f"/booking/{made.id}/pay"
    assert (made.state, made.starts_on, made.total_fen) == (BookingState.HELD, NEXT, TOTAL)
    assert (guest.right.state, guest.kept()) == (ReturnState.TAKEN, 30)
    with guest.services.database.read() as session:
        consent = session.scalars(sa.select(Consent).where(Consent.booking_id == made.id)).one()
    assert (consent.recipient, consent.version) == ("示例森林小屋", CONSENT_VERSION)
    sim = guest.visitor.send("/pay").path
    page = guest.visitor.send(sim, action="alipay_ok")
    assert "订好了" in page.text
    assert "先为您留着" not in guest.open().text


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"consent": ""}, "请在方框里打勾"),
        ({"consent_version": "2020-01"}, "说明刚刚更新"),
        ({"total_fen": ""}, "请看清金额"),
    ],
)
def test_without_consent_or_sum_nothing_is_held(
    guest: Returner, answer: dict[str, str], words: str
) -> None:
    page = guest.take(**answer)
    assert page.status == 422
    assert words in page.text
    assert (guest.made, guest.right.state, guest.kept()) == (None, ReturnState.OFFERED, 30)


def test_a_price_that_moved_is_shown_first_and_the_room_stays_kept(guest: Returner) -> None:
    guest.open("/next-summer")
    with guest.services.database.write() as session:
        session.execute(sa.update(NightRate).values(list_fen=30_000))
    page = guest.visitor.send("consent", consent="1")
    assert page.status == 409
    assert "¥7,650" in page.text
    assert (guest.made, guest.kept()) == (None, 30)
    guest.visitor.send("consent", consent="1")
    made = guest.made
    assert made is not None
    assert made.total_fen == 30 * 25_500


def test_a_double_press_makes_one_hold(guest: Returner) -> None:
    page = guest.open("/next-summer")
    first = guest.visitor.send("consent", consent="1")
    guest.visitor.page = page
    second = guest.visitor.send("consent", consent="1")
    assert first.path == second.path
    assert guest.open("/next-summer").path == first.path
    with guest.services.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Booking)) == 2


def test_declined_after_asking_once_more(guest: Returner) -> None:
    page = guest.open("/next-summer/no")
    assert "不收您的钱" in page.text
    assert "示例数据" in page.text
    assert guest.right.state is ReturnState.OFFERED
    page = guest.visitor.send("/no")
    assert page.path == f"/booking/{guest.id}"
    assert "先为您留着" not in page.text
    assert (guest.right.state, guest.kept()) == (ReturnState.DECLINED, 0)
    assert guest.open("/next-summer/no").path == f"/booking/{guest.id}"


def test_over_it_says_so_in_plain_words(guest: Returner) -> None:
    page = guest.open("/next-summer")
    guest.clock.advance(days=61)
    guest.visitor.page = page
    page = guest.visitor.send("consent", consent="1")
    assert "这间房已经不再为您留着了" in page.text
    assert "示例数据" in page.text
    assert guest.made is None
    assert "这间房已经不再为您留着了" in guest.open("/next-summer").text
    assert "先为您留着" not in guest.open().text


def test_a_hold_that_was_not_paid_gives_the_offer_back(guest: Returner) -> None:
    guest.take()
    guest.clock.advance(minutes=41)
    scheduled_jobs.expire_due(guest.services.money)
    scheduled_jobs.watch_returns(guest.services.money)
    assert "先为您留着" in guest.open().text
    assert guest.take().path.endswith("/pay")


def test_without_a_price_it_is_arranged_by_telephone(guest: Returner) -> None:
    with guest.services.database.write() as session:
        session.execute(sa.delete(NightRate).where(NightRate.day >= NEXT))
    page = guest.open()
    assert "明年的价钱还没有定" in page.text
    assert not any(link.endswith("/next-summer") for link in page.links)
    assert guest.open("/next-summer").path == f"/booking/{guest.id}"
    guest.visitor.open(f"/booking/{guest.id}/next-summer/no")
    guest.visitor.send("/no")
    assert guest.right.state is ReturnState.DECLINED


def test_a_stay_that_earned_nothing_has_none(
    visitor: Visitor, loaded: Room, services: Services, clock: SetClock
) -> None:
    house = House(services, clock, loaded)
    booking_id = house.booked(arrive=ARRIVE, nights=3)
    visitor.open("/my-booking")
    visitor.send("code", code=house.code(booking_id), phone="13900000001")
    page = visitor.open(f"/booking/{booking_id}/next-summer")
    assert page.status == 200
    assert "不再为您留着" in page.text


def test_in_english(app: Flask, years: Room, services: Services, clock: SetClock) -> None:
    guest = Returner(EnglishVisitor(app.test_client()), years, services, clock)
    assert "Next summer: the same room is kept for you" in guest.open().text
    guest.open("/next-summer/no")
    page = guest.take(consent="")
    assert page.status == 422
    page = guest.take()
    assert page.path.startswith("/en/booking/")
    assert page.path.endswith("/pay")
