"""The directory: enterprises, where they are, and what they offer; and the places round them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalog.states import EnterpriseStatus, ListingStatus
from catalog.vocabulary import (
    Category,
    Certainty,
    Cluster,
    Datum,
    Heating,
    ListingKind,
    Pace,
    Slope,
    Theme,
)
from marketplace.kernel.db import Base, BigKey, Key


class Enterprise(Base):
    """A business or place in the directory."""

    __tablename__ = "enterprise"

    id: Mapped[Key]
    """Its row is locked before any of its stock is sold and while it is suspended."""
    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    """The directory's own number: JL001 for real entries, SMP01 for sample operators."""
    name_zh: Mapped[str] = mapped_column(sa.String(120))
    """Name in Chinese."""
    name_en: Mapped[str] = mapped_column(sa.String(160), default="")
    """Name in English; empty when none is known."""
    category: Mapped[Category]
    """What it is, as the directory file says."""
    status: Mapped[EnterpriseStatus] = mapped_column(default=EnterpriseStatus.LISTED)
    """Where it stands with the office; an import never changes it."""
    claimed: Mapped[bool] = mapped_column(default=False)
    """Whether its owner has taken the entry over."""
    planned: Mapped[bool] = mapped_column(default=False)
    """Whether it exists in a plan only."""
    is_sample: Mapped[bool] = mapped_column(default=False, index=True)
    """Invented for demonstration; said so wherever it is shown."""
    prefecture: Mapped[str] = mapped_column(sa.String(40), default="")
    """Prefecture-level division, in Chinese."""
    county: Mapped[str] = mapped_column(sa.String(40), default="")
    """County-level division, in Chinese."""
    adcode: Mapped[str] = mapped_column(sa.String(6), default="")
    """GB/T 2260 code of the county."""
    administering_body: Mapped[str | None] = mapped_column(sa.String(60))
    """Who runs the area where that is not the county: the zones of Changbaishan have no code."""
    note_zh: Mapped[str] = mapped_column(sa.Text, default="")
    """What is known of it, in Chinese."""
    note_en: Mapped[str] = mapped_column(sa.Text, default="")
    """The same in English."""
    source: Mapped[str] = mapped_column(sa.Text, default="")
    """Where the facts come from."""
    source_date: Mapped[str] = mapped_column(sa.String(10), default="")
    """Date of the newest dated source, as precise as it is given; empty when none is."""
    certainty: Mapped[Certainty] = mapped_column(default=Certainty.SOURCED)
    """How sure the facts are."""
    grade: Mapped[str | None] = mapped_column(sa.String(10))
    """Official grade such as 4A; grades get revoked, so it stands with its year."""
    grade_as_of: Mapped[str | None] = mapped_column(sa.String(10))
    """The year the grade is known for."""
    suspended_reason: Mapped[str | None] = mapped_column(sa.String(300))
    """Why the office suspended it; empty while it is listed."""
    version: Mapped[int] = mapped_column(default=1)
    """Counts the changes."""
    updated_at: Mapped[dt.datetime]
    """When it last changed."""


class EnterpriseCluster(Base):
    """That an enterprise belongs to a cluster; it may belong to several, or to none."""

    __tablename__ = "enterprise_cluster"

    enterprise_id: Mapped[int] = mapped_column(
        BigKey, sa.ForeignKey("enterprise.id"), primary_key=True
    )
    """The enterprise."""
    cluster: Mapped[Cluster] = mapped_column(primary_key=True)
    """The cluster."""


class Station(Base):
    """A railway station that travellers arrive at."""

    __tablename__ = "station"

    id: Mapped[Key]
    """Surrogate key."""
    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    """Number in the directory file."""
    name_zh: Mapped[str] = mapped_column(sa.String(60))
    """Name in Chinese."""
    name_en: Mapped[str] = mapped_column(sa.String(80))
    """Name in English."""
    town_zh: Mapped[str] = mapped_column(sa.String(40), default="")
    """The town it stands in, in Chinese."""
    town_en: Mapped[str] = mapped_column(sa.String(60), default="")
    """The town in English."""
    slope: Mapped[Slope | None]
    """The side of Changbai Mountain it serves; two stations of like name serve two sides."""
    cluster: Mapped[Cluster | None]
    """The cluster it serves."""
    adcode: Mapped[str] = mapped_column(sa.String(6))
    """GB/T 2260 code of the county."""
    lat: Mapped[float]
    """Latitude in degrees."""
    lon: Mapped[float]
    """Longitude in degrees."""
    datum: Mapped[Datum]
    """The coordinates' reference system."""
    coord_error_km: Mapped[float]
    """How far off the point may be."""
    note_zh: Mapped[str] = mapped_column(sa.Text, default="")
    """What is known of it, in Chinese."""
    note_en: Mapped[str] = mapped_column(sa.Text, default="")
    """The same in English."""
    source: Mapped[str] = mapped_column(sa.Text, default="")
    """Where the facts come from."""


