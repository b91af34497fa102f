"""The itemised quote: the price of what is asked for, what can be chosen, and why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from catalog.geography.provinces import of_adcode
from catalog.queries import listing_page
from catalog.sale import NotBookable
from marketplace.booking.contract import drafts
from marketplace.booking.contract.answers import Answers, RoomAnswer
from marketplace.booking.contract.placement import PriceChanged
from marketplace.booking.contract.room_choices import MOST_KINDS
from marketplace.kernel.errors import Invalid
from marketplace.kernel.money import money
from marketplace.pricing.nights.quote import NoPrice
from marketplace.pricing.nights.restrictions import Restricted
from marketplace.pricing.nights.selection import StaySelection
from marketplace.web.context import address, now, services, today
from marketplace.web.errors import fields_of, words_of
from marketplace.web.forms import reader
from marketplace.web.forms.links import LinkArgs, link_to
from marketplace.web.forms.reader import Faults
from marketplace.web.forms.stay_form import AGE
from marketplace.web.i18n import translate
from marketplace.web.protection import limits
from marketplace.web.rendering import pages, price_words
from marketplace.web.traveller import access, presenters
from marketplace.web.traveller.base import blueprint
from marketplace.web.traveller.checkout.quote_answers import Found, RoomRefused, work_out
from marketplace.web.traveller.checkout.quote_html import (
    AgesHtml,
    ChoiceHtml,
    QuoteHtml,
    RefusedHtml,
    RoomsQuoteHtml,
    WindowShown,
)
from marketplace.web.traveller.checkout.quote_shown import (
    choices_of,
    more_rooms_url,
    place_of,
    price_shown,
    quote_args,
    quote_url,
    room_priced,
)
from marketplace.web.traveller.checkout.quote_wish import (
    RoomsWish,
    read_rooms,
    require_each_once,
    stay_wished,
)
from marketplace.web.traveller.listing.listing_page import ask_again, origin_asked
from marketplace.web.traveller.search import carried_question

Answer: TypeAlias = str | Response | tuple[str, int]
LARGEST_TOTAL_FEN = 10**13


@blueprint.route("/listings/<int(max=2147483647):listing_id>/quote", methods=["GET", "POST"])
def quote(listing_id: int) -> Answer:
    """Show the price of a stay line by line, or the nearest free days; a POST begins to book it."""
    wanted = read_rooms(reader.given(), listing_id, today=today())
    try:
        if request.method == "POST":
            return _start_booking(wanted)
        return _show(work_out(wanted), choosing="choose" in reader.asked())
    except RoomRefused as refused:
        return _ask_again(wanted, refused)


def _ask_again(wanted: RoomsWish, refused: RoomRefused) -> Answer:
    """Show the form of the room that was refused: here, or on a page that is about that room."""
    if refused.place != wanted.at:
        return redirect(quote_url(wanted.about(refused.place)), 303)
    return ask_again(
        wanted.asked.listing_id,
        wanted.asked.form,
        wanted.asked.choice,
        refused.fault,
    )


def _show(found: Found, *, choosing: bool) -> Answer:
    """Show what there is to say: one question where one is open, else the price, or why none."""
    errors = presenters.translated(found.wanted.asked.choice.errors)
    if found.asked.faults is not None:
        errors |= fields_of(found.asked.faults)
    return _show_with(found.settled(), errors, choosing=choosing)


def _show_with(found: Found, errors: Faults, *, choosing: bool) -> Answer:
    wanted, asked = found.wanted, found.asked
    status = 422 if errors else 200
    if asked.priced is None:
        return _refused_html(found)
    # Each of several rooms is priced for its own people before the button is shown.
    unsaid = (asked.ages_matter or wanted.several) and wanted.asked.choice.ages is None
    if unsaid or any(name.startswith("age_") for name in errors):
        return _choice_html(AgesHtml, found, errors), status
    if (choosing and (asked.may_choose or wanted.several)) or (asked.may_choose and errors):
        return _choice_html(ChoiceHtml, found, errors), status
    open_at = found.open_at()
    if open_at is not None:
        return redirect(quote_url(wanted.about(open_at)))
    # Where nothing can be chosen there is no question that a fault could stand beside.
    faults = errors or next(
        (fields_of(answer.faults) for answer in found.answers if answer.faults), {}
    )
    told = {"": next(iter(faults.values()))} if faults else {}
    return _price_html(found, told), status


# ------------------------------------------------------------------ pages


def _refused_html(found: Found) -> Answer:
    asked, wanted = found.asked, found.wanted
    refusal = asked.refusal
    named = isinstance(refusal, Restricted)
    page = pages.html(
        RefusedHtml(
            **place_of(found),
            closed=isinstance(refusal, NotBookable),
            refused=words_of(refusal) if refusal and not named else "",
            errors=fields_of(refusal) if refusal and named else {},
            stay=asked.stay,
            ask_url=url_for("traveller.quote", listing_id=wanted.asked.listing_id),
            kept=_without(quote_args(wanted), "arrive", "nights", "nights_other"),
            windows=[
                WindowShown(
                    arrive=window.stay.check_in,
                    depart=window.stay.check_out,
                    nights=window.stay.nights,
                    # Of several rooms this one is free then; the page of those days asks for all.
                    total_fen=None if wanted.several else window.total_fen,
                    url=quote_url(
                        wanted,
                        arrive=window.stay.check_in.isoformat(),
                        nights=window.stay.nights,
                        nights_other=None,
                    ),
                )
                for window in asked.windows
            ],
        )
    )
    return page, 422 if named else 200


def _without(args: LinkArgs, *names: str) -> LinkArgs:
    return {name: value for name, value in args.items() if name not in names}


def _choice_html(page: type[ChoiceHtml], found: Found, errors: Faults) -> str:
    """Ask one question whose answer changes the price; it leads back to the price."""
    wanted = found.wanted
    asked: tuple[str, ...] = ("board", "extra_beds", "adjoining")
    if page is AgesHtml:
        asked = tuple(f"age_{number + 1}" for number in range(wanted.asked.form.child_count))
    shown = page(
        **place_of(found),
        errors=errors,
        ask_url=url_for("traveller.quote", listing_id=wanted.asked.listing_id),
        kept=_without(quote_args(wanted), *asked),
        back_url=quote_url(wanted),
        ages=wanted.asked.choice.ages_typed,
        choices=choices_of(found),
    )
    return pages.html(shown)


def _price_html(found: Found, errors: Mapping[str, str]) -> str:
    wanted = found.wanted
    if wanted.several:
        return _several_html(found, errors)
    wish, known = wanted.asked, wanted.asked.choice.ages is not None
    args = quote_args(wanted)
    if not known:
        args = {name: value for name, value in args.items() if not name.startswith("age_")}
    return pages.html(
        QuoteHtml(
            **place_of(found),
            quote=price_shown(found.asked, wish, rooms=wish.form.room_count),
            payee=services().settings.payee,
            ages=[] if known else wish.choice.ages_typed,
            # With the question in its address: the links of what answers a press keep it too.
            book_url=link_to("traveller.quote", args, listing_id=wish.listing_id),
            book_fields={**args, "seen_total_fen": found.total_fen},
            choose_url=quote_url(wanted, choose=1) if found.asked.may_choose else None,
            more_url=more_rooms_url(found),
            errors=errors,
        )
    )


def _several_html(found: Found, errors: Mapping[str, str]) -> str:
    wanted = found.wanted.about(0)
    args = quote_args(wanted)
    return pages.html(
        RoomsQuoteHtml(
            **place_of(replace(found, wanted=wanted)),
            rooms=[
                room_priced(wanted, place, answer) for place, answer in enumerate(found.answers)
            ],
            arrive=found.asked.stay.check_in,
            depart=found.asked.stay.check_out,
            nights=found.asked.stay.nights,
            total_fen=found.total_fen,
            near=price_words.near_each_other(wanted=wanted.adjoining),
            payee=services().settings.payee,
            book_url=link_to("traveller.quote", args, listing_id=wanted.asked.listing_id),
            book_fields={**args, "seen_total_fen": found.total_fen},
            more_url=more_rooms_url(found),
            full=not wanted.may_grow,
            most_kinds=MOST_KINDS,
            errors=errors,
        )
    )


# ------------------------------------------------------------------ beginning to book


def _start_booking(wanted: RoomsWish) -> Answer:
    """Keep what is to be booked, with what the visitor answered earlier, and go on to step 1."""
    limits.spend(limits.DRAFT, "draft", address())
    form = reader.posted()
    form.ages(wanted.asked.form.child_count, AGE)
    try:
        stay_wished(wanted.asked.form, today=today())
    except Invalid as invalid:
        raise RoomRefused(wanted.at, invalid) from invalid
    if form.faults:
        return _ages_missing(work_out(wanted), presenters.translated(form.faults))
    if any(room.choice.ages is None for room in wanted.rooms):
        return redirect(quote_url(wanted), 303)  # which asks for them
    try:
        draft_id = _keep(wanted)
    except PriceChanged:
        return _price_changed(wanted)
    except (Invalid, NoPrice, NotBookable):
        # The page of the quote says why, beside the question that it is about.
        return redirect(quote_url(wanted), 303)
    return redirect(url_for("traveller.book_who", draft=draft_id), 303)


def _ages_missing(found: Found, errors: Faults) -> Answer:
    if found.asked.priced is None or found.asked.ages_matter or found.wanted.several:
        return _show_with(found, errors, choosing=False)
    return _price_html(found, errors), 422


def _price_changed(wanted: RoomsWish) -> Answer:
    """Show the price as it is now; nothing is kept until that one is agreed to."""
    found = work_out(wanted)
    if not found.priced:
        return redirect(quote_url(wanted), 303) if found.asked.priced else _refused_html(found)
    message = translate(
        "价格刚刚有变化：原来%(before)s，现在%(after)s。还没有扣款，同意新价格再按下面的按钮",
        before=money(_seen_total()),
        after=money(found.total_fen),
    )
    return _price_html(found, {"": message}), 409


def _keep(wanted: RoomsWish) -> str:
    tools, new_id = services(), services().ids.new_token()
    with tools.database.write() as session:
        # The consent will name this listing's operator, so the room must be one of its rooms.
        page = listing_page(session, wanted.asked.listing_id)
        require_each_once(wanted.rooms)
        chosen = wanted.selections(page, today=today())
        earlier = drafts.load(session, draft_id=access.newest_draft(), now=now())
        answers = _answers(wanted.asked.listing_id, chosen, earlier)
        drafts.begin(session, draft_id=new_id, answers=answers, ids=tools.ids, now=now())
    access.remember_draft(new_id)
    return new_id


def _answers(
    listing_id: int, chosen: tuple[StaySelection, ...], earlier: Answers | None
) -> Answers:
    return Answers(
        listing_id=listing_id,
        rooms=tuple(RoomAnswer(each) for each in chosen),
        seen_total_fen=_seen_total(),
        lead_name=earlier.lead_name if earlier else "",
        for_family=earlier.for_family if earlier else None,
        phone=earlier.phone if earlier else "",
        source_province=of_adcode(origin_asked()) or (earlier.source_province if earlier else ""),
        question=carried_question.carried_text(),
    )


def _seen_total() -> int:
    """Return the total that the form says was shown; what cannot be one counts as none seen."""
    fen = reader.posted().shown_fen("seen_total_fen") or 0
    return fen if 0 <= fen <= LARGEST_TOTAL_FEN else 0
