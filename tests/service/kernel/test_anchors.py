"""The audit trail against somebody who may change every row of the database."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from marketplace.kernel import audit
from marketplace.kernel.anchors import AnchorFile, AnchorKind
from marketplace.kernel.audit import SYSTEM, AuditEntry, AuditSeal
from marketplace.kernel.clock import SetClock
from marketplace.kernel.crypto import install
from marketplace.kernel.db import Database
from marketplace.kernel.keyring import Keyring
from marketplace.operations import backup, invariants

NOW = dt.datetime(2027, 6, 1, 4, tzinfo=dt.UTC)


class Trail:
    """A trail of ten sealed and anchored entries."""

    def __init__(self, database: Database, path: Path) -> None:
        self.database, self.path = database, path
        self.clock = SetClock(NOW)
        self.anchors = AnchorFile(path)
        for _ in range(2):
            self.go_on(5)

    def go_on(self, entries: int = 1, *, anchors: AnchorFile | None = None) -> None:
        with self.database.write() as session:
            for _ in range(entries):
                audit.note(
                    session, actor=SYSTEM, action="x.done", subject=("x", 1), now=self.clock.now()
                )
        audit.seal_and_anchor(self.database, anchors or self.anchors, clock=self.clock)

    def faults(self, anchors: AnchorFile | None = None) -> list[str]:
        report = invariants.check(
            self.database, now=self.clock.now(), anchors=anchors or self.anchors
        )
        return report.faults["audit_chain"]

    def sabotage(self, *statements: str) -> None:
        """Change rows that are never changed, the way somebody with the password could."""
        with self.database.write() as session:
            for table in ("audit_seal", "audit_entry"):
                for verb in ("update", "delete"):
                    drop = f"DROP TRIGGER IF EXISTS {table}_no_{verb}"
                    on = "" if self.database.is_sqlite else f" ON {table}"
                    session.execute(sa.text(drop + on))
            for statement in statements:
                session.execute(sa.text(statement))

    def reseal(self, first: int, key: tuple[str, bytes] | None) -> None:
        """Make every seal from ``first`` on anew, over the entries as they are now."""
        key_id, secret = key or (None, None)
        with self.database.write() as session:
            before = session.get(AuditSeal, first - 1)
            previous = before.hash if before else "0" * 64
            rows = session.execute(
                sa.select(AuditSeal, AuditEntry)
                .join(AuditEntry, AuditEntry.id == AuditSeal.entry_id)
                .where(AuditSeal.number >= first)
                .order_by(AuditSeal.number)
            ).all()
            for sealed, entry in rows:
                previous = audit._link(previous, entry, secret)
                sealed.hash, sealed.key_id = previous, key_id


@pytest.fixture
def trail(database: Database, tmp_path: Path) -> Trail:
    return Trail(database, tmp_path / "anchors.jsonl")


EDIT = "UPDATE audit_entry SET action = 'x.polished' WHERE id = 4"


def test_an_honest_trail_is_clean_and_its_anchors_are_the_owners(trail: Trail) -> None:
    assert trail.faults() == []
    assert trail.path.stat().st_mode & 0o777 == 0o600
    anchors, faults = trail.anchors.read()
    assert ([anchor.number for anchor in anchors], faults) == ([5, 10], [])
    trail.go_on(0)
    assert len(trail.anchors.read()[0]) == 2


@pytest.mark.parametrize(
    "statements",
    [
        ["DELETE FROM audit_seal WHERE number > 7"],
        ["DELETE FROM audit_seal WHERE number > 7", "DELETE FROM audit_entry WHERE id > 7"],
        ["DELETE FROM audit_seal WHERE number > 9", "DELETE FROM audit_entry WHERE id > 9"],
        ["DELETE FROM audit_seal", "DELETE FROM audit_entry"],
    ],
    ids=["seals of the tail", "the tail", "the last one", "everything"],
)
class TestCut:
    def test_it_shows(self, trail: Trail, statements: list[str]) -> None:
        trail.sabotage(*statements)
        assert any("it reached to 10" in fault for fault in trail.faults())

    def test_also_when_the_sealer_went_on(self, trail: Trail, statements: list[str]) -> None:
        trail.sabotage(*statements, "UPDATE audit_entry SET action = 'x.polished' WHERE id = 9")
        trail.clock.advance(seconds=1)
        trail.go_on(12)
        assert "is not the one that stood there" in "".join(trail.faults())


class TestSealedAnew:
    def test_with_the_key(self, trail: Trail, keyring: Keyring) -> None:
        trail.sabotage(EDIT)
        trail.reseal(1, keyring.audit[0])
        assert [fault.partition(" is")[0] for fault in trail.faults()] == ["seal 5", "seal 10"]
        assert audit_of(trail) == []  # the chain alone does not know

    def test_without_any(self, trail: Trail) -> None:
        trail.sabotage(EDIT)
        trail.reseal(1, None)
        assert "seal 10 bears no key" in trail.faults()

    def test_without_any_in_the_middle(self, trail: Trail) -> None:
        trail.sabotage(EDIT)
        trail.reseal(3, None)
        assert "seal 3 bears no key" in trail.faults()

    def test_with_a_key_of_ones_own(self, trail: Trail) -> None:
        trail.sabotage(EDIT)
        trail.reseal(1, ("1", b"\x99" * 32))
        assert "seal 1 does not match its entry" in trail.faults()
        trail.reseal(1, ("9", b"\x99" * 32))
        assert "seal 1 bears a key that is not known" in trail.faults()

    @pytest.mark.parametrize("first", [1, 12])
    def test_with_an_older_key(self, trail: Trail, keyring: Keyring, first: int) -> None:
        install(dataclasses.replace(keyring, audit=(("2", b"\x77" * 32), *keyring.audit)))
        trail.go_on(4)
        assert trail.faults() == []
        trail.sabotage("UPDATE audit_entry SET action = 'x.polished' WHERE id = 13")
        trail.reseal(first, keyring.audit[0])
        assert any("is not the one that stood there" in fault for fault in trail.faults())

    def test_an_older_key_after_a_newer_one(self, trail: Trail, keyring: Keyring) -> None:
        install(dataclasses.replace(keyring, audit=(("2", b"\x77" * 32), *keyring.audit)))
        trail.go_on(4)
        trail.sabotage("UPDATE audit_entry SET action = 'x.polished' WHERE id = 13")
        trail.reseal(13, keyring.audit[0])
        assert "seal 13 bears an older key than one before it" in trail.faults()


class TestDangling:
    def test_a_seal_without_its_entry_shows(self, trail: Trail) -> None:
        if trail.database.is_sqlite:
            trail.sabotage()
            with trail.database.write_engine.connect() as connection:
                connection.rollback()
                raw = connection.connection.dbapi_connection
                raw.execute("PRAGMA foreign_keys=OFF")
                raw.execute("DELETE FROM audit_entry WHERE id = 10")
                raw.execute("PRAGMA foreign_keys=ON")
        else:
            trail.sabotage(
                "ALTER TABLE audit_seal DROP CONSTRAINT fk_audit_seal_entry_id",
                "DELETE FROM audit_entry WHERE id = 10",
            )
        assert trail.faults() == ["seal 10 has no entry"]


def audit_of(trail: Trail) -> list[str]:
    with trail.database.read() as session:
        return audit.verify(session, now=trail.clock.now())


class TestTheFile:
    def lines(self, trail: Trail) -> list[str]:
        return trail.path.read_text().splitlines(keepends=True)

    def test_without_it_nothing_is_proved(self, trail: Trail) -> None:
        trail.path.unlink()
        assert trail.faults() == ["no anchor stands outside the database"]

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda lines: lines[1:],
            lambda lines: [lines[0], lines[2]],
            lambda lines: [lines[0].replace('"number": 5', '"number": 4'), *lines[1:]],
            lambda lines: [lines[0].replace("sealed", "keyed"), *lines[1:]],
            lambda lines: [*lines, lines[1]],
            lambda lines: [*lines, "nonsense\n"],
            lambda lines: [*lines, "{}\n"],
        ],
        ids=["first gone", "middle gone", "number", "kind", "twice", "nonsense", "empty"],
    )
    def test_a_line_that_was_touched_shows(
        self, trail: Trail, spoil: Callable[[list[str]], list[str]]
    ) -> None:
        trail.go_on(2)
        trail.path.write_text("".join(spoil(self.lines(trail))))
        assert any("of the anchors was changed" in fault for fault in trail.faults())

    def test_half_a_line_hinders_no_sealing(self, trail: Trail) -> None:
        with trail.path.open("a") as file:
            file.write('{"kind": "sea')
        trail.go_on(3)
        anchors, faults = trail.anchors.read()
        assert [anchor.number for anchor in anchors] == [5, 10, 13]
        assert faults == ["line 3 of the anchors was changed, or one before it is gone"]

    def test_what_a_killed_run_did_not_write_down_the_next_one_does(self, trail: Trail) -> None:
        with trail.database.write() as session:
            audit.note(session, actor=SYSTEM, action="x.done", subject=("x", 1), now=NOW)
            audit.seal(session)
        trail.go_on(0)
        assert [anchor.number for anchor in trail.anchors.read()[0]] == [5, 10, 11]

    def test_nodes_with_files_of_their_own_each_prove_it(
        self, trail: Trail, tmp_path: Path
    ) -> None:
        other = AnchorFile(tmp_path / "other.jsonl")
        trail.go_on(3, anchors=other)
        trail.go_on(3)
        assert trail.faults() == trail.faults(other) == []
        trail.sabotage("DELETE FROM audit_seal WHERE number > 11")
        assert "it reached to 16" in "".join(trail.faults())
        assert "it reached to 13" in "".join(trail.faults(other))


class TestRestored:
    @pytest.fixture
    def file(self, trail: Trail, tmp_path: Path) -> Path:
        """A backup that ends with seal 10; the trail went on to 14."""
        file = tmp_path / "of-monday.gz"
        backup.dump(trail.database, file)
        trail.go_on(4)
        return file

    def test_it_is_told_from_a_cut(self, trail: Trail, file: Path) -> None:
        backup.restore(trail.database, file, now=NOW, replace=True)
        assert "it reached to 14" in "".join(trail.faults())
        trail.anchors.restored(
            lambda: audit.tail(trail.database), name=file.name, now=trail.clock.now()
        )
        report = invariants.check(trail.database, now=NOW, anchors=trail.anchors)
        assert report.faults["audit_chain"] == []
        assert report.notes == ["restored at 2027-06-01 04:00:00 UTC from of-monday.gz, to seal 10"]

    def restored(self, trail: Trail, file: Path) -> None:
        backup.restore(trail.database, file, now=NOW, replace=True)
        trail.anchors.restored(lambda: audit.tail(trail.database), name=file.name, now=NOW)

    def test_life_goes_on_and_cuts_show_again(self, trail: Trail, file: Path) -> None:
        self.restored(trail, file)
        trail.go_on(2)
        assert trail.faults() == []
        trail.sabotage("DELETE FROM audit_seal WHERE number > 10")
        assert "it reached to 12" in "".join(trail.faults())

    def test_a_cut_behind_it_shows(self, trail: Trail, file: Path) -> None:
        self.restored(trail, file)
        trail.sabotage("DELETE FROM audit_seal WHERE number > 9")
        assert "it reached to 10" in "".join(trail.faults())

    def test_a_backup_that_was_doctored_shows(
        self, trail: Trail, file: Path, keyring: Keyring
    ) -> None:
        backup.restore(trail.database, file, now=NOW, replace=True)
        trail.sabotage(EDIT)
        trail.reseal(1, keyring.audit[0])
        trail.anchors.restored(lambda: audit.tail(trail.database), name="x", now=NOW)
        assert "seal 5 is not the one" in "".join(trail.faults())


class TestOfAnOlderRelease:
    """Its seals bear no key."""

    @pytest.fixture
    def old(self, trail: Trail) -> Trail:
        trail.sabotage()
        trail.reseal(1, None)
        trail.path.unlink()
        return trail

    def test_its_seals_stay_and_are_held_by_keyed_ones(self, old: Trail) -> None:
        old.anchors.keep(lambda: audit.tail(old.database), now=NOW)
        assert [anchor.kind for anchor in old.anchors.read()[0]] == [AnchorKind.KEYED]
        assert old.faults() == []
        old.go_on(3)
        assert old.faults() == []
        assert [anchor.number for anchor in old.anchors.read()[0]] == [10, 13]
        old.sabotage(EDIT)
        assert old.faults() == ["seal 4 does not match its entry"]

    @pytest.mark.parametrize("went_on", [0, 3])
    def test_made_anew_they_show(self, old: Trail, went_on: int) -> None:
        old.anchors.keep(lambda: audit.tail(old.database), now=NOW)
        old.go_on(went_on)
        old.sabotage(EDIT, "DELETE FROM audit_seal WHERE number > 10")
        old.reseal(1, None)
        assert any("seal 10 is not the one" in fault for fault in old.faults())

    def test_without_a_key_and_an_anchor_nothing_is_proved(self, old: Trail) -> None:
        assert "seal 10 bears no key" in old.faults()

    def test_the_link_of_then_is_known(self, old: Trail) -> None:
        with old.database.read() as session:
            entry = session.get(AuditEntry, 1)
            sealed = session.get(AuditSeal, 1)
        assert entry is not None
        assert sealed is not None
        body = [1, entry.at.isoformat(), "system", "", "x.done", "x", "1", {}]
        text = f"{'0' * 64}\n{json.dumps(body, sort_keys=True, ensure_ascii=False)}"
        assert sealed.hash == hashlib.sha256(text.encode()).hexdigest()
