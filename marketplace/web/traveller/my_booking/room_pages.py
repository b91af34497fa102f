"""One kind of room of a booking that has several: which is to be changed, or given up alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace.booking.changes import item_cancellation
from marketplace.booking.changes.change_checks import BookingDiffers, require_seen
from marketplace.booking.changes.item_cancellation import CancelItem, LastItem
from marketplace.booking.contract.cancellation_rules import CancelQuote
from marketplace.booking.lifecycle.transitions import RefundChanged
from marketplace.booking.reads.guest_queries import GuestBooking, GuestRooms
from marketplace.booking.states import BookingState, WrongState
from marketplace.kernel.audit import TRAVELLER
from marketplace.kernel.errors import NotFound
from marketplace.kernel.money import money
from marketplace.web.context import now, personal, services, today, unit_of_work
from marketplace.web.errors import words_of
from marketplace.web.forms import reader
from marketplace.web.i18n import translate
from marketplace.web.rendering import pages
from marketplace.web.rendering.filters import percent
from marketplace.web.traveller import outdated_forms
from marketplace.web.traveller.access import own
from marketplace.web.traveller.base import blueprint
from marketplace.web.traveller.my_booking import cancel_reasons, rooms_shown, state_texts, vouchers
from marketplace.web.traveller.my_booking.booking_html import Asks, CancelHtml
from marketplace.web.traveller.my_booking.rooms_shown import RoomsShown

Answer: TypeAlias = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Doors:
    """Where the rooms of one type lead."""

    room: RoomsShown
    change_url: str
    cancel_url: str


@dataclass(frozen=True, slots=True)
class WhichRoomHtml(pages.Page):
    """The rooms of a booking, each with what can be done about it alone."""

    template: ClassVar[str] = "traveller/my_booking/which_room.html"

    booking: vouchers.BookingShown
    doors: Sequence[Doors]
    keep_url: str
    cancel_url: str | None
    """Where all of it is cancelled."""


def which(found: GuestBooking) -> str:
    """Return the page that asks which of several kinds of room it is about."""
    whole = found.state is BookingState.CONFIRMED
    return pages.html(
        WhichRoomHtml(
            booking=vouchers.shown(found, today=today()),
            doors=[_doors(found, rooms) for rooms in found.rooms],
            keep_url=url_for("traveller.voucher", booking_id=found.id),
            cancel_url=url_for("traveller.cancel", booking_id=found.id) if whole else None,
        )
    )


def _doors(found: GuestBooking, rooms: GuestRooms) -> Doors:
    return Doors(
        rooms_shown.alone(found, rooms, today=today(), terms=False),
        _url("change_menu", found.id, rooms.number),
        _url("cancel_room", found.id, rooms.number),
    )


def _url(page: str, booking_id: str, item: int) -> str:
    return url_for(f"traveller.{page}", booking_id=booking_id, item=item)


@blueprint.route("/booking/<booking_id>/rooms/<int:item>/cancel", methods=["GET", "POST"])
@personal
@own
def cancel_room(*, booking_id: str, item: int) -> Answer:
    """Say what giving up these rooms alone gives back; a POST that carries that very sum does it.

    Rooms that were given up lead to the voucher; the last ones to cancelling all of it; rooms that
    are slept in to leaving them early.
    """
    if request.method == "GET":
        return _question(booking_id, item, {})
    form = reader.posted()
    shown_fen, told = form.shown_fen("refund_fen"), outdated_forms.opened(booking_id)
    if shown_fen is None or told is None or told.item != item:
        return _question(booking_id, item, {"": translate("请看清退款金额后再决定")}, 422)
    reason = cancel_reasons.read(form.sent("reason"))
    try:
        with services().database.write() as session:
            require_seen(session, booking_id=booking_id, seen=told.seen)
            item_cancellation.cancel_item(
                unit_of_work(session, TRAVELLER),
                CancelItem(booking_id, item, reason, expected_refund_fen=shown_fen),
            )
    except RefundChanged as changed:
        return _question(booking_id, item, {"": words_of(changed)}, changed.http_status)
    except BookingDiffers:
        found = vouchers.read_booking(booking_id)
        if any(rooms.number == item for rooms in found.rooms) and found.may_change:
            again = _url("cancel_room", booking_id, item)
            return outdated_forms.both(
                found,
                told.seen,
                wished=[(translate("现在取消，退给您"), money(told.sum_fen))],
                way=(again, translate("按现在的再看一次")),
            )
    except (LastItem, NotFound, WrongState):
        pass  # given up already, by an earlier press, or over: the voucher says so
    return redirect(url_for("traveller.voucher", booking_id=booking_id), 303)


def _question(booking_id: str, item: int, errors: dict[str, str], status: int = 200) -> Answer:
    found = vouchers.read_booking(booking_id)
    keep_url = url_for("traveller.voucher", booking_id=booking_id)
    try:
        rooms = found.rooms_of(item)
        with services().database.read() as session:
            quote = item_cancellation.quote_item(
                session, booking_id=booking_id, item=item, now=now()
            )
    except LastItem:
        return redirect(url_for("traveller.cancel", booking_id=booking_id), 303)
    except NotFound:
        return redirect(keep_url, 303)
    except WrongState:
        if not found.may_change:
            return redirect(keep_url, 303)
        return redirect(
            url_for("traveller.change_stay", booking_id=booking_id, item=item, what="shorter"), 303
        )
    page = pages.html(
        CancelHtml(
            booking=vouchers.shown(found, today=today()),
            room=rooms_shown.alone(found, rooms, today=today()),
            asks=_asks(rooms, quote),
            refund_fen=quote.refund_fen,
            fee_fen=quote.fee_fen,
            why=_why(rooms, quote),
            arrives=state_texts.arrives(),
            reasons=cancel_reasons.shown(),
            change_url=_url("change_menu", booking_id, item),
            form={"reason": reader.posted().sent("reason")},
            errors=errors,
            shown=outdated_forms.seal(found, item=item, sum_fen=quote.refund_fen),
            action=_url("cancel_room", booking_id, item),
            keep_url=keep_url,
        )
    )
    return page, status


def _asks(rooms: GuestRooms, quote: CancelQuote) -> Asks:
    """Return the words of the question: its heading, yes and no."""
    if rooms.units == 1:
        return Asks(translate("只退这一间吗？"), translate("确定退这一间"), translate("不退"))
    return Asks(
        translate("只退这%(n)s间吗？", n=rooms.units),
        translate("确定退这%(n)s间", n=rooms.units),
        translate("不退"),
    )


def _why(rooms: GuestRooms, quote: CancelQuote) -> str:
    """Say in one sentence how the refund comes about."""
    if quote.undo:
        return cancel_reasons.undone()
    if quote.after_change:
        return translate("这里改过日期或晚数，按改之前的取消办法扣。")
    days = max(0, (rooms.booked.stay.check_in - today()).days)
    return translate(
        "离住进这里还有%(days)s天，按取消办法扣它价钱的%(share)s。别的房间照旧。",
        days=days,
        share=percent(quote.fee_bp),
    )
