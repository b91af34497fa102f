"""Words that a listing or entry may not use as they stand: cures, and waters nobody measured. Pure.

The Advertising Law of the People's Republic of China (articles 17 and 18) forbids every mention of
treating illness, and words that could be taken for medicine, to whoever does not sell medicine. So
a text with such a word is not published unless a person has read it and written down why it is
harmless ("no treatment is offered" is).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

CURES = (
    "治疗", "治愈", "治好", "根治", "主治", "医治", "疗效", "疗程", "药效", "特效", "神效",
    "康复率", "祛病", "祛风湿", "除病", "防癌", "抗癌", "降血压", "降血糖", "降压", "降糖",
    "软化血管", "延年益寿", "长生", "包治", "药到病除", "无副作用", "消炎", "镇痛", "止痛", "排毒",
    "增强免疫",
)  # fmt: skip
"""Chinese words of cure."""
ILLNESSES = (
    "风湿病",
    "关节炎",
    "皮肤病",
    "心脏病",
    "糖尿病",
    "高血压",
    "妇科病",
)
"""What springs are wrongly praised for. A caution has to name them, everything else must not."""
CURES_EN = re.compile(
    r"\b(cures?|curing|cured|heals? (?:the )?(?:sick|disease|illness)\w*|therapeutic|"
    r"remed(?:y|ies)|"
    r"treats? (?:arthritis|rheum\w+|skin|disease\w*|illness\w*|diabetes|hypertension)|"
    r"anti-?cancer|lowers? blood (?:pressure|sugar)|detox\w*|"
    r"prolongs? life|longevity)\b",
    re.IGNORECASE,
)
ILLNESSES_EN = re.compile(r"\b(arthritis|rheumatism|diabetes|hypertension)\b", re.IGNORECASE)
WATERS = ("氡", "偏硅酸", "矿物质含量", "微量元素", "医疗热矿水", "理疗矿泉", "富硒", "锶")
WATERS_EN = re.compile(
    r"\b(radon|metasilicic|mineral content|trace elements?|selenium|strontium)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Found:
    """Words of a text that need a person's look."""

    cures: tuple[str, ...]
    """Words of cure, as they stand in the text, in order and once each."""
    waters: tuple[str, ...]
    """Words that claim radon or minerals: they need a dated test report."""


def look_through(texts: Iterable[str], *, cautions: Iterable[str] = ()) -> Found:
    """Return the words of cure and of measured water in ``texts``.

    ``cautions`` are those of the texts that say who must not bathe or take part: they may name
    illnesses, and may not promise anything either.
    """
    warned = set(cautions)
    said = [text for text in texts if text not in warned]
    whole = "\n".join([*said, *warned])
    praised = "\n".join(said)
    cures = _places(whole, CURES, CURES_EN) | _places(praised, ILLNESSES, ILLNESSES_EN)
    return Found(_in_order(cures), _in_order(_places(whole, WATERS, WATERS_EN)))


def _places(text: str, words: Iterable[str], english: re.Pattern[str]) -> dict[str, int]:
    """Return where each word first stands in a text."""
    places = {word: text.find(word) for word in words if word in text}
    for match in english.finditer(text):
        places.setdefault(match[0].lower(), match.start())
    return places


def _in_order(places: dict[str, int]) -> tuple[str, ...]:
    return tuple(sorted(places, key=lambda word: (places[word], word)))
