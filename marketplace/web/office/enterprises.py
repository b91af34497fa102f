"""Enterprises of the directory: the list, one entry, suspending it and letting it sell again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from catalog import register
from catalog.labels import label
from catalog.office.delisting import Proposal, delisting_of
from catalog.queries import DirectoryFilters, directory_page, enterprise_page
from catalog.service import LONGEST_REASON, LicenceEnded
from catalog.service import reinstate as reinstate_enterprise
from catalog.service import suspend as suspend_enterprise
from catalog.states import EnterpriseStatus, WrongEnterpriseState
from catalog.views import EnterpriseCard, EnterprisePage
from marketplace.accounts.queries import logins
from marketplace.accounts.roles import Permission
from marketplace.booking.queries import BookingRow, live_of
from marketplace.kernel.errors import Invalid
from marketplace.kernel.page import Page
from marketplace.kernel.trail import TrailEntry, account_ids, entries_for
from marketplace.web.account.frame import errors_of, say, staff_page, warn
from marketplace.web.auth import needs, staff
from marketplace.web.context import lang, now, services
from marketplace.web.errors import words_of
from marketplace.web.forms import reading
from marketplace.web.office.base import blueprint
from marketplace.web.office.subjects import Pair, Subject, subjects_of
from marketplace.web.office.telling import told

PAGE_SIZE = 25
STATUSES = {"listed": False, "suspended": True}
ALREADY = "这家企业的状态刚刚已经改过，没有重复办理"


@blueprint.get("/")
@needs(Permission.DECIDE_ENTERPRISES)
def enterprises() -> str:
    """List the entries of the directory whatever their status."""
    shown = {
        "q": reading.text(request.args.get("q"), 60),
        "kind": "sample" if request.args.get("kind") == "sample" else "",
        "status": request.args.get("status", "") if request.args.get("status") in STATUSES else "",
    }
    with services().database.read() as session:
        counts = register.counts(session, samples=bool(shown["kind"]))
    page = _list(shown)
    given: dict[str, Any] = {name: value for name, value in shown.items() if value}
    return staff_page(
        "office/enterprises.html",
        nav="enterprises",
        page=page,
        shown=shown,
        counts=counts,
        category=lambda card: label(card.category, lang()),
        page_url=lambda number: url_for("office.enterprises", page=number, **given),
    )


def _list(shown: dict[str, str]) -> Page[EnterpriseCard]:
    with services().database.read() as session:
        found = register.matching(session, words=shown["q"]) if shown["q"] else None
        filters = DirectoryFilters(
            ids=found, samples=bool(shown["kind"]), suspended=STATUSES.get(shown["status"])
        )
        number = reading.page_number(request.args.get("page"))
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


def _entry(code: str) -> Entry:
    with services().database.read() as session:
        page = enterprise_page(session, code, suspended_too=True)
        story = entries_for(session, subject=("enterprise", page.card.id))
        return Entry(
            page,
            register.on_sale(session, enterprise_id=page.card.id),
            live_of(session, enterprise_id=page.card.id),
            story,
            logins(session, user_ids=account_ids(story)),
            subjects_of(session, story),
            delisting_of(session, page.card.id),
        )


@blueprint.get("/enterprises/<code>")
@needs(Permission.DECIDE_ENTERPRISES)
def enterprise(code: str) -> str:
    """Show one entry with its facts, listings, live bookings and decisions."""
    entry = _entry(code)
    return staff_page(
        "office/enterprise.html",
        nav="enterprises",
        entry=entry,
        category=lambda card: label(card.category, lang()),
        listing_status=lambda listing: label(listing.status, lang()),
        suspended=EnterpriseStatus.SUSPENDED,
        own_id=staff().account.id,
        told=lambda line: told(line.action, line.detail, entry.about),
    )


@blueprint.route("/enterprises/<code>/suspend", methods=["GET", "POST"])
@needs(Permission.DECIDE_ENTERPRISES)
def suspend(code: str) -> str | Response | tuple[str, int]:
    """Say what a suspension stops and what it leaves; a POST with a reason decides."""
    reason = reading.text(request.form.get("reason"), LONGEST_REASON + 1)
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
    return staff_page(
        "office/suspend.html", nav="enterprises", entry=entry, reason=reason, errors=errors
    )


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
        return staff_page("office/reinstate.html", nav="enterprises", entry=entry)
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
