"""Which handler stands for which kind of case."""

from __future__ import annotations

from catalog.office.handling import CaseHandler
from catalog.vocabulary import CaseKind

HANDLERS: dict[CaseKind, CaseHandler] = {}


def handler_of(kind: CaseKind) -> CaseHandler:
    """Return the handler of a kind of case."""
    return HANDLERS[kind]
