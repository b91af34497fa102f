"""The steps with files: licences, grades, the description and its proofs, one file a form."""

from __future__ import annotations

from flask import abort

from catalog.labels import label
from catalog.office.cases.case_facts import Facts
from catalog.office.entries import entry_faults
from catalog.office.entries.entry_faults import Step
from catalog.office.licences.required_licences import licences_of
from catalog.vocabulary import Category, GradeScheme, LicenceKind
from marketplace.web.context import lang, today
from marketplace.web.entry_case import form_parser
from marketplace.web.entry_case.base import CASE, Answer, opened, page, step_page
from marketplace.web.entry_case.step_html import (
    AboutHtml,
    GradeHtml,
    LicenceHtml,
    LicencesHtml,
    ProofHtml,
    WaterHtml,
)
from marketplace.web.entry_case.upload_form import Item, names, run
from marketplace.web.forms import reader
from marketplace.web.protection.security import takes_file

ENDS = "请填写有效期的最后一天；没有期限的，选“长期有效”"


def _needed(document: Facts) -> list[LicenceKind]:
    category = document.get("category", "")
    known = category in {member.value for member in Category}
    return licences_of(Category(category) if known else None)


@page(f"{CASE}/licences", methods=["GET"])
def licences(case_id: int) -> Answer:
    """List the licences: those that are needed, given or not, and what else may be given."""
    held = opened(case_id)
    given = {row["kind"]: row for row in held.case.document.get("licences", [])}
    needed = _needed(held.case.document)
    shown = LicencesHtml(
        given=given,
        needed=[(kind.value, label(kind, lang())) for kind in needed],
        others=[(kind.value, label(kind, lang())) for kind in LicenceKind if kind not in needed],
        said=held.faults[Step.LICENCES].wrong,
        names=names(*given.values()),
        next_view=held.after(Step.LICENCES),
        has_category=bool(held.case.document.get("category")),
    )
    return step_page(shown, held, Step.LICENCES)


@page(f"{CASE}/licences/<kind>", methods=["GET", "POST"])
@takes_file
def licence(case_id: int, kind: str) -> Answer:
    """Ask for one licence with its scan; a POST saves it, or takes it out of the draft."""
    member = _member(LicenceKind, kind)
    held = opened(case_id)
    rows = {row["kind"]: row for row in held.case.document.get("licences", [])}
    registered = {row["kind"] for row in held.case.base.get("licences", [])}
    forever = rows.get(kind, {}).get("expires_on") == ""
    item = Item(
        page=lambda facts, names: LicenceHtml(
            facts=facts,
            names=names,
            kind=kind,
            title=label(member, lang()),
            forever=reader.posted().ticked("forever") if reader.posted() else forever,
            removable=kind in rows and kind not in registered,
        ),
        step=Step.LICENCES,
        facts=rows.get(kind, {}),
        read=lambda form, document_id: form_parser.licence(form, kind, document_id),
        faults=_licence_faults,
        change=lambda facts: {"licences": _in_order({**rows, kind: facts}, LicenceKind)},
        after="licences",
    )
    return run(held, item)


def _licence_faults(facts: Facts) -> dict[str, str]:
    found = entry_faults.licence(facts, today()).all
    if not facts["expires_on"] and not reader.posted().ticked("forever"):
        found["expires_on"] = ENDS
    return found


@page(f"{CASE}/about", methods=["GET", "POST"])
@takes_file
def about(case_id: int) -> Answer:
    """Ask for the description and where it comes from; grades and the water have own pages."""
    held = opened(case_id)
    document = held.case.document
    sources = document.get("sources", {})
    notes = {name: document.get(name, "") for name in ("note_zh", "note_en")}
    item = Item(
        page=lambda facts, names: AboutHtml(
            facts=facts,
            names=names,
            report=sources.get("spring", {}),
            grades={row["scheme"]: row for row in document.get("grades", [])},
            schemes=[(scheme.value, label(scheme, lang())) for scheme in GradeScheme],
            said=held.faults[Step.ABOUT].wrong,
        ),
        step=Step.ABOUT,
        facts={**notes, **sources.get("note_zh", {})},
        read=lambda form, document_id: {
            "note_zh": form_parser.text(form, "note_zh"),
            "note_en": form_parser.text(form, "note_en"),
            **form_parser.source(form, document_id, at="note_"),
        },
        faults=lambda facts: entry_faults.about(_told(facts), {}, today(), waters=()).wrong,
        change=lambda facts: _told(facts or {}, sources),
        after=held.after(Step.ABOUT),
    )
    return run(held, item)


