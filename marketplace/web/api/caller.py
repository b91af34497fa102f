"""Who calls a surface for programs."""

from __future__ import annotations

from typing import Protocol, cast

from flask import g


class Caller(Protocol):
    """Who calls, by what the request showed; each surface knows more of its own callers."""

    @property
    def per_minute(self) -> int:
        """How many requests it may make in a minute."""

    @property
    def counted_as(self) -> tuple[str, ...]:
        """What its requests are counted under: a key, not whom it belongs to."""

    @property
    def scope(self) -> str:
        """Whose idempotency keys it uses, in 60 characters: whom a key belongs to, not the key."""


def caller() -> Caller:
    """Return who calls; there is one behind every door that was passed."""
    return cast(Caller, g.caller)
