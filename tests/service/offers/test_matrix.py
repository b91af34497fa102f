"""The matrix says what the database and the quote engine say, before and after changes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from catalog.importing import import_directory
from catalog.models import Listing, RoomType
from catalog.reference import load_reference
from catalog.service import reinstate, suspend
from marketplace.inventory.calendar import CalendarEdit, apply, block
from marketplace.kernel import changes
from marketplace.kernel.audit import Actor
from marketplace.kernel.clock import SetClock
from marketplace.kernel.db import Database
from marketplace.kernel.ids import RandomIds
from marketplace.kernel.stay import Stay
from marketplace.offers import loading
from marketplace.offers.matrix import Matrix
from marketplace.offers.search import free_rooms, quote_many
from marketplace.offers.windows import nearest
from marketplace.pricing.service import set_rate
from marketplace.sample import load_sample
from tests.factories import NOW, TODAY
from tests.support.booking import Desk, make_desk

DATA = Path(__file__).resolve().parents[3] / "data"
STAFF = Actor("staff", "1")


@pytest.fixture
def sample(database: Database) -> Database:
    clock = SetClock(NOW)
    load_reference(database)
    import_directory(database, DATA / "directory-places.csv", clock=clock)
    load_sample(database, clock=clock)
    return database


def built(database: Database) -> Matrix:
    with database.read() as session:
        return loading.build(session, today=TODAY)


def refreshed(database: Database, matrix: Matrix) -> Matrix:
    changes.sequence(database)
    with database.read() as session:
        return loading.refresh(session, matrix, today=TODAY)


def by_the_engine(database: Database, stay: Stay) -> dict[int, int]:
    """What the database and the quote engine say: free room types with their totals."""
    with database.read() as session:
        rows = session.execute(
            sa.select(RoomType.id, RoomType.max_adults, RoomType.max_guests, Listing).join(
                Listing, Listing.id == RoomType.listing_id
            )
        ).all()
        suited = [
            room
            for room, adults, guests, listing in rows
            if adults * 2 >= 3
            and guests * 2 >= 3
            and listing.min_nights <= stay.nights <= listing.max_nights
        ]
        free = free_rooms(session, room_type_ids=suited, stay=stay)
        quotes = quote_many(session, room_type_ids=suited, stay=stay, rooms=2)
    return {room: quote.total_fen for room, quote in quotes.items() if free[room] >= 2}


def test_totals_are_the_engines_over_the_whole_sample(sample: Database) -> None:
    matrix, answers = built(sample), 0
    for nights in (1, 7, 29, 30, 60, 90):
        for offset in (0, 29, 200, 309):
            stay = Stay.of(TODAY + dt.timedelta(days=offset), nights)
            found = matrix.find(stay=stay, rooms=2, adults=3, guests=3)
            got = dict(zip(found.room_type_ids.tolist(), found.totals_fen.tolist(), strict=True))
            assert got == by_the_engine(sample, stay)
            answers += len(got)
    assert answers > 300


class TestChanges:
    @pytest.fixture
    def desk(self, database: Database) -> Desk:
        return make_desk(database)

    def assert_same(self, desk: Desk, matrix: Matrix) -> None:
        """A refreshed matrix is the matrix that a rebuild would give."""
        fresh, follows = built(desk.database), refreshed(desk.database, matrix)
        assert np.array_equal(fresh.free, follows.free)
        assert np.array_equal(fresh.sums, follows.sums)
        assert np.array_equal(fresh.pools.visible, follows.pools.visible)

    def test_a_booking_a_closure_a_block_and_a_price(self, desk: Desk) -> None:
        changes.sequence(desk.database)
        matrix = built(desk.database)
        desk.hold(arrive=TODAY + dt.timedelta(days=3), nights=5)
        self.assert_same(desk, matrix)
        edit = CalendarEdit(
            desk.room.pool_id,
            TODAY + dt.timedelta(days=20),
            TODAY + dt.timedelta(days=25),
            closed=True,
        )
        days = [TODAY + dt.timedelta(days=offset) for offset in (30, 31, 40)]
        with desk.database.write() as session:
            apply(session, edit=edit, actor=STAFF, now=NOW)
            block(
                session,
                pool_id=desk.room.pool_id,
                stay=Stay.of(TODAY, 2),
                units=1,
                reason="维修",
                ids=RandomIds(),
                actor=STAFF,
                now=NOW,
            )
            set_rate(
                session,
                room_type_id=desk.room.room_type_id,
                pool_id=desk.room.pool_id,
                days=days,
                list_fen=31_100,
                actor=STAFF,
                now=NOW,
            )
        self.assert_same(desk, matrix)
        follows = refreshed(desk.database, matrix)
        assert follows.rates(30)[0] == 31_100
        assert follows.free[20, 0] == 0

    def test_suspension_and_return(self, desk: Desk) -> None:
        changes.sequence(desk.database)
        matrix = built(desk.database)
        stay = Stay.of(TODAY, 7)
        with desk.database.write() as session:
            suspend(
                session,
                enterprise_id=desk.room.enterprise_id,
                reason="检查",
                actor=STAFF,
                now=NOW,
            )
        matrix = refreshed(desk.database, matrix)
        assert len(matrix.find(stay=stay, rooms=1, adults=2, guests=2).listing_ids) == 0
        with desk.database.write() as session:
            reinstate(session, enterprise_id=desk.room.enterprise_id, actor=STAFF, now=NOW)
        matrix = refreshed(desk.database, matrix)
        assert len(matrix.find(stay=stay, rooms=1, adults=2, guests=2).listing_ids) == 1

    def set_season(self, desk: Desk, opens: str, closes: str) -> None:
        with desk.database.write() as session:
            listing = session.get_one(Listing, desk.room.listing_id)
            listing.opens, listing.closes = opens, closes
            changes.record(session, changes.LISTING, listing.id, now=NOW)

    def test_a_season_begins_and_ends_with_its_days(self, desk: Desk) -> None:
        changes.sequence(desk.database)
        matrix = built(desk.database)
        self.set_season(desk, "06-10", "06-20")
        self.assert_same(desk, matrix)
        free = refreshed(desk.database, matrix).free[:, 0].astype(bool).tolist()
        assert [day for day in range(120) if free[day]] == list(range(9, 20))
        self.set_season(desk, "09-20", "06-03")
        self.assert_same(desk, matrix)
        free = refreshed(desk.database, matrix).free[:, 0].astype(bool).tolist()
        assert [day for day in range(120) if free[day]] == [0, 1, 2, *range(111, 120)]
        self.set_season(desk, "", "")
        self.assert_same(desk, matrix)

    @pytest.mark.parametrize("days_later", [0, 30])
    def test_known_days_of_another_season_are_read_again(self, desk: Desk, days_later: int) -> None:
        changes.sequence(desk.database)
        today = TODAY + dt.timedelta(days=days_later)
        self.set_season(desk, "06-10", "07-20")
        seasonal = built(desk.database)
        self.set_season(desk, "", "")
        with desk.database.read() as session:
            known = loading.days_of(seasonal)
            follows = loading.build(session, today=today, known=known)
            fresh = loading.build(session, today=today)
        for day in range(100):
            assert (fresh.free[day], fresh.rates(day)) == (follows.free[day], follows.rates(day))

    def test_the_days_move_on(self, desk: Desk) -> None:
        matrix = built(desk.database)
        with desk.database.read() as session:
            moved = loading.refresh(session, matrix, today=TODAY + dt.timedelta(days=1))
        assert moved.first_day == TODAY + dt.timedelta(days=1)
        assert not moved.covers(Stay.of(TODAY, 2))

    def test_full_dates_are_answered_with_the_nearest_free_ones(self, desk: Desk) -> None:
        desk.hold(arrive=TODAY + dt.timedelta(days=10), nights=10, rooms=2)
        wish = Stay.of(TODAY + dt.timedelta(days=12), 5)
        found = nearest(
            built(desk.database),
            room_type_id=desk.room.room_type_id,
            stay=wish,
            rooms=1,
            adults=2,
            guests=2,
        )
        arrivals = [(window.stay.check_in - TODAY).days for window in found]
        assert sorted(arrivals) == [3, 4, 5, 20]
        assert all(window.total_fen == 100_000 for window in found)
