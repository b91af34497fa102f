"""Completes what is being typed: names, places and words, from characters, pinyin and initials."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from catalog.search.analysis import is_latin, normalise, runs
from catalog.search.indexes.port import Title, What
from catalog.search.lexicon import FAMILIAR
from catalog.search.pinyin import initials, syllables

_LAST = "\U0010ffff"
"""Behind every text that begins with what stands before it."""
RANK = {What.WORD: 0, What.PLACE: 1, What.NAME: 2}
"""What comes first among the completions."""
MOST_WAYS = 8
"""More ways to begin to type one title with the same letters are not to be expected."""


@dataclass(frozen=True, slots=True)
class Completion:
    """One way to go on from what was typed; looking for ``text`` finds something."""

    text: str
    lang: str
    """The language of ``text``: ``zh-CN`` or ``en``."""
    what: What
    count: int
    """How many documents hold it."""


class Completer:
    """Titles by every way to begin to type them, in one sorted list for each language."""

    def __init__(self, titles: Iterable[Title]) -> None:
        """Take ``titles``, each as often as documents hold it."""
        counts = Counter(titles)
        self.counts: Mapping[Title, int] = counts
        self._sorted = {
            lang: _Sorted([one for one in counts if one.lang == lang], counts)
            for lang in sorted({one.lang for one in counts})
        }

    def complete(self, typed: str, *, lang: str, limit: int) -> list[Title]:
        """Return up to ``limit`` titles that ``typed`` begins: words, then places, then names.

        Those in the reader's language ``lang`` come first.
        """
        wanted = "".join(runs(normalise(typed)))
        if not wanted:
            return []
        found: list[Title] = []
        for own in sorted(self._sorted, key=lambda own: own != lang):
            found += self._sorted[own].beginning(wanted, limit - len(found))
        if not found and not wanted.isascii():
            # Half typed in characters and half in letters, as while choosing characters.
            return self.complete(_spelt(wanted), lang=lang, limit=limit)
        return found


class _Sorted:
    """The titles of one language."""

    def __init__(self, titles: list[Title], counts: Mapping[Title, int]) -> None:
        self._titles = sorted(titles, key=lambda one: (RANK[one.what], -counts[one], one.text))
        pairs = sorted(
            {(key, place) for place, one in enumerate(self._titles) for key in _keys(one.text)}
        )
        self._keys = [key for key, _ in pairs]
        self._places: npt.NDArray[np.int32] = np.array([place for _, place in pairs], np.int32)

    def beginning(self, wanted: str, limit: int) -> list[Title]:
        """Return the first titles that begin so."""
        begin = bisect_left(self._keys, wanted)
        end = bisect_left(self._keys, wanted + _LAST, begin)
        found = self._places[begin:end]
        # One title may begin so in several ways.
        enough = limit * MOST_WAYS
        if enough < len(found):
            found = np.partition(found, enough)[:enough]
        return [self._titles[place] for place in np.unique(found)[:limit].tolist()]


def _spelt(text: str) -> str:
    return "".join(run if is_latin(run) else "".join(syllables(run)) for run in runs(text))


def _keys(text: str) -> set[str]:
    """Return every way to begin to type a title: from its start, and from each familiar word."""
    words = runs(normalise(text))
    keys = {"".join(words[place:]) for place in range(len(words))}
    for place, run in enumerate(words):
        if not is_latin(run):
            rest = "".join(words[place + 1 :])
            for begin in range(len(run)):
                if begin == 0 or run.startswith(FAMILIAR, begin):
                    keys |= _ways(run[begin:], rest)
    return keys


def _ways(run: str, rest: str) -> set[str]:
    """Return characters, pinyin and initials of a run of characters, each with what follows."""
    read = syllables(run)
    follows = _spelt(rest)
    return {run + rest, "".join(read) + follows, initials(read)} if all(read) else {run + rest}
