"""What payments do when it is owed: refunds are sent, the simulated gateway posts its events."""

from __future__ import annotations

from typing import Protocol

from marketplace.kernel.clock import Clock
from marketplace.kernel.db import Database
from marketplace.payments.effects import PostSimulatedEvent, SubmitRefund
from marketplace.payments.gateways import gateway_calls, simulated_events
from marketplace.payments.gateways.registry import Gateways
from marketplace.payments.gateways.simulated import SimulatedGateway
from marketplace.payments.refunds import bank_refunds


class Tools(Protocol):
    """What the handlers work with."""

    @property
    def database(self) -> Database:
        """Where payments and refunds stand."""
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
    def base_url(self) -> str:
        """The address of this installation, where its hooks are."""
        ...


def submit_refund(tools: Tools, owed: SubmitRefund) -> None:
    """Send a refund to its gateway; the staff are told of one that no gateway can make."""
    recorded = gateway_calls.submit_refund(
        tools.database, tools.gateways, refund_id=owed.refund_id, clock=tools.clock
    )
    bank_refunds.tell_staff(tools.database, [recorded], now=tools.clock.now())


def post_simulated_event(tools: Tools, event: PostSimulatedEvent) -> None:
    """Post an event of the simulated gateway to our own hook."""
    simulated_events.post(
        tools.database,
        tools.gateways,
        event_id=event.event_id,
        hook_url=f"{tools.base_url}/hooks/{SimulatedGateway.name}",
    )
