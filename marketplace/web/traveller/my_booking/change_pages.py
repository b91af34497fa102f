"""A guest changes a stay: a few large choices, one short question, the difference first."""

from __future__ import annotations

from typing import TypeAlias

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace.booking.changes import change_limits, change_service
from marketplace.booking.changes import change_options as choices
from marketplace.booking.changes.change_checks import BookingDiffers, require_seen
from marketplace.booking.changes.change_options import Changeable
from marketplace.booking.changes.change_quotes import ChangeQuote
from marketplace.booking.changes.change_service import ChangePriceChanged
from marketplace.booking.changes.change_work import NothingChanged
from marketplace.booking.contract.hold_caps import HoldCap
from marketplace.booking.states import ChangeState, SeveralItems, WrongState
from marketplace.inventory.service import SoldOut
from marketplace.kernel.audit import TRAVELLER
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.kernel.money import money
from marketplace.offers.search.nearby_dates import nearest
from marketplace.pricing.nights.restrictions import Restricted
from marketplace.pricing.nights.selection import StaySelection
from marketplace.web.context import address, now, personal, services, unit_of_work
from marketplace.web.errors import fields_of, words_of
from marketplace.web.forms import reader
from marketplace.web.i18n import translate
from marketplace.web.protection import limits
from marketplace.web.traveller import outdated_forms, presenters
from marketplace.web.traveller.access import own
from marketplace.web.traveller.base import blueprint
from marketplace.web.traveller.my_booking import (
    change_forms,
    change_frames,
    change_texts,
    room_pages,
    vouchers,
)
from marketplace.web.traveller.my_booking.change_forms import Asked, What
from marketplace.web.traveller.my_booking.change_frames import Offered
from marketplace.web.traveller.search import query_sentences

Answer: TypeAlias = str | Response | tuple[str, int]


@blueprint.get("/booking/<booking_id>/change")
@blueprint.get("/booking/<booking_id>/rooms/<int:item>/change")
@personal
@own
def change_menu(*, booking_id: str, item: int | None = None) -> Answer:
    """Ask what is to be different; a stay that cannot be changed leads to its voucher.

    Of one in several kinds of room it is asked first which of them.
    """
    try:
        stay = _read(booking_id, item)
    except SeveralItems:
        return room_pages.which(vouchers.read_booking(booking_id))
    return to_voucher(booking_id) if stay is None else change_frames.menu(stay)


@blueprint.route("/booking/<booking_id>/change/<what>", methods=["GET", "POST"])
@blueprint.route("/booking/<booking_id>/rooms/<int:item>/change/<what>", methods=["GET", "POST"])
@personal
@own
def change_stay(*, booking_id: str, what: str, item: int | None = None) -> Answer:
    """Ask one question; its answer shows the difference first, and a POST makes the change."""
    if what not in {member.value for member in What}:
        abort(404)
    try:
        stay = _read(booking_id, item)
    except SeveralItems:
        return redirect(url_for("traveller.change_menu", booking_id=booking_id), 303)
    if stay is None:
        return to_voucher(booking_id)
    asked = change_forms.read(What(what), reader.given(), stay)
    if request.method == "POST" and (answer := _outdated(stay, asked)) is not None:
        return answer
    if asked.refused is not None:
        return _refused(stay, asked, asked.refused)
    if asked.wish is None:
        most = stay.booking.listing.card.max_nights
        errors = presenters.translated(asked.errors, most_nights=most)
        return change_frames.question(stay, asked, errors)
    if request.method == "POST":
        return _make(stay, asked, asked.wish)
    return _quoted(stay, asked, asked.wish, {})


def _read(booking_id: str, item: int | None) -> Changeable | None:
    """Return what can be changed; ``None`` where nothing can, or the rooms were given up."""
    try:
        with services().database.read() as session:
            return choices.changeable(session, booking_id=booking_id, item=item, now=now())
    except (NotFound, WrongState):
        return None


def to_voucher(booking_id: str) -> Response:
    """Lead to the booking itself, which says how it stands."""
    code = 303 if request.method == "POST" else 302
    return redirect(url_for("traveller.voucher", booking_id=booking_id), code)


# ------------------------------------------------------------------ the difference, or why not


def _quote(stay: Changeable, wish: StaySelection) -> ChangeQuote:
    with services().database.read() as session:
        return change_service.quote_change(
            session, booking_id=stay.booking.id, item=stay.item, wish=wish, now=now()
        )


