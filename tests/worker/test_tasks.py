"""What the worker does: owed effects are delivered once, whatever is lost or happens twice."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from marketplace import bootstrap, tasks
from marketplace.booking.lifecycle import transitions
from marketplace.booking.states import BookingState, ReasonCode
from marketplace.bootstrap import Services
from marketplace.kernel import audit, inbox, outbox
from marketplace.kernel.changes import Change
from marketplace.kernel.db import Database
from marketplace.kernel.outbox import OutboxRow
from marketplace.kernel.scanner import ClamdScanner
from marketplace.notify.models import Audience, Message
from marketplace.operations import invariants
from marketplace.payments.effects import ApplyGatewayEvent, PostSimulatedEvent
from marketplace.payments.gateways import simulated_events
from marketplace.payments.ledger import postings
from marketplace.payments.models import Payment, Refund
from marketplace.payments.refunds import bank_refunds
from marketplace.settings import Environment, Settings
from marketplace.staff.roles import Role
from marketplace.staff.service import NewUser, add_user
from marketplace.staff_tasks.models import StaffTask
from tests.factories import NOW
from tests.support.booking import Desk, make_desk
from tests.support.pictures import picture
from tests.support.uploading import give_document, give_photo


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database)


@pytest.fixture
def services(desk: Desk, tmp_path: Path) -> Iterator[Services]:
    settings = Settings(
        env=Environment.TEST,
        state_dir=tmp_path / "state",
        database_url=desk.database.url.render_as_string(hide_password=False),
    )
    built = bootstrap.build(settings, clock=desk.clock, ids=desk.ids)
    yield dataclasses.replace(built, gateways=desk.gateways)
    built.database.dispose()


class Silent:
    """A channel that takes nothing."""

    name = "silent"

    def send(self, *, to: str, text: str, key: str) -> None:
        raise ConnectionError


def owed(desk: Desk) -> list[str]:
    with desk.database.read() as session:
        return list(
            session.scalars(
                sa.select(OutboxRow.topic).where(OutboxRow.done_at.is_(None)).order_by(OutboxRow.id)
            )
        )


def messages(desk: Desk) -> list[tuple[Audience, str]]:
    with desk.database.read() as session:
        rows = session.execute(sa.select(Message.audience, Message.what).order_by(Message.id))
        return [(row.audience, row.what) for row in rows]


def store_event(desk: Desk, event_id: str) -> int | None:
    """Do what the hook does with a verified event about the only payment."""
    with desk.database.write() as session:
        ref = session.scalar(sa.select(Payment.ref))
        row_id = inbox.store(
            session,
            source="simulated",
            external_id=event_id,
            payload={"payment_ref": ref, "refund_ref": None},
            now=desk.clock.now(),
        )
        if row_id is not None:
            outbox.owe(session, ApplyGatewayEvent(row_id), now=desk.clock.now())
    return row_id


def drop_simulated_events(desk: Desk) -> None:
    """Let the outside world be silent."""
    with desk.database.write() as session:
        session.execute(sa.delete(OutboxRow).where(OutboxRow.topic == PostSimulatedEvent.topic))


class TestOutbox:
    def test_a_sweep_delivers_what_no_nudge_told_of(self, desk: Desk, services: Services) -> None:
        desk.pay(desk.hold())
        drop_simulated_events(desk)
        assert owed(desk) == ["notify.booking"]
        assert tasks.sweep_outbox(services) == 1
        assert tasks.sweep_outbox(services) == 0
        assert owed(desk) == []
        assert messages(desk) == [
            (Audience.OPERATOR, "confirmed"),
            (Audience.GUEST, "confirmed"),
        ]

    def test_a_delivery_that_died_half_way_is_made_again_and_sent_once(
        self, desk: Desk, services: Services
    ) -> None:
        desk.pay(desk.hold())
        drop_simulated_events(desk)
        with desk.database.write() as session:
            [row_id] = outbox.due_ids(session, now=desk.clock.now())
            delivery = outbox.take_up(session, row_id, now=desk.clock.now())
        assert delivery is not None
        tasks.ROUTES.handle(
            services, topic=delivery.topic, key=delivery.key, payload=delivery.payload
        )
        assert tasks.sweep_outbox(services) == 0
        desk.clock.advance(seconds=61)
        assert tasks.sweep_outbox(services) == 1
        assert len(messages(desk)) == 2

    def test_two_workers_take_up_one_row_once(self, desk: Desk, services: Services) -> None:
        desk.pay(desk.hold())
        drop_simulated_events(desk)
        with desk.database.write() as session:
            [row_id] = outbox.due_ids(session, now=desk.clock.now())
            assert outbox.take_up(session, row_id, now=desk.clock.now()) is not None
            assert outbox.take_up(session, row_id, now=desk.clock.now()) is None

    def test_a_failure_is_noted_and_tried_again_later(self, desk: Desk, services: Services) -> None:
        desk.pay(desk.hold())
        drop_simulated_events(desk)

        silent = dataclasses.replace(services, channel=Silent())
        assert tasks.sweep_outbox(silent) == 0
        with desk.database.read() as session:
            assert session.scalar(sa.select(OutboxRow.failure)) == "ConnectionError"
        assert tasks.sweep_outbox(services) == 0
        desk.clock.advance(seconds=3)
        assert tasks.sweep_outbox(services) == 1

    @pytest.mark.parametrize(
        "spoilt", ["topic = 'later.release'", """payload = '{"booking": 7}'"""]
    )
    def test_what_nobody_can_read_stays_owed_and_is_put_before_the_staff(
        self, desk: Desk, services: Services, spoilt: str
    ) -> None:
        desk.pay(desk.hold())
        drop_simulated_events(desk)
        with desk.database.write() as session:
            session.execute(sa.text(f"UPDATE outbox SET {spoilt}"))
        for _ in range(2):
            assert tasks.sweep_outbox(services) == 0
            desk.clock.advance(minutes=5)
        assert len(owed(desk)) == 1
        assert messages(desk) == []
        with desk.database.read() as session:
            tasks_told = session.scalars(sa.select(StaffTask.kind)).all()
            assert session.scalar(sa.select(OutboxRow.failure)) == "UnknownEffect"
        assert tasks_told == [tasks.UNKNOWN]


class TestInbox:
    def test_an_event_confirms_the_booking(self, desk: Desk, services: Services) -> None:
        booking_id = desk.hold()
        desk.press(desk.open_payment(booking_id))
        drop_simulated_events(desk)
        store_event(desk, "evt_1")
        tasks.sweep_outbox(services)
        assert desk.booking(booking_id).state is BookingState.CONFIRMED

    def test_the_same_event_again_is_stored_once(self, desk: Desk, services: Services) -> None:
        desk.press(desk.open_payment(desk.hold()))
        drop_simulated_events(desk)
        assert store_event(desk, "evt_1") is not None
        assert store_event(desk, "evt_1") is None
        tasks.sweep_outbox(services)
        tasks.sweep_outbox(services)
        assert messages(desk).count((Audience.GUEST, "confirmed")) == 1

    def test_without_any_event_the_poller_confirms_within_three_minutes(
        self, desk: Desk, services: Services
    ) -> None:
        booking_id = desk.hold()
        desk.press(desk.open_payment(booking_id))
        for _ in range(6):
            desk.clock.advance(seconds=30)
            tasks.poll_payments(services)
        assert desk.booking(booking_id).state is BookingState.CONFIRMED

    def test_the_hook_being_down_leaves_the_event_owed(
        self, desk: Desk, services: Services
    ) -> None:
        desk.press(desk.open_payment(desk.hold()))
        with desk.database.read() as session:
            event_id = session.scalar(
                sa.select(OutboxRow.payload).where(OutboxRow.topic == PostSimulatedEvent.topic)
            )
        assert event_id is not None
        with pytest.raises(Exception, match="支付服务"):
            simulated_events.post(
                desk.database,
                desk.gateways,
                event_id=event_id["event_id"],
                hook_url="http://127.0.0.1:9/hooks/simulated",
            )
        assert PostSimulatedEvent.topic in owed(desk)


class TestRefunds:
    def test_one_that_the_gateway_cannot_make_becomes_a_staff_task(
        self, desk: Desk, services: Services
    ) -> None:
        booking_id = desk.hold(nights=7)
        desk.pay(booking_id)
        desk.clock.advance(days=35)
        with desk.database.write() as session:
            session.execute(sa.text("UPDATE payment SET paid_at = '2026-12-01 00:00:00+00:00'"))
        desk.cancel(booking_id, ReasonCode.TRAVELLER_HEALTH)
        tasks.sweep_outbox(services)
        with desk.database.read() as session:
            assert session.scalar(sa.select(StaffTask.kind)) == "refund_by_bank"

    def test_a_person_records_the_bank_transfer_and_the_task_is_done(
        self, desk: Desk, services: Services
    ) -> None:
        self.test_one_that_the_gateway_cannot_make_becomes_a_staff_task(desk, services)
        with desk.database.read() as session:
            refund_id = session.scalar(sa.select(Refund.id))
        assert refund_id is not None
        for _ in range(2):
            with desk.database.write() as session:
                bank_refunds.record(
                    session,
                    refund_id=refund_id,
                    bank_ref="ICBC-1",
                    actor=audit.Actor("staff", "1"),
                    now=desk.clock.now(),
                )
        with desk.database.read() as session:
            assert postings.balance(session, postings.REFUND_DUE) == 0
            assert session.scalar(sa.select(StaffTask.done_at)) is not None
        report = invariants.check(desk.database, now=desk.clock.now())
        assert report.faults["refunds_due_are_unfinished"] == []


class TestSweeps:
    def test_everything_settles(self, desk: Desk, services: Services) -> None:
        desk.pay(desk.hold())
        desk.hold(phone="13900000002", nights=3)
        drop_simulated_events(desk)
        desk.clock.advance(minutes=41)
        for sweep in (
            tasks.sequence_changes,
            tasks.expire_holds,
            tasks.advance_stays,
            tasks.sweep_outbox,
            tasks.seal_audit,
            tasks.nightly,
        ):
            sweep(services)
        tasks.sweep_outbox(services)
        report = invariants.check(desk.database, now=desk.clock.now(), settled=True)
        assert report.clean, report.faults
        with desk.database.read() as session:
            assert session.scalar(sa.select(Change.id).where(Change.number.is_(None))) is None

    def test_the_index_follows_a_listing(self, desk: Desk, services: Services) -> None:
        tasks.sequence_changes(services)
        assert tasks.refresh_search(services) > 0
        assert services.index.state is not None
        assert tasks.refresh_search(services) == 0

    def test_a_refund_that_got_stuck_right_before_a_crash_is_still_put_before_staff(
        self, desk: Desk, services: Services
    ) -> None:
        booking_id = desk.hold()
        desk.pay(booking_id)
        with desk.database.write() as session:
            transitions.cancel(
                session,
                booking_id=booking_id,
                reason=ReasonCode.TRAVELLER_OTHER,
                expected_refund_fen=None,
                actor=audit.TRAVELLER,
                ids=desk.ids,
                now=desk.clock.now(),
            )
            session.execute(sa.text("UPDATE refund SET state = 'manual_required'"))
        tasks.poll_payments(services)
        tasks.poll_payments(services)
        with desk.database.read() as session:
            assert session.scalars(sa.select(StaffTask.kind)).all() == ["refund_by_bank"]


def test_while_the_scanner_is_down_files_wait_and_no_sweep_fails(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, blobs = services.database, services.blobs
    with database.write() as session:
        add_user(
            session,
            NewUser(login="asker", password="river-birch-stone", role=Role.APPLICANT),
            now=NOW,
        )
    give_document(database, blobs, b"%PDF-1.7", waits=True)
    give_photo(database, blobs, picture(640, 480))
    without = dataclasses.replace(services, scanner=ClamdScanner("unix:/nowhere"))
    assert (tasks.check_files(without), tasks.develop_photos(without)) == (0, 0)
    assert tasks.sweep_files(without) == 0
    assert (tasks.check_files(services), tasks.develop_photos(services)) == (1, 1)