class Site(Base):
    """A place that an enterprise runs, known to the town and seldom better."""

    __tablename__ = "site"

    id: Mapped[Key]
    """Surrogate key."""
    enterprise_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("enterprise.id"), index=True)
    """Whose place it is."""
    name: Mapped[str] = mapped_column(sa.String(120))
    """Name of the place, in Chinese."""
    town_zh: Mapped[str] = mapped_column(sa.String(40), default="")
    """Town in Chinese; empty when the sources do not say."""
    town_en: Mapped[str] = mapped_column(sa.String(60), default="")
    """Town in English."""
    lat: Mapped[float]
    """Latitude in degrees; never precise enough to navigate by."""
    lon: Mapped[float]
    """Longitude in degrees."""
    datum: Mapped[Datum]
    """The coordinates' reference system."""
    coord_basis: Mapped[str] = mapped_column(sa.String(160), default="")
    """What the point really is, for example a town's centre."""
    coord_error_km: Mapped[float]
    """How far off the point may be."""
    slope: Mapped[Slope | None]
    """The side of Changbai Mountain, where it is on one."""
    nearest_station_id: Mapped[int | None] = mapped_column(BigKey, sa.ForeignKey("station.id"))
    """The station to arrive at; never one of another slope, and empty when all are far."""


class Listing(Base):
    """What an operator offers at a site."""

    __tablename__ = "listing"
    __table_args__ = (
        sa.CheckConstraint("min_nights >= 1 AND min_nights <= max_nights", name="nights_in_order"),
    )

    id: Mapped[Key]
    """Surrogate key; part of the page's address."""
    enterprise_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("enterprise.id"), index=True)
    """Who offers it."""
    site_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("site.id"))
    """Where it is."""
    code: Mapped[str] = mapped_column(sa.String(24), unique=True)
    """A stable name for imports: the enterprise's code and a letter."""
    kind: Mapped[ListingKind]
    """Stay, activity or train."""
    status: Mapped[ListingStatus]
    """Only published ones are shown, and only while the enterprise is listed."""
    name_zh: Mapped[str] = mapped_column(sa.String(120))
    """Name in Chinese."""
    name_en: Mapped[str] = mapped_column(sa.String(160), default="")
    """Name in English."""
    summary_zh: Mapped[str] = mapped_column(sa.Text, default="")
    """What it is like, in Chinese; no medical claims."""
    summary_en: Mapped[str] = mapped_column(sa.Text, default="")
    """The same in English."""
    theme: Mapped[Theme]
    """What a traveller would look for to find it."""
    min_nights: Mapped[int] = mapped_column(default=1)
    """Shortest stay in nights."""
    max_nights: Mapped[int] = mapped_column(default=90)
    """Longest stay in nights."""
    is_sample: Mapped[bool] = mapped_column(default=False)
    """Invented for demonstration; said so wherever it is shown."""
    lift: Mapped[bool | None]
    """Whether there is a lift; empty means nobody knows, here and below."""
    no_steps: Mapped[bool | None]
    """Whether bed, table and bath are reached without a step."""
    grab_bars: Mapped[bool | None]
    """Whether the bathrooms have grab bars."""
    hospital_km: Mapped[int | None]
    """Road distance to the nearest hospital, in kilometres."""
    hospital_minutes: Mapped[int | None]
    """Drive to the nearest hospital, in minutes."""
    altitude_m: Mapped[int | None]
    """Altitude in metres."""
    heating: Mapped[Heating | None]
    """How rooms are kept warm."""
    food: Mapped[list[Any]] = mapped_column(default=list)
    """Values of ``FoodTag``: what the kitchen can do."""
    pace: Mapped[Pace | None]
    """How much walking a day there asks for."""
    family_suited: Mapped[bool] = mapped_column(default=False)
    """Whether three generations can stay together."""
    illustration: Mapped[str] = mapped_column(sa.String(40), default="")
    """Which drawing stands for it; the theme's own when empty."""
    version: Mapped[int] = mapped_column(default=1)
    """Counts the changes; part of every cache key."""
    updated_at: Mapped[dt.datetime]
    """When it last changed."""


class RoomType(Base):
    """Equal rooms of a listing."""

    __tablename__ = "room_type"
    __table_args__ = (
        sa.CheckConstraint("max_adults >= 1 AND max_adults <= max_guests", name="guests_in_order"),
    )

    id: Mapped[Key]
    """Surrogate key."""
    listing_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("listing.id"), index=True)
    """The listing it belongs to."""
    code: Mapped[str] = mapped_column(sa.String(28), unique=True)
    """A stable name for imports: the listing's code and a number."""
    name_zh: Mapped[str] = mapped_column(sa.String(80))
    """Name in Chinese."""
    name_en: Mapped[str] = mapped_column(sa.String(100), default="")
    """Name in English."""
    max_adults: Mapped[int]
    """How many adults one room takes."""
    max_guests: Mapped[int]
    """How many people one room takes, children counted."""
    area_m2: Mapped[int | None]
    """Floor area in square metres."""
    beds_zh: Mapped[str] = mapped_column(sa.String(80), default="")
    """The beds, in Chinese."""
    beds_en: Mapped[str] = mapped_column(sa.String(100), default="")
    """The beds, in English."""
    position: Mapped[int] = mapped_column(default=0)
    """Order on the page."""


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
