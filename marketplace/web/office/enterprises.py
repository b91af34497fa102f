"""Enterprises of the directory: the list, one entry, suspending it and letting it sell again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from catalog.directory import register
from catalog.labels import label
from catalog.office.cases.case_review import Contact, contact_of, has_read_contact, read_contact
from catalog.office.entries.delisting import Proposal, delisting_of
from catalog.office.entries.entry_summary import (
    HeldLicence,
    OpenCase,
    contact_case_of,
    licences_of,
    open_cases_of,
)
from catalog.office.models import ReviewCase
from catalog.queries import DirectoryFilters, directory_page, enterprise_page
from catalog.service import LONGEST_REASON, LicenceEnded
from catalog.service import reinstate as reinstate_enterprise
from catalog.service import suspend as suspend_enterprise
from catalog.states import EnterpriseStatus, WrongEnterpriseState
from catalog.views import EnterpriseCard, EnterprisePage, ListingCard
from marketplace.booking.reads.staff_queries import BookingRow, live_of
from marketplace.booking.rehousing.rehousing_queries import waiting_of
from marketplace.kernel.audit_queries import TrailEntry, account_ids, entries_for
from marketplace.kernel.errors import Invalid, NotFound
from marketplace.kernel.pagination import Page
from marketplace.staff.assignments import assign, assigned_ids, assigned_to, colleagues_of_office
from marketplace.staff.queries import logins
from marketplace.staff.roles import Permission
from marketplace.web.auth import needs, staff
from marketplace.web.context import lang, now, services, today
from marketplace.web.errors import fields_of, words_of
from marketplace.web.forms import reader
from marketplace.web.forms.field_sizes import SIZES
from marketplace.web.forms.links import filled, link_to
from marketplace.web.office.base import blueprint
from marketplace.web.office.trail.detail_words import Told, told
from marketplace.web.office.trail.subjects import Pair, Subject, subjects_of
from marketplace.web.protection.access_notes import contact_shown
from marketplace.web.rendering import pages
from marketplace.web.staff_frame import errors_of, framed, say, warn

PAGE_SIZE = 25
STATUSES = {"listed": False, "suspended": True}
ALREADY = "这家企业的状态刚刚已经改过，没有重复办理"


@dataclass(frozen=True, slots=True)
class EnterprisesHtml(pages.Page):
    """The entries of the directory, whatever their status."""

    template: ClassVar[str] = "office/enterprises.html"

    page: Page[EnterpriseCard]
    shown: Mapping[str, str]
    counts: register.Counts
    category: Callable[[EnterpriseCard], str]
    page_url: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class EnterpriseHtml(pages.Page):
    """One entry, with all that the office knows of it."""

    template: ClassVar[str] = "office/enterprise.html"

    entry: Entry
    category: Callable[[EnterpriseCard], str]
    listing_status: Callable[[ListingCard], str]
    suspended: EnterpriseStatus
    own_id: int
    contact: Contact | None
    told: Callable[[TrailEntry], Sequence[Told]]


@dataclass(frozen=True, slots=True)
class SuspendHtml(pages.Page):
    """What a suspension stops, and the reason for it."""

    template: ClassVar[str] = "office/suspend.html"

    entry: Entry
    reason: str
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ReinstateHtml(pages.Page):
    """What lets an entry sell again."""

    template: ClassVar[str] = "office/reinstate.html"

    entry: Entry


@blueprint.get("/")
@needs(Permission.DECIDE_ENTERPRISES)
def enterprises() -> str:
    """List the entries of the directory whatever their status."""
    shown = {
        "q": reader.asked().text("q", SIZES.words),
        "kind": reader.asked().option("kind", ("sample",)),
        "status": reader.asked().option("status", STATUSES),
        "whose": reader.asked().option("whose", ("mine",)),
    }
    with services().database.read() as session:
        counts = register.counts(session, samples=bool(shown["kind"]))
    page = _list(shown)
    given = filled(shown)
    return framed(
        EnterprisesHtml(
            page=page,
            shown=shown,
            counts=counts,
            category=lambda card: label(card.category, lang()),
            page_url=lambda number: link_to("office.enterprises", given, page=number),
        ),
        nav="enterprises",
    )


def _list(shown: dict[str, str]) -> Page[EnterpriseCard]:
    with services().database.read() as session:
        found = register.matching(session, words=shown["q"]) if shown["q"] else None
        if shown["whose"]:
            mine = assigned_ids(session, staff().account.id)
            found = [one for one in found if one in mine] if found is not None else sorted(mine)
        filters = DirectoryFilters(
            ids=found, samples=bool(shown["kind"]), suspended=STATUSES.get(shown["status"])
        )
        number = reader.asked().page()
        page = directory_page(session, filters=filters, page=number, size=PAGE_SIZE)
        if number > page.pages:
            page = directory_page(session, filters=filters, page=page.pages, size=PAGE_SIZE)
    return page


@dataclass(frozen=True, slots=True)
class Entry:
    """An enterprise with what a decision about it touches."""

    page: EnterprisePage
    on_sale: int
    """Published listings, which a suspension takes off sale."""
    bookings: list[BookingRow]
    """What stays valid through a suspension."""
    story: list[TrailEntry]
    logins: dict[int, str]
    about: dict[Pair, Subject]
    """The names of what the story mentions."""
    delisting: Proposal | None
    """A proposal to strike it off that waits for a second person."""
    licences: list[HeldLicence]
    cases: list[OpenCase]
    waiting: int
    """Guests who wait for another place."""
    contact: ReviewCase | None
    """The case that keeps whom to ask."""
    contact_shown: bool
    """Whether the trail says that the reader has read it."""
    assigned: int | None
    """The account that looks after it."""
    colleagues: dict[int, str]
    """To whom it may be given, by their ids."""


def _entry(code: str) -> Entry:
    with services().database.read() as session:
        page = enterprise_page(session, code, suspended_too=True)
        key = page.card.id
        story = entries_for(session, subject=("enterprise", key))
        cases, contact = open_cases_of(session, key), contact_case_of(session, key)
        assigned = assigned_to(session, key)
        people = {case.reviewer_id for case in cases if case.reviewer_id} | account_ids(story)
        return Entry(
            page=page,
            on_sale=register.on_sale(session, enterprise_id=key),
            bookings=live_of(session, enterprise_id=key, now=now()),
            story=story,
            logins=logins(session, user_ids=people | ({assigned} if assigned else set())),
            about=subjects_of(session, story),
            delisting=delisting_of(session, key),
            licences=licences_of(session, key, today=today()),
            cases=cases,
            waiting=waiting_of(session, key),
            contact=contact,
            contact_shown=contact is not None
            and has_read_contact(session, case_id=contact.id, actor=staff().actor),
            assigned=assigned,
            colleagues=colleagues_of_office(session),
        )


@blueprint.get("/enterprises/<code>")
@needs(Permission.DECIDE_ENTERPRISES)
def enterprise(code: str) -> str:
    """Show one entry with its facts, listings, live bookings and decisions."""
    entry = _entry(code)
    if entry.contact is not None and entry.contact_shown:
        contact_shown(entry.contact.id)
    return framed(
        EnterpriseHtml(
            entry=entry,
            category=lambda card: label(card.category, lang()),
            listing_status=lambda listing: label(listing.status, lang()),
            suspended=EnterpriseStatus.SUSPENDED,
            own_id=staff().account.id,
            contact=contact_of(entry.contact) if entry.contact and entry.contact_shown else None,
            told=lambda line: told(line.action, line.detail, entry.about),
        ),
        nav="enterprises",
    )


@blueprint.post("/enterprises/<code>/contact")
@needs(Permission.DECIDE_ENTERPRISES)
def enterprise_contact(code: str) -> Response:
    """Note that the contact is read, and show it on the entry's page from now on."""
    with services().database.write() as session:
        card = enterprise_page(session, code, suspended_too=True).card
        case = contact_case_of(session, card.id)
        if case is None:
            raise NotFound
        read_contact(session, case_id=case.id, actor=staff().actor, now=now())
    return redirect(url_for("office.enterprise", code=code, _anchor="contact"), 303)


