"""Known words by how they sound: what pinyin, initials and slips of the finger stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from catalog.search.analysis import is_latin, normalise, runs
from catalog.search.pinyin import folded, initials, split, syllables

MOST_WORDS_RUN_TOGETHER = 5
SHORTEST_INITIALS = 2
SHORTEST_MISSPELT = 5
SHORTEST_WITH_TWO_SLIPS = 8
SYLLABLES_SURE = 2
"""Letters that spell so few syllables are a word of their own, never a slip of another one."""
SURE_OF_SOUND = 2
"""Of words of so many characters, only those of the very same sound are taken for another."""
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
        self._by_first: dict[str, list[str]] = {}
        """The spellings of ``_by_letters`` by their first letter."""
        for word in known:
            self.learn(word)

    def learn(self, words: str) -> None:
        """Learn every run of ``words``."""
        for run in runs(normalise(words)):
            if run in self.known:
                continue
            self.known.add(run)
            if is_latin(run):
                self._spell(run, run)
                continue
            read = syllables(run)
            if not all(read):
                continue
            self._by_sound.setdefault(_plain(read), []).append(run)
            self._by_folded.setdefault(folded(read), []).append(run)
            self._spell("".join(read), run)
            if len(read) >= SHORTEST_INITIALS:
                self._by_initials.setdefault(initials(read), []).append(run)

    def _spell(self, letters: str, word: str) -> None:
        if letters not in self._by_letters:
            self._by_letters[letters] = []
            self._by_first.setdefault(letters[0], []).append(letters)
        self._by_letters[letters].append(word)

    def by_sound(self, letters: str) -> list[Words]:
        """Return the known words that pinyin spells, run together or one alone."""
        return [words for read in split(letters) for words in _covers(read, self._by_sound, _plain)]

    def alike(self, read: Sequence[str]) -> list[Words]:
        """Return the known words that sound like ``read``: exactly, or long ones to a southern ear.

        The characters were chosen, so that short words of a like sound mean something else.
        """
        same = _covers(read, self._by_sound, _plain)
        if same or len(read) <= SURE_OF_SOUND:
            return same
        return _covers(read, self._by_folded, folded)

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
        in long words. Nobody slips on the first letter, and whoever spells two syllables rightly
        has written another word: wusong is no slip of fusong.
        """
        if len(letters) < SHORTEST_MISSPELT:
            return []
        spelt = split(letters)
        if spelt and len(spelt[0]) <= SYLLABLES_SURE:
            return []
        slips = 2 if len(letters) >= SHORTEST_WITH_TWO_SLIPS and not spelt else 1
        near = process.extract(
            letters,
            self._by_first.get(letters[0], ()),
            scorer=OSA.distance,
            score_cutoff=slips,
            limit=MOST_GUESSES,
        )
        return [
            word
            for spelling, _, _ in near
            for word in self._by_letters[spelling]
            if not (is_latin(word) and _another_word(letters, word))
        ]


def _another_word(letters: str, word: str) -> bool:
    """Whether two short Latin words differ by letters put for others: horse is no slip of house."""
    as_long = len(letters) == len(word) and sorted(letters) != sorted(word)
    return as_long and len(word) < SHORTEST_WITH_TWO_SLIPS


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
