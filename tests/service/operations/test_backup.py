"""The drill: back up, lose everything, restore, check every invariant; on both databases."""

from __future__ import annotations

import datetime as dt
import gzip
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from catalog.models import Listing
from marketplace.booking.events.facts import stream_of
from marketplace.booking.events.view import read_view
from marketplace.booking.models import Booking
from marketplace.booking.states import BookingState
from marketplace.kernel import audit, changes, events, numbering
from marketplace.kernel.db import Database
from marketplace.kernel.events import Event
from marketplace.kernel.numbering import Log, Restored, check_cursor, seconds_by
from marketplace.operations import backup, invariants
from marketplace.tables import metadata
from tests.support.booking import Desk, make_desk
from tests.support.lives import Life

ALL_KINDS = (changes.LISTING, changes.ENTERPRISE, changes.STOCK)
TOLD_ANEW = {"change", "change_counter", "log_epoch"}
"""A restore begins a new epoch and tells every listing again."""


def contents(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.read() as session:
        return {
            table.name: sorted(
                (tuple(map(str, row)) for row in session.execute(sa.select(*backup._raw(table)))),
            )
            for table in metadata.sorted_tables
        }


@pytest.fixture
def desk(database: Database) -> Desk:
    desk = make_desk(database, capacity=5)
    desk.pay(desk.hold())
    desk.hold(phone="13900000002", nights=7)
    with database.write() as session:
        audit.seal(session)
    return desk


class TestDrill:
    def test_what_was_lost_comes_back_whole(self, desk: Desk, tmp_path: Path) -> None:
        file = tmp_path / "backup.gz"
        before = contents(desk.database)
        rows = backup.dump(desk.database, file)
        assert backup.restore(desk.database, file, now=desk.clock.now(), replace=True) == rows
        after = contents(desk.database)
        assert {name: after[name] for name in after.keys() - TOLD_ANEW} == {
            name: before[name] for name in before.keys() - TOLD_ANEW
        }
        assert len(after["change"]) == len(before["change"]) + 1, "one listing is told again"
        report = invariants.check(desk.database, now=desk.clock.now())
        assert report.clean, report.faults

    def test_life_goes_on_after_it(self, desk: Desk, tmp_path: Path) -> None:
        file = tmp_path / "backup.gz"
        backup.dump(desk.database, file)
        backup.restore(desk.database, file, now=desk.clock.now(), replace=True)
        desk.pay(desk.hold(phone="13900000003", nights=5))
        report = invariants.check(desk.database, now=desk.clock.now())
        assert report.faults["taken_equals_live_claims"] == []

    def test_triggers_stand_again(self, desk: Desk, tmp_path: Path) -> None:
        file = tmp_path / "backup.gz"
        backup.dump(desk.database, file)
        backup.restore(desk.database, file, now=desk.clock.now(), replace=True)
        for table in ("journal", "ledger_entry", "audit_entry", "audit_seal"):
            with pytest.raises(sa.exc.DBAPIError, match="append-only"), desk.database.write() as s:
                s.execute(sa.text(f"DELETE FROM {table}"))

    def test_one_database_moves_to_the_other(
        self,
        sqlite_database: Database,
        postgres_database: Database,
        tmp_path: Path,
    ) -> None:
        desk = make_desk(sqlite_database)
        booking_id = desk.hold()
        file = tmp_path / "backup.gz"
        backup.dump(sqlite_database, file)
        backup.restore(postgres_database, file, now=desk.clock.now())
        with postgres_database.read() as session:
            moved = session.get(Booking, booking_id)
            assert moved is not None
            assert moved.phone == "13900000001"


class TestReaders:
    """Who followed the logs before a restore goes on after it."""

    def test_what_holds_again_is_told_above_every_number_and_version(
        self, database: Database, tmp_path: Path
    ) -> None:
        file = tmp_path / "backup.gz"
        life = Life.begin(make_desk(database))
        life.confirm()
        changes.sequence(database)
        backup.dump(database, file)
        life.desk.clock.advance(hours=1)
        life.cancel()
        changes.sequence(database)
        with database.read() as session:
            lost = numbering.last_number(session, Log.EVENTS)
        now = life.desk.clock.now()
        for epoch in (1, 2):
            backup.restore(database, file, now=now, replace=True)
            with database.read() as session:
                with pytest.raises(Restored) as refused:
                    check_cursor(session, Log.EVENTS, lost)
                assert refused.value.extra == {"after_change_number": lost - 1}
                stream = stream_of(life.partner_id, test=False)
                (told,) = events.since(session, stream, lost - 1, limit=10)
                began = (epoch << 40) + 512 * seconds_by(now)
                assert (told.type, told.number) == ("booking.restated", began + 1)
                assert told.version == seconds_by(now) > 2 + 1_000
                view = read_view(told.view or "")
                assert (view.state, view.version) == (BookingState.CONFIRMED, told.version)
                listings = sa.select(sa.func.count()).select_from(Listing)
                again = changes.since(session, began, kinds=(changes.LISTING,))
                assert len(again) == session.scalar(listings)
                check_cursor(session, Log.EVENTS, told.number or 0)

    def test_of_two_restores_of_one_backup_the_later_goes_on_above_the_earlier(
        self, sqlite_database: Database, sqlite_template: Path, tmp_path: Path
    ) -> None:
        """Into two empty databases: neither knows of the other."""
        file = tmp_path / "backup.gz"
        life = Life.begin(make_desk(sqlite_database))
        life.confirm()
        changes.sequence(sqlite_database)
        backup.dump(sqlite_database, file)
        with sqlite_database.read() as session:
            kept = {log: numbering.last_number(session, log) for log in Log}
        now, ends, versions = life.desk.clock.now(), [], []
        for place in ("first", "second"):
            path = tmp_path / f"{place}.sqlite3"
            shutil.copy(sqlite_template, path)
            database = Database(f"sqlite:///{path}")
            backup.restore(database, file, now=now)
            with database.write() as session:
                for log, number in ends[-1].items() if ends else ():
                    with pytest.raises(Restored) as refused:
                        check_cursor(session, log, number)
                    assert refused.value.extra == {"after_change_number": kept[log]}
                    check_cursor(session, log, kept[log])
                if ends:
                    follows = changes.since(session, ends[-1][Log.CHANGES], kinds=ALL_KINDS)
                    assert changes.is_restored(session, ends[-1][Log.CHANGES], follows)
                stream = stream_of(life.partner_id, test=False)
                (told,) = events.since(session, stream, kept[Log.EVENTS], limit=10)
                assert told.version > max(versions, default=0)
                # Life goes on: the most that a log and a booking grow in the second that follows.
                ends.append({log: numbering.last_number(session, log) + 100 for log in Log})
                session.execute(
                    sa.update(numbering.ChangeCounter).values(
                        last_number=numbering.ChangeCounter.last_number + 100
                    )
                )
                for log, number in ends[-1].items():
                    check_cursor(session, log, number)
                    assert number < numbering.THE_END
                versions.append(told.version)
            database.dispose()
            now += dt.timedelta(seconds=1)

    def test_what_ended_long_ago_is_not_told_again(
        self, database: Database, tmp_path: Path
    ) -> None:
        file = tmp_path / "backup.gz"
        life = Life.begin(make_desk(database))
        life.expire()
        backup.dump(database, file)
        life.desk.clock.advance(days=91)
        backup.restore(database, file, now=life.desk.clock.now(), replace=True)
        with database.read() as session:
            kinds = session.scalars(sa.select(Event.type).order_by(Event.id)).all()
        assert kinds == ["booking.held", "booking.expired"]


class TestRefusals:
    def test_personal_data_is_not_readable_in_the_file(self, desk: Desk, tmp_path: Path) -> None:
        file = tmp_path / "backup.gz"
        backup.dump(desk.database, file)
        text = gzip.decompress(file.read_bytes()).decode()
        assert "13900000001" not in text
        assert "王秀英" not in text

    def test_a_file_cut_short_changes_nothing(self, desk: Desk, tmp_path: Path) -> None:
        file = tmp_path / "backup.gz"
        backup.dump(desk.database, file)
        lines = gzip.decompress(file.read_bytes()).splitlines(keepends=True)
        file.write_bytes(gzip.compress(b"".join(lines[:-2])))
        with pytest.raises(backup.NotABackup):
            backup.restore(desk.database, file, now=desk.clock.now(), replace=True)

    def test_data_is_not_overwritten_without_being_asked_to(
        self, desk: Desk, tmp_path: Path
    ) -> None:
        file = tmp_path / "backup.gz"
        backup.dump(desk.database, file)
        before = contents(desk.database)
        with pytest.raises(backup.NotEmpty):
            backup.restore(desk.database, file, now=desk.clock.now())
        assert contents(desk.database) == before

    def test_another_file_is_no_backup(self, desk: Desk, tmp_path: Path) -> None:
        file = tmp_path / "something"
        file.write_text("hello")
        with pytest.raises(backup.NotABackup):
            backup.restore(desk.database, file, now=desk.clock.now())
