"""Bookings against each other, against suspension, and against their own payments."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Sequence

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog import service as catalog
from catalog.sale import NotBookable
from marketplace.booking.contract import hold_caps
from marketplace.booking.contract import placement as placing
from marketplace.booking.lifecycle import scheduled_jobs, transitions
from marketplace.booking.models import Booking
from marketplace.booking.states import BookingState, ReasonCode
from marketplace.kernel.audit import TRAVELLER, Actor
from marketplace.kernel.db import Database
from marketplace.offers.quoting.stay_offers import Offer, find_offers
from marketplace.operations import invariants
from tests.concurrency.rush import rush, taken
from tests.factories import TODAY, make_enterprise, make_listing, make_room
from tests.support.booking import Desk, make_desk

OFFICE = Actor("staff", "9")
WAITING = {"nothing_owed_too_long", "audit_chain"}


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database, capacity=5)


def faults(desk: Desk) -> dict[str, list[str]]:
    report = invariants.check(desk.database, now=desk.clock.now())
    return {name: found for name, found in report.faults.items() if found and name not in WAITING}


def holding(desk: Desk, number: int, nights: int = 3) -> Callable[[], object]:
    arrive = TODAY + dt.timedelta(days=40)
    return lambda: desk.hold(
        phone=f"139{number:08d}",
        address=f"10.0.{number // 250}.{number % 250}",
        arrive=arrive,
        nights=nights,
    )


def suspending(desk: Desk) -> Callable[[], object]:
    def run() -> None:
        with desk.database.write() as session:
            catalog.suspend(
                session,
                enterprise_id=desk.room.enterprise_id,
                reason="许可证到期",
                actor=OFFICE,
                now=desk.clock.now(),
            )

    return run


def test_five_rooms_and_forty_whole_bookings(desk: Desk) -> None:
    outcome = rush([holding(desk, number, nights=30 - number % 2) for number in range(40)])
    assert outcome == {"ok": 5, "sold_out": 35}
    assert faults(desk) == {}


def test_no_booking_crosses_a_suspension(desk: Desk) -> None:
    """Whatever is held was placed before the suspension, whatever comes after is refused."""
    outcome = rush([holding(desk, number) for number in range(12)] + [suspending(desk)])
    assert set(outcome) <= {"ok", "sold_out", "not_bookable"}
    with pytest.raises(NotBookable):
        desk.hold(phone="13911111111", address="10.9.9.9")
    with desk.database.read() as session:
        suspended = session.scalar(
            sa.text("SELECT id FROM audit_entry WHERE action = 'enterprise.suspended'")
        )
        later = session.scalar(
            sa.text(
                "SELECT count(*) FROM audit_entry WHERE action = 'booking.held' AND id > :mark"
            ).bindparams(mark=suspended)
        )
    # Ids are given at insertion: one above the suspension's would have begun after it.
    assert later == 0
    assert faults(desk) == {}


def test_the_twin_without_the_enterprise_lock_is_caught(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A booking that looks at the status without holding it is placed after the suspension."""
    looked, suspended = threading.Event(), threading.Event()

    def look_only(session: Session, *, room_type_ids: Sequence[int], lock: bool) -> list[Offer]:
        assert lock
        found = find_offers(session, room_type_ids=room_type_ids)
        looked.set()
        suspended.wait(timeout=2 if desk.database.is_sqlite else 30)
        return found

    monkeypatch.setattr(placing, "find_offers", look_only)

    def suspend() -> None:
        looked.wait(timeout=30)
        suspending(desk)()
        suspended.set()

    assert rush([holding(desk, 1), suspend]) == {"ok": 2}
    with desk.database.read() as session:
        held_at, suspended_at = (
            session.scalar(sa.text(f"SELECT id FROM audit_entry WHERE action = '{action}'"))
            for action in ("booking.held", "enterprise.suspended")
        )
    if desk.database.is_sqlite:
        # Alone in its transaction even so: the second wall of the embedded default.
        assert held_at < suspended_at
    else:
        assert held_at > suspended_at


