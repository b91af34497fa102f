"""The directory: enterprises, where they are, and what they offer; and the places round them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalog.states import EnterpriseStatus, ListingStatus
from catalog.vocabulary import (
    Activity,
    BerthKind,
    Category,
    Certainty,
    Cluster,
    Datum,
    GradeScheme,
    Heating,
    ListingKind,
    Pace,
    Pets,
    Slope,
    Spring,
    Theme,
)
from marketplace.kernel.db import Base, BigKey, Key


class Enterprise(Base):
    """A business or place in the directory."""

    __tablename__ = "enterprise"
    __table_args__ = (
        sa.Index(
            "uq_enterprise_credit_code",
            "credit_code",
            unique=True,
            sqlite_where=sa.text("status <> 'delisted'"),
            postgresql_where=sa.text("status <> 'delisted'"),
        ),
        sa.Index("ix_enterprise_sells_until", "sells_until"),
    )

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
    legal_name: Mapped[str] = mapped_column(sa.String(120), default="")
    """The registered name of the business behind it; empty until an application gives it."""
    credit_code: Mapped[str | None] = mapped_column(sa.String(18))
    """Unified social credit code (GB 32100); two entries never share one unless delisted."""
    sells_until: Mapped[dt.date | None]
    """The last day on which all licences it must hold are valid; empty when none ends."""
    checked_at: Mapped[dt.datetime | None]
    """When the office last confirmed its facts; empty when it never did."""
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


class EnterpriseGrade(Base):
    """An official grade of an enterprise; grades get revoked, so each stands with its date."""

    __tablename__ = "enterprise_grade"

    enterprise_id: Mapped[int] = mapped_column(
        BigKey, sa.ForeignKey("enterprise.id"), primary_key=True
    )
    """Whose grade it is."""
    scheme: Mapped[GradeScheme] = mapped_column(primary_key=True)
    """Who grades, and what."""
    value: Mapped[str] = mapped_column(sa.String(20))
    """The grade as it is written, for example 4A."""
    as_of: Mapped[str] = mapped_column(sa.String(10), default="")
    """The date it is known for, as precise as its source gives it."""


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
    address: Mapped[str] = mapped_column(sa.String(200), default="")
    """Postal address in Chinese, as the operator gives it."""
    phone: Mapped[str] = mapped_column(sa.String(40), default="")
    """The telephone of its front desk, for guests; empty when nobody has told it."""
    arrive_from: Mapped[str] = mapped_column(sa.String(5), default="")
    """From what time of day guests may have their rooms, as HH:MM; empty when unknown."""
    way_zh: Mapped[str] = mapped_column(sa.String(200), default="")
    """How to get there from the station, in Chinese, as the operator tells it."""

    @property
    def label(self) -> str:
        """What a reviewer and the operator call it: its name with the town."""
        return f"{self.name} {self.town_zh}".strip()


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
    steps: Mapped[int | None]
    """How many steps there are between the car and the bed."""
    bed_height_cm: Mapped[int | None]
    """Height of the beds' upper edge in centimetres."""
    july_mean_c: Mapped[float | None]
    """Mean temperature of July in degrees Celsius; never without its years."""
    july_years: Mapped[str] = mapped_column(sa.String(20), default="")
    """The years of that figure, for example 2008-2009."""
    activity: Mapped[Activity | None]
    """What people do in an activity; empty for stays and trains."""
    spring: Mapped[Spring | None]
    """What water it has, if any; all but plain water stand on a test report."""
    water_c: Mapped[int | None]
    """Temperature of the water in degrees Celsius."""
    cautions_zh: Mapped[str] = mapped_column(sa.Text, default="")
    """Who must not bathe or take part (contraindications), in Chinese."""
    cautions_en: Mapped[str] = mapped_column(sa.Text, default="")
    """The same in English."""
    tcm: Mapped[list[Any]] = mapped_column(default=list)
    """Values of ``TcmService``: services of Chinese medicine in the house."""
    pets: Mapped[Pets | None]
    """Whether an animal may come along."""
    opens: Mapped[str] = mapped_column(sa.String(5), default="")
    """First day of the season as MM-DD; empty when it is open all year."""
    closes: Mapped[str] = mapped_column(sa.String(5), default="")
    """Last day of the season as MM-DD, in the next year where it lies before ``opens``."""
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
    illustration: Mapped[str] = mapped_column(sa.String(40), default="")
    """Which drawing stands for it; none when empty."""
    position: Mapped[int] = mapped_column(default=0)
    """Order on the page."""


class TimeSlot(Base):
    """A time at which an activity begins, on the days of the week it is held."""

    __tablename__ = "time_slot"
    __table_args__ = (
        sa.CheckConstraint("minutes > 0 AND capacity > 0", name="minutes_and_capacity"),
    )

    id: Mapped[Key]
    """Surrogate key."""
    listing_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("listing.id"), index=True)
    """The activity."""
    code: Mapped[str] = mapped_column(sa.String(28), unique=True)
    """A stable name for imports: the listing's code and a number."""
    name_zh: Mapped[str] = mapped_column(sa.String(80))
    """Name in Chinese."""
    name_en: Mapped[str] = mapped_column(sa.String(100), default="")
    """Name in English."""
    weekdays: Mapped[list[Any]] = mapped_column(default=list)
    """Days of the week, 1 for Monday to 7 for Sunday."""
    starts: Mapped[str] = mapped_column(sa.String(5))
    """When it begins, HH:MM in Asia/Shanghai."""
    minutes: Mapped[int]
    """How long it lasts, in minutes."""
    capacity: Mapped[int]
    """How many people can take part."""
    position: Mapped[int] = mapped_column(default=0)
    """Order on the page."""


class BerthClass(Base):
    """A class of a train: equal seats or berths."""

    __tablename__ = "berth_class"
    __table_args__ = (sa.CheckConstraint("capacity > 0", name="capacity_positive"),)

    id: Mapped[Key]
    """Surrogate key."""
    listing_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("listing.id"), index=True)
    """The train."""
    code: Mapped[str] = mapped_column(sa.String(28), unique=True)
    """A stable name for imports: the listing's code and a number."""
    name_zh: Mapped[str] = mapped_column(sa.String(80))
    """Name in Chinese."""
    name_en: Mapped[str] = mapped_column(sa.String(100), default="")
    """Name in English."""
    kind: Mapped[BerthKind]
    """Seat, hard berth or soft berth."""
    capacity: Mapped[int]
    """How many seats or berths a train has of it."""
    lower: Mapped[int] = mapped_column(default=0)
    """How many of them are lower berths."""
    position: Mapped[int] = mapped_column(default=0)
    """Order on the page."""
