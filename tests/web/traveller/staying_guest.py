"""A guest with a paid stay, in front of the pages on which it is changed."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from marketplace.booking.lifecycle import scheduled_jobs, stay_lifecycle
from marketplace.booking.models import Booking, BookingChange
from marketplace.bootstrap import Services
from marketplace.inventory.models import ClaimKind, StockDay
from marketplace.inventory.service import Want, take
from marketplace.kernel.audit import Actor
from marketplace.kernel.clock import SetClock
from marketplace.kernel.stay import Stay
from marketplace.operations import invariants
from marketplace.payments.models import Refund
from marketplace.pricing.nights.terms import Board, BoardPrice, ChildBand, Occupancy, Terms
from tests.factories import Room, make_room
from tests.support.staff import House
from tests.web.traveller.visitor import Page, Visitor

ARRIVE = dt.date(2027, 7, 11)
"""Forty days after the tests' clock."""
OFF = 17_000
"""A night with the discount of 30 nights, in fen."""
STAFF = Actor("staff", "1")
TERMS = Terms(
    occupancy=Occupancy(extra_adult_fen=6_000, children=(ChildBand(11, 3_000),)),
    boards=(BoardPrice(Board.BREAKFAST, 1_500, 800),),
    extra_bed_fen=5_000,
    most_extra_beds=1,
)


def days(count: int) -> dt.timedelta:
    return dt.timedelta(days=count)


class Guest:
    """A guest with a paid stay, in front of its pages."""

    def __init__(self, visitor: Visitor, room: Room, services: Services, clock: SetClock) -> None:
        self.visitor, self.room = visitor, room
        self.services, self.clock = services, clock
        self.id = ""

    def book(self, nights: int = 30) -> Guest:
        house = House(self.services, self.clock, self.room)
        self.id = house.booked(arrive=ARRIVE, nights=nights)
        self.visitor.open("/my-booking")
        self.visitor.send("code", code=house.code(self.id), phone="13900000001")
        return self

    def open(self, page: str = "") -> Page:
        return self.visitor.open(f"/booking/{self.id}{page}")

    def ask(self, what: str, **answer: str) -> Page:
        """Answer one question; returns the page of the difference, or of what is wrong."""
        self.open(f"/change/{what}")
        return self.visitor.send(next(iter(answer)), **answer)

    def agree(self) -> Page:
        return self.visitor.send("balance_fen")

    def pay(self, action: str = "alipay_ok") -> Page:
        sim = self.visitor.send("/change-payment")
        return self.visitor.send(sim.path, action=action)

    @property
    def booking(self) -> Booking:
        with self.services.database.read() as session:
            return session.get_one(Booking, self.id, options=[selectinload(Booking.items)])

    @property
    def changes(self) -> list[BookingChange]:
        with self.services.database.read() as session:
            return list(session.scalars(sa.select(BookingChange).order_by(BookingChange.number)))

    @property
    def refunded(self) -> int:
        with self.services.database.read() as session:
            return int(session.scalar(sa.select(sa.func.sum(Refund.amount_fen))) or 0)

    def taken(self, room: Room | None = None) -> int:
        """How many nights of the room type are taken."""
        pool = (room or self.room).pool_id
        with self.services.database.read() as session:
            query = sa.select(sa.func.sum(StockDay.taken)).where(StockDay.pool_id == pool)
            return session.scalar(query) or 0

    def fill(self, first: dt.date, nights: int, units: int = 2) -> None:
        """Let somebody else take rooms."""
        with self.services.database.write() as session:
            want = Want(self.room.pool_id, Stay.of(first, nights), units)
            take(
                session,
                wants=[want],
                kind=ClaimKind.BLOCK,
                holder=f"other {first}",
                now=self.clock.now(),
            )

    def arrive(self, after: int = 0) -> None:
        """Come to the house, and stay ``after`` nights."""
        self.clock.advance(days=40)
        with self.services.database.write() as session:
            stay_lifecycle.check_in(
                session,
                booking_id=self.id,
                enterprise_id=self.room.enterprise_id,
                actor=STAFF,
                now=self.clock.now(),
            )
        for _ in range(after):
            self.clock.advance(days=1)
            scheduled_jobs.advance_stays(self.services.money)

    def assert_clean(self) -> None:
        report = invariants.check(self.services.database, now=self.clock.now())
        waiting = {"nothing_owed_too_long", "audit_chain"}
        assert {k: v for k, v in report.faults.items() if v and k not in waiting} == {}


def ways(page: Page) -> list[str]:
    """Return where a page leads about its booking, besides to itself in the other language."""
    return [link for link in page.links if link.startswith("/booking/")]


def second_room(guest: Guest, *, capacity: int = 2, list_fen: int = 30_000) -> Room:
    with guest.services.database.write() as session:
        return make_room(
            session,
            listing_id=guest.room.listing_id,
            capacity=capacity,
            list_fen=list_fen,
            name_zh="湖景房",
            name_en="Lake room",
        )
