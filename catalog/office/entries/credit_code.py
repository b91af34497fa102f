"""The unified social credit code of a business (GB 32100): what is wrong with one. Pure."""

from __future__ import annotations

import re

from stdnum.cn.uscc import calc_check_digit

from marketplace.kernel.messages import Message
from marketplace.kernel.typed import plain

LENGTH = 18
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of the standard: I, O, S, V and Z are left out, being like 1, 0, 5, U and 2."""
REGION = slice(2, 8)
"""The registering authority's region: six digits."""

MISSING = "请填写统一社会信用代码"
WRONG_LENGTH = Message("统一社会信用代码要有 %(length)s 位，请照营业执照再数一遍", length=LENGTH)
WRONG_CHARACTER = (
    "统一社会信用代码里有不会出现的字符：只用数字和大写字母，没有 I、O、S、V、Z，第 3 到 8 位是数字"
)
WRONG_CHECK = "统一社会信用代码的最后一位校验码对不上，请照营业执照逐位核对"


def normal(typed: str) -> str:
    """Return a code as it is kept: half-width, upper case, without blanks and hyphens."""
    return re.sub(r"[\s-]", "", plain(typed)).upper()


def fault(code: str) -> str | None:
    """Return what is wrong with a code in its normal form, as a message id, or ``None``.

    The first two places may be letters (``N2`` is a village's economic collective), which is why
    the characters are looked at here and only the check character is left to the library.
    """
    if not code:
        return MISSING
    if len(code) != LENGTH:
        return WRONG_LENGTH
    if any(char not in ALPHABET for char in code) or not re.fullmatch(r"[0-9]{6}", code[REGION]):
        return WRONG_CHARACTER
    return None if code[-1] == calc_check_digit(code[:-1]) else WRONG_CHECK