def test_one_phone_gets_three_holds_however_fast_it_asks(desk: Desk) -> None:
    def ask(number: int) -> Callable[[], object]:
        return lambda: desk.hold(
            address=f"10.1.0.{number}", arrive=TODAY + dt.timedelta(days=number * 4), nights=2
        )

    assert rush([ask(number) for number in range(16)]) == {"ok": 3, "too_many_holds": 13}
    assert faults(desk) == {}


def test_the_twin_that_locks_no_phone_is_caught(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Holds that are counted side by side do not see each other."""
    monkeypatch.setattr(hold_caps, "lock_word", lambda *_: None)
    if not desk.database.is_sqlite:
        looked, real = threading.Barrier(8), hold_caps.check

        def look_and_wait(*args: object, **wish: object) -> None:
            real(*args, **wish)  # type: ignore[arg-type]
            looked.wait(timeout=30)

        monkeypatch.setattr(hold_caps, "check", look_and_wait)
    outcome = rush(
        [
            lambda number=number: desk.hold(
                address=f"10.1.0.{number}", arrive=TODAY + dt.timedelta(days=number * 4), nights=2
            )
            for number in range(8)
        ]
    )
    # SQLite's one writer at a time is the second wall of the embedded default.
    alone = {"ok": 3, "too_many_holds": 5}
    assert outcome == (alone if desk.database.is_sqlite else {"ok": 8})


def test_room_nights_of_one_phone_however_fast_it_asks(database: Database) -> None:
    """Of four wishes for 180 room-nights in two houses a phone gets two: 360."""
    desk = make_desk(database, capacity=20)
    with database.write() as session:
        listing = make_listing(session, enterprise_id=make_enterprise(session))
        other = make_room(session, listing_id=listing, capacity=20, days=100)

    def ask(number: int) -> Callable[[], object]:
        return lambda: desk.hold(
            address=f"10.2.0.{number}",
            nights=30,
            rooms=6,
            adults=6,
            room=other if number % 2 else desk.room,
        )

    outcome = rush([ask(number) for number in range(6)])
    assert outcome == {"ok": 2, "hold_cap": 4}
    assert faults(desk) == {}


def test_paying_expiring_and_cancelling_decide_one_after_another(desk: Desk) -> None:
    for seed in range(6):
        booking_id = desk.hold(
            phone=f"1380000000{seed}", arrive=TODAY + dt.timedelta(days=50 + 3 * seed), nights=2
        )
        desk.press(desk.open_payment(booking_id))
        desk.clock.advance(minutes=41)

        def cancel(booking_id: str = booking_id) -> None:
            with desk.database.write() as session:
                transitions.cancel(
                    session,
                    booking_id=booking_id,
                    reason=ReasonCode.TRAVELLER_OTHER,
                    expected_refund_fen=None,
                    actor=TRAVELLER,
                    ids=desk.ids,
                    now=desk.clock.now(),
                )

        def look_up(booking_id: str = booking_id) -> None:
            scheduled_jobs.look_up_payments(desk.money, booking_id)

        def expire() -> None:
            scheduled_jobs.expire_due(desk.money)

        outcome = rush([cancel, look_up, look_up, expire, expire])
        assert set(outcome) <= {"ok", "wrong_state"}
        assert faults(desk) == {}


def test_a_hold_expires_once_however_many_sweep(desk: Desk) -> None:
    booking_id = desk.hold()
    desk.clock.advance(minutes=41)
    assert rush([lambda: scheduled_jobs.expire_due(desk.money)] * 8) == {"ok": 8}
    assert desk.booking(booking_id).state is BookingState.EXPIRED
    assert taken(desk.database, desk.room.pool_id) == {}
    with desk.database.read() as session:
        ended = session.scalar(
            sa.text("SELECT count(*) FROM audit_entry WHERE action = 'booking.expired'")
        )
        assert session.scalar(sa.select(sa.func.count()).select_from(Booking)) == 1
    assert ended == 1
