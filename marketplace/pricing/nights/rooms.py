"""The price of rooms of one type as it was made, with the tariff that made it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.pricing.nights.quote import Quote


@dataclass(frozen=True, slots=True)
class RoomPrice:
    """What rooms of one type cost by a tariff."""

    tariff_id: int | None
    quote: Quote
