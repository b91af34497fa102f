"""When to ask the gateway again, and how often to try. Pure."""

from __future__ import annotations

import datetime as dt

REFUND_TRIES = 3
"""How often a refund is sent to the gateway before a person must pay it by bank transfer."""

_EARLY_POLLS = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 3, 10, 30))
_HOURLY_UNTIL = dt.timedelta(hours=72)
_RETRY_WAITS = (dt.timedelta(minutes=1), dt.timedelta(minutes=10))


def next_poll(began: dt.datetime, now: dt.datetime) -> dt.datetime:
    """Return when to ask next about something that ``began`` waiting then.

    1, 3, 10 and 30 minutes after it began, then every hour up to 72 hours, then every day.
    """
    age = now - began
    for wait in _EARLY_POLLS:
        if age < wait:
            return began + wait
    step = dt.timedelta(hours=1) if age < _HOURLY_UNTIL else dt.timedelta(days=1)
    return began + (age // step + 1) * step


def next_refund_try(attempt: int, now: dt.datetime) -> dt.datetime | None:
    """Return when to send a refund again after its ``attempt``-th try failed at ``now``.

    ``None`` when the tries are spent.
    """
    if attempt >= REFUND_TRIES:
        return None
    return now + _RETRY_WAITS[min(max(attempt, 1), len(_RETRY_WAITS)) - 1]
