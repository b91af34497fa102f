"""What the directory gives to read: frozen, ready to be shown or sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from catalog.states import EnterpriseStatus, ListingStatus
from catalog.vocabulary import (
    THEME_OF,
    Activity,
    BerthKind,
    Category,
    Certainty,
    Cluster,
    Datum,
    Focus,
    FoodTag,
    Heating,
    ListingKind,
    Pace,
    Pets,
    PhotoSubject,
    Slope,
    Spring,
    TcmService,
    Theme,
)


@dataclass(frozen=True, slots=True)
class StationView:
    """A railway station."""

    id: int
    code: str
    name_zh: str
    name_en: str
    town_zh: str
    town_en: str
    slope: Slope | None
    cluster: Cluster | None
    note_zh: str
    note_en: str
    source: str


@dataclass(frozen=True, slots=True)
class SiteView:
    """Where something is, and how sure that is."""

    name: str
    town_zh: str
    town_en: str
    lat: float
    lon: float
    datum: Datum
    coord_basis: str
    coord_error_km: float
    slope: Slope | None
    address: str
    phone: str
    arrive_from: str
    way_zh: str


@dataclass(frozen=True, slots=True)
class EnterpriseCard:
    """An entry of the directory in a list."""

    id: int
    code: str
    name_zh: str
    name_en: str
    category: Category
    status: EnterpriseStatus
    claimed: bool
    planned: bool
    is_sample: bool
    prefecture: str
    county: str
    note_zh: str
    note_en: str
    certainty: Certainty
    grade: str | None
    grade_as_of: str | None
    town_zh: str
    town_en: str
    clusters: tuple[Cluster, ...]

    @property
    def theme(self) -> Theme:
        """The theme its category belongs to."""
        return THEME_OF[self.category]


@dataclass(frozen=True, slots=True)
class PhotoView:
    """A photograph: what it shows, its largest size in pixels, and the widths there are.

    ``room_type_id`` is set where it shows one of the rooms; then ``subject`` says nothing.
    """

    id: int
    alt_zh: str
    alt_en: str
    width: int
    height: int
    widths: tuple[int, ...]
    room_type_id: int | None = None
    subject: PhotoSubject = PhotoSubject.HOUSE
    focus: Focus = Focus.CENTRE
    """What has to stay in sight where it is cut."""


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """Where a fact comes from, and when it was verified."""

    source: str
    source_date: str
    verified_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class ListingCard:
    """A listing in a list: what a card, a feed item or a search document needs."""

    id: int
    code: str
    kind: ListingKind
    status: ListingStatus
    name_zh: str
    name_en: str
    summary_zh: str
    summary_en: str
    theme: Theme
    min_nights: int
    max_nights: int
    is_sample: bool
    lift: bool | None
    no_steps: bool | None
    grab_bars: bool | None
    hospital_km: int | None
    hospital_minutes: int | None
    altitude_m: int | None
    heating: Heating | None
    food: tuple[FoodTag, ...]
    pace: Pace | None
    steps: int | None
    bed_height_cm: int | None
    july_mean_c: float | None
    july_years: str
    activity: Activity | None
    spring: Spring | None
    water_c: int | None
    cautions_zh: str
    cautions_en: str
    tcm: tuple[TcmService, ...]
    pets: Pets | None
    opens: str
    closes: str
    family_suited: bool
    illustration: str
    version: int
    updated_at: dt.datetime
    enterprise_id: int
    enterprise_code: str
    enterprise_zh: str
    enterprise_en: str
    prefecture: str
    county: str
    town_zh: str
    town_en: str
    slope: Slope | None
    station_zh: str | None
    station_en: str | None
    clusters: tuple[Cluster, ...]
    photo: PhotoView | None


@dataclass(frozen=True, slots=True)
class RoomTypeView:
    """A room type of a listing."""

    id: int
    listing_id: int
    code: str
    name_zh: str
    name_en: str
    max_adults: int
    max_guests: int
    area_m2: int | None
    beds_zh: str
    beds_en: str
    illustration: str = ""
    """Which drawing stands for it, in sample houses only."""


@dataclass(frozen=True, slots=True)
class TimeSlotView:
    """A time at which an activity begins; days of the week are 1 for Monday to 7 for Sunday."""

    id: int
    listing_id: int
    code: str
    name_zh: str
    name_en: str
    weekdays: tuple[int, ...]
    starts: str
    minutes: int
    capacity: int


@dataclass(frozen=True, slots=True)
class BerthClassView:
    """A class of a train."""

    id: int
    listing_id: int
    code: str
    name_zh: str
    name_en: str
    kind: BerthKind
    capacity: int
    lower: int


@dataclass(frozen=True, slots=True)
class ListingPage:
    """A listing with all that its own page shows of the directory."""

    card: ListingCard
    site: SiteView
    station: StationView | None
    room_types: tuple[RoomTypeView, ...]
    time_slots: tuple[TimeSlotView, ...] = ()
    berth_classes: tuple[BerthClassView, ...] = ()
    photos: tuple[PhotoView, ...] = ()
    evidence: Mapping[str, EvidenceView] = field(default_factory=dict)
    """By the fact's name."""


@dataclass(frozen=True, slots=True)
class EnterprisePage:
    """An entry of the directory on its own page."""

    card: EnterpriseCard
    administering_body: str | None
    source: str
    source_date: str
    suspended_reason: str | None
    site: SiteView | None
    station: StationView | None
    listings: tuple[ListingCard, ...]


@dataclass(frozen=True, slots=True)
class ClusterCount:
    """A cluster with how many real places and bookable listings it has; ``None`` is outside all."""

    cluster: Cluster | None
    places: int
    listings: int


@dataclass(frozen=True, slots=True)
class SourceCityView:
    """A city that travellers come from and its July in 2008 and 2009, in degrees Celsius."""

    adcode: str
    city_zh: str
    province_zh: str
    region: str
    july_2008: float
    july_2009: float
    july_mean: float
    cooler_by: float
    source: str


@dataclass(frozen=True, slots=True)
class RailLinkView:
    """The fastest known train between two stations, with the date of the figure."""

    from_station: str
    to_station: str
    fastest_minutes: int
    as_of: str
    usable_for_planning: bool
    note: str
    source: str
