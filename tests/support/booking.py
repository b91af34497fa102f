"""Bookings for tests of services: placed and paid through the real functions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import selectinload

from marketplace.booking.contract.answers import Answers, RoomAnswer
from marketplace.booking.contract.buyers import PartnerSale, WebBuyer
from marketplace.booking.contract.placement import PlaceBooking, place
from marketplace.booking.contract.room_choices import RoomChoice
from marketplace.booking.lifecycle import scheduled_jobs, stay_lifecycle, transitions
from marketplace.booking.lifecycle.payment_application import begin_change_payment, begin_payment
from marketplace.booking.lifecycle.scheduled_jobs import Money
from marketplace.booking.models import Booking
from marketplace.booking.states import ReasonCode
from marketplace.kernel.audit import TRAVELLER, Actor
from marketplace.kernel.clock import SetClock
from marketplace.kernel.db import Database
from marketplace.kernel.ids import RandomIds
from marketplace.kernel.stay import Stay
from marketplace.payments.gateways import gateway_calls
from marketplace.payments.gateways.registry import Gateways
from marketplace.payments.gateways.simulated import SimulatedGateway
from marketplace.pricing.nights.selection import COUPLE, Party, StaySelection
from marketplace.pricing.nights.terms import Terms
from tests.factories import NOW, TODAY, Room, make_enterprise, make_listing, make_room

COMMISSION_BP = 1000
STAFF = Actor("staff", "1")


@dataclass
class Desk:
    """A database with one room type on sale, a clock, and the gateway that plays the world."""

    database: Database
    clock: SetClock
    ids: RandomIds
    gateway: SimulatedGateway
    room: Room

    @property
    def gateways(self) -> Gateways:
        """The registry of this installation: its one gateway."""
        return Gateways(self.gateway)

    @property
    def money(self) -> Money:
        """What the sweeps need."""
        return Money(self.database, self.gateways, self.clock, self.ids)

    def hold(
        self,
        *,
        phone: str = "13900000001",
        address: str = "10.0.0.1",
        arrive: dt.date | None = None,
        nights: int = 30,
        rooms: int = 1,
        adults: int = 2,
        expected: int | None = None,
        partner: PartnerSale | None = None,
        room: Room | None = None,
    ) -> str:
        """Place a hold; returns the booking's id."""
        buyer = partner or WebBuyer(
            lead_name="王秀英",
            phone=phone,
            address=address,
            consent_version="1",
            consent_recipient="示例森林小屋",
        )
        command = PlaceBooking(
            rooms=(
                RoomChoice(
                    StaySelection(
                        room_type_id=(room or self.room).room_type_id,
                        stay=Stay.of(arrive or TODAY + dt.timedelta(days=40), nights),
                        rooms=rooms,
                        party=Party(adults),
                    )
                ),
            ),
            buyer=buyer,
            expected_total_fen=expected,
        )
        with self.database.write() as session:
            booking = place(
                session,
                command=command,
                commission_bp=COMMISSION_BP,
                actor=TRAVELLER,
                ids=self.ids,
                now=self.clock.now(),
            )
            return booking.id

    def open_payment(self, booking_id: str) -> str:
        """Go to the payment page; returns its token."""
        return self._checkout(self.begin_payment(booking_id))

    def begin_payment(self, booking_id: str) -> str:
        """Begin an attempt to pay, whose page nobody has opened; returns the payment's id."""
        with self.database.write() as session:
            return begin_payment(
                session,
                booking_id=booking_id,
                gateway=self.gateway.name,
                ids=self.ids,
                now=self.clock.now(),
            ).id

    def _checkout(self, payment_id: str) -> str:
        url = gateway_calls.open_checkout(
            self.database,
            self.gateways,
            payment_id=payment_id,
            return_url="/back",
            clock=self.clock,
        )
        return url.rsplit("/", 1)[1]

    def press(self, token: str, action: str = "alipay_ok") -> None:
        """Press a button of the payment page; we are not told yet."""
        self.gateway.press(token, action)

    def pay(self, booking_id: str, action: str = "alipay_ok") -> None:
        """Pay, and look at the truth, as the return page does."""
        self.press(self.open_payment(booking_id), action)
        scheduled_jobs.look_up_payments(self.money, booking_id)

    def paid(self, **wish: object) -> str:
        """Place a hold and pay it; returns the booking's id."""
        booking_id = self.hold(**wish)  # type: ignore[arg-type]
        self.pay(booking_id)
        return booking_id

    def pay_change(self, booking_id: str, action: str = "alipay_ok") -> None:
        """Pay for the change that waits, and look at the truth."""
        self.press(self.open_change_payment(booking_id), action)
        scheduled_jobs.look_up_payments(self.money, booking_id)

    def open_change_payment(self, booking_id: str) -> str:
        """Go to the payment page of the change that waits; returns its token."""
        with self.database.write() as session:
            payment = begin_change_payment(
                session,
                booking_id=booking_id,
                gateway=self.gateway.name,
                ids=self.ids,
                now=self.clock.now(),
            )
        return self._checkout(payment.id)

    def check_in(self, booking_id: str) -> None:
        """Check the guest in, as the house does."""
        with self.database.write() as session:
            stay_lifecycle.check_in(
                session,
                booking_id=booking_id,
                enterprise_id=self.room.enterprise_id,
                actor=STAFF,
                now=self.clock.now(),
            )

    def cancel(self, booking_id: str, reason: ReasonCode, actor: Actor = TRAVELLER) -> None:
        """Cancel, whatever goes back."""
        with self.database.write() as session:
            transitions.cancel(
                session,
                booking_id=booking_id,
                reason=reason,
                expected_refund_fen=None,
                actor=actor,
                ids=self.ids,
                now=self.clock.now(),
            )

    def booking(self, booking_id: str) -> Booking:
        """Return the booking as it stands."""
        with self.database.read() as session:
            found = session.get(Booking, booking_id, options=[selectinload(Booking.items)])
            assert found is not None
            return found


def make_desk(
    database: Database, *, capacity: int = 2, days: int = 200, terms: Terms | None = None
) -> Desk:
    """Set one room type at 200 yuan a night on sale, 15 % off from 30 nights."""
    clock, ids = SetClock(NOW), RandomIds()
    with database.write() as session:
        listing = make_listing(session, enterprise_id=make_enterprise(session))
        room = make_room(session, listing_id=listing, capacity=capacity, days=days, terms=terms)
    gateway = SimulatedGateway(
        database, clock=clock, ids=ids, secret="whsec", base_url="http://127.0.0.1:8000"
    )
    return Desk(database, clock, ids, gateway, room)


def answers_for(room: Room, **more: object) -> Answers:
    """What a couple answered who want a month in July."""
    month = Stay.of(dt.date(2027, 7, 1), 30)
    facts: dict[str, object] = {"lead_name": "王秀兰", "phone": "13800138000"} | more
    return Answers(
        listing_id=room.listing_id,
        rooms=(
            RoomAnswer(StaySelection(room.room_type_id, month, rooms=1, party=COUPLE), 510_000),
        ),
        seen_total_fen=510_000,
        **facts,  # type: ignore[arg-type]
    )
