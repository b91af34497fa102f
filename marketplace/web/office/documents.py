"""The evidence viewer: a document beside the fact that it shall prove.

A document is what a stranger uploaded. Its bytes go out under a policy of their own that lets them
do nothing at all: no script, no form, no other address.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import quote

from flask import Response, make_response, url_for

from catalog.office.cases import review_queue
from catalog.office.cases.comparison import Compared
from catalog.office.evidence.documents import content_of, document_for
from catalog.office.models import Document
from catalog.states import FileState
from marketplace.kernel.errors import NotFound
from marketplace.staff.roles import Permission
from marketplace.web.auth import needs
from marketplace.web.context import services, today
from marketplace.web.forms import reader
from marketplace.web.office.base import blueprint
from marketplace.web.protection.access_notes import reads
from marketplace.web.protection.security import CSP
from marketplace.web.rendering import pages
from marketplace.web.staff_frame import framed

DOCUMENT = "<int(max=999999999999999):document_id>"
PDF = "application/pdf"
IMAGES = frozenset({"image/jpeg", "image/png", "image/webp"})
LOCKED_IN = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'self'"
)
VIEWER = f"{CSP}; frame-src 'self'"


@dataclass(frozen=True, slots=True)
class DocumentHtml(pages.Page):
    """A document, beside the fact that it shows."""

    template: ClassVar[str] = "office/document.html"

    document: Document
    clean: bool
    waiting: bool
    is_pdf: bool
    is_image: bool
    file_url: str
    review: review_queue.Review | None
    row: Compared | None


@blueprint.get(f"/documents/{DOCUMENT}")
@needs(Permission.REVIEW_CASES)
@reads("document", "document_id")
def document(document_id: int) -> Response:
    """Show a document, beside the fact of the case that the address names."""
    case_id = reader.asked().key("case")
    with services().database.read() as session:
        found = document_for(session, document_id)
    review, row = _beside(case_id, reader.asked().text("fact"))
    page = framed(
        DocumentHtml(
            document=found,
            clean=found.state is FileState.CLEAN,
            waiting=found.state is FileState.WAITING,
            is_pdf=found.media_type == PDF,
            is_image=found.media_type in IMAGES,
            file_url=url_for("office.document_file", document_id=document_id),
            review=review,
            row=row,
        ),
        nav="cases",
    )
    answer = make_response(page)
    answer.headers["Content-Security-Policy"] = VIEWER
    return answer


def _beside(case_id: int | None, fact: str) -> tuple[review_queue.Review | None, Compared | None]:
    """Return what stands beside the document: the case, and both versions of the fact."""
    if case_id is None:
        return None, None
    try:
        with services().database.read() as session:
            review = review_queue.review(session, case_id, today=today())
    except NotFound:
        return None, None
    rows = [row for row in review.rows if row.line.name == fact]
    return review, rows[0] if rows else None


@blueprint.get(f"/documents/{DOCUMENT}/file")
@needs(Permission.REVIEW_CASES)
@reads("document", "document_id")
def document_file(document_id: int) -> Response:
    """Send a document's bytes, to be shown and never to be run."""
    with services().database.read() as session:
        found = document_for(session, document_id)
    known = found.media_type == PDF or found.media_type in IMAGES
    answer = make_response(content_of(found, services().blobs))
    answer.headers["Content-Type"] = found.media_type if known else "application/octet-stream"
    answer.headers["Content-Security-Policy"] = LOCKED_IN
    shown = "inline" if known and reader.asked().sent("save") != "1" else "attachment"
    answer.headers["Content-Disposition"] = f"{shown}; filename*=UTF-8''{quote(found.name)}"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer
