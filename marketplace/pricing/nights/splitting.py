"""Whether a stay would cost less in parts: told, so that nobody pays for not knowing. Pure.

Tiers alone never make parts cheaper, because a longer one takes off no less. Named months and
promotions can: a part may arrive in time for a promotion that the whole does not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise

from marketplace.kernel.money import BASIS_POINTS, share_of
from marketplace.kernel.stay import Stay
from marketplace.pricing.nights.quote import Ask, people_extras
from marketplace.pricing.nights.terms import Terms, promoted, reached


@dataclass(frozen=True, slots=True)
class Split:
    """The parts of a stay that cost less apart, and by how much, in fen."""

    parts: tuple[Stay, ...]
    saved_fen: int


def cheaper_split(
    *,
    ask: Ask,
    rates: Mapping[dt.date, int],
    terms: Terms,
    allowed: Callable[[Stay], bool] = lambda stay: True,
) -> Split | None:
    """Return the cheapest way to book the nights in parts, ``None`` where the whole is cheapest.

    A part must be ``allowed`` by the restrictions. What each part's own rounding can make is no
    saving: a fen for each part.
    """
    if not terms.promotions and not terms.months:
        return None
    sums = _Sums(ask, rates, terms)
    first = ask.stay.check_in
    best: list[tuple[int, int, int]] = [(0, 0, 0)]
    """For each number of nights: the lowest sum of parts, how many parts, where the last begins."""
    for end in range(1, ask.stay.nights + 1):
        ways = sorted(
            (best[begin][0] + sums.total(begin, end), best[begin][1] + 1, begin)
            for begin in range(end)
            if best[begin][0] < _NO_WAY
        )
        # The cheapest first: the restrictions, which cost more to look at, are asked only once
        # or twice.
        best.append(
            next(
                (way for way in ways if allowed(Stay.of(first + _DAY * way[2], end - way[2]))),
                (_NO_WAY, 0, 0),
            )
        )
    total, parts, _ = best[-1]
    saved = sums.total(0, ask.stay.nights) - total
    if saved <= parts:
        return None
    cuts = [ask.stay.nights]
    while cuts[-1]:
        cuts.append(best[cuts[-1]][2])
    days = [first + _DAY * cut for cut in reversed(cuts)]
    return Split(tuple(Stay(begin, end) for begin, end in pairwise(days)), saved)


_DAY = dt.timedelta(days=1)
_NO_WAY = 1 << 60


class _Sums:
    """The rooms' price of any run of nights of a stay, by sums of all nights before."""

    def __init__(self, ask: Ask, rates: Mapping[dt.date, int], terms: Terms) -> None:
        self.ask, self.terms = ask, terms
        a_night = sum(extra.count * extra.unit_fen for extra in people_extras(terms.occupancy, ask))
        days = list(ask.stay.days())
        self.days = days
        self.listed = [0, *accumulate(rates[day] * ask.rooms + a_night for day in days)]
        self.months = []
        for month in terms.months:
            inside = [place for place, day in enumerate(days) if day.replace(day=1) == month.month]
            if inside:
                priced = [month.of_night(days[place]) * ask.rooms + a_night for place in inside]
                sums = [0, *accumulate(priced)]
                self.months.append((month.min_nights, inside[0], inside[-1] + 1, sums))

    def total(self, begin: int, end: int) -> int:
        """Return what the nights [begin, end) cost by themselves, in fen."""
        nights = end - begin
        tier = reached(self.terms.tiers, nights)
        kept = BASIS_POINTS - tier.off_bp if tier else BASIS_POINTS
        rest, fixed = self.listed[end] - self.listed[begin], 0
        for least, opens, closes, sums in self.months:
            first, last = max(begin, opens), min(end, closes)
            if nights >= least and first < last:
                priced = sums[last - opens] - sums[first - opens]
                whole = self.listed[last] - self.listed[first]
                if priced * BASIS_POINTS < whole * kept:
                    rest, fixed = rest - whole, fixed + priced
        agreed = share_of(rest, kept) + fixed
        promotion = promoted(
            self.terms.promotions,
            booked_on=self.ask.booked_on,
            arrive=self.days[begin],
            nights=nights,
        )
        return share_of(agreed, BASIS_POINTS - promotion.off_bp) if promotion else agreed
