"""A traveller's own booking: finding it by code and phone, the voucher, cancelling it."""

from __future__ import annotations

import io
from typing import TypeAlias

import segno
from flask import Response as FlaskResponse
from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace.booking.changes.change_checks import BookingDiffers, require_seen
from marketplace.booking.contract.cancellation_rules import CancelQuote
from marketplace.booking.lifecycle import transitions
from marketplace.booking.lifecycle.transitions import RefundChanged
from marketplace.booking.reads import guest_queries
from marketplace.booking.reads.guest_queries import Found, GuestBooking
from marketplace.booking.reads.own_bookings import OwnBooking, own_bookings
from marketplace.booking.states import BookingState, RehousingState, WrongState
from marketplace.kernel.audit import TRAVELLER
from marketplace.kernel.crypto import blind_index
from marketplace.kernel.ids import CODE_LENGTH, is_code
from marketplace.kernel.messages import Message
from marketplace.kernel.money import money
from marketplace.kernel.typed import code as read_code
from marketplace.web.context import address, now, personal, services, today
from marketplace.web.errors import words_of
from marketplace.web.forms import reader
from marketplace.web.forms.field_sizes import SIZES
from marketplace.web.i18n import translate
from marketplace.web.protection import limits
from marketplace.web.rendering import pages, price_words
from marketplace.web.rendering.filters import percent
from marketplace.web.traveller import access, outdated_forms, presenters
from marketplace.web.traveller.access import own, own_to_see
from marketplace.web.traveller.base import blueprint
from marketplace.web.traveller.checkout.booking_steps import unfinished
from marketplace.web.traveller.my_booking import (
    cancel_reasons,
    change_texts,
    return_pages,
    rooms_shown,
    sold_elsewhere,
    state_texts,
    vouchers,
)
from marketplace.web.traveller.my_booking.booking_html import (
    Asks,
    CancelHtml,
    InList,
    MyBookingHtml,
    VoucherHtml,
    WaysOn,
)
from marketplace.web.traveller.outdated_forms import FormShown
from marketplace.web.traveller.search import carried_question

Answer: TypeAlias = str | Response | tuple[str, int]
NO_SUCH_BOOKING = "没有找到。请核对订单号和手机号码，或打电话给我们"
NO_CODE = Message(
    "订单号是%(length)s个数字和字母，没有 0、1 和 B、O、I、L 这些容易看错的，请对着短信再看一遍",
    length=CODE_LENGTH,
)


@blueprint.route("/my-booking", methods=["GET", "POST"])
@personal
def my_booking() -> Answer:
    """List what this device knows; find a booking by its code and phone.

    A wrong phone and an unknown code look the same. What can be no code or no number is told by
    itself and costs no try.
    """
    form = reader.posted()
    typed = form.lines(("code", "phone"), SIZES.identifier)
    if request.method == "POST":
        code = read_code(typed["code"])
        if not is_code(code):
            form.say("code", NO_CODE)
        phone = form.phone("phone")
        if phone is not None and not form.faults:
            if (found := _look_up(code, phone)) is not None:
                access.remember(found.id, to_look_only=found.to_look_only)
                return redirect(url_for("traveller.voucher", booking_id=found.id), 303)
            form.say("code", NO_SUCH_BOOKING)
    page = pages.html(
        MyBookingHtml(
            form=typed,
            errors=presenters.translated(form.faults),
            action=url_for("traveller.my_booking"),
            own=_own(),
            unfinished=unfinished(),
        )
    )
    return page, 422 if form.faults else 200


def _own() -> list[InList]:
    """Return the bookings that this device may open, in a list."""
    if not (known := access.booking_ids()):
        return []
    with services().database.read() as session:
        found = own_bookings(session, booking_ids=known, now=now())
    return [_in_list(each) for each in found]


