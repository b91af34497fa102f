"""Striking an enterprise off the directory: one person proposes, a second one decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from catalog.office.entries import delisting
from catalog.office.entries.delisting import DecidedAlready, ProposedAlready
from catalog.queries import enterprise_page
from catalog.service import LONGEST_REASON
from catalog.states import WrongEnterpriseState
from catalog.views import EnterpriseCard
from marketplace.kernel.errors import Invalid
from marketplace.staff.roles import Permission
from marketplace.web.auth import needs, staff
from marketplace.web.context import now, services
from marketplace.web.errors import words_of
from marketplace.web.forms import reader
from marketplace.web.office.base import blueprint
from marketplace.web.rendering import pages
from marketplace.web.staff_frame import errors_of, framed, say, warn

DELISTING = "<int(max=999999999999999):delisting_id>"


@dataclass(frozen=True, slots=True)
class DelistHtml(pages.Page):
    """What a delisting means, and the reason for it."""

    template: ClassVar[str] = "office/delist.html"

    card: EnterpriseCard
    reason: str
    errors: Mapping[str, str]


@blueprint.route("/enterprises/<code>/delist", methods=["GET", "POST"])
@needs(Permission.DECIDE_ENTERPRISES)
def propose_delisting(code: str) -> str | Response | tuple[str, int]:
    """Say what a delisting means; a POST with a reason proposes it to a second person."""
    with services().database.read() as session:
        card = enterprise_page(session, code, suspended_too=True).card
    reason = reader.posted().text("reason", LONGEST_REASON + 1)
    if request.method == "GET":
        return framed(DelistHtml(card=card, reason="", errors={}), nav="enterprises")
    try:
        _propose(card.id, reason)
    except Invalid as error:
        page = framed(
            DelistHtml(
                card=card,
                reason=reason,
                errors=errors_of(error),
            ),
            nav="enterprises",
        )
        return page, error.http_status
    except (ProposedAlready, WrongEnterpriseState) as error:
        warn(words_of(error))
    else:
        say("已提议除名，等另一位同事决定")
    return _to_entry(code)


def _propose(enterprise_id: int, reason: str) -> None:
    me = staff()
    with services().database.write() as session:
        delisting.propose(
            session,
            enterprise_id=enterprise_id,
            reason=reason,
            asked_by=me.account.id,
            actor=me.actor,
            now=now(),
        )


@blueprint.post(f"/delistings/{DELISTING}/carry")
@needs(Permission.DECIDE_ENTERPRISES)
def carry_delisting(delisting_id: int) -> Response:
    """Carry a proposal out, as the second person."""
    return _decide(delisting_id, "已除名", carry=True)


@blueprint.post(f"/delistings/{DELISTING}/reject")
@needs(Permission.DECIDE_ENTERPRISES)
def reject_delisting(delisting_id: int) -> Response:
    """Turn a proposal down, as the second person."""
    return _decide(delisting_id, "已决定不除名，企业仍是暂停状态", carry=False)


def _decide(delisting_id: int, done: str, *, carry: bool) -> Response:
    me = staff()
    code = _code(delisting_id)
    try:
        with services().database.write() as session:
            delisting.decide(
                session,
                delisting_id=delisting_id,
                carry=carry,
                decided_by=me.account.id,
                actor=me.actor,
                now=now(),
            )
    except (DecidedAlready, WrongEnterpriseState) as error:
        warn(words_of(error))
    else:
        say(done)
    return _to_entry(code)


@blueprint.post(f"/delistings/{DELISTING}/take-back")
@needs(Permission.DECIDE_ENTERPRISES)
def take_back_delisting(delisting_id: int) -> Response:
    """Take one's own proposal back."""
    me = staff()
    code = _code(delisting_id)
    try:
        with services().database.write() as session:
            delisting.take_back(
                session, delisting_id=delisting_id, by=me.account.id, actor=me.actor, now=now()
            )
    except DecidedAlready as error:
        warn(words_of(error))
    else:
        say("已收回除名提议")
    return _to_entry(code)


def _code(delisting_id: int) -> str:
    with services().database.read() as session:
        return delisting.code_of(session, delisting_id)


def _to_entry(code: str) -> Response:
    return redirect(url_for("office.enterprise", code=code), 303)
