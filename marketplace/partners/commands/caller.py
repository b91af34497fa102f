"""Who asks: a partner by one of its keys, whatever surface it calls."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from marketplace.booking.events.facts import stream_of
from marketplace.booking.events.view import STAYS
from marketplace.kernel.audit import Actor, ActorKind


class Surface(enum.StrEnum):
    """What a partner calls: each speaks in its own way of the same bookings."""

    STAYS = STAYS


@dataclass(frozen=True, slots=True)
class Caller:
    """A partner that calls, by the key it showed."""

    key_id: int
    partner_id: int
    name: str
    test: bool
    """A test key sees and makes test bookings alone, which take no real stock."""
    surface: Surface
    per_minute: int
    credit_limit_fen: int
    last_used_at: dt.datetime | None = None
    expires_at: dt.datetime | None = None
    """When its key ends, where one was issued after it."""

    def ended(self, now: dt.datetime) -> bool:
        """Whether its key opens nothing any more."""
        return self.expires_at is not None and self.expires_at <= now

    @property
    def actor(self) -> Actor:
        """The caller as the audit trail names it."""
        return Actor(ActorKind.PARTNER, str(self.key_id))

    @property
    def counted_as(self) -> tuple[str, ...]:
        """What its requests are counted under: each key has a limit of its own."""
        return ("partner", str(self.key_id))

    @property
    def stream(self) -> str:
        """Where what happens to its bookings is told, on whatever surface they were made."""
        return stream_of(self.partner_id, test=self.test)

    @property
    def scope(self) -> str:
        """Whose names of wishes are its own: a rotated key finds them again."""
        return f"{self.stream}:{self.surface}"
