"""The pages on which a guest changes a stay: what they show and where they lead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypedDict

from flask import url_for
from markupsafe import Markup

from marketplace.booking.changes.change_options import Changeable
from marketplace.booking.changes.change_pricing import MOVE_UNTIL_DAYS
from marketplace.booking.changes.change_quotes import ChangeQuote
from marketplace.kernel.errors import DomainError, Invalid
from marketplace.kernel.stay import Stay
from marketplace.pricing.nights.restrictions import Restricted
from marketplace.web.context import now, services
from marketplace.web.forms.links import LinkValue, link_to
from marketplace.web.i18n import translate
from marketplace.web.rendering import pages
from marketplace.web.rendering.filters import date_long, date_short
from marketplace.web.rendering.price_lines import SumLine
from marketplace.web.traveller import outdated_forms, sealed_forms
from marketplace.web.traveller.checkout.quote_shown import board_options
from marketplace.web.traveller.my_booking import change_texts, rooms_shown, vouchers
from marketplace.web.traveller.my_booking.change_forms import Asked, What
from marketplace.web.traveller.search import query_sentences

Page = tuple[str, int]
FREE, FULL = "最多住%(n)s人", "最多住%(n)s人，这些日子没有空房"


def address_of(stay: Changeable, asked: Asked) -> str:
    """Return the address of the page that an answer leads to."""
    return _url(stay, asked.what, **asked.args())


def _url(stay: Changeable, what: What, **args: LinkValue) -> str:
    booking_id, item = stay.booking.id, stay.item
    return link_to("traveller.change_stay", args, booking_id=booking_id, item=item, what=what.value)


class Frame(TypedDict):
    """The fields of ``ChangeFrame``."""

    booking: vouchers.BookingShown
    room: rooms_shown.RoomsShown
    in_stay: bool
    keep_url: str
    menu_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFrame(pages.Page):
    """What every one of these pages shows."""

    booking: vouchers.BookingShown
    room: rooms_shown.RoomsShown
    in_stay: bool
    keep_url: str
    menu_url: str


@dataclass(frozen=True, slots=True)
class Offered:
    """Something else that can be had."""

    words: str | Markup
    url: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen of rooms, meals and beds."""

    rooms: Sequence[tuple[int, Markup, str]] = ()
    """Id, name, and how many it takes."""
    boards: Sequence[tuple[str, str, str]] = ()
    most_beds: int = 0
    bed_fen: int = 0
    """For all nights to come."""
    bed_night_fen: int = 0
    nights: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeHtml(ChangeFrame):
    """The few things that can be changed."""

    template: ClassVar[str] = "traveller/my_booking/change.html"

    doors: Sequence[tuple[str, str, str]]
    move_days: int | None
    waiting: change_texts.Waiting | None
    pay_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAskHtml(ChangeFrame):
    """One question, with what is wrong and what can be had instead."""

    template: ClassVar[str] = "traveller/my_booking/change_ask.html"

    what: str
    form: Mapping[str, str]
    ages: Sequence[str]
    errors: Mapping[str, str]
    instead: Sequence[Offered]
    ask_url: str
    low: str
    first_day: str
    most_nights: int
    leaves: str
    choices: Choices


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeQuoteHtml(ChangeFrame):
    """The difference: before and after, the sum and why, two buttons."""

    template: ClassVar[str] = "traveller/my_booking/change_quote.html"

    rows: Sequence[change_texts.Row]
    balance_words: str
    balance_sum: int
    pays: bool
    lines: Sequence[SumLine]
    reasons: Sequence[str]
    early: bool
    balance_fen: int
    kept: Mapping[str, LinkValue]
    action: str
    back_url: str
    payee: str
    errors: Mapping[str, str]


def _frame(stay: Changeable) -> Frame:
    found = stay.booking
    return Frame(
        booking=vouchers.shown(found, today=stay.today),
        room=rooms_shown.alone(found, stay.room, today=stay.today),
        in_stay=stay.in_stay,
        keep_url=url_for("traveller.voucher", booking_id=found.id),
        menu_url=url_for("traveller.change_menu", booking_id=found.id, item=stay.item),
    )


# ------------------------------------------------------------------ what is to be different


def menu(stay: Changeable) -> str:
    """Return the page with the few things that can be changed."""
    change = stay.booking.waiting_change
    live = change is not None and change.may_be_paid(now())
    return pages.html(
        ChangeHtml(
            **_frame(stay),
            doors=_doors(stay),
            move_days=None if stay.in_stay or stay.may_move else MOVE_UNTIL_DAYS,
            waiting=change_texts.waiting(stay.booking, change) if change and live else None,
            pay_url=url_for("traveller.pay_change", booking_id=stay.booking.id),
        )
    )


