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


def shape_of(code: str, number: int) -> Shape:
    """Return what matters of the format ``code`` with this number in the workbook."""
    bare = _LITERAL.sub("", code.split(";", 1)[0]).strip()
    _whole, point, places = bare.partition(".")
    return Shape(
        percent="%" in bare,
        decimals=len(re.findall(r"[0#?]", places)) if point else _decimals_without_point(bare),
        noughts=len(bare) if _NOUGHTS.fullmatch(bare) else 0,
        is_local_date=number in LOCAL_DATES,
    )


def _decimals_without_point(bare: str) -> int:
    return 0 if re.search(r"[0#]", bare) else _GENERAL_DECIMALS


def text_of_number(value: float, shape: Shape, *, epoch: dt.datetime) -> str:
    """Return a number as it is meant: 100% for 1 shown in per cent, 227.8 for 227.79999999999998.

    A decimal that the format merely hides stays: 12.5% is no 13%.

    Raises:
        OverflowError: the last digits of so long a number are lost. ValueError: no date.
    """
    if shape.is_local_date:
        return text_of_date(from_excel(value, epoch))
    if abs(value) >= MOST_DIGITS:
        raise OverflowError
    exact = Decimal(format(value, ".15g")) * (100 if shape.percent else 1)
    near = round(exact, shape.decimals)
    if abs(near - exact) <= _NOISE * max(Decimal(1), abs(exact)):
        exact = near
    text = format(exact, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text}%" if shape.percent else text.zfill(shape.noughts)


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
