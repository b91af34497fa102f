"""What is to be held, priced and ready to be written: an order of items, each with its days.

Days and sums are those of the items and of their parts, so that no order contradicts itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.directory.room_names import RoomNames
from marketplace.booking.contract.buyers import Buyer
from marketplace.booking.states import BookingKind, ItemKind
from marketplace.pricing.nights.quote import Quote
from marketplace.pricing.nights.selection import StaySelection


@dataclass(frozen=True, slots=True)
class PartSold:
    """One day of an item; the rate is of one unit, the other sums of all, in fen."""

    day: dt.date
    rate_fen: int
    list_fen: int
    sold_fen: int


@dataclass(frozen=True, slots=True)
class ItemSource:
    """What is delivered: by whom, out of which pool."""

    enterprise_id: int
    listing_id: int
    pool_id: int
    names: RoomNames | None = None
    """What it is called, where that was read already."""


@dataclass(frozen=True, slots=True)
class ItemTerms:
    """Under what terms an item is sold."""

    tariff_id: int | None
    price: Quote
    """The itemised price as it was shown, without its nights: they are the parts."""
    commission_bp: int
    policy: Mapping[str, Any]
    """What cancelling costs."""


@dataclass(frozen=True, slots=True)
class ItemOrder:
    """What one enterprise is to deliver out of one pool over a run of days."""

    kind: ItemKind
    source: ItemSource
    chosen: StaySelection
    """Which rooms, when and for whom, with the meals that come with them."""
    terms: ItemTerms
    parts: tuple[PartSold, ...]
    """One for each of its days, in order."""

    @property
    def list_fen(self) -> int:
        """What it lists for."""
        return sum(part.list_fen for part in self.parts)

    @property
    def total_fen(self) -> int:
        """What it is sold for."""
        return sum(part.sold_fen for part in self.parts)


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody buys of one seller, as one contract."""

    kind: BookingKind
    seller_id: int
    """The enterprise that is the other side of the contract."""
    buyer: Buyer
    items: tuple[ItemOrder, ...]
    """At least one."""
    sleepers: tuple[str, ...] = ()
    """Who sleeps in the rooms of each item, in the traveller's words; nothing where unsaid.

    Beside the items and not in them: an item that is given up is kept as it was sold, names not.
    """
    source_province: str = ""
    """The province the traveller named as home, in Chinese."""

    @property
    def starts_on(self) -> dt.date:
        """The first day of any item."""
        return min(item.chosen.stay.check_in for item in self.items)

    @property
    def ends_on(self) -> dt.date:
        """The day on which the last item is over."""
        return max(item.chosen.stay.check_out for item in self.items)

    @property
    def list_fen(self) -> int:
        """What the items list for."""
        return sum(item.list_fen for item in self.items)

    @property
    def total_fen(self) -> int:
        """What the items are sold for."""
        return sum(item.total_fen for item in self.items)
