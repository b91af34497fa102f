"""Review: the queue of cases, and one case with what it asks, compares and proves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import redirect, url_for
from werkzeug.wrappers import Response

from catalog.office.cases import case_review, review_queue
from catalog.office.cases.case_facts import FactLine
from catalog.office.cases.case_review import Contact
from catalog.office.cases.comparison import Change, Compared, different
from catalog.office.cases.review_queue import Review, Shelf
from catalog.office.models import ReviewCase
from catalog.states import CaseStatus
from catalog.vocabulary import CaseKind
from marketplace.kernel.audit_queries import TrailEntry, account_ids, entries_for
from marketplace.kernel.pagination import Page
from marketplace.staff.queries import logins
from marketplace.staff.roles import Permission
from marketplace.web.auth import needs, staff
from marketplace.web.context import now, services, today
from marketplace.web.forms import reader
from marketplace.web.forms.links import link_to
from marketplace.web.i18n import translate
from marketplace.web.office.base import blueprint
from marketplace.web.protection.access_notes import contact_shown
from marketplace.web.rendering import pages
from marketplace.web.staff_frame import framed

CASE = "<int(max=999999999999999):case_id>"
SHELVES = {
    Shelf.WAITING: "等待审核",
    Shelf.MINE: "我在审核",
    Shelf.UNDER_REVIEW: "审核中",
    Shelf.DECIDED: "已办结",
}
CHANGES = {
    Change.ADDED: ("新增", "good"),
    Change.REMOVED: ("删去", "bad"),
    Change.CHANGED: ("改了", "wait"),
    Change.EVIDENCE: ("只改来源", "info"),
    Change.UNCHANGED: ("没变", ""),
}
TONES = {
    CaseStatus.APPLIED: "wait",
    CaseStatus.UNDER_REVIEW: "info",
    CaseStatus.ACCEPTED: "good",
    CaseStatus.RETURNED: "wait",
    CaseStatus.REFUSED: "bad",
}


@dataclass(frozen=True, slots=True)
class CasesHtml(pages.Page):
    """One shelf of the queue."""

    template: ClassVar[str] = "office/cases.html"

    page: Page[review_queue.QueueRow]
    shelf: Shelf
    kind: CaseKind | None
    shelves: Sequence[tuple[Shelf, str, int]]
    """Each with its word, and how many cases stand there."""
    kinds: Mapping[CaseKind, int]
    logins: Mapping[int, str]
    tone: Callable[[CaseStatus], str]
    page_url: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class CaseHtml(pages.Page):
    """A case under review, side by side with what is there."""

    template: ClassVar[str] = "office/case.html"

    review: review_queue.Review
    case: ReviewCase
    tone: str
    rows: Sequence[Compared]
    whole: bool
    """All facts are shown, not only those that differ."""
    change: Callable[[Compared], tuple[str, str]]
    mine: bool
    contact: Contact | None
    story: Sequence[TrailEntry]
    logins: Mapping[int, str]
    typed: Typed
    errors: Mapping[str, str]
    photo: Callable[[FactLine], str]
    proof: Callable[[FactLine], str]


@blueprint.get("/cases")
@needs(Permission.REVIEW_CASES)
def cases() -> str:
    """Show one shelf of the queue, the oldest submission first."""
    shelf = reader.asked().choice("status", Shelf) or Shelf.WAITING
    kind = reader.asked().choice("kind", CaseKind)
    me, number = staff().account.id, reader.asked().page()
    with services().database.read() as session:
        page = review_queue.queue_page(
            session, shelf=shelf, kind=kind, reviewer_id=me, page=number, now=now()
        )
        counts = review_queue.shelves(session, reviewer_id=me)
        kinds = review_queue.kinds_on(session, shelf=shelf, reviewer_id=me)
        names = logins(session, user_ids={row.reviewer_id for row in page.items if row.reviewer_id})
    given = {"status": shelf.value} | ({"kind": kind.value} if kind else {})
    return framed(
        CasesHtml(
            page=page,
            shelf=shelf,
            kind=kind,
            shelves=[(one, translate(word), counts[one]) for one, word in SHELVES.items()],
            kinds=kinds,
            logins=names,
            tone=lambda status: TONES.get(status, ""),
            page_url=lambda number: link_to("office.cases", given, page=number),
        ),
        nav="cases",
    )


@dataclass(frozen=True, slots=True)
class Typed:
    """What a reviewer typed into the forms of a case; kept when it is refused."""

    overrides: dict[str, str]
    """Reason by word of cure."""
    words: str
    """What is written to the author with an acceptance."""
    reasons: tuple[str, ...]
    remark: str


NOTHING_TYPED = Typed({}, "", (), "")


@blueprint.get(f"/cases/{CASE}")
@needs(Permission.REVIEW_CASES)
def case(case_id: int) -> str:
    """Show one case."""
    return case_page(case_id, NOTHING_TYPED, {})


def case_page(case_id: int, typed: Typed, errors: dict[str, str]) -> str:
    """Return the page of a case, with what was typed and what was wrong with it."""
    me = staff()
    with services().database.read() as session:
        review = review_queue.review(session, case_id, today=today())
        story = entries_for(session, subject=("case", case_id))
        names = logins(session, user_ids=_people(review, story))
        shown = case_review.has_read_contact(session, case_id=case_id, actor=me.actor)
    if shown:
        contact_shown(case_id)
    whole = reader.asked().sent("all") == "1"
    under_review = review.case.status is CaseStatus.UNDER_REVIEW
    return framed(
        CaseHtml(
            review=review,
            case=review.case,
            tone=TONES.get(review.case.status, ""),
            rows=review.rows if whole else different(review.rows),
            whole=whole,
            change=lambda row: (translate(CHANGES[row.change][0]), CHANGES[row.change][1]),
            mine=under_review and review.case.reviewer_id == me.account.id,
            contact=case_review.contact_of(review.case) if shown else None,
            story=story,
            logins=names,
            typed=typed,
            errors=errors,
            photo=photo_url,
            proof=lambda line: proof_url(line, case_id),
        ),
        nav="cases",
    )


def _people(review: Review, story: list[TrailEntry]) -> set[int]:
    """Whose sign-in names a case's page shows."""
    reviewer = {review.case.reviewer_id} if review.case.reviewer_id else set()
    return account_ids(story) | reviewer | {review.case.author_id}


def photo_url(line: FactLine) -> str:
    """Return the address of a fact's photograph, small; empty when it is none."""
    if line.photo_id is None:
        return ""
    return url_for("media.photo", photo_id=line.photo_id, size=480, kind="webp")


def proof_url(line: FactLine, case_id: int) -> str:
    """Return the address of the document that shows a fact; empty when there is none."""
    if line.document_id is None:
        return ""
    return url_for("office.document", document_id=line.document_id, case=case_id, fact=line.name)


@blueprint.post(f"/cases/{CASE}/contact")
@needs(Permission.REVIEW_CASES)
def contact(case_id: int) -> Response:
    """Note that the reviewer reads the contact, and show it on the case's page from now on."""
    with services().database.write() as session:
        case_review.read_contact(session, case_id=case_id, actor=staff().actor, now=now())
    return redirect(url_for("office.case", case_id=case_id, _anchor="contact"), 303)
