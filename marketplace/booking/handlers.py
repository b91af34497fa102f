"""What bookings do when it is owed: apply reported money, close pages, rehouse guests.

Safe to run twice at once and after any crash.
"""

from __future__ import annotations

from typing import Protocol

from catalog.effects import SuspensionBegan, SuspensionEnded
from marketplace.booking.effects import ClosePayments
from marketplace.booking.lifecycle import scheduled_jobs
from marketplace.booking.rehousing import rehousing_queue
from marketplace.kernel import inbox
from marketplace.kernel.clock import Clock
from marketplace.kernel.db import Database
from marketplace.payments.effects import ApplyGatewayEvent
from marketplace.payments.gateways import gateway_calls
from marketplace.payments.gateways.port import GatewayUnavailable
from marketplace.payments.gateways.registry import Gateways
from marketplace.payments.refunds import bank_refunds


class Tools(Protocol):
    """What the handlers work with."""

    @property
    def database(self) -> Database:
        """Where bookings stand."""
        ...

    @property
    def gateways(self) -> Gateways:
        """Those that this installation knows."""
        ...

    @property
    def clock(self) -> Clock:
        """Tells the moment."""
        ...

    @property
    def money(self) -> scheduled_jobs.Money:
        """What talking to gateways about bookings needs."""
        ...


def apply_gateway_event(tools: Tools, event: ApplyGatewayEvent) -> None:
    """Fetch the truth that a stored event points to, and apply it."""
    with tools.database.read() as session:
        row = inbox.load(session, event.inbox_id)
    if row is None:
        return
    told, gateway = row.payload, row.source
    if told.get("payment_ref"):
        fact = tools.gateways.named(gateway).fetch_payment(told["payment_ref"])
        scheduled_jobs.apply_fetched(tools.money, fact, gateway=gateway)
    if told.get("refund_ref"):
        recorded = gateway_calls.apply_refund_ref(
            tools.database,
            tools.gateways,
            gateway=gateway,
            ref=told["refund_ref"],
            clock=tools.clock,
        )
        bank_refunds.tell_staff(tools.database, [recorded], now=tools.clock.now())
    with tools.database.write() as session:
        stored = inbox.load(session, event.inbox_id)
        if stored is not None:
            stored.processed_at = tools.clock.now()


def close_payments(tools: Tools, owed: ClosePayments) -> None:
    """Close the pages on which nobody may pay any more; a payment that was made is applied.

    Raises:
        GatewayUnavailable: its gateway does not know yet; it stays owed.
    """
    if not scheduled_jobs.close_payments(tools.money, owed.booking_id, change_id=owed.change_id):
        raise GatewayUnavailable


def open_rehousing(tools: Tools, began: SuspensionBegan) -> None:
    """Put the guests of a suspended enterprise into the rehousing queue."""
    with tools.database.write() as session:
        rehousing_queue.open_queue(
            session, suspension_id=began.suspension_id, now=tools.clock.now()
        )


def close_rehousing(tools: Tools, ended: SuspensionEnded) -> None:
    """Let the guests stay who wait for another place of an enterprise that sells again."""
    with tools.database.write() as session:
        rehousing_queue.close_queue(
            session, suspension_id=ended.suspension_id, now=tools.clock.now()
        )
