"""The three steps of booking: who, phone, check. One question a page; every answer is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, TypeAlias

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response

from catalog.geography.provinces import PROVINCES, province_name
from catalog.geography.provinces import known as known_province
from catalog.queries import cards, listing_page
from catalog.sale import NotBookable
from marketplace.booking.contract import drafts
from marketplace.booking.contract.answers import Answers, as_facts, of_facts
from marketplace.booking.contract.drafts import DraftDiffers
from marketplace.booking.contract.hold_caps import TooManyHolds
from marketplace.booking.contract.placement import PriceChanged
from marketplace.inventory.service import SoldOut
from marketplace.kernel.audit import TRAVELLER
from marketplace.kernel.errors import Invalid, NotFound
from marketplace.pricing.nights.quote import NoPrice
from marketplace.web.context import address, lang, now, personal, services, unit_of_work
from marketplace.web.errors import words_of
from marketplace.web.forms import reader
from marketplace.web.forms.reader import Faults
from marketplace.web.forms.stay_form import read_name, read_sleepers
from marketplace.web.i18n import translate
from marketplace.web.protection import limits
from marketplace.web.rendering import pages, price_words
from marketplace.web.traveller import access, presenters, sealed_forms
from marketplace.web.traveller.base import blueprint
from marketplace.web.traveller.checkout.consent import CONSENT_VERSION, require_consent
from marketplace.web.traveller.checkout.draft_shown import (
    quote_url,
    rows_of,
    told_of,
    what_changed,
)
from marketplace.web.traveller.checkout.steps_html import (
    CheckHtml,
    PhoneHtml,
    SleepersHtml,
    Unfinished,
    WhoHtml,
)
from marketplace.web.traveller.search import carried_question

Answer: TypeAlias = Response | tuple[str, int]
NOT_TO_BE_HAD = (SoldOut, NotBookable, NoPrice, Invalid)
MOST_TYPED_PHONE = 200
LAST = "book_check"
"""The page that shows all answers; the others show the stay and its price."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The answers that a page is about, and the id that its form names them by."""

    id: str
    answers: Answers

    def url(self, name: str) -> str:
        """Return the address of one of the three pages about these answers."""
        return url_for(f"traveller.{name}", draft=self.id)

    def fields(self, name: str) -> dict[str, str]:
        """Return the hidden fields of a page's form: which answers, and what it shows of them."""
        facts = as_facts(self.answers.shown(whole=name == LAST))
        return {"draft": self.id, sealed_forms.FIELD: sealed_forms.seal(name, facts)}


def step(view: Callable[[Draft], Answer]) -> Callable[[], Answer]:
    """Give a step its answers; without any, or once they are booked, lead elsewhere.

    A form that names no answers, or shows what they are no longer, is answered with both.
    """
    name = view.__name__

    @wraps(view)
    def guarded() -> Answer:
        named = reader.posted().sent("draft") or reader.asked().sent("draft")
        if named and not access.is_own_draft(named):
            abort(404)
        draft_id = named or access.newest_draft() or ""
        with services().database.read() as session:
            answers = drafts.load(session, draft_id=draft_id, now=now())
        if answers is None:
            return redirect(url_for("traveller.search"))
        carried_question.take_up(answers.question)
        if answers.booking_id is not None:
            access.remember(answers.booking_id)
            return redirect(url_for("traveller.pay", booking_id=answers.booking_id), 303)
        draft = Draft(draft_id, answers)
        if request.method == "POST":
            seen = of_facts(sealed_forms.opened(name))
            if not named or seen != answers.shown(whole=name == LAST):
                return _both(draft, name, seen)
        try:
            return view(draft)
        except DraftDiffers:
            return guarded()  # changed on another page since it was looked at just now

    return guarded


@blueprint.route("/book/who", methods=["GET", "POST"])
@personal
@step
def book_who(draft: Draft) -> Answer:
    """Step 1: the name of who stays, and whether somebody else books for them."""
    form, answers = reader.posted(), draft.answers
    if request.method == "POST":
        name, whom = read_name(form), form.option("for_whom", ("self", "family"))
        if not whom:
            form.say("for_whom", "请选自己住还是替家人订")
        # Optional: what is no province is as good as nothing said.
        province = known_province(form.sent("province"))
        answers = replace(
            answers,
            lead_name=name,
            for_family=whom == "family" if whom else None,
            source_province=province,
        )
        if not form.faults:
            _amend(draft, lead_name=name, for_family=answers.for_family, source_province=province)
            return redirect(draft.url("book_phone"), 303)
    return _who_html(draft, answers, form.faults)


@blueprint.route("/book/phone", methods=["GET", "POST"])
@personal
@step
def book_phone(draft: Draft) -> Answer:
    """Step 2: the phone, with the notice that names who receives it, and the consent."""
    answers = draft.answers
    if not answers.lead_name:
        return redirect(draft.url("book_who"))
    form = reader.posted()
    if request.method == "POST":
        phone = form.phone("phone")
        require_consent(form)
        if not form.faults:
            _amend(draft, phone=phone, consent_version=CONSENT_VERSION)
            return redirect(draft.url("book_sleepers" if answers.several else LAST), 303)
        answers = replace(answers, phone=form.line("phone", MOST_TYPED_PHONE))
    return _phone_html(draft, answers, form.faults)


