"""When a traveller wants to come: one day, about that day, any nights within months, or open."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from marketplace.kernel.messages import Message
from marketplace.kernel.typed import month as read_month
from marketplace.offers.matrix.matrix import HORIZON_DAYS
from marketplace.offers.search.search_types import MOST_ARRIVALS, Dates
from marketplace.web.forms.links import LinkArgs, filled
from marketplace.web.forms.reader import Faults, FormReader
from marketplace.web.forms.stay_form import TOO_FAR, StayForm, read_stay

MONTHS_AHEAD = 18
"""How many months can be chosen from, the present one first; all lie within the matrix."""
MONTH_FIELDS = ("month_from", "month_to")
MOST_MONTHS = 12
"""So many whole months in a row have at most ``MOST_ARRIVALS`` days of arrival."""


class When(enum.StrEnum):
    """The ways to say when."""

    EXACT = "exact"
    AROUND = "around"
    WITHIN = "within"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class WhenForm:
    """The dates and people of a search: as typed, for showing again, and as understood."""

    when: When
    known: bool
    """Whether the way chosen is one that there is."""
    month_from: str
    month_to: str
    stay: StayForm
    dates: Dates | None
    """``None`` while nothing is decided, or what was decided makes no sense."""
    errors: Faults

    @property
    def arrive(self) -> str:
        """The arrival date, as a date field takes it where it is one."""
        return self.stay.arrival.isoformat() if self.stay.arrival else self.stay.arrive

    @property
    def arrive_is_date(self) -> bool:
        """Whether a date field can show what was typed: it drops whatever is no day."""
        try:
            return dt.date.fromisoformat(self.arrive).isoformat() == self.arrive
        except ValueError:
            return not self.arrive

    @property
    def flexible(self) -> bool:
        """Whether each listing is priced for days of its own."""
        return self.dates is not None and not self.dates.exact

    def args(self) -> LinkArgs:
        """Return what was typed as arguments of an address, empty ones left out."""
        pairs = {"when": self.when.value, "month_from": self.month_from, "month_to": self.month_to}
        if self.when is _unsaid(self.month_from):
            del pairs["when"]
        return {**filled(pairs), **self.stay.args()}


def months(today: dt.date) -> list[dt.date]:
    """Return the first days of the months that can be chosen."""
    return [_months_after(today, count) for count in range(MONTHS_AHEAD)]


def _months_after(day: dt.date, count: int) -> dt.date:
    """Return the first day of the month ``count`` months after the one of ``day``."""
    years, month = divmod(day.month - 1 + count, 12)
    return dt.date(day.year + years, month + 1, 1)


def read_when(form: FormReader, *, today: dt.date) -> WhenForm:
    """Read dates and people from an address; what makes no sense is named and left out."""
    stay = read_stay(form, today=today)
    typed = form.lines(MONTH_FIELDS)
    said = form.choice("when", When)
    when = said or _unsaid(typed["month_from"])
    if when in (When.WITHIN, When.OPEN):
        form.unsay("arrive")
    if when is When.OPEN:
        form.unsay("nights_other")
    dates = _dates(form, when, stay, today)
    return WhenForm(
        when=when,
        known=said is not None or not form.sent("when"),
        **typed,
        stay=stay,
        dates=dates,
        errors=dict(form.faults),
    )


def _unsaid(month_from: str) -> When:
    """Return the way that an address means which names none, as short links do."""
    return When.WITHIN if month_from else When.EXACT


def _dates(form: FormReader, when: When, stay: StayForm, today: dt.date) -> Dates | None:
    if when is When.WITHIN:
        return _within(form, stay.length, today)
    if when is When.AROUND and stay.arrival is None:
        form.say("arrive", "请写大概哪天到")
    asked = stay.stay
    if when is When.OPEN or asked is None:
        return None
    if asked.check_out > today + dt.timedelta(days=HORIZON_DAYS):
        form.say("arrive", TOO_FAR)
        return None
    return Dates.around(asked, today=today) if when is When.AROUND else Dates.exactly(asked)


def _within(form: FormReader, nights: int | None, today: dt.date) -> Dates | None:
    first, last = (_month(form, name, today) for name in MONTH_FIELDS)
    if first is None or last is None or nights is None:
        return None
    if last < first:
        form.say("month_to", "“到几月”不能比“从几月”早")
        return None
    dates = Dates.within(first, _months_after(last, 1), nights=nights, today=today)
    if dates is None:
        form.say("month_to", "这几个月里住不下这么多晚，请多选一个月或少住几晚")
    elif (dates.last - dates.first).days >= MOST_ARRIVALS:
        said = "这段时间太长了，最多选连着的%(most)s个月"
        form.say("month_to", Message(said, most=MOST_MONTHS))
        return None
    return dates


def _month(form: FormReader, name: str, today: dt.date) -> dt.date | None:
    """Return the first day of a month typed as 2027-07 or 2027年7月."""
    found = read_month(form.line(name))
    if found is None:
        form.say(name, "请选一个月份")
        return None
    choices = months(today)
    if found < choices[0]:
        form.say(name, "这个月已经过去，请选以后的月份")
    elif found > choices[-1]:
        form.say(name, "这个月太远了，请选近一点的月份")
    return found if found in choices else None
