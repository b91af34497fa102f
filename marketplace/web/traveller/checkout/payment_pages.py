"""Paying for a hold: our page, the simulated gateway's page, and the way back."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace.booking.lifecycle import scheduled_jobs, transitions
from marketplace.booking.lifecycle.payment_application import begin_payment
from marketplace.booking.lifecycle.transitions import HoldExpired, NoMoreExtensions
from marketplace.booking.reads.guest_queries import GuestBooking
from marketplace.booking.states import BookingState, WrongState
from marketplace.kernel.audit import TRAVELLER
from marketplace.payments.gateways import gateway_calls
from marketplace.payments.gateways.gateway_calls import NotPayable
from marketplace.payments.gateways.port import GatewayUnavailable, PaymentStatus
from marketplace.payments.gateways.simulated import SimulatedGateway, SimulatedPage
from marketplace.payments.models import Payment
from marketplace.payments.service import AttemptOver, AttemptRunning
from marketplace.web.context import now, personal, services, today
from marketplace.web.errors import words_of
from marketplace.web.forms import reader
from marketplace.web.protection.security import leads_to_gateway
from marketplace.web.rendering import pages
from marketplace.web.traveller.access import own
from marketplace.web.traveller.base import blueprint
from marketplace.web.traveller.my_booking import vouchers

Answer: TypeAlias = str | Response | tuple[str, int]
TOKEN = re.compile(r"[A-Za-z0-9_-]{1,100}")
WARN_BEFORE = dt.timedelta(minutes=5)


@blueprint.route("/booking/<booking_id>/pay", methods=["GET", "POST"])
@leads_to_gateway
@personal
@own
def pay(*, booking_id: str) -> Answer:
    """Show what is to be paid, to whom, and until when; a POST leads to the gateway's page."""
    if request.method == "POST":
        return _start_payment(booking_id)
    found = vouchers.read_booking(booking_id)
    if not found.is_live_hold(now()):
        return redirect(url_for("traveller.voucher", booking_id=booking_id))
    return _pay_html(found, vouchers.payment_trouble(found))


@dataclass(frozen=True, slots=True)
class PayHtml(pages.Page):
    """What is to be paid, and until when the rooms are kept."""

    template: ClassVar[str] = "traveller/checkout/pay.html"

    booking: vouchers.BookingShown
    due_fen: int
    payee: str
    pay_url: str
    extend_url: str
    until: str
    release_url: str
    notice: str | None
    warn_in: int
    """Seconds until the page says that the time is nearly over."""
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PayWaitHtml(pages.Page):
    """A payment whose outcome is not known yet."""

    template: ClassVar[str] = "traveller/checkout/pay_wait.html"

    booking: vouchers.BookingShown
    refresh_url: str


@dataclass(frozen=True, slots=True)
class SimPayHtml(pages.Page):
    """The page of the simulated gateway."""

    template: ClassVar[str] = "traveller/checkout/sim_pay.html"

    payment: SimulatedPage
    action: str
    back_url: str


def _pay_html(found: GuestBooking, errors: dict[str, str]) -> str:
    warn_at = found.expires_at - WARN_BEFORE
    return pages.html(
        PayHtml(
            booking=vouchers.shown(found, today=today()),
            due_fen=found.due_fen(),
            payee=services().settings.payee,
            pay_url=url_for("traveller.pay", booking_id=found.id),
            extend_url=url_for("traveller.extend", booking_id=found.id),
            until=found.expires_at.isoformat(),
            release_url=url_for("traveller.cancel", booking_id=found.id),
            notice=vouchers.notice(found) if found.wrong_amount else None,
            warn_in=int((warn_at - now()).total_seconds()),
            errors=errors,
        )
    )


def _start_payment(booking_id: str) -> Answer:
    try:
        return lead_to_gateway(booking_id, begin_payment)
    except (HoldExpired, WrongState, AttemptOver):
        return redirect(url_for("traveller.pay_return", booking_id=booking_id), 303)
    except (GatewayUnavailable, NotPayable, AttemptRunning) as error:
        page = _pay_html(vouchers.read_booking(booking_id), {"": words_of(error)})
        return page, error.http_status


