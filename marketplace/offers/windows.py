"""When the dates asked for are full: the nearest arrival days on which the whole stay is free."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from marketplace.kernel.stay import Stay
from marketplace.offers.matrix import Matrix

REACH_DAYS = 60
MOST_WINDOWS = 4


@dataclass(frozen=True, slots=True)
class Window:
    """A stay of the same length that is free, with its exact total in fen."""

    stay: Stay
    total_fen: int


def nearest(
    matrix: Matrix, *, room_type_id: int, stay: Stay, rooms: int, adults: int, guests: int
) -> list[Window]:
    """Return up to four free windows of this room type, nearest arrival first, within 60 days."""
    found = []
    for distance in range(1, REACH_DAYS + 1):
        for offset in (-distance, distance):
            moved = Stay.of(stay.check_in + dt.timedelta(days=offset), stay.nights)
            offers = matrix.find(stay=moved, rooms=rooms, adults=adults, guests=guests)
            hits = (offers.room_type_ids == room_type_id).nonzero()[0]
            if len(hits):
                found.append(Window(moved, int(offers.totals_fen[hits[0]])))
            if len(found) == MOST_WINDOWS:
                return found
    return found
