"""Guests of a suspended enterprise at once: the last room, two presses, and a change of mind."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from catalog import service as catalog
from marketplace.booking.lifecycle import transitions
from marketplace.booking.models import Booking, Rehousing, RehousingOffer
from marketplace.booking.rehousing import rehousing_queue, rehousing_service
from marketplace.booking.states import BookingState, ReasonCode, RehousingState
from marketplace.kernel.audit import TRAVELLER, Actor
from marketplace.kernel.db import Database
from marketplace.operations import invariants
from tests.concurrency.rush import rush, taken
from tests.factories import Room, make_enterprise, make_listing, make_room
from tests.support.booking import Desk, make_desk

STAFF = Actor("staff", "9")
WAITING = {"nothing_owed_too_long", "audit_chain"}
GUESTS = 6


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database, capacity=GUESTS)


def faults(desk: Desk) -> dict[str, list[str]]:
    report = invariants.check(desk.database, now=desk.clock.now())
    return {name: found for name, found in report.faults.items() if found and name not in WAITING}


def stop_with_offers(desk: Desk, *, capacity: int) -> tuple[Room, dict[str, int]]:
    """Book for six, stop the house, offer everybody one room type; returns offers by booking."""
    bookings = []
    for number in range(GUESTS):
        booking_id = desk.hold(phone=f"1390000000{number}", address=f"10.0.0.{number}", nights=3)
        desk.pay(booking_id)
        bookings.append(booking_id)
    with desk.database.write() as session:
        listing = make_listing(session, enterprise_id=make_enterprise(session))
        other = make_room(session, listing_id=listing, capacity=capacity)
        suspension = catalog.suspend(
            session,
            enterprise_id=desk.room.enterprise_id,
            reason="消防检查",
            actor=STAFF,
            now=desk.clock.now(),
        )
        rehousing_queue.open_queue(session, suspension_id=suspension.id, now=desk.clock.now())
        for row_id in session.scalars(sa.select(Rehousing.id)).all():
            rehousing_service.offer(
                session,
                rehousing_id=row_id,
                places=[(other.room_type_id,)],
                actor=STAFF,
                now=desk.clock.now(),
            )
        offers = session.execute(
            sa.select(Rehousing.booking_id, RehousingOffer.id).join(
                RehousingOffer, RehousingOffer.rehousing_id == Rehousing.id
            )
        )
        return other, {row.booking_id: row.id for row in offers}


def accepting(desk: Desk, booking_id: str, offer_id: int) -> None:
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


def refunding(desk: Desk, booking_id: str) -> None:
    with desk.database.write() as session:
        transitions.cancel(
            session,
            booking_id=booking_id,
            reason=ReasonCode.TRAVELLER_OTHER,
            expected_refund_fen=60_000,
            actor=TRAVELLER,
            ids=desk.ids,
            now=desk.clock.now(),
        )


def test_the_last_rooms_go_to_as_many_as_there_are(desk: Desk) -> None:
    other, offers = stop_with_offers(desk, capacity=2)
    outcome = rush(
        [lambda b=b, o=o: accepting(desk, b, o) for b, o in offers.items() for _ in range(2)]
    )
    assert outcome.pop("ok") == 2
    assert set(outcome) <= {"offer_gone", "rehousing_settled"}
    assert set(taken(desk.database, other.pool_id).values()) == {2}
    assert set(taken(desk.database, desk.room.pool_id).values()) == {GUESTS - 2}
    assert faults(desk) == {}


def test_moving_and_the_money_back_are_one_or_the_other(desk: Desk) -> None:
    other, offers = stop_with_offers(desk, capacity=GUESTS)
    wishes = [
        wish
        for b, o in offers.items()
        for wish in (lambda b=b, o=o: accepting(desk, b, o), lambda b=b: refunding(desk, b))
    ]
    outcome = rush(wishes)
    assert set(outcome) <= {"ok", "rehousing_settled", "wrong_state", "refund_changed"}
    with desk.database.read() as session:
        ends = dict(
            session.execute(
                sa.select(Rehousing.state, Booking.state).join(
                    Booking, Booking.id == Rehousing.booking_id
                )
            ).all()
        )
    allowed = {
        RehousingState.MOVED: {BookingState.CONFIRMED, BookingState.CANCELLED},
        RehousingState.REFUNDED: {BookingState.CANCELLED},
    }
    assert all(state in allowed[ended] for ended, state in ends.items())
    assert taken(desk.database, desk.room.pool_id) == {}
    assert faults(desk) == {}
    assert other.enterprise_id != desk.room.enterprise_id
