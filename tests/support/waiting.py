"""Waits for something to become true, for as short as it takes."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(condition: Callable[[], object], *, within: float = 10.0) -> None:
    """Return as soon as ``condition`` holds; fail when it does not within so many seconds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"nothing happened within {within:g} s"
        time.sleep(0.02)
