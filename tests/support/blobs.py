"""A blob store in memory."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator

from marketplace.kernel.blobs import name_of
from marketplace.kernel.clock import Clock, SystemClock
from marketplace.kernel.errors import NotFound


class MemoryBlobs:
    """Keeps bytes in a dictionary."""

    def __init__(self, clock: Clock | None = None) -> None:
        """Begin empty."""
        self.kept: dict[str, bytes] = {}
        self.given: dict[str, dt.datetime] = {}
        self._clock = clock or SystemClock()

    def put(self, content: bytes) -> str:
        """Keep ``content``; returns its name."""
        name = name_of(content)
        self.kept[name] = content
        self.given[name] = self._clock.now()
        return name

    def put_sealed(self, content: bytes) -> str:
        """Keep ``content`` under a new name."""
        name = secrets.token_hex(32)
        self.kept[name] = content
        self.given[name] = self._clock.now()
        return name

    def get(self, name: str) -> bytes:
        """Return what was kept; raises ``NotFound``."""
        try:
            return self.kept[name]
        except KeyError as error:
            raise NotFound from error

    def drop(self, name: str) -> None:
        """Forget it."""
        self.kept.pop(name, None)
        self.given.pop(name, None)

    def mark(self, name: str) -> None:
        """Begin its grace anew."""
        if name in self.given:
            self.given[name] = self._clock.now()

    def given_before(self, moment: dt.datetime) -> Iterator[str]:
        """Yield the older names."""
        yield from [name for name, given in self.given.items() if given < moment]

    def drop_if_before(self, name: str, moment: dt.datetime) -> bool:
        """Forget it if it is older."""
        older = name in self.given and self.given[name] < moment
        if older:
            self.drop(name)
        return older

    def reseal(self, name: str) -> bool:
        """Leave it."""
        return False
