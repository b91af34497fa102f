"""The port to whoever carries a message, and the channel of development."""

from __future__ import annotations

from typing import Protocol

import structlog


class Channel(Protocol):
    """Carries a text to a phone."""

    @property
    def name(self) -> str:
        """The name kept with each message."""
        ...

    def send(self, *, to: str, text: str, key: str) -> None:
        """Send ``text`` to the phone ``to``; idempotent on ``key``."""
        ...


class ConsoleChannel:
    """Tells the log that a message went out; its words are read on the development outbox page."""

    name = "console"

    def send(self, *, to: str, text: str, key: str) -> None:
        """Log the fact, not the phone and not the words: logs hold no personal data."""
        structlog.get_logger("notify").info("message", key=key, length=len(text))
