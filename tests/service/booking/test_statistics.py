"""What was booked, counted in a small world whose every figure was worked out by hand."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from catalog.models import Enterprise
from catalog.states import EnterpriseStatus
from catalog.vocabulary import Cluster
from marketplace.booking.items import BookingItem
from marketplace.booking.models import Booking
from marketplace.booking.reads import statistics
from marketplace.booking.reads.statistics import Beds, Month, Origin, told
from marketplace.booking.states import BookingState
from marketplace.inventory.models import StockDay
from marketplace.kernel.db import Database
from tests.factories import Room, make_enterprise, make_listing, make_room, make_slot
from tests.support.booking import Desk, make_desk

JUNE, JULY, AUGUST = (dt.date(2027, month, 1) for month in (6, 7, 8))


@pytest.fixture
def desk(database: Database) -> Desk:
    """Four rooms for three people each, on sale from 1 June for 61 days, up to 31 July."""
    return make_desk(database, capacity=4, days=61)


def settle(desk: Desk, booking_id: str, state: BookingState, province: str = "") -> None:
    """Bring a booking into a state, as time and people would."""
    with desk.database.write() as session:
        session.execute(
            sa.update(Booking)
            .where(Booking.id == booking_id)
            .values(state=state, source_province=province)
        )


def booked(
    desk: Desk,
    arrive: dt.date,
    nights: int,
    *,
    rooms: int = 1,
    state: BookingState = BookingState.CONFIRMED,
    province: str = "",
    room: Room | None = None,
) -> str:
    number = int(desk.clock.now().timestamp())
    booking_id = desk.hold(
        arrive=arrive,
        nights=nights,
        rooms=rooms,
        phone=f"139{number % 10**8:08d}",
        address=f"10.0.{number % 200}.{number % 199}",
        room=room,
    )
    desk.clock.advance(seconds=1)
    settle(desk, booking_id, state, province)
    return booking_id


def months(desk: Desk, *, samples: bool = True, count: int = 3) -> list[Month]:
    with desk.database.read() as session:
        return statistics.months(session, samples=samples, first=JUNE, count=count)


def close(desk: Desk, *days: dt.date) -> None:
    with desk.database.write() as session:
        session.execute(sa.update(StockDay).where(StockDay.day.in_(days)).values(closed=True))


def test_months_counted_by_hand(desk: Desk) -> None:
    # 28 June to 3 July: three nights in June, two in July, two adults in one room.
    booked(desk, dt.date(2027, 6, 28), 5)
    # Two rooms for one night, guests gone already.
    booked(desk, dt.date(2027, 6, 10), 1, rooms=2, state=BookingState.COMPLETED)
    # In the house now.
    booked(desk, dt.date(2027, 7, 5), 10, state=BookingState.IN_STAY)
    close(desk, dt.date(2027, 6, 29), dt.date(2027, 7, 20), dt.date(2027, 7, 21))
    june, july, august = months(desk)
    # 30 days of 4 rooms, one closed; of the 5 room-nights one fell on the closed day.
    assert june == Month(JUNE, 2, 6, 5, 8, 4, 29 * 4)
    assert (june.occupancy, june.mean_stay) == (3.4, 3.0)
    # 31 days of 4 rooms, two closed.
    assert july == Month(JULY, 1, 10, 12, 24, 12, 29 * 4)
    assert (july.occupancy, july.mean_stay) == (10.3, 10.0)
    assert august == Month(AUGUST, 0, 0, 0, 0, 0, 0)
    assert (august.occupancy, august.mean_stay) == (None, None)


def test_children_are_guests(desk: Desk) -> None:
    booking_id = booked(desk, dt.date(2027, 6, 10), 2)
    with desk.database.write() as session:
        session.execute(sa.update(BookingItem).values(adults=1, children_ages=[4, 9]))
    assert months(desk)[0].guest_nights == 6
    settle(desk, booking_id, BookingState.CANCELLED)
    assert months(desk)[0].guest_nights == 0


@pytest.mark.parametrize(
    "state",
    [BookingState.HELD, BookingState.CANCELLED, BookingState.EXPIRED, BookingState.NO_SHOW],
)
def test_what_did_not_come_about_does_not_count(desk: Desk, state: BookingState) -> None:
    booked(desk, dt.date(2027, 6, 10), 3, state=state, province="湖南省")
    assert months(desk)[0] == Month(JUNE, 0, 0, 0, 0, 0, 30 * 4)
    with desk.database.read() as session:
        assert statistics.origins(session, samples=True, first=JUNE, count=3) == []


def test_test_bookings_never_count(desk: Desk) -> None:
    booking_id = booked(desk, dt.date(2027, 6, 10), 3)
    assert months(desk)[0].bookings == 1
    with desk.database.write() as session:
        session.execute(sa.update(Booking).where(Booking.id == booking_id).values(test=True))
    assert months(desk)[0] == Month(JUNE, 0, 0, 0, 0, 0, 30 * 4)


def test_samples_and_real_ones_are_never_mixed(desk: Desk) -> None:
    with desk.database.write() as session:
        real = make_enterprise(
            session, code="JL900", is_sample=False, claimed=True, clusters=(Cluster.JIAN,)
        )
        room = make_room(
            session, listing_id=make_listing(session, enterprise_id=real), capacity=1, days=30
        )
    booked(desk, dt.date(2027, 6, 10), 3, room=room)
    assert months(desk)[0] == Month(JUNE, 0, 0, 0, 0, 0, 30 * 4)
    assert months(desk, samples=False)[0] == Month(JUNE, 1, 3, 3, 6, 3, 30)
    with desk.database.read() as session:
        total, parts = statistics.beds(session, samples=False, today=JUNE)
    assert total == Beds(1, 1, 3)
    assert parts[Cluster.JIAN] == Beds(1, 1, 3)
    assert parts[Cluster.CHANGBAI] == Beds(0, 0, 0)


def test_places_of_an_activity_are_no_rooms(desk: Desk) -> None:
    with desk.database.read() as session:
        without = (
            statistics.months(session, samples=True, first=JUNE, count=2),
            statistics.beds(session, samples=True, today=JUNE),
        )
    with desk.database.write() as session:
        make_slot(session, enterprise_id=desk.room.enterprise_id)
    with desk.database.read() as session:
        assert statistics.months(session, samples=True, first=JUNE, count=2) == without[0]
        assert statistics.beds(session, samples=True, today=JUNE) == without[1]


def test_beds_count_an_enterprise_once_in_all(desk: Desk) -> None:
    with desk.database.write() as session:
        both = make_enterprise(session, clusters=(Cluster.JIAN, Cluster.HUNCHUN))
        make_room(
            session, listing_id=make_listing(session, enterprise_id=both), capacity=10, max_guests=4
        )
        gone = make_enterprise(session, clusters=(Cluster.JIAN,))
        make_room(session, listing_id=make_listing(session, enterprise_id=gone), capacity=50)
        session.execute(
            sa.update(Enterprise)
            .where(Enterprise.id == gone)
            .values(status=EnterpriseStatus.SUSPENDED)
        )
        nowhere = make_enterprise(session, clusters=())
        make_room(session, listing_id=make_listing(session, enterprise_id=nowhere), capacity=1)
        # A day without rooms, and one long past, do not decide how many there are.
        session.execute(sa.update(StockDay).where(StockDay.day == JULY).values(capacity=0))
    with desk.database.read() as session:
        total, parts = statistics.beds(session, samples=True, today=JUNE)
    assert total == Beds(3, 15, 12 + 40 + 3)
    assert parts[Cluster.CHANGBAI] == Beds(1, 4, 12)
    assert parts[Cluster.JIAN] == parts[Cluster.HUNCHUN] == Beds(1, 10, 40)
    assert parts[None] == Beds(1, 1, 3)


def test_provinces_by_arrival_with_small_groups_kept_back(desk: Desk) -> None:
    for day in range(2, 8):
        booked(desk, dt.date(2027, 6, day), 2, province="湖北省")
    for day in range(8, 12):
        booked(desk, dt.date(2027, 6, day), 2, province="湖南省")
    booked(desk, dt.date(2027, 6, 12), 2, province="上海市")
    with desk.database.read() as session:
        found = statistics.origins(session, samples=True, first=JUNE, count=1)
        later = statistics.origins(session, samples=True, first=JULY, count=1)
    assert found == [
        Origin("湖北省", 6, 24, few=False),
        Origin("上海市", None, None, few=True),
        Origin("湖南省", None, None, few=True),
    ]
    assert later == []


def test_one_small_group_takes_the_next_with_it() -> None:
    assert told([("甲", 9, 90), ("乙", 6, 60), ("丙", 4, 40)]) == [
        Origin("甲", 9, 90, few=False),
        Origin("乙", None, None, few=False),
        Origin("丙", None, None, few=True),
    ]
    assert told([("甲", 5, 50)]) == [Origin("甲", 5, 50, few=False)]
    assert told([("甲", 4, 50)]) == [Origin("甲", None, None, few=True)]
    assert told([]) == []


def test_queries_do_not_grow_with_the_months_or_the_bookings(desk: Desk) -> None:
    booked(desk, dt.date(2027, 6, 10), 3)
    seen: list[str] = []
    with desk.database.read() as session:

        @event.listens_for(session.connection(), "before_cursor_execute")
        def count(_c: object, _k: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        statistics.months(session, samples=True, first=JUNE, count=36)
        statistics.origins(session, samples=True, first=JUNE, count=36)
        statistics.beds(session, samples=True, today=JUNE)
    assert len(seen) == 3 + 1 + 2