def lead_to_gateway(booking_id: str, begin: Callable[..., Payment]) -> Response:
    """Begin to pay, or go on with it, and lead to the gateway's page.

    ``begin`` is ``begin_payment`` or ``begin_change_payment``. A page before this one whose time is
    over is closed at its gateway first: if it was paid on, there is nothing more to pay. Raises
    what ``begin`` and ``gateway_calls.open_checkout`` raise.
    """
    tools = services()
    try:
        payment = _begun(booking_id, begin)
    except AttemptRunning:
        if not scheduled_jobs.close_payments(tools.money, booking_id):
            raise
        payment = _begun(booking_id, begin)
    where = gateway_calls.open_checkout(
        tools.database,
        tools.gateways,
        payment_id=payment.id,
        return_url=_outside(url_for("traveller.pay_return", booking_id=booking_id)),
        clock=tools.clock,
    )
    return redirect(_inside(where), 303)


def _begun(booking_id: str, begin: Callable[..., Payment]) -> Payment:
    tools = services()
    with tools.database.write() as session:
        return begin(
            session,
            booking_id=booking_id,
            gateway=tools.gateways.default.name,
            ids=tools.ids,
            now=now(),
        )


def _outside(path: str) -> str:
    """Return the full address of one of our pages, for a gateway to send people back to."""
    return f"{services().settings.base_url}{path}"


def _inside(url: str) -> str:
    """Return an address of our own as a path, so that the reader stays on the host they use."""
    path = url.removeprefix(services().settings.base_url)
    if not path.startswith("/"):
        return url
    root = request.script_root
    return path if path.startswith(f"{root}/") else f"{root}{path}"


@blueprint.post("/booking/<booking_id>/extend")
@personal
@own
def extend(*, booking_id: str) -> Answer:
    """Keep the rooms half an hour longer than the page said; pressed again it adds nothing."""
    try:
        with services().database.write() as session:
            until = transitions.locked(session, booking_id).expires_at.isoformat()
            if reader.posted().sent("until") == until:
                transitions.extend(session, booking_id=booking_id, actor=TRAVELLER, now=now())
    except NoMoreExtensions as refused:
        return _pay_html(vouchers.read_booking(booking_id), {"": words_of(refused)}), 409
    except (HoldExpired, WrongState):
        return redirect(url_for("traveller.voucher", booking_id=booking_id), 303)
    return redirect(url_for("traveller.pay", booking_id=booking_id), 303)


@blueprint.get("/booking/<booking_id>/return")
@personal
@own
def pay_return(*, booking_id: str) -> Answer:
    """Ask the gateway how the payment stands, and show what came of it."""
    scheduled_jobs.look_up_payments(services().money, booking_id)
    found = vouchers.read_booking(booking_id)
    if _is_on_its_way(found):
        return pages.html(
            PayWaitHtml(
                booking=vouchers.shown(found, today=today()),
                refresh_url=url_for("traveller.pay_return", booking_id=booking_id),
            )
        )
    return redirect(url_for(_after_paying(found), booking_id=booking_id))


def _is_on_its_way(found: GuestBooking) -> bool:
    if found.state is BookingState.HELD:
        return found.on_its_way()
    return found.waiting_change is not None and found.on_its_way(found.waiting_change)


def _after_paying(found: GuestBooking) -> str:
    """Return the page that a person who comes back from the gateway should see."""
    if found.is_live_hold(now()):
        return "traveller.pay"
    change = found.waiting_change
    if change is not None and change.may_be_paid(now()):
        return "traveller.pay_change"
    return "traveller.voucher"


@blueprint.route("/pay/sim/<token>", methods=["GET", "POST"])
@personal
def sim_pay(token: str) -> Answer:
    """The simulated gateway's own page, on which nobody is charged."""
    gateway = services().gateways.find(SimulatedGateway.name)
    if not isinstance(gateway, SimulatedGateway) or not TOKEN.fullmatch(token):
        abort(404)
    if request.method == "POST":
        page = gateway.press(token, reader.posted().sent("action"))
        return redirect(_inside(page.return_url), 303)
    page = gateway.page(token)
    if page.status is not PaymentStatus.OPEN:
        return redirect(_inside(page.return_url))
    return pages.html(
        SimPayHtml(
            payment=page,
            action=url_for("traveller.sim_pay", token=token),
            back_url=_inside(page.return_url),
        )
    )
