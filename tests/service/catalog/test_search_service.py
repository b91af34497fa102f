"""A process's words follow the change log, whether or not the index has been written."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from catalog.models import Enterprise, Listing
from catalog.search import refresh
from catalog.search.indexes.memory_index import MemoryIndex
from catalog.search.indexes.port import DocKind, Document
from catalog.search.indexes.sql_index import SqlIndex
from catalog.search.search_service import Words
from catalog.service import reinstate, suspend
from marketplace.kernel import audit, changes
from marketplace.kernel.clock import SetClock
from marketplace.kernel.db import Database
from marketplace.sample import load_sample

LISTING = DocKind.LISTING


@pytest.fixture
def full(directory: Database, clock: SetClock) -> Database:
    load_sample(directory, clock=clock, days=1)
    while changes.sequence(directory):
        pass
    return directory


@pytest.fixture
def index(full: Database) -> MemoryIndex:
    made = MemoryIndex()
    refresh.build(made, full)
    return made


def codes(words: Words, database: Database, typed: str) -> set[str]:
    found = words.search(typed, kind=LISTING).hits.ids.tolist()
    with database.read() as session:
        return set(session.scalars(sa.select(Listing.code).where(Listing.id.in_(found))))


def rename(database: Database, clock: SetClock, code: str, name: str) -> None:
    with database.write() as session:
        listing = session.scalars(sa.select(Listing).where(Listing.code == code)).one()
        listing.name_zh = name
        changes.record(session, changes.LISTING, listing.id, now=clock.now())
    changes.sequence(database)


def test_a_change_is_seen_before_the_index_is_written_and_after(
    full: Database, index: MemoryIndex, clock: SetClock
) -> None:
    words = Words(index, full, poll_seconds=0)
    assert codes(words, full, "海棠湖畔") == set()
    rename(full, clock, "SMP05A", "海棠湖畔长住")
    assert codes(words, full, "海棠湖畔") == {"SMP05A"}
    assert codes(words, full, "haitang") == {"SMP05A"}
    assert [one.text for one in words.complete("海棠")] == ["海棠湖畔长住"]
    before = index.state
    assert refresh.follow(index, full) == 1
    assert index.state != before
    assert codes(words, full, "海棠湖畔") == {"SMP05A"}
    rename(full, clock, "SMP05A", "江边长住")
    assert codes(words, full, "海棠湖畔") == set()
    assert words.complete("海棠") == []
    assert "SMP05A" in codes(words, full, "江边长住")


def test_the_index_alone_would_not_have_seen_it(
    full: Database, index: MemoryIndex, clock: SetClock
) -> None:
    words = Words(index, full, poll_seconds=3_600)
    assert codes(words, full, "海棠湖畔") == set()
    rename(full, clock, "SMP05A", "海棠湖畔长住")
    assert codes(words, full, "海棠湖畔") == set()


def test_a_suspension_leaves_and_comes_back(
    full: Database, index: MemoryIndex, clock: SetClock
) -> None:
    words = Words(index, full, poll_seconds=0)
    assert "SMP05A" in codes(words, full, "敬信")
    with full.read() as session:
        key = session.scalars(sa.select(Enterprise.id).where(Enterprise.code == "SMP05")).one()
    steps: list[Callable[..., None]] = [suspend, reinstate]
    for step in steps:
        more = {"reason": "查"} if step is suspend else {}
        with full.write() as session:
            step(session, enterprise_id=key, actor=audit.SYSTEM, now=clock.now(), **more)
        changes.sequence(full)
        there = "SMP05A" in codes(words, full, "敬信")
        assert there is (step is reinstate)
        refresh.follow(index, full)
        assert ("SMP05A" in codes(words, full, "敬信")) is there


def test_words_that_start_late_read_what_the_index_lacks(
    full: Database, index: MemoryIndex, clock: SetClock
) -> None:
    rename(full, clock, "SMP05A", "海棠湖畔长住")
    assert codes(Words(index, full), full, "海棠湖畔") == {"SMP05A"}


def test_a_rebuild_is_noticed(full: Database, index: MemoryIndex) -> None:
    words = Words(index, full, poll_seconds=0)
    assert codes(words, full, "敬信")
    with full.read() as session:
        last = changes.last_number(session)
    index.rebuild([Document(LISTING, 1, "孤零零", "", "")], cursor=last)
    assert codes(words, full, "敬信") == set()
    assert len(words.search("孤零零", kind=LISTING).hits) == 1


def test_before_the_first_build_nothing_is_found(full: Database) -> None:
    index = MemoryIndex()
    words = Words(index, full, poll_seconds=0)
    assert words.search("温泉", kind=LISTING).hits.ids.tolist() == []
    assert words.complete("温") == []
    refresh.build(index, full)
    assert codes(words, full, "温泉")


def test_a_question_asks_the_database_little(full: Database, index: MemoryIndex) -> None:
    """One look at the log a second; the SQL index reads its terms in few statements."""
    stored = SqlIndex(full)
    refresh.build(stored, full)
    for kind, most in ((index, 1), (stored, 8)):
        words = Words(kind, full, poll_seconds=0)
        words.search("温泉", kind=LISTING)
        sent: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            if statement != "BEGIN":
                sent.append(statement)  # noqa: B023 - read before the next turn

        sa.event.listen(full.read_engine, "before_cursor_execute", note)
        words.search("长白山温泉 电梯 wenqaun", kind=LISTING)
        sa.event.remove(full.read_engine, "before_cursor_execute", note)
        assert 1 <= len(sent) <= most
