"""What letters a text holds: how a reading of a file in one encoding is told from another. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

HAN = r"\u3005-\u3007\u3021-\u3029\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
SIGNS = (
    r"\xa0-\xbf\xd7\xf7\u02c7\u02c9"  # of Latin-1, and tones
    r"\u2010-\u205e\u2070-\u209f\u20a0-\u20cf\u2100-\u24ff"  # punctuation, units, numbers in rings
    r"\u25a0-\u27bf\u3000-\u3004\u3008-\u3020\u3030-\u303f\u3200-\u33ff"
    r"\ufe00-\ufe0f\ufe30-\ufe4f\ufeff\uff00-\uff60\uffe0-\uffef"
    r"\U0001f000-\U0001faff\U000e0100-\U000e01ef"
)
LATIN = r"\xc0-\xd6\xd8-\xf6\xf8-\u024f\u1e00-\u1eff"
KANA = r"\u3040-\u30ff\u31f0-\u31ff"
HANGUL = r"\u1100-\u11ff\u3130-\u318f\uac00-\ud7af"
CYRILLIC = r"\u0400-\u052f"

_HAN = re.compile(f"[{HAN}]")
_STRANGE = re.compile(f"[^\\x00-\\x7f{HAN}{SIGNS}{LATIN}]")
# Accents stand in words: one letter alone, without a plain one beside it, is none.
_LONELY = re.compile(f"(?<![A-Za-z{LATIN}])[{LATIN}]+(?![A-Za-z{LATIN}])")
_FIRST_LEVEL = frozenset(
    bytes((lead, trail)).decode("gb2312", "ignore")
    for lead in range(0xB0, 0xD8)
    for trail in range(0xA1, 0xFF)
)
"""The 3,755 characters that nearly every Chinese text is written with."""


@dataclass(slots=True)
class Letters:
    """How many letters of which kind a text holds."""

    han: int = 0
    common: int = 0
    """Of those, characters of everyday Chinese."""
    strange: int = 0
    """Letters and signs that are neither Han nor Latin nor usual punctuation."""

    def add(self, text: str) -> None:
        """Count the letters of ``text``."""
        if text.isascii():
            return
        found = _HAN.findall(text)
        self.han += len(found)
        self.common += sum(sign in _FIRST_LEVEL for sign in found)
        self.strange += len(_STRANGE.findall(text)) + len(_LONELY.findall(text))

    @property
    def look_chinese(self) -> bool:
        """Whether it may be Chinese: everyday characters mostly, and few letters of others."""
        return self.common * 2 >= self.han > 0 and self.strange * 4 <= self.han


def letters_of(texts: Iterable[str]) -> Letters:
    """Return how many letters of which kind the texts hold together."""
    counted = Letters()
    for text in texts:
        counted.add(text)
    return counted


def holds(text: str, script: str) -> bool:
    """Tell whether a quarter of the letters of ``text`` beyond ASCII are of ``script``."""
    beyond = re.findall(r"[^\x00-\xbf\u2000-\u206f\u3000-\u303f]", text)
    return 0 < len(beyond) <= 4 * len(re.findall(f"[{script}]", _LONELY.sub("", text)))


def all_of(text: str, script: str) -> bool:
    """Tell whether every letter of ``text`` beyond ASCII is of ``script``."""
    return re.search(f"[^\\x00-\\x7f{SIGNS}{script}]", text) is None
