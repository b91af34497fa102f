"""Known words by how they sound: what pinyin, initials and slips of the finger stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from catalog.search.analysis import is_latin, normalise, runs
from catalog.search.readings import folded, initials, split, syllables

MOST_WORDS_RUN_TOGETHER = 5
SHORTEST_INITIALS = 2
SHORTEST_MISSPELT = 4
SHORTEST_WITH_TWO_SLIPS = 8
MOST_GUESSES = 3
Words = tuple[str, ...]
Key = Callable[[Sequence[str]], str]


def _plain(read: Sequence[str]) -> str:
    return "'".join(read)


class Spelling:
    """Finds known words by sound; words are normalised."""

    def __init__(self, known: Iterable[str]) -> None:
        """Learn ``known``: words of Han characters, and whatever Latin words stand among them."""
        self.known: set[str] = set()
        self._by_sound: dict[str, list[str]] = {}
        self._by_folded: dict[str, list[str]] = {}
        self._by_initials: dict[str, list[str]] = {}
        self._by_letters: dict[str, list[str]] = {}
        for word in known:
            self.learn(word)

    def learn(self, words: str) -> None:
        """Learn every run of ``words``."""
        for run in runs(normalise(words)):
            if run in self.known:
                continue
            self.known.add(run)
            if is_latin(run):
                self._by_letters.setdefault(run, []).append(run)
                continue
            read = syllables(run)
            if not all(read):
                continue
            self._by_sound.setdefault(_plain(read), []).append(run)
            self._by_folded.setdefault(folded(read), []).append(run)
            self._by_letters.setdefault("".join(read), []).append(run)
            if len(read) >= SHORTEST_INITIALS:
                self._by_initials.setdefault(initials(read), []).append(run)

    def by_sound(self, letters: str) -> list[Words]:
        """Return the known words that pinyin spells, run together or one alone."""
        return [words for read in split(letters) for words in _covers(read, self._by_sound, _plain)]

    def alike(self, read: Sequence[str]) -> list[Words]:
        """Return the known words that sound like ``read``, exactly or to a southern ear."""
        return _covers(read, self._by_sound, _plain) or _covers(read, self._by_folded, folded)

    def by_folded_sound(self, letters: str) -> list[Words]:
        """Return the known words that pinyin spells to a southern ear: cangbaisan."""
        return [
            words for read in split(letters) for words in _covers(read, self._by_folded, folded)
        ]

    def by_initials(self, letters: str) -> list[Words]:
        """Return the known words whose syllables begin so: cbs, or cbswq for two of them."""
        return _covers(letters, self._by_initials, "".join, shortest=SHORTEST_INITIALS)

    def misspelt(self, letters: str) -> list[str]:
        """Return known words that are one slip of the finger away, the nearest first.

        A slip is a letter too many, too few, wrong, or changed with its neighbour; two are forgiven
        in long words.
        """
        if len(letters) < SHORTEST_MISSPELT:
            return []
        slips = 2 if len(letters) >= SHORTEST_WITH_TWO_SLIPS else 1
        near = process.extract(
            letters,
            self._by_letters.keys(),
            scorer=OSA.distance,
            score_cutoff=slips,
            limit=MOST_GUESSES,
        )
        return [word for spelling, _, _ in near for word in self._by_letters[spelling]]


def _covers(
    parts: Sequence[str], table: dict[str, list[str]], key: Key, *, shortest: int = 1
) -> list[Words]:
    """Return the ways to put ``parts`` together from words of ``table``, with the fewest words."""
    # best[n]: how the parts up to n are covered, with the fewest words.
    best: list[list[Words]] = [[()], *([] for _ in parts)]
    for end in range(1, len(parts) + 1):
        found: list[Words] = []
        for begin in range(end - shortest, -1, -1):
            words = table.get(key(parts[begin:end]), ()) if best[begin] else ()
            found += [(*before, word) for before in best[begin] for word in words]
        fewest = min((len(words) for words in found), default=0)
        if fewest <= MOST_WORDS_RUN_TOGETHER:
            best[end] = [words for words in found if len(words) == fewest][:MOST_GUESSES]
    return best[-1] if parts else []