@blueprint.route("/book/sleepers", methods=["GET", "POST"])
@personal
@step
def book_sleepers(draft: Draft) -> Answer:
    """Of several kinds of room: who sleeps where, in words of their own, or nothing."""
    answers = draft.answers
    if not answers.several or not answers.complete:
        return redirect(draft.url(LAST))
    typed = [room.sleepers for room in answers.rooms]
    errors: Faults = {}
    if request.method == "POST":
        typed, errors = read_sleepers(reader.posted(), len(answers.rooms))
        if not errors:
            _amend(draft, rooms=answers.with_sleepers(typed))
            return redirect(draft.url(LAST), 303)
    return _sleepers_html(draft, typed, errors)


@blueprint.route("/book/check", methods=["GET", "POST"])
@personal
@step
def book_check(draft: Draft) -> Answer:
    """Step 3: everything once more, and the button that holds the rooms."""
    if not draft.answers.complete:
        return redirect(draft.url("book_phone"))
    if request.method == "GET":
        return _check_html(draft, {})
    limits.spend(limits.HOLD, "hold", address())
    try:
        booking_id = _place(draft)
    except PriceChanged:
        return _show_new_price(draft)
    except TooManyHolds as too_many:
        return _check_html(draft, {"": words_of(too_many)}, status=too_many.http_status)
    except NOT_TO_BE_HAD:
        # The quote page says why, and what is free near these dates.
        return redirect(quote_url(draft.answers), 303)
    access.remember(booking_id)
    return redirect(url_for("traveller.pay", booking_id=booking_id), 303)


def _place(draft: Draft) -> str:
    tools = services()
    with tools.database.write() as session:
        host = listing_page(session, draft.answers.listing_id, hidden_too=True, bare=True).card
        return drafts.book(
            unit_of_work(session, TRAVELLER),
            drafts.BookDraft(
                draft_id=draft.id,
                shown=of_facts(sealed_forms.opened(LAST)),
                address=address(),
                recipient=price_words.named(host.enterprise_zh, host.enterprise_en).name[:120],
                language=lang(),
            ),
            commission_bp=tools.settings.commission_bp,
            caps=tools.caps,
        )


def _show_new_price(draft: Draft) -> Answer:
    """Give the price as it is now and keep it as the one that was seen; nothing is held yet."""
    tools, answers = services(), draft.answers
    with tools.database.write() as session:
        fresh = drafts.renew(session, draft_id=draft.id, ids=tools.ids, now=now())
    message = what_changed(answers, fresh)
    return _check_html(Draft(draft.id, fresh), {"": message}, status=409)


def _amend(draft: Draft, **changes: Any) -> None:
    seen = draft.answers.shown(whole=False)
    with services().database.write() as session:
        drafts.amend(session, draft_id=draft.id, shown=seen, now=now(), **changes)


def unfinished() -> Unfinished | None:
    """Return what this device began to book last and can go on with, and where; else ``None``."""
    with services().database.read() as session:
        found = drafts.newest_unbooked(session, draft_ids=access.draft_ids(), now=now())
        if found is None or not cards(session, [found[1].listing_id]):
            return None
    draft = Draft(*found)
    with suppress(NotFound):  # the room is not there any more
        onwards = LAST if draft.answers.complete else "book_who"
        return Unfinished(told_of(draft.answers), draft.url(onwards))
    return None


# ------------------------------------------------------------------ a form that no longer fits


def _both(draft: Draft, name: str, before: Answers | None) -> Answer:
    """Show what the form showed beside the answers as they are, and let the person choose."""
    onwards = draft.url(LAST if draft.answers.complete else "book_who")
    ways = [(onwards, translate("按现在的接着订"))]
    if before is not None and before.selections != draft.answers.selections:
        ways.append((quote_url(before), translate("重新看那一页的价钱")))
    return sealed_forms.both(
        rows_of(before, whole=name == LAST) if before is not None else [],
        rows_of(draft.answers, whole=name == LAST),
        ways=ways,
        sample=told_of(draft.answers).sample,
    )


def _who_html(draft: Draft, answers: Answers, errors: Faults) -> Answer:
    shown = WhoHtml(
        draft=told_of(answers),
        shown=draft.fields("book_who"),
        errors=presenters.translated(errors),
        action=draft.url("book_who"),
        back_url=quote_url(answers),
        provinces=[(name, province_name(name, lang())) for name in PROVINCES],
    )
    return pages.html(shown), 422 if errors else 200


def _phone_html(draft: Draft, answers: Answers, errors: Faults) -> Answer:
    shown = PhoneHtml(
        draft=told_of(answers),
        shown=draft.fields("book_phone"),
        errors=presenters.translated(errors),
        action=draft.url("book_phone"),
        back_url=draft.url("book_who"),
        consent_version=CONSENT_VERSION,
    )
    return pages.html(shown), 422 if errors else 200


def _sleepers_html(draft: Draft, typed: Sequence[str], errors: Faults) -> Answer:
    shown = SleepersHtml(
        draft=told_of(draft.answers),
        shown=draft.fields("book_sleepers"),
        errors=presenters.translated(errors),
        action=draft.url("book_sleepers"),
        back_url=draft.url("book_phone"),
        sleepers=typed,
    )
    return pages.html(shown), 422 if errors else 200


def _check_html(draft: Draft, errors: Mapping[str, str], *, status: int = 200) -> Answer:
    shown = CheckHtml(
        draft=told_of(draft.answers),
        shown=draft.fields(LAST),
        errors=errors,
        action=draft.url(LAST),
        back_url=draft.url("book_sleepers" if draft.answers.several else "book_phone"),
        who_url=draft.url("book_who"),
        sleepers_url=draft.url("book_sleepers"),
        phone_url=draft.url("book_phone"),
        dates_url=quote_url(draft.answers),
        payee=services().settings.payee,
    )
    return pages.html(shown), status
