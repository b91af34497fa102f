"""Photographs of a listing's draft, and where its facts come from with the files that prove it."""

from __future__ import annotations

from flask import redirect, request, url_for
from limits import parse
from werkzeug.wrappers import Response

from catalog.office.documents import MOST_BYTES as MOST_DOCUMENT_BYTES
from catalog.office.documents import add_document, names_of
from catalog.office.handling import Facts
from catalog.office.listing_schema import LABELS, MOST_PHOTOS, SOURCED, Section, is_set
from catalog.office.models import ReviewCase
from catalog.office.photos import MOST_BYTES, add_photo
from catalog.states import CASE_EDITABLE, WrongCaseState
from marketplace.accounts.roles import Permission
from marketplace.kernel.errors import DomainError, Invalid
from marketplace.web import limits
from marketplace.web.account.frame import say
from marketplace.web.auth import needs, own_enterprise, staff
from marketplace.web.context import now, services
from marketplace.web.forms import listing_form, reading
from marketplace.web.i18n import translate
from marketplace.web.operator.base import blueprint
from marketplace.web.operator.listing_base import (
    CASE,
    Answer,
    draft,
    keep,
    refuse_wrong,
    section_page,
    to_draft,
)
from marketplace.web.operator.listing_sections import SAVED
from marketplace.web.security import takes_file

PHOTOS = parse("120 per hour")
"""How often one account may have a photograph encoded: each takes seconds of a processor."""
FULL = "最多放 12 张照片，请先去掉一张"


@blueprint.route(f"{CASE}/photos", methods=["GET", "POST"])
@needs(Permission.EDIT_OWN_LISTINGS)
def listing_photos(case_id: int) -> Answer:
    """Order and descriptions of the photographs; buttons move one forward or take it out."""
    case = draft(case_id)
    if request.method == "GET":
        return section_page(case, Section.PHOTOS)
    photos = listing_form.alts(request.form, case.document.get("photos") or [])
    wish, _, number = request.form.get("do", "").partition("-")
    photos = _moved(photos, wish, reading.key(number) or 0)
    try:
        refuse_wrong(case, Section.PHOTOS, {"photos": photos})
        keep(case_id, {"photos": photos})
    except DomainError as error:
        return section_page(case, Section.PHOTOS, facts={"photos": photos}, error=error)
    if wish in ("up", "remove"):
        return _to_photos(case_id)
    say(SAVED)
    return to_draft(case_id)


def _to_photos(case_id: int) -> Response:
    return redirect(url_for("operator.listing_photos", case_id=case_id), 303)


def _moved(photos: list[Facts], wish: str, photo_id: int) -> list[Facts]:
    """Return the photographs with one of them moved forward, or taken out."""
    place = next((at for at, photo in enumerate(photos) if photo["id"] == photo_id), None)
    if place is None or wish not in ("up", "remove"):
        return photos
    rest = photos[:place] + photos[place + 1 :]
    if wish == "remove":
        return rest
    before = max(0, place - 1)
    return [*rest[:before], photos[place], *rest[before:]]


@blueprint.post(f"{CASE}/photos/add")
@needs(Permission.EDIT_OWN_LISTINGS)
@takes_file
def add_listing_photo(case_id: int) -> Answer:
    """Add a photograph with its description."""
    case = draft(case_id)
    typed = {name: reading.text(request.form.get(name)) for name in ("alt_zh", "alt_en")}
    try:
        _add(case, typed)
    except DomainError as error:
        return section_page(draft(case_id), Section.PHOTOS, error=error, typed=typed)
    say("照片已加上")
    return _to_photos(case_id)


def _add(case: ReviewCase, typed: dict[str, str]) -> None:
    """Encode and keep a photograph, then set it in the draft; a stale form adds none."""
    photos: list[Facts] = case.document.get("photos") or []
    if case.status not in CASE_EDITABLE:
        raise WrongCaseState(extra={"state": case.status.value})
    if len(photos) >= MOST_PHOTOS:
        raise Invalid({"photo": FULL})
    limits.spend(PHOTOS, "photo", str(staff().account.id))
    file = request.files.get("photo")
    with services().database.write() as session:
        photo = add_photo(
            session,
            blobs=services().blobs,
            content=file.stream.read(MOST_BYTES + 1) if file is not None else b"",
            **typed,
            owner_id=staff().account.id,
            enterprise_id=own_enterprise(),
            now=now(),
        )
    row = {"id": photo.id, "alt_zh": photo.alt_zh, "alt_en": photo.alt_en}
    keep(case.id, {"photos": [*photos, row]})


@blueprint.route(f"{CASE}/sources", methods=["GET", "POST"])
@needs(Permission.EDIT_OWN_LISTINGS)
@takes_file
def listing_sources(case_id: int) -> Answer:
    """Where the facts come from; one file at a time is taken with the button beside its fact."""
    case = draft(case_id)
    if request.method == "GET":
        return _sources_page(case)
    known = case.document.get("sources") or {}
    sources = listing_form.sources(request.form, known)
    try:
        fact = _give_file(sources)
        refuse_wrong(case, Section.SOURCES, {"sources": sources})
        keep(case_id, {"sources": sources})
    except DomainError as error:
        return _sources_page(case, {"sources": sources}, error)
    if fact:
        say("文件已加上")
        return redirect(url_for("operator.listing_sources", case_id=case_id), 303)
    say(SAVED)
    return to_draft(case_id)


def _give_file(sources: Facts) -> str:
    """Keep the file that was sent, if any, and name it beside its fact; returns which."""
    fact, file = request.form.get("fact", ""), request.files.get("file")
    if fact not in SOURCED or file is None or not file.filename:
        return ""
    said = sources.setdefault(fact, {"source": "", "date": "", "document_id": None})
    with services().database.write() as session:
        kept = add_document(
            session,
            blobs=services().blobs,
            name=file.filename,
            content=file.stream.read(MOST_DOCUMENT_BYTES + 1),
            owner_id=staff().account.id,
            enterprise_id=own_enterprise(),
            now=now(),
        )
    said["document_id"] = kept.id
    said["source"] = said["source"] or kept.name
    return fact


def _sources_page(
    case: ReviewCase, facts: Facts | None = None, error: DomainError | None = None
) -> Answer:
    said = {**case.document, **(facts or {})}
    given = (said.get("sources") or {}).values()
    with services().database.read() as session:
        files = names_of(session, [one["document_id"] for one in given if one.get("document_id")])
    return section_page(
        case,
        Section.SOURCES,
        facts=facts,
        error=error,
        files=files,
        sourced=[
            (fact, translate(LABELS[fact]))
            for fact in SOURCED
            if is_set(said, fact) or fact in (said.get("sources") or {})
        ],
    )
