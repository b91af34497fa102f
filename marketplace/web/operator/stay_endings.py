"""Ending a stay at the front desk: the guest leaves early, or never came. The sums come first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import redirect, url_for
from werkzeug.wrappers import Response

from marketplace.booking.changes.change_quotes import ChangeQuote
from marketplace.booking.changes.change_service import ChangePriceChanged
from marketplace.booking.contract.cancellation_rules import CancelQuote
from marketplace.booking.lifecycle import early_leave, stay_lifecycle
from marketplace.booking.lifecycle.early_leave import CAUSES, CostsMore
from marketplace.booking.lifecycle.stay_lifecycle import StillExpected
from marketplace.booking.lifecycle.transitions import RefundChanged
from marketplace.booking.reads import staff_queries
from marketplace.booking.reads.staff_queries import BookingRow, HostBooking
from marketplace.booking.states import BookingState, ReasonCode, SeveralItems, WrongState
from marketplace.kernel.errors import DomainError, Invalid
from marketplace.staff.roles import Permission
from marketplace.web.auth import needs, own_enterprise, staff
from marketplace.web.context import now, personal, services, today, unit_of_work
from marketplace.web.forms import reader
from marketplace.web.forms.reader import FormReader
from marketplace.web.operator.base import blueprint
from marketplace.web.operator.bookings import booking_page
from marketplace.web.protection.access_notes import reads
from marketplace.web.rendering import labels, pages
from marketplace.web.staff_frame import errors_of, framed, say

ONE_DAY = dt.timedelta(days=1)
MOST_DIGITS = 4
"""More than the number of any item has."""


@dataclass(frozen=True, slots=True)
class LeaveHtml(pages.Page):
    """What leaving early gives back."""

    template: ClassVar[str] = "operator/leave.html"

    booking: HostBooking
    rooms: Sequence[tuple[str, str]]
    """Which rooms can be left, where there are several types: number and name."""
    item: str
    quote: ChangeQuote | None
    day: str
    cause: str
    causes: Sequence[tuple[str, str]]
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NoShowHtml(pages.Page):
    """What is kept when a guest never came."""

    template: ClassVar[str] = "operator/no_show.html"

    booking: HostBooking
    quote: CancelQuote
    errors: Mapping[str, str]


@blueprint.get("/bookings/<booking_id>/leave")
@needs(Permission.SETTLE_OWN_STAYS)
@personal
@reads("booking", "booking_id")
def ask_leave(booking_id: str) -> str | tuple[str, int]:
    """Ask when and why the guest leaves, and show what is kept and what goes back."""
    try:
        return _leave_page(booking_id, {})
    except WrongState as error:
        return booking_page(booking_id, errors_of(error)), error.http_status


def _leave_page(booking_id: str, errors: dict[str, str]) -> str:
    """Return the question with the sums of what is asked for; ``WrongState`` when it is over."""
    with services().database.read() as session:
        found = staff_queries.host_booking(
            session, booking_id=booking_id, enterprise_id=own_enterprise(), now=now()
        )
    if found.row.state is not BookingState.IN_STAY:
        raise WrongState(extra={"state": found.row.state.value})
    said = reader.either()
    several = len(found.rooms) > 1
    item = (said.sent("item") or str(found.row.number)) if several else ""
    day = said.line("day") or max(today(), found.row.check_in + ONE_DAY).isoformat()
    cause = said.sent("cause") or CAUSES[0].value
    quote = None
    try:
        quote = _quote(booking_id, item, day, cause)
    except WrongState:
        raise
    except DomainError as error:
        errors = errors or errors_of(error)
    return framed(
        LeaveHtml(
            booking=found,
            rooms=[_named(room.row) for room in found.rooms] if several else [],
            item=item,
            quote=quote,
            day=day,
            cause=cause,
            causes=[(each.value, labels.reason_label(each)) for each in CAUSES],
            errors=errors,
        ),
        nav="bookings",
    )


def _named(row: BookingRow) -> tuple[str, str]:
    return str(row.number), f"{labels.pick(row.room_zh, row.room_en)} × {row.rooms}"


def _item(sent: str) -> int | None:
    """Return the number of the item that was chosen; ``None`` where there is nothing to choose."""
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < MOST_DIGITS else None


def _asked(day: str, cause: str) -> tuple[dt.date, ReasonCode]:
    form = FormReader({"day": day, "cause": cause})
    found = form.day("day")
    known = {each.value: each for each in CAUSES}
    if found is None:
        form.say("day", "请写离开的日期")
    if cause not in known:
        form.say("cause", "请选择提前离开的原因")
    if form.faults or found is None:
        raise Invalid(form.faults)
    return found, known[cause]


def _quote(booking_id: str, item: str, day: str, cause: str) -> ChangeQuote:
    wanted, known = _asked(day, cause)
    with services().database.read() as session:
        return early_leave.quote_leaving(
            session,
            booking_id=booking_id,
            enterprise_id=own_enterprise(),
            day=wanted,
            cause=known,
            item=_item(item),
            now=now(),
        )


@blueprint.post("/bookings/<booking_id>/leave")
@needs(Permission.SETTLE_OWN_STAYS)
@personal
@reads("booking", "booking_id")
def leave(booking_id: str) -> str | Response | tuple[str, int]:
    """Cut the stay short as it was shown; another sum is shown first, a second time is refused."""
    try:
        _leave(booking_id)
    except WrongState as error:
        return booking_page(booking_id, errors_of(error)), error.http_status
    except (Invalid, ChangePriceChanged, CostsMore, SeveralItems) as error:
        return _leave_page(booking_id, errors_of(error)), error.http_status
    say("提前离店办好了，该退的钱原路退回")
    return redirect(url_for("operator.booking", booking_id=booking_id), 303)


def _leave(booking_id: str) -> None:
    form = reader.posted()
    day, cause = _asked(form.sent("day"), form.sent("cause"))
    refund = form.shown_fen("refund_fen")
    with services().database.write() as session:
        early_leave.leave(
            unit_of_work(session, staff().actor),
            booking_id=booking_id,
            enterprise_id=own_enterprise(),
            day=day,
            cause=cause,
            expected_fen=1 if refund is None else -refund,
            item=_item(form.sent("item")),
        )


@blueprint.get("/bookings/<booking_id>/no-show")
@needs(Permission.SETTLE_OWN_STAYS)
@personal
@reads("booking", "booking_id")
def ask_no_show(booking_id: str) -> str | tuple[str, int]:
    """Show what is kept and what goes back when the guest never came."""
    return _no_show_page(booking_id, {})


def _no_show_page(booking_id: str, errors: dict[str, str], status: int = 200) -> tuple[str, int]:
    mine = own_enterprise()
    try:
        with services().database.read() as session:
            found = staff_queries.host_booking(
                session, booking_id=booking_id, enterprise_id=mine, now=now()
            )
            quote = stay_lifecycle.quote_no_show(
                session, booking_id=booking_id, enterprise_id=mine, now=now()
            )
    except (WrongState, StillExpected) as error:
        return booking_page(booking_id, errors_of(error)), error.http_status
    page = framed(NoShowHtml(booking=found, quote=quote, errors=errors), nav="bookings")
    return page, status


@blueprint.post("/bookings/<booking_id>/no-show")
@needs(Permission.SETTLE_OWN_STAYS)
@personal
@reads("booking", "booking_id")
def no_show(booking_id: str) -> Response | tuple[str, int]:
    """Say that the guest never came; another sum is shown first, a second time is refused."""
    refund = reader.posted().shown_fen("refund_fen")
    try:
        with services().database.write() as session:
            stay_lifecycle.mark_no_show(
                session,
                booking_id=booking_id,
                enterprise_id=own_enterprise(),
                expected_refund_fen=-1 if refund is None else refund,
                actor=staff().actor,
                ids=services().ids,
                now=now(),
            )
    except RefundChanged as error:
        return _no_show_page(booking_id, errors_of(error), error.http_status)
    except (WrongState, StillExpected) as error:
        return booking_page(booking_id, errors_of(error)), error.http_status
    say("已按未入住办理")
    return redirect(url_for("operator.booking", booking_id=booking_id), 303)
