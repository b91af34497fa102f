"""Time is passed in: nothing below the edge asks the operating system what time it is."""

from __future__ import annotations

import datetime as dt
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Tells the present instant."""

    def now(self) -> dt.datetime:
        """Return the present instant in UTC."""
        ...


class SystemClock:
    """The clock of the machine, used by every process outside the tests."""

    def now(self) -> dt.datetime:
        """Return the present instant in UTC."""
        return dt.datetime.now(dt.UTC)


class SetClock:
    """A clock that stands where it is put; tests and drills move it by hand."""

    def __init__(self, instant: dt.datetime) -> None:
        """Start at ``instant``, which must carry a time zone."""
        self.set(instant)

    def now(self) -> dt.datetime:
        """Return the instant the clock was put to, in UTC."""
        return self._instant

    def set(self, instant: dt.datetime) -> None:
        """Put the clock to ``instant``."""
        if instant.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        self._instant = instant.astimezone(dt.UTC)

    def advance(self, **delta: float) -> None:
        """Move the clock on by a ``timedelta`` given in keywords, for example ``minutes=41``."""
        self._instant += dt.timedelta(**delta)


def shanghai_date(instant: dt.datetime) -> dt.date:
    """Return the calendar date of ``instant`` in Asia/Shanghai, whatever the server's own zone."""
    return instant.astimezone(SHANGHAI).date()


def shanghai_midnight(day: dt.date) -> dt.datetime:
    """Return the instant at which ``day`` begins in Asia/Shanghai, in UTC."""
    return dt.datetime.combine(day, dt.time(), SHANGHAI).astimezone(dt.UTC)
