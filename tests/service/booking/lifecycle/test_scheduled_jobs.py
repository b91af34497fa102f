"""Sweeps: one booking that cannot be dealt with never holds up the others."""

from __future__ import annotations

import dataclasses

import pytest
import sqlalchemy as sa

from marketplace.booking.lifecycle import scheduled_jobs
from marketplace.booking.lifecycle.payment_application import begin_payment
from marketplace.booking.states import BookingState
from marketplace.kernel.db import Database
from marketplace.payments.gateways import gateway_calls
from marketplace.payments.gateways.port import CloseResult, GatewayRefusedError, PaymentFact
from marketplace.payments.gateways.registry import Gateways
from marketplace.payments.gateways.simulated import SimulatedGateway
from marketplace.payments.models import Payment
from marketplace.payments.states import PaymentState
from tests.support.booking import Desk, make_desk


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database)


class Broken(SimulatedGateway):
    """Breaks in a way nobody thought of for one payment, and answers for the others."""

    bad_ref = ""

    def close_payment(self, ref: str) -> CloseResult:
        if ref == self.bad_ref:
            raise RuntimeError("not a gateway's word")
        return super().close_payment(ref)

    def fetch_payment(self, ref: str) -> PaymentFact:
        if ref == self.bad_ref:
            raise GatewayRefusedError("no such payment")
        return super().fetch_payment(ref)


def broken(desk: Desk, booking_id: str) -> Broken:
    gateway = Broken(
        desk.database, clock=desk.clock, ids=desk.ids, secret="whsec", base_url="http://x"
    )
    with desk.database.read() as session:
        gateway.bad_ref = (
            session.scalar(sa.select(Payment.ref).where(Payment.booking_id == booking_id)) or ""
        )
    return gateway


def test_a_hold_that_cannot_be_ended_does_not_keep_the_others(desk: Desk) -> None:
    stuck = desk.hold(phone="13900000011")
    desk.open_payment(stuck)
    desk.clock.advance(seconds=1)
    other = desk.hold(phone="13900000012")
    desk.open_payment(other)
    desk.clock.advance(minutes=41)
    money = dataclasses.replace(desk.money, gateways=Gateways(broken(desk, stuck)))
    assert scheduled_jobs.expire_due(money) == 1
    assert desk.booking(other).state is BookingState.EXPIRED
    assert desk.booking(stuck).state is BookingState.HELD


def test_the_return_page_stands_a_gateway_that_knows_nothing(desk: Desk) -> None:
    booking_id = desk.hold()
    desk.open_payment(booking_id)
    money = dataclasses.replace(desk.money, gateways=Gateways(broken(desk, booking_id)))
    scheduled_jobs.look_up_payments(money, booking_id)
    assert desk.booking(booking_id).state is BookingState.HELD


def test_a_page_opened_while_its_payment_is_being_closed_is_closed_too(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking_id = desk.hold()
    payment_id = desk.begin_payment(booking_id)
    looked_at = scheduled_jobs.payments.open_attempts
    urls = []

    def then_it_opens(
        session: sa.orm.Session, *, booking_id: str, subject_id: str | None
    ) -> list[Payment]:
        found = looked_at(session, booking_id=booking_id, subject_id=subject_id)
        monkeypatch.setattr(scheduled_jobs.payments, "open_attempts", looked_at)
        urls.append(
            gateway_calls.open_checkout(
                desk.database,
                desk.gateways,
                payment_id=payment_id,
                return_url="/back",
                clock=desk.clock,
            )
        )
        return found

    monkeypatch.setattr(scheduled_jobs.payments, "open_attempts", then_it_opens)
    assert scheduled_jobs.close_payments(desk.money, booking_id) is False
    with desk.database.read() as session:
        assert session.scalar(sa.select(Payment.state)) is PaymentState.OPEN
    assert scheduled_jobs.close_payments(desk.money, booking_id) is True
    assert desk.gateway.page(urls[0].rsplit("/", 1)[1]).status.value == "closed"


def test_more_than_the_gateway_takes_is_said_in_words(desk: Desk) -> None:
    booking_id = desk.hold()
    with desk.database.write() as session:
        payment = begin_payment(
            session,
            booking_id=booking_id,
            gateway=desk.gateway.name,
            ids=desk.ids,
            now=desk.clock.now(),
        )
        payment.amount_fen = desk.gateway.caps.max_fen + 1
    with pytest.raises(gateway_calls.NotPayable):
        gateway_calls.open_checkout(
            desk.database,
            desk.gateways,
            payment_id=payment.id,
            return_url="/back",
            clock=desk.clock,
        )
