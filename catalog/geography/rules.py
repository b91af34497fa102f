"""Where things are: bounds of the province, distances, and the station to arrive at. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from catalog.vocabulary import Slope

SOUTH, NORTH = 40.8, 46.4
WEST, EAST = 121.6, 131.4
"""The province with a small margin, in degrees."""
NEAR_KM = 80.0
"""A station farther than this in a straight line is not the one to arrive at."""
EARTH_RADIUS_KM = 6371.0


@dataclass(frozen=True, slots=True)
class StationPoint:
    """What the choice of a station needs to know of each."""

    id: int
    code: str
    lat: float
    lon: float
    slope: Slope | None


def in_jilin(lat: float, lon: float) -> bool:
    """Whether a point lies in the province or just outside it."""
    return SOUTH <= lat <= NORTH and WEST <= lon <= EAST


def distance_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Return the great-circle distance between two points in kilometres."""
    phi, other_phi = math.radians(lat), math.radians(other_lat)
    half = (
        math.sin((other_phi - phi) / 2) ** 2
        + math.cos(phi) * math.cos(other_phi) * math.sin(math.radians(other_lon - lon) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(half))


NORTH_BY_WEST = (
    "北坡在二道白河一侧，要到长白山站。您选的车站在松江河，通的是西坡，"
    "两个镇直线相隔约 60 公里，中间是山。请改选长白山站，或改正坡向"
)
WEST_BY_NORTH = (
    "西坡在松江河一侧，要到长白山西站或松江河站。您选的长白山站在二道白河，通的是北坡，"
    "两个镇直线相隔约 60 公里，中间是山。请改选车站，或改正坡向"
)
SOUTH_BY_OTHER = (
    "南坡没有自己的火车站：二道白河的长白山站通北坡，松江河的长白山西站通西坡。请不要选这些车站"
)
OTHER_SLOPE = {
    (Slope.NORTH, Slope.WEST): NORTH_BY_WEST,
    (Slope.WEST, Slope.NORTH): WEST_BY_NORTH,
    (Slope.SOUTH, Slope.NORTH): SOUTH_BY_OTHER,
    (Slope.SOUTH, Slope.WEST): SOUTH_BY_OTHER,
}
"""Why a place on the first slope is not reached by a station of the second, as message ids."""


def slope_fault(place: Slope | None, station: Slope | None) -> str | None:
    """Return why a station cannot be the one of a place, as a message id, or ``None``.

    A place that lies on no slope may have any station, and a station of no slope serves any place.
    """
    if place is None or station is None:
        return None
    return OTHER_SLOPE.get((place, station))


def nearest_station(
    lat: float, lon: float, slope: Slope | None, stations: Iterable[StationPoint]
) -> int | None:
    """Return the id of the station to arrive at, or ``None`` when there is none near.

    A place on a slope of Changbai Mountain is served by that slope's station only: the stations of
    the North and the West Slope have almost the same name and are hours apart by road.
    """
    near = [
        (distance, station.code, station.id)
        for station in stations
        if (slope is None or station.slope is slope)
        and (distance := distance_km(lat, lon, station.lat, station.lon)) <= NEAR_KM
    ]
    return min(near)[2] if near else None
