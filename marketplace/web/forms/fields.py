"""Parsing of single fields: lenient about how something is typed, strict about what it means.

Every function answers ``None`` for what it cannot read; the caller says in words what is wrong.
"""

from __future__ import annotations

import datetime as dt
import re

from marketplace.kernel import typed as reader
from marketplace.kernel.text import clean
from marketplace.web.forms.field_sizes import SIZES

FIRST_YEAR, LAST_YEAR = 2000, 2200


def text(typed: str | None, most: int = SIZES.text) -> str:
    """Return ``typed`` without what does harm (``kernel.text``), cut to ``most`` symbols."""
    return clean(typed or "", lines=True)[:most]


def key(typed: str | None) -> int | None:
    """Return the id of a row, of at most 15 digits: every database takes those."""
    normal = (typed or "").strip()
    return int(normal) if re.fullmatch(r"[0-9]{1,15}", normal) else None


def day(typed: str | None) -> dt.date | None:
    """Return a date of years in which the calendar can be paged."""
    return _in_calendar(reader.date(typed))


def month(typed: str | None) -> dt.date | None:
    """Return the first day of a month of such years."""
    return _in_calendar(reader.month(typed))


def _in_calendar(found: dt.date | None) -> dt.date | None:
    return found if found is not None and FIRST_YEAR < found.year < LAST_YEAR else None
