"""Which handler stands for which kind of case."""

from __future__ import annotations

from catalog.office.cases.case_handler import CaseHandler
from catalog.office.entries.entry_cases import EntryHandler
from catalog.office.listings.listing_facts import ListingHandler
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
