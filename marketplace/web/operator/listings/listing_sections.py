"""Editing a listing's draft page by page; photographs and sources stand in ``listing_files``."""

from __future__ import annotations

from flask import redirect, request, url_for

from catalog.office.listings.listing_photos import left_to_house
from catalog.office.listings.listing_schema import PARTS, Section, facts_of, kind_of
from catalog.office.listings.own_listings import sites_of
from marketplace.kernel.errors import DomainError
from marketplace.kernel.typed import whole
from marketplace.staff.roles import Permission
from marketplace.web.auth import needs, own_enterprise
from marketplace.web.context import services
from marketplace.web.forms import listing_form, reader
from marketplace.web.operator.base import blueprint
from marketplace.web.operator.listings.listing_base import (
    CASE,
    Answer,
    Beside,
    draft,
    keep,
    refuse_wrong,
    section_page,
    to_draft,
)
from marketplace.web.protection.security import takes_long_text
from marketplace.web.staff_frame import say

SAVED = "已保存到草稿"
LEFT_TO_HOUSE = "去掉的房型的照片还在，改成“整体”的照片了"


@blueprint.route(f"{CASE}/basics", methods=["GET", "POST"])
@needs(Permission.EDIT_OWN_LISTINGS)
def listing_basics(case_id: int) -> Answer:
    """Name, summary, place, theme, length of stay, season."""
    return _plain(case_id, Section.BASICS)


@blueprint.route(f"{CASE}/access", methods=["GET", "POST"])
@needs(Permission.EDIT_OWN_LISTINGS)
def listing_access(case_id: int) -> Answer:
    """Getting about, the hospital, altitude, warmth."""
    return _plain(case_id, Section.ACCESS)


@blueprint.route(f"{CASE}/wellness", methods=["GET", "POST"])
@needs(Permission.EDIT_OWN_LISTINGS)
def listing_wellness(case_id: int) -> Answer:
    """The spring, Chinese medicine, food, and who must not take part."""
    return _plain(case_id, Section.WELLNESS)


def _plain(case_id: int, section: Section) -> Answer:
    case = draft(case_id)
    if request.method == "GET":
        return section_page(case, section, beside=Beside(sites=_sites()))
    facts = listing_form.facts(reader.posted(), facts_of(section, kind_of(case.document)))
    if "site_id" in facts:
        facts["site_name"] = dict(_sites()).get(facts["site_id"], "")
    try:
        refuse_wrong(case, section, facts)
        keep(case_id, facts)
    except DomainError as error:
        return section_page(case, section, facts=facts, error=error, beside=Beside(sites=_sites()))
    say(SAVED)
    return to_draft(case_id)


def _sites() -> list[tuple[int, str]]:
    """Return the own sites for a list."""
    with services().database.read() as session:
        sites = sites_of(session, own_enterprise())
    return [(site.id, site.label) for site in sites]


@blueprint.route(f"{CASE}/parts", methods=["GET", "POST"])
@needs(Permission.EDIT_OWN_LISTINGS)
@takes_long_text
def listing_parts(case_id: int) -> Answer:
    """Room types, time slots or berth classes; one button adds one, another takes one out."""
    case = draft(case_id)
    kind = kind_of(case.document)
    part = PARTS[kind]
    if request.method == "GET":
        rows = case.document.get(part) or [listing_form.new_part(kind)]
        return section_page(case, Section.PARTS, facts={part: rows}, beside=Beside(part=part))
    rows = listing_form.parts(reader.posted(), part)
    wish, _, place = reader.posted().sent("do").partition("-")
    if wish == "remove":
        rows = [row for number, row in enumerate(rows) if number != whole(place)]
    given = case.document.get("photos") or []
    photos = left_to_house(given, rows) if part == "rooms" else given
    try:
        refuse_wrong(case, Section.PARTS, {part: rows})
        keep(
            case_id,
            {part: rows + [listing_form.new_part(kind)] * (wish == "add"), "photos": photos},
        )
    except DomainError as error:
        return section_page(
            case, Section.PARTS, facts={part: rows}, error=error, beside=Beside(part=part)
        )
    if photos != given:
        say(LEFT_TO_HOUSE)
    if wish in ("add", "remove"):
        return redirect(url_for("operator.listing_parts", case_id=case_id), 303)
    say(SAVED)
    return to_draft(case_id)
