"""The day at the front desk: notices, who comes, who leaves, what is free tonight."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import redirect, url_for
from werkzeug.wrappers import Response

from marketplace.booking.reads.staff_queries import House, house
from marketplace.inventory.queries import DayStock, OwnRoom, month_with_blocks, own_rooms
from marketplace.notify.queries import Notice, unread
from marketplace.notify.read_marks import mark_read
from marketplace.staff.roles import Permission
from marketplace.web.auth import needs, own_enterprise
from marketplace.web.context import now, personal, services
from marketplace.web.context import today as today_date
from marketplace.web.forms import reader
from marketplace.web.operator.base import blueprint
from marketplace.web.protection.access_notes import lists_guests
from marketplace.web.rendering import pages
from marketplace.web.staff_frame import framed, say

ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TodayHtml(pages.Page):
    """Who comes, who goes, and what is free tonight."""

    template: ClassVar[str] = "operator/today.html"

    notices: Sequence[Notice]
    unread_count: int
    house: House
    tonight: Sequence[tuple[OwnRoom, DayStock | None]]
    free: int


@dataclass(frozen=True, slots=True)
class ArrivalsHtml(pages.Page):
    """Who arrives on a day."""

    template: ClassVar[str] = "operator/arrivals.html"

    day: dt.date
    house: House
    previous: dt.date
    following: dt.date


@blueprint.get("/")
@needs(Permission.SEE_OWN_BOOKINGS)
@personal
@lists_guests
def today() -> str:
    """Show today."""
    mine, day = own_enterprise(), today_date()
    with services().database.read() as session:
        notices, unread_count = unread(session, enterprise_id=mine)
        guests = house(session, enterprise_id=mine, day=day, now=now())
        rooms = own_rooms(session, enterprise_id=mine)
        pools = [room.pool_id for room in rooms]
        stock = month_with_blocks(session, pool_ids=pools, first=day, last=day + ONE_DAY)
    tonight = [(room, stock[room.pool_id].get(day)) for room in rooms]
    return framed(
        TodayHtml(
            notices=notices,
            unread_count=unread_count,
            house=guests,
            tonight=tonight,
            free=sum(found.free for _, found in tonight if found),
        ),
        nav="today",
    )


@blueprint.post("/notices")
@needs(Permission.SEE_OWN_BOOKINGS)
def read_notices() -> Response:
    """Mark the notices that the page showed as read."""
    up_to_id = reader.posted().key("up_to_id") or 0
    with services().database.write() as session:
        marked = mark_read(session, enterprise_id=own_enterprise(), up_to_id=up_to_id, now=now())
    if marked:
        say("%(count)s 条通知已标为看过", count=marked)
    return redirect(url_for("operator.today"), 303)


@blueprint.get("/arrivals")
@needs(Permission.SEE_OWN_BOOKINGS)
@personal
@lists_guests
def arrivals() -> str:
    """Show who arrives on a day, as a list to print."""
    day = reader.asked().day("day") or today_date()
    with services().database.read() as session:
        guests = house(session, enterprise_id=own_enterprise(), day=day, now=now())
    return framed(
        ArrivalsHtml(
            day=day,
            house=guests,
            previous=day - ONE_DAY,
            following=day + ONE_DAY,
        ),
        nav="today",
    )
