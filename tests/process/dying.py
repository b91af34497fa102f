"""A process that closes days of a pool and is killed after the commit, before the numbering.

Run as ``python -m tests.process.dying POOL FIRST_DAY LAST_DAY`` in the product's environment.
"""

from __future__ import annotations

import datetime as dt
import os
import signal
import sys

from marketplace.bootstrap import build
from marketplace.inventory.calendar import CalendarEdit, apply
from marketplace.kernel.audit import SYSTEM
from marketplace.settings import Settings


def die() -> None:
    """End like a machine that loses its power."""
    os.kill(os.getpid(), signal.SIGKILL)


def main(pool_id: str, first: str, last: str) -> None:
    """Close the days; never returns."""
    services = build(Settings())
    services.database.session_info["wake_sequencer"] = die
    edit = CalendarEdit(
        int(pool_id), dt.date.fromisoformat(first), dt.date.fromisoformat(last), closed=True
    )
    with services.database.write() as session:
        apply(session, edit=edit, actor=SYSTEM, now=services.clock.now())


if __name__ == "__main__":
    main(*sys.argv[1:])
