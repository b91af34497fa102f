"""Where things are."""

from __future__ import annotations

from catalog.geography.rules import StationPoint, distance_km, in_jilin, nearest_station
from catalog.vocabulary import Slope

NORTH = StationPoint(1, "JL123", 42.4605, 128.1219, Slope.NORTH)
WEST = StationPoint(2, "JL124", 42.1859, 127.4789, Slope.WEST)
OLD_WEST = StationPoint(3, "JL130", 42.1859, 127.4789, Slope.WEST)
DUNHUA = StationPoint(4, "JL129", 43.3695, 128.2286, None)
ALL = [OLD_WEST, WEST, NORTH, DUNHUA]


def test_the_province_has_bounds() -> None:
    assert in_jilin(43.88, 125.32)
    assert not in_jilin(39.9, 116.4)
    assert not in_jilin(float("nan"), 125.0)


def test_distance_is_along_the_ground() -> None:
    assert 59 < distance_km(NORTH.lat, NORTH.lon, WEST.lat, WEST.lon) < 63


class TestNearestStation:
    def test_takes_the_near_one(self) -> None:
        assert nearest_station(43.3, 128.2, None, ALL) == DUNHUA.id

    def test_never_takes_one_of_another_slope(self) -> None:
        assert nearest_station(42.2, 127.5, Slope.NORTH, ALL) == NORTH.id
        assert nearest_station(42.4246, 128.1105, Slope.WEST, ALL) == WEST.id

    def test_a_slope_without_a_station_has_none(self) -> None:
        assert nearest_station(41.9476, 127.5908, Slope.SOUTH, ALL) is None

    def test_two_in_one_town_are_told_apart_by_code(self) -> None:
        assert nearest_station(42.18, 127.47, Slope.WEST, ALL) == WEST.id

    def test_far_is_none(self) -> None:
        assert nearest_station(45.25, 124.28, None, ALL) is None
