"""The towns of the directory by where they lie: a place is in the town that its point is at. Pure.

What somebody wrote about a point (“Amap point”) tells where it comes from, never where it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from catalog.geography.rules import distance_km
from catalog.vocabulary import Slope

REACH_KM = 5.0
"""A point farther than this from a town's middle, in a straight line, is not in that town."""
MOST_ERROR_KM = 15.0
"""A point that may be farther off than this tells no town, only a county."""


@dataclass(frozen=True, slots=True)
class Town:
    """What is known of a town."""

    zh: str
    en: str
    slope: Slope | None
    """The slope of Changbai Mountain that it lies below, if any."""
    administering_body: str | None
    """Who governs it, where that is not its county."""


NO_TOWN = Town("", "", None, None)


@dataclass(frozen=True, slots=True)
class TownPoint:
    """Where a town's middle is."""

    town: Town
    adcode: str
    """The division code of its county."""
    lat: float
    lon: float


def town_at(
    lat: float, lon: float, *, error_km: float, adcode: str, towns: Iterable[TownPoint]
) -> Town:
    """Return the nearest town of this division whose middle is within reach, or ``NO_TOWN``."""
    if error_km > MOST_ERROR_KM:
        return NO_TOWN
    near = [
        (distance, point.town.zh, point.town)
        for point in towns
        if point.adcode == adcode
        and (distance := distance_km(lat, lon, point.lat, point.lon)) <= REACH_KM
    ]
    return min(near, key=lambda found: found[:2])[2] if near else NO_TOWN
