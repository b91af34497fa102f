"""The question of the search pages: read from an address, and written into addresses again."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from werkzeug.datastructures import MultiDict

from catalog.vocabulary import Cluster, FoodTag, Pace, Theme
from marketplace.offers.search.search_types import (
    Access,
    Filters,
    Grade,
    HospitalWithin,
    Near,
    PriceBand,
    Provenance,
    SearchQuery,
    Sort,
    Span,
)
from marketplace.offers.search.stay_facts import CHOICES, FAMILY
from marketplace.pricing.nights.quote import DAYS_A_MONTH
from marketplace.web.forms.links import LinkArgs, LinkValue, filled
from marketplace.web.forms.reader import Faults, FormReader
from marketplace.web.forms.stay_form import can_be_looked_for, read_words
from marketplace.web.traveller.search.date_form import When, WhenForm, read_when

ONE_CHOICE: dict[str, type[enum.StrEnum]] = {
    "cluster": Cluster,
    "theme": Theme,
    "band": PriceBand,
    "hospital": HospitalWithin,
    "pace": Pace,
    "grade": Grade,
    "provenance": Provenance,
}
SEVERAL_CHOICES: dict[str, type[enum.StrEnum]] = {"access": Access, "food": FoodTag}
FACETS = (*ONE_CHOICE, *SEVERAL_CHOICES, FAMILY)
"""Everything that can be filtered by; the names are those of ``Filters`` and of the arguments."""
LONGEST_CODE = 60
SUMMER = "summer"
"""The one season that a door opens to."""
SUMMER_BEGINS, SUMMER_ENDS = (7, 1), (8, 31)


@dataclass(frozen=True, slots=True)
class SearchForm:
    """The search form: as typed and as understood."""

    q: str
    """The words as typed."""
    when: WhenForm
    filters: Filters
    near: str
    """The key of the place to be near to, as given: whether there is such a place is seen later."""
    origin: str
    """The code of the city that the traveller comes from, likewise."""
    sort: Sort | None
    season: str
    """The season that is looked at while no dates are given: summer, or empty."""
    span: Span | None
    """The days whose prices make the figure of a month; ``None`` for all days ahead."""
    page: int
    unknown: tuple[str, ...]
    """Arguments with a value that is no choice; they are left aside."""
    errors: Faults

    @property
    def words(self) -> str:
        """The words to look for."""
        return self.q if can_be_looked_for(self.q) else ""

    def known(self, *, near: bool, origin: bool) -> SearchForm:
        """Return the question once it is known whether its place and its city exist."""
        strange = [
            name
            for name, given, found in (("near", self.near, near), ("from", self.origin, origin))
            if given and not found
        ]
        return replace(
            self,
            near=self.near if near else "",
            origin=self.origin if origin else "",
            unknown=(*self.unknown, *strange),
        )

    def query(self, near: Near | None = None) -> SearchQuery:
        """Return the question to ask of the offers."""
        stay = self.when.stay
        return SearchQuery(
            words=self.words,
            filters=self.filters,
            dates=self.when.dates,
            span=self.span,
            rooms=stay.room_count,
            party=stay.party,
            near=near,
            sort=self.order(near),
            page=self.page,
        )

    def around(self, near: Near, *, size: int) -> SearchQuery:
        """Return the question for the same dates and people alone, the nearest to a place first."""
        stay = self.when.stay
        return SearchQuery(
            dates=self.when.dates,
            rooms=stay.room_count,
            party=stay.party,
            near=near,
            sort=Sort.NEAR,
            size=size,
        )

    def order(self, near: Near | None) -> Sort:
        """Return the order that holds: whoever names a place wants to see what is near it first."""
        wished = self.sort or (Sort.NEAR if near else Sort.RELEVANCE)
        return Sort.RELEVANCE if wished is Sort.NEAR and near is None else wished

    def chosen(self, facet: str) -> tuple[str, ...]:
        """Return the values that are chosen of a facet, in the order of its choices."""
        picked = getattr(self.filters, facet)
        if facet == FAMILY:
            return (FAMILY,) if picked else ()
        if facet in SEVERAL_CHOICES:
            return tuple(value for value in choices(facet) if value in picked)
        return (picked.value,) if picked is not None else ()

    def args(self, **changed: LinkValue) -> LinkArgs:
        """Return the question as arguments of an address, some ``changed``; ``None`` drops one.

        The page is left out: another question begins with its first.
        """
        facets = {name: list(self.chosen(name)) for name in FACETS}
        mine = {"q": self.q, "near": self.near, "from": self.origin, "sort": self.sort}
        mine["season"] = self.season
        pairs: LinkArgs = {**mine, **self.when.args(), **facets, **changed}
        return filled(pairs)

    def without(self, facet: str, value: str) -> LinkArgs:
        """Return the arguments without one chosen value."""
        return self.args(**{facet: [one for one in self.chosen(facet) if one != value]})

    def without_place(self) -> LinkArgs:
        """Return the arguments without the place to be near to, nor the order that needs one."""
        return self.args(near=None, sort=None if self.sort is Sort.NEAR else self.sort)

    def bare(self, *also: str) -> LinkArgs:
        """Return the arguments without any filter or place to be near to, nor those in ``also``."""
        dropped = {*FACETS, *also}
        return {name: value for name, value in self.without_place().items() if name not in dropped}

    def stay_args(self, arrive: dt.date | None, nights: int | None) -> LinkArgs:
        """Return what a listing's page takes over: the days of its price, people, where from."""
        people = {
            name: value
            for name, value in self.when.stay.args().items()
            if name in ("rooms", "adults", "children")
        }
        if self.origin:
            people["from"] = self.origin
        if arrive is None:
            return people
        return {"arrive": arrive.isoformat(), "nights": nights, **people}


