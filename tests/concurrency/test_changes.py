"""Changes of stays at once: the last night, two who change places, and paying against lapsing."""

from __future__ import annotations

import datetime as dt
from functools import partial

import pytest
import sqlalchemy as sa

from marketplace.booking.changes import change_service
from marketplace.booking.lifecycle import scheduled_jobs, transitions
from marketplace.booking.models import Booking
from marketplace.booking.states import BookingState, ReasonCode
from marketplace.inventory import claim_changes
from marketplace.inventory.models import StockDay
from marketplace.inventory.service import Want
from marketplace.kernel.audit import TRAVELLER, Actor
from marketplace.kernel.db import Database
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.operations import invariants
from marketplace.pricing.nights.selection import StaySelection
from tests.concurrency.rush import rush, taken
from tests.factories import TODAY, make_room
from tests.support.booking import Desk, make_desk
from tests.support.changing import wish_of

STAFF = Actor("staff", "9")
WAITING = {"nothing_owed_too_long", "audit_chain"}
ARRIVE = TODAY + dt.timedelta(days=40)


def faults(desk: Desk) -> dict[str, list[str]]:
    report = invariants.check(desk.database, now=desk.clock.now())
    return {name: found for name, found in report.faults.items() if found and name not in WAITING}


def guests(desk: Desk, count: int, **wish: object) -> list[str]:
    return [
        desk.paid(phone=f"139000000{number:02}", address=f"10.0.0.{number}", **wish)
        for number in range(count)
    ]


def change(desk: Desk, booking_id: str, wish: StaySelection) -> None:
    with desk.database.write() as session:
        change_service.change(
            UnitOfWork(session, now=desk.clock.now(), actor=TRAVELLER, ids=desk.ids),
            change_service.ChangeBooking(booking_id=booking_id, wish=wish, expected_fen=None),
        )


def extend_all(desk: Desk, bookings: list[str], nights: int) -> dict[str, int]:
    clients = []
    for booking_id in bookings:
        out = desk.booking(booking_id).ends_on + dt.timedelta(days=nights)
        wish = wish_of(desk, booking_id, check_out=out)
        clients.append(partial(change, desk, booking_id, wish))
    return rush(clients)


def test_six_want_two_more_nights_and_two_rooms_are_free(database: Database) -> None:
    desk = make_desk(database, capacity=6)
    bookings = guests(desk, 6, nights=3)
    with database.write() as session:
        session.execute(
            sa.update(StockDay)
            .where(StockDay.day >= ARRIVE + dt.timedelta(days=3))
            .values(capacity=2)
        )
    assert extend_all(desk, bookings, 2) == {"ok": 2, "sold_out": 4}
    later = ARRIVE + dt.timedelta(days=3)
    assert taken(database, desk.room.pool_id)[later] == 2
    for booking_id in bookings:
        if desk.booking(booking_id) and held(desk, booking_id):
            desk.pay_change(booking_id)
    nights = sorted((b.ends_on - b.starts_on).days for b in map(desk.booking, bookings))
    assert nights == [3, 3, 3, 3, 5, 5]
    assert faults(desk) == {}


def held(desk: Desk, booking_id: str) -> bool:
    with desk.database.read() as session:
        return change_service.pending_changes.held_change(session, booking_id) is not None


def test_without_the_guard_the_same_rush_oversells(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sabotaged twin: nights are counted in whether they are free or not."""

    def blind(session: sa.orm.Session, want: Want) -> bool:
        session.execute(
            sa.update(StockDay)
            .where(
                StockDay.pool_id == want.pool_id,
                StockDay.day >= want.stay.check_in,
                StockDay.day < want.stay.check_out,
            )
            .values(taken=StockDay.taken + want.units)
        )
        return True

    monkeypatch.setattr(claim_changes, "fill", blind)
    desk = make_desk(database, capacity=1)
    first, second = (
        guests(desk, 1, nights=3)[0],
        desk.paid(
            phone="13900000099", address="10.0.1.1", arrive=ARRIVE + dt.timedelta(days=5), nights=3
        ),
    )
    with database.write() as session:
        stay = desk.booking(second)
        want = Want(desk.room.pool_id, changing_stay(stay), 1)
        with pytest.raises(sa.exc.IntegrityError):
            claim_changes.reshape(
                session,
                holder=first,
                wants=[want],
                kind=claim_changes.ClaimKind.BOOKING,
                now=desk.clock.now(),
            )
        session.rollback()


def changing_stay(booking: Booking) -> claim_changes.Stay:
    return claim_changes.Stay(booking.starts_on, booking.ends_on)


def test_two_who_change_places_never_wait_for_each_other(database: Database) -> None:
    desk = make_desk(database, capacity=2)
    with database.write() as session:
        other = make_room(session, listing_id=desk.room.listing_id, capacity=2, days=120)
    here = guests(desk, 1, nights=30)[0]
    there = desk.paid(phone="13900000099", address="10.0.1.1", nights=30, room=other)
    for _ in range(5):
        rooms = {key: desk.booking(key).room.room_type_id for key in (here, there)}
        swapped = rush(
            [
                partial(change, desk, here, wish_of(desk, here, room_type_id=rooms[there])),
                partial(change, desk, there, wish_of(desk, there, room_type_id=rooms[here])),
            ]
        )
        assert swapped == {"ok": 2}
    assert faults(desk) == {}


def test_paying_lapsing_and_cancelling_a_change_at_once_lose_and_double_nothing(
    database: Database,
) -> None:
    desk = make_desk(database, capacity=6)
    bookings = guests(desk, 4, nights=3)
    extend_all(desk, bookings, 2)
    tokens = {booking_id: desk.open_change_payment(booking_id) for booking_id in bookings}
    for token in tokens.values():
        desk.press(token)
    desk.clock.advance(minutes=41)

    def cancelling(booking_id: str) -> None:
        with database.write() as session:
            transitions.cancel(
                session,
                booking_id=booking_id,
                reason=ReasonCode.TRAVELLER_OTHER,
                expected_refund_fen=None,
                actor=STAFF,
                ids=desk.ids,
                now=desk.clock.now(),
            )

    rush(
        [
            partial(scheduled_jobs.lapse_changes, desk.money),
            partial(scheduled_jobs.lapse_changes, desk.money),
            *(partial(scheduled_jobs.look_up_payments, desk.money, key) for key in bookings),
            *(partial(scheduled_jobs.look_up_payments, desk.money, key) for key in bookings),
            partial(cancelling, bookings[0]),
        ]
    )
    for booking_id in bookings[1:]:
        assert (desk.booking(booking_id).ends_on - ARRIVE).days == 5
    assert desk.booking(bookings[0]).state is BookingState.CANCELLED
    assert faults(desk) == {}
