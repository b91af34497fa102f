"""Money of a wrong amount, money too late and money that comes twice: all of it goes back."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from marketplace.booking.effects import TellOfBooking
from marketplace.booking.lifecycle import scheduled_jobs, stay_lifecycle, transitions
from marketplace.booking.states import BookingState, ReasonCode
from marketplace.kernel.audit import TRAVELLER
from marketplace.kernel.db import Database
from marketplace.kernel.outbox import OutboxRow
from marketplace.operations import invariants
from marketplace.payments.gateways.port import PaymentFact, PaymentStatus
from marketplace.payments.models import Payment, Refund
from marketplace.payments.service import AttemptRunning
from tests.factories import TODAY
from tests.support.booking import Desk, make_desk


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database)


def refunded(desk: Desk) -> list[tuple[str, int]]:
    with desk.database.read() as session:
        return [tuple(row) for row in session.execute(sa.select(Refund.reason, Refund.amount_fen))]


def told(desk: Desk) -> list[str]:
    with desk.database.read() as session:
        rows = session.scalars(
            sa.select(OutboxRow.payload)
            .where(OutboxRow.topic == TellOfBooking.topic)
            .order_by(OutboxRow.id)
        )
        return [row["what"] for row in rows]


def paid_fen(desk: Desk) -> int:
    with desk.database.read() as session:
        return session.scalars(
            sa.select(Payment.paid_fen).where(Payment.paid_fen != Payment.amount_fen)
        ).one()


def succeeded(desk: Desk, booking_id: str) -> PaymentFact:
    with desk.database.read() as session:
        ref, fen = session.execute(
            sa.select(Payment.ref, Payment.amount_fen)
            .where(Payment.booking_id == booking_id)
            .order_by(Payment.key)
            .limit(1)
        ).one()
    return PaymentFact(ref, PaymentStatus.SUCCEEDED, fen, paid_at=desk.clock.now())


def test_a_wrong_amount_goes_back_when_the_hold_is_given_up(desk: Desk) -> None:
    booking_id = desk.hold()
    desk.pay(booking_id, "wrong_amount")
    with desk.database.write() as session:
        transitions.cancel(
            session,
            booking_id=booking_id,
            reason=ReasonCode.HOLD_GIVEN_UP,
            expected_refund_fen=0,
            actor=TRAVELLER,
            ids=desk.ids,
            now=desk.clock.now(),
        )
    assert refunded(desk) == [("suspense", paid_fen(desk))]
    assert "suspense_refunded" in told(desk)


def test_a_wrong_amount_goes_back_when_the_right_one_is_paid(desk: Desk) -> None:
    booking_id = desk.hold()
    desk.pay(booking_id, "wrong_amount")
    assert refunded(desk) == []
    desk.pay(booking_id)
    assert desk.booking(booking_id).state is BookingState.CONFIRMED
    assert refunded(desk) == [("suspense", paid_fen(desk))]


def test_money_that_comes_after_the_first_night_buys_no_nights_that_are_over(desk: Desk) -> None:
    booking_id = desk.hold(arrive=TODAY, nights=5)
    desk.open_payment(booking_id)
    fact = succeeded(desk, booking_id)
    desk.clock.advance(minutes=41)
    assert scheduled_jobs.expire_due(desk.money) == 1
    desk.clock.advance(days=1)
    scheduled_jobs.apply_fetched(desk.money, fact, gateway="simulated")
    assert desk.booking(booking_id).state is BookingState.EXPIRED
    assert refunded(desk) == [("late_payment", fact.amount_fen)]


def test_who_pays_twice_is_not_told_that_the_room_is_gone(desk: Desk) -> None:
    booking_id = desk.hold()
    desk.open_payment(booking_id)
    first = succeeded(desk, booking_id)
    desk.clock.advance(minutes=29)
    with desk.database.write() as session:
        transitions.extend(session, booking_id=booking_id, actor=TRAVELLER, now=desk.clock.now())
    desk.clock.advance(minutes=2)
    with pytest.raises(AttemptRunning):
        desk.pay(booking_id)
    assert scheduled_jobs.close_payments(desk.money, booking_id)
    desk.pay(booking_id)  # the first page is over and closed, so this is a second one
    scheduled_jobs.apply_fetched(desk.money, first, gateway="simulated")
    assert desk.booking(booking_id).state is BookingState.CONFIRMED
    assert refunded(desk) == [("late_payment", first.amount_fen)]
    assert told(desk) == ["confirmed", "paid_twice"]
    report = invariants.check(desk.database, now=desk.clock.now())
    assert report.faults["paid_is_confirmed_or_refunded"] == []
    assert report.faults["ledger_per_booking"] == []
    assert report.faults["settled_by_their_uses"] == []
    assert report.faults["uses_within_payments"] == []


def test_a_test_booking_is_no_guest_to_check_in(desk: Desk) -> None:
    booking_id = desk.hold(arrive=TODAY, nights=2)
    desk.pay(booking_id)
    with desk.database.write() as session:
        session.execute(sa.text("UPDATE booking SET test = true"))
    with pytest.raises(transitions.NotFound), desk.database.write() as session:
        stay_lifecycle.check_in(
            session,
            booking_id=booking_id,
            enterprise_id=desk.booking(booking_id).enterprise_id,
            actor=TRAVELLER,
            now=desk.clock.now() + dt.timedelta(hours=1),
        )
