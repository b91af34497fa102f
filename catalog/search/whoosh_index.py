"""The search index on Whoosh: a folder of this node, one writer under a lock, many readers.

The folder holds one sub-folder per build and ``state.json``, which names the current one. A reader
looks at that file before each search; it is replaced in one step after a change is complete.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import threading
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whoosh import fields, query, scoring
from whoosh.filedb.filestore import FileStorage
from whoosh.index import EmptyIndexError

from catalog.search.analysis import index_terms, query_terms
from catalog.search.base import DocKind, Document, Hit

WEIGHTS = {"name": 4.0, "place": 2.0, "body": 1.0}
"""How much a hit in each field counts."""
OPEN_TRIES = 3


def _schema() -> Any:
    # The terms are ours, joined by spaces: Whoosh only stores and counts them.
    terms = {name: fields.KEYWORD(scorable=True, lowercase=False) for name in WEIGHTS}
    return fields.Schema(key=fields.ID(unique=True, stored=True), kind=fields.ID(), **terms)


@dataclass(frozen=True, slots=True)
class _State:
    generation: int
    cursor: int
    folder: str


class WhooshIndex:
    """A ``SearchIndex`` in a folder of the local disk."""

    def __init__(self, folder: Path) -> None:
        """Use ``folder``; it is made when something is first written."""
        self._folder = folder
        self._guard = threading.Lock()
        self._open: tuple[_State, Any, Any] | None = None
        self._pid = os.getpid()

    # ------------------------------------------------------------ port

    def rebuild(self, documents: Iterable[Document], *, cursor: int) -> None:
        """Build a new sub-folder, switch to it, and remove the old ones."""
        with self._writing():
            before = self._state()
            generation = before.generation + 1 if before else 1
            name = f"build-{generation}"
            target = self._folder / name
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir()
            storage = FileStorage(str(target))
            index = storage.create_index(_schema())
            self._write(index, documents, gone=(), fresh=True)
            index.close()
            self._switch(_State(generation, cursor, name))
            for old in self._folder.glob("build-*"):
                if old.name != name:
                    shutil.rmtree(old, ignore_errors=True)

    def update(
        self, documents: Iterable[Document], *, gone: Collection[tuple[DocKind, int]], cursor: int
    ) -> None:
        """Change the current build in place; readers move to it with their next search."""
        with self._writing():
            state = self._state()
            if state is None or state.cursor >= cursor:
                return
            index = FileStorage(str(self._folder / state.folder)).open_index()
            self._write(index, documents, gone=gone, fresh=False)
            index.close()
            self._switch(_State(state.generation + 1, cursor, state.folder))

    def search(self, words: str, *, kind: DocKind, limit: int | None = None) -> list[Hit]:
        """Return the documents of ``kind`` that hold all of ``words``, best first."""
        terms = query_terms(words)
        if not terms:
            return []
        wanted = query.And([_anywhere(term) for term in terms])
        with self._guard:
            searcher = self._searcher()
            if searcher is None:
                return []
            found = searcher.search(
                wanted, filter=query.Term("kind", kind.value), limit=limit, optimize=False
            )
            hits = [Hit(int(hit["key"].partition(":")[2]), float(hit.score)) for hit in found]
        return sorted(hits, key=lambda hit: (-hit.score, hit.id))

    @property
    def cursor(self) -> int | None:
        """The change-log number the content is true for."""
        state = self._state()
        return state.cursor if state else None

    @property
    def generation(self) -> int:
        """Grows with every change."""
        state = self._state()
        return state.generation if state else 0

    def close(self) -> None:
        """Let go of open files."""
        with self._guard:
            self._forget()

    # ------------------------------------------------------------ writing

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Be the only writer on this node."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _write(
        self,
        index: Any,
        documents: Iterable[Document],
        *,
        gone: Collection[tuple[DocKind, int]],
        fresh: bool,
    ) -> None:
        writer = index.writer(limitmb=64)
        for kind, key in gone:
            writer.delete_by_term("key", f"{kind.value}:{key}")
        put = writer.add_document if fresh else writer.update_document
        for document in documents:
            put(
                key=f"{document.kind.value}:{document.id}",
                kind=document.kind.value,
                **{name: " ".join(index_terms(getattr(document, name))) for name in WEIGHTS},
            )
        writer.commit()

    def _switch(self, state: _State) -> None:
        fresh = self._folder / "state.json.new"
        fresh.write_text(
            json.dumps(
                {"generation": state.generation, "cursor": state.cursor, "folder": state.folder}
            )
        )
        fresh.replace(self._folder / "state.json")

    # ------------------------------------------------------------ reading

    def _state(self) -> _State | None:
        try:
            return _State(**json.loads((self._folder / "state.json").read_text()))
        except FileNotFoundError:
            return None

    def _searcher(self) -> Any | None:
        """Return a searcher over the current content, opening a new one when it has changed."""
        if self._pid != os.getpid():
            # After a fork the files belong to the parent.
            self._open, self._pid = None, os.getpid()
        for _ in range(OPEN_TRIES):
            state = self._state()
            if state is None:
                return None
            if self._open is not None and self._open[0] == state:
                return self._open[2]
            # A build may be removed between reading its name and opening it; then look again.
            with suppress(FileNotFoundError, EmptyIndexError):
                index = FileStorage(str(self._folder / state.folder)).open_index()
                searcher = index.searcher(weighting=scoring.BM25F())
                self._forget()
                self._open = (state, index, searcher)
                return searcher
        return None

    def _forget(self) -> None:
        if self._open is not None:
            _state, index, searcher = self._open
            searcher.close()
            index.close()
            self._open = None


def _anywhere(term: str) -> Any:
    return query.Or([query.Term(name, term, boost=weight) for name, weight in WEIGHTS.items()])
