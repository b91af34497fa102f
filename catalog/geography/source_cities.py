"""Where travellers come from: which figures of their city hold for which place here. Pure.

Only figures that exist are ever said. How much cooler July is, is known for the city of Changchun
alone; how long the train takes, from few cities, and then to one station and no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalog.views import RailLinkView, SourceCityView, StationView

JULY_YEARS = (2008, 2009)
"""The years of every July figure."""
COMPARED_PREFECTURE = "长春市"
"""Whose July ``SourceCityView.cooler_by`` was worked out with: it says nothing of other places."""

ENGLISH = {
    "110100": "Beijing",
    "120100": "Tianjin",
    "130100": "Shijiazhuang",
    "140100": "Taiyuan",
    "310100": "Shanghai",
    "320100": "Nanjing",
    "330100": "Hangzhou",
    "340100": "Hefei",
    "350100": "Fuzhou",
    "360100": "Nanchang",
    "370100": "Jinan",
    "410100": "Zhengzhou",
    "420100": "Wuhan",
    "430100": "Changsha",
    "440100": "Guangzhou",
    "450100": "Nanning",
    "460100": "Haikou",
    "500100": "Chongqing",
}
"""The source cities' names in English by code; their file has them in Chinese only."""


@dataclass(frozen=True, slots=True)
class Departure:
    """A station of a source city that trains to Jilin leave from."""

    name_zh: str
    """As the file of rail links writes it."""
    name_en: str


DEPARTURES = {"110100": (Departure("北京朝阳", "Beijing Chaoyang"),)}
"""The stations of each source city that has a rail link, by code: a city may have many stations,
and a station that merely bears a like name may stand elsewhere."""


@dataclass(frozen=True, slots=True)
class Train:
    """The fastest train known from a source city to a station here."""

    departure: Departure
    station: StationView
    minutes: int
    year: int
    """The year of the figure."""


def city_name(city: SourceCityView) -> tuple[str, str]:
    """Return the name of a source city in Chinese and, where it is known, in English."""
    return city.city_zh, ENGLISH.get(city.adcode, "")


def cooler_by(city: SourceCityView, *, prefecture: str) -> float | None:
    """Return how many degrees Celsius July is cooler in ``prefecture`` than in ``city``.

    ``None`` wherever nobody has measured it, and where it is no cooler.
    """
    known = prefecture == COMPARED_PREFECTURE and city.cooler_by > 0
    return city.cooler_by if known else None


def trains(
    adcode: str, *, links: Iterable[RailLinkView], stations: Sequence[StationView]
) -> dict[str, Train]:
    """Return the fastest train from a source city to each station, by its Chinese name.

    Links with a figure too old to plan with are left out, and so are stations that none leads to:
    the stations of the two slopes of Changbai Mountain never stand in for one another.
    """
    leaving = {departure.name_zh: departure for departure in DEPARTURES.get(adcode, ())}
    found: dict[str, Train] = {}
    for link in links:
        departure, year = leaving.get(link.from_station), year_of(link.as_of)
        if departure is None or year is None or not link.usable_for_planning:
            continue
        for station in stations:
            known = found.get(station.name_zh)
            if leads_to(link.to_station, station.name_zh) and (
                known is None or link.fastest_minutes < known.minutes
            ):
                train = Train(departure, station, link.fastest_minutes, year)
                found[station.name_zh] = train
    return found


def leads_to(to_station: str, station_name: str) -> bool:
    """Whether a rail link's ``to_station`` is the station of this name.

    The directory writes 长白山站 and 通化站（高铁）, the rail links 长白山 and 通化.
    """
    return re.fullmatch(re.escape(to_station) + "站(（.+）)?", station_name) is not None


def year_of(as_of: str) -> int | None:
    """Return the year that the date of a figure names, if any."""
    year = re.search(r"(?:19|20)\d\d", as_of)
    return int(year[0]) if year else None