def _in_list(found: OwnBooking) -> InList:
    heading, tone = state_texts.headed(found, now())
    held = found.state is BookingState.HELD and found.rehousing is None
    return InList(
        url=url_for("traveller.voucher", booking_id=found.id),
        heading=heading,
        tone=tone,
        line=state_texts.held_line(found, now()) if held else None,
        place=price_words.named(found.card.name_zh, found.card.name_en),
        rooms=[rooms_shown.in_list(rooms) for rooms in found.rooms],
        town=price_words.named(found.card.town_zh, found.card.town_en),
        stay=(found.check_in, found.check_out, found.nights),
        total_fen=found.total_fen if found.channel.pays_us else None,
        sample=found.card.is_sample,
    )


def _look_up(code: str, phone: str) -> Found | None:
    """Return the booking found, by a phone as it is kept.

    Each miss is counted against the address and against the code.
    """
    counted = ("look_up", "address", address()), ("look_up", "code", blind_index("code", code))
    for who in counted:
        limits.spend(limits.LOOK_UP, *who)
    with services().database.read() as session:
        found = guest_queries.find_by_code(session, code=code, phone=phone)
    if found is not None:
        for who in counted:
            limits.give_back(limits.LOOK_UP, *who)
    return found


@blueprint.get("/booking/<booking_id>")
@personal
@own_to_see
def voucher(*, booking_id: str) -> str:
    """Show a booking in whatever state it is: the voucher, what was paid, what can be done."""
    found = vouchers.read_booking(booking_id)
    if found.sold_by is not None:
        return sold_elsewhere.page(found, found.sold_by)
    waiting = found.waiting_change
    payable = waiting is not None and waiting.may_be_paid(now())
    return pages.html(
        VoucherHtml(
            booking=vouchers.shown(found, today=today()),
            stands=state_texts.standing(found, now()),
            notice=vouchers.notice(found),
            just_changed=vouchers.just_changed(found) if found.may_change else None,
            changes=[change_texts.told(found, change) for change in found.changes_made],
            waiting=change_texts.waiting(found, waiting) if waiting and payable else None,
            summer=return_pages.summer(found),
            ways=_ways_on(found),
        )
    )


def _ways_on(found: GuestBooking) -> WaysOn:
    """Return where the voucher leads."""

    def way(page: str, *, open_: bool = True) -> str | None:
        return url_for(f"traveller.{page}", booking_id=found.id) if open_ else None

    return WaysOn(
        qr_url=way("qr"),
        choose_url=way("rehousing_offers", open_=found.rehousing is RehousingState.OFFERED),
        cancel_url=way("cancel", open_=found.state is BookingState.CONFIRMED),
        undo_url=way("cancel", open_=found.undo_until(now()) is not None),
        pay_url=way("pay", open_=found.is_live_hold(now())),
        change_url=way("change_menu", open_=found.may_change),
        pay_change_url=way("pay_change"),
        withdraw_url=way("withdraw_change"),
        again_url=carried_question.look_again(found),
    )


@blueprint.get("/booking/<booking_id>/qr.svg")
@personal
@own_to_see
def qr(*, booking_id: str) -> FlaskResponse:
    """Draw the booking's code, and nothing else, for a reader at the front desk."""
    drawing = io.BytesIO()
    code = vouchers.read_booking(booking_id).code
    segno.make(code, error="q", micro=False).save(drawing, kind="svg", border=4, omitsize=True)
    return FlaskResponse(drawing.getvalue(), content_type="image/svg+xml")


@blueprint.route("/booking/<booking_id>/cancel", methods=["GET", "POST"])
@personal
@own
def cancel(*, booking_id: str) -> Answer:
    """Say what cancelling gives back; a POST that carries that very sum cancels."""
    if request.method == "GET":
        return _cancel_html(booking_id, {})
    shown_fen, told = reader.posted().shown_fen("refund_fen"), outdated_forms.opened(booking_id)
    if shown_fen is None or told is None:
        return _cancel_html(booking_id, {"": translate("请看清退款金额后再决定")}, status=422)
    try:
        with services().database.write() as session:
            require_seen(session, booking_id=booking_id, seen=told.seen)
            transitions.cancel(
                session,
                booking_id=booking_id,
                reason=cancel_reasons.read(reader.posted().sent("reason")),
                expected_refund_fen=shown_fen,
                actor=TRAVELLER,
                ids=services().ids,
                now=now(),
            )
    except BookingDiffers:
        return _outdated(booking_id, told)
    except RefundChanged as changed:
        return _cancel_html(booking_id, {"": words_of(changed)}, status=409)
    except WrongState:
        pass  # it is over already, by this visitor's first press or by time: the voucher says so
    return redirect(url_for("traveller.voucher", booking_id=booking_id), 303)


