"""Paying for a change of a stay: the booking stands as it was until the money is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, TypeAlias

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace.booking.changes import change_service
from marketplace.booking.changes.change_queries import ChangeView
from marketplace.booking.lifecycle.payment_application import begin_change_payment
from marketplace.booking.lifecycle.transitions import HoldExpired
from marketplace.booking.reads.guest_queries import GuestBooking
from marketplace.booking.states import WrongState
from marketplace.kernel.audit import TRAVELLER
from marketplace.kernel.money import money
from marketplace.payments.gateways.gateway_calls import NotPayable
from marketplace.payments.gateways.port import GatewayUnavailable
from marketplace.payments.service import AttemptOver, AttemptRunning
from marketplace.web.context import now, personal, services, today
from marketplace.web.errors import words_of
from marketplace.web.forms import reader
from marketplace.web.i18n import translate
from marketplace.web.protection.security import leads_to_gateway
from marketplace.web.rendering import pages
from marketplace.web.traveller import sealed_forms
from marketplace.web.traveller.access import own
from marketplace.web.traveller.base import blueprint
from marketplace.web.traveller.checkout.payment_pages import WARN_BEFORE, lead_to_gateway
from marketplace.web.traveller.my_booking import change_texts, vouchers

Answer: TypeAlias = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class ChangePayHtml(pages.Page):
    """What a change costs, and until when it is kept."""

    template: ClassVar[str] = "traveller/my_booking/change_pay.html"

    booking: vouchers.BookingShown
    change: change_texts.Waiting
    payee: str
    pay_url: str
    withdraw_url: str
    keep_url: str
    warn_in: int
    """Seconds until the page says that the time is nearly over."""
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class WithdrawHtml(pages.Page):
    """Whether a change shall not be made after all."""

    template: ClassVar[str] = "traveller/my_booking/change_withdraw.html"

    booking: vouchers.BookingShown
    change: change_texts.Waiting
    action: str
    pay_url: str
    keep_url: str


@blueprint.route("/booking/<booking_id>/change-payment", methods=["GET", "POST"])
@leads_to_gateway
@personal
@own
def pay_change(*, booking_id: str) -> Answer:
    """Show what a change costs and until when it is kept; a POST leads to the gateway's page."""
    if request.method == "POST":
        return _start_payment(booking_id)
    found = vouchers.read_booking(booking_id)
    change = found.waiting_change
    if change is None or not change.may_be_paid(now()):
        return redirect(url_for("traveller.voucher", booking_id=booking_id))
    return _pay_html(found, change, vouchers.payment_trouble(found, change))


def _pay_html(found: GuestBooking, change: ChangeView, errors: dict[str, str]) -> str:
    left = (change.expires_at - WARN_BEFORE - now()).total_seconds() if change.expires_at else 0
    return pages.html(
        ChangePayHtml(
            booking=vouchers.shown(found, today=today()),
            change=change_texts.waiting(found, change),
            payee=services().settings.payee,
            pay_url=url_for("traveller.pay_change", booking_id=found.id),
            withdraw_url=url_for("traveller.withdraw_change", booking_id=found.id),
            keep_url=url_for("traveller.voucher", booking_id=found.id),
            warn_in=int(left),
            errors=errors,
        )
    )


def _another(booking_id: str) -> Answer | None:
    """Answer a form about a change that is not the one that waits; ``None`` when it fits."""
    found = vouchers.read_booking(booking_id)
    named, waiting = reader.posted().sent("change"), found.waiting_change
    if waiting is None or waiting.id == named:
        return None
    before = next((each for each in found.changes if each.id == named), None)
    pay_url = url_for("traveller.pay_change", booking_id=booking_id)
    keep_url = url_for("traveller.voucher", booking_id=booking_id)
    return sealed_forms.both(
        _told(found, before) if before is not None else [],
        _told(found, waiting),
        ways=[(pay_url, translate("看现在的")), (keep_url, translate("回到订单"))],
        sample=found.listing.card.is_sample,
    )


def _told(found: GuestBooking, change: ChangeView) -> list[tuple[str, Any]]:
    rows = [
        (row.label, row.before if row.after is None else row.after)
        for row in change_texts.compared(found, change.was, change.wish or change.was)
    ]
    return [*rows, (translate("要补"), money(found.due_fen(change) or change.pay_fen))]


def _start_payment(booking_id: str) -> Answer:
    if (answer := _another(booking_id)) is not None:
        return answer
    begin = partial(begin_change_payment, change_id=reader.posted().sent("change"))
    try:
        return lead_to_gateway(booking_id, begin)
    except (HoldExpired, WrongState, AttemptOver):
        return redirect(url_for("traveller.pay_return", booking_id=booking_id), 303)
    except (GatewayUnavailable, NotPayable, AttemptRunning) as error:
        found = vouchers.read_booking(booking_id)
        if found.waiting_change is None:
            raise
        page = _pay_html(found, found.waiting_change, {"": words_of(error)})
        return page, error.http_status


@blueprint.route("/booking/<booking_id>/change-payment/withdraw", methods=["GET", "POST"])
@personal
@own
def withdraw_change(*, booking_id: str) -> Answer:
    """Ask once more; a POST leaves the stay as it is, and pressed again it changes nothing."""
    keep_url = url_for("traveller.voucher", booking_id=booking_id)
    if request.method == "GET":
        found = vouchers.read_booking(booking_id)
        change = found.waiting_change
        if change is None or not change.may_be_paid(now()):
            return redirect(keep_url)
        return pages.html(
            WithdrawHtml(
                booking=vouchers.shown(found, today=today()),
                change=change_texts.waiting(found, change),
                action=url_for("traveller.withdraw_change", booking_id=booking_id),
                pay_url=url_for("traveller.pay_change", booking_id=booking_id),
                keep_url=keep_url,
            )
        )
    if (answer := _another(booking_id)) is not None:
        return answer
    with services().database.write() as session:
        change_service.withdraw(
            session,
            booking_id=booking_id,
            change_id=reader.posted().sent("change"),
            actor=TRAVELLER,
            now=now(),
        )
    return redirect(keep_url, 303)
