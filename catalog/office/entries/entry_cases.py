"""Cases about an entry of the directory: applying for one, claiming one, changing one's own."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from catalog import service
from catalog.models import Enterprise
from catalog.office.cases.case_facts import FactLine, Facts
from catalog.office.entries import entry_facts, entry_faults, entry_lines, entry_writer
from catalog.office.entries.entry_faults import Faults, Step
from catalog.office.evidence.documents import Harmful, harmful_among
from catalog.office.forbidden_claims import look_through
from catalog.office.models import ReviewCase
from catalog.office.photos.photo_intake import unmade
from catalog.states import EnterpriseStatus, WrongEnterpriseState
from catalog.vocabulary import CaseKind
from marketplace.kernel.audit import Actor, ActorKind
from marketplace.kernel.errors import Invalid

LISTED_ALREADY = "这个统一社会信用代码的企业已经在名录里。如果是您的企业，请用“认领”，不用重新申请"
APPLIED_ALREADY = "这个统一社会信用代码已经有一份申请在办，不能重复申请"
ACTIONS = {
    CaseKind.APPLICATION: "enterprise.registered",
    CaseKind.CLAIM: "enterprise.claimed",
    CaseKind.ENTERPRISE: "enterprise.changed",
}


class EntryHandler:
    """The three kinds of case whose document is an entry."""

    def facts_now(self, session: Session, case: ReviewCase) -> Facts:
        """Return the entry as it stands; nothing for an application."""
        return entry_facts.facts_of(session, case.enterprise_id) if case.enterprise_id else {}

    def faults(self, session: Session, case: ReviewCase, *, today: dt.date) -> dict[Step, Faults]:
        """Return everything that keeps the document from being submitted, by step; changes nothing.

        A change of an entry need not fill in what the entry never had.
        """
        found = self._look(session, case, case.document, today)
        if case.kind is CaseKind.ENTERPRISE:
            before = self._look(session, case, case.base, today)
            for step, faults in found.items():
                for name in before[step].missing:
                    faults.missing.pop(name, None)
        code = case.document.get("credit_code", "")
        if code and (said := taken(session, case, code)):
            found[Step.BUSINESS].wrong["credit_code"] = said
        return found

    def _look(
        self, session: Session, case: ReviewCase, document: Facts, today: dt.date
    ) -> dict[Step, Faults]:
        contact = json.loads(case.contact) if case.contact else None
        new = case.kind is not CaseKind.ENTERPRISE
        waters = look_through(self.texts(document)).waters
        found = {
            Step.BUSINESS: entry_faults.business(document, contact, contact_needed=new),
            Step.PLACE: entry_faults.place(
                document, entry_facts.known(session, case.enterprise_id)
            ),
            Step.LICENCES: entry_faults.licences(document, case.base, today),
            Step.ABOUT: entry_faults.about(document, case.base, today, waters=waters),
            Step.PHOTOS: entry_faults.photos(document),
        }
        if case.kind is CaseKind.CLAIM:
            found[Step.PROOF] = entry_faults.proof(document)
        _add_unfit_files(session, document, found)
        return found

    def check(self, session: Session, case: ReviewCase, *, today: dt.date) -> None:
        """Refuse a document that cannot be submitted; keep its credit code for this case alone.

        Raises:
            Invalid: with every fault of every step.
        """
        fields: dict[str, str] = {}
        for faults in self.faults(session, case, today=today).values():
            fields |= faults.all
        if fields:
            raise Invalid(fields)
        try:
            with session.begin_nested():
                case.credit_code = case.document.get("credit_code") or None
                session.flush()
        except IntegrityError as error:
            raise Invalid({"credit_code": APPLIED_ALREADY}) from error

    def texts(self, document: Facts) -> Iterable[str]:
        """Return everything in the document that people will read."""
        yield from (document.get(name, "") for name in ("name_zh", "name_en"))
        yield from (document.get(name, "") for name in ("note_zh", "note_en"))
        for site in document.get("sites", []):
            yield from (site.get(name, "") for name in ("name", "address", "way_zh"))
        for said in document.get("sources", {}).values():
            yield said.get("source") or ""
        for row in document.get("photos", []):
            yield row.get("alt_zh", "")
            yield row.get("alt_en", "")

    def water_report(self, document: Facts) -> bool:
        """Whether the document holds a dated test report of the water."""
        report = document.get("sources", {}).get("spring", {})
        return bool(report.get("date")) and report.get("document_id") is not None

    def lines(self, document: Facts) -> list[FactLine]:
        """Return the facts in the order of the form, without those that are empty."""
        return entry_lines.lines(document)

    def accept(
        self, session: Session, case: ReviewCase, *, reviewer_id: int, now: dt.datetime
    ) -> tuple[str, int]:
        """Make the document true: a new entry, or changes of the one that it is about.

        Raises:
            WrongEnterpriseState: the entry is suspended (to be claimed) or delisted.
            Invalid: another entry has the credit code, or a site with listings would go.
        """
        actor = Actor(ActorKind.STAFF, str(reviewer_id))
        try:
            with session.begin_nested():
                entry = self._entry(session, case, now)
                entry_writer.write(
                    session,
                    entry,
                    case.document,
                    base=case.base,
                    reviewer_id=reviewer_id,
                    actor=actor,
                    now=now,
                )
        except IntegrityError as error:
            raise Invalid({"credit_code": LISTED_ALREADY}) from error
        service.changed(session, entry, action=ACTIONS[case.kind], actor=actor, now=now)
        case.enterprise_id = entry.id
        return "enterprise", entry.id

    def _entry(self, session: Session, case: ReviewCase, now: dt.datetime) -> Enterprise:
        if case.enterprise_id is None:
            return entry_writer.new_enterprise(session, case.document, now=now)
        entry = service.locked(session, case.enterprise_id)
        if entry.status is EnterpriseStatus.DELISTED or (
            case.kind is CaseKind.CLAIM
            and (entry.claimed or entry.planned or entry.status is not EnterpriseStatus.LISTED)
        ):
            raise WrongEnterpriseState(extra={"state": entry.status.value})
        return entry


def taken(session: Session, case: ReviewCase, code: str) -> str | None:
    """Return why a credit code cannot be this case's, as a message id, or ``None``."""
    entry = session.scalar(
        sa.select(Enterprise.id)
        .where(
            Enterprise.credit_code == code,
            Enterprise.status != EnterpriseStatus.DELISTED,
            Enterprise.id != (case.enterprise_id or 0),
        )
        .limit(1)
    )
    if entry is not None:
        return LISTED_ALREADY
    other = session.scalar(
        sa.select(ReviewCase.id)
        .where(ReviewCase.credit_code == code, ReviewCase.id != case.id)
        .limit(1)
    )
    return APPLIED_ALREADY if other is not None else None


def _add_unfit_files(session: Session, document: Facts, found: dict[Step, Faults]) -> None:
    """Tell of photographs that are not made, and of files that were found harmful."""
    shown = [row["id"] for row in document.get("photos", [])]
    if problem := unmade(session, shown):
        found[Step.PHOTOS].missing["photos"] = problem
    harmful = harmful_among(session, entry_writer.documents_in(document))
    if not harmful:
        return
    for row in document.get("licences", []):
        if row.get("document_id") in harmful:
            found[Step.LICENCES].wrong[f"licence_{row['kind']}"] = Harmful.message
    for step, rows in (
        (Step.ABOUT, list(document.get("sources", {}).values())),
        (Step.PROOF, [document.get("proof", {})]),
    ):
        if step in found and harmful & {row.get("document_id") for row in rows}:
            found[step].wrong["file"] = Harmful.message
