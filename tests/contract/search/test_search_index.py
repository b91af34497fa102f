"""What every search index does, shown on Whoosh, on both databases, and on the one in memory."""

from __future__ import annotations

import multiprocessing
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.search.indexes.memory_index import MemoryIndex
from catalog.search.indexes.port import DocKind, Document, SearchIndex, Title, What
from catalog.search.indexes.sql_index import SqlIndex
from catalog.search.indexes.whoosh_index import WhooshIndex

LISTING, ENTERPRISE = DocKind.LISTING, DocKind.ENTERPRISE
SPRING = Document(
    LISTING,
    3,
    "长白山温泉旅居馆 Birch Springs",
    "二道白河 Ji'an",
    "安静",
    (Title("长白山温泉旅居馆", "zh-CN", What.NAME), Title("Birch Springs", "en", What.NAME)),
)
CABIN = Document(LISTING, 7, "林间木屋", "集安 露水河", "离温泉两公里")
PLACE = Document(ENTERPRISE, 3, "五女峰国家森林公园 Wunüfeng", "集安市", "温泉")
ALL = [SPRING, CABIN, PLACE]


@pytest.fixture(params=["whoosh", "memory", "sqlite", "postgresql"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchIndex]:
    if request.param == "memory":
        yield MemoryIndex()
    elif request.param == "whoosh":
        whoosh = WhooshIndex(tmp_path / "index")
        yield whoosh
        whoosh.close()
    else:
        kind = "sqlite" if request.param == "sqlite" else "postgres"
        yield SqlIndex(request.getfixturevalue(f"{kind}_database"))


def having(index: SearchIndex, term: str, kind: DocKind = LISTING) -> dict[int, float]:
    """Return which documents hold a term, with what it counts in each."""
    found = index.postings([term, "nowhere"], kind=kind)
    assert found.keys() <= {term}
    if term not in found:
        return {}
    return dict(zip(found[term].ids.tolist(), found[term].scores.tolist(), strict=True))


class TestReading:
    @pytest.mark.parametrize(
        ("term", "counts"),
        [
            ("温泉", {3: 4, 7: 1}),
            ("泉", {3: 4, 7: 1}),
            ("木屋", {7: 4}),
            ("集安", {7: 2}),
            ("jian", {3: 2}),
            ("spring", {3: 4}),
            ("~wen'quan", {3: 4}),
            ("~quan", {3: 4}),
            ("~lu'shui", {7: 2}),
            ("海边", {}),
            ("泉旅居", {}),
        ],
    )
    def test_a_term_counts_by_where_it_stands(
        self, index: SearchIndex, term: str, counts: dict[int, float]
    ) -> None:
        index.rebuild(ALL, cursor=1)
        assert having(index, term) == counts

    def test_kinds_are_kept_apart(self, index: SearchIndex) -> None:
        index.rebuild(ALL, cursor=1)
        assert having(index, "wunufeng", ENTERPRISE) == {3: 4}
        assert having(index, "wunufeng") == {}
        assert having(index, "温泉", ENTERPRISE) == {3: 1}

    def test_many_terms_at_once_and_none(self, index: SearchIndex) -> None:
        index.rebuild(ALL, cursor=1)
        found = index.postings({"温泉", "木屋", "海边"}, kind=LISTING)
        assert found.keys() == {"温泉", "木屋"}
        assert index.postings([], kind=LISTING) == {}

    def test_documents_come_back_as_they_were_put_in(self, index: SearchIndex) -> None:
        index.rebuild(ALL, cursor=1)
        assert sorted(index.documents(), key=lambda one: (one.id, one.kind)) == [
            PLACE,
            SPRING,
            CABIN,
        ]

    def test_nothing_is_there_before_the_first_build(self, index: SearchIndex) -> None:
        assert index.state is None
        assert having(index, "温泉") == {}
        assert list(index.documents()) == []

    @pytest.mark.parametrize(
        "term", ["", "*", "a' OR 1=1 --", "\x00", "name:温泉", "\\", "😀", "温" * 5_000, "%", "_"]
    )
    def test_any_text_is_only_a_term(self, index: SearchIndex, term: str) -> None:
        index.rebuild(ALL, cursor=1)
        assert having(index, term) == {}


class TestChanging:
    def test_replaces_and_drops(self, index: SearchIndex) -> None:
        index.rebuild(ALL, cursor=1)
        moved = Document(LISTING, 7, "江边木屋", "珲春", "")
        index.update([moved], gone=[(LISTING, 3), (LISTING, 99)], cursor=5)
        assert having(index, "温泉") == {}
        assert having(index, "珲春") == {7: 2}
        assert having(index, "集安") == {}
        assert having(index, "集安", ENTERPRISE) == {3: 2}
        assert {document.id for document in index.documents() if document.kind is LISTING} == {7}
        assert index.state == (1, 5)

    def test_ignores_what_is_older_than_it_is(self, index: SearchIndex) -> None:
        index.rebuild(ALL, cursor=9)
        index.update([], gone=[(LISTING, 3)], cursor=9)
        assert having(index, "长白") == {3: 4}
        assert index.state == (1, 9)

    def test_an_update_before_the_first_build_does_nothing(self, index: SearchIndex) -> None:
        index.update([SPRING], gone=[], cursor=3)
        assert index.state is None
        assert having(index, "温泉") == {}

    def test_a_rebuild_forgets_what_was_there_and_counts_itself(self, index: SearchIndex) -> None:
        index.rebuild(ALL, cursor=4)
        index.rebuild([CABIN], cursor=2)
        assert having(index, "温泉") == {7: 1}
        assert having(index, "温泉", ENTERPRISE) == {}
        assert index.state == (2, 2)

    def test_a_long_life_leaves_what_a_rebuild_would(self, index: SearchIndex) -> None:
        """Comings, goings and changes, many times over, against a dictionary."""
        chance = random.Random(5)
        words = ["温泉", "木屋", "集安", "珲春", "安静", "spring", "lake"]
        truth: dict[int, Document] = {}
        index.rebuild([], cursor=1)
        for cursor in range(2, 30):
            fresh = [
                Document(LISTING, key, *(" ".join(chance.sample(words, 2)) for _ in range(3)))
                for key in chance.sample(range(12), k=chance.randrange(4))
            ]
            kept = {document.id for document in fresh}
            gone = [key for key in chance.sample(range(12), k=2) if key not in kept]
            index.update(fresh, gone=[(LISTING, key) for key in gone], cursor=cursor)
            for key in gone:
                truth.pop(key, None)
            truth.update({document.id: document for document in fresh})
        for term in words:
            expected = {key: document.terms().get(term) for key, document in truth.items()}
            assert having(index, term) == {key: n for key, n in expected.items() if n}
        assert {document.id: document for document in index.documents()} == truth


def _write_many(folder: Path, first: int) -> None:
    """Add ten documents, one at a time, as another process of the node."""
    index = WhooshIndex(folder)
    for number in range(first, first + 20, 2):
        document = Document(LISTING, number, "温泉", "", "")
        index.update([document], gone=[], cursor=10_000 + number)


class TestWhooshOnOneNode:
    def test_readers_of_other_processes_see_a_change(self, tmp_path: Path) -> None:
        writer, reader = WhooshIndex(tmp_path / "index"), WhooshIndex(tmp_path / "index")
        writer.rebuild(ALL, cursor=1)
        assert having(reader, "木屋") == {7: 4}
        writer.update([], gone=[(LISTING, 7)], cursor=2)
        assert having(reader, "木屋") == {}
        writer.rebuild(ALL, cursor=3)
        assert having(reader, "木屋") == {7: 4}
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
        assert index.state == (1, 10_119)
        assert 119 in having(index, "温泉")
        index.close()
