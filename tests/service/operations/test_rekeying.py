"""New keys: everything goes on while older ones are needed, and nothing needs them in the end."""

from __future__ import annotations

import datetime as dt
import json
import random
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from catalog.office.evidence import documents
from catalog.office.evidence.file_checks import Resealed
from catalog.office.models import Document
from marketplace.booking.models import Booking, Draft
from marketplace.booking.reads.guest_queries import find_by_code
from marketplace.booking.states import BookingState
from marketplace.kernel import audit, crypto, key_prints, keyring
from marketplace.kernel.blobs import FolderBlobs
from marketplace.kernel.db import Database
from marketplace.kernel.starting import CannotStart
from marketplace.operations import backup, invariants, rekeying
from marketplace.staff.roles import Role
from marketplace.staff.service import NewUser, add_user
from tests.support.booking import Desk, answers_for, make_desk
from tests.support.uploading import give_document

PHONE = "13900000001"
LATER = dt.timedelta(days=31)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


@pytest.fixture
def desk(database: Database, path: Path) -> Desk:
    desk = make_desk(database, capacity=5)
    crypto.install(key_prints.prove(database, path, now=desk.clock.now()), path)
    desk.pay(desk.hold(phone=PHONE))
    desk.hold(phone="13900000002", nights=7)
    with database.write() as session:
        answers = answers_for(desk.room, lead_name="王秀英")
        session.add(Draft(id="d" * 64, answers=answers, updated_at=desk.clock.now()))
        audit.seal(session)
    return desk


def rotate(desk: Desk, path: Path, *purposes: str) -> None:
    rekeying.rotate(
        desk.database, path, purposes=purposes or keyring.PURPOSES, now=desk.clock.now()
    )


def rewrap(desk: Desk, path: Path) -> rekeying.Rewrapped:
    return rekeying.rewrap(
        desk.database, path, FolderBlobs(path.parent / "blobs"), now=desk.clock.now()
    )


def stored(desk: Desk) -> list[str]:
    """Every encrypted value as the database holds it."""
    with desk.database.read() as session:
        return [
            value
            for column in key_prints.encrypted_columns()
            for value in session.scalars(
                sa.select(sa.type_coerce(column, sa.Text)).where(column.is_not(None))
            )
        ]


def ids(path: Path, purpose: str) -> list[str]:
    return [entry["id"] for entry in json.loads(path.read_text())[purpose]]


def found(desk: Desk) -> str | None:
    """The guest's booking by code and phone, as the guest looks for it."""
    with desk.database.read() as session:
        code = session.scalars(
            sa.select(Booking.code).where(Booking.state == BookingState.CONFIRMED)
        ).one()
        found = find_by_code(session, code=code, phone=PHONE)
        return found.id if found else None


def readable(desk: Desk) -> bool:
    with desk.database.read() as session:
        phones = set(session.scalars(sa.select(Booking.phone)))
        draft = session.get(Draft, "d" * 64)
    return (
        phones == {PHONE, "13900000002"}
        and draft is not None
        and draft.answers.lead_name == "王秀英"
    )


class TestOverlap:
    def test_older_keys_read_and_newer_ones_write(self, desk: Desk, path: Path) -> None:
        rotate(desk, path)
        assert {value.partition(":")[0] for value in stored(desk)} == {"v1"}
        assert readable(desk)
        assert found(desk)
        desk.hold(phone="13900000003", nights=3)
        assert {value.partition(":")[0] for value in stored(desk)} == {"v1", "v2"}

    def test_a_process_that_was_there_before_follows(self, desk: Desk, path: Path) -> None:
        ring = crypto.keyring()
        with keyring.locked(path):
            entries = keyring.add_keys(
                keyring.read(path), purposes=("encryption",), now=desk.clock.now()
            )
            keyring.replace(path, entries)
        assert crypto.keyring().encryption[1:] == ring.encryption
        path.chmod(0o644)
        path.touch()
        assert len(crypto.keyring().encryption) == 2


