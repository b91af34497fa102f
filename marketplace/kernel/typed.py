"""Numbers, dates, money, ages and codes as people type them and as files bring them. Pure.

Lenient about how something is written: full width, Chinese numerals, units, separators. Strict
about what it means: what could be read in two ways is not read. Every function answers ``None``
for what it cannot read; the caller says in words what is wrong.
"""

from __future__ import annotations

import datetime as dt
import enum
import re
from decimal import Decimal

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xFFE5: 0xA5}
_MINUS = dict.fromkeys([*range(0x2010, 0x2016), 0x2212, 0xFE63], "-")
_DIGITS = {"\u3007": 0, "\u25cb": 0, "零": 0, "两": 2, "\u5169": 2} | {
    digit: value for value, digit in enumerate("一二三四五六七八九", 1)
}
# The hand in which sums are written out, so that nobody makes another sum of them.
_DIGITS |= {digit: value for value, digit in enumerate("壹贰叁肆伍陆柒捌玖", 1)}
_TENS = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
_NUMERAL = "[" + "".join((*_DIGITS, *_TENS)) + "]"
_NUMERALS = re.compile(f"(?<![0-9]){_NUMERAL}+(?![0-9])")
_MOST_NUMERALS = 12
_WHOLE = re.compile(r"-?[0-9]{1,7}")
_DECIMAL = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,20})?")
_GROUPED = re.compile(r"-?[0-9]{1,3}(?:([, ])[0-9]{3})(?:\1[0-9]{3})*(?:\.[0-9]{1,20})?")
_MONEY_BEFORE = re.compile(r"^(?:¥|(?:rmb|cny)(?![a-z])|人民币)\s*", re.IGNORECASE)
_MONEY_AFTER = re.compile(r"\s*(?:元整?|块钱?|圆整?|¥|(?<![a-z])(?:rmb|cny|yuan))$", re.IGNORECASE)
_YEARS_FIRST = re.compile(
    r"([0-9]{4})(?:\s*[年/.,、-]\s*|\s)([0-9]{1,2})(?:\s*[月/.,、-]\s*|\s)([0-9]{1,2})\s*[日号]?"
)
_MAYBE_LUNAR = re.compile(f"月\\s*{_NUMERAL}+(?!{_NUMERAL}|[日号])")
"""The 15th of the eighth month without the word for a day of ours: a feast, weeks later."""
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_AFTER_DAY = re.compile(
    r"[t\s]*(?:\(?(?:周|星期|礼拜)[1-6日天]\)?)?"
    r"(?:[t\s]*0?0:00(?::00(?:\.0+)?)?(?:z|\+08:?00)?)?$",
    re.IGNORECASE,
)
"""The day of the week, and midnight: a spreadsheet writes dates so."""
_MONTH = re.compile(r"([0-9]{4})(?:\s*[年/-]\s*|\.(?=[0-9]{2}))([0-9]{1,2})\s*月?")
"""After a point a month has two digits: a spreadsheet makes 2027.1 of 2027.10."""
_YEAR = re.compile(r"[0-9]{4}\s*年?")
_CLOCK = re.compile(r"([0-9]{1,2})\s*(?:[:.]|点钟?|时)\s*(?:([0-9]{1,2}|半)分?)?(?::00)?")
_HOURS, _MINUTES = 24, 60
_MOST_FEN = 10**12
_NOISE = Decimal("1e-9")
"""Farther from a whole fen than this, a third decimal was meant."""


class Unit(enum.Enum):
    """What may stand behind a number, by what is counted."""

    NONE = ""
    # As in Hong Kong and Taiwan too: \u9593, \u500b, \u5152, \u5f35, \u9031, \u6b72.
    NIGHTS = r"晚上?|夜|天|日|nights?|days?"
    ROOMS = r"[间\u9593]房?|[个\u500b]?房[间\u9593]|套|rooms?"
    PEOPLE = (
        r"位|名|口人?|[个\u500b]?人|[个\u500b]?(?:大人|成人|小孩|孩子|[儿\u5152]童)|[个\u500b]"
        r"|people|persons?|guests?|adults?|child(?:ren)?"
    )
    BEDS = r"[张\u5f35]床?|[个\u500b]|beds?"
    AGE = r"[周\u9031]?[岁\u6b72]|years?(?:[ -]old)?|yrs?|yo?"
    DEGREES = r"°|度|°?[cne]|℃"
    KILOMETRES = r"公里|千米|km"
    METRES = r"米|m|metres?|meters?"
    CENTIMETRES = r"厘米|公分|cm"
    SQUARE_METRES = r"平方?米?|\u33a1|m2|m\u00b2|sqm"
    MINUTES = r"分钟?|min(?:ute)?s?"
    STEPS = r"级|个?台阶|级台阶|steps?"


def narrow(typed: str | None) -> str:
    """Return ``typed`` with ASCII letters, digits and signs for full-width ones, no outer spaces.

    No more than that: NFKC would also make 12 of 1².
    """
    return (typed or "").translate(_WIDE).strip()


def plain(typed: str | None) -> str:
    """Return ``typed`` narrow, every dash a hyphen and a full stop between digits a point."""
    return re.sub(r"(?<=[0-9])。(?=[0-9])", ".", narrow(typed).translate(_MINUS))


def numerals(text: str) -> str:
    """Return ``text`` with digits for Chinese numerals: 三十晚 is 30晚, 二〇二七年 is 2027年."""
    return _NUMERALS.sub(lambda found: _number_of(found[0]), text)


