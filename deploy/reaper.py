"""Stops what a killed supervisor leaves behind.

The supervisor keeps a pipe to this process and reports on it each process group it starts
(``+123``) and each that ended (``-123``). When the supervisor is gone, however it went, the
pipe closes, and the groups still open are told to stop, then killed.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress

GRACE_SECONDS = 5.0


def main() -> None:
    """Read reports until the pipe closes, then stop the groups that are left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        if line.startswith("+"):
            groups.add(int(line[1:]))
        else:
            groups.discard(int(line[1:]))
    deadline = time.monotonic() + GRACE_SECONDS
    tell(groups, signal.SIGTERM)
    while groups and time.monotonic() < deadline:
        time.sleep(0.1)
        groups = {group for group in groups if alive(group)}
    tell(groups, signal.SIGKILL)


def tell(groups: set[int], number: signal.Signals) -> None:
    """Send a signal to every group that still exists."""
    for group in groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)


def alive(group: int) -> bool:
    """Say whether a process of the group is left."""
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    main()
