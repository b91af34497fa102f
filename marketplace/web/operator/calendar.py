"""The month grid of rooms and prices, and the form that changes many days at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import redirect, url_for
from werkzeug.wrappers import Response

from marketplace.inventory.calendar import BelowCommitted, NothingThere
from marketplace.inventory.queries import DayStock, OwnRoom, month_with_blocks, own_rooms
from marketplace.kernel.errors import DomainError, Invalid
from marketplace.kernel.months import month_after
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.offers.calendars import calendar_edits
from marketplace.offers.calendars.calendar_command import Wanted
from marketplace.offers.calendars.calendar_edits import CalendarChanged
from marketplace.pricing.nights.terms import list_price
from marketplace.pricing.queries import rates_between, set_by_hand, tariffs
from marketplace.staff.roles import Permission
from marketplace.web.auth import needs, own_enterprise, staff
from marketplace.web.context import now, services, today
from marketplace.web.errors import words_of
from marketplace.web.forms import calendar_edit, reader
from marketplace.web.forms.links import link_to
from marketplace.web.operator.base import blueprint
from marketplace.web.rendering import labels, pages
from marketplace.web.staff_frame import errors_of, framed, say

ONE_DAY = dt.timedelta(days=1)
DAYS_SHOWN = 31
MONTHS_BACK, MONTHS_AHEAD = 3, 18
"""Which months can be picked, counted from the present one."""


@dataclass(frozen=True, slots=True)
class CalendarHtml(pages.Page):
    """A month of every room type, or 31 days from today."""

    template: ClassVar[str] = "operator/calendar.html"

    days: Sequence[dt.date]
    months: Sequence[tuple[str, str]]
    picked: dt.date
    previous: dt.date
    following: dt.date
    grid: Sequence[tuple[OwnRoom, Mapping[dt.date, DayStock], Mapping[dt.date, int], set[dt.date]]]
    """Room, stock and rates by day, days priced by hand though the tariff has a price."""


@dataclass(frozen=True, slots=True)
class EditHtml(pages.Page):
    """The form that changes many days at once."""

    template: ClassVar[str] = "operator/edit.html"

    typed: Mapping[str, str]
    errors: Mapping[str, str]
    rooms: Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class PreviewHtml(pages.Page):
    """What would change, day by day."""

    template: ClassVar[str] = "operator/listings/preview.html"

    plan: calendar_edits.Plan
    wanted: Wanted
    typed: Mapping[str, str]
    errors: Mapping[str, str]
    form_url: str


@blueprint.get("/calendar")
@needs(Permission.CHANGE_OWN_STOCK)
def calendar() -> str:
    """Show 31 days of every room type, from today or from a month that was picked."""
    picked = reader.asked().month("month")
    this_month = today().replace(day=1)
    first = today() if picked in (None, this_month) else picked
    days = [first + dt.timedelta(days=number) for number in range(DAYS_SHOWN)]
    with services().database.read() as session:
        rooms = own_rooms(session, enterprise_id=own_enterprise())
        stock = month_with_blocks(
            session,
            pool_ids=[room.pool_id for room in rooms],
            first=days[0],
            last=days[-1] + ONE_DAY,
        )
        room_types = [room.room_type_id for room in rooms]
        rates = rates_between(session, room_type_ids=room_types, first=days[0], last=days[-1])
        by_hand = set_by_hand(session, room_type_ids=room_types, first=days[0], last=days[-1])
        known = tariffs(session, room_type_ids=room_types)
    seasons = {room: terms.seasons for room, (_, terms) in known.items()}
    return framed(
        CalendarHtml(
            days=days,
            months=_months(this_month, first.replace(day=1)),
            picked=first.replace(day=1),
            previous=month_after(first, -1),
            following=month_after(first),
            grid=[
                (
                    room,
                    stock[room.pool_id],
                    rates[room.room_type_id],
                    {
                        day
                        for day in by_hand[room.room_type_id]
                        if list_price(seasons.get(room.room_type_id, ()), day) is not None
                    },
                )
                for room in rooms
            ],
        ),
        nav="calendar",
    )


def _months(present: dt.date, shown: dt.date) -> list[tuple[str, str]]:
    """Return the months that can be picked, the one shown among them."""
    months = {shown, present}
    back = ahead = present
    for _ in range(MONTHS_BACK):
        back = month_after(back, -1)
        months.add(back)
    for _ in range(MONTHS_AHEAD):
        ahead = month_after(ahead)
        months.add(ahead)
    return [(f"{each:%Y-%m}", labels.month_label(each)) for each in sorted(months)]


@blueprint.get("/calendar/edit")
@needs(Permission.CHANGE_OWN_STOCK)
def edit() -> str:
    """Show the form, filled in with what the address or an earlier try says."""
    asked = reader.asked()
    weekdays = calendar_edit.weekdays_of(asked, unset=calendar_edit.EVERY_WEEKDAY)
    return _form_page(calendar_edit.typed(asked, weekdays), {})


def _form_page(typed: dict[str, str], errors: dict[str, str]) -> str:
    with services().database.read() as session:
        rooms = own_rooms(session, enterprise_id=own_enterprise())
    return framed(
        EditHtml(
            typed=typed,
            errors=errors,
            rooms=[(room.room_type_id, labels.room_name(room)) for room in rooms],
        ),
        nav="calendar",
    )


@blueprint.post("/calendar/edit")
@needs(Permission.CHANGE_OWN_STOCK)
def preview() -> str | tuple[str, int]:
    """Show what would change, day by day, before anything is saved."""
    typed = _typed()
    try:
        return _plan_page(typed, {})
    except (Invalid, NothingThere, BelowCommitted) as error:
        return _refused(typed, error)


def _typed() -> dict[str, str]:
    form = reader.posted()
    return calendar_edit.typed(form, calendar_edit.weekdays_of(form))


def _wanted() -> Wanted:
    form = reader.posted()
    return calendar_edit.parse(form, calendar_edit.weekdays_of(form), today=today())


def _plan_page(typed: dict[str, str], errors: dict[str, str]) -> str:
    wanted = _wanted()
    with services().database.read() as session:
        found = calendar_edits.plan(session, wanted=wanted, enterprise_id=own_enterprise())
    return framed(
        PreviewHtml(
            plan=found,
            wanted=wanted,
            typed=typed,
            errors=errors,
            form_url=link_to("operator.edit", typed),
        ),
        nav="calendar",
    )


def _refused(typed: dict[str, str], error: DomainError) -> tuple[str, int]:
    """Return the form with every typed value and what is wrong with it."""
    errors = errors_of(error)
    if isinstance(error, BelowCommitted):
        errors = {"capacity": words_of(error)}
    elif isinstance(error, NothingThere):
        errors = {"first": words_of(error)}
    return _form_page(typed, errors), error.http_status


@blueprint.get("/calendar/save")
@needs(Permission.CHANGE_OWN_STOCK)
def save_again() -> Response:
    """Go back to the calendar: nothing is saved by opening an address."""
    return redirect(url_for("operator.calendar"))


@blueprint.post("/calendar/save")
@needs(Permission.CHANGE_OWN_STOCK)
def save() -> str | Response | tuple[str, int]:
    """Save what the difference showed, all of it or nothing."""
    typed = _typed()
    try:
        wanted = _wanted()
        _save(wanted)
    except CalendarChanged as error:
        return _plan_page(typed, {"": words_of(error)}), error.http_status
    except (Invalid, NothingThere, BelowCommitted) as error:
        return _refused(typed, error)
    say("改好了，新的房量和价格马上生效。已经订好的订单不变")
    return redirect(url_for("operator.calendar", month=f"{wanted.first:%Y-%m}"), 303)


def _save(wanted: Wanted) -> None:
    with services().database.write() as session:
        calendar_edits.save(
            UnitOfWork(session, now=now(), actor=staff().actor),
            wanted=wanted,
            fingerprint=reader.posted().sent("fingerprint"),
            enterprise_id=own_enterprise(),
        )
