"""What a kind of case has to say for itself: its facts, its checks, and what accepting it does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.orm import Session

from catalog.office.models import ReviewCase

Facts = dict[str, Any]
"""A case's document: facts by name, in values that JSON knows (dates as ISO text)."""


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


class CaseHandler(Protocol):
    """One kind of case."""

    def facts_now(self, session: Session, case: ReviewCase) -> Facts:
        """Return the facts as they stand, in the shape of the document; empty for a new thing."""
        ...

    def check(self, session: Session, case: ReviewCase, *, today: dt.date) -> None:
        """Refuse a document that cannot be submitted; raises ``Invalid`` naming the fields."""
        ...

    def texts(self, document: Facts) -> Iterable[str]:
        """Return everything in the document that people will read."""
        ...

    def water_report(self, document: Facts) -> bool:
        """Whether the document holds a dated test report of the water."""
        ...

    def lines(self, document: Facts) -> list[FactLine]:
        """Return the facts in the order of the form, without those that are empty."""
        ...

    def accept(
        self, session: Session, case: ReviewCase, *, reviewer_id: int, now: dt.datetime
    ) -> tuple[str, int]:
        """Make the document true, and return what it made or changed: ("listing", 7).

        It sets ``case.enterprise_id`` and ``case.listing_id`` where the case made them, writes the
        evidence, records changes for search and feed, and raises ``DomainError`` when it cannot.
        """
        ...
