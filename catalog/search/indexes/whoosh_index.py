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
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from whoosh import columns, fields, formats
from whoosh.filedb.filestore import FileStorage
from whoosh.index import EmptyIndexError
from whoosh.reading import TermNotFound

from catalog.search.indexes.port import FORM, WEIGHTS, DocKind, Document, Hits, Ids, merged

OPEN_TRIES = 3
WRITER_MEGABYTES = 128
MOST_KEPT = 4_000
"""Lists of postings that a process keeps; a term of a name takes up a few hundred bytes."""
_KINDS = tuple(DocKind)


class _Terms(fields.FieldType):
    """Terms that are taken as they come: Whoosh only keeps where they stand."""

    def __init__(self) -> None:
        # Only scorable fields have lengths; without, Whoosh looks for their file at each term.
        super().__init__(formats.Existence(), None, scorable=True)

    def index(self, value: set[str], **_: object) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Return each term as Whoosh writes it: its bytes, once, unweighted, no more to say."""
        return ((term.encode(), 1, 1.0, b"") for term in value)


def _schema() -> Any:
    terms = {name: _Terms() for name in WEIGHTS}
    return fields.Schema(
        key=fields.ID(unique=True),
        number=fields.COLUMN(columns.NumericColumn("q")),
        document=fields.STORED(),
        **terms,
    )


def _number(kind: DocKind, key: int) -> int:
    return key * len(_KINDS) + _KINDS.index(kind)


@dataclass(frozen=True, slots=True)
class _State:
    build: int
    cursor: int
    change: int
    """Counts the changes of the build's files."""
    folder: str
    form: int = FORM


@dataclass(frozen=True, slots=True)
class _Segment:
    """A part of the index that never changes but for the documents dropped from it."""

    reader: Any
    name: str
    ids: Ids
    """Which document each of Whoosh's own document numbers is."""
    kinds: npt.NDArray[np.int8]
    """Its kind, by its place among the kinds."""
    alive: npt.NDArray[np.bool_]
    """Whether it is still there."""
    shrunk: bool
    """Whether any was dropped."""


@dataclass(frozen=True, slots=True)
class _Found:
    """Where a term stands in a segment, by rising id, dropped documents included."""

    places: Ids
    """Whoosh's own document numbers."""
    hits: Hits


