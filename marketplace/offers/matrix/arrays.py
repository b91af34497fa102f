"""Names for the arrays of the read model."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]
"""One truth for each listing, pool or day."""
Ints = npt.NDArray[np.int64]
"""Sums in fen, ids and places in other arrays."""
Sums = npt.NDArray[np.int32]
"""Sums in fen of which millions are kept."""
Small = npt.NDArray[np.int16]
Tiny = npt.NDArray[np.int8]
ALL = slice(None)
"""Every column."""


def lowest_between(sums: Sums, first: int, end: int, *, closed: Flags | None, unset: int) -> Ints:
    """Return each column's lowest price in fen on the days from ``first`` to before ``end``.

    ``sums`` are running sums by day, ``closed`` [day, column] where a day does not count; where no
    day has a price, ``unset``.
    """
    lowest = np.full(sums.shape[1], unset, np.int64)
    for day in range(first, end):
        prices = (sums[day + 1] - sums[day]).astype(np.int64)
        counts = prices > 0
        if closed is not None:
            counts &= ~closed[day - first]
        np.minimum(lowest, prices, out=lowest, where=counts)
    return lowest