def _doors(stay: Changeable) -> list[tuple[str, str, str]]:
    """Return the choices there are: address, words, and what they mean."""
    leaves = translate("现在订到%(day)s离开", day=date_short(stay.booked.stay.check_out))
    doors = [(What.LONGER, translate("多住几晚"), leaves)]
    if stay.may_shorten:
        doors.append((What.SHORTER, translate("提前离开"), translate("少住几晚，先看退多少钱")))
    if stay.may_move:
        doors.append((What.DATES, translate("改日期"), translate("换一天到，晚数也可以改")))
    if len(stay.booking.listing.room_types) > 1:
        doors.append((What.ROOM, translate("换房型"), translate("还住在这里，换一种房间")))
    doors.append((What.PEOPLE, translate("加一位同行人"), translate("大人或孩子，也可以减")))
    if stay.has_extras:
        doors.append((What.EXTRAS, translate("餐食和加床"), translate("加上、换一种或不要")))
    return [(_url(stay, what), words, hint) for what, words, hint in doors]


# ------------------------------------------------------------------ one question


def question(
    stay: Changeable,
    asked: Asked,
    errors: dict[str, str],
    instead: Sequence[Offered] = (),
    status: int = 422,
) -> Page:
    """Return the page of one question, with what is wrong and what can be had instead."""
    page = pages.html(
        ChangeAskHtml(
            **_frame(stay),
            what=asked.what.value,
            form=asked.typed,
            ages=asked.ages,
            errors=errors,
            instead=instead,
            ask_url=_url(stay, asked.what),
            low=stay.earliest_end.isoformat(),
            first_day=stay.today.isoformat(),
            most_nights=stay.booking.listing.card.max_nights,
            leaves=date_long(stay.booked.stay.check_out),
            choices=_choices(stay) if asked.what in (What.ROOM, What.EXTRAS) else Choices(),
        )
    )
    return page, status if errors else 200


def _choices(stay: Changeable) -> Choices:
    terms, booked = stay.terms, stay.booked
    # On the way only the nights to come get other meals or beds.
    nights = (booked.stay.check_out - max(stay.today, booked.stay.check_in)).days
    return Choices(
        rooms=[
            (
                room.id,
                query_sentences.own_name(room.name_zh, room.name_en),
                translate(FREE if room.id in stay.free_rooms else FULL, n=room.max_guests),
            )
            for room in stay.booking.listing.room_types
            if room.id != stay.booked.room_type_id
        ],
        boards=board_options(
            terms,
            nights=nights,
            adults=booked.party.adults,
            children=len(booked.party.children_ages),
        )
        if terms.boards
        else [],
        most_beds=terms.most_extra_beds * stay.room.units,
        bed_fen=(terms.extra_bed_fen or 0) * nights,
        bed_night_fen=terms.extra_bed_fen or 0,
        nights=nights,
    )


def more_nights(stay: Changeable, most: int) -> list[Offered]:
    """Offer as many nights more as are free."""
    if not most:
        return []
    words = translate("多住%(n)s晚", n=most)
    return [Offered(words, _url(stay, What.LONGER, more=most))]


def how_many_more(refused: DomainError, why: str, most: int) -> str:
    """Say how many nights more are possible, after what refused as many as were asked for."""
    left = (
        translate("请写要多住几晚：最多还能多住%(n)s晚。", n=most)
        if most
        else translate("请写要多住几晚：现在一晚也不能再多住了，请打电话给我们。")
    )
    # That a stay has at most so many nights is said by the number that is left.
    too_long = isinstance(refused, Invalid) and not isinstance(refused, Restricted)
    return left if too_long or not why else translate("%(why)s。%(left)s", why=why, left=left)


def fewer_nights(stay: Changeable, nights: int) -> list[Offered]:
    """Offer the shortest stay that the house takes."""
    if not nights:
        return []
    end = stay.booked.stay.check_in + dt.timedelta(days=nights)
    words = translate("%(day)s离开，住%(n)s晚", day=date_long(end), n=nights)
    return [Offered(words, _url(stay, What.SHORTER, depart=end.isoformat()))]


def other_dates(stay: Changeable, stays: Sequence[Stay]) -> list[Offered]:
    """Offer other dates nearby."""
    return [
        Offered(
            query_sentences.stay_words(each),
            _url(stay, What.DATES, arrive=each.check_in.isoformat(), nights=each.nights),
        )
        for each in stays
    ]


# ------------------------------------------------------------------ the difference


def quoted(
    stay: Changeable, asked: Asked, quote: ChangeQuote, errors: dict[str, str], status: int
) -> Page:
    """Return the page of the difference: before and after, the sum and why, two buttons."""
    words, fen = change_texts.balance(quote.pay_fen, quote.refund_fen)
    sealed = outdated_forms.seal(
        stay.booking, item=stay.room.number, wish=quote.wish, sum_fen=quote.balance_fen
    )
    page = pages.html(
        ChangeQuoteHtml(
            **_frame(stay),
            rows=change_texts.compared(stay.booking, quote.was, quote.wish),
            balance_words=words,
            balance_sum=fen,
            pays=bool(quote.pay_fen),
            lines=change_texts.reckoning(quote),
            reasons=change_texts.reasons(quote, today=stay.today),
            early=asked.what is What.SHORTER and not quote.taken_back,
            balance_fen=quote.balance_fen,
            kept={**asked.args(), "balance_fen": quote.balance_fen, sealed_forms.FIELD: sealed},
            action=_url(stay, asked.what),
            back_url=_url(stay, asked.what),
            payee=services().settings.payee,
            errors=errors,
        )
    )
    return page, status
