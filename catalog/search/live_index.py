"""The documents as one process searches them: the index, corrected by what changed since."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from catalog.search.analysis import OTHER_SOUND, SOUND, is_latin, pairs, stem
from catalog.search.indexes.memory_index import MemoryIndex
from catalog.search.indexes.port import DocKind, Document, Hits, Ids, SearchIndex, Title, merged

LONGEST_PAIR = 2
DENSE = 64
"""So many times more ids than documents still make a table of them worth while."""
Key = tuple[DocKind, int]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that stand together: a document must hold all terms, and ``text`` as it stands."""

    terms: tuple[str, ...]
    text: str = ""
    """Empty where the terms alone say it."""

    @classmethod
    def of(cls, run: str) -> Phrase:
        """Return what a run of characters asks for."""
        if is_latin(run):
            return cls((stem(run),))
        # Two pairs may stand apart where three characters must not.
        return cls(tuple(pairs(run)), run if len(run) > LONGEST_PAIR else "")


@dataclass(frozen=True, slots=True)
class Entry:
    """What is kept in memory of a document."""

    text: str
    titles: tuple[Title, ...]


class Corpus:
    """All documents of one build of an index."""

    def __init__(
        self, index: SearchIndex, build: int, cursor: int, guide: Iterable[Document] = ()
    ) -> None:
        """Read everything that ``index`` holds; it is true for ``cursor`` at least.

        ``guide`` are the pages that explain something: few, and in no index.
        """
        self.build = build
        self.cursor = cursor
        """The change-log number up to which this is true."""
        self.entries: dict[DocKind, dict[int, Entry]] = {kind: {} for kind in DocKind}
        self.titles: dict[DocKind, Counter[Title]] = {kind: Counter() for kind in DocKind}
        """How many documents have each title."""
        self._index = index
        self._changed = MemoryIndex()
        self._changed.rebuild((), cursor=0)
        self._stale: dict[Key, int] = {}
        """Documents whose truth is in ``_changed``, with the number of their last change."""
        self._revision = 0
        pages = list(guide)
        self._guide = MemoryIndex()
        self._guide.rebuild(pages, cursor=0)
        for document in (*index.documents(), *pages):
            self._keep(document)

    def change(self, documents: Iterable[Document], *, gone: Collection[Key], cursor: int) -> None:
        """Take over what changed up to ``cursor``."""
        fresh = list(documents)
        for kind, key in gone:
            self._drop(kind, key)
        for document in fresh:
            self._keep(document)
        for changed in [*gone, *((document.kind, document.id) for document in fresh)]:
            self._stale[changed] = cursor
        self._overlay(fresh, gone)
        self.cursor = cursor

    def settle(self, written: int) -> None:
        """Let the index speak again for what it was told up to change ``written``."""
        settled = [key for key, number in self._stale.items() if number <= written]
        for key in settled:
            del self._stale[key]
        if settled:
            self._overlay((), settled)

    def postings(self, terms: Collection[str], kind: DocKind) -> dict[str, Hits]:
        """Return the documents of ``kind`` that hold each term."""
        if kind is DocKind.GUIDE:
            return self._guide.postings(terms, kind=kind)
        found = self._index.postings(terms, kind=kind)
        stale = [key for own, key in self._stale if own is kind]
        if not stale:
            return found
        changed = self._changed.postings(terms, kind=kind)
        dropped, none = np.array(stale, np.int64), Hits.none()
        return {
            term: merged([_without(found.get(term, none), dropped), changed.get(term, none)])
            for term in found.keys() | changed.keys()
        }

    def _keep(self, document: Document) -> None:
        self._drop(document.kind, document.id)
        self.entries[document.kind][document.id] = Entry(document.text(), document.titles)
        self.titles[document.kind].update(document.titles)

    def _drop(self, kind: DocKind, key: int) -> None:
        entry = self.entries[kind].pop(key, None)
        if entry is not None:
            self.titles[kind].subtract(entry.titles)

    def _overlay(self, documents: Iterable[Document], gone: Collection[Key]) -> None:
        self._revision += 1
        self._changed.update(documents, gone=gone, cursor=self._revision)


