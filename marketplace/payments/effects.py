"""What payments owe: refunds to be sent, events of gateways to be worked on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class SubmitRefund:
    """A refund was promised: its gateway is to send it."""

    topic: ClassVar[str] = "refund.submit"
    refund_id: str

    @property
    def key(self) -> str:
        """Once a refund."""
        return f"{self.topic}:{self.refund_id}"


@dataclass(frozen=True, slots=True)
class ApplyGatewayEvent:
    """A gateway reported something: the truth that it points to is to be fetched and applied."""

    topic: ClassVar[str] = "inbox.apply"
    inbox_id: int

    @property
    def key(self) -> str:
        """Once a stored event."""
        return f"inbox:{self.inbox_id}"


@dataclass(frozen=True, slots=True)
class PostSimulatedEvent:
    """The simulated gateway has something to tell, and posts it to our hook as a real one would."""

    topic: ClassVar[str] = "simulated.event"
    event_id: str

    @property
    def key(self) -> str:
        """Once an event."""
        return f"{self.topic}:{self.event_id}"
