"""Whether the rows of a price file make sense, each by itself and beside the others. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from marketplace.kernel.messages import filled
from marketplace.kernel.stay import LONGEST_NIGHTS
from marketplace.pricing.files.building import Values
from marketplace.pricing.files.columns import BY_DATE, SHAPES, Kind
from marketplace.pricing.nights.terms import (
    EVERY_WEEKDAY,
    HIGHEST_FEN,
    LOWEST_FEN,
    MOST_DAYS_AHEAD,
    WRONG_PRICE,
)

Rows = Mapping[Kind, Sequence[tuple[int, Values]]]
"""By kind: the rows of one room type with their numbers."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row cannot be used; ``message`` is a Chinese message id that ``params`` fill."""

    row: int
    message: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return it in Chinese."""
        return filled(self.message, **self.params)


class RowRefused(ValueError):
    """One row cannot be used; the reading goes on, so that all such rows are told at once."""

    def __init__(self, message: str, **params: object) -> None:
        """Keep the message id and what fills it."""
        super().__init__(message)
        self.message, self.params = message, params

    def of(self, row: int) -> Fault:
        """Return it as a fault of that row."""
        return Fault(row, self.message, self.params)


def check_row(kind: Kind, values: Values, today: dt.date) -> None:
    """Look whether the cells of a row fit each other; ``today`` is the date in Asia/Shanghai.

    Raises:
        RowRefused: they do not.
    """
    for first, last in (("first", "last"), ("booked_first", "booked_last")):
        if first in values and last in values and values[first] > values[last]:
            raise RowRefused("结束日期早于开始日期")
    if kind in (Kind.SEASON, *BY_DATE):
        last_day = values.get("last", values["first"])
        if (last_day - today).days > MOST_DAYS_AHEAD:
            raise RowRefused("日期太远：最多到今天以后 %(most)s 天", most=MOST_DAYS_AHEAD)
    if kind in _CHECKS:
        _CHECKS[kind](values)


def _night(values: Values) -> None:
    if not LOWEST_FEN <= values.get("price", LOWEST_FEN) <= HIGHEST_FEN:
        raise RowRefused(WRONG_PRICE)


def _booking(values: Values) -> None:
    if not values:
        raise RowRefused("这一行没有写任何内容")


ONE_POLICY = "取消办法写一种名称，或者写天数和百分比"


def _cancellation(values: Values) -> None:
    if set(values) not in ({"policy"}, {"days", "percent"}):
        raise RowRefused(ONE_POLICY)


_LENGTHS = ("nights", "most_nights", "arrival_nights", "arrival_most_nights")


def _restriction(values: Values) -> None:
    if not all(1 <= values.get(column, 1) <= LONGEST_NIGHTS for column in _LENGTHS):
        raise RowRefused("晚数要在 1 到 %(most_nights)s 之间", most_nights=LONGEST_NIGHTS)


_CHECKS: Mapping[Kind, Callable[[Values], None]] = {
    Kind.NIGHT: _night,
    Kind.BOOKING: _booking,
    Kind.CANCELLATION: _cancellation,
    Kind.RESTRICTION: _restriction,
}


def said_twice(rows: Rows) -> Iterator[Fault]:
    """Yield rows that say again, or otherwise, what another one says; dates are compared by day."""
    for kind, found in rows.items():
        seen: dict[tuple[Any, ...], int] = {}
        for number, values in found if kind not in BY_DATE else ():
            key = _key(kind, values)
            if key in seen:
                yield Fault(number, "和第 %(other)s 行说的是同一件事", {"other": seen[key]})
            seen.setdefault(key, number)
    policies = rows.get(Kind.CANCELLATION, ())
    if any("days" in values for _, values in policies):
        yield from (Fault(number, ONE_POLICY) for number, values in policies if "policy" in values)


def _key(kind: Kind, values: Values) -> tuple[Any, ...]:
    if kind is Kind.CANCELLATION and "policy" in values:
        return ("policy",)
    full = {"weekdays": EVERY_WEEKDAY, **values}
    return tuple(full.get(column) for column in SHAPES[kind].key)
