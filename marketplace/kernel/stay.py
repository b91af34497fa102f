"""A stay: the half-open run of nights [check_in, check_out), in Asia/Shanghai dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from marketplace.kernel.messages import Message

LONGEST_NIGHTS = 120
"""The longest stay that the product can express; listings set their own, shorter, maximum."""
WRONG_NIGHTS = Message("请写 1 到 %(most_nights)s 之间的晚数", most_nights=LONGEST_NIGHTS)


@dataclass(frozen=True, slots=True)
class Stay:
    """The nights from ``check_in`` up to, not including, ``check_out``."""

    check_in: dt.date
    check_out: dt.date

    def __post_init__(self) -> None:
        """Refuse an empty, reversed or overlong run."""
        if not 1 <= (self.check_out - self.check_in).days <= LONGEST_NIGHTS:
            raise ValueError(f"a stay has 1 to {LONGEST_NIGHTS} nights")

    @classmethod
    def of(cls, arrive: dt.date, nights: int) -> Stay:
        """Return the stay that begins on ``arrive`` and lasts ``nights`` nights."""
        return cls(arrive, arrive + dt.timedelta(days=nights))

    @property
    def nights(self) -> int:
        """How many nights the stay has."""
        return (self.check_out - self.check_in).days

    def days(self) -> Iterator[dt.date]:
        """Yield the date of each night, in order."""
        for offset in range(self.nights):
            yield self.check_in + dt.timedelta(days=offset)