def _number_of(text: str) -> str:
    if len(text) > _MOST_NUMERALS:
        return text
    if not any(sign in _TENS for sign in text):
        return "".join(str(_DIGITS[sign]) for sign in text)
    total, digit, unit_before, nought = 0, None, 10_000, False
    for sign in text:
        if sign in _DIGITS:
            # 一百零五: the nought between units says that one is passed over.
            if digit:
                return text
            digit = _DIGITS[sign]
            nought = nought or digit == 0
            continue
        unit = _TENS[sign]
        if unit >= unit_before or digit == 0:
            return text
        total, digit, unit_before = total + (1 if digit is None else digit) * unit, None, unit
        nought = False
    # 一百五 is 150: without a nought the last digit counts the next smaller unit.
    is_short = unit_before in _TENS.values() and unit_before > _TENS["十"] and not nought
    return str(total + (digit or 0) * (unit_before // 10 if is_short else 1))


def whole(typed: str | None, unit: Unit = Unit.NONE) -> int | None:
    """Return a whole number of at most seven digits, the ``unit`` behind it or not."""
    text = _ungrouped(_without(plain(typed), unit))
    return int(text) if _WHOLE.fullmatch(text) else None


def number(typed: str | None, unit: Unit = Unit.NONE) -> float | None:
    """Return a number with or without decimals, the ``unit`` behind it or not."""
    text = _without(plain(typed), unit)
    return float(text) if _DECIMAL.fullmatch(text) else None


def _without(text: str, unit: Unit) -> str:
    if unit is Unit.AGE:
        text = re.sub(r"^[满\u6eff]\s*", "", text)
    if unit is not Unit.NONE:
        text = re.sub(rf"\s*(?:{unit.value})$", "", text, flags=re.IGNORECASE)
    return numerals(text)


def _ungrouped(text: str) -> str:
    """Return 1,280 and 1 280 as 1280; 1,28 stays, for it may mean something else."""
    return text.replace(",", "").replace(" ", "") if _GROUPED.fullmatch(text) else text


def hundredths(typed: str | None) -> int | None:
    """Return a number with at most two decimals as hundredths: fen of yuan, points of per cent.

    Groups of three may be parted by commas or spaces. 227.79999999999998 is what a spreadsheet
    keeps of 227.80, and is that; 227.805 has a third decimal and is not read.
    """
    text = numerals(_ungrouped(plain(typed)))
    if not _DECIMAL.fullmatch(text):
        return None
    exact = Decimal(text) * 100
    found = int(exact.to_integral_value())
    if abs(exact - found) > _NOISE * max(Decimal(1), abs(exact)) or abs(found) > _MOST_FEN:
        return None
    return found


def fen(typed: str | None) -> int | None:
    """Return yuan such as ¥1,280.00, 128元 or 268.5 in fen."""
    text = _MONEY_AFTER.sub("", _MONEY_BEFORE.sub("", plain(typed)))
    found = hundredths(text)
    return found if found is not None and found >= 0 else None


def percent(typed: str | None) -> int | None:
    """Return a share such as 8, 12.5% or 100 % in basis points."""
    found = hundredths(plain(typed).removesuffix("%").rstrip())
    return found if found is not None and found >= 0 else None


def date_parts(typed: str | None) -> tuple[int, int, int] | None:
    """Return year, month and day as they are written, whether there is such a day or not."""
    if _MAYBE_LUNAR.search(plain(typed)):
        return None
    text = numerals(plain(typed))
    found = _YEARS_FIRST.match(text) or _COMPACT.match(text)
    if found is None or not _AFTER_DAY.fullmatch(text[found.end() :]):
        return None
    year, month, day = (int(part) for part in found.groups())
    return year, month, day


def date(typed: str | None) -> dt.date | None:
    """Return a date written 2027-07-01, 2027/7/1, 2027年7月1日, 20270701 or as of a spreadsheet."""
    parts = date_parts(typed)
    try:
        return dt.date(*parts) if parts else None
    except ValueError:
        return None


def month(typed: str | None) -> dt.date | None:
    """Return the first day of a month written 2027-07, 2027/7, 2027年7月 or as its first day."""
    found = _MONTH.fullmatch(numerals(plain(typed)))
    try:
        if found:
            return dt.date(int(found[1]), int(found[2]), 1)
    except ValueError:
        return None
    first = date(typed)
    return first if first is not None and first.day == 1 else None


def partial_date(typed: str | None) -> str | None:
    """Return a date, or a month or a year where no more is known, as 2027-07-01, 2027-07, 2027."""
    found = date(typed)
    if found is not None:
        return found.isoformat()
    text = numerals(plain(typed))
    if _YEAR.fullmatch(text):
        return text[:4]
    first = month(text)
    return first.isoformat()[:7] if first is not None else None


def clock(typed: str | None) -> str | None:
    """Return a time of day written 9:30, 9点30分, or 9点半 as 09:30."""
    found = _CLOCK.fullmatch(numerals(plain(typed)))
    if found is None:
        return None
    hour, minute = int(found[1]), 30 if found[2] == "半" else int(found[2] or 0)
    return f"{hour:02}:{minute:02}" if hour < _HOURS and minute < _MINUTES else None


def code(typed: str | None) -> str:
    """Return a code as machines have it: narrow, upper-case, letters and digits of ASCII alone."""
    return "".join(sign for sign in narrow(typed).upper() if sign.isascii() and sign.isalnum())
