"""Telephone numbers: one reader for everything typed, sent or loaded, and one form to keep.

Kept are mainland numbers as people there dial them (13800138000, 043112345678, 4001234567), all
others with + and their country code (+85291234567). An extension stands behind the number, apart
from it: 043112345678转8001. A number is found again by the blind index of the number alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from marketplace.kernel.messages import Message
from marketplace.kernel.text import one_line
from marketplace.kernel.typed import plain

HOME, HOME_CODE = "CN", 86
TURN = "转"
"""Stands between a number and its extension."""

NONE_TYPED = "请写电话号码"
LETTERS = "电话号码里只能有数字。有分机的，请写成 0433-1234567 转 8001"
TWO_NUMBERS = "这里只能写一个电话号码"
_MOBILE_DIGITS = 11
TOO_SHORT = Message("手机号码是%(digits)s位数字，这里少了，请再数一数", digits=_MOBILE_DIGITS)
TOO_LONG = Message("手机号码是%(digits)s位数字，这里多了，请再数一数", digits=_MOBILE_DIGITS)
NO_SUCH_MOBILE = "手机号码的第二位不会是 0、1 或 2，请核对"
NO_AREA_CODE = "座机请带区号，例如 0433-1234567；港澳台和国外的号码前面请写 + 和代码，例如 +852"
NO_SUCH_LANDLINE = "座机号码的位数不对：区号3到4位，后面7到8位，例如 0433-1234567"
NO_SUCH_ABROAD = "这个国家或地区没有这样的号码，请核对 + 后面的数字"
_LONGEST_EXTENSION = 6
LONG_EXTENSION = Message("分机号最多%(most)s位数字，请核对", most=_LONGEST_EXTENSION)

# New prefixes of mobiles come every few years, before any table of them: the shape is enough.
MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_LANDLINE = re.compile(r"(?:10|2\d)[1-9]\d{7}|[3-9]\d{2}[1-9]\d{6,7}", re.ASCII)
_SERVICE = re.compile(r"[48]00\d{7}", re.ASCII)
# Turn through (\u8f6c, \u8f49), extension (\u5206\u673a), inner line (\u5185\u7ebf).
_EXTENSION = re.compile(
    r"[,;.\s(-]*"
    r"(?:\u8f6c\u63a5?|\u8f49|\u5206[\u673a\u6a5f]\u53f7?|\u5185\u7ebf|extension|ext|x|#|;ext=)"
    r"[.:\s=]*([0-9 -]+)\)?$",
    re.IGNORECASE,
)
_THIRD_GROUP = re.compile(r"(\(?0\d{2,3}\)?[ -]?\d{7,8})-(\d{1,6})", re.ASCII)
"""0433-1234567-8001 or 04331234567-8001, as on a visiting card."""
# To be reached at (\u8054\u7cfb), mobile (\u624b\u673a), telephone (\u7535\u8bdd), landline.
_LABEL = re.compile(
    r"^(?:(?:\u8054\u7cfb|\u56fa\u5b9a)?(?:\u624b\u673a|\u7535\u8bdd)\u53f7?\u7801?|\u5ea7\u673a|tel|phone|mobile|t)[:.\s]*",
    re.IGNORECASE,
)
_SEPARATORS = re.compile(r"[\s().\-_\u00b7]+")
_SEVERAL = re.compile(r"\d{7,}[^\d]*[/,;\u3001\u6216\u548c|][^\d]*\d{7,}")
_AROUND = " .,;:\u3001\u3002\u3010\u3011[]"
"""Signs that close a sentence or stand around a number."""
_NEIGHBOURS = re.compile(r"85[23]\d{8}|8860?\d{8,9}", re.ASCII)
_LENGTHS = {852: (8,), 853: (8,), 886: (8, 9)}
"""Digits of a number there; the library lets their short numbers for services pass as well."""
_TAKES_TEXTS = {
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
    # Newer than the table of the library.
    PhoneNumberType.UNKNOWN,
}


class PhoneFault(ValueError):
    """What was typed is no telephone number; ``message`` is a message id that says why."""

    def __init__(self, message: str) -> None:
        """Keep the message id."""
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone number, and what to ask for when somebody answers."""

    number: str
    extension: str = ""

    @property
    def kept(self) -> str:
        """The one text that is kept of it."""
        return f"{self.number}{TURN}{self.extension}" if self.extension else self.number


