"""What somebody chose to sleep in: one class from the form to the row that keeps it. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from marketplace.kernel.errors import Invalid
from marketplace.kernel.stay import LONGEST_NIGHTS, WRONG_NIGHTS, Stay
from marketplace.pricing.nights.terms import Board


@dataclass(frozen=True, slots=True)
class Party:
    """Who stays: adults, and children by age in years."""

    adults: int
    children_ages: tuple[int, ...] = ()

    @property
    def guests(self) -> int:
        """How many people."""
        return self.adults + len(self.children_ages)


COUPLE = Party(adults=2)
"""Who is thought of while nobody said who stays."""


@dataclass(frozen=True, slots=True)
class StaySelection:
    """A room type, its nights, and what is had with it: all that a price and a hold depend on.

    Forms, partners' requests and rows are read into it in one place each; nothing copies it field
    by field.
    """

    room_type_id: int
    stay: Stay
    rooms: int
    party: Party
    board: Board | None = None
    """``None`` for the meals that the room's price includes."""
    extra_beds: int = 0
    """Extra beds in all rooms."""
    adjoining: bool = False
    """Wanted next to the other rooms of the stay, of this kind or another: a wish, no promise."""

    def between(self, check_in: dt.date, check_out: dt.date) -> StaySelection:
        """Return the same for other nights.

        Raises:
            Invalid: they are fewer or more than a stay has.
        """
        if not 1 <= (check_out - check_in).days <= LONGEST_NIGHTS:
            raise Invalid({"nights": WRONG_NIGHTS})
        return replace(self, stay=Stay(check_in, check_out))

    @property
    def room_nights(self) -> int:
        """Rooms times nights: what caps of holds count."""
        return self.rooms * self.stay.nights
