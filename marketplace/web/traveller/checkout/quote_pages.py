"""The itemised quote for one room: its price, what can be chosen with it, and why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from catalog.geography.provinces import of_adcode
from catalog.queries import listing_page
from catalog.sale import NotBookable
from marketplace.booking.contract import cancellation_rules, drafts
from marketplace.booking.contract.answers import Answers
from marketplace.booking.contract.placement import PriceChanged
from marketplace.kernel.errors import Invalid
from marketplace.kernel.money import money
from marketplace.offers.quoting import stay_answer
from marketplace.offers.quoting.stay_answer import StayAnswer
from marketplace.pricing.nights.quote import NoPrice
from marketplace.pricing.nights.restrictions import Restricted
from marketplace.pricing.nights.selection import StaySelection
from marketplace.pricing.nights.terms import Terms
from marketplace.web.context import address, now, services, today
from marketplace.web.errors import fields_of, words_of
from marketplace.web.forms import reader
from marketplace.web.forms.links import LinkArgs, LinkValue, link_to
from marketplace.web.forms.reader import Faults
from marketplace.web.forms.stay_form import AGE, read_choice, read_stay
from marketplace.web.i18n import translate
from marketplace.web.protection import limits
from marketplace.web.rendering import labels, pages, price_lines, price_words
from marketplace.web.traveller import access, presenters
from marketplace.web.traveller.base import blueprint
from marketplace.web.traveller.checkout.quote_html import (
    AgesHtml,
    ChoiceHtml,
    Choices,
    Place,
    PriceShown,
    QuoteHtml,
    RefusedHtml,
    WindowShown,
)
from marketplace.web.traveller.checkout.quote_wish import Wish, stay_wished
from marketplace.web.traveller.listing.listing_page import ask_again, origin_asked
from marketplace.web.traveller.search import carried_question

Answer: TypeAlias = str | Response | tuple[str, int]
LARGEST_TOTAL_FEN = 10**13


@blueprint.route("/listings/<int(max=2147483647):listing_id>/quote", methods=["GET", "POST"])
def quote(listing_id: int) -> Answer:
    """Show the price of a stay line by line, or the nearest free days; a POST begins to book it."""
    wish = _read_wish(listing_id)
    if request.method == "POST":
        return _start_booking(wish)
    try:
        found = _work_out(wish)
    except Invalid as invalid:
        return ask_again(listing_id, wish.form, wish.choice, invalid)
    errors = presenters.translated(wish.choice.errors)
    if found.faults is not None:
        errors |= fields_of(found.faults)
        wish = replace(wish, choice=replace(wish.choice, board=None, extra_beds=0))
    return _show(found, wish, errors, choosing="choose" in reader.asked())


def _read_wish(listing_id: int) -> Wish:
    form = read_stay(reader.given(), today=today())
    choice = read_choice(reader.given(), children=form.child_count)
    return Wish(listing_id, reader.given().key("room_type"), form, choice)


def _work_out(wish: Wish) -> StayAnswer:
    matrix = services().follower.current()
    with services().database.read() as session:
        page = listing_page(session, wish.listing_id)
        selection = wish.selection(page, today=today())
        return stay_answer.answer(
            session, page=page, selection=selection, matrix=matrix, today=today()
        )


def _show(found: StayAnswer, wish: Wish, errors: Faults, *, choosing: bool) -> Answer:
    """Show what there is to say: one question where one is open, else the price, or why none."""
    status = 422 if errors else 200
    if found.priced is None:
        return _refused_html(found, wish)
    unsaid = found.ages_matter and wish.choice.ages is None
    if unsaid or any(name.startswith("age_") for name in errors):
        return _choice_html(AgesHtml, found, wish, errors), status
    if found.may_choose and (choosing or errors):
        return _choice_html(ChoiceHtml, found, wish, errors), status
    # Where nothing can be chosen there is no question that a fault could stand beside.
    told = {"": next(iter(errors.values()))} if errors else {}
    return _price_html(found, wish, told), status


# ------------------------------------------------------------------ pages


def quote_args(wish: Wish) -> LinkArgs:
    """Return what is asked as arguments of an address."""
    return {
        **wish.form.args(),
        "room_type": wish.room_type_id,
        **wish.choice.args(),
        **({"from": origin_asked()} if origin_asked() else {}),
        **carried_question.args(),
    }


def _url(wish: Wish, **changed: LinkValue) -> str:
    args = quote_args(wish) | changed
    return link_to("traveller.quote", args, listing_id=wish.listing_id)


def _place(found: StayAnswer, wish: Wish) -> Place:
    return Place(
        listing=presenters.listing(found.page, day=found.stay.check_in),
        room=presenters.room(found.room_type, month_fen=0),
        change_url=link_to(
            "traveller.listing", quote_args(wish), anchor="ask", listing_id=wish.listing_id
        ),
    )


def _refused_html(found: StayAnswer, wish: Wish) -> Answer:
    refusal = found.refusal
    named = isinstance(refusal, Restricted)
    page = pages.html(
        RefusedHtml(
            **_place(found, wish),
            closed=isinstance(refusal, NotBookable),
            refused=words_of(refusal) if refusal and not named else "",
            errors=fields_of(refusal) if refusal and named else {},
            stay=found.stay,
            ask_url=url_for("traveller.quote", listing_id=wish.listing_id),
            kept=_without(quote_args(wish), "arrive", "nights", "nights_other"),
            windows=[
                WindowShown(
                    arrive=window.stay.check_in,
                    depart=window.stay.check_out,
                    nights=window.stay.nights,
                    total_fen=window.total_fen,
                    url=_url(
                        wish,
                        arrive=window.stay.check_in.isoformat(),
                        nights=window.stay.nights,
                        nights_other=None,
                    ),
                )
                for window in found.windows
            ],
        )
    )
    return page, 422 if named else 200


def _without(args: LinkArgs, *names: str) -> LinkArgs:
    return {name: value for name, value in args.items() if name not in names}


def _choice_html(page: type[ChoiceHtml], found: StayAnswer, wish: Wish, errors: Faults) -> str:
    """Ask one question whose answer changes the price; it leads back to the price."""
    asked: tuple[str, ...] = ("board", "extra_beds", "adjoining")
    if page is AgesHtml:
        asked = tuple(f"age_{number + 1}" for number in range(wish.form.child_count))
    shown = page(
        **_place(found, wish),
        errors=errors,
        ask_url=url_for("traveller.quote", listing_id=wish.listing_id),
        kept=_without(quote_args(wish), *asked),
        back_url=_url(wish),
        ages=wish.choice.ages_typed,
        choices=_choices(found, wish),
    )
    return pages.html(shown)


def _choices(found: StayAnswer, wish: Wish) -> Choices:
    if found.priced is None:
        return Choices()
    terms, ask = found.priced.terms, found.priced.ask
    return Choices(
        board=found.priced.quote.board.value,
        boards=board_options(
            terms,
            nights=ask.stay.nights,
            adults=ask.party.adults,
            children=len(ask.party.children_ages),
        )
        if terms.boards
        else [],
        extra_beds=wish.choice.extra_beds,
        most_beds=terms.most_extra_beds * ask.rooms,
        bed_fen=(terms.extra_bed_fen or 0) * ask.stay.nights,
        bed_night_fen=terms.extra_bed_fen or 0,
        nights=ask.stay.nights,
        rooms=ask.rooms,
        adjoining=wish.choice.adjoining,
    )


def board_options(
    terms: Terms, *, nights: int, adults: int, children: int
) -> list[tuple[str, str, str]]:
    """Return the meals there are: value, words, and what they add for all ``nights`` and people."""
    included = terms.included_board
    options = [(included.value, labels.board_label(included), translate("已经包括在房价里"))]
    for price in terms.boards:
        total_fen = (price.adult_fen * adults + price.child_fen * children) * nights
        said: dict[str, object] = {
            "sum": money(total_fen),
            "nights": nights,
            "adult": money(price.adult_fen),
            "child": money(price.child_fen),
        }
        cost = translate("+%(sum)s（%(nights)s晚，每人每晚%(adult)s）", **said)
        if children:
            cost = translate(
                "+%(sum)s（%(nights)s晚，大人每人每晚%(adult)s，孩子%(child)s）", **said
            )
        options.append((price.board.value, labels.board_label(price.board), cost))
    return options


def _price_html(found: StayAnswer, wish: Wish, errors: Mapping[str, str]) -> str:
    known = wish.choice.ages is not None
    args = quote_args(wish)
    if not known:
        args = {name: value for name, value in args.items() if not name.startswith("age_")}
    total = found.priced.quote.total_fen if found.priced else 0
    return pages.html(
        QuoteHtml(
            **_place(found, wish),
            quote=_priced(found, wish),
            payee=services().settings.payee,
            ages=[] if known else wish.choice.ages_typed,
            # With the question in its address: the links of what answers a press keep it too.
            book_url=link_to("traveller.quote", args, listing_id=wish.listing_id),
            book_fields={**args, "seen_total_fen": total},
            choose_url=_url(wish, choose=1) if found.may_choose else None,
            errors=errors,
        )
    )


def _priced(found: StayAnswer, wish: Wish) -> PriceShown | None:
    if found.priced is None:
        return None
    price, terms = found.priced.quote, found.priced.terms
    return PriceShown(
        arrive=found.stay.check_in,
        depart=found.stay.check_out,
        nights=found.stay.nights,
        rooms=price.rooms,
        adults=wish.form.adult_count,
        children=wish.form.child_count,
        total_fen=price.total_fen,
        month_fen=price.month_fen,
        night_fen=price.night_fen,
        lines=price_lines.quote_lines(price),
        extras=price_words.extras(
            price.board,
            extra_beds=found.priced.ask.extra_beds,
            rooms=price.rooms,
            adjoining=wish.choice.adjoining,
            beds_too=terms.most_extra_beds > 0,
        ),
        meals_or_beds=bool(terms.boards or terms.most_extra_beds),
        parts=found.parts,
        terms=presenters.terms(
            cancellation_rules.policy_of(terms),
            total_fen=price.total_fen,
            check_in=found.stay.check_in,
            today=today(),
        ),
    )


# ------------------------------------------------------------------ beginning to book


def _start_booking(wish: Wish) -> Answer:
    """Keep what is to be booked, with what the visitor answered earlier, and go on to step 1."""
    limits.spend(limits.DRAFT, "draft", address())
    form = reader.posted()
    form.ages(wish.form.child_count, AGE)
    try:
        stay_wished(wish.form, today=today())
        if form.faults:
            return _ages_missing(_work_out(wish), wish, presenters.translated(form.faults))
    except Invalid as invalid:
        return ask_again(wish.listing_id, wish.form, wish.choice, invalid)
    try:
        draft_id = _keep(wish)
    except PriceChanged:
        return _price_changed(wish)
    except (Invalid, NoPrice, NotBookable):
        # The page of the quote says why, beside the question that it is about.
        return redirect(_url(wish), 303)
    return redirect(url_for("traveller.book_who", draft=draft_id), 303)


def _ages_missing(found: StayAnswer, wish: Wish, errors: Faults) -> Answer:
    if found.priced is None or found.ages_matter:
        return _show(found, wish, errors, choosing=False)
    return _price_html(found, wish, errors), 422


def _price_changed(wish: Wish) -> Answer:
    """Show the price as it is now; nothing is kept until that one is agreed to."""
    found = _work_out(wish)
    if found.priced is None:
        return _refused_html(found, wish)
    message = translate(
        "价格刚刚有变化：原来%(before)s，现在%(after)s。还没有扣款，同意新价格再按下面的按钮",
        before=money(_seen_total()),
        after=money(found.priced.quote.total_fen),
    )
    return _price_html(found, wish, {"": message}), 409


def _keep(wish: Wish) -> str:
    tools, new_id = services(), services().ids.new_token()
    with tools.database.write() as session:
        # The consent will name this listing's operator, so the room must be one of its rooms.
        page = listing_page(session, wish.listing_id)
        chosen = wish.selection(page, today=today())
        earlier = drafts.load(session, draft_id=access.newest_draft(), now=now())
        answers = _answers(wish, chosen, earlier)
        drafts.begin(session, draft_id=new_id, answers=answers, ids=tools.ids, now=now())
    access.remember_draft(new_id)
    return new_id


def _answers(wish: Wish, chosen: StaySelection, earlier: Answers | None) -> Answers:
    return Answers(
        listing_id=wish.listing_id,
        selection=chosen,
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
