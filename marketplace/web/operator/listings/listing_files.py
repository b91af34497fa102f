"""Photographs of a listing's draft, and where its facts come from with the files that prove it."""

from __future__ import annotations

from flask import redirect, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from catalog.office.cases.case_facts import Facts
from catalog.office.evidence.documents import clean_name, names_of
from catalog.office.evidence.documents import look_over as look_over_document
from catalog.office.listings.listing_photos import placing_faults
from catalog.office.listings.listing_schema import LABELS, MOST_PHOTOS, SOURCED, Section, is_set
from catalog.office.models import ReviewCase
from catalog.office.photos.photo_intake import look_over
from marketplace.kernel.errors import DomainError, Invalid
from marketplace.kernel.messages import Message
from marketplace.staff.roles import Permission
from marketplace.web.auth import needs
from marketplace.web.context import services
from marketplace.web.forms import listing_form, reader
from marketplace.web.forms.fields import key
from marketplace.web.i18n import translate
from marketplace.web.operator.base import blueprint
from marketplace.web.operator.listings.listing_base import (
    CASE,
    Answer,
    Beside,
    draft,
    keep,
    refuse_wrong,
    save,
    section_page,
    to_draft,
)
from marketplace.web.operator.listings.listing_sections import SAVED
from marketplace.web.protection import uploads
from marketplace.web.protection.security import takes_file
from marketplace.web.staff_frame import say

FULL = Message("最多放 %(most)s 张照片，请先去掉一张", most=MOST_PHOTOS)


@blueprint.route(f"{CASE}/photos", methods=["GET", "POST"])
@needs(Permission.EDIT_OWN_LISTINGS)
def listing_photos(case_id: int) -> Answer:
    """The photographs: their order, descriptions, what they show and what must stay in sight."""
    case = draft(case_id)
    if request.method == "GET":
        return section_page(case, Section.PHOTOS)
    photos = listing_form.photos(reader.posted(), case.document.get("photos") or [])
    wish, _, number = reader.posted().sent("do").partition("-")
    photos = _moved(photos, wish, key(number) or 0)
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
    """Add a photograph with its description, what it shows and what of it must stay in sight."""
    case = draft(case_id)
    form = reader.posted()
    alt, placing = form.texts(("alt_zh", "alt_en")), listing_form.placing(form)
    try:
        _add(case, alt, placing)
    except DomainError as error:
        return section_page(
            draft(case_id), Section.PHOTOS, error=error, beside=Beside(typed=alt | placing)
        )
    say("照片已加上")
    return _to_photos(case_id)


def _add(case: ReviewCase, alt: dict[str, str], placing: Facts) -> None:
    """Keep a photograph and set it in the draft; a refused or stale form keeps none."""
    uploads.refuse_overtaken(case)
    photos: list[Facts] = case.document.get("photos") or []
    if len(photos) >= MOST_PHOTOS:
        raise Invalid({"photo": FULL})
    if faults := placing_faults(placing, case.document.get("rooms") or []):
        raise Invalid(faults)
    content = uploads.content_of(request.files.get("photo"))
    look_over(content, **alt)
    with uploads.kept(content) as (session, name):
        row = uploads.add_given_photo(session, name, content, alt)
        save(session, case.id, {"photos": [*photos, row | placing]})


@blueprint.route(f"{CASE}/sources", methods=["GET", "POST"])
@needs(Permission.EDIT_OWN_LISTINGS)
@takes_file
def listing_sources(case_id: int) -> Answer:
    """Where the facts come from; one file at a time is taken with the button beside its fact."""
    case = draft(case_id)
    if request.method == "GET":
        return _sources_page(case)
    known = case.document.get("sources") or {}
    sources = listing_form.sources(reader.posted(), known)
    fact, file = reader.posted().sent("fact"), request.files.get("file")
    given = file if fact in SOURCED and file is not None and file.filename else None
    try:
        uploads.refuse_overtaken(case)
        if given is None:
            refuse_wrong(case, Section.SOURCES, {"sources": sources})
            keep(case_id, {"sources": sources})
        else:
            _keep_with_file(case, sources, fact, given)
    except DomainError as error:
        return _sources_page(case, {"sources": sources}, error)
    if given is not None:
        say("文件已加上")
        return redirect(url_for("operator.listing_sources", case_id=case_id), 303)
    say(SAVED)
    return to_draft(case_id)


def _keep_with_file(case: ReviewCase, sources: Facts, fact: str, file: FileStorage) -> None:
    """Save the sources with the file that was sent beside its fact; refused, neither is kept."""
    content = uploads.content_of(file)
    look_over_document(content)
    before = sources.get(fact, {"source": "", "date": "", "document_id": None})
    named = before["source"] or clean_name(file.filename or "")
    refuse_wrong(case, Section.SOURCES, {"sources": {**sources, fact: {**before, "source": named}}})
    with uploads.kept(content) as (session, blob):
        document = uploads.add_given_document(session, blob, content, file.filename or "")
        said = {**before, "source": named, "document_id": document.id}
        save(session, case.id, {"sources": {**sources, fact: said}})


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
        beside=Beside(
            files=files,
            sourced=[
                (fact, translate(LABELS[fact]))
                for fact in SOURCED
                if is_set(said, fact) or fact in (said.get("sources") or {})
            ],
        ),
    )