class WhooshIndex:
    """A ``SearchIndex`` in a folder of the local disk."""

    def __init__(self, folder: Path) -> None:
        """Use ``folder``; it is made when something is first written."""
        self._folder = folder
        self._guard = threading.Lock()
        self._open: tuple[_State, Any, list[_Segment]] | None = None
        self._kept: OrderedDict[tuple[str, str], _Found] = OrderedDict()
        """(segment, term) to where it stands."""
        self._pid = os.getpid()

    # ------------------------------------------------------------ port

    def rebuild(self, documents: Iterable[Document], *, cursor: int) -> None:
        """Build a new sub-folder, switch to it, and remove the old ones."""
        with self._writing():
            before = self._read_state()
            build = before.build + 1 if before else 1
            name = f"build-{build}"
            target = self._folder / name
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir()
            index = FileStorage(str(target)).create_index(_schema())
            self._write(index, documents, gone=(), fresh=True)
            index.close()
            self._switch(_State(build, cursor, 0, name))
            for old in self._folder.glob("build-*"):
                if old.name != name:
                    shutil.rmtree(old, ignore_errors=True)

    def update(
        self, documents: Iterable[Document], *, gone: Collection[tuple[DocKind, int]], cursor: int
    ) -> None:
        """Change the current build in place; readers move to it with their next search."""
        with self._writing():
            state = self._read_state()
            if state is None or state.cursor >= cursor:
                return
            index = FileStorage(str(self._folder / state.folder)).open_index()
            self._write(index, documents, gone=gone, fresh=False)
            index.close()
            self._switch(_State(state.build, cursor, state.change + 1, state.folder))

    def postings(self, terms: Collection[str], *, kind: DocKind) -> dict[str, Hits]:
        """Return the documents of ``kind`` that hold each term."""
        found = {}
        with self._guard:
            segments = self._segments()
            for term in dict.fromkeys(terms):
                hits = self._hits(segments, term, _KINDS.index(kind))
                if len(hits):
                    found[term] = hits
        return found

    def documents(self) -> Iterator[Document]:
        """Return every document, read at once."""
        with self._guard:
            kept = [
                segment.reader.stored_fields(place)["document"]
                for segment in self._segments()
                for place in np.flatnonzero(segment.alive).tolist()
            ]
        return (Document.restored(json.loads(one)) for one in kept)

    @property
    def state(self) -> tuple[int, int] | None:
        """The number of the rebuild and the change-log number."""
        state = self._read_state()
        return (state.build, state.cursor) if state else None

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
        writer = index.writer(limitmb=WRITER_MEGABYTES)
        for kind, key in gone:
            writer.delete_by_term("key", str(_number(kind, key)))
        put = writer.add_document if fresh else writer.update_document
        for document in documents:
            number = _number(document.kind, document.id)
            put(
                key=str(number),
                number=number,
                document=json.dumps(document.stored(), ensure_ascii=False),
                **document.terms_by_field(),
            )
        writer.commit()

    def _switch(self, state: _State) -> None:
        fresh = self._folder / "state.json.new"
        fresh.write_text(json.dumps({name: getattr(state, name) for name in state.__slots__}))
        fresh.replace(self._folder / "state.json")

    # ------------------------------------------------------------ reading

    def _read_state(self) -> _State | None:
        try:
            kept = json.loads((self._folder / "state.json").read_text())
        except FileNotFoundError:
            return None
        return _State(**kept) if kept.get("form") == FORM else None

    def _segments(self) -> list[_Segment]:
        """Return the current content, opened anew when it has changed."""
        if self._pid != os.getpid():
            # After a fork the files belong to the parent.
            self._open, self._pid = None, os.getpid()
        for _ in range(OPEN_TRIES):
            state = self._read_state()
            if state is None:
                return []
            if self._open is not None and self._open[0] == state:
                return self._open[2]
            # A build may be removed between reading its name and opening it; then look again.
            with suppress(FileNotFoundError, EmptyIndexError):
                index = FileStorage(str(self._folder / state.folder)).open_index()
                leaves = [leaf for leaf, _ in index.reader().leaf_readers()]
                # An index without a document has a reader that knows no columns.
                segments = [_segment(leaf) for leaf in leaves if leaf.doc_count_all()]
                self._forget()
                self._open = (state, index, segments)
                return segments
        return []

    def _forget(self) -> None:
        if self._open is not None:
            _state, index, segments = self._open
            for segment in segments:
                segment.reader.close()
            index.close()
            self._open = None

    def _hits(self, segments: list[_Segment], term: str, kind: int) -> Hits:
        parts = []
        for segment in segments:
            found = self._places(segment, term)
            mine = segment.kinds[found.places] == kind
            if segment.shrunk:
                mine &= segment.alive[found.places]
            parts.append(found.hits if mine.all() else found.hits.where(mine))
        return merged(parts)

    def _places(self, segment: _Segment, term: str) -> _Found:
        """Return where a term stands in a segment, and what it counts there; kept for next time."""
        wanted = (segment.name, term)
        if wanted not in self._kept:
            self._kept[wanted] = _read_places(segment, term)
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(wanted)
        return self._kept[wanted]


def _segment(reader: Any) -> _Segment:
    numbers = np.fromiter(reader.column_reader("number"), np.int64, reader.doc_count_all())
    alive = np.ones(len(numbers), np.bool_)
    dropped = list(reader.segment().deleted_docs())
    alive[dropped] = False
    return _Segment(
        reader=reader,
        name=reader.segment().segment_id(),
        ids=numbers // len(_KINDS),
        kinds=(numbers % len(_KINDS)).astype(np.int8),
        alive=alive,
        shrunk=bool(dropped),
    )


def _read_places(segment: _Segment, term: str) -> _Found:
    weights = np.zeros(len(segment.ids), np.float32)
    for name, weight in WEIGHTS.items():
        with suppress(TermNotFound):
            matcher = segment.reader.postings(name, term)
            weights[np.fromiter(matcher.all_ids(), np.int64)] += weight
    places = np.flatnonzero(weights)
    places = places[np.argsort(segment.ids[places], kind="stable")]
    return _Found(places, Hits(segment.ids[places], weights[places]))
