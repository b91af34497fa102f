"""A change that waits for its payment makes way: withdrawn, or for another wish."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from marketplace.booking.changes import change_service
from marketplace.booking.changes.change_options import changeable, free_nights_after
from marketplace.booking.changes.change_queries import changes_of
from marketplace.booking.effects import ClosePayments
from marketplace.booking.lifecycle import scheduled_jobs
from marketplace.booking.models import BookingChange
from marketplace.booking.states import ChangeState, WrongState
from marketplace.inventory.service import SoldOut
from marketplace.kernel import outbox
from marketplace.kernel.audit import TRAVELLER
from marketplace.kernel.db import Database
from marketplace.kernel.errors import NotFound
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.operations import invariants
from marketplace.payments.models import Payable, Payment
from marketplace.payments.states import PayableKind, PaymentState
from tests.concurrency.rush import taken
from tests.factories import TODAY
from tests.support.booking import Desk, make_desk
from tests.support.changing import altered

ARRIVE = TODAY + dt.timedelta(days=40)
OFF = 17_000


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database)


@pytest.fixture
def booking_id(desk: Desk) -> str:
    return desk.paid(nights=30)


def longer(desk: Desk, booking_id: str, nights: int) -> str:
    """Ask for more nights; returns the change that waits for its payment."""
    booking = desk.booking(booking_id)
    wish = altered(booking.room.selection, check_out=booking.ends_on + dt.timedelta(days=nights))
    with desk.database.write() as session:
        return change_service.change(
            UnitOfWork(session, now=desk.clock.now(), actor=TRAVELLER, ids=desk.ids),
            change_service.ChangeBooking(booking_id=booking_id, wish=wish, expected_fen=None),
        ).id


def withdraw(desk: Desk, booking_id: str) -> None:
    with desk.database.write() as session:
        change_service.withdraw(
            session, booking_id=booking_id, actor=TRAVELLER, now=desk.clock.now()
        )


def close_what_is_owed(desk: Desk) -> None:
    """Close at the gateway what the outbox says."""
    with desk.database.read() as session:
        owed = session.scalars(
            sa.select(outbox.OutboxRow.payload).where(outbox.OutboxRow.topic == ClosePayments.topic)
        ).all()
    for payload in owed:
        assert scheduled_jobs.close_payments(
            desk.money, payload["booking_id"], change_id=payload["change_id"]
        )


def state(desk: Desk, change_id: str) -> ChangeState:
    with desk.database.read() as session:
        return session.get_one(BookingChange, change_id).state


def assert_clean(desk: Desk) -> None:
    report = invariants.check(desk.database, now=desk.clock.now())
    waiting = {"nothing_owed_too_long", "audit_chain"}
    assert {k: v for k, v in report.faults.items() if v and k not in waiting} == {}


def test_withdrawn_its_rooms_go_back_and_the_stay_is_as_it_was(desk: Desk, booking_id: str) -> None:
    change_id = longer(desk, booking_id, 10)
    assert len(taken(desk.database, desk.room.pool_id)) == 40
    for _ in range(2):
        withdraw(desk, booking_id)
    assert state(desk, change_id) is ChangeState.WITHDRAWN
    assert len(taken(desk.database, desk.room.pool_id)) == 30
    desk.clock.advance(minutes=50)
    assert scheduled_jobs.lapse_changes(desk.money) == 0
    assert_clean(desk)


def test_with_nothing_waiting_it_changes_nothing(desk: Desk, booking_id: str) -> None:
    withdraw(desk, booking_id)
    assert desk.booking(booking_id).total_fen == 30 * OFF
    with pytest.raises(NotFound):
        withdraw(desk, "nobody")


def test_its_payment_is_closed_and_that_of_the_next_wish_is_not(
    desk: Desk, booking_id: str
) -> None:
    first = longer(desk, booking_id, 10)
    desk.open_change_payment(booking_id)
    withdraw(desk, booking_id)
    second = longer(desk, booking_id, 5)
    desk.open_change_payment(booking_id)
    close_what_is_owed(desk)
    with desk.database.read() as session:
        found = dict(
            session.execute(
                sa.select(Payable.subject_id, Payment.state)
                .join(Payment, Payment.payable_id == Payable.id)
                .where(Payable.kind == PayableKind.CHANGE)
            ).all()
        )
    assert found == {first: PaymentState.CLOSED, second: PaymentState.OPEN}


def test_money_that_was_under_way_goes_back_although_the_rooms_are_free(
    desk: Desk, booking_id: str
) -> None:
    longer(desk, booking_id, 10)
    token = desk.open_change_payment(booking_id)
    withdraw(desk, booking_id)
    desk.press(token)
    close_what_is_owed(desk)
    assert desk.booking(booking_id).ends_on == ARRIVE + dt.timedelta(days=30)
    with desk.database.read() as session:
        assert sum(each.fee_fen for each in changes_of(session, booking_id=booking_id)) == 0
    assert_clean(desk)


def test_another_wish_closes_the_page_of_the_first(desk: Desk, booking_id: str) -> None:
    first = longer(desk, booking_id, 10)
    desk.open_change_payment(booking_id)
    longer(desk, booking_id, 2)
    close_what_is_owed(desk)
    with desk.database.read() as session:
        states = session.scalars(
            sa.select(Payment.state)
            .join(Payable, Payable.id == Payment.payable_id)
            .where(Payable.subject_id == first)
        ).all()
    assert states == [PaymentState.CLOSED]
    desk.pay_change(booking_id)
    assert desk.booking(booking_id).ends_on == ARRIVE + dt.timedelta(days=32)
    assert_clean(desk)


class TestWhatIsFree:
    def test_as_many_nights_as_the_room_is_free(self, desk: Desk, booking_id: str) -> None:
        for phone in ("13900000002", "13900000003"):
            desk.hold(phone=phone, arrive=ARRIVE + dt.timedelta(days=36), nights=3)
        with desk.database.read() as session:
            assert free_nights_after(session, booking_id=booking_id) == 6

    def test_never_more_than_a_stay_can_have(self, desk: Desk, booking_id: str) -> None:
        with desk.database.read() as session:
            assert free_nights_after(session, booking_id=booking_id) == 90

    def test_what_is_kept_for_its_own_change_counts_as_free(
        self, desk: Desk, booking_id: str
    ) -> None:
        desk.hold(phone="13900000002", arrive=ARRIVE + dt.timedelta(days=30), nights=20)
        longer(desk, booking_id, 10)
        booking = desk.booking(booking_id)
        wish = altered(booking.room.selection, check_out=booking.ends_on + dt.timedelta(days=12))
        with desk.database.read() as session:
            assert free_nights_after(session, booking_id=booking_id) == 90
            quote = change_service.quote_change(
                session, booking_id=booking_id, wish=wish, now=desk.clock.now()
            )
        assert quote.pay_fen == 12 * OFF

    def test_what_another_guest_has_does_not(self, desk: Desk, booking_id: str) -> None:
        for phone in ("13900000002", "13900000003"):
            desk.hold(phone=phone, arrive=ARRIVE + dt.timedelta(days=30), nights=1)
        booking = desk.booking(booking_id)
        wish = altered(booking.room.selection, check_out=booking.ends_on + dt.timedelta(days=1))
        with desk.database.read() as session:
            assert free_nights_after(session, booking_id=booking_id) == 0
            with pytest.raises(SoldOut):
                change_service.quote_change(
                    session, booking_id=booking_id, wish=wish, now=desk.clock.now()
                )

    def test_a_hold_is_not_changed(self, desk: Desk) -> None:
        held = desk.hold()
        with desk.database.read() as session, pytest.raises(WrongState):
            changeable(session, booking_id=held, now=desk.clock.now())
