"""The season of opening: from one day of the year to another, every year. Pure."""

from __future__ import annotations

import datetime as dt
import re

WRITTEN = re.compile(r"([01][0-9])-([0-3][0-9])")
COMMON_YEAR = 2001
"""A year without a 29 February: a season neither begins nor ends on a day that most years lack."""
ALL_YEAR = 0


def number_of(written: str) -> int:
    """Return a day of the year written MM-DD as month times 100 plus day; 0 for an empty text.

    Raises:
        ValueError: there is no such day in every year.
    """
    if not written:
        return ALL_YEAR
    found = WRITTEN.fullmatch(written)
    if found is None:
        raise ValueError(written)
    day = dt.date(COMMON_YEAR, int(found[1]), int(found[2]))
    return day.month * 100 + day.day


def is_open(opens: str, closes: str, day: dt.date) -> bool:
    """Whether the night that begins on ``day`` lies in the season; without one it always does."""
    first, last = number_of(opens), number_of(closes)
    if not first or not last:
        return True
    number = day.month * 100 + day.day
    if first <= last:
        return first <= number <= last
    return number >= first or number <= last
