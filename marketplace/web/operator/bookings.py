"""The operator's bookings: the list, the search, the file, one booking."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import Response as FlaskResponse
from flask import redirect, url_for
from werkzeug.wrappers import Response

from marketplace.booking.contract import cancellation_rules
from marketplace.booking.reads import staff_queries
from marketplace.booking.reads.staff_queries import BookingFilters, BookingRow, Sort
from marketplace.booking.states import BookingState
from marketplace.kernel import phones
from marketplace.kernel.audit_queries import TrailEntry, entries_for
from marketplace.kernel.money import plain_yuan
from marketplace.kernel.pagination import Page
from marketplace.staff.queries import colleagues
from marketplace.staff.roles import Permission
from marketplace.web.auth import needs, own_enterprise, staff
from marketplace.web.context import now, personal, services, today
from marketplace.web.forms import csv_file, reader
from marketplace.web.forms.field_sizes import SIZES
from marketplace.web.forms.links import link_to
from marketplace.web.i18n import translate
from marketplace.web.operator.base import LOOK_UPS, blueprint
from marketplace.web.protection import limits
from marketplace.web.protection.access_notes import READ, exports, lists_guests, reads
from marketplace.web.rendering import labels, pages, price_words
from marketplace.web.staff_frame import framed

NOTHING_FOUND = "没有找到。请核对订单号或完整的手机号码，这里只找得到您自己的订单"
HEADS = (
    "订单号", "状态", "来源", "产品", "房型", "入住", "离开", "晚数", "间数", "大人", "孩子",
    "餐食", "加床", "房间挨着", "总价（元）",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BookingsHtml(pages.Page):
    """The bookings by state and arrival."""

    template: ClassVar[str] = "operator/bookings.html"

    page: Page[BookingRow]
    shown: Mapping[str, str]
    states: Sequence[tuple[str, str]]
    page_url: Callable[[int], str]
    export_url: str


@dataclass(frozen=True, slots=True)
class FoundHtml(pages.Page):
    """What was found by code or telephone."""

    template: ClassVar[str] = "operator/found.html"

    rows: Sequence[BookingRow]
    typed: str
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BookingHtml(pages.Page):
    """One booking, with its story."""

    template: ClassVar[str] = "operator/booking.html"

    booking: staff_queries.HostBooking
    story: Sequence[tuple[TrailEntry, str]]
    """Each entry with who it was."""
    rooms: Sequence[tuple[staff_queries.HostRoom, Sequence[tuple[str, str]]]]
    """Each with what comes with it, as facts."""
    expected_until: dt.datetime | None
    errors: Mapping[str, str]


@blueprint.get("/bookings")
@needs(Permission.SEE_OWN_BOOKINGS)
@lists_guests
def bookings() -> str:
    """List the bookings by state and arrival."""
    filters, shown = _filters()
    with services().database.read() as session:
        page = staff_queries.bookings_page(
            session,
            enterprise_id=own_enterprise(),
            filters=filters,
            page=reader.asked().page(),
            now=now(),
        )
    return framed(
        BookingsHtml(
            page=page,
            shown=shown,
            states=[(state.value, labels.state_label(state)) for state in BookingState],
            page_url=lambda number: link_to("operator.bookings", shown, page=number),
            export_url=link_to("operator.export_bookings", shown),
        ),
        nav="bookings",
    )


def _filters() -> tuple[BookingFilters, dict[str, str]]:
    """Return the filters asked for, and how they were written, without what cannot be read."""
    asked = reader.asked()
    known = asked.choice("state", BookingState)
    first, last = asked.day("first"), asked.day("last")
    sort = Sort.NEWEST if asked.sent("sort") == Sort.NEWEST else Sort.ARRIVAL
    shown = {
        "state": known.value if known else "",
        "first": first.isoformat() if first else "",
        "last": last.isoformat() if last else "",
        "sort": sort.value if sort is Sort.NEWEST else "",
    }
    given = {name: value for name, value in shown.items() if value}
    return BookingFilters(state=known, first_day=first, last_day=last, sort=sort), given


@blueprint.get("/bookings.csv")
@needs(Permission.SEE_OWN_BOOKINGS)
@exports
def export_bookings() -> FlaskResponse:
    """Give the list as a file; it names no guest, so that it may be passed on."""
    filters, _ = _filters()
    with services().database.read() as session:
        found = staff_queries.bookings_rows(
            session, enterprise_id=own_enterprise(), filters=filters, now=now()
        )
        lines = [_line(row) for row in found]
    heads = [translate(head) for head in HEADS]
    return csv_file.answer(f"bookings-{today():%Y%m%d}", heads, lines)


def _line(row: BookingRow) -> tuple[object, ...]:
    return (
        row.code,
        labels.state_label(row.state),
        labels.channel_label(row.channel),
        labels.pick(row.listing_zh, row.listing_en),
        labels.pick(row.room_zh, row.room_en),
        row.check_in.isoformat(),
        row.check_out.isoformat(),
        row.nights,
        row.rooms,
        row.adults,
        len(row.children_ages),
        labels.board_label(row.board),
        row.extra_beds,
        translate("是") if row.adjoining else "",
        plain_yuan(row.total_fen, exact=True),
    )


@blueprint.get("/bookings/find", endpoint="find_again")
@needs(Permission.SEE_OWN_BOOKINGS)
def find_again() -> Response:
    """Begin a search anew: what was looked for stands in no address."""
    return redirect(url_for("operator.bookings"))


@blueprint.post("/bookings/find")
@needs(Permission.SEE_OWN_BOOKINGS)
@personal
@lists_guests
def find() -> str | Response | tuple[str, int]:
    """Find bookings by code or by the whole phone number; both stay out of the address."""
    limits.spend(LOOK_UPS, "operator", str(staff().account.id))
    typed, mine = reader.posted().text("query", SIZES.identifier), own_enterprise()
    phone = phones.normal(typed)
    with services().database.read() as session:
        booking_id = staff_queries.own_by_code(session, enterprise_id=mine, code=typed)
        rows = (
            staff_queries.own_by_phone(session, enterprise_id=mine, phone=phone, now=now())
            if phone
            else []
        )
    if booking_id is not None:
        return redirect(url_for("operator.booking", booking_id=booking_id), 303)
    errors = {} if rows else {"query": translate(NOTHING_FOUND)}
    page = framed(FoundHtml(rows=rows, typed=typed, errors=errors), nav="bookings")
    return page, 404 if errors else 200


@blueprint.get("/bookings/<booking_id>")
@needs(Permission.SEE_OWN_BOOKINGS)
@personal
@reads("booking", "booking_id")
def booking(booking_id: str) -> str:
    """Show one booking with who comes, its nights, and what happened to it."""
    return booking_page(booking_id, {})


def booking_page(booking_id: str, errors: dict[str, str]) -> str:
    """Return the page of one booking, with what could not be done to it."""
    with services().database.read() as session:
        found = staff_queries.host_booking(
            session, booking_id=booking_id, enterprise_id=own_enterprise(), now=now()
        )
        story = entries_for(session, subject=("booking", booking_id))
        names = colleagues(session, enterprise_id=own_enterprise())
    row = found.row
    late = row.state is BookingState.CONFIRMED and row.check_in <= today()
    return framed(
        BookingHtml(
            booking=found,
            story=[
                (entry, labels.host_actor_label(entry.actor, names))
                for entry in story
                if entry.action != READ  # who looked at it is for the office
            ],
            rooms=[(room, _extras(room.row)) for room in found.rooms],
            expected_until=cancellation_rules.expected_until(row.check_in) if late else None,
            errors=errors,
        ),
        nav="bookings",
    )


def _extras(row: BookingRow) -> list[tuple[str, str]]:
    """Return what comes with the rooms of a row, as facts."""
    return price_words.extras(
        row.board, extra_beds=row.extra_beds, rooms=row.rooms, adjoining=row.adjoining
    )
