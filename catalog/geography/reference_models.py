"""Tables of reference: divisions, the cities travellers come from, and trains."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.kernel.db import Base, Key


class Division(Base):
    """An administrative division of the province."""

    __tablename__ = "division"

    code: Mapped[str] = mapped_column(sa.String(6), primary_key=True)
    """GB/T 2260 code."""
    name: Mapped[str] = mapped_column(sa.String(40))
    """Name in Chinese."""
    level: Mapped[str] = mapped_column(sa.String(12))
    """province, prefecture or county."""
    parent_code: Mapped[str | None] = mapped_column(sa.String(6))
    """The division above; empty for the province."""


class SourceCity(Base):
    """A city that travellers come from, with its July as measured in two named years."""

    __tablename__ = "source_city"

    adcode: Mapped[str] = mapped_column(sa.String(6), primary_key=True)
    """GB/T 2260 code."""
    city_zh: Mapped[str] = mapped_column(sa.String(40))
    """City in Chinese."""
    province_zh: Mapped[str] = mapped_column(sa.String(40))
    """Province in Chinese."""
    region: Mapped[str] = mapped_column(sa.String(20))
    """Part of the country: east, central or west_south."""
    july_2008: Mapped[float]
    """Mean temperature of July 2008 in degrees Celsius."""
    july_2009: Mapped[float]
    """Mean temperature of July 2009 in degrees Celsius."""
    july_mean: Mapped[float]
    """Mean of the two Julys."""
    cooler_by: Mapped[float]
    """How many degrees Changchun was cooler by, same years and table."""
    source: Mapped[str] = mapped_column(sa.Text)
    """Where the figures come from."""


class RailLink(Base):
    """The fastest train between two stations, as far as it is known."""

    __tablename__ = "rail_link"
    __table_args__ = (sa.UniqueConstraint("from_station", "to_station"),)

    id: Mapped[Key]
    """Surrogate key."""
    from_station: Mapped[str] = mapped_column(sa.String(40))
    """Departure, in Chinese."""
    to_station: Mapped[str] = mapped_column(sa.String(40))
    """Arrival, in Chinese."""
    fastest_minutes: Mapped[int]
    """The fastest train, in minutes."""
    as_of: Mapped[str] = mapped_column(sa.String(60))
    """When the figure was true, as its source says."""
    usable_for_planning: Mapped[bool]
    """False for figures from before 2020."""
    note: Mapped[str] = mapped_column(sa.String(200), default="")
    """What else is known, in Chinese."""
    source: Mapped[str] = mapped_column(sa.String(120))
    """Where the figure comes from."""
