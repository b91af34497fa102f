"""Who asks: a partner by one of its keys, whatever surface it calls."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from marketplace.booking.events.facts import stream_of
from marketplace.kernel.audit import Actor, ActorKind


@dataclass(frozen=True, slots=True)
class Caller:
    """A partner that calls, by the key it showed."""

    key_id: int
    partner_id: int
    name: str
    test: bool
    """A test key sees and makes test bookings alone, which take no real stock."""
    per_minute: int
    credit_limit_fen: int
    last_used_at: dt.datetime | None = None

    @property
    def actor(self) -> Actor:
        """The caller as the audit trail names it."""
        return Actor(ActorKind.PARTNER, str(self.key_id))

    @property
    def counted_as(self) -> tuple[str, ...]:
        """What its requests are counted under: each key has a limit of its own."""
        return ("partner", str(self.key_id))

    @property
    def scope(self) -> str:
        """Whose events and idempotency keys are its own: a rotated key finds them again."""
        return stream_of(self.partner_id, test=self.test)
