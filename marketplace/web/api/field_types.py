"""The values that requests of every surface hold."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from marketplace.kernel.errors import NotFound
from marketplace.kernel.text import UNKEPT, UNSEEN

LARGEST_ID = 2**63 - 1
LAST_YEAR = 2199
LONGEST_REFERENCE, LONGEST_NAME = 80, 40
ISO_DATE = re.compile(r"(?:[01][0-9]|2[01])[0-9]{2}-[0-9]{2}-[0-9]{2}")
"""Up to ``LAST_YEAR``, so that the nights of a stay can always be counted."""
HEX_ID = re.compile(r"[0-9a-f]{32}")

SHOWN = f"^[^{UNSEEN} ](?:[^{UNSEEN}]*[^{UNSEEN} ])?$"
"""Characters that everybody sees, with single signs that are no spaces at both ends."""
NAMED = f"^[^{UNKEPT}]*[^{UNSEEN} ][^{UNKEPT}]*$"
"""Something to be seen, and nothing that cannot be kept."""


def _iso(value: object) -> object:
    """Only 2027-06-20: pydantic itself would also take a number of seconds for a date."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if isinstance(value, str) and ISO_DATE.fullmatch(value):
        return dt.date.fromisoformat(value)
    raise ValueError("not an ISO date")


Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Cursor = Annotated[int, Field(ge=0, le=LARGEST_ID)]
Day = Annotated[
    dt.date,
    BeforeValidator(_iso),
    WithJsonSchema({"type": "string", "format": "date", "pattern": f"^{ISO_DATE.pattern}$"}),
]
Fen = Annotated[int, Field(ge=0, le=10**13)]
HexId = Annotated[str, Field(pattern=f"^{HEX_ID.pattern}$")]
"""The id of a booking or a quote."""
Reference = Annotated[str, Field(min_length=1, max_length=LONGEST_REFERENCE, pattern=SHOWN)]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME, pattern=NAMED)]
Phone = Annotated[str, Field(min_length=1, max_length=40)]


def hex_id(given: str) -> str:
    """Return an id from an address; what cannot be one is answered like one that is not there."""
    if not HEX_ID.fullmatch(given):
        raise NotFound
    return given
