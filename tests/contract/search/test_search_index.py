"""What every search index does, shown on Whoosh and on the one in memory."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.search.base import DocKind, Document, SearchIndex
from catalog.search.whoosh_index import WhooshIndex
from tests.support.memory_index import MemoryIndex

SPRING = Document(DocKind.LISTING, 3, "长白山温泉旅居馆 Birch Springs", "二道白河 Ji'an", "安静")
CABIN = Document(DocKind.LISTING, 7, "林间木屋", "集安 露水河", "离温泉两公里")
PLACE = Document(DocKind.ENTERPRISE, 3, "五女峰国家森林公园 Wunüfeng", "集安市", "温泉")
ALL = [SPRING, CABIN, PLACE]


@pytest.fixture(params=["whoosh", "memory"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchIndex]:
    if request.param == "memory":
        yield MemoryIndex()
        return
    whoosh = WhooshIndex(tmp_path / "index")
    yield whoosh
    whoosh.close()


def found(index: SearchIndex, words: str, kind: DocKind = DocKind.LISTING) -> list[int]:
    return [hit.id for hit in index.search(words, kind=kind)]


class TestSearching:
    @pytest.mark.parametrize(
        ("words", "ids"),
        [
            ("温泉", [3, 7]),
            ("温泉 木屋", [7]),
            ("木屋集安", [7]),
            ("长白山温泉", [3]),
            ("泉", [3, 7]),
            ("溫泉", [3, 7]),
            ("\uff22\uff29\uff32\uff23\uff28", [3]),
            ("springs", [3]),
            ("spring", [3]),
            ("jian", [3]),
            ("泉温", []),
            ("海边", []),
        ],
    )
    def test_finds_all_words_and_the_name_first(
        self, index: SearchIndex, words: str, ids: list[int]
    ) -> None:
        index.rebuild(ALL, cursor=1)
        assert found(index, words) == ids

    def test_keeps_kinds_apart(self, index: SearchIndex) -> None:
        index.rebuild(ALL, cursor=1)
        assert found(index, "wunufeng", DocKind.ENTERPRISE) == [3]
        assert found(index, "wunufeng") == []

    def test_gives_no_more_than_asked(self, index: SearchIndex) -> None:
        index.rebuild(ALL, cursor=1)
        assert len(index.search("温泉", kind=DocKind.LISTING, limit=1)) == 1

    def test_finds_nothing_before_the_first_build(self, index: SearchIndex) -> None:
        assert found(index, "温泉") == []
        assert index.cursor is None

    @pytest.mark.parametrize(
        "words",
        ["", "  ", "\x00\x07", "😀😀", "*:*", 'name:"温', "AND OR NOT", "(((", "a" * 100_000,
         "温" * 9_999, "\ud800", "\u202e温泉*", "key:listing", "[a TO z]", "温泉^9999"],
    )  # fmt: skip
    def test_takes_anything_as_words(self, index: SearchIndex, words: str) -> None:
        index.rebuild(ALL, cursor=1)
        assert set(found(index, words)) <= {3, 7}

    @settings(
        max_examples=60,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(words=st.text(max_size=60))
    def test_never_raises(self, index: SearchIndex, words: str) -> None:
        if index.cursor is None:
            index.rebuild(ALL, cursor=1)
        found(index, words)


class TestChanging:
    def test_replaces_and_drops(self, index: SearchIndex) -> None:
        index.rebuild(ALL, cursor=1)
        moved = Document(DocKind.LISTING, 7, "江边木屋", "珲春", "")
        index.update([moved], gone=[(DocKind.LISTING, 3)], cursor=5)
        assert found(index, "温泉") == []
        assert found(index, "珲春木屋") == [7]
        assert found(index, "集安", DocKind.ENTERPRISE) == [3]
        assert index.cursor == 5

    def test_ignores_what_is_older_than_it_is(self, index: SearchIndex) -> None:
        index.rebuild(ALL, cursor=9)
        before = index.generation
        index.update([], gone=[(DocKind.LISTING, 3)], cursor=9)
        assert found(index, "长白山") == [3]
        assert (index.cursor, index.generation) == (9, before)

    def test_every_change_is_a_new_generation(self, index: SearchIndex) -> None:
        seen = [index.generation]
        index.rebuild(ALL, cursor=1)
        seen.append(index.generation)
        index.update([CABIN], gone=[], cursor=2)
        seen.append(index.generation)
        index.rebuild([], cursor=3)
        seen.append(index.generation)
        assert seen == sorted(set(seen))

    def test_a_rebuild_forgets_what_was_there(self, index: SearchIndex) -> None:
        index.rebuild(ALL, cursor=1)
        assert found(index, "温泉") == [3, 7]
        index.rebuild([CABIN], cursor=2)
        assert found(index, "温泉") == [7]


def _write_many(folder: Path, first: int) -> None:
    """Add ten documents, one at a time, as another process of the node."""
    index = WhooshIndex(folder)
    for number in range(first, first + 20, 2):
        document = Document(DocKind.LISTING, number, "温泉", "", "")
        index.update([document], gone=[], cursor=10_000 + number)


class TestWhooshOnOneNode:
    def test_readers_of_other_processes_see_a_change(self, tmp_path: Path) -> None:
        writer, reader = WhooshIndex(tmp_path / "index"), WhooshIndex(tmp_path / "index")
        writer.rebuild(ALL, cursor=1)
        assert found(reader, "木屋") == [7]
        writer.update([], gone=[(DocKind.LISTING, 7)], cursor=2)
        assert found(reader, "木屋") == []
        writer.rebuild(ALL, cursor=3)
        assert found(reader, "木屋") == [7]
        writer.close()
        reader.close()

    def test_old_builds_are_removed(self, tmp_path: Path) -> None:
        index = WhooshIndex(tmp_path / "index")
        for cursor in range(3):
            index.rebuild(ALL, cursor=cursor)
        assert len(list((tmp_path / "index").glob("build-*"))) == 1

    def test_writers_take_turns(self, tmp_path: Path) -> None:
        folder = tmp_path / "index"
        index = WhooshIndex(folder)
        index.rebuild([], cursor=0)
        spawn = multiprocessing.get_context("spawn")
        writers = [spawn.Process(target=_write_many, args=(folder, first)) for first in (100, 101)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join(60)
        assert [writer.exitcode for writer in writers] == [0, 0]
        # A cursor never goes back, so which of the two is ahead decides what the other still adds;
        # what was written with the highest cursor is there, and nothing is damaged.
        assert index.cursor == 10_119
        assert 119 in found(index, "温泉")
        index.close()
