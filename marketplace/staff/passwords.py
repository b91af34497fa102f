"""Which passwords are refused, and why, in words; and making one that never is.

What is guessed first is known beforehand.

A password is judged by what is left of it once everything has been taken out that somebody who
knows the person, the house or the region tries first: logins, names in characters and in pinyin,
telephone numbers, years, the words of this site. The rest has to withstand guessing by itself.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterable

from pypinyin import lazy_pinyin
from zxcvbn import zxcvbn

from marketplace.kernel.errors import Invalid
from marketplace.kernel.messages import Message
from marketplace.staff.password_words import USUAL

SHORTEST, LONGEST = 10, 128
"""Symbols. The shortest is what a person is asked for; the longest keeps hashing cheap."""
JUDGED = 72
"""Symbols at most that are weighed: a longer password that is weak so far is weak."""
ENOUGH = 8.0
"""Decimal logarithm of the guesses that a password withstands: a hundred million."""
LONGEST_NAME = 4
"""Characters of a person's name; one syllable of anything longer says nothing."""
SHORTEST_WORD = 3
"""A shorter word of Latin letters says nothing; one of two Chinese characters does."""

GROUPS, GROUP_LENGTH = 4, 4
LETTERS = "abcdefghkmnpqrstuvwxyz23456789"
"""Of passwords made here: no letter or digit that is taken for another; 16 of them have 78 bits."""

WRONG_LENGTH = Message("密码要有 %(least)s 到 %(most)s 个字符", least=SHORTEST, most=LONGEST)
OUTER_SPACE = "密码的开头和结尾不能是空格，中间可以有"
CONTROL = "密码里有看不见的控制字符，请重新输入"
ONLY_DIGITS = "不要只用数字：生日、电话和证件号码最容易试出来。请加上几个不相干的词"
KNOWN_WORDS = "除去账号、姓名、电话、年份、地名和本站的名字，密码剩下的太少。请换几个不相干的词"
COMMON = "这是常见的密码，加几个数字或符号也一样容易猜到。请换几个不相干的词"
REPEATED = "重复的、连着的字符或键盘上一排的键太容易猜到。请换几个不相干的词"
EASY = Message(
    "这个密码太容易猜到。请换几个不相干的词，合起来不少于 %(least)s 个字符", least=SHORTEST
)

TELEPHONE = re.compile(r"(?:\+?86)?1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}")
YEAR = re.compile(r"(?:19|20)[0-9]{2}(?:[-./]?[01]?[0-9][-./]?[0-3]?[0-9])?")
LEET = tuple(
    str.maketrans(before, after)
    for before, after in (("", ""), ("@4031!5$7", "aaoeiisst"), ("@4031!5$7", "aaoellsst"))
)
"""How letters are disguised; a one stands for i and for l."""
TELLING = {"repeat": REPEATED, "sequence": REPEATED, "spatial": REPEATED}


def normal(password: str) -> str:
    """Return ``password`` as it is hashed: full-width and composed forms are one (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def new_password() -> str:
    """Return a password to be told once, on paper or by telephone; it is never one refused.

    By chance some are (of digits alone, or with a year in them): those are thrown again.
    """
    while True:
        groups = (
            "".join(secrets.choice(LETTERS) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS)
        )
        made = "-".join(groups)
        if not reason_against(made, about=()):
            return made


def check(password: str, *, about: Iterable[str] = ()) -> None:
    """Refuse a password that is too short, too long or too easy to guess.

    ``about`` are the words somebody would try who knows whose it is: login, names, telephone.

    Raises:
        Invalid: with the field ``new_password`` and the reason in words.
    """
    if reason := reason_against(normal(password), about=about):
        raise Invalid({"new_password": reason})


def reason_against(password: str, *, about: Iterable[str]) -> str:
    """Return why ``password`` is refused; empty when it is good."""
    if any(unicodedata.category(symbol) in ("Cc", "Cs") for symbol in password):
        return CONTROL
    if not SHORTEST <= len(password) <= LONGEST:
        return WRONG_LENGTH
    if password != password.strip():
        return OUTER_SPACE
    if not re.sub(r"[\d\s\W_]", "", password):
        return ONLY_DIGITS
    words = sorted({*USUAL, *_written(about)}, key=len, reverse=True)
    # Spaces and hyphens inside a common word are no secret.
    for weighed in (password[:JUDGED], re.sub(r"[\s._-]", "", password)[:JUDGED]):
        if reason := _weakness(weighed, words):
            return reason
        rest = _without(weighed, words)
        if rest != weighed and _weakness(rest, words):
            return KNOWN_WORDS
    return ""


def _weakness(password: str, words: list[str]) -> str:
    """Return why ``password`` would be guessed soon; empty when it would not."""
    if not password:
        return EASY
    found = zxcvbn(password, user_inputs=words, max_length=JUDGED)
    if found["guesses_log10"] >= ENOUGH:
        return ""
    for match in found["sequence"]:
        if match["pattern"] == "dictionary":
            return KNOWN_WORDS if match["dictionary_name"] == "user_inputs" else COMMON
        if match["pattern"] in TELLING:
            return TELLING[match["pattern"]]
    return EASY


def _written(about: Iterable[str]) -> set[str]:
    """Return the ways in which words about a person are put into a password."""
    found: set[str] = set()
    for given in about:
        plain = _folded(normal(given))
        parts = [plain, *re.split(r"[\W_]+", plain)]
        syllables = [part for part in lazy_pinyin(plain) if part.isascii() and part.isalpha()]
        if not plain.isascii() and syllables:
            whole = "".join(syllables)
            # 张建国 is zhangjianguo, jianguo, jianguozhang and zjg.
            parts += [whole, "".join(syllables[1:]), "".join(s[0] for s in syllables)]
            parts += syllables if len(syllables) <= LONGEST_NAME else []
            parts.append("".join(syllables[1:] + syllables[:1]))
        digits = re.sub(r"\D", "", plain)
        parts += [digits, digits[-8:], digits[-6:]] if len(digits) >= 6 else []  # noqa: PLR2004
        found.update(parts)
    found |= {word[::-1] for word in found}
    return {word for word in found if len(word) >= (SHORTEST_WORD if word.isascii() else 2)}


def _folded(text: str) -> str:
    """Return ``text`` in small letters, symbol by symbol, so that places stay the same."""
    return "".join(low if len(low := symbol.lower()) == 1 else symbol for symbol in text)


def _without(password: str, words: list[str]) -> str:
    """Return ``password`` without words, however disguised, and without telephones and years."""
    gone = [False] * len(password)
    plain = _folded(password)
    for pattern in (TELEPHONE, YEAR):
        for hit in pattern.finditer(plain):
            gone[hit.start() : hit.end()] = [True] * (hit.end() - hit.start())
    for table in LEET:
        shown = plain.translate(table)
        for word in words:
            start = shown.find(word)
            while start >= 0:
                gone[start : start + len(word)] = [True] * len(word)
                start = shown.find(word, start + 1)
    return "".join(symbol for symbol, taken in zip(password, gone, strict=True) if not taken)
