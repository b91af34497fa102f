"""The index follows the change log."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from catalog.models import Enterprise, Listing
from catalog.search import refresh
from catalog.search.indexes.memory_index import MemoryIndex
from catalog.search.indexes.port import DocKind, SearchIndex
from catalog.search.indexes.whoosh_index import WhooshIndex
from catalog.search.search_service import Words
from catalog.service import reinstate, suspend
from marketplace.kernel import audit, changes
from marketplace.kernel.clock import SetClock
from marketplace.kernel.db import Database
from marketplace.sample import load_sample


@pytest.fixture
def full(directory: Database, clock: SetClock) -> Database:
    load_sample(directory, clock=clock, days=2)
    while changes.sequence(directory):
        pass
    return directory


def codes(database: Database, index: SearchIndex, words: str) -> set[str]:
    hits = Words(index, database).search(words, kind=DocKind.LISTING).hits.ids.tolist()
    with database.read() as session:
        return set(session.scalars(sa.select(Listing.code).where(Listing.id.in_(hits))))


def test_the_whole_directory_is_found_by_name(full: Database, tmp_path: Path) -> None:
    index = WhooshIndex(tmp_path / "index")
    assert refresh.build(index, full) == 122 + 22
    with full.read() as session:
        real = session.execute(
            sa.select(Enterprise.id, Enterprise.name_zh).where(Enterprise.is_sample.is_(False))
        ).all()
    words = Words(index, full)
    for key, name in real:
        hits = words.search(name, kind=DocKind.ENTERPRISE).hits
        assert key in hits.best(3), name
    index.close()


def test_sample_stays_are_found_by_what_they_offer(full: Database) -> None:
    index = MemoryIndex()
    refresh.build(index, full)
    assert "SMP01A" in codes(full, index, "北坡 温泉 电梯")
    assert "SMP01B" not in codes(full, index, "北坡 温泉 电梯")
    assert codes(full, index, "长白山西站") == {"SMP03A", "SMP03B", "SMP04A", "SMP13A"}
    assert "SMP12A" in codes(full, index, "Longjing hot spring")


def test_a_suspension_leaves_the_index_and_comes_back(full: Database, clock: SetClock) -> None:
    index = MemoryIndex()
    refresh.follow(index, full)
    assert "SMP05A" in codes(full, index, "敬信")
    with full.read() as session:
        key = session.scalars(sa.select(Enterprise.id).where(Enterprise.code == "SMP05")).one()
    with full.write() as session:
        suspend(session, enterprise_id=key, reason="查", actor=audit.SYSTEM, now=clock.now())
    assert refresh.follow(index, full) == 0, "what has no number yet is not read"
    changes.sequence(full)
    assert refresh.follow(index, full) == 2, "the entry and its listing"
    assert "SMP05A" not in codes(full, index, "敬信")
    with full.write() as session:
        reinstate(session, enterprise_id=key, actor=audit.SYSTEM, now=clock.now())
    changes.sequence(full)
    assert refresh.follow(index, full) == 2
    assert "SMP05A" in codes(full, index, "敬信")
    assert refresh.follow(index, full) == 0


def test_an_index_ahead_of_a_restored_database_is_built_anew(full: Database) -> None:
    index = MemoryIndex()
    with full.read() as session:
        last = changes.last_number(session)
    index.rebuild([], cursor=last + 1_000)
    assert refresh.follow(index, full) > 0
    assert index.state == (2, last)
    assert "SMP05A" in codes(full, index, "敬信")