class Lookup:
    """Finds phrases among the documents of one kind, reading each term once."""

    def __init__(self, corpus: Corpus, kind: DocKind) -> None:
        """Look in ``corpus`` for documents of ``kind``."""
        self._corpus = corpus
        self._kind = kind
        self._terms: dict[str, Hits] = {}
        self._none = Hits.none()

    def fetch(self, phrases: Iterable[Phrase]) -> None:
        """Read the terms of several phrases at once."""
        wanted = {term for phrase in phrases for term in phrase.terms} - self._terms.keys()
        if wanted:
            # Where another reading of one character is meant, the next may have its usual one.
            usual = {term: SOUND + term[1:] for term in wanted if term.startswith(OTHER_SOUND)}
            found = self._corpus.postings(wanted | set(usual.values()), self._kind)
            for term in wanted:
                parts = [found.get(term, self._none), found.get(usual.get(term, ""), self._none)]
                self._terms[term] = either(parts)

    def text(self, key: int) -> str:
        """Return the words of a document in the form that words are looked for in."""
        return self._corpus.entries[self._kind][key].text

    def hits(self, phrases: Sequence[Phrase]) -> Hits:
        """Return the documents that hold all of ``phrases``; rarer and weightier words score."""
        self.fetch(phrases)
        return together([self._one(phrase) for phrase in phrases])

    def _one(self, phrase: Phrase) -> Hits:
        lists = sorted((self._terms[term] for term in phrase.terms), key=len)
        found = lists[0] if lists else self._none
        for other in lists[1:]:
            found = _common(found, other, np.minimum)
        if phrase.text:
            entries = self._corpus.entries[self._kind]
            keep = np.array(
                [key in entries and phrase.text in entries[key].text for key in found.ids.tolist()],
                np.bool_,
            )
            found = found.where(keep)
        rarity = math.log(1 + len(self._corpus.entries[self._kind]) / max(1, len(found)))
        return Hits(found.ids, found.scores * np.float32(rarity))


def together(parts: Sequence[Hits]) -> Hits:
    """Return what is in all of ``parts``, with the sum of the scores."""
    if not parts:
        return Hits.none()
    found, *others = sorted(parts, key=len)
    for other in others:
        found = _common(found, other, np.add)
    return found


def either(parts: Sequence[Hits]) -> Hits:
    """Return what is in any of ``parts``, each with its best score."""
    parts = [part for part in parts if len(part)]
    if len(parts) <= 1:
        return parts[0] if parts else Hits.none()
    ids = np.concatenate([part.ids for part in parts])
    scores = np.concatenate([part.scores for part in parts])
    order = np.lexsort((-scores, ids))
    ids, scores = ids[order], scores[order]
    first = np.concatenate(([True], ids[1:] != ids[:-1]))
    return Hits(ids[first], scores[first])


def _common(one: Hits, other: Hits, combined: np.ufunc) -> Hits:
    """Return the documents of both, with their two scores combined."""
    if not len(one) or not len(other):
        return Hits.none()
    highest = int(max(one.ids[-1], other.ids[-1]))
    if highest < DENSE * len(other):
        # A table of all ids is quicker than looking each one up, unless they are far apart.
        table = np.zeros(highest + 1, np.float32)
        table[other.ids] = other.scores
        scores = table[one.ids]
        there = scores > 0
    else:
        at = np.minimum(np.searchsorted(other.ids, one.ids), len(other) - 1)
        scores = other.scores[at]
        there = other.ids[at] == one.ids
    return Hits(one.ids[there], combined(one.scores[there], scores[there]))


def _without(held: Hits, stale: Ids) -> Hits:
    return held.where(~np.isin(held.ids, stale))
