"""Guests of a suspended enterprise: the queue, other rooms, the money, and what can go wrong."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from catalog.sale import NotBookable
from catalog.service import reinstate, suspend
from marketplace.booking.items import BookingPart
from marketplace.booking.lifecycle import scheduled_jobs, stay_lifecycle, transitions
from marketplace.booking.models import Rehousing, RehousingOffer
from marketplace.booking.rehousing import rehousing_queue, rehousing_service
from marketplace.booking.rehousing.rehousing_service import OfferGone, RehousingSettled
from marketplace.booking.states import BookingState, ReasonCode, RehousingState
from marketplace.kernel.audit import TRAVELLER, Actor
from marketplace.kernel.db import Database
from marketplace.kernel.errors import Invalid, NotFound
from marketplace.operations import invariants
from marketplace.payments.ledger import postings
from marketplace.payments.models import Refund
from tests.concurrency.rush import taken
from tests.factories import TODAY, Room, make_enterprise, make_listing, make_room
from tests.support.booking import Desk, make_desk

STAFF = Actor("staff", "1")
AGREED = 30 * 20_000 * 85 // 100
"""Thirty nights at 200 yuan, 15 % off."""


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database)


def another_room(desk: Desk, *, night_fen: int = 20_000, capacity: int = 1) -> Room:
    with desk.database.write() as session:
        listing = make_listing(session, enterprise_id=make_enterprise(session))
        return make_room(
            session, listing_id=listing, capacity=capacity, days=200, list_fen=night_fen
        )


def paid(desk: Desk, **wish: object) -> str:
    booking_id = desk.hold(**wish)  # type: ignore[arg-type]
    desk.pay(booking_id)
    return booking_id


def stop(desk: Desk) -> int:
    """Suspend the desk's enterprise and run what it owes; returns the suspension's id."""
    with desk.database.write() as session:
        suspension = suspend(
            session,
            enterprise_id=desk.room.enterprise_id,
            reason="卫生检查",
            actor=STAFF,
            now=desk.clock.now(),
        )
        found: int = suspension.id
    with desk.database.write() as session:
        rehousing_queue.open_queue(session, suspension_id=found, now=desk.clock.now())
    return found


def row_of(desk: Desk, booking_id: str) -> Rehousing:
    with desk.database.read() as session:
        return session.scalars(sa.select(Rehousing).where(Rehousing.booking_id == booking_id)).one()


def offer(desk: Desk, booking_id: str, *rooms: Room) -> list[int]:
    with desk.database.write() as session:
        rehousing_service.offer(
            session,
            rehousing_id=row_of(desk, booking_id).id,
            places=[(room.room_type_id,) for room in rooms],
            actor=STAFF,
            now=desk.clock.now(),
        )
        found = session.scalars(sa.select(RehousingOffer.id).order_by(RehousingOffer.id))
        return list(found)


def accept(desk: Desk, booking_id: str, offer_id: int) -> None:
    with desk.database.write() as session:
        rehousing_service.accept(
            session,
            booking_id=booking_id,
            offer_id=offer_id,
            recipient="示例森林小屋",
            actor=TRAVELLER,
            ids=desk.ids,
            now=desk.clock.now(),
        )


def assert_clean(desk: Desk) -> None:
    report = invariants.check(desk.database, now=desk.clock.now())
    waiting = {"nothing_owed_too_long", "audit_chain"}
    assert {k: v for k, v in report.faults.items() if v and k not in waiting} == {}


def refunded(desk: Desk, booking_id: str) -> int:
    with desk.database.read() as session:
        found = session.scalar(
            sa.select(sa.func.sum(Refund.amount_fen)).where(Refund.booking_id == booking_id)
        )
    return int(found or 0)


def owed(desk: Desk) -> set[str]:
    with desk.database.read() as session:
        rows = session.scalars(
            sa.text("SELECT key FROM outbox WHERE topic = 'notify.booking'").columns(key=sa.String)
        )
        return {key.split(":")[2] for key in rows}


class TestQueue:
    def test_paid_bookings_come_in_once_and_the_guests_are_told(self, desk: Desk) -> None:
        mine, unpaid = paid(desk), desk.hold(phone="13900000002", address="10.0.0.2")
        suspension_id = stop(desk)
        with desk.database.write() as session:
            again = rehousing_queue.open_queue(session, now=desk.clock.now())
        assert again == 0
        row = row_of(desk, mine)
        assert (row.suspension_id, row.state) == (suspension_id, RehousingState.OPEN)
        with desk.database.read() as session:
            assert session.scalar(sa.select(sa.func.count()).select_from(Rehousing)) == 1
        assert "suspended" in owed(desk)
        with pytest.raises(NotBookable):
            desk.open_payment(unpaid)

    def test_who_paid_at_that_very_moment_is_found_by_the_sweep(self, desk: Desk) -> None:
        booking_id = desk.hold()
        token = desk.open_payment(booking_id)
        stop(desk)
        desk.press(token)
        scheduled_jobs.look_up_payments(desk.money, booking_id)
        assert desk.booking(booking_id).state is BookingState.CONFIRMED
        with desk.database.write() as session:
            assert rehousing_queue.open_queue(session, now=desk.clock.now()) == 1
        assert row_of(desk, booking_id).state is RehousingState.OPEN

    def test_an_enterprise_that_sells_again_keeps_its_guests(self, desk: Desk) -> None:
        booking_id = paid(desk)
        suspension_id = stop(desk)
        with desk.database.write() as session:
            reinstate(
                session,
                enterprise_id=desk.room.enterprise_id,
                actor=STAFF,
                now=desk.clock.now(),
            )
        with desk.database.write() as session:
            done = rehousing_queue.close_queue(
                session, suspension_id=suspension_id, now=desk.clock.now()
            )
        assert done == 1
        assert row_of(desk, booking_id).state is RehousingState.KEPT
        assert desk.booking(booking_id).state is BookingState.CONFIRMED
        assert "resumed" in owed(desk)

    def test_what_ends_otherwise_lapses(self, desk: Desk) -> None:
        booking_id = paid(desk)
        stop(desk)
        with desk.database.write() as session:
            booking = transitions.locked(session, booking_id)
            booking.state = BookingState.COMPLETED
        with desk.database.write() as session:
            assert rehousing_queue.let_lapse(session, now=desk.clock.now()) == 1
        assert row_of(desk, booking_id).state is RehousingState.LAPSED


class TestMoving:
    @pytest.mark.parametrize(
        ("night_fen", "total", "back", "topup"),
        [
            (20_000, AGREED, 0, 0),
            (10_000, AGREED // 2, AGREED // 2, 0),
            # Half as dear again: the guest pays the same, we owe the rest less 10 % commission.
            (30_000, AGREED, 0, AGREED // 2 * 9 // 10),
        ],
    )
    def test_it_never_costs_more(
        self, desk: Desk, night_fen: int, total: int, back: int, topup: int
    ) -> None:
        booking_id = paid(desk)
        other = another_room(desk, night_fen=night_fen)
        stop(desk)
        [offer_id] = offer(desk, booking_id, other)
        accept(desk, booking_id, offer_id)
        booking = desk.booking(booking_id)
        assert (booking.enterprise_id, booking.room.room_type_id) == (
            other.enterprise_id,
            other.room_type_id,
        )
        assert (booking.total_fen, booking.topup_fen) == (total, topup)
        assert refunded(desk, booking_id) == back
        assert set(taken(desk.database, other.pool_id).values()) == {1}
        assert set(taken(desk.database, desk.room.pool_id).values()) == set()
        with desk.database.read() as session:
            nights = session.scalars(
                sa.select(BookingPart).where(BookingPart.booking_id == booking_id)
            ).all()
        assert sum(night.sold_fen for night in nights) == total
        assert {night.list_fen for night in nights} == {night_fen}
        assert row_of(desk, booking_id).state is RehousingState.MOVED
        assert "rehoused" in owed(desk)
        assert_clean(desk)

    def test_the_topup_is_paid_once_the_stay_is_over(self, desk: Desk) -> None:
        booking_id = paid(desk, nights=3, arrive=TODAY + dt.timedelta(days=1))
        other = another_room(desk, night_fen=30_000)
        stop(desk)
        accept(desk, booking_id, offer(desk, booking_id, other)[0])
        desk.clock.advance(days=1)
        with desk.database.write() as session:
            stay_lifecycle.check_in(
                session,
                booking_id=booking_id,
                enterprise_id=other.enterprise_id,
                actor=STAFF,
                now=desk.clock.now(),
            )
        for _ in range(2):
            desk.clock.advance(days=4)
            with desk.database.write() as session:
                stay_lifecycle.advance_stay(
                    session, booking_id=booking_id, ids=desk.ids, now=desk.clock.now()
                )
        assert desk.booking(booking_id).state is BookingState.COMPLETED
        with desk.database.read() as session:
            goodwill = postings.balance(session, postings.AccountCode.GOODWILL)
            earned = postings.balance(
                session, postings.OPERATOR_PAYABLE, owner=str(other.enterprise_id)
            )
        assert goodwill == 3 * 10_000 * 9 // 10
        assert earned == -(3 * 30_000 * 9 // 10)
        assert_clean(desk)

    def test_a_room_that_went_meanwhile_changes_nothing(self, desk: Desk) -> None:
        booking_id = paid(desk)
        other = another_room(desk)
        stop(desk)
        [offer_id] = offer(desk, booking_id, other)
        desk.hold(phone="13900000009", address="10.0.0.9", room=other)
        with pytest.raises(OfferGone):
            accept(desk, booking_id, offer_id)
        booking = desk.booking(booking_id)
        assert (booking.room.room_type_id, booking.total_fen) == (desk.room.room_type_id, AGREED)
        assert set(taken(desk.database, desk.room.pool_id).values()) == {1}
        assert row_of(desk, booking_id).state is RehousingState.OFFERED
        assert_clean(desk)

    def test_a_second_time_and_somebody_elses_offer_are_refused(self, desk: Desk) -> None:
        mine = paid(desk)
        theirs = paid(desk, phone="13900000002", address="10.0.0.2")
        other = another_room(desk, capacity=3)
        stop(desk)
        [offer_id] = offer(desk, mine, other)
        with pytest.raises(NotFound):
            accept(desk, theirs, offer_id)
        accept(desk, mine, offer_id)
        with pytest.raises(RehousingSettled):
            accept(desk, mine, offer_id)
        with pytest.raises(RehousingSettled):
            offer(desk, mine, other)
        assert_clean(desk)

    def test_rooms_that_cannot_be_had_are_not_offered(self, desk: Desk) -> None:
        booking_id = paid(desk)
        full = another_room(desk)
        desk.hold(phone="13900000009", address="10.0.0.9", room=full)
        stop(desk)
        for rooms in ((), (full,), (desk.room,)):
            with pytest.raises(Invalid):
                offer(desk, booking_id, *rooms)
        assert row_of(desk, booking_id).state is RehousingState.OPEN


class TestMoneyBack:
    def test_in_full_whatever_the_policy_says(self, desk: Desk) -> None:
        booking_id = paid(desk, arrive=TODAY + dt.timedelta(days=2), nights=3)
        desk.clock.advance(hours=2)
        stop(desk)
        with desk.database.write() as session:
            quote = transitions.cancel(
                session,
                booking_id=booking_id,
                reason=ReasonCode.TRAVELLER_OTHER,
                expected_refund_fen=60_000,
                actor=TRAVELLER,
                ids=desk.ids,
                now=desk.clock.now(),
            )
        assert (quote.fee_fen, quote.refund_fen, quote.suspended) == (0, 60_000, True)
        booking = desk.booking(booking_id)
        assert booking.reason is ReasonCode.ENTERPRISE_SUSPENDED
        assert row_of(desk, booking_id).state is RehousingState.REFUNDED
        assert set(taken(desk.database, desk.room.pool_id).values()) == set()
        assert_clean(desk)

    def test_who_does_not_come_to_a_closed_house_loses_nothing(self, desk: Desk) -> None:
        booking_id = paid(desk, arrive=TODAY + dt.timedelta(days=2), nights=3)
        stop(desk)
        desk.clock.advance(days=5)
        with desk.database.write() as session:
            stay_lifecycle.advance_stay(
                session, booking_id=booking_id, ids=desk.ids, now=desk.clock.now()
            )
        booking = desk.booking(booking_id)
        assert (booking.state, booking.fee_fen) == (BookingState.CANCELLED, 0)
        assert refunded(desk, booking_id) == 60_000
        assert_clean(desk)

    def test_kept_by_agreement_the_usual_policy_holds_again(self, desk: Desk) -> None:
        booking_id = paid(desk, arrive=TODAY + dt.timedelta(days=2), nights=3)
        desk.clock.advance(hours=2)
        stop(desk)
        with desk.database.write() as session:
            rehousing_service.keep(
                session,
                rehousing_id=row_of(desk, booking_id).id,
                actor=STAFF,
                now=desk.clock.now(),
            )
        with desk.database.read() as session:
            quote = transitions.cancellation(
                session, booking=desk.booking(booking_id), now=desk.clock.now()
            )
        assert quote.fee_fen == 36_000
