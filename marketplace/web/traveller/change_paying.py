"""Paying for a change of a stay: the booking stands as it was until the money is there."""

from __future__ import annotations

from typing import TypeAlias

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from marketplace.booking import changing
from marketplace.booking.change_queries import ChangeView
from marketplace.booking.guest_queries import GuestBooking
from marketplace.booking.money import begin_change_payment
from marketplace.booking.service import HoldExpired
from marketplace.booking.states import WrongState
from marketplace.kernel.audit import TRAVELLER
from marketplace.payments.flow import NotPayable
from marketplace.payments.gateway import GatewayUnavailable
from marketplace.payments.service import AttemptOver
from marketplace.web.context import now, personal, services, today
from marketplace.web.errors import words_of
from marketplace.web.traveller import changes_told, vouchers
from marketplace.web.traveller.access import own
from marketplace.web.traveller.base import blueprint
from marketplace.web.traveller.pay import WARN_BEFORE, lead_to_gateway

Answer: TypeAlias = str | Response | tuple[str, int]


@blueprint.route("/booking/<booking_id>/change-payment", methods=["GET", "POST"])
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
    return render_template(
        "traveller/change_pay.html",
        booking=vouchers.shown(found, today=today()),
        change=changes_told.waiting(found, change),
        payee=services().settings.payee,
        pay_url=url_for("traveller.pay_change", booking_id=found.id),
        withdraw_url=url_for("traveller.withdraw_change", booking_id=found.id),
        keep_url=url_for("traveller.voucher", booking_id=found.id),
        warn_in=int(left),
        errors=errors,
    )


def _start_payment(booking_id: str) -> Answer:
    try:
        return lead_to_gateway(booking_id, begin_change_payment)
    except (HoldExpired, WrongState, AttemptOver):
        return redirect(url_for("traveller.pay_return", booking_id=booking_id), 303)
    except (GatewayUnavailable, NotPayable) as error:
        found = vouchers.read_booking(booking_id)
        if found.waiting_change is None:
            raise
        page = _pay_html(found, found.waiting_change, {"": words_of(error)})
        return page, error.http_status


@blueprint.post("/booking/<booking_id>/change-payment/withdraw")
@personal
@own
def withdraw_change(*, booking_id: str) -> Answer:
    """Leave the stay as it is; pressed again it changes nothing."""
    with services().database.write() as session:
        changing.withdraw(session, booking_id=booking_id, actor=TRAVELLER, now=now())
    return redirect(url_for("traveller.voucher", booking_id=booking_id), 303)
