"""The steps without files: who the business is, and where."""

from __future__ import annotations

import json

from flask import request

from catalog.geography.reference_queries import stations
from catalog.labels import label
from catalog.office.cases.case_facts import Facts
from catalog.office.entries import entry_facts, entry_faults
from catalog.office.entries.entry_facts import counties
from catalog.office.entries.entry_faults import Step
from catalog.office.models import ReviewCase
from catalog.vocabulary import CaseKind, Category, Cluster, Datum, Slope
from marketplace.kernel.errors import DomainError
from marketplace.web.context import lang, services
from marketplace.web.entry_case import form_parser
from marketplace.web.entry_case.base import (
    CASE,
    Answer,
    keep,
    opened,
    page,
    refuse_wrong,
    step_page,
    to,
)
from marketplace.web.entry_case.step_html import BusinessHtml, PlaceHtml
from marketplace.web.forms import reader
from marketplace.web.protection.security import takes_long_text
from marketplace.web.rendering.labels import pick


def _contact(case: ReviewCase) -> dict[str, str]:
    return json.loads(case.contact) if case.contact else {"name": "", "phone": ""}


@page(f"{CASE}/business", methods=["GET", "POST"])
def business(case_id: int) -> Answer:
    """Ask who the business is; a POST saves it."""
    held = opened(case_id)
    facts, person, error = held.case.document, _contact(held.case), None
    if request.method == "POST":
        facts, person = form_parser.business(reader.posted()), form_parser.contact(reader.posted())
        try:
            refuse_wrong(entry_faults.business(facts, person, contact_needed=False))
            keep(case_id, facts, contact=person)
            return to(held.after(Step.BUSINESS), case_id=case_id)
        except DomainError as said:
            error, held = said, opened(case_id)
    shown = BusinessHtml(
        facts=facts,
        contact=person,
        categories=[(one.value, label(one, lang())) for one in Category],
        contact_needed=held.case.kind is not CaseKind.ENTERPRISE,
    )
    return step_page(shown, held, Step.BUSINESS, error)


@page(f"{CASE}/place", methods=["GET", "POST"])
@takes_long_text
def place(case_id: int) -> Answer:
    """Ask for county, clusters and sites; a POST saves them, or adds or takes away a site."""
    held = opened(case_id)
    facts, error = held.case.document, None
    if request.method == "POST":
        facts = form_parser.place(reader.posted())
        if reader.posted().sent("do"):
            return step_page(_places(facts), held, Step.PLACE)
        try:
            _keep_place(held.case, facts)
            return to(held.after(Step.PLACE), case_id=case_id)
        except DomainError as said:
            error, held = said, opened(case_id)
    return step_page(_places(facts), held, Step.PLACE, error)


def _keep_place(case: ReviewCase, facts: Facts) -> None:
    with services().database.read() as session:
        known = entry_facts.known(session, case.enterprise_id)
        named = entry_facts.with_names(session, facts)
    refuse_wrong(entry_faults.place(facts, known))
    keep(case.id, named)


def _places(facts: Facts) -> PlaceHtml:
    """Return what the page of places offers to choose from."""
    with services().database.read() as session:
        found, stops = counties(session), stations(session)
    return PlaceHtml(
        facts={**facts, "sites": facts.get("sites") or [dict(form_parser.NEW_SITE)]},
        clusters=[(one.value, label(one, lang())) for one in Cluster],
        counties=found,
        slopes=[(one.value, label(one, lang())) for one in Slope],
        datums=[(one.value, label(one, lang())) for one in Datum],
        stations=[
            (stop.code, f"{pick(stop.name_zh, stop.name_en)} · {pick(stop.town_zh, stop.town_en)}")
            for stop in stops
        ],
        most=entry_faults.MOST_SITES,
    )
