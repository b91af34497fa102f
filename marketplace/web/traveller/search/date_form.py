"""When a traveller wants to come: one day, about that day, any nights within months, or open."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marketplace.kernel.text import one_line
from marketplace.kernel.typed import month as read_month
from marketplace.offers.matrix.matrix import HORIZON_DAYS
from marketplace.offers.search.search_types import MOST_ARRIVALS, Dates
from marketplace.web.forms.stay_form import Errors, StayForm, read_stay

MONTHS_AHEAD = 18
"""How many months can be chosen from, the present one first; all lie within the matrix."""
TOO_FAR = "这个日期太远了，请选近一点的日期"


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
    errors: Errors

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

    def args(self) -> dict[str, Any]:
        """Return what was typed as arguments of an address, empty ones left out."""
        pairs = {"when": self.when.value, "month_from": self.month_from, "month_to": self.month_to}
        if self.when is _unsaid(self.month_from):
            del pairs["when"]
        return {**{name: value for name, value in pairs.items() if value}, **self.stay.args()}


def months(today: dt.date) -> list[dt.date]:
    """Return the first days of the months that can be chosen."""
    return [_months_after(today, count) for count in range(MONTHS_AHEAD)]


def _months_after(day: dt.date, count: int) -> dt.date:
    """Return the first day of the month ``count`` months after the one of ``day``."""
    years, month = divmod(day.month - 1 + count, 12)
    return dt.date(day.year + years, month + 1, 1)


def read_when(args: Mapping[str, str], *, today: dt.date) -> WhenForm:
    """Read dates and people from an address; what makes no sense is named and left out."""
    stay = read_stay(args, today=today)
    typed = {name: one_line(args.get(name, ""))[:20] for name in ("month_from", "month_to")}
    said = args.get("when", "")
    known = said in {when.value for when in When} | {""}
    when = When(said) if said and known else _unsaid(typed["month_from"])
    errors = dict(stay.errors)
    if when in (When.WITHIN, When.OPEN):
        errors.pop("arrive", None)
    if when is When.OPEN:
        errors.pop("nights_other", None)
    return WhenForm(
        when=when,
        known=known,
        **typed,
        stay=stay,
        dates=_dates(when, stay, typed, today, errors),
        errors=errors,
    )


def _unsaid(month_from: str) -> When:
    """Return the way that an address means which names none, as short links do."""
    return When.WITHIN if month_from else When.EXACT


def _dates(
    when: When, stay: StayForm, months_typed: Mapping[str, str], today: dt.date, errors: Errors
) -> Dates | None:
    if when is When.WITHIN:
        return _within(stay.length, months_typed, today, errors)
    if when is When.AROUND and stay.arrival is None:
        errors.setdefault("arrive", "请写大概哪天到")
    asked = stay.stay
    if when is When.OPEN or asked is None:
        return None
    if asked.check_out > today + dt.timedelta(days=HORIZON_DAYS):
        errors["arrive"] = TOO_FAR
        return None
    return Dates.around(asked, today=today) if when is When.AROUND else Dates.exactly(asked)


def _within(
    nights: int | None, typed: Mapping[str, str], today: dt.date, errors: Errors
) -> Dates | None:
    first = _month(typed["month_from"], today, errors, "month_from")
    last = _month(typed["month_to"], today, errors, "month_to")
    if first is None or last is None or nights is None:
        return None
    if last < first:
        errors["month_to"] = "“到几月”不能比“从几月”早"
        return None
    dates = Dates.within(first, _months_after(last, 1), nights=nights, today=today)
    if dates is None:
        errors["month_to"] = "这几个月里住不下这么多晚，请多选一个月或少住几晚"
    elif (dates.last - dates.first).days >= MOST_ARRIVALS:
        errors["month_to"] = "这段时间太长了，最多选连着的12个月"
        return None
    return dates


def _month(typed: str, today: dt.date, errors: Errors, name: str) -> dt.date | None:
    """Return the first day of a month typed as 2027-07 or 2027年7月."""
    found = read_month(typed)
    if found is None:
        errors[name] = "请选一个月份"
        return None
    choices = months(today)
    if found < choices[0]:
        errors[name] = "这个月已经过去，请选以后的月份"
    elif found > choices[-1]:
        errors[name] = "这个月太远了，请选近一点的月份"
    return found if found in choices else None
