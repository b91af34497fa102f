"""Single cells of a price file: from text to a value and back. Pure.

Money is yuan in a file and fen inside; a share is per cent in a file and basis points inside. No
float touches either.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection
from typing import Any

from catalog.bulk.cells import guard
from marketplace.pricing.files.columns import (
    BOARD_NAMES,
    DATE,
    MONTH,
    WEEKDAY_BREAK,
    WEEKDAY_NAMES,
    YES_NO,
    YUAN_SIGN,
)
from marketplace.pricing.terms import EVERY_WEEKDAY

_DECIMAL = re.compile(r"(\d{1,9})(?:\.(\d{1,2}))?")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?")
_NUMBER = re.compile(r"\d{1,5}")
_WHOLE = 100
"""Fen of a yuan, and basis points of one per cent."""
LONGEST_TEXT = 60


class CellFault(ValueError):
    """A cell cannot be used; ``message`` says so in the operator's words, ``value`` is the cell."""

    def __init__(self, message: str) -> None:
        """Keep the message id, with a place for the value."""
        super().__init__(message)
        self.message = message


def read_cell(column: str, text: str, *, policies: Collection[str]) -> Any:
    """Return what the text of a cell means in a column.

    Raises:
        CellFault: it means nothing there.
    """
    if column == "policy":
        if text not in policies:
            raise CellFault("没有“%(value)s”这种取消办法")
        return text
    return _READERS[column](text)


def _date(text: str) -> dt.date:
    found = DATE.fullmatch(text)
    try:
        if found:
            return dt.date(*map(int, found.groups()))
    except ValueError:
        pass
    raise CellFault("日期“%(value)s”看不懂，请写成 2027-07-01 这样")


def _month(text: str) -> dt.date:
    found = MONTH.fullmatch(text)
    try:
        if found:
            return dt.date(int(found[1]), int(found[2]), 1)
    except ValueError:
        pass
    raise CellFault("月份“%(value)s”看不懂，请写成 2027-07 这样")


def _hundredths(text: str) -> int | None:
    found = _DECIMAL.fullmatch(text)
    if found is None:
        return None
    return int(found[1]) * _WHOLE + int((found[2] or "").ljust(2, "0"))


def _fen(text: str) -> int:
    bare = YUAN_SIGN.sub("", text)
    if _THOUSANDS.fullmatch(bare):
        bare = bare.replace(",", "")
    found = _hundredths(bare)
    if found is None:
        raise CellFault("金额“%(value)s”看不懂：请写元，最多两位小数")
    return found


def _basis_points(text: str) -> int:
    found = _hundredths(text.removesuffix("%").removesuffix("％").strip())
    if found is None or found > _WHOLE * _WHOLE:
        raise CellFault("百分比“%(value)s”看不懂：百分之八请写 8，最多两位小数")
    # A spreadsheet keeps 8% as 0.08; taken as it stands it would be a hundredth of what is meant.
    if 0 < found < _WHOLE and not text.endswith(("%", "％")):
        raise CellFault("百分比“%(value)s”太小：百分之八请写 8")
    return found


def _weekdays(text: str) -> frozenset[int]:
    found: set[int] = set()
    for part in filter(None, WEEKDAY_BREAK.split(text.lower())):
        names = [part] if part in WEEKDAY_NAMES else list(part)
        found.update(WEEKDAY_NAMES.get(name, -1) for name in names)
    if not found or -1 in found:
        raise CellFault("星期“%(value)s”看不懂：1 是星期一，7 是星期日，67 就是星期六和星期日")
    return frozenset(found)


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise CellFault("“%(value)s”不是整数")
    return int(text)


def _one_of(words: dict[str, Any]) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        if text.lower() not in words:
            raise CellFault("“%(value)s”不认识，请看说明里可以写什么")
        return words[text.lower()]

    return read


def _text(text: str) -> str:
    # What a spreadsheet would run as a formula is no name.
    if guard(text) != text:
        raise CellFault("“%(value)s”看来是公式，请写文字")
    if len(text) > LONGEST_TEXT or not text.isprintable():
        raise CellFault("“%(value)s”太长，或者有看不见的符号")
    return text


_READERS: dict[str, Callable[[str], Any]] = (
    dict.fromkeys(("first", "last", "booked_first", "booked_last"), _date)
    | dict.fromkeys(("price", "child_price"), _fen)
    | dict.fromkeys(
        (
            "nights", "most_nights", "arrival_nights", "arrival_most_nights", "count", "age",
            "days", "lead", "most_lead",
        ),
        _number,
    )
    | dict.fromkeys(("code", "name_zh", "name_en"), _text)
    | dict.fromkeys(("no_arrival", "no_departure"), _one_of(YES_NO))
    | {
        "month": _month,
        "percent": _basis_points,
        "weekdays": _weekdays,
        "board": _one_of(BOARD_NAMES),
    }
)  # fmt: skip


def yuan(fen: int) -> str:
    """Return fen as a file says them: ``218`` or ``218.50``."""
    whole, rest = divmod(fen, _WHOLE)
    return f"{whole}.{rest:02}" if rest else str(whole)


def percent(basis_points: int) -> str:
    """Return basis points as a file says them: ``8``, ``12.5``, and ``0.5%`` below one."""
    whole, rest = divmod(basis_points, _WHOLE)
    text = f"{whole}.{rest:02}".rstrip("0") if rest else str(whole)
    return text if whole or not rest else f"{text}%"


def weekdays(days: frozenset[int]) -> str:
    """Return weekdays as a file says them: ``56`` for Friday and Saturday, nothing for all."""
    return "" if days == EVERY_WEEKDAY else "".join(str(day + 1) for day in sorted(days))
