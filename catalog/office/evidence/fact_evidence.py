"""The evidence of facts: where each comes from, and when the office last found it right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.office.cases.case_facts import Facts
from catalog.office.models import Evidence

ENTERPRISE, LISTING = "enterprise", "listing"
"""Kinds of subjects."""
Subject = tuple[str, int]
"""A kind and an id."""


def rows_of(session: Session, subject: Subject) -> list[Evidence]:
    """Return the evidence of an enterprise or listing, by the names of the facts."""
    rows = session.scalars(
        sa.select(Evidence)
        .where(Evidence.subject_kind == subject[0], Evidence.subject_id == subject[1])
        .order_by(Evidence.fact)
    )
    return list(rows)


def told(row: Evidence) -> Facts:
    """Return a row in the shape of a document's ``sources``."""
    return {"source": row.source, "date": row.source_date, "document_id": row.document_id}


def write(
    session: Session,
    subject: Subject,
    said: Mapping[str, Facts],
    *,
    unchanged: Collection[str],
    reviewer_id: int,
    now: dt.datetime,
) -> None:
    """Replace the evidence by what was ``said`` and is verified now.

    ``unchanged`` facts that stand here already were not looked at again: they stay verified as
    they were, by whom and when.
    """
    kept = {row.fact for row in rows_of(session, subject)} & said.keys() & set(unchanged)
    session.execute(
        sa.delete(Evidence).where(
            Evidence.subject_kind == subject[0],
            Evidence.subject_id == subject[1],
            Evidence.fact.not_in(kept),
        )
    )
    session.add_all(
        Evidence(
            subject_kind=subject[0],
            subject_id=subject[1],
            fact=fact,
            source=facts["source"],
            source_date=facts.get("date") or "",
            document_id=facts.get("document_id"),
            verified_by=reviewer_id,
            verified_at=now,
        )
        for fact, facts in said.items()
        if fact not in kept
    )
    session.flush()
