"""The facts of a case: its document, and its lines as a reviewer compares them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Facts = dict[str, Any]
"""A case's document: facts by name, in values that JSON knows (dates as ISO text)."""
LONGEST_SOURCE = 300
"""Symbols of where a fact comes from."""


@dataclass(frozen=True, slots=True)
class FactLine:
    """One fact as a reviewer compares it: ``name`` says which, in both versions alike."""

    name: str
    label: str
    """What it is called: a message id, translated at the edge."""
    zh: str
    """The value as a Chinese reader sees it."""
    en: str
    """The value as an English reader sees it; the same text where it has no language."""
    source: str = ""
    """Where the fact comes from, as the author says."""
    source_date: str = ""
    """The date of that source, as precise as it is known."""
    document_id: int | None = None
    """The file that shows it."""
    photo_id: int | None = None
    """The photograph it is."""
