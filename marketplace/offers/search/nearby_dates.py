"""When the dates asked for are full: the nearest arrival days on which the whole stay is free."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from marketplace.kernel.stay import Stay
from marketplace.offers.matrix.matrix import Matrix
from marketplace.offers.search.search_types import Dates
from marketplace.pricing.nights.selection import Party

REACH_DAYS = 60
MOST_WINDOWS = 4


@dataclass(frozen=True, slots=True)
class Window:
    """A stay of the same length that is free, with its exact total in fen."""

    stay: Stay
    total_fen: int


def nearest(
    matrix: Matrix, *, room_type_id: int, stay: Stay, rooms: int, party: Party
) -> list[Window]:
    """Return up to four free windows of this room type, nearest arrival first, within 60 days."""
    suited = matrix.suits(nights=stay.nights, rooms=rooms, party=party)
    mine = np.flatnonzero(suited & (matrix.pools.room_type_ids == room_type_id))
    reach = dt.timedelta(days=REACH_DAYS)
    dates = Dates(stay.nights, stay.check_in - reach, stay.check_in + reach)
    wished = (stay.check_in - matrix.first_day).days
    free = [
        arrival
        for arrival, is_free in matrix.each_arrival(mine, dates, rooms, party)
        if is_free.any() and arrival != wished
    ]
    return [
        Window(
            Stay.of(matrix.first_day + dt.timedelta(days=arrival), stay.nights),
            int(matrix.totals_on(arrival, mine, nights=stay.nights, rooms=rooms, party=party)[0]),
        )
        for arrival in sorted(free, key=lambda day: (abs(day - wished), day))[:MOST_WINDOWS]
    ]
