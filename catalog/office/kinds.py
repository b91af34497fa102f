"""Which handler stands for which kind of case."""

from __future__ import annotations

from catalog.office.entry import EntryHandler
from catalog.office.handling import CaseHandler
from catalog.office.listing_facts import ListingHandler
from catalog.vocabulary import CaseKind

HANDLERS: dict[CaseKind, CaseHandler] = {
    CaseKind.APPLICATION: EntryHandler(),
    CaseKind.CLAIM: EntryHandler(),
    CaseKind.ENTERPRISE: EntryHandler(),
    CaseKind.LISTING: ListingHandler(),
}


def handler_of(kind: CaseKind) -> CaseHandler:
    """Return the handler of a kind of case."""
    return HANDLERS[kind]
