"""What a traveller asks of the offers, and what comes back: frozen values, nothing else."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from catalog.search.query_parser import Understood
from catalog.views import ListingCard
from catalog.vocabulary import Cluster, FoodTag, Pace, Theme
from marketplace.kernel.pagination import Page
from marketplace.kernel.stay import Stay
from marketplace.pricing.nights.quote import Quote
from marketplace.pricing.nights.selection import COUPLE, Party

PAGE_SIZE = 10
FLEXIBLE_DAYS = 14
"""How far “around that day” reaches, either way."""
MOST_ARRIVALS = 366
"""Arrival days that one question may range over."""


class Sort(enum.StrEnum):
    """The order of results; nobody can pay for a place in it."""

    RELEVANCE = "relevance"
    PRICE = "price"
    """The total of the stay; without dates, of a month."""
    MONTH = "month"
    """The price of thirty nights."""
    NEAR = "near"
    """The distance to the place asked for."""
    HOSPITAL = "hospital"
    """The drive to the nearest hospital; where nobody has told it, last."""


class Access(enum.StrEnum):
    """What makes getting about easy; the names are those of the listing's columns."""

    LIFT = "lift"
    NO_STEPS = "no_steps"
    GRAB_BARS = "grab_bars"


class PriceBand(enum.StrEnum):
    """What thirty nights cost, in yuan: the upper end is part of the band."""

    TO_3000 = "to_3000"
    TO_5000 = "to_5000"
    TO_8000 = "to_8000"
    ABOVE_8000 = "above_8000"


BAND_ENDS_FEN = (300_000, 500_000, 800_000)
"""The upper ends of all price bands but the last."""


class HospitalWithin(enum.StrEnum):
    """The longest drive to the nearest hospital, in minutes."""

    MINUTES_15 = "15"
    MINUTES_30 = "30"
    MINUTES_60 = "60"


class Grade(enum.StrEnum):
    """The official grade of the enterprise's scenic area, or that it has none."""

    A5 = "5A"
    A4 = "4A"
    A3 = "3A"
    NONE = "none"


class Provenance(enum.StrEnum):
    """Whether a listing is real or invented for demonstration."""

    REAL = "real"
    SAMPLE = "sample"


@dataclass(frozen=True, slots=True)
class Dates:
    """A stay of ``nights`` that begins on any day from ``first`` to ``last``, both included.

    Where several days are free, the one nearest to ``wished`` is offered; without a wish the
    cheapest, and of those the earliest.
    """

    nights: int
    first: dt.date
    last: dt.date
    wished: dt.date | None = None

    @classmethod
    def exactly(cls, stay: Stay) -> Dates:
        """Return the dates of one stay."""
        return cls(stay.nights, stay.check_in, stay.check_in, stay.check_in)

    @classmethod
    def around(cls, stay: Stay, *, today: dt.date, days: int = FLEXIBLE_DAYS) -> Dates:
        """Return the stay moved by up to ``days`` either way, never into the past."""
        reach = dt.timedelta(days=days)
        first = max(today, stay.check_in - reach)
        return cls(stay.nights, first, stay.check_in + reach, stay.check_in)

    @classmethod
    def within(cls, first: dt.date, end: dt.date, *, nights: int, today: dt.date) -> Dates | None:
        """Return any ``nights`` between ``first`` and the departure day ``end``.

        ``None`` when they do not fit, or no longer fit.
        """
        first = max(first, today)
        last = end - dt.timedelta(days=nights)
        return cls(nights, first, last) if first <= last else None

    @property
    def exact(self) -> bool:
        """Whether there is one day of arrival only."""
        return self.first == self.last


@dataclass(frozen=True, slots=True)
class Span:
    """The days, both included, whose prices make the figure of a month while no dates are given."""

    first: dt.date
    last: dt.date


