"""What one process knows of the words: the index, and what has changed since it was written."""

from __future__ import annotations

import threading
import time

from catalog.search.completion import Completion
from catalog.search.document import FOLLOWED, changed_documents
from catalog.search.guide_pages import GuidePage, guide, guide_documents
from catalog.search.indexes.port import DocKind, SearchIndex
from catalog.search.lexicon import KNOWN
from catalog.search.live_index import Corpus
from catalog.search.query_parser import Understood, understand
from catalog.search.spelling import Spelling
from catalog.search.title_index import Titles
from marketplace.kernel import changes
from marketplace.kernel.db import Database

POLL_SECONDS = 1.0
CHANGES_AT_ONCE = 500
BATCHES_AT_ONCE = 4


class Words:
    """Answers by words, a second behind the change log; a few when an import has filled it.

    A change is read from the database and kept in memory until the worker has written it into the
    index: no question waits for a disk, and every process sees it alike.
    """

    def __init__(
        self, index: SearchIndex, database: Database, *, poll_seconds: float = POLL_SECONDS
    ) -> None:
        """Read ``index`` and follow ``database``; nothing is read before the first question."""
        self._index = index
        self._database = database
        self._poll_seconds = poll_seconds
        self._lock = threading.Lock()
        self._looked_at = float("-inf")
        self._corpus: Corpus | None = None
        self._spelling = Spelling(())
        self._titles: dict[DocKind, Titles] = {}
        self._guide: list[GuidePage] = []

    def search(self, typed: str, *, kind: DocKind) -> Understood:
        """Return how the words are taken and the documents of ``kind`` that they find."""
        with self._lock:
            corpus = self._current()
            if corpus is None:
                return Understood.nothing(typed)
            return understand(corpus, self._spelling, typed, kind=kind)

    def pages(self, found: Understood, *, limit: int) -> list[GuidePage]:
        """Return the explaining pages that a search of kind ``GUIDE`` found, best first."""
        with self._lock:
            guide = self._guide
        return [guide[place] for place in found.hits.best(limit)]

    def complete(
        self,
        typed: str,
        *,
        kind: DocKind = DocKind.LISTING,
        lang: str = "zh-CN",
        limit: int = 8,
    ) -> list[Completion]:
        """Return ways to go on from ``typed``: those in ``lang`` first, then the likeliest."""
        with self._lock:
            corpus = self._current()
            if corpus is None:
                return []
            if kind not in self._titles:
                self._titles[kind] = Titles(corpus, kind)
            return self._titles[kind].complete(typed, lang=lang, limit=limit)

    def state(self) -> tuple[int, int] | None:
        """Return what tells this content from any other: the index's build and the log's number."""
        with self._lock:
            corpus = self._current()
            return (corpus.build, corpus.cursor) if corpus is not None else None

    def _current(self) -> Corpus | None:
        """Return the corpus, brought up to date when the last look is too long ago."""
        if self._corpus is None or time.monotonic() - self._looked_at >= self._poll_seconds:
            self._follow()
            self._looked_at = time.monotonic()
        return self._corpus

    def _follow(self) -> None:
        state = self._index.state
        if state is None:
            return
        build, written = state
        if self._corpus is None or self._corpus.build != build:
            with self._database.read() as session:
                self._guide = guide(session)
            pages = guide_documents(self._guide)
            self._corpus = Corpus(self._index, build, written, pages)
            self._learn(self._corpus)
        # After an import the log is long: whoever asks now waits for a part of it only.
        for _ in range(BATCHES_AT_ONCE):
            if not self._take_changes(self._corpus):
                break
        self._corpus.settle(written)

    def _take_changes(self, corpus: Corpus) -> bool:
        """Apply the next changes; tells whether there were any."""
        with self._database.read() as session:
            log = changes.since(
                session, corpus.cursor, kinds=tuple(FOLLOWED), limit=CHANGES_AT_ONCE
            )
            if not log:
                return False
            documents, gone = changed_documents(session, log)
        corpus.change(documents, gone=gone, cursor=log[-1].number or corpus.cursor)
        for kind in DocKind:
            titles = [title for one in documents if one.kind is kind for title in one.titles]
            for title in titles:
                self._spelling.learn(title.text)
            if titles and kind in self._titles:
                self._titles[kind].learn(titles)
        return True

    def _learn(self, corpus: Corpus) -> None:
        titles = {title.text for counts in corpus.titles.values() for title in counts}
        self._spelling = Spelling([*KNOWN, *sorted(titles)])
        self._titles = {}
