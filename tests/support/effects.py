"""Effects that only tests owe, and how tests read what is owed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Ping:
    """Something to owe that nobody handles."""

    topic: ClassVar[str] = "test.ping"
    key: str
    n: int = 1
