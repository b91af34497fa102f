"""A listing's draft as a whole: what is missing, the preview, submitting and taking back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from flask import redirect, url_for
from werkzeug.wrappers import Response

from catalog.labels import label
from catalog.office.cases import case_lifecycle
from catalog.office.cases.case_facts import FactLine
from catalog.office.listings.listing_checks import faults_of
from catalog.office.listings.listing_lines import lines
from catalog.office.listings.listing_preview import preview
from catalog.office.listings.listing_schema import PART_NAMES, SECTIONS, Section, kind_of
from catalog.office.listings.own_listings import own_listing_case
from catalog.office.models import ReviewCase
from catalog.states import CASE_EDITABLE, CaseStatus, WrongCaseState
from catalog.vocabulary import ReturnReason
from marketplace.kernel.errors import DomainError, Invalid
from marketplace.staff.roles import Permission
from marketplace.web.auth import needs, own_enterprise, staff
from marketplace.web.context import lang, services, today, unit_of_work
from marketplace.web.forms import reader
from marketplace.web.forms.reader import FormReader
from marketplace.web.forms.stay_form import read_stay
from marketplace.web.i18n import translate
from marketplace.web.operator.base import blueprint
from marketplace.web.operator.listings.listing_base import CASE, Answer, draft, section_of, to_draft
from marketplace.web.rendering import pages
from marketplace.web.rendering.pages import html
from marketplace.web.staff_frame import errors_of, framed, say, warn
from marketplace.web.traveller.listing.listing_page import page_of, with_tariffs

TONES = {
    CaseStatus.APPLIED: "info",
    CaseStatus.UNDER_REVIEW: "info",
    CaseStatus.RETURNED: "wait",
    CaseStatus.ACCEPTED: "good",
    CaseStatus.REFUSED: "bad",
}


@dataclass(frozen=True, slots=True)
class DraftHtml(pages.Page):
    """The pages of a draft, and what is missing on each."""

    template: ClassVar[str] = "operator/listings/listing_draft.html"

    case: ReviewCase
    kind: str
    status: str
    tone: str
    editable: bool
    may_withdraw: bool
    sections: Sequence[tuple[str, str, Sequence[tuple[str, str]]]]
    """Page, heading, and its faults by field."""
    ready: bool
    lines: Sequence[FactLine]
    cures: Sequence[str]
    reasons: Sequence[str]
    errors: Mapping[str, str]


@blueprint.get(CASE)
@needs(Permission.EDIT_OWN_LISTINGS)
def listing_draft(case_id: int) -> str:
    """Show the pages of a draft, what is missing on each, and what the office said."""
    return _overview(draft(case_id))


def _overview(case: ReviewCase, errors: dict[str, str] | None = None) -> str:
    kind = kind_of(case.document)
    heads = {**SECTIONS, Section.PARTS: PART_NAMES[kind]}
    found = faults_of(case.document, today=today())
    missing: dict[Section, list[tuple[str, str]]] = {section: [] for section in Section}
    for name, message in found.items():
        missing[section_of(name)].append((name, translate(message)))
    return framed(
        DraftHtml(
            case=case,
            kind=label(kind, lang()),
            status=label(case.status, lang()),
            tone=TONES.get(case.status, ""),
            editable=case.status in CASE_EDITABLE,
            may_withdraw=case.status in (CaseStatus.DRAFT, CaseStatus.RETURNED, CaseStatus.APPLIED),
            sections=[
                (section.value, translate(heads[section]), missing[section]) for section in heads
            ],
            ready=not found,
            lines=lines(case.document),
            cures=case_lifecycle.claims_in(case).cures,
            reasons=[label(ReturnReason(reason), lang()) for reason in case.reasons],
            errors=errors or {},
        ),
        nav="listings",
    )


@blueprint.get(f"{CASE}/preview")
@needs(Permission.EDIT_OWN_LISTINGS)
def preview_listing(case_id: int) -> str:
    """Show the draft as travellers would see it: rooms that are sold with their prices of today."""
    case = draft(case_id)
    with services().database.read() as session:
        shown = with_tariffs(session, preview(session, case))
    return html(
        replace(
            page_of(shown, read_stay(FormReader(), today=today())),
            new_rooms=any(room.id < 0 for room in shown.page.room_types),
            preview_back=url_for("operator.listing_draft", case_id=case_id),
        )
    )


@blueprint.post(f"{CASE}/submit")
@needs(Permission.EDIT_OWN_LISTINGS)
def submit_listing(case_id: int) -> Answer:
    """Put a draft before the office."""
    try:
        with services().database.write() as session:
            own_listing_case(session, case_id, enterprise_id=own_enterprise())
            case_lifecycle.submit(
                unit_of_work(session, staff().actor),
                case_id=case_id,
                version=reader.posted().key("version") or 0,
            )
    except WrongCaseState as error:
        warn(error.message)
        return to_draft(case_id)
    except DomainError as error:
        return _refused(case_id, error), error.http_status
    say("已提交。审核通过以前，旅客看到的还是原来的内容")
    return to_draft(case_id)


def _refused(case_id: int, error: DomainError) -> str:
    """Show the draft again; what is missing stands at its page, everything else on top."""
    case = draft(case_id)
    known = isinstance(error, Invalid) and bool(faults_of(case.document, today=today()))
    return _overview(case, {} if known else errors_of(error))


@blueprint.post(f"{CASE}/withdraw")
@needs(Permission.EDIT_OWN_LISTINGS)
def withdraw_listing(case_id: int) -> Response:
    """Take a draft back; what travellers see stays as it is."""
    try:
        with services().database.write() as session:
            own_listing_case(session, case_id, enterprise_id=own_enterprise())
            case_lifecycle.withdraw(
                unit_of_work(session, staff().actor),
                case_id=case_id,
                version=reader.posted().key("version") or 0,
            )
    except (WrongCaseState, case_lifecycle.StaleForm) as error:
        warn(error.message)
        return to_draft(case_id)
    say("已撤回，草稿不再保留")
    return redirect(url_for("operator.listings"), 303)