def _outdated(booking_id: str, told: FormShown) -> Answer:
    """Answer a form that was about another stay than there is now."""
    found = vouchers.read_booking(booking_id)
    if found.cancel is None:
        return redirect(url_for("traveller.voucher", booking_id=booking_id), 303)
    again = (url_for("traveller.cancel", booking_id=booking_id), translate("按现在的再看一次"))
    refund = [(translate("现在取消，退给您"), money(told.sum_fen))]
    return outdated_forms.both(found, told.seen, wished=refund, way=again)


def _cancel_html(booking_id: str, errors: dict[str, str], *, status: int = 200) -> Answer:
    found = vouchers.read_booking(booking_id)
    over = found.state is BookingState.HELD and not found.is_live_hold(now())
    if found.cancel is None or over:
        return redirect(_instead_of_cancelling(found), 303)
    page = pages.html(
        CancelHtml(
            booking=vouchers.shown(found, today=today()),
            asks=_asks(found, found.cancel),
            refund_fen=found.cancel.refund_fen,
            fee_fen=found.cancel.fee_fen,
            why=_why(found, found.cancel),
            arrives=state_texts.arrives(),
            reasons=cancel_reasons.shown(),
            change_url=url_for("traveller.change_menu", booking_id=booking_id)
            if found.may_change
            else None,
            form={"reason": reader.posted().sent("reason")},
            errors=errors,
            shown=outdated_forms.seal(found, sum_fen=found.cancel.refund_fen),
            action=url_for("traveller.cancel", booking_id=booking_id),
            keep_url=url_for("traveller.voucher", booking_id=booking_id),
        )
    )
    return page, status


def _asks(found: GuestBooking, quote: CancelQuote) -> Asks:
    """Return the words of the question: its heading, yes and no."""
    if found.state is BookingState.HELD:
        return Asks(
            translate("不要了，取消保留？"), translate("确定取消保留"), translate("还要，先留着")
        )
    if quote.undo:
        return Asks(
            translate("反悔，钱全部退回？"),
            translate("确定取消，全部退款"),
            translate("不反悔，房间留着"),
        )
    return Asks(translate("要取消这个订单吗？"), translate("确定取消"), translate("不取消"))


def _instead_of_cancelling(found: GuestBooking) -> str:
    """Return where who wants to cancel is led when that cannot be: in the house, leaving early."""
    if found.state is BookingState.IN_STAY and found.may_change:
        page = "change_menu" if found.several else "change_stay"
        what = None if found.several else "shorter"
        return url_for(f"traveller.{page}", booking_id=found.id, what=what)
    return url_for("traveller.voucher", booking_id=found.id)


def _why(found: GuestBooking, quote: CancelQuote) -> str:
    """Say in one sentence how the refund comes about."""
    if found.state is BookingState.HELD:
        if found.on_its_way():
            return translate("您的付款，银行的消息还没到。现在取消，钱到了会全部退回。")
        return translate("还没有付款，取消保留不收钱。")
    if quote.suspended:
        return translate("这家暂停接待了，钱全部退回，一分不扣。")
    if quote.undo:
        return cancel_reasons.undone()
    if quote.after_change:
        return translate("这笔订单改过日期或晚数，按改之前的取消办法扣。")
    days = max(0, (found.check_in - today()).days)
    if found.terms_differ:
        return translate("离到店还有%(days)s天，每种房按自己的取消办法扣，下面写明。", days=days)
    return translate(
        "离到店还有%(days)s天，按取消办法扣总价的%(share)s。",
        days=days,
        share=percent(quote.fee_bp),
    )
