"""Talking to the gateway that made a payment: commit, then call, then commit what it answered.

Nothing here holds a transaction open while the network is waited for.
"""

from __future__ import annotations

import sqlalchemy as sa
import structlog

from marketplace.kernel.clock import Clock
from marketplace.kernel.db import Database
from marketplace.kernel.errors import DomainError
from marketplace.payments.gateways.port import (
    GatewayRefusedError,
    GatewayUnavailable,
    OpenOrder,
    PaymentFact,
)
from marketplace.payments.gateways.registry import Gateways
from marketplace.payments.models import Payment
from marketplace.payments.refunds import refund_delivery
from marketplace.payments.refunds.refund_delivery import RefundRecorded
from marketplace.payments.rules import next_poll
from marketplace.payments.service import AttemptOver, UnknownPayment, note_opened
from marketplace.payments.states import PaymentState

log = structlog.get_logger(__name__)


class NotPayable(DomainError):
    """The gateway does not take this payment at all, for example because it is too large."""

    code = "not_payable"
    http_status = 409
    message = "这笔订单不能在网上付款，没有扣款。请打电话给我们，我们替您办理"


def open_checkout(
    database: Database,
    gateways: Gateways,
    *,
    payment_id: str,
    return_url: str,
    clock: Clock,
) -> str:
    """Open the payment at the gateway and return the address where it is paid.

    Opened before, it answers the same address. A call that timed out is repeated under the same
    key, so that there is only ever one page to pay on.

    Raises:
        UnknownPayment: there is no such attempt. AttemptOver: it is decided already.
        GatewayUnavailable: no answer, or its gateway is not configured; the attempt stays.
        NotPayable: a plain no.
    """
    with database.read() as session:
        payment = session.get(Payment, payment_id)
    if payment is None:
        raise UnknownPayment
    if payment.state in {PaymentState.OPEN, PaymentState.PROCESSING} and payment.redirect_url:
        return payment.redirect_url
    if payment.state is not PaymentState.CREATED:
        raise AttemptOver
    gateway = gateways.named(payment.gateway)
    order = OpenOrder(payment.key, payment.amount_fen, payment.currency)
    try:
        opened = gateway.open_payment(order, return_url)
    except GatewayRefusedError as error:
        log.warning("payment_refused_by_gateway", payment=payment_id)
        raise NotPayable from error
    with database.write() as session:
        if note_opened(session, payment_id=payment_id, opened=opened, now=clock.now()):
            return opened.redirect_url
        found = session.get(Payment, payment_id)
    # Another request opened the same attempt first, or the hold ended while we asked.
    if found is not None and found.state is PaymentState.OPEN:
        return opened.redirect_url
    gateway.close_payment(opened.ref)
    raise AttemptOver


def submit_refund(
    database: Database, gateways: Gateways, *, refund_id: str, clock: Clock
) -> RefundRecorded:
    """Send an approved refund, or the next try of a failed one; returns where it stands.

    ``manual_required`` means that a person must pay it by bank transfer. While the gateway that was
    paid is not configured, the refund waits for it. Calling it again is safe.

    Raises:
        UnknownRefund: there is no such refund. GatewayUnavailable: try again later.
    """
    with database.write() as session:
        gateway = gateways.find(refund_delivery.gateway_of(session, refund_id))
        if gateway is None:
            return refund_delivery.wait(session, refund_id=refund_id, now=clock.now())
        order = refund_delivery.start_try(
            session, refund_id=refund_id, caps=gateway.caps, now=clock.now()
        )
    if order is None:
        with database.read() as session:
            return refund_delivery.state_of(session, refund_id)
    try:
        fact = gateway.refund(order)
    except GatewayRefusedError:
        log.warning("refund_refused_by_gateway", refund=refund_id)
        with database.write() as session:
            return refund_delivery.record_refusal(session, refund_id=refund_id, now=clock.now())
    with database.write() as session:
        return refund_delivery.record_refund_fact(
            session, fact=fact, gateway=gateway.name, now=clock.now()
        )


def apply_refund_ref(
    database: Database, gateways: Gateways, *, gateway: str, ref: str, clock: Clock
) -> RefundRecorded:
    """Fetch the truth about a gateway's refund ``ref`` and record it: what an event asks for.

    ``gateway`` is the gateway's name. Raises ``GatewayUnavailable``, ``GatewayRefusedError``, and
    ``UnknownRefund``.
    """
    fact = gateways.named(gateway).fetch_refund(ref)
    with database.write() as session:
        return refund_delivery.record_refund_fact(
            session, fact=fact, gateway=gateway, now=clock.now()
        )


def poll_due(
    database: Database, gateways: Gateways, *, clock: Clock, limit: int = 50
) -> list[tuple[str, PaymentFact]]:
    """Ask about the open payments whose time has come; returns the facts, each with its gateway.

    One that its gateway does not answer for is asked about again at its next time. Those of a
    gateway that is not configured wait until it is.
    """
    with database.write() as session:
        due = session.scalars(
            sa.select(Payment)
            .where(
                Payment.state.in_({PaymentState.OPEN, PaymentState.PROCESSING}),
                Payment.gateway.in_(gateways.names),
                Payment.next_poll_at <= clock.now(),
            )
            .order_by(Payment.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).all()
        for payment in due:
            payment.next_poll_at = next_poll(payment.opened_at or payment.created_at, clock.now())
        asked = [(payment.gateway, payment.ref) for payment in due if payment.ref is not None]
    facts = []
    for name, ref in asked:
        try:
            facts.append((name, gateways.named(name).fetch_payment(ref)))
        except (GatewayUnavailable, GatewayRefusedError):
            log.warning("payment_poll_unanswered", gateway=name)
    return facts


def poll_refunds(
    database: Database, gateways: Gateways, *, clock: Clock, limit: int = 50
) -> list[RefundRecorded]:
    """Ask about the refunds that wait for an answer, send failed ones again; returns what moved."""
    with database.write() as session:
        due = refund_delivery.take_due(
            session, gateways=gateways.names, now=clock.now(), limit=limit
        )
    moved = []
    for refund in due:
        try:
            if refund.ask_ref is None:
                recorded = submit_refund(database, gateways, refund_id=refund.id, clock=clock)
            else:
                recorded = apply_refund_ref(
                    database, gateways, gateway=refund.gateway, ref=refund.ask_ref, clock=clock
                )
        except (GatewayUnavailable, GatewayRefusedError):
            log.warning("refund_poll_unanswered", gateway=refund.gateway)
        else:
            moved.append(recorded)
    return moved
