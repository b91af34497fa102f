"""Receiving guests: the code they read out, a look at the booking, then the check-in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace.booking.lifecycle import stay_lifecycle
from marketplace.booking.lifecycle.stay_lifecycle import NotToday, StayHasBegun
from marketplace.booking.reads import staff_queries
from marketplace.booking.reads.staff_queries import HostBooking
from marketplace.booking.states import BookingState, WrongState
from marketplace.staff.roles import Permission
from marketplace.web.auth import needs, own_enterprise, staff
from marketplace.web.context import now, personal, services, today
from marketplace.web.forms import reader
from marketplace.web.i18n import translate
from marketplace.web.operator.base import LOOK_UPS, blueprint
from marketplace.web.operator.bookings import booking_page
from marketplace.web.protection import limits
from marketplace.web.protection.access_notes import reads
from marketplace.web.rendering import pages
from marketplace.web.staff_frame import errors_of, framed, say, warn

NO_SUCH_CODE = "没有这个订单号的订单，请对着客人的凭证再核对一次"


@dataclass(frozen=True, slots=True)
class LookUpHtml(pages.Page):
    """The form for the code that a guest shows."""

    template: ClassVar[str] = "operator/look_up.html"

    code: str
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CheckInHtml(pages.Page):
    """Whether this is the guest."""

    template: ClassVar[str] = "operator/check_in.html"

    booking: HostBooking


@blueprint.route("/check-in", methods=["GET", "POST"])
@needs(Permission.CHECK_IN)
@personal
def look_up() -> str | Response | tuple[str, int]:
    """Find the own booking with the code that the guest shows."""
    code = reader.posted().line("code")
    if request.method == "GET":
        return framed(LookUpHtml(code="", errors={}), nav="check_in")
    limits.spend(LOOK_UPS, "operator", str(staff().account.id))
    with services().database.read() as session:
        found = staff_queries.own_by_code(session, enterprise_id=own_enterprise(), code=code)
    if found is not None:
        return redirect(url_for("operator.check_in", booking_id=found), 303)
    errors = {"code": translate(NO_SUCH_CODE)}
    return framed(LookUpHtml(code=code, errors=errors), nav="check_in"), 404


@blueprint.get("/bookings/<booking_id>/check-in")
@needs(Permission.CHECK_IN)
@personal
@reads("booking", "booking_id")
def check_in(booking_id: str) -> str | Response:
    """Ask whether this is the guest; what cannot be checked in is shown instead."""
    with services().database.read() as session:
        found = staff_queries.host_booking(
            session, booking_id=booking_id, enterprise_id=own_enterprise(), now=now()
        )
    row = found.row
    if row.state is not BookingState.CONFIRMED or not row.check_in <= today() < row.check_out:
        warn("这个订单现在不能办理入住，请看下面的状态和日期")
        return redirect(url_for("operator.booking", booking_id=booking_id))
    return framed(CheckInHtml(booking=found), nav="check_in")


@blueprint.post("/bookings/<booking_id>/check-in")
@needs(Permission.CHECK_IN)
@personal
@reads("booking", "booking_id")
def receive(booking_id: str) -> Response | tuple[str, int]:
    """Check the guest in; a second time is refused and changes nothing."""
    try:
        with services().database.write() as session:
            stay_lifecycle.check_in(
                session,
                booking_id=booking_id,
                enterprise_id=own_enterprise(),
                actor=staff().actor,
                now=now(),
            )
    except (WrongState, NotToday) as error:
        return booking_page(booking_id, errors_of(error)), error.http_status
    say("入住办好了，当天可以撤销")
    return _back(booking_id)


def _back(booking_id: str) -> Response:
    """Go where the button was: to the list of the day, or to the booking."""
    if reader.posted().sent("from") == "today":
        return redirect(url_for("operator.today"), 303)
    return redirect(url_for("operator.booking", booking_id=booking_id), 303)


@blueprint.post("/bookings/<booking_id>/undo-check-in")
@needs(Permission.CHECK_IN)
@personal
@reads("booking", "booking_id")
def undo_check_in(booking_id: str) -> Response | tuple[str, int]:
    """Take back a check-in of today; a second time is refused and changes nothing."""
    try:
        with services().database.write() as session:
            stay_lifecycle.undo_check_in(
                session,
                booking_id=booking_id,
                enterprise_id=own_enterprise(),
                actor=staff().actor,
                now=now(),
            )
    except (WrongState, StayHasBegun) as error:
        return booking_page(booking_id, errors_of(error)), error.http_status
    say("入住已撤销，客人还没有到")
    return _back(booking_id)
