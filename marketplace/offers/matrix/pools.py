"""Pools of rooms and their own rules: how many people, how many nights, which season."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from marketplace.offers.matrix.arrays import Flags, Ints, Small


@dataclass(slots=True)
class Pools:
    """What does not change from day to day; arrays with one place for each pool.

    Pools are sorted by listing, so that those of one listing stand together.
    """

    pool_ids: Ints
    room_type_ids: Ints
    listing_ids: Ints
    max_adults: Small
    max_guests: Small
    min_nights: Small
    max_nights: Small
    on_sale: Flags
    """Whether it may be sold today, as quotes and holds ask (``catalog.sale``)."""
    opens: Small = field(default_factory=lambda: np.zeros(0, np.int16))
    """First day of the season as month times 100 plus day; 0 where it is open all year."""
    closes: Small = field(default_factory=lambda: np.zeros(0, np.int16))
    """Its last day; no night outside is free, and none has a price."""
    column: dict[int, int] = field(init=False)
    """Pool id to column."""

    def __post_init__(self) -> None:
        """Index the pools; without seasons all are open all year."""
        if len(self.opens) != self.count:
            self.opens, self.closes = np.zeros((2, self.count), np.int16)
        self.column = {int(pool): place for place, pool in enumerate(self.pool_ids)}

    @property
    def count(self) -> int:
        """How many pools."""
        return len(self.pool_ids)