def _told(facts: Facts, sources: Facts | None = None) -> Facts:
    """Return a description with its source as the document keeps them."""
    source = {name: facts.get(name, "") for name in ("source", "date")}
    source["document_id"] = facts.get("document_id")
    return {
        "note_zh": facts.get("note_zh", ""),
        "note_en": facts.get("note_en", ""),
        "sources": {**(sources or {}), "note_zh": source},
    }


@page(f"{CASE}/grades/<scheme>", methods=["GET", "POST"])
@takes_file
def grade(case_id: int, scheme: str) -> Answer:
    """Ask for one grade with its evidence; a POST saves it, or takes it out."""
    member, fact = _member(GradeScheme, scheme), f"grade:{scheme}"
    held = opened(case_id)
    rows = {row["scheme"]: row for row in held.case.document.get("grades", [])}
    sources = held.case.document.get("sources", {})
    item = Item(
        page=lambda facts, names: GradeHtml(
            facts=facts,
            names=names,
            title=label(member, lang()),
            scheme=scheme,
            removable=scheme in rows,
        ),
        step=Step.ABOUT,
        facts={**sources.get(fact, {}), **rows.get(scheme, {})},
        read=lambda form, document_id: {
            "scheme": scheme,
            "value": form_parser.text(form, "value"),
            "as_of": form_parser.day(form, "as_of"),
            "source": form_parser.text(form, "source"),
            "document_id": document_id,
        },
        faults=lambda facts: entry_faults.grade(facts, facts, today()).all,
        change=lambda facts: {
            "grades": _in_order({**rows, scheme: _graded(facts)}, GradeScheme),
            "sources": _with(sources, fact, _proved(facts)),
        },
        after="about",
    )
    return run(held, item)


def _graded(facts: Facts | None) -> Facts | None:
    return {name: facts[name] for name in ("scheme", "value", "as_of")} if facts else None


def _proved(facts: Facts | None) -> Facts | None:
    if facts is None:
        return None
    proof = {"source": facts["source"], "document_id": facts["document_id"]}
    return {**proof, "date": facts["as_of"]}


@page(f"{CASE}/water", methods=["GET", "POST"])
@takes_file
def water(case_id: int) -> Answer:
    """Ask for the test report of the water that the description speaks of."""
    held = opened(case_id)
    sources = held.case.document.get("sources", {})
    item = Item(
        page=lambda facts, names: WaterHtml(
            facts=facts, names=names, removable="spring" in sources
        ),
        step=Step.ABOUT,
        facts=sources.get("spring", {}),
        read=form_parser.source,
        faults=lambda facts: entry_faults.report(facts, today()).all,
        change=lambda facts: {"sources": _with(sources, "spring", facts)},
        after="about",
    )
    return run(held, item)


@page(f"{CASE}/proof", methods=["GET", "POST"])
@takes_file
def proof(case_id: int) -> Answer:
    """Ask what shows that a claim comes from the owner."""
    held = opened(case_id)
    if Step.PROOF not in held.faults:
        abort(404)
    item = Item(
        page=lambda facts, names: ProofHtml(
            facts=facts,
            names=names,
        ),
        step=Step.PROOF,
        facts=held.case.document.get("proof", {}),
        read=lambda form, document_id: {
            "explanation": form_parser.text(form, "explanation"),
            "document_id": document_id,
        },
        faults=lambda facts: entry_faults.proof({"proof": facts}).wrong,
        change=lambda facts: {"proof": facts or {}},
        after=held.after(Step.PROOF),
    )
    return run(held, item)


def _member(kind: type[LicenceKind | GradeScheme], value: str) -> LicenceKind | GradeScheme:
    if value not in {member.value for member in kind}:
        abort(404)
    return kind(value)


def _in_order(rows: dict[str, Facts | None], order: type[LicenceKind | GradeScheme]) -> list[Facts]:
    """Return the rows that there are, in the order of the vocabulary."""
    return [row for member in order if (row := rows.get(member.value)) is not None]


def _with(sources: Facts, fact: str, source: Facts | None) -> Facts:
    """Return the sources with the one of ``fact`` set or taken out."""
    kept = {name: value for name, value in sources.items() if name != fact}
    return kept if source is None else {**kept, fact: source}