def read_args(args: Mapping[str, LinkValue], *, today: dt.date) -> SearchForm:
    """Read a question from arguments as ``SearchForm.args`` writes them."""
    pairs: MultiDict[str, str] = MultiDict()
    for name, value in args.items():
        if value is not None:
            several = [str(value)] if isinstance(value, str | int) else value
            pairs.setlist(name, several)
    return read_search(FormReader(pairs), today=today)


def choices(facet: str) -> tuple[str, ...]:
    """Return the values of a facet."""
    return tuple(PriceBand) if facet == "band" else CHOICES[facet]


def read_search(form: FormReader, *, today: dt.date) -> SearchForm:
    """Read a question from an address; what makes no sense is named and left out."""
    when = read_when(form, today=today)
    unknown = [] if when.known else ["when"]
    picked: dict[str, list[str]] = {}
    for facet in FACETS:
        picked[facet] = _known(form, facet, choices(facet), unknown)
    sort = _known(form, "sort", tuple(Sort), unknown)
    season = _known(form, "season", (SUMMER,), unknown)
    return SearchForm(
        q=read_words(form),
        when=when,
        filters=_filters(picked),
        near=form.sent("near")[:LONGEST_CODE],
        origin=form.sent("from")[:LONGEST_CODE],
        sort=Sort(sort[-1]) if sort else None,
        season=season[-1] if season else "",
        span=_span(when, season, today),
        page=form.page(),
        unknown=tuple(unknown),
        errors=form.faults,
    )


def _span(when: WhenForm, season: Iterable[str], today: dt.date) -> Span | None:
    """Return the days asked for, else those of the season asked for."""
    if when.dates is not None:
        nights = dt.timedelta(days=when.dates.nights - 1)
        return Span(when.dates.first, when.dates.last + nights)
    if not when.errors and when.when is not When.OPEN and when.stay.arrival is not None:
        arrival = when.stay.arrival
        return Span(arrival, arrival + dt.timedelta(days=DAYS_A_MONTH - 1))
    return summer(today) if SUMMER in season else None


def summer(today: dt.date) -> Span:
    """Return July and August of this year, or of the next once they are over."""
    over = (today.month, today.day) > SUMMER_ENDS
    year = today.year + over
    return Span(max(today, dt.date(year, *SUMMER_BEGINS)), dt.date(year, *SUMMER_ENDS))


def _known(form: FormReader, name: str, allowed: tuple[str, ...], unknown: list[str]) -> list[str]:
    """Return the values given that are allowed; notes the ``name`` when there are others."""
    said = [value for value in form.all_sent(name) if value]
    if any(value not in allowed for value in said):
        unknown.append(name)
    return [value for value in said if value in allowed]


def _filters(picked: dict[str, list[str]]) -> Filters:
    one = {
        name: kind(picked[name][-1]) if picked[name] else None for name, kind in ONE_CHOICE.items()
    }
    several = {
        name: frozenset(kind(value) for value in picked[name])
        for name, kind in SEVERAL_CHOICES.items()
    }
    return Filters(**one, **several, family=bool(picked[FAMILY]))  # type: ignore[arg-type]
