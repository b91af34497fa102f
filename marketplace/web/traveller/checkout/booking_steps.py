"""The three steps of booking: who, phone, check. One question a page; every answer is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
from marketplace.booking.contract import cancellation_rules, drafts
from marketplace.booking.contract.answers import Answers, as_facts, of_facts
from marketplace.booking.contract.drafts import DraftDiffers
from marketplace.booking.contract.hold_caps import TooManyHolds
from marketplace.booking.contract.placement import PriceChanged
from marketplace.inventory.service import SoldOut
from marketplace.kernel.audit import TRAVELLER
from marketplace.kernel.errors import Invalid, NotFound
from marketplace.kernel.money import money
from marketplace.offers.quoting.stay_answer import room_of
from marketplace.pricing.nights.quote import NoPrice
from marketplace.pricing.nights.terms import Board
from marketplace.web.context import address, lang, now, personal, services, today, unit_of_work
from marketplace.web.errors import words_of
from marketplace.web.forms import reader
from marketplace.web.forms.links import LinkArgs, LinkValue, link_to
from marketplace.web.forms.reader import Faults
from marketplace.web.forms.stay_form import read_name
from marketplace.web.i18n import translate
from marketplace.web.protection import limits
from marketplace.web.rendering import pages, price_words
from marketplace.web.rendering.filters import clock_time
from marketplace.web.traveller import access, presenters, sealed_forms
from marketplace.web.traveller.base import blueprint
from marketplace.web.traveller.checkout.consent import CONSENT_VERSION, require_consent
from marketplace.web.traveller.checkout.steps_html import (
    CheckHtml,
    DraftShown,
    PhoneHtml,
    Unfinished,
    WhoHtml,
)
from marketplace.web.traveller.search import carried_question, query_sentences

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
            return redirect(draft.url(LAST), 303)
        answers = replace(answers, phone=form.line("phone", MOST_TYPED_PHONE))
    return _phone_html(draft, answers, form.faults)


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
    if fresh.seen_total_fen == answers.seen_total_fen:
        message = translate("取消办法刚刚有变化，总价没有变。看过下面的取消办法，同意再按按钮")
    else:
        message = translate(
            "价格刚刚有变化：原来%(before)s，现在%(after)s。还没有扣款，同意新价格再按下面的按钮",
            before=money(answers.seen_total_fen),
            after=money(fresh.seen_total_fen),
        )
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
        return Unfinished(_told(draft.answers), draft.url(onwards))
    return None


# ------------------------------------------------------------------ a form that no longer fits


def _both(draft: Draft, name: str, before: Answers | None) -> Answer:
    """Show what the form showed beside the answers as they are, and let the person choose."""
    onwards = draft.url(LAST if draft.answers.complete else "book_who")
    ways = [(onwards, translate("按现在的接着订"))]
    if before is not None and before.selection != draft.answers.selection:
        ways.append((quote_url(before), translate("重新看那一页的价钱")))
    return sealed_forms.both(
        _rows(before, name) if before is not None else [],
        _rows(draft.answers, name),
        ways=ways,
        sample=_told(draft.answers).sample,
    )


def _rows(answers: Answers, name: str) -> list[tuple[str, Any]]:
    told, chosen = _told(answers), answers.selection
    rows = [
        (
            translate("住在哪里"),
            query_sentences.marked(
                "%(place)s · %(room)s",
                place=query_sentences.spoken(told.listing_name, told.listing_name_lang),
                room=query_sentences.spoken(told.room_name, told.room_name_lang),
            ),
        ),
        (translate("日期"), query_sentences.stay_words(chosen.stay)),
        (
            translate("几个人、几间房"),
            translate(
                "大人%(a)s位，小孩%(c)s位，%(r)s间房",
                a=chosen.party.adults,
                c=len(chosen.party.children_ages),
                r=chosen.rooms,
            ),
        ),
        *((label, value) for label, value, _ in told.extras),
        (translate("总价"), money(answers.seen_total_fen)),
        *((term.period, translate("扣%(sum)s", sum=money(term.fee_fen))) for term in told.terms),
    ]
    if name == LAST:
        rows += [
            (translate("入住人"), query_sentences.typed(answers.lead_name)),
            (translate("手机号码"), answers.phone),
        ]
    return rows


def quote_url(answers: Answers, **more: LinkValue) -> str:
    """Return the address of the quote that these answers came from."""
    chosen, ages = answers.selection, answers.selection.party.children_ages
    args: LinkArgs = {
        "room_type": chosen.room_type_id,
        "arrive": chosen.stay.check_in.isoformat(),
        "nights": chosen.stay.nights,
        "rooms": chosen.rooms,
        "adults": chosen.party.adults,
        "children": len(ages),
        "board": chosen.board.value if chosen.board else None,
        "extra_beds": chosen.extra_beds or None,
        "adjoining": 1 if chosen.adjoining else None,
        carried_question.ARGUMENT: answers.question or None,
    }
    args |= {f"age_{number}": age for number, age in enumerate(ages, 1)}
    return link_to("traveller.quote", args | more, listing_id=answers.listing_id)


def _who_html(draft: Draft, answers: Answers, errors: Faults) -> Answer:
    shown = WhoHtml(
        draft=_told(answers),
        shown=draft.fields("book_who"),
        errors=presenters.translated(errors),
        action=draft.url("book_who"),
        back_url=quote_url(answers),
        provinces=[(name, province_name(name, lang())) for name in PROVINCES],
    )
    return pages.html(shown), 422 if errors else 200


def _phone_html(draft: Draft, answers: Answers, errors: Faults) -> Answer:
    shown = PhoneHtml(
        draft=_told(answers),
        shown=draft.fields("book_phone"),
        errors=presenters.translated(errors),
        action=draft.url("book_phone"),
        back_url=draft.url("book_who"),
        consent_version=CONSENT_VERSION,
    )
    return pages.html(shown), 422 if errors else 200


def _check_html(draft: Draft, errors: Mapping[str, str], *, status: int = 200) -> Answer:
    shown = CheckHtml(
        draft=_told(draft.answers),
        shown=draft.fields(LAST),
        errors=errors,
        action=draft.url(LAST),
        back_url=draft.url("book_phone"),
        who_url=draft.url("book_who"),
        phone_url=draft.url("book_phone"),
        dates_url=quote_url(draft.answers),
        payee=services().settings.payee,
    )
    return pages.html(shown), status


def _told(answers: Answers) -> DraftShown:
    with services().database.read() as session:
        page = listing_page(session, answers.listing_id, hidden_too=True, bare=True)
    chosen, stay = answers.selection, answers.selection.stay
    room_type = room_of(page, chosen.room_type_id)
    listing = price_words.named(page.card.name_zh, page.card.name_en)
    room = price_words.named(room_type.name_zh, room_type.name_en)
    host = price_words.named(page.card.enterprise_zh, page.card.enterprise_en)
    whom = {None: "", True: "family", False: "self"}[answers.for_family]
    return DraftShown(
        lead_name=answers.lead_name,
        for_whom=whom,
        province=answers.source_province,
        phone=answers.phone,
        listing_name=listing.name,
        listing_name_lang=listing.name_lang,
        room_name=room.name,
        room_name_lang=room.name_lang,
        enterprise_name=host.name,
        arrive=stay.check_in,
        depart=stay.check_out,
        nights=stay.nights,
        rooms=chosen.rooms,
        adults=chosen.party.adults,
        children=len(chosen.party.children_ages),
        total_fen=answers.seen_total_fen,
        sample=page.card.is_sample,
        extras=[(label, value, quote_url(answers, choose=1)) for label, value in _extras(answers)],
        price_until=_price_until(answers),
        terms=presenters.terms(
            answers.policy or cancellation_rules.STAY_POLICY,
            total_fen=answers.seen_total_fen,
            check_in=stay.check_in,
            today=today(),
        ),
    )


def _price_until(answers: Answers) -> str | None:
    """Return until what time of day the price is honoured; ``None`` when that time is over."""
    if answers.price_until is None or not answers.is_honoured(now()):
        return None
    return clock_time(answers.price_until)


def _extras(answers: Answers) -> list[tuple[str, str]]:
    return price_words.extras(
        answers.meals or Board.ROOM_ONLY,
        extra_beds=answers.selection.extra_beds,
        rooms=answers.selection.rooms,
        adjoining=answers.selection.adjoining,
    )
