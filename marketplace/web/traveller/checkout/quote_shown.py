"""What was found out about rooms in the words of a quote page, and the addresses it leads to."""

from __future__ import annotations

from marketplace.booking.contract import cancellation_rules
from marketplace.kernel.money import money
from marketplace.offers.quoting.stay_answer import StayAnswer
from marketplace.pricing.nights.terms import Terms
from marketplace.web.context import today
from marketplace.web.forms.links import LinkArgs, LinkValue, filled, link_to
from marketplace.web.i18n import translate
from marketplace.web.rendering import labels, price_lines, price_words
from marketplace.web.traveller import presenters
from marketplace.web.traveller.checkout.quote_answers import Found
from marketplace.web.traveller.checkout.quote_html import Choices, Place, PriceShown, RoomPriced
from marketplace.web.traveller.checkout.quote_wish import WHEN, RoomsWish, Wish
from marketplace.web.traveller.listing.listing_page import origin_asked
from marketplace.web.traveller.my_booking import change_texts
from marketplace.web.traveller.search import carried_question
from marketplace.web.traveller.search.carried_question import OTHER_ROOMS


def quote_args(wanted: RoomsWish) -> LinkArgs:
    """Return what is asked as arguments of an address."""
    wish = wanted.asked
    return {
        **wish.form.args(),
        "room_type": wish.room_type_id,
        **wish.choice.args(),
        **wanted.others(),
        **({"from": origin_asked()} if origin_asked() else {}),
        **carried_question.args(),
    }


def quote_url(wanted: RoomsWish, **changed: LinkValue) -> str:
    """Return the address of the quote of these rooms, some of it ``changed``."""
    args = quote_args(wanted) | changed
    return link_to("traveller.quote", args, listing_id=wanted.asked.listing_id)


def place_of(found: Found) -> Place:
    """Return what every page about the room that is asked for says of it."""
    asked, wanted = found.asked, found.wanted
    return Place(
        listing=presenters.listing(asked.page, day=asked.stay.check_in),
        room=presenters.room(asked.room_type, month_fen=0),
        change_url=change_url_of(wanted),
        leave_out_url=quote_url(wanted.without(wanted.at)) if wanted.several else None,
    )


def change_url_of(wanted: RoomsWish) -> str:
    """Return where the dates, and the people of the room that is asked for, are changed."""
    return link_to(
        "traveller.listing", quote_args(wanted), anchor="ask", listing_id=wanted.asked.listing_id
    )


def beside_args(wanted: RoomsWish) -> LinkArgs:
    """Return all rooms that are chosen as arguments of a page that asks about one more."""
    when = {name: value for name, value in wanted.asked.form.args().items() if name in WHEN}
    return {
        **when,
        OTHER_ROOMS: [room.as_text() for room in wanted.rooms],
        **filled({"adjoining": "1" if wanted.adjoining else "", "from": origin_asked()}),
        **carried_question.args(),
    }


def more_rooms_url(found: Found) -> str | None:
    """Return where another kind of room is added; ``None`` where there is none, or no place."""
    wanted = found.wanted
    if not wanted.may_grow or len(found.asked.page.room_types) == len(wanted.rooms):
        return None
    return link_to("traveller.more_rooms", beside_args(wanted), listing_id=wanted.asked.listing_id)


def choices_of(found: Found) -> Choices:
    """Return what can be had with the room that is asked for; nothing where it has no price."""
    if found.asked.priced is None:
        return Choices()
    terms, ask, wanted = found.asked.priced.terms, found.asked.priced.ask, found.wanted
    return Choices(
        board=found.asked.priced.quote.board.value,
        boards=board_options(
            terms,
            nights=ask.stay.nights,
            adults=ask.party.adults,
            children=len(ask.party.children_ages),
        )
        if terms.boards
        else [],
        extra_beds=wanted.asked.choice.extra_beds,
        most_beds=terms.most_extra_beds * ask.rooms,
        bed_fen=(terms.extra_bed_fen or 0) * ask.stay.nights,
        bed_night_fen=terms.extra_bed_fen or 0,
        nights=ask.stay.nights,
        rooms=sum(room.form.room_count for room in wanted.rooms),
        adjoining=wanted.adjoining,
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


def room_priced(wanted: RoomsWish, place: int, answer: StayAnswer) -> RoomPriced:
    """Return one room of several with its people, its price and where it is changed."""
    there = wanted.about(place)
    return RoomPriced(
        room=presenters.room(answer.room_type, month_fen=0),
        people=change_texts.people(there.asked.party),
        price=price_shown(answer, there.asked, rooms=1),
        change_url=change_url_of(there),
        choose_url=quote_url(there, choose=1),
        leave_out_url=quote_url(wanted.without(place)),
    )


def price_shown(found: StayAnswer, wish: Wish, *, rooms: int) -> PriceShown | None:
    """Return a price in words; ``rooms``: of how many rooms it is told where they lie."""
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
            rooms=rooms,
            adjoining=wish.choice.adjoining and rooms > 1,
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
