"""What one listing costs at least and whether anything of it is free."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from marketplace.offers.matrix.matrix import Matrix


@dataclass(frozen=True, slots=True)
class ListingSummary:
    """A listing in two figures, as search engines are told of it."""

    lowest_fen: int
    """The lowest list price of a night ahead, in fen."""
    free: bool
    """Whether any room is free on any night in memory."""


def summary_of(matrix: Matrix, listing_id: int) -> ListingSummary | None:
    """Return the summary of a listing; ``None`` when nothing of it is on sale."""
    rates = matrix.lowest_rates_of(listing_id)
    if not rates:
        return None
    row = int(matrix.facts.rows_of(np.array([listing_id], np.int64))[0])
    columns = matrix.pools_of(row)
    open_rooms = matrix.free[:, columns][:, matrix.pools.on_sale[columns]]
    return ListingSummary(min(rates.values()), bool(open_rooms.any()))
