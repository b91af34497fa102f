"""The search index in the memory of one process.

It holds what has changed since an index on disk was written, and serves tests that need no disk.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import numpy as np

from catalog.search.indexes.port import DocKind, Document, Hits

Key = tuple[DocKind, int]


class MemoryIndex:
    """A ``SearchIndex`` that forgets everything with the process."""

    def __init__(self) -> None:
        """Begin empty and unbuilt."""
        self._documents: dict[Key, Document] = {}
        self._weights: dict[Key, dict[str, int]] = {}
        self._having: dict[str, set[Key]] = {}
        self._state: tuple[int, int] | None = None

    def rebuild(self, documents: Iterable[Document], *, cursor: int) -> None:
        """Forget what was there and put ``documents``."""
        self._documents, self._weights, self._having = {}, {}, {}
        for document in documents:
            self._put(document)
        self._state = (self._state[0] + 1 if self._state else 1, cursor)

    def update(self, documents: Iterable[Document], *, gone: Collection[Key], cursor: int) -> None:
        """Change some documents; does nothing when ``cursor`` is old."""
        if self._state is None or self._state[1] >= cursor:
            return
        for key in gone:
            self._drop(key)
        for document in documents:
            self._put(document)
        self._state = (self._state[0], cursor)

    def postings(self, terms: Collection[str], *, kind: DocKind) -> dict[str, Hits]:
        """Return the documents of ``kind`` that hold each term."""
        found = {}
        for term in terms:
            keys = sorted(key for own, key in self._having.get(term, ()) if own is kind)
            if keys:
                weights = [self._weights[kind, key][term] for key in keys]
                found[term] = Hits(np.array(keys, np.int64), np.array(weights, np.float32))
        return found

    def documents(self) -> Iterator[Document]:
        """Return every document."""
        return iter(list(self._documents.values()))

    @property
    def state(self) -> tuple[int, int] | None:
        """The number of the rebuild and the change-log number."""
        return self._state

    def _put(self, document: Document) -> None:
        key = (document.kind, document.id)
        self._drop(key)
        self._documents[key] = document
        self._weights[key] = document.terms()
        for term in self._weights[key]:
            self._having.setdefault(term, set()).add(key)

    def _drop(self, key: Key) -> None:
        self._documents.pop(key, None)
        for term in self._weights.pop(key, ()):
            self._having[term].discard(key)
