"""How Chinese words sound and how people spell that: pinyin without tones, initials. Pure."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import lru_cache

# The library's dictionary of phrases would cost every process 45 MB; the words of this field that
# are read in their own way are told below, and every other reading of a character counts as well.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
from pypinyin import Style, pinyin

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
"""The ranges of Han characters, for a character class."""
LONGEST_SPELLING = 60
"""Letters that are taken apart into syllables; no name is longer."""
MOST_SPLITS = 6
MOST_READINGS = 4
"""So many readings of one character count; what comes after is found in old books alone."""
_READ_AS = {
    "长": "chang", "行": "xing", "都": "du", "的": "de", "厦": "sha", "参": "can", "句": "ju",
    "曾": "zeng", "重": "zhong", "单": "dan", "朝": "chao", "乐": "le", "乾": "qian",
}  # fmt: skip
"""Characters whose usual reading here is not, or must stay, the first of the dictionary."""
_READ_TOGETHER = {
    "人参": "ren shen", "党参": "dang shen", "海参": "hai shen", "西洋参": "xi yang shen",
    "参差": "cen ci", "重庆": "chong qing", "重阳": "chong yang", "重新": "chong xin",
    "重复": "chong fu", "银行": "yin hang", "行业": "hang ye", "商行": "shang hang",
    "音乐": "yin yue", "乐曲": "yue qu", "乐器": "yue qi", "民乐": "min yue", "大夫": "dai fu",
    "朝霞": "zhao xia", "便宜": "pian yi", "空调": "kong tiao", "调理": "tiao li",
    "调养": "tiao yang", "长辈": "zhang bei", "厦门": "xia men", "会计": "kuai ji",
    "高句丽": "gao gou li", "句丽": "gou li", "单于": "chan yu", "单县": "shan xian",
    "单家": "shan jia", "曾经": "ceng jing", "未曾": "wei ceng", "目的": "mu di", "的士": "di shi",
    "尉犁": "yu li", "尉迟": "yu chi", "六安": "lu an", "蚌埠": "beng bu", "番禺": "pan yu",
    "洪洞": "hong tong", "吐蕃": "tu bo", "地壳": "di qiao", "宝藏": "bao zang", "西藏": "xi zang",
    "藏族": "zang zu", "投降": "tou xiang", "睡觉": "shui jiao", "落枕": "lao zhen",
    "薄荷": "bo he", "归还": "gui huan", "暖和": "nuan huo", "传记": "zhuan ji", "着急": "zhao ji",
    "着凉": "zhao liang", "什锦": "shi jin", "秘鲁": "bi lu", "朴家": "piao jia",
    "仇家": "qiu jia", "盛饭": "cheng fan",
}  # fmt: skip
"""Words that are read otherwise than each of their characters alone; what is in them is, too."""
_LONGEST_TOGETHER = max(len(word) for word in _READ_TOGETHER)

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
def _readings(character: str) -> tuple[str, ...]:
    """Return the readings of one character, the usual one first; there may be none."""
    found = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore")
    read = [_written(syllable) for syllable in found[0]] if found else []
    usual = [_READ_AS[character]] if character in _READ_AS else read[:1]
    return tuple(dict.fromkeys([*usual, *read]))[:MOST_READINGS]


def _written(syllable: str) -> str:
    """Return a syllable as it is kept: people write ü as v or as u."""
    return syllable.replace("v", "u").replace("ü", "u")


def syllables(run: str) -> tuple[str, ...]:
    """Return how a run of Han characters is read, a syllable for each character.

    Words that are known to be read in their own way come first, then each character's usual
    reading. A character that nobody knows how to read stands as an empty text.
    """
    read: list[str] = []
    while len(read) < len(run):
        together = _together(run, len(read))
        read += together or [next(iter(_readings(run[len(read)])), "")]
    return tuple(read)


def _together(run: str, place: int) -> list[str]:
    """Return how the longest word at ``place`` is read that has a reading of its own."""
    for length in range(min(_LONGEST_TOGETHER, len(run) - place), 1, -1):
        if (read := _READ_TOGETHER.get(run[place : place + length])) is not None:
            return read.split()
    return []


def every_reading(run: str) -> list[tuple[str, ...]]:
    """Return all readings of each character of a run, the one of ``syllables`` first."""
    return [
        tuple(dict.fromkeys((usual, *_readings(character)))) if usual else ()
        for usual, character in zip(syllables(run), run, strict=True)
    ]


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
