"""What a kind of case has to say for itself: its facts, its checks, and what accepting it does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Protocol

from sqlalchemy.orm import Session

from catalog.office.cases.case_facts import FactLine, Facts
from catalog.office.models import ReviewCase


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
