"""What one listing costs at least and whether anything of it is free: for who only glances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from marketplace.offers.matrix.matrix import Matrix


@dataclass(frozen=True, slots=True)
class Glance:
    """A listing at a glance."""

    lowest_fen: int
    """The lowest list price of a night ahead, in fen."""
    free: bool
    """Whether any room is free on any night in memory."""


def glance(matrix: Matrix, listing_id: int) -> Glance | None:
    """Return the listing at a glance; ``None`` when nothing of it is on sale."""
    rates = matrix.lowest_rates_of(listing_id)
    if not rates:
        return None
    row = int(matrix.facts.rows_of(np.array([listing_id], np.int64))[0])
    columns = matrix.pools_of(row)
    open_rooms = matrix.free[:, columns][:, matrix.pools.on_sale[columns]]
    return Glance(min(rates.values()), bool(open_rooms.any()))
