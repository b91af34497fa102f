"""Distances over the Earth, and what they are worth."""

from __future__ import annotations

import numpy as np
import pytest

from marketplace.offers.search import distance
from marketplace.offers.search.search_types import Near
from marketplace.offers.search.stay_facts import ROWS, Facts

BEIJING, SHANGHAI = (39.9042, 116.4074), (31.2304, 121.4737)


def at(*points: tuple[float, float]) -> Facts:
    count = len(points)
    return Facts(
        ids=np.arange(1, count + 1),
        visible=np.ones(count, np.bool_),
        lat=np.array([lat for lat, _ in points]),
        lon=np.array([lon for _, lon in points]),
        error_km=np.full(count, 8.0),
        ease=np.zeros(count, np.int8),
        hospital=np.zeros(count, np.int16),
        flags=np.zeros((len(ROWS), count), np.bool_),
    )


def near(point: tuple[float, float]) -> Near:
    return Near("town:北京", "北京", "Beijing", *point, error_km=3.0)


def test_known_distances() -> None:
    one_degree_north = (BEIJING[0] + 1, BEIJING[1])
    km = distance.kilometres(at(BEIJING, SHANGHAI, one_degree_north), near(BEIJING))
    assert km[0] == 0
    assert km[1] == pytest.approx(1067, abs=3)
    assert km[2] == pytest.approx(111.2, abs=0.1)


def test_both_errors_add_up() -> None:
    facts = at(SHANGHAI)
    found = distance.distance(facts, near(BEIJING), 0, 1067.0)
    assert (found.km, found.error_km) == (1067.0, 11.0)
