"""The photographs of an entry: adding one with its words, and taking one out."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from catalog.office.cases.case_facts import Facts
from catalog.office.entries.entry_faults import MOST_PHOTOS, Step
from catalog.office.photos.photo_intake import look_over, standings
from marketplace.kernel.errors import DomainError, Invalid
from marketplace.kernel.messages import Message
from marketplace.web.context import services
from marketplace.web.entry_case import form_parser
from marketplace.web.entry_case.base import (
    CASE,
    Answer,
    Opened,
    keep,
    opened,
    page,
    save,
    step_page,
    to,
)
from marketplace.web.entry_case.step_html import PhotosHtml
from marketplace.web.forms import reader
from marketplace.web.protection import uploads
from marketplace.web.protection.security import takes_file

FULL = Message("照片最多 %(most)s 张，请先去掉一张", most=MOST_PHOTOS)


@page(f"{CASE}/photos", methods=["GET", "POST"])
@takes_file
def photos(case_id: int) -> Answer:
    """Show the photographs; a POST adds one."""
    held = opened(case_id)
    typed_alt = reader.posted().texts(("alt_zh", "alt_en"), form_parser.MOST_TYPED)
    error = None
    if request.method == "POST":
        try:
            _add(held, typed_alt)
            return to("photos", case_id=case_id)
        except DomainError as said:
            error, held = said, opened(case_id)
    rows = held.case.document.get("photos", [])
    with services().database.read() as session:
        made = standings(session, [row["id"] for row in rows])
    shown = PhotosHtml(rows, made, typed_alt, full=len(rows) >= MOST_PHOTOS)
    return step_page(shown, held, Step.PHOTOS, error)


def _add(held: Opened, alt: dict[str, str]) -> None:
    """Keep a photograph and set it in the case; a refused or stale form keeps none."""
    uploads.refuse_overtaken(held.case)
    rows: list[Facts] = held.case.document.get("photos", [])
    if len(rows) >= MOST_PHOTOS:
        raise Invalid({"photo": FULL})
    content = uploads.content_of(request.files.get("photo"))
    look_over(content, **alt)
    with uploads.kept(content) as (session, name):
        row = uploads.add_given_photo(session, name, content, alt)
        save(session, held.case.id, {"photos": [*rows, row]})


@page(f"{CASE}/photos/<int(max=999999999999999):photo_id>/remove", methods=["POST"])
def remove_photo(case_id: int, photo_id: int) -> Response:
    """Take a photograph out of the draft; one that is out already stays out."""
    held = opened(case_id)
    rows = held.case.document.get("photos", [])
    kept = [row for row in rows if row["id"] != photo_id]
    if len(kept) != len(rows):
        keep(case_id, {"photos": kept})
    return to("photos", case_id=case_id)
