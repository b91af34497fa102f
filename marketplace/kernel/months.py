"""Months of the calendar, each by its first day. Pure."""

from __future__ import annotations

import datetime as dt


def month_after(day: dt.date, count: int = 1) -> dt.date:
    """Return the first day of the month that is ``count`` months after that of ``day``.

    A negative count goes back, and 0 is the month of ``day`` itself.
    """
    years, month = divmod(day.month - 1 + count, 12)
    return dt.date(day.year + years, month + 1, 1)
