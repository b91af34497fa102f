"""The three steps of booking: who, phone, check. One question a page; every answer is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any, TypeAlias

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from catalog.provinces import PROVINCES, province_name
from catalog.provinces import known as known_province
from catalog.queries import listing_page
from catalog.service import NotBookable as EnterpriseClosed
from marketplace.booking import drafts, rules
from marketplace.booking.drafts import Answers
from marketplace.booking.place import PriceChanged, TooManyHolds
from marketplace.inventory.service import SoldOut
from marketplace.kernel.errors import Invalid
from marketplace.kernel.stay import Stay
from marketplace.kernel.text import one_line
from marketplace.offers.assemble import NotBookable
from marketplace.pricing.quote import NoPrice
from marketplace.pricing.terms import Board
from marketplace.web import limits
from marketplace.web.context import address, lang, now, personal, services, today
from marketplace.web.errors import words_of
from marketplace.web.filters import clock_time, money
from marketplace.web.i18n import translate
from marketplace.web.traveller import access, presenters
from marketplace.web.traveller.base import blueprint
from marketplace.web.traveller.consent import CONSENT_VERSION
from marketplace.web.traveller.forms import Errors, read_name, read_phone
from marketplace.web.traveller.quoting import room_of

Answer: TypeAlias = Response | tuple[str, int]
NOT_TO_BE_HAD = (SoldOut, NotBookable, EnterpriseClosed, NoPrice, Invalid)


def step(view: Callable[[Answers], Answer]) -> Callable[[], Answer]:
    """Give a step the answers so far; without any, or once they are booked, lead elsewhere."""

    @wraps(view)
    def guarded() -> Answer:
        with services().database.read() as session:
            answers = drafts.load(session, draft_id=access.draft_id(), now=now())
        if answers is None:
            return redirect(url_for("traveller.search"))
        if answers.booking_id is not None:
            access.remember(answers.booking_id)
            return redirect(url_for("traveller.pay", booking_id=answers.booking_id), 303)
        return view(answers)

    return guarded


@blueprint.route("/book/who", methods=["GET", "POST"])
@personal
@step
def book_who(answers: Answers) -> Answer:
    """Step 1: the name of who stays, and whether somebody else books for them."""
    errors: Errors = {}
    if request.method == "POST":
        name = read_name(request.form.get("lead_name", ""), errors)
        whom = request.form.get("for_whom", "")
        if whom not in ("self", "family"):
            errors["for_whom"] = "请选自己住还是替家人订"
        # Optional: what is no province is as good as nothing said.
        province = known_province(request.form.get("province", ""))
        answers = replace(
            answers,
            lead_name=name,
            for_family=whom == "family" if whom else None,
            source_province=province,
        )
        if not errors:
            _amend(lead_name=name, for_family=answers.for_family, source_province=province)
            return redirect(url_for("traveller.book_phone"), 303)
    return _step_html("book_who", answers, errors, back_url=quote_url(answers))


@blueprint.route("/book/phone", methods=["GET", "POST"])
@personal
@step
def book_phone(answers: Answers) -> Answer:
    """Step 2: the phone, with the notice that names who receives it, and the consent."""
    if not answers.lead_name:
        return redirect(url_for("traveller.book_who"))
    errors: Errors = {}
    if request.method == "POST":
        typed = request.form.get("phone", "")
        phone = read_phone(typed, errors)
        if request.form.get("consent") != "1":
            errors["consent"] = "同意后才能预订，请在方框里打勾"
        elif request.form.get("consent_version") != CONSENT_VERSION:
            errors["consent"] = "说明刚刚更新，请看过后再打勾"
        if not errors:
            _amend(phone=phone, consent_version=CONSENT_VERSION)
            return redirect(url_for("traveller.book_check"), 303)
        answers = replace(answers, phone=one_line(typed))
    return _step_html("book_phone", answers, errors, back_url=url_for("traveller.book_who"))


@blueprint.route("/book/check", methods=["GET", "POST"])
@personal
@step
def book_check(answers: Answers) -> Answer:
    """Step 3: everything once more, and the button that holds the rooms."""
    if not answers.complete:
        return redirect(url_for("traveller.book_phone"))
    if request.method == "GET":
        return _check_html(answers, {})
    limits.spend(limits.HOLD, "hold", address())
    try:
        booking_id = _place(answers)
    except PriceChanged:
        return _show_new_price(answers)
    except TooManyHolds as too_many:
        return _check_html(answers, {"": words_of(too_many)}, status=409)
    except NOT_TO_BE_HAD:
        # The quote page says why, and what is free near these dates.
        return redirect(quote_url(answers), 303)
    access.remember(booking_id)
    return redirect(url_for("traveller.pay", booking_id=booking_id), 303)


def _place(answers: Answers) -> str:
    tools = services()
    with tools.database.write() as session:
        host = listing_page(session, answers.listing_id, hidden_too=True, bare=True).card
        return drafts.book(
            session,
            draft_id=access.draft_id() or "",
            address=address(),
            recipient=presenters.named(host.enterprise_zh, host.enterprise_en).name[:120],
            language=lang(),
            commission_bp=tools.settings.commission_bp,
            ids=tools.ids,
            now=now(),
        )


def _show_new_price(answers: Answers) -> Answer:
    """Give the price as it is now and keep it as the one that was seen; nothing is held yet."""
    tools = services()
    with tools.database.write() as session:
        fresh = drafts.renew(session, draft_id=access.draft_id() or "", ids=tools.ids, now=now())
    if fresh.seen_total_fen == answers.seen_total_fen:
        message = translate("取消办法刚刚有变化，总价没有变。看过下面的取消办法，同意再按按钮")
    else:
        message = translate(
            "价格刚刚有变化：原来%(before)s，现在%(after)s。还没有扣款，同意新价格再按下面的按钮",
            before=money(answers.seen_total_fen),
            after=money(fresh.seen_total_fen),
        )
    return _check_html(fresh, {"": message}, status=409)


def _amend(**changes: Any) -> None:
    with services().database.write() as session:
        drafts.amend(session, draft_id=access.draft_id() or "", now=now(), **changes)


def quote_url(answers: Answers, **more: Any) -> str:
    """Return the address of the quote that these answers came from."""
    args: dict[str, Any] = {
        "room_type": answers.room_type_id,
        "arrive": answers.arrive.isoformat(),
        "nights": answers.nights,
        "rooms": answers.rooms,
        "adults": answers.adults,
        "children": len(answers.children_ages),
        "board": answers.board.value if answers.board else None,
        "extra_beds": answers.extra_beds or None,
        "adjoining": 1 if answers.adjoining else None,
    }
    args |= {f"age_{number}": age for number, age in enumerate(answers.children_ages, 1)}
    return url_for("traveller.quote", listing_id=answers.listing_id, **args, **more)


def _step_html(name: str, answers: Answers, errors: Errors, *, back_url: str) -> Answer:
    page = render_template(
        f"traveller/{name}.html",
        draft=_draft(answers),
        errors=presenters.translated(errors),
        action=url_for(f"traveller.{name}"),
        back_url=back_url,
        consent_version=CONSENT_VERSION,
        provinces=[(name, province_name(name, lang())) for name in PROVINCES],
    )
    return page, 422 if errors else 200


def _check_html(answers: Answers, errors: Mapping[str, str], *, status: int = 200) -> Answer:
    page = render_template(
        "traveller/book_check.html",
        draft=_draft(answers),
        errors=errors,
        action=url_for("traveller.book_check"),
        back_url=url_for("traveller.book_phone"),
        who_url=url_for("traveller.book_who"),
        phone_url=url_for("traveller.book_phone"),
        dates_url=quote_url(answers),
        payee=services().settings.payee,
    )
    return page, status


def _draft(answers: Answers) -> dict[str, Any]:
    with services().database.read() as session:
        page = listing_page(session, answers.listing_id, hidden_too=True, bare=True)
    room_type = room_of(page, answers.room_type_id)
    stay = Stay.of(answers.arrive, answers.nights)
    listing = presenters.named(page.card.name_zh, page.card.name_en)
    room = presenters.named(room_type.name_zh, room_type.name_en)
    host = presenters.named(page.card.enterprise_zh, page.card.enterprise_en)
    whom = {None: "", True: "family", False: "self"}[answers.for_family]
    return {
        "lead_name": answers.lead_name,
        "for_whom": whom,
        "province": answers.source_province,
        "phone": answers.phone,
        "listing_name": listing.name,
        "listing_name_lang": listing.name_lang,
        "room_name": room.name,
        "room_name_lang": room.name_lang,
        "enterprise_name": host.name,
        "arrive": stay.check_in,
        "depart": stay.check_out,
        "nights": stay.nights,
        "rooms": answers.rooms,
        "adults": answers.adults,
        "children": len(answers.children_ages),
        "total_fen": answers.seen_total_fen,
        "sample": page.card.is_sample,
        "extras": [
            (label, value, quote_url(answers, choose=1)) for label, value in _extras(answers)
        ],
        "price_until": _price_until(answers),
        "terms": presenters.terms(
            answers.policy or rules.STAY_POLICY,
            total_fen=answers.seen_total_fen,
            check_in=stay.check_in,
            today=today(),
        ),
    }


def _price_until(answers: Answers) -> str | None:
    """Return until what time of day the price is honoured; ``None`` when that time is over."""
    if answers.price_until is None or not answers.is_honoured(now()):
        return None
    return clock_time(answers.price_until)


def _extras(answers: Answers) -> list[tuple[str, str]]:
    return presenters.extras(
        answers.meals or Board.ROOM_ONLY,
        extra_beds=answers.extra_beds,
        rooms=answers.rooms,
        adjoining=answers.adjoining,
    )
