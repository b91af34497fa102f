"""Days kept on disk: a shortcut that never says anything else than the database."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from marketplace.kernel import changes
from marketplace.kernel.clock import SetClock
from marketplace.kernel.db import Database
from marketplace.kernel.stay import Stay
from marketplace.offers.matrix import matrix_loading, snapshot
from marketplace.offers.matrix import matrix_sync as following
from marketplace.offers.matrix.matrix import HORIZON_DAYS, Matrix
from marketplace.offers.matrix.matrix_sync import Follower
from marketplace.pricing.models import Restriction, Tariff
from marketplace.pricing.nights.selection import COUPLE
from marketplace.pricing.nights.terms import Terms, Tier, write_terms
from tests.factories import NOW, TODAY, make_listing, make_room
from tests.support.booking import Desk, make_desk

LATER = dt.timedelta(days=9)


@pytest.fixture
def desk(database: Database) -> Desk:
    made = make_desk(database)
    while changes.sequence(database):
        pass
    return made


def built(database: Database, *, today: dt.date = TODAY) -> Matrix:
    with database.read() as session:
        return matrix_loading.build(session, today=today)


def saved(desk: Desk, folder: Path) -> Matrix:
    matrix = built(desk.database)
    with desk.database.read() as session:
        assert snapshot.save(folder, session, matrix)
    return matrix


def from_disk(desk: Desk, folder: Path, *, today: dt.date = TODAY) -> Matrix:
    with desk.database.read() as session:
        known = snapshot.load(folder, session)
        assert known is not None
        return matrix_loading.refresh(
            session, matrix_loading.build(session, today=today, known=known), today=today
        )


def assert_same(one: Matrix, other: Matrix) -> None:
    # Either may hold some days more, which it does not show.
    days = HORIZON_DAYS
    assert (one.free[:days] == other.free[:days]).all()
    sums = [np.diff(matrix.sums[: days + 1], axis=0) for matrix in (one, other)]
    assert (sums[0] == sums[1]).all()
    assert (one.lowest == other.lowest).all()
    assert one.pools.pool_ids.tolist() == other.pools.pool_ids.tolist()


def ignored(desk: Desk, folder: Path) -> bool:
    with desk.database.read() as session:
        return snapshot.load(folder, session) is None


def test_what_was_saved_comes_back(desk: Desk, tmp_path: Path) -> None:
    saved(desk, tmp_path)
    assert_same(from_disk(desk, tmp_path), built(desk.database))


def test_what_has_changed_since_is_read_from_the_log(desk: Desk, tmp_path: Path) -> None:
    saved(desk, tmp_path)
    desk.hold(nights=5)
    with desk.database.write() as session:
        listing = make_listing(session, enterprise_id=desk.room.enterprise_id)
        make_room(session, listing_id=listing, capacity=7)
    while changes.sequence(desk.database):
        pass
    assert_same(from_disk(desk, tmp_path), built(desk.database))


def test_tariffs_and_restrictions_are_not_on_disk_but_read_at_the_start(
    desk: Desk, tmp_path: Path
) -> None:
    """Changed behind the log's back, so that nothing but the start can tell them."""
    saved(desk, tmp_path)
    room = desk.room.room_type_id
    terms = Terms(tiers=(Tier(7, 2_500),))
    with desk.database.write() as session:
        session.execute(sa.update(Tariff).values(terms=write_terms(terms)))
        session.add(Restriction(room_type_id=room, day=TODAY + LATER, no_arrival=True))
    matrix = from_disk(desk, tmp_path)
    totals = [
        matrix.find(stay=Stay.of(TODAY + LATER + dt.timedelta(later), 10), rooms=1, party=COUPLE)
        for later in (0, 1)
    ]
    assert [found.totals_fen.tolist() for found in totals] == [[], [150_000]]


def test_days_move_on(desk: Desk, tmp_path: Path) -> None:
    saved(desk, tmp_path)
    today = TODAY + LATER
    assert_same(from_disk(desk, tmp_path, today=today), built(desk.database, today=today))


def test_what_is_on_disk_is_really_used(desk: Desk, tmp_path: Path) -> None:
    """The twin: days changed behind the log's back come from the file, not from the database."""
    matrix = built(desk.database)
    matrix.free[3] = 77
    with desk.database.read() as session:
        snapshot.save(tmp_path, session, matrix)
    assert (from_disk(desk, tmp_path).free[3] == 77).all()


def test_another_databases_days_are_ignored(desk: Desk, tmp_path: Path) -> None:
    saved(desk, tmp_path)
    with desk.database.write() as session:
        session.execute(sa.update(changes.Change).values(at=NOW + LATER))
    assert ignored(desk, tmp_path)


def test_a_log_that_was_set_back_is_not_followed(desk: Desk, tmp_path: Path) -> None:
    saved(desk, tmp_path)
    with desk.database.write() as session:
        session.execute(sa.delete(changes.Change))
    assert ignored(desk, tmp_path)


@pytest.mark.parametrize("spoil", ["cut", "text", "empty", "gone"])
def test_a_spoilt_file_is_ignored(desk: Desk, tmp_path: Path, spoil: str) -> None:
    saved(desk, tmp_path)
    file = tmp_path / snapshot.FILE
    whole = file.read_bytes()
    if spoil == "gone":
        file.unlink()
    else:
        file.write_bytes({"cut": whole[: len(whole) // 2], "text": b"hello", "empty": b""}[spoil])
    assert ignored(desk, tmp_path)


class TestFollower:
    def follower(self, desk: Desk, folder: Path, clock: SetClock) -> Follower:
        return Follower(desk.database, clock, folder=folder, poll_seconds=0)

    def test_a_large_matrix_is_kept_and_found_again(
        self, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(following, "WORTH_SAVING", 1)
        clock = SetClock(NOW)
        first = self.follower(desk, tmp_path, clock).current()
        assert (tmp_path / snapshot.FILE).exists()
        desk.hold(nights=3)
        while changes.sequence(desk.database):
            pass
        again = self.follower(desk, tmp_path, clock).current()
        assert again.cursor > first.cursor
        assert_same(again, built(desk.database))

    def test_a_small_one_is_not(self, desk: Desk, tmp_path: Path) -> None:
        self.follower(desk, tmp_path, SetClock(NOW)).current()
        assert not (tmp_path / snapshot.FILE).exists()

    def test_midnight_is_noticed(self, desk: Desk, tmp_path: Path) -> None:
        clock = SetClock(NOW)
        follower = self.follower(desk, tmp_path, clock)
        assert follower.current().first_day == TODAY
        clock.advance(days=1)
        assert follower.current().first_day == TODAY + dt.timedelta(days=1)
        assert_same(follower.current(), built(desk.database, today=TODAY + dt.timedelta(days=1)))

    def test_a_look_that_fails_is_made_good_by_the_next(
        self, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        follower = self.follower(desk, tmp_path, SetClock(NOW))
        follower.current()
        desk.hold(nights=3)
        while changes.sequence(desk.database):
            pass
        with monkeypatch.context() as patched:
            patched.setattr(matrix_loading, "_reload_stock", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                follower.current()
        assert_same(follower.current(), built(desk.database))
