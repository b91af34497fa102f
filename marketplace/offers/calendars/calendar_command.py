"""What an operator wants of its calendar."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from marketplace.inventory.calendar import CalendarEdit


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an operator wants of which days of one room type; ``None`` leaves a thing as it is."""

    room_type_id: int
    first: dt.date
    last: dt.date
    """The last day itself."""
    weekdays: frozenset[int]
    capacity: int | None
    closed: bool | None
    price_fen: int | None
    to_tariff: bool = False
    """Prices that were set by hand go back to those of the tariff."""

    def edit(self, pool_id: int) -> CalendarEdit | None:
        """Return the part that concerns stock, if any."""
        if self.capacity is None and self.closed is None:
            return None
        return CalendarEdit(
            pool_id, self.first, self.last, self.weekdays, self.capacity, self.closed
        )
