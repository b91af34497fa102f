"""How the words of a question are taken, and what they find.

Each part of a question may be taken in several ways. The plain ways come first and are looked for
together; only when they find nothing, in no kind of documents, is a slip of the finger or of the
ear assumed: a word that means something is never taken for another.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from catalog.search.analysis import (
    OTHER_SOUND,
    SOUND,
    is_hangul,
    is_latin,
    runs,
    sounds,
    spelt,
    split_at,
    stem,
)
from catalog.search.indexes.port import DocKind, Hits
from catalog.search.lexicon import (
    ENGLISH_FILLERS,
    FAMILIAR,
    FILLERS,
    FOREIGN,
    OTHER_WORDS,
    SYNONYMS,
)
from catalog.search.live_index import Corpus, Lookup, Phrase, either, together
from catalog.search.pinyin import SYLLABLES, split, syllables
from catalog.search.spelling import SURE_OF_SOUND, Spelling

LONGEST_QUESTION = 200
"""Characters of a question that are looked at; nobody types more."""
MOST_PARTS = 12
MOST_MEANINGS = 3
FEW_HITS = 2
"""As few as this make us ask whether something else was meant."""
_FILLERS = re.compile("|".join(FILLERS))
_SPLITTERS = tuple(dict.fromkeys((*FAMILIAR, *SYNONYMS)))
_BY_KNOWN = re.compile("(" + "|".join(sorted(_SPLITTERS, key=len, reverse=True)) + ")")


class Why(enum.StrEnum):
    """Why words were taken as something else than what stands there."""

    VARIANT = "variant"
    """Traditional characters, Korean or English for the same thing."""
    SYNONYM = "synonym"
    """Another name; both are looked for."""
    PINYIN = "pinyin"
    INITIALS = "initials"
    TYPO = "typo"
    """A slip: what was typed is found nowhere."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A part of the question that was taken as something else."""

    said: str
    meant: str
    why: Why


@dataclass(frozen=True, slots=True)
class Understood:
    """A question in words as it was understood."""

    typed: str
    searched: str
    """The words that were looked for, as a person would write them; empty when there are none."""
    taken: tuple[Taken, ...]
    """What was read as something else, in the order of the question."""
    corrected: bool
    """Whether nothing holds the words as typed, so that ``searched`` was looked for instead."""
    suggestion: str | None
    """Another question that may be meant: “did you mean”."""
    hits: Hits

    @classmethod
    def nothing(cls, typed: str) -> Understood:
        """Return that nothing was found, where there is nothing to look in."""
        return cls(typed, typed, (), False, None, Hits.none())


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the question: as typed, and in the form that is looked for."""

    said: str
    run: str


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to take a part: phrases that must all be there."""

    words: tuple[str, ...]
    phrases: tuple[Phrase, ...]
    why: Why | None = None
    """Empty where it is taken as it stands."""

    @classmethod
    def of(cls, words: Sequence[str], why: Why | None) -> _Way:
        return cls(tuple(words), tuple(Phrase.of(word) for word in words), why)

    @property
    def shown(self) -> str:
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class _Found:
    """What a part found, and how it was taken."""

    hits: Hits
    shown: str
    taken: tuple[Taken, ...] = ()
    corrected: bool = False
    other: str | None = None
    """What else it may have meant."""


def understand(corpus: Corpus, spelling: Spelling, typed: str, *, kind: DocKind) -> Understood:
    """Return how ``typed`` is taken, with the documents of ``kind`` that it finds."""
    others = [Lookup(corpus, other) for other in DocKind if other is not kind]
    reader = _Reader(Lookup(corpus, kind), others, spelling)
    found = [reader.take(part) for part in _parts(typed[:LONGEST_QUESTION], spelling)]
    if not found:
        return replace(Understood.nothing(typed), searched="")
    return Understood(
        typed=typed,
        searched=" ".join(one.shown for one in found),
        taken=tuple(taken for one in found for taken in one.taken),
        corrected=any(one.corrected for one in found),
        suggestion=_suggestion(found),
        hits=together([one.hits for one in found]),
    )


def _suggestion(found: Sequence[_Found]) -> str | None:
    """Return another question: a part taken otherwise, or without what nobody knows."""
    if any(one.other for one in found):
        return " ".join(one.other or one.shown for one in found)
    known = [one.shown for one in found if len(one.hits)]
    return " ".join(known) if 0 < len(known) < len(found) else None


