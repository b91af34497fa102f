"""From text to terms: pairs of Han characters, how they sound, and Latin words. Pure.

Chinese has no spaces, and a word list would miss names it does not know. Pairs of neighbouring
characters find every name; single characters are indexed too, for queries of one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

from opencc import OpenCC

from catalog.search.lexicon import DRY_BEFORE, DRY_BEHIND, GAN, QIAN
from catalog.search.pinyin import HAN, every_reading, syllables

SHORTEST_PLURAL = 4
LONGEST_WORD = 60
"""Letters of a Latin word that count."""
LAST_COMMON = "\uffff"
"""Behind it stand characters that hardly any font has: 鴜 stays, its simplified form is there."""
SOUND = "~"
"""What the terms begin with that stand for a sound: ~wen'quan."""
OTHER_SOUND = "="
"""What the terms begin with that stand for another reading of two characters: =gao'ju."""
_HANGUL = "\uac00-\ud7af"
_RUN = re.compile(f"[{HAN}]+|[{_HANGUL}]+|[a-z0-9]+")
_TYPED_RUN = re.compile(f"[{HAN}]+|[{_HANGUL}]+|[a-zA-Z0-9\u00c0-\u024f\u0300-\u036f'’‘`]+")
_APOSTROPHES = re.compile("['’‘`]")
# Letters with accents, and combining accents; nothing else needs to be taken apart.
_ACCENTED = re.compile("[\u00c0-\u024f\u0300-\u036f\u1e00-\u1eff]")


_DRY = re.compile(f"{QIAN}(?=[{DRY_BEFORE}])|(?<=[{DRY_BEHIND}]){QIAN}")


@lru_cache(maxsize=1)
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


def _simplified(text: str) -> str:
    """Return text in simplified characters, but for those that few machines can show."""
    plain: str = _simplifier().convert(text)
    if len(plain) != len(text) or max(plain, default="") <= LAST_COMMON:
        return plain
    pairs_of = zip(text, plain, strict=True)
    return "".join(had if got > LAST_COMMON else got for had, got in pairs_of)


def normalise(text: str) -> str:
    """Return text in one form: width, case, accents and traditional characters levelled.

    An apostrophe joins (Ji'an and Jian are one word); control characters separate.
    """
    # A lone surrogate is no character: it cannot be written, and no name holds one.
    text = text.encode("utf-8", "replace").decode("utf-8")
    text = unicodedata.normalize("NFKC", text)
    if _ACCENTED.search(text):
        apart = unicodedata.normalize("NFD", text)
        kept = "".join(symbol for symbol in apart if not unicodedata.combining(symbol))
        # Composed again: Hangul wants whole syllables.
        text = unicodedata.normalize("NFC", kept)
    text = text.lower()
    if not text.isascii():
        parts = _DRY.sub(GAN, text).split(QIAN)
        text = QIAN.join(_simplified(part) for part in parts)
    return _APOSTROPHES.sub("", text)


def spelt(typed: str) -> list[tuple[str, str]]:
    """Return the runs of what a person typed, each as typed and in the form it is looked for."""
    text = unicodedata.normalize("NFKC", typed.encode("utf-8", "replace").decode("utf-8"))
    found = []
    for run in _TYPED_RUN.findall(text):
        normal = normalise(run)
        if normal:
            found.append((run, normal))
    return found


def runs(normal: str) -> list[str]:
    """Return the runs of Han characters, of Hangul and of Latin letters of a normalised text."""
    return _RUN.findall(normal)


def is_latin(run: str) -> bool:
    """Whether a run is of Latin letters and digits."""
    return run[0].isascii()


def is_hangul(run: str) -> bool:
    """Whether a run is Korean."""
    return "\uac00" <= run[0] <= "\ud7af"


def stem(word: str) -> str:
    """Return a Latin word without its plural s, so that springs finds spring."""
    plural = len(word) >= SHORTEST_PLURAL and word.endswith("s") and not word.endswith("ss")
    return (word[:-1] if plural else word)[:LONGEST_WORD]


def sounds(read: Sequence[str], mark: str = SOUND) -> list[str]:
    """Return the terms for how a run is read: each two neighbouring syllables."""
    return [f"{mark}{first}'{second}" for first, second in pairwise(read) if first and second]


def other_sounds(run: str) -> set[str]:
    """Return the terms for the less usual readings of a run: each two neighbouring syllables."""
    read = every_reading(run)
    return {
        f"{OTHER_SOUND}{first}'{second}"
        for before, after in pairwise(read)
        for first in before
        for second in after
        if first != before[0] or second != after[0]
    }


def index_terms(normal: str, *, heard: bool = True) -> set[str]:
    """Return every term that a text is found under; how it sounds only when ``heard``."""
    terms: set[str] = set()
    for run in runs(normal):
        if is_latin(run):
            terms.add(stem(run))
            continue
        terms.update(run)
        terms.update(pairs(run))
        if heard and not is_hangul(run):
            read = syllables(run)
            terms.update(f"{SOUND}{syllable}" for syllable in read if syllable)
            terms.update(sounds(read))
            terms.update(other_sounds(run))
    return terms


def pairs(run: str) -> list[str]:
    """Return the terms that a document with ``run`` in it must hold, all of them."""
    return [first + second for first, second in pairwise(run)] or [run]


def split_at(run: str, words: tuple[str, ...]) -> list[str]:
    """Split what was typed without spaces where one of ``words`` ends and another begins.

    So 长白山温泉 finds documents that have 长白山 and 温泉 apart. Nothing else is split: 长白山西站
    must never find another town's 西站.
    """
    parts, begun = [], 0
    for place in range(1, len(run)):
        if run.endswith(words, begun, place) and run.startswith(words, place):
            parts.append(run[begun:place])
            begun = place
    return [*parts, run[begun:]]


def joined(texts: Iterable[str]) -> str:
    """Return texts one below the other, so that nothing is found across two of them."""
    return "\n".join(texts)
