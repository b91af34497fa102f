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