# ------------------------------------------------------------------ taking a question apart


def _parts(typed: str, spelling: Spelling) -> list[_Part]:
    """Return the parts of a question, without the words that only make it a sentence."""
    parts: list[_Part] = []
    for latin, some in groupby(spelt(typed), key=lambda pair: is_latin(pair[1])):
        pairs = list(some)
        if latin:
            parts += _latin_parts(pairs, spelling)
        else:
            for said, run in pairs:
                parts += [_Part(said, run)] if is_hangul(run) else _han_parts(said, run)
    kept = [part for part in parts if part.run not in ENGLISH_FILLERS]
    unique = {part.run: part for part in kept or parts}
    return list(unique.values())[:MOST_PARTS]


def _latin_parts(pairs: list[tuple[str, str]], spelling: Spelling) -> list[_Part]:
    """Join syllables that were typed one by one: chang bai shan."""
    whole = "".join(run for _, run in pairs)
    one_by_one = len(pairs) > 1 and all(run in SYLLABLES for _, run in pairs)
    if one_by_one and spelling.by_sound(whole):
        return [_Part(" ".join(said for said, _ in pairs), whole)]
    return [_Part(said, run) for said, run in pairs]


def _han_parts(said: str, run: str) -> list[_Part]:
    kept = [word for word in _FILLERS.split(run) if word] or [run]
    words = [part for word in kept for part in split_at(word, _SPLITTERS)]
    # Simplified and traditional texts are of one length, with few exceptions told as a whole.
    if len(said) != len(run):
        return [_Part(said if word == run else word, word) for word in words]
    places = [run.find(word) for word in words]
    return [
        _Part(said[place : place + len(word)], word)
        for place, word in zip(places, words, strict=True)
    ]


# ------------------------------------------------------------------ taking a part


class _Reader:
    """Takes parts of a question, one kind of documents in mind."""

    def __init__(self, lookup: Lookup, others: Sequence[Lookup], spelling: Spelling) -> None:
        self._lookup = lookup
        self._others = others
        self._spelling = spelling

    def take(self, part: _Part) -> _Found:
        """Return what a part finds in the first of the readings that finds anything."""
        sure = list(self._sure(part.run))
        for ways in sure:
            found = self._try(part, ways)
            if found is not None:
                return found
        if self._elsewhere([way for ways in sure for way in ways]):
            return _Found(Hits.none(), part.said)
        for ways in self._guesses(part.run):
            found = self._try(part, ways)
            if found is not None:
                return found
        pieces = _pieces(part)
        if pieces:
            return self._take_pieces(pieces)
        return _Found(Hits.none(), part.said, other=self._other(part, Hits.none()))

    def _sure(self, run: str) -> Iterator[list[_Way]]:
        """Yield the ways to take a run that leave what it means, the likeliest first."""
        if not is_latin(run):
            yield _plain_characters(run)
            return
        yield self._plain_latin(run)
        yield [_Way.of(words, Why.INITIALS) for words in self._spelling.by_initials(run)]
        if run in SYLLABLES:
            yield [_Way((run,), (Phrase((SOUND + run,)),))]
        yield [
            _Way((run,), (Phrase(tuple(sounds(read, OTHER_SOUND))),))
            for read in split(run)
            if len(read) > 1
        ]

    def _guesses(self, run: str) -> Iterator[list[_Way]]:
        """Yield the ways to take a run that nobody knows, the likeliest first."""
        if is_latin(run):
            yield [_Way.of(words, Why.TYPO) for words in self._spelling.by_folded_sound(run)]
            yield [_Way.of([word], Why.TYPO) for word in self._spelling.misspelt(stem(run))]
            return
        read = syllables(run)
        if len(read) > 1 and all(read) and run not in OTHER_WORDS:
            yield [_Way.of(words, Why.TYPO) for words in self._spelling.alike(read)]
            if len(read) > SURE_OF_SOUND:
                yield [_Way.of([word], Why.TYPO) for word in self._heard(read)]

    def _heard(self, read: Sequence[str]) -> list[str]:
        """Return the words in names that sound so, those of the best document."""
        hits = self._lookup.hits([Phrase(tuple(sounds(read)))])
        found = [
            run[place : place + len(read)]
            for key in hits.best(1)
            for run in runs(self._lookup.text(key))
            if not is_latin(run)
            for place in range(len(run) - len(read) + 1)
            if syllables(run[place : place + len(read)]) == tuple(read)
        ]
        return found[:1]

    def _elsewhere(self, ways: Sequence[_Way]) -> bool:
        """Whether another kind of documents holds what is looked for."""
        for other in self._others:
            other.fetch([phrase for way in ways for phrase in way.phrases])
            if any(len(other.hits(way.phrases)) for way in ways):
                return True
        return False

    def _plain_latin(self, run: str) -> list[_Way]:
        ways = [_Way((run,), (Phrase((stem(run),)),))]
        meant = FOREIGN.get(run) or FOREIGN.get(stem(run))
        if meant:
            ways.append(_Way.of([meant], Why.VARIANT))
        ways += [_Way.of(words, Why.PINYIN) for words in self._spelling.by_sound(run)]
        ways += [
            _Way((run,), (Phrase(tuple(sounds(read))),)) for read in split(run) if len(read) > 1
        ]
        return ways

    def _try(self, part: _Part, ways: Sequence[_Way]) -> _Found | None:
        self._lookup.fetch([phrase for way in ways for phrase in way.phrases])
        holding = [(way, self._lookup.hits(way.phrases)) for way in ways]
        holding = [(way, hits) for way, hits in holding if len(hits)]
        if not holding:
            return None
        if holding[0][0].why is Why.TYPO:
            return _corrected(part, holding)
        hits = either([found for _, found in holding])
        taken = _told(part, holding)
        if taken is None:
            return _Found(hits, part.run, other=self._other(part, hits))
        shown = part.run if taken.why is Why.SYNONYM else taken.meant
        return _Found(hits, shown, (taken,))

    def _other(self, part: _Part, hits: Hits) -> str | None:
        """Return a known word that sounds the same and is found far more often."""
        if is_latin(part.run) or len(hits) > FEW_HITS or part.run in self._spelling.known:
            return None
        if len(part.run) == 1:
            return None
        for words in self._spelling.alike(syllables(part.run)):
            more = self._lookup.hits([Phrase.of(word) for word in words])
            if len(more) > FEW_HITS and words != (part.run,):
                return " ".join(words)
        return None

    def _take_pieces(self, pieces: list[_Part]) -> _Found:
        found = [self.take(piece) for piece in pieces]
        return _Found(
            together([one.hits for one in found]),
            " ".join(one.shown for one in found),
            tuple(taken for one in found for taken in one.taken),
            any(one.corrected for one in found),
            _suggestion(found),
        )


