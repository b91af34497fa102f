"""From text to terms: pairs of Han characters, and Latin words in lower case. Pure.

Chinese has no spaces, and a word list would miss names it does not know. Pairs of neighbouring
characters find every name; single characters are indexed too, for queries of one.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

LONGEST_QUERY = 200
"""Characters of a query that are looked at; nobody types more."""
MOST_TERMS = 40
SHORTEST_PLURAL = 4
FAMILIAR = (
    "长白山", "珲春", "集安", "延吉", "敦化", "龙井", "图们", "和龙", "汪清", "安图", "抚松",
    "二道白河", "松江河", "露水河", "仙人桥", "万良", "防川", "敬信", "通化", "长春", "双阳",
    "吉林", "蛟河", "松花湖", "松原", "查干湖", "鸭绿江", "图们江", "北坡", "西坡", "南坡",
    "温泉", "木屋", "森林", "民宿", "酒店", "宾馆", "公寓", "小院", "乡村", "山地", "避暑",
    "康养", "旅居", "养老", "度假", "中医", "药膳", "采摘", "滑雪", "专列", "小火车", "朝鲜族",
    "江鱼", "火炕", "地暖", "电梯", "无台阶", "无障碍", "家庭", "长住",
)  # fmt: skip
"""Words that people run together: places of the province and what they look for there."""

_VARIANTS = str.maketrans(
    "長溫東圖們樺龍輝琿蔔鴨綠門國際風樹藥養醫館鄉農莊園遊場區湯線車鐵滑雪館輪椅電",
    "长温东图们桦龙辉珲卜鸭绿门国际风树药养医馆乡农庄园游场区汤线车铁滑雪馆轮椅电",
)
"""Traditional characters that occur in the province's names and in what people look for."""
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_HANGUL = "\uac00-\ud7af"
_RUN = re.compile(f"[{_HAN}{_HANGUL}]+|[a-z0-9]+")
_APOSTROPHES = re.compile("['’‘`]")


def normalise(text: str) -> str:
    """Return text in one form: width, case, accents and traditional variants levelled.

    An apostrophe joins (Ji'an and Jian are one word); control characters separate.
    """
    text = unicodedata.normalize("NFKC", text)
    # Decompose so that Latin accents fall off, then compose again: Hangul wants whole syllables.
    stripped = "".join(
        symbol for symbol in unicodedata.normalize("NFD", text) if not unicodedata.combining(symbol)
    )
    text = unicodedata.normalize("NFC", stripped).lower().translate(_VARIANTS)
    return _APOSTROPHES.sub("", text)


def _runs(text: str) -> list[str]:
    return _RUN.findall(normalise(text))


def _is_latin(run: str) -> bool:
    return run[0].isascii()


def _stem(word: str) -> str:
    """Return a Latin word without its plural s, so that springs finds spring."""
    plural = len(word) >= SHORTEST_PLURAL and word.endswith("s") and not word.endswith("ss")
    return word[:-1] if plural else word


def index_terms(text: str) -> list[str]:
    """Return every term that a text is found under, repeated as often as it occurs."""
    terms: list[str] = []
    for run in _runs(text):
        if _is_latin(run):
            terms.append(_stem(run))
        else:
            terms.extend(run)
            terms.extend(first + second for first, second in pairwise(run))
    return terms


def query_terms(words: str) -> list[str]:
    """Return the terms that a document must hold, all of them."""
    terms: list[str] = []
    for run in _runs(words[:LONGEST_QUERY]):
        if _is_latin(run):
            terms.append(_stem(run))
            continue
        for part in _parts(run):
            terms.extend([first + second for first, second in pairwise(part)] or [part])
    return list(dict.fromkeys(terms))[:MOST_TERMS]


def _parts(run: str) -> list[str]:
    """Split what was typed without spaces where one familiar word ends and another begins.

    So 长白山温泉 finds documents that have 长白山 and 温泉 apart. Nothing else is split: 长白山西站
    must never find another town's 西站.
    """
    parts, begun = [], 0
    for place in range(1, len(run)):
        if run.endswith(FAMILIAR, begun, place) and run.startswith(FAMILIAR, place):
            parts.append(run[begun:place])
            begun = place
    return [*parts, run[begun:]]
