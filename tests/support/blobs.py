"""A blob store in memory."""

from __future__ import annotations

from marketplace.kernel.blobs import name_of
from marketplace.kernel.errors import NotFound


class MemoryBlobs:
    """Keeps bytes in a dictionary."""

    def __init__(self) -> None:
        """Begin empty."""
        self.kept: dict[str, bytes] = {}

    def put(self, content: bytes) -> str:
        """Keep ``content``; returns its name."""
        name = name_of(content)
        self.kept[name] = content
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