def read(typed: str) -> Phone:
    """Return the telephone number that was typed.

    Raises:
        PhoneFault: it is none, and why.
    """
    text = _LABEL.sub("", plain(one_line(typed)).strip(_AROUND))
    if not text:
        raise PhoneFault(NONE_TYPED)
    text, extension = _parted(text)
    digits = _SEPARATORS.sub("", text)
    if not re.fullmatch(r"\+?[0-9]+", digits):
        raise PhoneFault(TWO_NUMBERS if _SEVERAL.search(text) else LETTERS)
    if len(extension) > _LONGEST_EXTENSION:
        raise PhoneFault(LONG_EXTENSION)
    digits = re.sub(r"^00(?=[1-9])", "+", digits)
    bare = digits.removeprefix(str(HOME_CODE))
    if bare != digits and (MOBILE.fullmatch(bare) or _LANDLINE.fullmatch(_undialled(bare))):
        digits = f"+{digits}"
    if _NEIGHBOURS.fullmatch(digits) and _is_valid(f"+{digits}"):
        digits = f"+{digits}"
    if digits.startswith("+") and not digits.startswith(f"+{HOME_CODE}"):
        return Phone(_abroad(digits), extension)
    return Phone(_mainland(digits), extension)


def _undialled(digits: str) -> str:
    """Return a number without the 0 that is dialled before its area code."""
    return digits.removeprefix("0")


def normal(typed: str) -> str | None:
    """Return a telephone number as it is kept, or ``None`` for what is none."""
    try:
        return read(typed).kept
    except PhoneFault:
        return None


def _parted(text: str) -> tuple[str, str]:
    """Return a number and its extension."""
    if found := _THIRD_GROUP.fullmatch(text):
        return found[1], found[2]
    found = _EXTENSION.search(text)
    return (text[: found.start()], re.sub(r"[ -]", "", found[1])) if found else (text, "")


def _parsed(digits: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(digits, HOME)
    except NumberParseException:
        return None


def _is_valid(digits: str) -> bool:
    found = _parsed(digits)
    return found is not None and phonenumbers.is_valid_number(found)


def _abroad(digits: str) -> str:
    found = _parsed(digits)
    if found is None or not phonenumbers.is_possible_number(found):
        raise PhoneFault(NO_SUCH_ABROAD)
    length = len(phonenumbers.national_significant_number(found))
    if length not in _LENGTHS.get(found.country_code or 0, (length,)):
        raise PhoneFault(NO_SUCH_ABROAD)
    return phonenumbers.format_number(found, PhoneNumberFormat.E164)


def _mainland(digits: str) -> str:
    """Return a number of the mainland as it is dialled there; a 0 before a mobile is dropped."""
    bare = _undialled(digits.removeprefix(f"+{HOME_CODE}"))
    if MOBILE.fullmatch(bare) or _SERVICE.fullmatch(bare):
        return bare
    if bare != digits and _LANDLINE.fullmatch(bare):
        return f"0{bare}"
    raise PhoneFault(_why_not_mainland(digits, bare))


def _why_not_mainland(digits: str, bare: str) -> str:
    if bare.startswith("1") and not bare.startswith("10"):
        if len(bare) != _MOBILE_DIGITS:
            return TOO_SHORT if len(bare) < _MOBILE_DIGITS else TOO_LONG
        return NO_SUCH_MOBILE
    return NO_SUCH_LANDLINE if bare != digits else NO_AREA_CODE


def number_of(kept: str) -> str:
    """Return the number without its extension: what is dialled, and what finds it again."""
    return kept.partition(TURN)[0]


def takes_texts(kept: str) -> bool:
    """Tell whether a text message reaches it: mobiles only, and none behind an extension."""
    number = normal(kept) or ""
    if TURN in number:
        return False
    if not number.startswith("+"):
        return bool(MOBILE.fullmatch(number))
    found = _parsed(number)
    return found is not None and phonenumbers.number_type(found) in _TAKES_TEXTS


def shown(kept: str) -> str:
    """Return a kept number in groups, as it is read aloud: 138 0013 8000, 0431-1234 5678."""
    number, turn, extension = kept.partition(TURN)
    found = _parsed(number)
    if found is None:
        return kept
    style = PhoneNumberFormat.INTERNATIONAL if number[0] == "+" else PhoneNumberFormat.NATIONAL
    text = phonenumbers.format_number(found, style)
    if re.sub(r"\D", "", text) != number.lstrip("+"):
        # No number of its table, such as seven digits where it expects eight: the 0 would be lost.
        text = number
    return f"{text} {turn} {extension}" if extension else text
