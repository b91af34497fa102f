"""How far stays are from a station or a town, as the crow flies and no surer than the towns."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Enterprise, Listing, Site, Station
from catalog.queries import is_visible
from marketplace.offers.search.search_types import Distance, Near
from marketplace.offers.search.stay_facts import Facts

EARTH_KM = 6371.0
"""Mean radius of the Earth (IUGG)."""
STATION, TOWN = "station", "town"


def places(session: Session) -> list[Near]:
    """Return the stations, and the towns that have something on show: two queries."""
    stations = [
        Near(
            f"{STATION}:{row.code}", row.name_zh, row.name_en, row.lat, row.lon, row.coord_error_km
        )
        for row in session.scalars(sa.select(Station).order_by(Station.code))
    ]
    towns = session.execute(
        sa.select(
            Site.town_zh,
            sa.func.max(Site.town_en).label("town_en"),
            sa.func.avg(Site.lat).label("lat"),
            sa.func.avg(Site.lon).label("lon"),
            sa.func.max(Site.coord_error_km).label("error_km"),
        )
        .join(Listing, Listing.site_id == Site.id)
        .join(Enterprise, Enterprise.id == Listing.enterprise_id)
        .where(is_visible(), Site.town_zh != "")
        .group_by(Site.town_zh)
        .order_by(Site.town_zh)
    )
    return stations + [
        Near(f"{TOWN}:{row.town_zh}", row.town_zh, row.town_en, row.lat, row.lon, row.error_km)
        for row in towns
    ]


def kilometres(facts: Facts, near: Near) -> npt.NDArray[np.float64]:
    """Return each listing's great-circle distance to ``near`` in kilometres."""
    lat, lon = np.radians(facts.lat), np.radians(facts.lon)
    here_lat, here_lon = np.radians(near.lat), np.radians(near.lon)
    haversine = (
        np.sin((lat - here_lat) / 2) ** 2
        + np.cos(lat) * np.cos(here_lat) * np.sin((lon - here_lon) / 2) ** 2
    )
    whole: npt.NDArray[np.float64] = 2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(haversine, 1.0)))
    return whole


def distance(facts: Facts, near: Near, row: int, km: float) -> Distance:
    """Return the distance of the listing at ``row``; both points' errors add up."""
    return Distance(km=km, error_km=float(facts.error_km[row]) + near.error_km)
