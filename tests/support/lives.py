"""Lives of a partner's booking for tests: what can happen to it, played through the services."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

import sqlalchemy as sa

from catalog.service import reinstate, suspend
from marketplace.booking.changes import change_service
from marketplace.booking.contract.buyers import PartnerSale
from marketplace.booking.lifecycle import (
    payment_application,
    scheduled_jobs,
    stay_lifecycle,
    transitions,
)
from marketplace.booking.models import Booking, Rehousing, RehousingOffer
from marketplace.booking.rehousing import rehousing_queue, rehousing_service
from marketplace.booking.states import BookingState, ReasonCode, RehousingState
from marketplace.kernel.audit import Actor
from marketplace.kernel.errors import DomainError
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.partners.models import Partner
from marketplace.pricing.nights.selection import Party
from tests.factories import Room, make_enterprise, make_listing, make_room
from tests.support.booking import Desk

PARTNER = Actor("partner", "1")
STAFF = Actor("staff", "1")
CREDIT_FEN = 100_000_000
ARRIVES_IN = dt.timedelta(days=20)


def make_partner(desk: Desk) -> int:
    """Make a partner platform with ample credit; returns its id."""
    with desk.database.write() as session:
        partner = Partner(name="北方旅行", credit_limit_fen=CREDIT_FEN, created_at=desk.clock.now())
        session.add(partner)
        session.flush()
        return partner.id


def make_neighbour(desk: Desk, *, list_fen: int) -> Room:
    """Put a room of another house on sale."""
    with desk.database.write() as session:
        listing = make_listing(session, enterprise_id=make_enterprise(session))
        return make_room(session, listing_id=listing, capacity=2, days=200, list_fen=list_fen)


@dataclass
class Life:
    """One booking of a partner, and a room next door."""

    desk: Desk
    partner_id: int
    neighbour: Room
    booking_id: str
    stopped: int | None = None

    @classmethod
    def begin(cls, desk: Desk, *, nights: int = 14, cheaper: bool = True) -> Life:
        """Hold a stay for a new partner."""
        partner_id = make_partner(desk)
        neighbour = make_neighbour(desk, list_fen=15_000 if cheaper else 25_000)
        arrive = desk.clock.now().date() + ARRIVES_IN
        booking_id = desk.hold(
            partner=PartnerSale(partner_id, "NT-1"), nights=nights, arrive=arrive
        )
        return cls(desk, partner_id, neighbour, booking_id)

    @property
    def booking(self) -> Booking:
        return self.desk.booking(self.booking_id)

    def confirm(self) -> None:
        with self.desk.database.write() as session:
            payment_application.confirm_on_account(
                UnitOfWork(session, now=self.desk.clock.now(), actor=PARTNER),
                booking=transitions.locked(session, self.booking_id),
                partner_id=self.partner_id,
                credit_limit_fen=CREDIT_FEN,
                lead_name="王秀英",
                phone="13900000001",
            )

    def extend(self) -> None:
        with self.desk.database.write() as session:
            transitions.extend(
                session,
                booking_id=self.booking_id,
                actor=PARTNER,
                now=self.desk.clock.now(),
            )

    def expire(self) -> None:
        self.desk.clock.advance(hours=1)
        scheduled_jobs.expire_due(self.desk.money)

    def cancel(self, reason: ReasonCode = ReasonCode.PARTNER_REQUEST) -> None:
        with self.desk.database.write() as session:
            transitions.cancel(
                session,
                booking_id=self.booking_id,
                reason=reason,
                expected_refund_fen=None,
                actor=PARTNER,
                ids=self.desk.ids,
                now=self.desk.clock.now(),
            )

    def change(self, *, nights: int = 0, days: int = 0, adults: int | None = None) -> None:
        """Let the stay be so many nights longer, begin so many days later, or be for others."""
        was = self.booking.room.selection
        first, last = was.stay.check_in, was.stay.check_out
        shifted = was.between(
            first + dt.timedelta(days=days), last + dt.timedelta(days=days + nights)
        )
        party = Party(adults or was.party.adults, was.party.children_ages)
        wish = replace(shifted, party=party)
        with self.desk.database.write() as session:
            change_service.change(
                UnitOfWork(session, now=self.desk.clock.now(), actor=STAFF, ids=self.desk.ids),
                change_service.ChangeBooking(
                    booking_id=self.booking_id,
                    wish=wish,
                    expected_fen=None,
                    by_staff=True,
                    credit_limit_fen=CREDIT_FEN,
                ),
            )

    def arrive(self) -> None:
        """Let the day of arrival come, and the guest with it."""
        ahead = (self.booking.starts_on - self.desk.clock.now().date()).days
        self.desk.clock.advance(days=max(0, ahead))
        with self.desk.database.write() as session:
            stay_lifecycle.check_in(
                session,
                booking_id=self.booking_id,
                enterprise_id=self.booking.enterprise_id,
                actor=STAFF,
                now=self.desk.clock.now(),
            )

    def days_pass(self, count: int) -> None:
        self.desk.clock.advance(days=count)
        scheduled_jobs.advance_stays(self.desk.money)
        with self.desk.database.write() as session:
            rehousing_queue.let_lapse(session, now=self.desk.clock.now())

    def stop(self) -> None:
        """Stop the house, and put its guests into the queue."""
        with self.desk.database.write() as session:
            made = suspend(
                session,
                enterprise_id=self.booking.enterprise_id,
                reason="检查",
                actor=STAFF,
                now=self.desk.clock.now(),
            )
            self.stopped = made.id
        with self.desk.database.write() as session:
            rehousing_queue.open_queue(
                session, suspension_id=self.stopped, now=self.desk.clock.now()
            )

    def resume(self) -> None:
        """Let the house that was stopped sell again."""
        with self.desk.database.write() as session:
            reinstate(
                session,
                enterprise_id=self.desk.room.enterprise_id,
                actor=STAFF,
                now=self.desk.clock.now(),
            )
        with self.desk.database.write() as session:
            rehousing_queue.close_queue(
                session, suspension_id=self.stopped or 0, now=self.desk.clock.now()
            )

    @property
    def rehousing_id(self) -> int:
        with self.desk.database.read() as session:
            return session.scalar(sa.select(sa.func.max(Rehousing.id))) or 0

    def offer(self) -> None:
        with self.desk.database.write() as session:
            rehousing_service.offer(
                session,
                rehousing_id=self.rehousing_id,
                places=[(self.neighbour.room_type_id,)],
                actor=STAFF,
                now=self.desk.clock.now(),
            )

    def accept(self) -> None:
        with self.desk.database.read() as session:
            offer_id = session.scalar(sa.select(sa.func.max(RehousingOffer.id))) or 0
        with self.desk.database.write() as session:
            rehousing_service.accept(
                session,
                booking_id=self.booking_id,
                offer_id=offer_id,
                recipient="示例森林小屋",
                actor=PARTNER,
                ids=self.desk.ids,
                now=self.desk.clock.now(),
            )

    def decline(self) -> None:
        with self.desk.database.write() as session:
            rehousing_service.decline(
                session,
                booking_id=self.booking_id,
                actor=PARTNER,
                now=self.desk.clock.now(),
            )

    def keep(self) -> None:
        with self.desk.database.write() as session:
            rehousing_service.keep(
                session, rehousing_id=self.rehousing_id, actor=STAFF, now=self.desk.clock.now()
            )

    def something_happens(self, chance: random.Random) -> None:
        """Play one thing that may happen now; what a rule refuses changes nothing."""
        booking = self.booking
        waiting = self._waiting()
        able: list[Callable[[], None]] = [lambda: self.days_pass(chance.randint(1, 4))]
        if booking.state is BookingState.HELD:
            able += [self.confirm] * 4 + [self.extend] * 2 + [self.expire, self.cancel]
        if booking.state in {BookingState.CONFIRMED, BookingState.IN_STAY}:
            able += [
                lambda: self.change(nights=chance.choice([-4, -1, 2])),
                lambda: self.change(days=chance.choice([1, 5])),
                lambda: self.change(adults=3 - booking.room.adults),
            ] * 2
        if booking.state is BookingState.CONFIRMED:
            able += [self.arrive, self.cancel, self.stop, self.stop]
        if waiting is RehousingState.OPEN:
            able += [self.offer] * 6 + [self.keep, self.resume]
        if waiting is RehousingState.OFFERED:
            able += [self.accept] * 3 + [self.decline] * 3 + [self.resume, self.cancel]
        try:
            chance.choice(able)()
        except DomainError:
            return

    def _waiting(self) -> RehousingState | None:
        with self.desk.database.read() as session:
            return session.scalar(sa.select(Rehousing.state).order_by(Rehousing.id.desc()).limit(1))
