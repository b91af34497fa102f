"""Two gateways at once: what was paid at one is asked about, closed and given back there."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from marketplace import bootstrap, tasks
from marketplace.booking.lifecycle import scheduled_jobs
from marketplace.booking.lifecycle.payment_application import begin_payment
from marketplace.booking.states import BookingState, ReasonCode
from marketplace.bootstrap import Services
from marketplace.kernel import inbox, outbox
from marketplace.kernel.db import Database
from marketplace.payments.effects import ApplyGatewayEvent
from marketplace.payments.gateways import gateway_calls
from marketplace.payments.gateways.registry import GatewayMissing, Gateways
from marketplace.payments.models import Payment, Refund
from marketplace.payments.service import UnknownPayment
from marketplace.payments.states import RefundState
from marketplace.settings import Environment, Settings
from marketplace.staff_tasks.models import StaffTask
from tests.support.booking import Desk, make_desk
from tests.support.till import Till


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database, capacity=4)


@pytest.fixture
def till(desk: Desk) -> Till:
    return Till(desk.clock)


@pytest.fixture
def before(desk: Desk, tmp_path: Path) -> Iterator[Services]:
    """The installation while the simulated gateway was its only one."""
    settings = Settings(
        env=Environment.TEST,
        state_dir=tmp_path / "state",
        database_url=desk.database.url.render_as_string(hide_password=False),
    )
    built = bootstrap.build(settings, clock=desk.clock, ids=desk.ids)
    yield built
    built.database.dispose()


@pytest.fixture
def both(before: Services, desk: Desk, till: Till) -> Services:
    """The installation after the till became the default."""
    return dataclasses.replace(before, gateways=Gateways(till, desk.gateway))


@pytest.fixture
def without(before: Services, till: Till) -> Services:
    """The installation from whose settings the simulated gateway was taken."""
    return dataclasses.replace(before, gateways=Gateways(till))


def open_page(services: Services, desk: Desk, booking_id: str) -> str:
    """Go to where a booking is paid, as the page does."""
    with services.database.write() as session:
        payment = begin_payment(
            session,
            booking_id=booking_id,
            gateway=services.gateways.default.name,
            ids=desk.ids,
            now=desk.clock.now(),
        )
    return gateway_calls.open_checkout(
        services.database,
        services.gateways,
        payment_id=payment.id,
        return_url="/back",
        clock=desk.clock,
    )


def cancel(services: Services, desk: Desk, booking_id: str) -> None:
    desk.cancel(booking_id, ReasonCode.TRAVELLER_HEALTH)
    tasks.sweep_outbox(services)


def refund_of(desk: Desk, booking_id: str) -> Refund:
    with desk.database.read() as session:
        return session.scalars(sa.select(Refund).where(Refund.booking_id == booking_id)).one()


def told(desk: Desk) -> list[str]:
    with desk.database.read() as session:
        return list(session.scalars(sa.select(StaffTask.kind).order_by(StaffTask.id)))


class TestBothAtOnce:
    def test_each_payment_is_given_back_where_it_was_made(
        self, desk: Desk, both: Services, till: Till
    ) -> None:
        old = desk.paid(phone="13900000021")
        new = desk.hold(phone="13900000022")
        bill = open_page(both, desk, new).rsplit("/", 1)[1]
        till.do(bill, "alipay_ok")
        desk.clock.advance(minutes=1)
        assert tasks.poll_payments(both) == 1
        assert desk.booking(new).state is BookingState.CONFIRMED
        cancel(both, desk, old)
        assert till.refunds == {}
        cancel(both, desk, new)
        assert [of for _, of in till.refunds.values()] == [bill]
        desk.clock.advance(minutes=1)
        tasks.poll_payments(both)
        assert refund_of(desk, old).state is RefundState.SUCCEEDED
        assert refund_of(desk, new).state is RefundState.SUCCEEDED
        assert told(desk) == []

    def test_a_page_that_is_open_at_one_stays_the_page_to_pay_on(
        self, desk: Desk, before: Services, both: Services, till: Till
    ) -> None:
        booking_id = desk.hold()
        page = open_page(before, desk, booking_id)
        assert open_page(both, desk, booking_id) == page
        assert till.bills == {}
        desk.press(page.rsplit("/", 1)[1])
        scheduled_jobs.look_up_payments(both.money, booking_id)
        assert desk.booking(booking_id).state is BookingState.CONFIRMED

    def test_a_hold_ends_when_its_page_is_closed_where_it_is(
        self, desk: Desk, both: Services, till: Till
    ) -> None:
        at_the_till = desk.hold(phone="13900000023")
        bill = open_page(both, desk, at_the_till).rsplit("/", 1)[1]
        elsewhere = desk.hold(phone="13900000024")
        token = desk.open_payment(elsewhere)
        desk.clock.advance(minutes=41)
        assert tasks.expire_holds(both) == 2
        assert till.close_payment(bill).value == "closed"
        assert desk.gateway.page(token).status.value == "closed"

    def test_a_notice_is_looked_up_at_its_sender(
        self, desk: Desk, both: Services, till: Till
    ) -> None:
        booking_id = desk.hold()
        bill = open_page(both, desk, booking_id).rsplit("/", 1)[1]
        till.do(bill, "alipay_ok")
        hear(both, desk, "till", bill)
        tasks.sweep_outbox(both)
        assert desk.booking(booking_id).state is BookingState.CONFIRMED

    def test_nobody_is_heard_about_the_payments_of_another(
        self, desk: Desk, both: Services, till: Till
    ) -> None:
        bill = open_page(both, desk, desk.hold()).rsplit("/", 1)[1]
        till.do(bill, "alipay_ok")
        with pytest.raises(UnknownPayment):
            scheduled_jobs.apply_fetched(
                both.money, till.fetch_payment(bill), gateway=desk.gateway.name
            )

    def test_nobody_is_heard_about_the_refunds_of_another(
        self, desk: Desk, both: Services, till: Till
    ) -> None:
        booking_id = desk.paid()
        cancel(both, desk, booking_id)
        sent = refund_of(desk, booking_id)
        fact = desk.gateway.fetch_refund(sent.ref or "")
        till.refunds[fact.key] = (fact, "bill-1")
        with pytest.raises(gateway_calls.refund_delivery.UnknownRefund):
            gateway_calls.apply_refund_ref(
                both.database, both.gateways, gateway="till", ref=fact.ref, clock=desk.clock
            )
        assert refund_of(desk, booking_id).state is RefundState.PENDING


class TestOneThatIsNotConfigured:
    def test_a_refund_waits_for_it_and_staff_are_told_once(
        self, desk: Desk, without: Services, both: Services
    ) -> None:
        booking_id = desk.paid()
        cancel(without, desk, booking_id)
        for _ in range(2):
            desk.clock.advance(hours=1)
            tasks.poll_payments(without)
        assert refund_of(desk, booking_id).state is RefundState.APPROVED
        assert told(desk) == ["gateway_missing"]
        tasks.poll_payments(both)
        assert refund_of(desk, booking_id).state is RefundState.PENDING
        desk.clock.advance(minutes=1)
        tasks.poll_payments(both)
        assert refund_of(desk, booking_id).state is RefundState.SUCCEEDED

    def test_a_refund_that_was_sent_is_asked_about_when_it_is_back(
        self, desk: Desk, without: Services, both: Services
    ) -> None:
        booking_id = desk.paid()
        cancel(both, desk, booking_id)
        desk.clock.advance(hours=1)
        tasks.poll_payments(without)
        assert told(desk) == ["gateway_missing"]
        tasks.poll_payments(both)
        assert refund_of(desk, booking_id).state is RefundState.SUCCEEDED

    def test_a_payment_keeps_its_stock_until_it_can_be_closed(
        self, desk: Desk, without: Services, both: Services
    ) -> None:
        booking_id = desk.hold()
        desk.press(desk.open_payment(booking_id))
        desk.clock.advance(minutes=41)
        assert tasks.poll_payments(without) == 0
        scheduled_jobs.look_up_payments(without.money, booking_id)
        assert tasks.expire_holds(without) == 0
        assert desk.booking(booking_id).state is BookingState.HELD
        assert told(desk) == ["gateway_missing"]
        assert tasks.poll_payments(both) == 1
        assert desk.booking(booking_id).state is BookingState.CONFIRMED

    def test_an_attempt_that_never_got_there_ends_with_its_hold(
        self, desk: Desk, without: Services
    ) -> None:
        booking_id = desk.hold()
        payment_id = desk.begin_payment(booking_id)
        with pytest.raises(GatewayMissing):
            open_page(without, desk, booking_id)
        desk.clock.advance(minutes=41)
        tasks.poll_payments(without)
        assert tasks.expire_holds(without) == 1
        assert told(desk) == []
        with desk.database.read() as session:
            assert session.get_one(Payment, payment_id).ref is None

    def test_what_it_told_stays_owed(self, desk: Desk, without: Services, both: Services) -> None:
        booking_id = desk.hold()
        token = desk.open_payment(booking_id)
        desk.press(token)
        with desk.database.read() as session:
            ref = session.scalars(sa.select(Payment.ref)).one()
        assert ref is not None
        hear(without, desk, "simulated", ref)
        tasks.sweep_outbox(without)
        assert desk.booking(booking_id).state is BookingState.HELD
        desk.clock.advance(minutes=5)
        tasks.sweep_outbox(both)
        assert desk.booking(booking_id).state is BookingState.CONFIRMED


def hear(services: Services, desk: Desk, gateway: str, ref: str) -> None:
    """Store a notice about a payment, as the hook does."""
    with services.database.write() as session:
        row_id = inbox.store(
            session,
            source=gateway,
            external_id=f"about {ref}",
            payload={"payment_ref": ref, "refund_ref": None},
            now=desk.clock.now(),
        )
        assert row_id is not None
        outbox.owe(session, ApplyGatewayEvent(row_id), now=desk.clock.now())


def test_two_of_one_name_are_no_registry(desk: Desk) -> None:
    with pytest.raises(ValueError, match="one name"):
        Gateways(desk.gateway, Till(desk.clock, name="simulated"))
