"""What every blob store does: the folder of an installation, and the one in memory for tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from marketplace.kernel.blobs import BlobStore, FolderBlobs, name_of
from marketplace.kernel.errors import NotFound
from tests.support.blobs import MemoryBlobs


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    return FolderBlobs(tmp_path / "blobs") if request.param == "folder" else MemoryBlobs()


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
    files = [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]
    assert {path.name for path in files} == names
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)
