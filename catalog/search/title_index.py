"""What can be typed to find documents of one kind, kept true while they change."""

from __future__ import annotations

from collections.abc import Iterable

from catalog.search.analysis import normalise, runs
from catalog.search.completion import RANK, Completer, Completion
from catalog.search.indexes.port import DocKind, Title, What
from catalog.search.lexicon import ENGLISH, FAMILIAR
from catalog.search.live_index import Corpus, Lookup, Phrase

MOST_NEW = 1_000
"""New titles that are looked through beside the sorted ones before all are sorted anew."""
SPARE = 4
"""So many times more are looked at than shown, since some may be gone meanwhile."""


class Titles:
    """Names and places of the documents, and the familiar words that any of them holds."""

    def __init__(self, corpus: Corpus, kind: DocKind) -> None:
        """Take the titles that ``corpus`` has now."""
        self._corpus = corpus
        self._kind = kind
        self._sort()

    def learn(self, titles: Iterable[Title]) -> None:
        """Take titles of documents that have come or changed."""
        known = self._sorted.counts
        self._new |= {title for title in titles if title not in known}
        if len(self._new) > MOST_NEW:
            self._sort()
        else:
            self._unsorted = Completer(self._new)

    def complete(self, typed: str, *, lang: str, limit: int) -> list[Completion]:
        """Return up to ``limit`` ways to go on, those in ``lang`` first, then by ``RANK``."""
        titles = [
            title
            for some in (self._sorted, self._unsorted)
            for title in some.complete(typed, lang=lang, limit=limit * SPARE)
        ]
        found = [Completion(one.text, one.lang, one.what, self._count(one)) for one in titles]
        found = [one for one in found if one.count > 0]
        found.sort(key=lambda one: (one.lang != lang, RANK[one.what], -one.count))
        return found[:limit]

    def _count(self, title: Title) -> int:
        if title.what is What.WORD:
            return self._sorted.counts[title]
        return self._corpus.titles[self._kind][title]

    def _sort(self) -> None:
        counts = self._corpus.titles[self._kind]
        there = {title.text for title, count in counts.items() if count > 0}
        words = {title: n for title, n in self._words().items() if n and title.text not in there}
        self._sorted = Completer({**+counts, **words})
        self._new: set[Title] = set()
        self._unsorted = Completer(())

    def _words(self) -> dict[Title, int]:
        """Return the familiar words with how many documents hold each."""
        lookup = Lookup(self._corpus, self._kind)
        phrases = {
            Title(word, lang, What.WORD): [Phrase.of(run) for run in runs(normalise(word))]
            for lang, words in (("zh-CN", FAMILIAR), ("en", ENGLISH))
            for word in words
        }
        lookup.fetch([phrase for some in phrases.values() for phrase in some])
        return {title: len(lookup.hits(some)) for title, some in phrases.items()}