def _plain_characters(run: str) -> list[_Way]:
    ways = [_Way.of([run], None)]
    if run in SYNONYMS:
        ways.append(_Way.of([SYNONYMS[run]], Why.SYNONYM))
    if run in FOREIGN:
        ways.append(_Way.of([FOREIGN[run]], Why.VARIANT))
    return ways


def _pieces(part: _Part) -> list[_Part]:
    """Return the words in an unknown run of characters, where known ones stand in it.

    A single character left over is one of those that only make a sentence.
    """
    if is_latin(part.run):
        return []
    cut = [word for word in _BY_KNOWN.split(part.run) if len(word) > 1]
    return [_Part(word, word) for word in cut if word != part.run]


def _corrected(part: _Part, holding: Sequence[tuple[_Way, Hits]]) -> _Found:
    """Take the best of several guesses; of the others, the next is offered."""
    way, hits = holding[0]
    others = [other.shown for other, _ in holding[1:] if other.shown != way.shown]
    taken = (Taken(part.said, way.shown, Why.TYPO),)
    return _Found(hits, way.shown, taken, True, others[0] if others else None)


def _told(part: _Part, holding: Sequence[tuple[_Way, Hits]]) -> Taken | None:
    """Return what a person should be told of how a part was taken."""
    if is_latin(part.run) and holding[0][0].why is None:
        # The Latin word itself is there: what else it found is no surprise.
        return None
    meant = [
        (len(hits), way) for way, hits in holding if way.why is not None and way.shown != part.run
    ]
    if meant:
        meant.sort(key=lambda pair: -pair[0])
        shown = list(dict.fromkeys(way.shown for _, way in meant))[:MOST_MEANINGS]
        return Taken(part.said, "、".join(shown), meant[0][1].why or Why.SYNONYM)
    if part.said != part.run and not is_latin(part.run):
        return Taken(part.said, part.run, Why.VARIANT)
    return None
