"""A search index in memory, for tests that need one and not Whoosh."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from catalog.search.analysis import index_terms, query_terms
from catalog.search.base import DocKind, Document, Hit

WEIGHTS = {"name": 4.0, "place": 2.0, "body": 1.0}


class MemoryIndex:
    """A ``SearchIndex`` that forgets everything with the process."""

    def __init__(self) -> None:
        self._terms: dict[tuple[DocKind, int], Counter[str]] = {}
        self.cursor: int | None = None
        self.generation = 0

    def rebuild(self, documents: Iterable[Document], *, cursor: int) -> None:
        self._terms = {}
        self._put(documents)
        self.cursor = cursor
        self.generation += 1

    def update(
        self, documents: Iterable[Document], *, gone: Collection[tuple[DocKind, int]], cursor: int
    ) -> None:
        if self.cursor is None or self.cursor >= cursor:
            return
        for key in gone:
            self._terms.pop(key, None)
        self._put(documents)
        self.cursor = cursor
        self.generation += 1

    def search(self, words: str, *, kind: DocKind, limit: int | None = None) -> list[Hit]:
        wanted = query_terms(words)
        if not wanted:
            return []
        hits = [
            Hit(key, sum(terms[term] for term in wanted))
            for (own, key), terms in self._terms.items()
            if own is kind and all(terms[term] for term in wanted)
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.id))[:limit]

    def _put(self, documents: Iterable[Document]) -> None:
        for document in documents:
            terms: Counter[str] = Counter()
            for field, weight in WEIGHTS.items():
                for term in index_terms(getattr(document, field)):
                    terms[term] += int(weight)
            self._terms[document.kind, document.id] = terms
