"""Parsing of single fields: lenient about how something is typed, strict about what it means.

Every function answers ``None`` for what it cannot read; the caller says in words what is wrong.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
import unicodedata

MOST_TEXT = 300
FIRST_YEAR, LAST_YEAR = 2000, 2200


def text(typed: str | None, most: int = MOST_TEXT) -> str:
    """Return ``typed`` without control characters and outer spaces, cut to ``most`` symbols."""
    kept = "".join(c for c in typed or "" if c in "\n " or unicodedata.category(c)[0] != "C")
    return kept.strip()[:most]


def whole(typed: str | None) -> int | None:
    """Return a whole number of at most seven digits, full-width ones too."""
    normal = unicodedata.normalize("NFKC", typed or "").strip()
    return int(normal) if re.fullmatch(r"-?[0-9]{1,7}", normal) else None


def key(typed: str | None) -> int | None:
    """Return the id of a row, of at most 15 digits: every database takes those."""
    normal = (typed or "").strip()
    return int(normal) if re.fullmatch(r"[0-9]{1,15}", normal) else None


def day(typed: str | None) -> dt.date | None:
    """Return a date written year-month-day, of years in which the calendar can be paged."""
    try:
        found = dt.date.fromisoformat((typed or "").strip())
    except ValueError:
        return None
    return found if FIRST_YEAR < found.year < LAST_YEAR else None


def month(typed: str | None) -> dt.date | None:
    """Return the first day of a month written year-month."""
    return day(f"{typed.strip()}-01") if typed else None


def fen(typed: str | None) -> int | None:
    """Return yuan such as 1,280 or 268.5 in fen."""
    normal = unicodedata.normalize("NFKC", typed or "").strip().lstrip("¥")
    normal = normal.replace(",", "").replace(" ", "")
    found = re.fullmatch(r"([0-9]{1,7})(?:\.([0-9]{1,2}))?", normal)
    if found is None:
        return None
    yuan, rest = found.groups()
    return int(yuan) * 100 + int((rest or "").ljust(2, "0"))


def page_number(typed: str | None) -> int:
    """Return the page asked for; anything unreadable is the first."""
    number = whole(typed)
    return number if number is not None and number > 0 else 1


def next_month(first: dt.date) -> dt.date:
    """Return the first day of the month after the one of ``first``."""
    return first + dt.timedelta(days=calendar.monthrange(first.year, first.month)[1])


def previous_month(first: dt.date) -> dt.date:
    """Return the first day of the month before the one that begins on ``first``."""
    return (first - dt.timedelta(days=1)).replace(day=1)