@dataclass(frozen=True, slots=True)
class Filters:
    """What must be true of a listing; empty fields do not restrict."""

    cluster: Cluster | None = None
    theme: Theme | None = None
    band: PriceBand | None = None
    access: frozenset[Access] = frozenset()
    """All of these."""
    hospital: HospitalWithin | None = None
    food: frozenset[FoodTag] = frozenset()
    """All of these."""
    pace: Pace | None = None
    """At most this much walking."""
    grade: Grade | None = None
    provenance: Provenance | None = None
    family: bool = False


@dataclass(frozen=True, slots=True)
class Near:
    """A station or town to be near to, known to the town and seldom better."""

    key: str
    """``station:<code>`` or ``town:<name>``."""
    name_zh: str
    name_en: str
    lat: float
    lon: float
    error_km: float


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What a traveller looks for; without ``dates`` the prices shown are those of a month."""

    words: str = ""
    filters: Filters = Filters()
    dates: Dates | None = None
    span: Span | None = None
    """Without ``dates``: the days whose prices count; ``None`` for all days ahead."""
    rooms: int = 1
    party: Party = COUPLE
    near: Near | None = None
    sort: Sort = Sort.RELEVANCE
    page: int = 1
    size: int = PAGE_SIZE


@dataclass(frozen=True, slots=True)
class Distance:
    """How far two places are apart as the crow flies, and how wrong that may be."""

    km: float
    error_km: float


@dataclass(frozen=True, slots=True)
class Result:
    """One listing found."""

    card: ListingCard
    room_type_id: int
    """The cheapest room type that is free for ``stay``; without dates, the cheapest of all."""
    stay: Stay | None
    """The stay priced; with flexible dates each listing has its own."""
    quote: Quote | None
    """Its price, made anew by the quote engine."""
    from_month_fen: int
    """Without dates: thirty nights at the lowest list price of the question's span."""
    distance: Distance | None = None
    """To the place asked for, when one was."""


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One choice of a facet, with how many results it would leave."""

    value: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """Choices of one kind with counts, for the words, dates and other filters of the question.

    In a facet of which one value is chosen at a time, the counts leave its own choice aside; where
    several can be chosen together, they are of the results that have this value too.
    """

    name: str
    """A field of ``Filters``."""
    several: bool
    values: tuple[FacetValue, ...]
    anything: int
    """How many results are left when nothing of this facet is asked for."""


@dataclass(frozen=True, slots=True)
class OtherDates:
    """Other dates on which something that fits is free."""

    stay: Stay
    count: int
    """How many listings."""
    lowest_fen: int
    """The lowest total among them."""


@dataclass(frozen=True, slots=True)
class Relaxed:
    """One condition that alone stands in the way, and what there is without it."""

    name: str
    """A field of ``SearchQuery`` or of ``Filters``."""
    value: str
    """Which of the values chosen; empty where there is only one."""
    rooms: int
    """How many rooms are asked for then: where people are in the way, they take more."""
    count: int
    """How many listings there are then."""
    lowest_fen: int
    """The lowest price among them: of the stay, or without dates of a month."""


@dataclass(frozen=True, slots=True)
class Sister:
    """Another cluster that has what was asked for, on the same dates."""

    cluster: Cluster
    count: int


@dataclass(frozen=True, slots=True)
class Otherwise:
    """What to show when nothing fits: never an empty page."""

    relaxed: tuple[Relaxed, ...]
    """Each condition without which something fits, the easiest to give up first."""
    dates: tuple[OtherDates, ...]
    """The nearest free windows with everything else kept."""
    sisters: tuple[Sister, ...]
    """Other clusters, the fullest first."""
    dropped: tuple[str, ...]
    """Fields of ``SearchQuery`` and ``Filters`` that ``closest`` leaves aside, in that order.

    Where people are among them, ``closest`` are for the same people in ``rooms`` rooms."""
    rooms: int
    """How many rooms ``closest`` are priced for."""
    closest: tuple[Result, ...]
    """What comes nearest to the question."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a ``SearchQuery``."""

    page: Page[Result]
    facets: tuple[Facet, ...]
    words: Understood | None
    """How the words were taken; ``None`` without words."""
    otherwise: Otherwise | None
    """Only when nothing was found."""