class TestRewrapping:
    def test_nothing_needs_the_older_keys_then(self, desk: Desk, path: Path) -> None:
        rotate(desk, path)
        done = rewrap(desk, path)
        assert done.rows >= 5
        assert done.dropped["encryption"] == done.dropped["index"] == ["1"]
        assert ids(path, "encryption") == ids(path, "index") == ["2"]
        assert {value.partition(":")[0] for value in stored(desk)} == {"v2"}
        assert readable(desk)
        assert found(desk)
        key_prints.prove(desk.database, path, now=desk.clock.now())

    def test_the_second_time_there_is_nothing_to_do(self, desk: Desk, path: Path) -> None:
        rotate(desk, path)
        rewrap(desk, path)
        before = stored(desk)
        again = rewrap(desk, path)
        assert (again.rows, again.dropped, again.unreadable) == (0, {}, 0)
        assert stored(desk) == before

    def test_stopped_anywhere_it_goes_on(
        self, desk: Desk, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(rekeying, "ROWS_AT_ONCE", 1)
        rotate(desk, path)

        def stop(_table: str, rows: int) -> None:
            if rows:
                raise KeyboardInterrupt

        for stops in range(5):
            with pytest.raises(KeyboardInterrupt):
                rekeying.rewrap(
                    desk.database,
                    path,
                    FolderBlobs(path.parent / "blobs"),
                    now=desk.clock.now(),
                    progress=stop,
                )
            assert readable(desk)
            assert found(desk)
            assert len(ids(path, "encryption")) == 2
            assert any(value.startswith("v1:") for value in stored(desk)) == (stops < 2)
        rewrap(desk, path)
        assert ids(path, "encryption") == ["2"]
        assert readable(desk)

    def test_stopped_before_the_file_it_goes_on(
        self, desk: Desk, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rotate(desk, path)
        with monkeypatch.context() as patch:
            patch.setattr(keyring, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                rewrap(desk, path)
        assert ids(path, "encryption") == ["2", "1"]
        assert rewrap(desk, path).dropped["encryption"] == ["1"]
        assert readable(desk)

    def test_a_value_that_no_key_opens_keeps_the_keys(self, desk: Desk, path: Path) -> None:
        with desk.database.write() as session:
            session.execute(sa.text("UPDATE booking_draft SET answers = 'v1:AAAA'"))
        rotate(desk, path)
        done = rewrap(desk, path)
        assert done.unreadable == 1
        assert "encryption" not in done.dropped
        assert ids(path, "encryption") == ["2", "1"]
        with desk.database.write() as session:
            session.execute(sa.text("DELETE FROM booking_draft"))
        assert rewrap(desk, path).dropped["encryption"] == ["1"]

    def test_the_next_keys_wait_for_it(self, desk: Desk, path: Path) -> None:
        rotate(desk, path)
        with pytest.raises(rekeying.Unfinished):
            rotate(desk, path)
        assert ids(path, "encryption") == ["2", "1"]
        rewrap(desk, path)
        rotate(desk, path)
        rewrap(desk, path)
        assert ids(path, "encryption") == ["3"]
        assert readable(desk)

    def test_one_purpose_alone(self, desk: Desk, path: Path) -> None:
        rotate(desk, path, "index")
        assert ids(path, "index") == ["2", "1"]
        assert ids(path, "encryption") == ["1"]
        rewrap(desk, path)
        assert ids(path, "index") == ["2"]
        assert found(desk)


SCANS = [b"%PDF-1.7\n" + random.Random(seed).randbytes(3_000_000) for seed in (1, 2)]
"""Scans of some megabytes: bytes of chance, so that any that is lost or moved is seen."""


@dataclass
class Scans:
    """Two documents as an applicant gave them, and where they are kept."""

    desk: Desk
    path: Path
    documents: list[int]

    @property
    def folder(self) -> Path:
        return self.path.parent / "blobs"

    @property
    def blobs(self) -> FolderBlobs:
        return FolderBlobs(self.folder)

    def readable(self) -> bool:
        """Whether the office would be shown each of them, byte for byte."""
        with self.desk.database.read() as session:
            rows = [session.get_one(Document, each) for each in self.documents]
        return [documents.content_of(row, self.blobs) for row in rows] == SCANS

    def keys(self) -> list[str]:
        """The keys under which the files lie, one for each."""
        files = self.folder.glob("*/*.sealed")
        return sorted(file.read_bytes().partition(b":")[0].decode() for file in files)


@pytest.fixture
def scans(desk: Desk, path: Path) -> Scans:
    with desk.database.write() as session:
        owner = add_user(
            session,
            NewUser(
                login="applicant",
                password="river-lantern-stone",
                role=Role.APPLICANT,
            ),
            now=desk.clock.now(),
        ).id
    found = Scans(desk, path, [])
    found.documents += [
        give_document(desk.database, found.blobs, scan, owner_id=owner) for scan in SCANS
    ]
    return found


class TestFiles:
    def test_are_read_before_during_and_after(self, desk: Desk, path: Path, scans: Scans) -> None:
        assert scans.readable()
        assert scans.keys() == ["v1", "v1"]
        rotate(desk, path)
        assert scans.readable()
        given = scans.blobs.put_sealed(SCANS[0])  # what comes meanwhile is under the new key
        assert scans.keys() == ["v1", "v1", "v2"]
        assert scans.blobs.get(given) == SCANS[0]
        scans.blobs.drop(given)
        assert rewrap(desk, path).dropped["encryption"] == ["1"]
        assert ids(path, "encryption") == ["2"]
        assert scans.keys() == ["v2", "v2"]
        assert scans.readable()
        rotate(desk, path)
        rewrap(desk, path)
        assert scans.keys() == ["v3", "v3"]
        assert scans.readable()

    @pytest.mark.parametrize("where", ["before", "while"])
    def test_half_of_them_done_it_is_begun_again(
        self, desk: Desk, path: Path, scans: Scans, monkeypatch: pytest.MonkeyPatch, where: str
    ) -> None:
        """Stopped before the second file, or while its new bytes lie aside and not in place."""
        rotate(desk, path)
        real, written = Path.replace, []

        def stop(aside: Path, place: Path) -> Path:
            written.append(place)
            if len(written) == 2:
                if where == "before":
                    aside.unlink()
                raise KeyboardInterrupt
            return real(aside, place)

        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", stop)
            with pytest.raises(KeyboardInterrupt):
                rewrap(desk, path)
        assert {"v1", "v2"} <= set(scans.keys())
        assert ids(path, "encryption") == ["2", "1"]
        assert scans.readable()
        assert rewrap(desk, path).dropped["encryption"] == ["1"]
        assert scans.keys() == ["v2", "v2"]
        assert scans.readable()
        assert rewrap(desk, path).rows == 0

    @pytest.mark.parametrize("content", [b"v9:" + bytes(40), b"v1:" + bytes(40), b"", b"\xff:"])
    def test_one_that_no_key_opens_is_counted_and_keeps_the_keys(
        self, desk: Desk, path: Path, scans: Scans, content: bytes
    ) -> None:
        with desk.database.read() as session:
            first = session.get_one(Document, scans.documents[0]).blob
        assert first is not None
        (broken,) = scans.folder.glob(f"*/{first}.sealed")
        whole = broken.read_bytes()
        broken.write_bytes(content)
        rotate(desk, path)
        done = rewrap(desk, path)
        assert (done.unreadable, done.dropped.get("encryption")) == (1, None)
        assert ids(path, "encryption") == ["2", "1"]
        assert broken.read_bytes() == content
        # The other one did not wait for it; put back, the first is written anew as well.
        assert any(file.read_bytes().startswith(b"v2:") for file in scans.folder.glob("*/*.sealed"))
        broken.write_bytes(whole)
        assert rewrap(desk, path).dropped["encryption"] == ["1"]
        assert scans.readable()

    def test_the_twin_that_leaves_files_alone_is_caught(
        self, desk: Desk, path: Path, scans: Scans, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(rekeying.file_checks, "reseal", lambda *_: Resealed(0, 0))
        rotate(desk, path)
        rewrap(desk, path)
        with pytest.raises(KeyError):  # the key that they lie under is gone
            scans.readable()


class TestWhatIsNotWrittenAnew:
    def test_cookies_are_read_for_as_long_as_they_live(self, desk: Desk, path: Path) -> None:
        rotate(desk, path)
        rewrap(desk, path)
        assert ids(path, "session") == ["2", "1"]
        assert ids(path, "webhook") == ["2", "1"]
        desk.clock.advance(days=1)
        rewrap(desk, path)
        assert ids(path, "session") == ["2", "1"]
        assert ids(path, "webhook") == ["2"]
        desk.clock.set(desk.clock.now() + LATER)
        rewrap(desk, path)
        assert ids(path, "session") == ["2"]

    def test_seals_keep_their_keys(self, desk: Desk, path: Path) -> None:
        rotate(desk, path)
        desk.hold(phone="13900000003", nights=3)
        with desk.database.write() as session:
            audit.seal(session)
        desk.clock.set(desk.clock.now() + 10 * LATER)
        rewrap(desk, path)
        assert ids(path, "audit") == ["2", "1"]
        with desk.database.read() as session:
            used = list(session.scalars(sa.select(audit.AuditSeal.key_id).distinct()))
            assert audit.verify(session, now=desk.clock.now()) == []
        assert sorted(filter(None, used)) == ["1", "2"]

    def test_a_backup_of_before_needs_the_keys_of_then(
        self, desk: Desk, path: Path, tmp_path: Path
    ) -> None:
        file, kept = tmp_path / "backup.gz", tmp_path / "kept.json"
        backup.dump(desk.database, file)
        kept.write_bytes(path.read_bytes())
        rotate(desk, path)
        rewrap(desk, path)
        with pytest.raises(backup.OtherKeys):
            backup.restore(
                desk.database, file, now=desk.clock.now(), replace=True, keyring=crypto.keyring()
            )
        assert readable(desk)
        kept.chmod(0o600)
        ring = keyring.ring_of(keyring.read(kept))
        backup.restore(desk.database, file, now=desk.clock.now(), replace=True, keyring=ring)
        with pytest.raises(CannotStart, match="lacks the encryption key 1"):
            key_prints.prove(desk.database, path, now=desk.clock.now())
        crypto.install(key_prints.prove(desk.database, kept, now=desk.clock.now()))
        assert readable(desk)
        report = invariants.check(desk.database, now=desk.clock.now())
        assert report.clean, report.faults
