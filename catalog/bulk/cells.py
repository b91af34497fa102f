"""Single cells: kept from running as formulas on the way out, and read back as they were."""

from __future__ import annotations

import unicodedata

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
    """Return the content of a cell without control characters, outer spaces and guard."""
    if not text.isprintable():
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        text = "".join(c for c in text if c == "\n" or unicodedata.category(c)[0] != "C")
    return unguard(text.strip())
