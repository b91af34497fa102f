"""The same rooms next summer: looking at it, taking it like any other hold, or letting it go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import repeat
from typing import ClassVar, TypeAlias

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace.booking.contract import cancellation_rules
from marketplace.booking.lifecycle import return_rights
from marketplace.booking.lifecycle.return_rights import RightOver
from marketplace.booking.reads import guest_queries
from marketplace.booking.reads.guest_queries import GuestBooking, GuestRooms
from marketplace.kernel.audit import TRAVELLER
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.kernel.stay import Stay
from marketplace.offers.quoting.stay_offers import Priced
from marketplace.web.context import address, now, personal, services, today, unit_of_work
from marketplace.web.errors import words_of
from marketplace.web.forms import reader
from marketplace.web.i18n import translate
from marketplace.web.protection import limits
from marketplace.web.rendering import pages, price_lines, price_words
from marketplace.web.rendering.price_lines import SumLine
from marketplace.web.traveller import access, presenters, sealed_forms
from marketplace.web.traveller.access import own
from marketplace.web.traveller.base import blueprint
from marketplace.web.traveller.checkout.consent import CONSENT_VERSION, require_consent
from marketplace.web.traveller.my_booking import change_texts, vouchers
from marketplace.web.traveller.my_booking.rooms_shown import KindShown
from marketplace.web.traveller.search import carried_question

Answer: TypeAlias = str | Response | tuple[str, int]
SUMMER = "next summer"
TERMS_CHANGED = "取消办法刚刚有变化，总价没有变。看过下面的取消办法，同意再按按钮"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(KindShown):
    """Rooms of one type next summer; without a price nothing below the people is told."""

    total_fen: int = 0
    lines: Sequence[SumLine] = ()
    extras: list[tuple[str, str]] = field(default_factory=list)
    terms: Sequence[presenters.Term] = ()


@dataclass(frozen=True, slots=True)
class Summer:
    """The same rooms next summer."""

    arrive: dt.date
    depart: dt.date
    nights: int
    kinds: Sequence[Kind]
    """What is kept of each type of room."""
    until: dt.date
    """The last day on which it is kept."""
    phone: str
    check_url: str
    decline_url: str
    total_fen: int | None = None
    """``None`` while it has no price; then no kind has one."""


@dataclass(frozen=True, slots=True)
class ReturnCheckHtml(pages.Page):
    """Everything once more, before it is held."""

    template: ClassVar[str] = "traveller/my_booking/return_check.html"

    booking: vouchers.BookingShown
    summer: Summer
    agreed: str
    """What is to be agreed to, sealed."""
    action: str
    decline_url: str
    keep_url: str
    consent_version: str
    payee: str
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ReturnOverHtml(pages.Page):
    """The room is kept no longer."""

    template: ClassVar[str] = "traveller/my_booking/return_over.html"

    booking: vouchers.BookingShown
    words: str
    again_url: str
    keep_url: str


@dataclass(frozen=True, slots=True)
class ReturnDeclineHtml(pages.Page):
    """Whether the room shall be given back to others."""

    template: ClassVar[str] = "traveller/my_booking/return_decline.html"

    booking: vouchers.BookingShown
    summer: Summer
    action: str
    keep_url: str


def summer(found: GuestBooking) -> Summer | None:
    """Return what is kept for next summer, if anything is."""
    kept = found.next_summer
    if kept is None:
        return None
    return Summer(
        arrive=kept.stay.check_in,
        depart=kept.stay.check_out,
        nights=kept.stay.nights,
        kinds=[
            _kind(rooms, priced, kept.stay)
            for rooms, priced in zip(found.rooms, kept.priced or repeat(None), strict=False)
        ],
        until=kept.last_day,
        phone=found.phone,
        check_url=url_for("traveller.next_summer", booking_id=found.id),
        decline_url=url_for("traveller.no_next_summer", booking_id=found.id),
        total_fen=kept.total_fen if kept.priced else None,
    )


def _facts(found: GuestBooking) -> sealed_forms.Facts | None:
    """Return what the page asks to be agreed to, as plain JSON."""
    kept = found.next_summer
    if kept is None or not kept.priced:
        return None
    policies = [cancellation_rules.policy_of(each.terms) for each in kept.priced]
    return {
        "arrive": kept.stay.check_in.isoformat(),
        "nights": kept.stay.nights,
        "total": kept.total_fen,
        "policy": policies[0] if len(policies) == 1 else policies,
    }


def _kind(rooms: GuestRooms, priced: Priced | None, stay: Stay) -> Kind:
    """Return rooms of one type as they are kept for ``stay``, with their price if they have one."""
    name = price_words.named(rooms.room_type.name_zh, rooms.room_type.name_en)
    kept = Kind(
        name=name.name,
        name_lang=name.name_lang,
        units=rooms.units,
        people=change_texts.people(rooms.booked.party),
    )
    if priced is None:
        return kept
    price = priced.quote
    return replace(
        kept,
        total_fen=price.total_fen,
        lines=price_lines.quote_lines(price),
        extras=price_words.extras(
            price.board,
            extra_beds=priced.ask.extra_beds,
            rooms=rooms.units,
            adjoining=rooms.adjoining,
        ),
        terms=presenters.terms(
            cancellation_rules.policy_of(priced.terms),
            total_fen=price.total_fen,
            check_in=stay.check_in,
            today=today(),
        ),
    )


@blueprint.route("/booking/<booking_id>/next-summer", methods=["GET", "POST"])
@personal
@own
def next_summer(*, booking_id: str) -> Answer:
    """Show everything once more, with the consent; a POST holds the room, to be paid."""
    if request.method == "POST":
        return _take(booking_id)
    return _check_html(booking_id, {})


def _check_html(booking_id: str, errors: dict[str, str], *, status: int = 200) -> Answer:
    found = vouchers.read_booking(booking_id)
    about = summer(found)
    if about is None:
        return _over(found)
    if about.total_fen is None:
        return redirect(url_for("traveller.voucher", booking_id=booking_id), _code())
    page = pages.html(
        ReturnCheckHtml(
            booking=vouchers.shown(found, today=today()),
            summer=about,
            agreed=sealed_forms.seal(f"{SUMMER}:{booking_id}", _facts(found) or {}),
            action=about.check_url,
            decline_url=about.decline_url,
            keep_url=url_for("traveller.voucher", booking_id=booking_id),
            consent_version=CONSENT_VERSION,
            payee=services().settings.payee,
            errors=errors,
        )
    )
    return page, status


def _code() -> int:
    return 303 if request.method == "POST" else 302


def _over(found: GuestBooking) -> Answer:
    """Lead to what was made of the right; without it, say that the room is kept no longer."""
    with services().database.read() as session:
        taken = guest_queries.taken_next_summer(session, booking_id=found.id)
    if taken is not None:
        access.remember(taken)
        return redirect(url_for("traveller.pay", booking_id=taken), _code())
    return pages.html(
        ReturnOverHtml(
            booking=vouchers.shown(found, today=today()),
            words=translate(RightOver.message),
            again_url=carried_question.look_again(found),
            keep_url=url_for("traveller.voucher", booking_id=found.id),
        )
    )


def _take(booking_id: str) -> Answer:
    form = reader.posted()
    require_consent(form)
    errors = presenters.translated(form.faults)
    total_fen = form.shown_fen("total_fen")
    agreed = sealed_forms.opened(f"{SUMMER}:{booking_id}")
    if total_fen is None or agreed is None:
        errors.setdefault("", translate("请看清金额后再决定"))
    if errors:
        return _check_html(booking_id, errors, status=422)
    facts = _facts(vouchers.read_booking(booking_id))
    # Another total is said by the service, under its lock; the same one under other terms here.
    if agreed and facts and facts | {"policy": agreed["policy"]} == agreed != facts:
        return _check_html(booking_id, {"": translate(TERMS_CHANGED)}, status=409)
    limits.spend(limits.HOLD, "hold", address())
    try:
        made = _accept(booking_id, total_fen)
    except (RightOver, NotFound):
        return _over(vouchers.read_booking(booking_id))
    except DomainError as refused:
        # The price moved, or the phone keeps as many unpaid holds as it may: nothing was held.
        return _check_html(booking_id, {"": words_of(refused)}, status=refused.http_status)
    access.remember(made)
    return redirect(url_for("traveller.pay", booking_id=made), 303)


def _accept(booking_id: str, total_fen: int | None) -> str:
    tools = services()
    host = vouchers.read_booking(booking_id).listing.card
    with tools.database.write() as session:
        return return_rights.accept(
            unit_of_work(session, TRAVELLER),
            return_rights.TakeRight(
                booking_id=booking_id,
                expected_total_fen=total_fen,
                address=address(),
                consent_version=CONSENT_VERSION,
                consent_recipient=price_words.named(host.enterprise_zh, host.enterprise_en).name[
                    :120
                ],
            ),
            commission_bp=tools.settings.commission_bp,
            caps=tools.caps,
        ).id


@blueprint.route("/booking/<booking_id>/next-summer/no", methods=["GET", "POST"])
@personal
@own
def no_next_summer(*, booking_id: str) -> Answer:
    """Ask once more; a POST gives the room back to others."""
    keep_url = url_for("traveller.voucher", booking_id=booking_id)
    if request.method == "POST":
        try:
            with services().database.write() as session:
                return_rights.decline(session, booking_id=booking_id, now=now())
        except NotFound:
            pass  # there was nothing to decline: the booking says how it stands
        return redirect(keep_url, 303)
    found = vouchers.read_booking(booking_id)
    about = summer(found)
    if about is None:
        return redirect(keep_url)
    return pages.html(
        ReturnDeclineHtml(
            booking=vouchers.shown(found, today=today()),
            summer=about,
            action=about.decline_url,
            keep_url=keep_url,
        )
    )
