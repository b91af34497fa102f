"""What the pages about a listing's draft share: finding it, saving it, and their frame."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeAlias

from flask import redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from catalog.labels import label
from catalog.office.cases import case_lifecycle
from catalog.office.cases.case_facts import Facts
from catalog.office.listings.listing_checks import faults_of
from catalog.office.listings.listing_photos import room_choices, room_keys, subject_chosen
from catalog.office.listings.listing_schema import CHOICES, PARTS, SETS, Section, facts_of, kind_of
from catalog.office.listings.own_listings import own_listing_case
from catalog.office.models import ReviewCase
from catalog.office.photos.photo_intake import Standing, standings
from catalog.states import CASE_EDITABLE, WrongCaseState
from catalog.vocabulary import BerthKind, Focus, ListingKind, PhotoSubject
from marketplace.kernel.errors import DomainError, Invalid
from marketplace.web.auth import own_enterprise
from marketplace.web.context import lang, now, services, today
from marketplace.web.forms import reader
from marketplace.web.i18n import translate
from marketplace.web.rendering import pages
from marketplace.web.staff_frame import errors_of, framed, warn

Answer: TypeAlias = str | Response | tuple[str, int]
CASE = "/listings/drafts/<int(max=999999999999999):case_id>"
"""How a draft stands in an address."""


def draft(case_id: int) -> ReviewCase:
    """Return a case about one of the own listings; raises ``NotFound`` for any other."""
    with services().database.read() as session:
        return own_listing_case(session, case_id, enterprise_id=own_enterprise())


def keep(case_id: int, facts: Facts) -> None:
    """Save ``facts`` in the draft, at the version that the form was shown.

    Raises:
        NotFound, StaleForm, WrongCaseState: nothing was saved.
    """
    with services().database.write() as session:
        save(session, case_id, facts)


def save(session: Session, case_id: int, facts: Facts) -> None:
    """Do what ``keep`` does in a transaction that is under way."""
    own_listing_case(session, case_id, enterprise_id=own_enterprise())
    case_lifecycle.save(
        session,
        case_id=case_id,
        version=reader.posted().key("version") or 0,
        facts=facts,
        now=now(),
    )


def section_of(fault: str) -> Section:
    """Return the page on which a fault can be mended."""
    for section in Section:
        if fault in {name for kind in PARTS for name in facts_of(section, kind)}:
            return section
    if fault.split("-", maxsplit=1)[0] in PARTS.values():
        return Section.PARTS
    if fault.split("-", maxsplit=1)[0] in ("photos", "photo"):
        return Section.PHOTOS
    return Section.SOURCES


def refuse_wrong(case: ReviewCase, section: Section, facts: Facts) -> None:
    """Raise ``Invalid`` for what a page says that cannot be; what is missing may be missing yet."""
    found = faults_of({**case.document, **facts}, today=today(), complete=False)
    mine = {name: message for name, message in found.items() if section_of(name) is section}
    if mine:
        raise Invalid(mine)


def to_draft(case_id: int) -> Response:
    """Lead to the overview of a draft."""
    return redirect(url_for("operator.listing_draft", case_id=case_id), 303)


def _options(members: Iterable[enum.StrEnum]) -> list[tuple[str, str]]:
    return [(member.value, label(member, lang())) for member in members]


def _subjects(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what a photograph can show: the whole, one of the room types, or a part."""
    rooms = [
        (value, translate("房型：%(name)s", name=name or translate("第%(n)s项", n=number)))
        for value, name, number in room_choices(said.get("rooms") or [])
    ]
    whole, *others = _options(PhotoSubject)
    return [whole, *rooms, *others]


@dataclass(frozen=True, slots=True)
class Beside:
    """What only some pages of the form show."""

    sites: Sequence[tuple[int, str]] = ()
    part: str = ""
    """``rooms``, ``slots`` or ``berths``."""
    typed: Facts = field(default_factory=dict)
    """Of a photograph that was not taken."""
    files: Mapping[int, str] = field(default_factory=dict)
    """Names of documents by id."""
    sourced: Sequence[tuple[str, str]] = ()
    """Facts that need a source, with what they are called."""


@dataclass(frozen=True, slots=True)
class SectionHtml(pages.Page):
    """A page of a listing's form."""

    template: ClassVar[str] = "operator/listings/listing_section.html"

    case: ReviewCase
    section: Section
    kind: ListingKind
    said: Mapping[str, Any]
    """The document, with what was typed just now."""
    errors: Mapping[str, str]
    choices: Mapping[str, type[enum.StrEnum]]
    sets: Mapping[str, type[enum.StrEnum]]
    names: Callable[[Section, ListingKind], list[str]]
    options: Callable[[Iterable[enum.StrEnum]], list[tuple[str, str]]]
    berths: Sequence[tuple[str, str]]
    sites: Sequence[tuple[int, str]]
    part: str
    typed: Facts
    files: Mapping[int, str]
    sourced: Sequence[tuple[str, str]]
    made: Mapping[int, Standing]
    """How far photographs are, by id."""
    subjects: Sequence[tuple[str, str]]
    chosen: Callable[[Mapping[str, Any]], str]
    foci: Sequence[tuple[str, str]]
    keys: Sequence[str]


NOTHING_BESIDE = Beside()


def section_page(
    case: ReviewCase,
    section: Section,
    *,
    facts: Facts | None = None,
    error: DomainError | None = None,
    beside: Beside = NOTHING_BESIDE,
) -> Answer:
    """Show a page of the form; with an error nothing was saved, and all that was typed is kept."""
    if case.status not in CASE_EDITABLE:
        warn(WrongCaseState.message)
        return to_draft(case.id)
    said: Mapping[str, Any] = {**case.document, **(facts or {})}
    made: dict[int, Standing] = {}
    if section is Section.PHOTOS:
        with services().database.read() as session:
            made = standings(session, [one["id"] for one in said.get("photos") or []])
    shown = SectionHtml(
        case=case,
        section=section,
        kind=kind_of(case.document),
        said=said,
        errors=errors_of(error) if error else {},
        choices=CHOICES,
        sets=SETS,
        names=facts_of,
        options=_options,
        berths=_options(BerthKind),
        sites=beside.sites,
        part=beside.part,
        typed=beside.typed,
        files=beside.files,
        sourced=beside.sourced,
        made=made,
        subjects=_subjects(said) if section is Section.PHOTOS else (),
        chosen=subject_chosen,
        foci=_options(Focus),
        keys=room_keys(said.get("rooms") or []) if section is Section.PARTS else (),
    )
    page = framed(shown, nav="listings")
    return (page, error.http_status) if error else page
