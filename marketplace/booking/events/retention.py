"""How long partners' events are kept: each one 400 days, then what a late reader still needs.

After 400 days an event goes once a later one tells its booking, so whoever comes late sees fewer
steps and the same end. The last one of a booking stays in the log until three years after the end
of the booking, as long as records of trade are asked for; after that it is read no more as news,
and the booking is still shown from it.
"""

from __future__ import annotations

import datetime as dt

from marketplace.booking.events.view import read_view
from marketplace.kernel import events
from marketplace.kernel.db import Database

KEPT_AFTER_THE_END = dt.timedelta(days=3 * 365 + 1)
"""Three years, one of which may be a leap year."""
LOOKED_AT_AGAIN = dt.timedelta(days=30)
"""After how long the last event of a booking that goes on is looked at again."""
AT_ONCE = 500
"""Events in one transaction: other writers wait no longer than it takes."""
TURNS = 20
"""Transactions in one run; what is left waits for the next."""


def sweep(database: Database, *, now: dt.datetime) -> int:
    """Delete or withdraw the events whose time is over; returns how many.

    Safe to run twice at once.
    """
    gone = 0
    for _ in range(TURNS):
        with database.write() as session:
            due = events.due(session, now=now, limit=AT_ONCE)
            superseded, last = list[int](), list[int]()
            for event in due:
                until = _kept_until(event, now)
                if until > now:
                    events.put_off(session, event.id, until)
                elif event.superseded:
                    superseded.append(event.id)
                else:
                    last.append(event.id)
            events.forget(session, superseded)
            events.withdraw(session, last)
        gone += len(superseded) + len(last)
        if len(due) < AT_ONCE:
            break
    return gone


def _kept_until(event: events.Due, now: dt.datetime) -> dt.datetime:
    """Return until when an event stays in the log, as far as it is known."""
    whole = event.at + events.KEPT_WHOLE
    if event.superseded:
        return whole
    ended_at = read_view(event.view).ended_at if event.view else None
    if ended_at is None:
        return max(whole, now + LOOKED_AT_AGAIN)
    return max(whole, ended_at + KEPT_AFTER_THE_END)
