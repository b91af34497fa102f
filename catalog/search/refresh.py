"""Keeping an index true: built once from everything, then led by the change log."""

from __future__ import annotations

from catalog.search.document import FOLLOWED, all_documents, changed_documents
from catalog.search.indexes.port import SearchIndex
from marketplace.kernel import changes
from marketplace.kernel.db import Database

AT_ONCE = 500


def build(index: SearchIndex, database: Database) -> int:
    """Build the index anew from one snapshot; returns how many documents it holds."""
    with database.read() as session:
        cursor = changes.last_number(session)
        documents = all_documents(session)
    index.rebuild(documents, cursor=cursor)
    return len(documents)


def follow(index: SearchIndex, database: Database) -> int:
    """Apply what changed since the index was last true; returns how many changes there were.

    Safe to run from several processes at once: applying a change again changes nothing, and an
    older cursor never overwrites a newer one.
    """
    applied = 0
    while True:
        state = index.state
        if state is None:
            return build(index, database)
        _build, cursor = state
        with database.read() as session:
            log = changes.since(session, cursor, kinds=tuple(FOLLOWED), limit=AT_ONCE)
            restored = changes.is_restored(session, cursor, log)
            documents, gone = ([], []) if restored else changed_documents(session, log)
        if restored:
            return build(index, database)
        if not log:
            return applied
        index.update(documents, gone=gone, cursor=max(change.number or 0 for change in log))
        applied += len(log)
