"""Single cells of a price file: from text to a value and back. Pure.

Money is yuan in a file and fen inside; a share is per cent in a file and basis points inside. No
float touches either.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from typing import Any

from catalog.bulk.tables.cells import guard
from marketplace.kernel import money, typed
from marketplace.kernel.typed import Unit
from marketplace.pricing.files.columns import (
    BOARD_NAMES,
    WEEKDAY_BREAK,
    WEEKDAY_NAMES,
    YES_NO,
)
from marketplace.pricing.nights.terms import EVERY_WEEKDAY

_WHOLE = 100
"""Fen of a yuan, and basis points of one per cent."""
LONGEST_TEXT = 60
MOST_FEN = 10**11
MOST_NUMBER = 99_999


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
    found = typed.date(text)
    if found is None:
        raise CellFault("日期“%(value)s”看不懂，请写成 2027-07-01 这样")
    return found


def _month(text: str) -> dt.date:
    found = typed.month(text)
    if found is None:
        raise CellFault("月份“%(value)s”看不懂，请写成 2027-07 这样")
    return found


def _fen(text: str) -> int:
    found = typed.fen(text)
    if found is None or found > MOST_FEN:
        raise CellFault("金额“%(value)s”看不懂：请写元，最多两位小数")
    return found


def _basis_points(text: str) -> int:
    found = typed.percent(text)
    if found is None or found > _WHOLE * _WHOLE:
        raise CellFault("百分比“%(value)s”看不懂：百分之八请写 8，最多两位小数")
    # Whoever means 8 % and writes 0.08 would get a hundredth of it.
    if 0 < found < _WHOLE and not text.endswith(("%", "％")):
        raise CellFault("百分比“%(value)s”太小：百分之八请写 8")
    return found


def _weekdays(text: str) -> frozenset[int]:
    found: set[int] = set()
    for part in filter(None, WEEKDAY_BREAK.split(typed.narrow(text).lower())):
        names = [part] if part in WEEKDAY_NAMES else list(part)
        found.update(WEEKDAY_NAMES.get(name, -1) for name in names)
    if not found or -1 in found:
        raise CellFault("星期“%(value)s”看不懂：1 是星期一，7 是星期日，67 就是星期六和星期日")
    return frozenset(found)


def _number(unit: Unit) -> Callable[[str], int]:
    def read(text: str) -> int:
        found = typed.whole(text, unit)
        if found is None or not 0 <= found <= MOST_NUMBER:
            raise CellFault("“%(value)s”不是整数")
        return found

    return read


def _one_of(words: dict[str, Any]) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        word = typed.narrow(text).lower()
        if word not in words:
            raise CellFault("“%(value)s”不认识，请看说明里可以写什么")
        return words[word]

    return read


def _text(text: str) -> str:
    # What a spreadsheet would run as a formula is no name.
    if guard(text) != text:
        raise CellFault("“%(value)s”看来是公式，请写文字")
    if len(text) > LONGEST_TEXT or "\n" in text:
        raise CellFault("“%(value)s”太长，或者有看不见的符号")
    return text


_READERS: dict[str, Callable[[str], Any]] = (
    dict.fromkeys(("first", "last", "booked_first", "booked_last"), _date)
    | dict.fromkeys(("price", "child_price"), _fen)
    | dict.fromkeys(
        ("nights", "most_nights", "arrival_nights", "arrival_most_nights"), _number(Unit.NIGHTS)
    )
    | dict.fromkeys(("days", "lead", "most_lead"), _number(Unit.NIGHTS))
    | {"count": _number(Unit.PEOPLE), "age": _number(Unit.AGE)}
    | dict.fromkeys(("code", "name_zh", "name_en"), _text)
    | dict.fromkeys(("no_arrival", "no_departure"), _one_of(YES_NO))
    | {
        "month": _month,
        "percent": _basis_points,
        "weekdays": _weekdays,
        "board": _one_of(BOARD_NAMES),
    }
)


def percent(basis_points: int) -> str:
    """Return basis points as a file says them: ``8``, ``12.5``, and ``0.5%`` below one."""
    text = money.percentage(basis_points)
    return f"{text}%" if 0 < basis_points < _WHOLE else text


def weekdays(days: frozenset[int]) -> str:
    """Return weekdays as a file says them: ``56`` for Friday and Saturday, nothing for all."""
    return "" if days == EVERY_WEEKDAY else "".join(str(day + 1) for day in sorted(days))
