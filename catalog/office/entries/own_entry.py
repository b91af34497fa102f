"""The entry of the directory as the enterprise that it is about sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from catalog.models import Enterprise
from catalog.office.cases.case_facts import Facts
from catalog.office.entries.entry_facts import current_licences, facts_of
from catalog.office.entries.entry_opening import cases_of_enterprise
from catalog.office.evidence import fact_evidence
from catalog.office.models import Evidence, Licence, ReviewCase
from catalog.states import CASE_OPEN
from catalog.vocabulary import CaseKind
from marketplace.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class OwnEntry:
    """An entry with what it rests on, and what is being changed about it."""

    enterprise: Enterprise
    facts: Facts
    evidence: Mapping[str, Evidence]
    """By the name of the fact that it proves."""
    licences: Sequence[Licence]
    open_change: ReviewCase | None
    """The change of the entry that is not decided yet."""


def own_entry(session: Session, *, enterprise_id: int) -> OwnEntry:
    """Return the entry of an enterprise; raises ``NotFound`` where there is none."""
    enterprise = session.get(Enterprise, enterprise_id)
    if enterprise is None:
        raise NotFound
    changes = (
        case
        for case in cases_of_enterprise(session, enterprise_id=enterprise_id)
        if case.kind is CaseKind.ENTERPRISE and case.status in CASE_OPEN
    )
    about = (fact_evidence.ENTERPRISE, enterprise_id)
    return OwnEntry(
        enterprise=enterprise,
        facts=facts_of(session, enterprise_id),
        evidence={row.fact: row for row in fact_evidence.rows_of(session, about)},
        licences=current_licences(session, enterprise_id),
        open_change=next(changes, None),
    )
