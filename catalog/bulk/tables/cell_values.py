"""What a cell of a workbook shows: its stored value by its number format, as text. Pure."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal

from openpyxl.utils.datetime import from_excel

LOCAL_DATES = frozenset((*range(27, 37), *range(50, 59)))
"""Numbers of formats that Chinese spreadsheets use for dates without writing out their codes."""
MOST_DIGITS = 10**15
"""Beyond, a spreadsheet has put noughts for the last digits."""
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_WRITTEN = re.compile(
    r'"([^"]*)"|[\\!](.)|[_*].|\[\$([^\]-]*)(?:-([0-9A-Fa-f]+))?\]|\[[^\]]*\]|(.)'
)
"""What a format writes beside the digits: quoted, after a stroke, as the sign of a currency."""
_OTHER_MONEY = re.compile(
    # Dollars, yen, won and euro as words, Hong Kong's and Taiwan's money, roubles, pounds.
    r"[$\xa2-\xa4\u20a0-\u20cf]|[\u6e2f\u7f8e\u65e5\u97e9\u6b27\u6fb3]\u5143"
    r"|\u65b0?[\u53f0\u6e2f\u6fb3][\u5e01\u5e63]|\u5362\u5e03|\u82f1\u9551"
    r"|\b(?:USD|HKD|TWD|NTD|MOP|JPY|KRW|EUR|RUB|GBP|AUD|CAD|SGD)\b",
    re.IGNORECASE,
)
"""Euro, won, rouble and their like stand at \u20a0, cent and pound at \xa2."""
_CODE = re.compile(r"([A-Za-z][A-Za-z0-9-]*?)0+")
# Hundred, thousand, ten thousand, hundred million; "folds" (tenths of a price), tenths.
_MULTIPLES = re.compile(r"[\u767e\u5343\u4e07\u842c\u4ebf\u5104\u6298\u6210\u2030]")
"""Behind a number they make it another one."""
_FIRST_OWN_FORMAT = 164
"""Formats below are every program's own: there the money is that of the country it runs in."""
_JAPANESE, _LANGUAGE = 0x11, 0x3FF
_WEEKDAY = re.compile(r"a{3,4}", re.IGNORECASE)
_NOUGHTS = re.compile(r"0{2,}")
_GENERAL_DECIMALS = 4
_NOISE = Decimal("1e-10")
_ESCAPED = re.compile(r"(?:_x[0-9A-Fa-f]{4}_)+")
_SECONDS_AN_HOUR, _SECONDS_A_MINUTE = 3600, 60


@dataclass(frozen=True, slots=True)
class Shape:
    """What matters of a number format."""

    percent: bool = False
    decimals: int = _GENERAL_DECIMALS
    """Places that are shown; for a general number, how many a sum may be meant to have."""
    noughts: int = 0
    """Places that are filled up with leading noughts."""
    is_local_date: bool = False
    is_weekday: bool = False
    """A date of which only the day of the week is shown, in the way of Chinese spreadsheets: its
    number from 1, Monday."""
    before: str = ""
    """Sign of a currency that is not ours, or the letters of a code whose digits follow."""
    after: str = ""
    """Word that makes the number another one, such as ten thousand."""


def shape_of(code: str, number: int) -> Shape:
    """Return what matters of the format ``code`` with this number in the workbook."""
    bare = _LITERAL.sub("", code.split(";", 1)[0]).strip()
    _whole, point, places = bare.partition(".")
    before, after = ("", "") if number < _FIRST_OWN_FORMAT else _beside(code.split(";", 1)[0])
    return Shape(
        percent="%" in bare,
        decimals=len(re.findall(r"[0#?]", places)) if point else _decimals_without_point(bare),
        noughts=len(bare) if _NOUGHTS.fullmatch(bare) else 0,
        is_local_date=number in LOCAL_DATES,
        is_weekday=_WEEKDAY.fullmatch(bare) is not None,
        before=before,
        after=after,
    )


def _beside(section: str) -> tuple[str, str]:
    """Return the foreign money and the multiple that a format shows beside its number."""
    written = "".join(_sign_of(found) for found in _WRITTEN.finditer(section))
    if code := _CODE.fullmatch(written):
        return code[1], ""
    money = _OTHER_MONEY.search(written)
    _before, _digits, behind = written.rpartition("0")
    multiple = _MULTIPLES.search(behind)
    # A comma behind the digits divides what is shown: the number itself is whole.
    is_scaled = behind.lstrip("#?").startswith(",")
    return money[0] if money else "", multiple[0] if multiple and not is_scaled else ""


def _sign_of(found: re.Match[str]) -> str:
    quoted, struck, currency, language, other = found.groups()
    if currency and language and int(language, 16) & _LANGUAGE == _JAPANESE:
        return "JPY"
    return quoted or struck or currency or other or ""


def _decimals_without_point(bare: str) -> int:
    return 0 if re.search(r"[0#]", bare) else _GENERAL_DECIMALS


def text_of_number(value: float, shape: Shape, *, epoch: dt.datetime) -> str:
    """Return a number as it is meant: 100% for 1 shown in per cent, 227.8 for 227.79999999999998.

    A decimal that the format merely hides stays: 12.5% is no 13%. Foreign money and multiples stay
    beside the number, $218 and 1.2万, so that nobody takes them for yuan.

    Raises:
        OverflowError: the last digits of so long a number are lost. ValueError: no date.
    """
    if shape.is_local_date:
        return text_of_date(from_excel(value, epoch))
    if shape.is_weekday:
        return str((epoch + dt.timedelta(days=value)).isoweekday())
    if abs(value) >= MOST_DIGITS:
        raise OverflowError
    exact = Decimal(format(value, ".15g")) * (100 if shape.percent else 1)
    near = round(exact, shape.decimals)
    if abs(near - exact) <= _NOISE * max(Decimal(1), abs(exact)):
        exact = near
    text = format(exact, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    text = f"{text}%" if shape.percent else text.zfill(shape.noughts)
    return f"{shape.before}{text}{shape.after}"


def text_of_date(value: object) -> str:
    """Return a date, with its time of day where it has one; a time as hours and minutes."""
    if isinstance(value, dt.datetime):
        date = value.date().isoformat()
        return date if value.time() == dt.time() else f"{date} {_clock(value.time())}"
    if isinstance(value, dt.time):
        return _clock(value)
    if isinstance(value, dt.timedelta):
        hours, rest = divmod(round(value.total_seconds()), _SECONDS_AN_HOUR)
        return f"{hours}:{rest // _SECONDS_A_MINUTE:02}"
    return str(value)


def _clock(time: dt.time) -> str:
    return time.isoformat("seconds" if time.second else "minutes")


def unescaped(text: str) -> str:
    """Return a text with the characters that the format had to write as ``_x000D_``."""
    return _ESCAPED.sub(lambda found: _characters(found[0]), text) if "_x" in text else text


def _characters(escapes: str) -> str:
    units = b"".join(bytes.fromhex(part) for part in re.findall(r"_x(.{4})_", escapes))
    return units.decode("utf-16-be", "surrogatepass")