def _quoted(
    stay: Changeable, asked: Asked, wish: StaySelection, errors: dict[str, str], status: int = 200
) -> Answer:
    """Show the difference; where a rule refuses, ask again with what it says and what is near."""
    try:
        quote = _quote(stay, wish)
    except WrongState:
        return to_voucher(stay.booking.id)
    except NotFound:
        raise
    except DomainError as refused:
        return _refused(stay, asked, refused)
    return change_frames.quoted(stay, asked, quote, errors, status)


def _refused(stay: Changeable, asked: Asked, refused: DomainError) -> Answer:
    """Ask again, with what a rule says and what can be had instead."""
    said = asked.beside(fields_of(refused) or {"": words_of(refused)})
    instead = _instead(stay, asked, refused)
    if asked.what is What.LONGER:
        with services().database.read() as session:
            most = change_limits.most_more_nights(session, stay=stay, now=now())
        said = {"more": change_frames.how_many_more(refused, said.get("more", ""), most)}
        instead = change_frames.more_nights(stay, most)
    return change_frames.question(stay, asked, said, instead, refused.http_status)


def _instead(stay: Changeable, asked: Asked, refused: DomainError) -> list[Offered]:
    """Return what can be had instead: the nearest number of nights, or other dates nearby."""
    if asked.what is What.SHORTER and isinstance(refused, Restricted):
        with services().database.read() as session:
            fewest = change_limits.fewest_nights(session, stay=stay, refused=refused, now=now())
        return change_frames.fewer_nights(stay, fewest)
    wish = asked.wish
    if asked.what is What.DATES and wish and isinstance(refused, SoldOut | Restricted):
        windows = nearest(
            services().follower.current(),
            room_type_id=wish.room_type_id,
            stay=wish.stay,
            rooms=stay.room.units,
            party=wish.party,
        )
        return change_frames.other_dates(stay, [window.stay for window in windows])
    return []


# ------------------------------------------------------------------ making it


def _outdated(stay: Changeable, asked: Asked) -> Answer | None:
    """Answer a form whose stay is another by now; ``None`` for one that fits, or does not say."""
    told = outdated_forms.opened(stay.booking.id)
    if told is None:
        return None
    before, wish, waiting = told.seen, told.wish, stay.booking.waiting_change
    if before.is_still(stay.booking.seen):
        return None
    if wish is None or told.item != stay.room.number:
        return None
    if wish == stay.booked:
        return to_voucher(stay.booking.id)  # made already, by an earlier press
    if waiting is not None and waiting.wish == wish and before.rooms == stay.booking.seen.rooms:
        return redirect(url_for("traveller.pay_change", booking_id=stay.booking.id), 303)
    words, fen = change_texts.balance(max(0, told.sum_fen), max(0, -told.sum_fen))
    rows = [(translate("要改成"), query_sentences.stay_words(wish.stay)), (words, money(fen))]
    again = (change_frames.address_of(stay, asked), translate("按现在的再算一次"))
    return outdated_forms.both(stay.booking, before, wished=rows, way=again)


def _make(stay: Changeable, asked: Asked, wish: StaySelection) -> Answer:
    """Make the change at the sum that was shown; what costs more leads to its payment first."""
    limits.spend(limits.HOLD, "change", address())
    shown_fen = reader.posted().shown_fen("balance_fen")
    told = outdated_forms.opened(stay.booking.id)
    said = (told.wish, told.item) if told else None
    if shown_fen is None or told is None or said != (wish, stay.room.number):
        return _quoted(stay, asked, wish, {"": translate("请看清金额后再决定")}, 422)
    tools = services()
    try:
        with tools.database.write() as session:
            require_seen(session, booking_id=stay.booking.id, seen=told.seen)
            made = change_service.change(
                unit_of_work(session, TRAVELLER),
                change_service.ChangeBooking(
                    booking_id=stay.booking.id, item=stay.item, wish=wish, expected_fen=shown_fen
                ),
                caps=tools.caps,
            ).state
    except (ChangePriceChanged, HoldCap) as refused:
        return _quoted(stay, asked, wish, {"": words_of(refused)}, refused.http_status)
    except (BookingDiffers, NothingChanged, WrongState):
        # Made already, by an earlier press, or changed on another page a moment ago.
        return to_voucher(stay.booking.id)
    except NotFound:
        raise
    except DomainError:
        # The page of the difference says why, beside the question.
        return redirect(change_frames.address_of(stay, asked), 303)
    page = "traveller.pay_change" if made is ChangeState.HELD else "traveller.voucher"
    return redirect(url_for(page, booking_id=stay.booking.id), 303)