@blueprint.post("/enterprises/<code>/assign")
@needs(Permission.DECIDE_ENTERPRISES)
def assign_enterprise(code: str) -> Response:
    """Give the entry to a colleague, or to nobody."""
    form = reader.posted()
    try:
        with services().database.write() as session:
            card = enterprise_page(session, code, suspended_too=True).card
            # A choice that is no number is nobody's account, and is refused like one.
            chosen = (form.key("assigned") or 0) if form.sent("assigned") else None
            did = assign(session, enterprise_id=card.id, to=chosen, actor=staff().actor, now=now())
    except Invalid as error:
        flash(fields_of(error)["assigned"], "wait")
    else:
        say("已换经办人" if did else "经办人没有变")
    return _to_entry(code)


@blueprint.route("/enterprises/<code>/suspend", methods=["GET", "POST"])
@needs(Permission.DECIDE_ENTERPRISES)
def suspend(code: str) -> str | Response | tuple[str, int]:
    """Say what a suspension stops and what it leaves; a POST with a reason decides."""
    reason = reader.posted().text("reason", LONGEST_REASON + 1)
    entry = _entry(code)
    try:
        if request.method == "POST":
            _suspend(entry.page.card.id, reason)
            say("已暂停。产品已经停止出售，原有订单照常")
            return _to_entry(code)
    except WrongEnterpriseState:
        warn(ALREADY)
        return _to_entry(code)
    except Invalid as error:
        return _suspend_page(entry, reason, errors_of(error)), error.http_status
    return _suspend_page(entry, reason, {})


def _suspend_page(entry: Entry, reason: str, errors: dict[str, str]) -> str:
    return framed(SuspendHtml(entry=entry, reason=reason, errors=errors), nav="enterprises")


def _suspend(enterprise_id: int, reason: str) -> None:
    with services().database.write() as session:
        suspend_enterprise(
            session, enterprise_id=enterprise_id, reason=reason, actor=staff().actor, now=now()
        )


def _to_entry(code: str) -> Response:
    return redirect(url_for("office.enterprise", code=code), 303)


@blueprint.route("/enterprises/<code>/reinstate", methods=["GET", "POST"])
@needs(Permission.DECIDE_ENTERPRISES)
def reinstate(code: str) -> str | Response:
    """Ask whether the enterprise may sell again; a POST decides."""
    entry = _entry(code)
    if request.method == "GET":
        return framed(ReinstateHtml(entry=entry), nav="enterprises")
    try:
        with services().database.write() as session:
            reinstate_enterprise(
                session, enterprise_id=entry.page.card.id, actor=staff().actor, now=now()
            )
    except WrongEnterpriseState:
        warn(ALREADY)
    except LicenceEnded as error:
        warn(words_of(error))
    else:
        say("已恢复，已发布的产品重新出售")
    return _to_entry(code)
