"""The price of a stay, line by line. Pure: the same input gives the same price anywhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from marketplace.kernel.errors import DomainError
from marketplace.kernel.money import BASIS_POINTS, share_of, split
from marketplace.kernel.stay import Stay

DAYS_A_MONTH = 30
"""What “a month” means wherever a monthly price is shown beside a total."""


class NoPrice(DomainError):
    """Some night of the stay has no price, so it is not on sale."""

    code = "not_bookable"
    http_status = 422
    message = "这些日期还没有开放预订，请选近一点的日期，或打电话给我们"


@dataclass(frozen=True, slots=True)
class Tier:
    """``off_bp`` basis points off the whole stay from ``min_nights`` nights on."""

    min_nights: int
    off_bp: int


@dataclass(frozen=True, slots=True)
class Line:
    """The nights of one month that share a list price, for all rooms."""

    first_day: dt.date
    nights: int
    list_fen: int
    """List price of one room for one of these nights."""
    amount_fen: int
    """The line's sum for all rooms, before any discount."""


@dataclass(frozen=True, slots=True)
class Night:
    """One night of all rooms: list price and the share of the agreed total, in fen."""

    day: dt.date
    list_fen: int
    sold_fen: int


@dataclass(frozen=True, slots=True)
class Quote:
    """An itemised price; ``total_fen`` = sum of lines − discount = sum of the nights sold."""

    stay: Stay
    rooms: int
    lines: tuple[Line, ...]
    nights: tuple[Night, ...]
    list_fen: int
    tier: Tier | None
    discount_fen: int
    total_fen: int

    @property
    def month_fen(self) -> int:
        """The total as a price for 30 nights, rounded half up to a whole fen."""
        return (2 * self.total_fen * DAYS_A_MONTH + self.stay.nights) // (2 * self.stay.nights)

    @property
    def night_fen(self) -> int:
        """The total as an average night, rounded half up to a whole fen."""
        return (2 * self.total_fen + self.stay.nights) // (2 * self.stay.nights)


def reached(tiers: Sequence[Tier], nights: int) -> Tier | None:
    """Return the tier with the most nights that a stay of ``nights`` nights reaches."""
    open_to = [tier for tier in tiers if tier.min_nights <= nights]
    return max(open_to, key=lambda tier: tier.min_nights, default=None)


def quote(*, stay: Stay, rooms: int, rates: Mapping[dt.date, int], tiers: Sequence[Tier]) -> Quote:
    """Price ``rooms`` rooms for ``stay``; ``rates`` gives each night's list price in fen a room.

    The discount is taken off the whole stay of all rooms and rounded once, half up; the nights
    sold get their shares of the total by the largest remainder, so that they sum to it exactly.

    Raises:
        NoPrice: a night has no rate.
    """
    try:
        nightly = [(day, rates[day]) for day in stay.days()]
    except KeyError as error:
        raise NoPrice from error
    listed = [fen * rooms for _, fen in nightly]
    list_fen = sum(listed)
    tier = reached(tiers, stay.nights)
    total = share_of(list_fen, BASIS_POINTS - tier.off_bp) if tier else list_fen
    return Quote(
        stay=stay,
        rooms=rooms,
        lines=_lines(nightly, rooms),
        nights=tuple(
            Night(day, whole, sold)
            for (day, _), whole, sold in zip(nightly, listed, split(total, listed), strict=True)
        ),
        list_fen=list_fen,
        tier=tier,
        discount_fen=list_fen - total,
        total_fen=total,
    )


def _lines(nightly: Sequence[tuple[dt.date, int]], rooms: int) -> tuple[Line, ...]:
    """Group the nights by month and price: a 90-night stay stays readable on a phone."""
    ordered = sorted(nightly, key=lambda night: (night[0].replace(day=1), night[1], night[0]))
    lines = []
    for (_, fen), group in groupby(ordered, key=lambda night: (night[0].replace(day=1), night[1])):
        days = [day for day, _ in group]
        lines.append(Line(days[0], len(days), fen, fen * len(days) * rooms))
    return tuple(sorted(lines, key=lambda line: line.first_day))
