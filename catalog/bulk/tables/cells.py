"""Single cells: kept from running as formulas on the way out, and read back as they were."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from marketplace.kernel.text import clean as kept

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""A cell that begins so may be run as a formula; some programs take the full-width forms too."""


def guard(text: str) -> str:
    """Return ``text`` so that a spreadsheet takes it for text; ``unguard`` undoes it exactly."""
    return f"'{text}" if _is_risky(text) else text


def unguard(text: str) -> str:
    """Return what ``guard`` was given."""
    return text[1:] if text.startswith("'") and _is_risky(text[1:]) else text


def _is_risky(text: str) -> bool:
    return text.lstrip(" '").startswith(RISKY)


def clean(text: str) -> str:
    """Return the content of a cell without what does harm, outer spaces and guard."""
    return unguard(kept(text, lines=True))


ERRORS = re.compile(
    r"#(?:N/A|REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!|FIELD!|BLOCKED!|UNKNOWN!|BUSY!"
    r"|CONNECT!|EXTERNAL!|PYTHON!|GETTING_DATA|#{2,})",
    re.IGNORECASE,
)
"""What a spreadsheet writes where it has no value, and where a column is too narrow to show one."""


@dataclass(frozen=True, slots=True)
class CellFault:
    """A cell that shows nothing to go by; ``code`` is one of ``reasons.LINE_REASONS``."""

    code: str
    cell: str
    """Where it stands, like ``D3``."""
    value: str = ""


Content: TypeAlias = str | CellFault
