"""What every blob store does: the folder of an installation, and the one in memory for tests."""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from marketplace.kernel import crypto
from marketplace.kernel.blobs import BlobStore, FolderBlobs, name_of
from marketplace.kernel.clock import SetClock
from marketplace.kernel.errors import NotFound
from tests.support.blobs import MemoryBlobs
from tests.support.database import KEYRING


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: SetClock) -> BlobStore:
    if request.param == "folder":
        return FolderBlobs(tmp_path / "blobs", clock)
    return MemoryBlobs(clock)


def test_what_is_put_is_got_under_the_name_of_its_content(store: BlobStore) -> None:
    name = store.put(b"\x00scan\xff")
    assert name == name_of(b"\x00scan\xff")
    assert store.get(name) == b"\x00scan\xff"
    assert store.put(b"\x00scan\xff") == name
    assert store.put(b"another") != name


def test_what_was_dropped_or_never_put_is_not_found(store: BlobStore) -> None:
    name = store.put(b"scan")
    store.drop(name)
    store.drop(name)
    for wanted in (name, "0" * 64, "../../etc/passwd", "", name.upper()):
        with pytest.raises(NotFound):
            store.get(wanted)


def test_a_folder_holds_whole_files_only(tmp_path: Path) -> None:
    store = FolderBlobs(tmp_path / "blobs")
    names = {store.put(bytes([number])) for number in range(5)}
    files = [path for path in (tmp_path / "blobs").glob("*/*") if path.is_file()]
    assert {path.name for path in files} == names
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)


DAY = dt.timedelta(days=1)
SCAN = b"%PDF-1.7 \xe8\x90\xa5\xe4\xb8\x9a"


def test_what_is_sealed_is_got_as_it_was_under_a_name_that_tells_nothing(store: BlobStore) -> None:
    names = {store.put_sealed(SCAN), store.put_sealed(SCAN)}
    assert len(names) == 2
    assert name_of(SCAN) not in names
    assert [store.get(name) for name in names] == [SCAN, SCAN]


def test_what_is_given_again_or_marked_is_young_again(store: BlobStore, clock: SetClock) -> None:
    twice, marked, sealed, old = (
        store.put(b"1"), store.put(b"2"), store.put_sealed(b"3"), store.put(b"4"),
    )  # fmt: skip
    clock.advance(hours=25)
    before = clock.now() - DAY
    assert set(store.given_before(before)) == {twice, marked, sealed, old}
    # A sweep has made its list; now an upload brings the same content once more.
    store.put(b"1")
    store.mark(marked)
    assert [store.drop_if_before(name, before) for name in (twice, marked, sealed, old)] == [
        False,
        False,
        True,
        True,
    ]
    assert store.get(twice) == b"1"
    assert not set(store.given_before(before))


def test_no_sweep_falls_between_finding_a_file_and_marking_it(
    tmp_path: Path, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sweep waits for the upload that holds the folder, and then finds the file young."""
    store, sweeper = (FolderBlobs(tmp_path / "blobs", clock) for _ in range(2))
    name = store.put(SCAN)
    clock.advance(hours=25)
    before = clock.now() - DAY
    swept: list[bool] = []
    thread = threading.Thread(target=lambda: swept.append(sweeper.drop_if_before(name, before)))
    touch = FolderBlobs._touch

    def slowly(self: FolderBlobs, path: Path) -> None:
        thread.start()
        thread.join(timeout=0.2)
        assert not swept
        touch(self, path)

    monkeypatch.setattr(FolderBlobs, "_touch", slowly)
    store.put(SCAN)
    thread.join()
    assert swept == [False]
    assert store.get(name) == SCAN


class TestAtRest:
    def files(self, folder: Path) -> list[bytes]:
        return [path.read_bytes() for path in folder.glob("blobs/*/*")]

    def test_nothing_of_the_content_is_readable_and_no_file_opens_under_another_name(
        self, tmp_path: Path
    ) -> None:
        store = FolderBlobs(tmp_path / "blobs")
        one, two = store.put_sealed(SCAN), store.put_sealed(b"another")
        assert not any(b"PDF" in content for content in self.files(tmp_path))
        store._sealed(one).replace(store._sealed(two))
        with pytest.raises(InvalidTag):
            store.get(two)

    def test_plain_files_stay_readable_and_are_encrypted_in_place(self, tmp_path: Path) -> None:
        store = FolderBlobs(tmp_path / "blobs")
        name = store.put(SCAN)
        assert store.reseal(name)
        assert store.get(name) == SCAN
        assert not any(b"PDF" in content for content in self.files(tmp_path))
        assert not store.reseal(name)
        assert not store.reseal("0" * 64)

    def test_a_new_key_takes_over(self, tmp_path: Path) -> None:
        store = FolderBlobs(tmp_path / "blobs")
        name = store.put_sealed(SCAN)
        newer = ("new", b"n" * 32)
        crypto.install(dataclasses.replace(KEYRING, encryption=(newer, *KEYRING.encryption)))
        assert store.get(name) == SCAN
        assert store.reseal(name)
        assert not store.reseal(name)
        crypto.install(dataclasses.replace(KEYRING, encryption=(newer,)))
        assert store.get(name) == SCAN
