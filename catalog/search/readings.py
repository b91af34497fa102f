"""How Chinese words sound and how people spell that: pinyin without tones, initials. Pure."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

# The library's dictionary of phrases would cost every process 45 MB; the few characters of this
# field that are read in two ways are told below.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
from pypinyin import lazy_pinyin

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""The ranges of Han characters, for a character class."""
LONGEST_SPELLING = 60
"""Letters that are taken apart into syllables; no name is longer."""
MOST_SPLITS = 6
_READ_AS = {"长": "chang", "行": "hang", "都": "du", "的": "de", "厦": "sha", "参": "can"}
"""Characters whose usual reading here is not the first of the dictionary."""
_READ_TOGETHER = {
    "人参": ("ren", "shen"), "党参": ("dang", "shen"), "海参": ("hai", "shen"),
    "重庆": ("chong", "qing"), "旅行": ("lv", "xing"), "步行": ("bu", "xing"),
    "出行": ("chu", "xing"), "骑行": ("qi", "xing"), "行李": ("xing", "li"),
    "行走": ("xing", "zou"), "成都": ("cheng", "du"), "音乐": ("yin", "yue"),
    "大夫": ("dai", "fu"), "朝阳": ("chao", "yang"), "朝鲜": ("chao", "xian"),
    "便宜": ("pian", "yi"), "空调": ("kong", "tiao"), "调理": ("tiao", "li"),
    "长辈": ("zhang", "bei"), "成长": ("cheng", "zhang"), "厦门": ("xia", "men"),
    "会计": ("kuai", "ji"), "种植": ("zhong", "zhi"), "重阳": ("chong", "yang"),
}  # fmt: skip
"""Pairs of characters that are read otherwise than each alone."""

_FINALS = {
    "": "a ai an ang ao e ei en eng er o ou yi ya yan yang yao ye yin ying yong you yu yuan yue"
    " yun yo wu wa wai wan wang wei wen weng wo",
    "b": "a ai an ang ao ei en eng i ian iao ie in ing o u",
    "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u",
    "m": "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u",
    "f": "a an ang ei en eng o ou u",
    "d": "a ai an ang ao e ei en eng i ia ian iao ie ing iu ong ou u uan ui un uo",
    "t": "a ai an ang ao e eng i ian iao ie ing ong ou u uan ui un uo",
    "n": "a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan ue uo",
    "l": "a ai an ang ao e ei eng i ia ian iang iao ie in ing iu o ong ou u uan ue un uo",
    "g": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "k": "a ai an ang ao e en eng ong ou u ua uai uan uang ui un uo",
    "h": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "j": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "q": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "x": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "zh": "a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo",
    "ch": "a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo",
    "sh": "a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo",
    "r": "an ang ao e en eng i ong ou u ua uan ui un uo",
    "z": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
    "c": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "s": "a ai an ang ao e en eng i ong ou u uan ui un uo",
}
SYLLABLES = frozenset(
    initial + final for initial, finals in _FINALS.items() for final in finals.split()
)
"""Every syllable of standard Chinese without its tone; ü is written u."""
LONGEST_SYLLABLE = 6

# What speakers of the southern and central provinces, our travellers, often do not tell apart.
_FOLDED_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("f", "h"))
_FOLDED_FINALS = (("ang", "an"), ("eng", "en"), ("ing", "in"))


@lru_cache(maxsize=30_000)
def _read(character: str) -> str:
    """Return the usual reading of one character, which may be none."""
    if character in _READ_AS:
        return _READ_AS[character]
    found = lazy_pinyin(character, errors="ignore")
    return _written(found[0]) if found else ""


def _written(syllable: str) -> str:
    """Return a syllable as it is kept: people write ü as v or as u."""
    return syllable.replace("v", "u").replace("ü", "u")


def syllables(run: str) -> tuple[str, ...]:
    """Return how a run of Han characters is read, a syllable for each character.

    A character that nobody knows how to read stands as an empty text.
    """
    read = [_read(character) for character in run]
    for place, pair in enumerate(pairwise(run)):
        together = _READ_TOGETHER.get("".join(pair))
        if together:
            read[place : place + 2] = [_written(syllable) for syllable in together]
    return tuple(read)


def initials(read: Iterable[str]) -> str:
    """Return the first letter of each syllable: cbs for chang bai shan."""
    return "".join(syllable[:1] for syllable in read)


def folded(read: Iterable[str]) -> str:
    """Return syllables with the sounds made equal that many do not tell apart.

    So cangbaisan is heard as changbaishan.
    """
    return "'".join(_fold(syllable) for syllable in read)


@lru_cache(maxsize=2_000)
def _fold(syllable: str) -> str:
    for sound, kept in _FOLDED_INITIALS:
        if syllable.startswith(sound):
            syllable = kept + syllable[len(sound) :]
            break
    for sound, kept in _FOLDED_FINALS:
        if syllable.endswith(sound):
            return syllable[: -len(sound)] + kept
    return syllable


def split(spelling: str) -> list[tuple[str, ...]]:
    """Return the ways to take lower-case letters apart into syllables, the fewest syllables first.

    Longer spellings than ``LONGEST_SPELLING`` are no pinyin; of very many ways a few are given.
    """
    letters = _written(spelling)
    if not letters or len(letters) > LONGEST_SPELLING:
        return []
    # ways[n]: how the letters from n on may be taken apart.
    ways: list[list[tuple[str, ...]]] = [[] for _ in letters] + [[()]]
    for begin in range(len(letters) - 1, -1, -1):
        found = [
            (letters[begin:end], *rest)
            for end in range(min(len(letters), begin + LONGEST_SYLLABLE), begin, -1)
            if letters[begin:end] in SYLLABLES
            for rest in ways[end]
        ]
        ways[begin] = sorted(found, key=len)[:MOST_SPLITS]
    return ways[0]
