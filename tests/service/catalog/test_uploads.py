"""The worker's part of uploads: made one at a time, found harmless, forgotten when unnamed."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest
import sqlalchemy as sa

from catalog.office.evidence import documents, file_checks, file_sweep
from catalog.office.evidence.documents import Harmful, StillChecked
from catalog.office.models import Document, Evidence, Photo, ReviewCase
from catalog.office.photos import photo_encoding, photo_intake, photo_worker
from catalog.office.photos.photo_intake import GivenPhoto
from catalog.states import CaseStatus, FileState, PhotoProblem, PhotoState
from catalog.vocabulary import CaseKind
from marketplace.kernel.blobs import FolderBlobs
from marketplace.kernel.clock import SetClock
from marketplace.kernel.db import Database
from marketplace.kernel.errors import Invalid, NotFound
from marketplace.kernel.scanner import ClamdScanner, NoScanner, ScannerDown
from marketplace.staff.roles import Role
from marketplace.staff.service import NewUser, add_user
from tests.factories import NOW
from tests.support import clamd
from tests.support.pictures import picture
from tests.support.uploading import give_document, give_photo, made_photo, work

PDF = b"%PDF-1.7 scan"


class _Ends(BaseException):
    """What the end of a process looks like from within."""


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


@pytest.fixture
def blobs(tmp_path: Path, clock: SetClock) -> FolderBlobs:
    return FolderBlobs(tmp_path / "blobs", clock)


@pytest.fixture
def house(database: Database) -> Database:
    """A database in which account 1 exists."""
    with database.write() as session:
        add_user(
            session,
            NewUser(login="asker", password="river-birch-stone", role=Role.APPLICANT),
            now=NOW,
        )
    return database


def photo_of(database: Database, photo_id: int) -> Photo:
    with database.read() as session:
        return session.get_one(Photo, photo_id)


def files(tmp_path: Path) -> int:
    return sum(1 for _ in (tmp_path / "blobs").glob("*/*"))


class TestMaking:
    def test_the_original_goes_when_the_sizes_are_made(
        self, house: Database, blobs: FolderBlobs, tmp_path: Path
    ) -> None:
        photo_id = give_photo(house, blobs, picture())
        assert work(house, blobs, tmp_path) == 1
        photo = photo_of(house, photo_id)
        assert (photo.state, photo.original) == (PhotoState.READY, None)
        names = [name for kinds in photo.sizes.values() for name in kinds.values()]
        assert photo.size == sum(len(blobs.get(name)) for name in names)
        assert files(tmp_path) == len(set(names))
        assert work(house, blobs, tmp_path) == 0

    def test_one_process_works_at_a_time(
        self, house: Database, blobs: FolderBlobs, tmp_path: Path
    ) -> None:
        give_photo(house, blobs, picture())
        other = os.open(tmp_path / "photos.lock", os.O_CREAT | os.O_RDWR)
        fcntl.flock(other, fcntl.LOCK_EX)
        assert work(house, blobs, tmp_path) == 0
        os.close(other)
        assert work(house, blobs, tmp_path) == 1

    def test_a_task_leaves_the_rest_when_its_time_is_over(
        self, house: Database, blobs: FolderBlobs, tmp_path: Path
    ) -> None:
        for _ in range(3):
            give_photo(house, blobs, picture(640, 480))
        tools = photo_worker.Tools(house, blobs, NoScanner(), tmp_path / "photos.lock")
        ticks = iter([0.0, 1.0, 5.0, 99.0])
        assert photo_worker.develop_waiting(tools, monotonic=lambda: next(ticks)) == 2
        assert work(house, blobs, tmp_path) == 1

    def test_a_process_that_ends_over_it_leaves_it_to_the_next_but_not_for_ever(
        self, house: Database, blobs: FolderBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        photo_id = give_photo(house, blobs, picture())
        later = give_photo(house, blobs, picture(640, 480))
        with monkeypatch.context() as patch:

            def ends(_content: bytes) -> None:
                raise _Ends

            patch.setattr(photo_encoding, "encode", ends)
            for _ in range(photo_worker.MOST_TRIES):
                with pytest.raises(_Ends):
                    work(house, blobs, tmp_path)
                assert photo_of(house, photo_id).state is PhotoState.WAITING
        assert work(house, blobs, tmp_path) == 2
        given_up = photo_of(house, photo_id)
        assert (given_up.state, given_up.problem) == (PhotoState.FAILED, PhotoProblem.SPOILT)
        assert photo_of(house, later).state is PhotoState.READY

    def test_one_whose_file_is_gone_says_so(
        self, house: Database, blobs: FolderBlobs, tmp_path: Path
    ) -> None:
        photo_id = give_photo(house, blobs, picture())
        blobs.drop(photo_of(house, photo_id).original or "")
        work(house, blobs, tmp_path)
        assert photo_of(house, photo_id).problem is PhotoProblem.LOST

    def test_a_quota_counts_what_is_kept(
        self, house: Database, blobs: FolderBlobs, tmp_path: Path
    ) -> None:
        made_photo(house, blobs, picture(), folder=tmp_path)
        with pytest.raises(Invalid) as full, house.write() as session:
            photo_intake.add_photo(
                session,
                GivenPhoto(
                    original="0" * 64,
                    size=100,
                    alt_zh="门前的雪景",
                    alt_en="",
                    owner_id=1,
                    enterprise_id=None,
                ),
                most_bytes=100,
                now=NOW,
            )
        assert full.value.fields.keys() == {"photo"}


class TestScanner:
    def test_nothing_is_given_out_before_it_is_found_clean(
        self, house: Database, blobs: FolderBlobs
    ) -> None:
        good = give_document(house, blobs, PDF, waits=True)
        bad = give_document(house, blobs, PDF + clamd.EICAR_LIKE, waits=True)

        def rows() -> list[Document]:
            with house.read() as session:
                return [session.get_one(Document, key) for key in (good, bad)]

        with pytest.raises(ScannerDown):
            file_checks.check_waiting(house, blobs, ClamdScanner("unix:/nowhere"))
        for row in rows():
            with pytest.raises(StillChecked):
                documents.content_of(row, blobs)
        with clamd.running() as running:
            scanner = ClamdScanner(running.address)
            assert file_checks.check_waiting(house, blobs, scanner) == 2
            assert file_checks.check_waiting(house, blobs, scanner) == 0
        clean, harmful = rows()
        assert documents.content_of(clean, blobs) == PDF
        with pytest.raises(Harmful):
            documents.content_of(harmful, blobs)
        with pytest.raises(NotFound):
            blobs.get(harmful.blob)
        with house.read() as session:
            assert documents.harmful_among(session, {good, bad}) == {bad}

    def test_a_photograph_waits_for_the_scanner_and_is_not_decoded_before(
        self, house: Database, blobs: FolderBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        photo_id = give_photo(house, blobs, picture())
        harmful = give_photo(house, blobs, picture() + clamd.EICAR_LIKE)
        with monkeypatch.context() as patch:
            patch.setattr(photo_encoding, "encode", None)
            for _ in range(photo_worker.MOST_TRIES + 1):
                with pytest.raises(ScannerDown):
                    work(house, blobs, tmp_path, ClamdScanner("unix:/nowhere"))
        assert photo_of(house, photo_id).state is PhotoState.WAITING
        with clamd.running() as running:
            assert work(house, blobs, tmp_path, ClamdScanner(running.address)) == 2
        assert photo_of(house, photo_id).state is PhotoState.READY
        assert photo_of(house, harmful).problem is PhotoProblem.HARMFUL


class TestSweep:
    def sweep(self, house: Database, blobs: FolderBlobs, clock: SetClock) -> int:
        return file_sweep.sweep(house, blobs, now=clock.now())

    def test_files_that_nobody_names_go_after_a_day(
        self, house: Database, blobs: FolderBlobs, clock: SetClock
    ) -> None:
        names = [blobs.put(b"half an upload"), blobs.put_sealed(b"a form that was lost")]
        clock.advance(hours=23)
        assert self.sweep(house, blobs, clock) == 0
        clock.advance(hours=2)
        assert self.sweep(house, blobs, clock) == 2
        for name in names:
            with pytest.raises(NotFound):
                blobs.get(name)

    def test_what_is_given_while_it_sweeps_stays(
        self, house: Database, blobs: FolderBlobs, clock: SetClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An upload brings what an old file holds, between the sweep's list and its last look."""
        name = blobs.put(b"the same photograph")
        clock.advance(hours=25)
        named = file_sweep._named

        def meanwhile(session: object) -> object:
            found = list(named(session))  # type: ignore[arg-type]
            blobs.put(b"the same photograph")
            return found

        monkeypatch.setattr(file_sweep, "_named", meanwhile)
        assert self.sweep(house, blobs, clock) == 0
        assert blobs.get(name) == b"the same photograph"

    def test_rows_that_nothing_names_go_first_and_their_files_a_day_later(
        self, house: Database, blobs: FolderBlobs, clock: SetClock, tmp_path: Path
    ) -> None:
        given = {
            name: give_document(house, blobs, PDF)
            for name in ("evidence", "licence", "source", "base", "nobody")
        }
        shown, entry, drafted, alone = (
            made_photo(house, blobs, picture(640, 480 + number), folder=tmp_path)
            for number in range(4)
        )
        with house.write() as session:
            session.add_all(
                [
                    Evidence(
                        subject_kind="enterprise",
                        subject_id=1,
                        fact=fact,
                        source="测量",
                        document_id=document_id,
                    )
                    for fact, document_id in (
                        ("note_zh", given["evidence"]),
                        (f"photo:{entry}", None),
                    )
                ]
            )
            session.add(
                ReviewCase(
                    kind=CaseKind.APPLICATION,
                    status=CaseStatus.REFUSED,
                    author_id=1,
                    document={
                        "licences": [{"kind": "food", "document_id": given["licence"]}],
                        "sources": {"note_zh": {"document_id": given["source"]}},
                        "photos": [{"id": drafted}, {"id": shown}],
                        "proof": {},
                    },
                    base={"proof": {"document_id": given["base"]}},
                    opened_at=NOW,
                    updated_at=NOW,
                    reasons=[],
                    overrides=[],
                )
            )
        kept = files(tmp_path)
        clock.advance(hours=25)
        assert self.sweep(house, blobs, clock) == 0
        assert files(tmp_path) == kept
        with house.read() as session:
            assert set(session.scalars(sa.select(Document.id))) == set(given.values()) - {
                given["nobody"]
            }
            assert set(session.scalars(sa.select(Photo.id))) == {shown, entry, drafted}
            left = session.get_one(Photo, shown)
        assert alone not in {shown, entry, drafted}
        clock.advance(hours=25)
        # The lone document, and those sizes of the lone photograph that no other shares.
        assert self.sweep(house, blobs, clock) >= 1
        for kinds in left.sizes.values():
            for name in kinds.values():
                assert blobs.get(name)
        with house.read() as session:
            for blob in session.scalars(sa.select(Document.blob)):
                assert blobs.get(blob) == PDF

    def test_what_is_plain_is_encrypted_by_the_way(
        self, house: Database, blobs: FolderBlobs, clock: SetClock, tmp_path: Path
    ) -> None:
        document_id = give_document(house, blobs, PDF)
        with house.write() as session:
            session.get_one(Document, document_id).blob = blobs.put(PDF)
        assert file_checks.reseal(house, blobs).files == 1
        assert file_checks.reseal(house, blobs).files == 0
        with house.read() as session:
            row = session.get_one(Document, document_id)
        assert documents.content_of(row, blobs) == PDF
        assert row.state is FileState.CLEAN
        assert not any(PDF in path.read_bytes() for path in (tmp_path / "blobs").glob("*/*"))
