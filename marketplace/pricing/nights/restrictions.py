"""What an operator asks of a stay besides its price: each rule by its name. Pure."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from marketplace.kernel.errors import Invalid
from marketplace.kernel.messages import Message
from marketplace.kernel.stay import Stay
from marketplace.pricing.nights.terms import Terms


class Rule(enum.StrEnum):
    """The rules that can refuse a stay."""

    MIN_NIGHTS = "min_nights"
    MAX_NIGHTS = "max_nights"
    SEASON = "season"
    NO_ARRIVAL = "closed_to_arrival"
    NO_DEPARTURE = "closed_to_departure"
    ARRIVAL_WEEKDAY = "arrival_weekday"
    LEAD_DAYS = "lead_days"
    WINDOW_DAYS = "window_days"


@dataclass(frozen=True, slots=True)
class DayRule:
    """The restrictions of one date; ``None`` restricts nothing."""

    min_nights: int | None = None
    """For every stay that has this night in it."""
    max_nights: int | None = None
    min_nights_arrival: int | None = None
    """For stays that begin on this date."""
    max_nights_arrival: int | None = None
    no_arrival: bool = False
    no_departure: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule that a stay breaks; ``limit`` is its number of nights or days, for comparing."""

    rule: Rule
    field: str
    """The question of the form that it is about: ``arrive`` or ``nights``."""
    message: str
    limit: int = 0


class Restricted(Invalid):
    """The stay breaks a rule of the operator's, which ``extra['rule']`` names."""

    def __init__(self, refusals: list[Refusal]) -> None:
        """Say each rule beside the question that it is about."""
        faults: dict[str, str] = {}
        for refusal in refusals:
            faults.setdefault(refusal.field, refusal.message)
        super().__init__(faults)
        self.refusals = tuple(refusals)
        self.extra["rule"] = refusals[0].rule.value


def refusals(
    *, stay: Stay, booked_on: dt.date, terms: Terms, days: Mapping[dt.date, DayRule]
) -> list[Refusal]:
    """Return every rule that the stay breaks; ``days`` holds those dates that have rules.

    ``booked_on`` is the day of booking in Asia/Shanghai.
    """
    return [*_of_booking(stay, booked_on, terms), *_of_ends(stay, days), *_of_length(stay, days)]


def _of_booking(stay: Stay, booked_on: dt.date, terms: Terms) -> Iterator[Refusal]:
    lead = (stay.check_in - booked_on).days
    if lead < terms.lead_days:
        said = "这里要至少提前%(lead_days_limit)s天预订，请选晚一点的日期"
        message = Message(said, lead_days_limit=terms.lead_days)
        yield Refusal(Rule.LEAD_DAYS, "arrive", message, terms.lead_days)
    if terms.window_days is not None and lead > terms.window_days:
        said = "这里最多提前%(window_days_limit)s天预订，请选早一点的日期"
        message = Message(said, window_days_limit=terms.window_days)
        yield Refusal(Rule.WINDOW_DAYS, "arrive", message, terms.window_days)
    if stay.check_in.weekday() not in terms.arrival_weekdays:
        said = "这里不是每天都能入住，请换一个星期几到"
        yield Refusal(Rule.ARRIVAL_WEEKDAY, "arrive", said)


def _of_ends(stay: Stay, days: Mapping[dt.date, DayRule]) -> Iterator[Refusal]:
    arrival = days.get(stay.check_in)
    departure = days.get(stay.check_out)
    if arrival is not None and arrival.no_arrival:
        yield Refusal(Rule.NO_ARRIVAL, "arrive", "这一天不能办理入住，请换一天到")
    if departure is not None and departure.no_departure:
        yield Refusal(Rule.NO_DEPARTURE, "nights", "离店那一天不能退房，请多住或少住一晚")


def _of_length(stay: Stay, days: Mapping[dt.date, DayRule]) -> Iterator[Refusal]:
    arrival = days.get(stay.check_in, _FREE)
    through = [days[day] for day in stay.days() if day in days]
    least = max(
        [rule.min_nights or 0 for rule in through] + [arrival.min_nights_arrival or 0], default=0
    )
    most = min(
        [rule.max_nights for rule in through if rule.max_nights is not None]
        + [limit for limit in (arrival.max_nights_arrival,) if limit is not None],
        default=stay.nights,
    )
    if stay.nights < least:
        message = Message("这些日子最少住 %(min_nights_limit)s 晚", min_nights_limit=least)
        yield Refusal(Rule.MIN_NIGHTS, "nights", message, least)
    if stay.nights > most:
        message = Message("这些日子最多住 %(max_nights_limit)s 晚", max_nights_limit=most)
        yield Refusal(Rule.MAX_NIGHTS, "nights", message, most)


_FREE = DayRule()
