"""What operators and the office read of bookings; no partner's test booking is among them."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Listing, RoomType
from marketplace.booking.items import BookingItem
from marketplace.booking.models import Booking
from marketplace.booking.reads.given_up_rooms import RoomGivenUp, rooms_given_up
from marketplace.booking.reads.hold_standing import standing, stands
from marketplace.booking.reads.sold_nights import NightRow, nights_by_item
from marketplace.booking.states import BookingState, Channel, ReasonCode
from marketplace.kernel import typed
from marketplace.kernel.errors import NotFound
from marketplace.kernel.pagination import Page
from marketplace.kernel.phone_index import indexes_of
from marketplace.pricing.nights.terms import Board

PAGE_SIZE = 20
MOST_FOUND = 50
MOST_EXPORTED = 10_000
SHARED = frozenset(
    {
        BookingState.CONFIRMED,
        BookingState.IN_STAY,
        BookingState.COMPLETED,
        BookingState.CURTAILED,
        BookingState.NO_SHOW,
    }
)
"""States in which the operator sees who comes: it hosts them. In others it need not know."""
VALID = (BookingState.CONFIRMED, BookingState.IN_STAY, BookingState.HELD)
AGREED = SHARED | {BookingState.CANCELLED}


class Sort(enum.StrEnum):
    """How a list of bookings is ordered."""

    ARRIVAL = "arrival"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class BookingRow:
    """Rooms of one type of a booking in a list; sums are theirs, in fen."""

    id: str
    number: int
    """Counts the items of a booking from 1."""
    code: str
    channel: Channel
    listing_zh: str
    listing_en: str
    room_zh: str
    room_en: str
    check_in: dt.date
    check_out: dt.date
    rooms: int
    adults: int
    children_ages: list[Any]
    total_fen: int
    placed_at: dt.datetime
    board: Board
    extra_beds: int
    adjoining: bool
    """Several rooms are wanted next to each other, if possible."""
    state: BookingState
    """By the clock, not by when the sweep comes round."""

    @property
    def nights(self) -> int:
        """How many nights."""
        return (self.check_out - self.check_in).days


@dataclass(frozen=True, slots=True)
class GuestRow:
    """Rooms of a booking with who comes, for the front desk."""

    row: BookingRow
    lead_name: str
    sleepers: str
    """Who sleeps in these rooms; nothing where it was not said."""
    phone: str
    for_family: bool
    checked_in_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class HostRoom:
    """Rooms of one type of a booking, as their operator sees them."""

    row: BookingRow
    sleepers: str
    """Who sleeps in them; nothing where it was not said, or while they need not know."""
    nights: tuple[NightRow, ...]
    commission_bp: int


@dataclass(frozen=True, slots=True)
class HostBooking:
    """One booking as its operator sees it: its own rooms, at least those of one type."""

    rooms: tuple[HostRoom, ...]
    given_up: tuple[RoomGivenUp, ...]
    """What its guest gave up alone, in that order."""
    lead_name: str
    phone: str
    """Both empty while or when the operator need not know them."""
    for_family: bool
    confirmed_at: dt.datetime | None
    checked_in_at: dt.datetime | None
    ended_at: dt.datetime | None
    reason: ReasonCode | None
    fee_fen: int | None

    @property
    def row(self) -> BookingRow:
        """The first of its rooms: code, state and channel are those of all of them."""
        return self.rooms[0].row

    @property
    def first_day(self) -> dt.date:
        """The arrival in the first of its rooms, Asia/Shanghai."""
        return min(room.row.check_in for room in self.rooms)

    @property
    def last_day(self) -> dt.date:
        """The departure from the last of its rooms, Asia/Shanghai."""
        return max(room.row.check_out for room in self.rooms)

    @property
    def total_fen(self) -> int:
        """What all its rooms cost."""
        return sum(room.row.total_fen for room in self.rooms)


@dataclass(frozen=True, slots=True)
class BookingFilters:
    """Which bookings to list; empty fields do not restrict."""

    state: BookingState | None = None
    first_day: dt.date | None = None
    """Earliest arrival."""
    last_day: dt.date | None = None
    """Latest arrival, itself included."""
    sort: Sort = Sort.ARRIVAL


@dataclass(frozen=True, slots=True)
class House:
    """A day at the front desk; rooms of one booking stand one after the other."""

    arrivals: tuple[GuestRow, ...]
    """Due or arrived on the day."""
    overdue: tuple[GuestRow, ...]
    """Due earlier and not arrived yet."""
    leaving: tuple[GuestRow, ...]
    staying: tuple[GuestRow, ...]
    """In house over the night of the day."""


_COLUMNS = (
    Booking.id,
    BookingItem.number,
    Booking.code,
    Booking.channel,
    Listing.name_zh.label("listing_zh"),
    Listing.name_en.label("listing_en"),
    RoomType.name_zh.label("room_zh"),
    RoomType.name_en.label("room_en"),
    BookingItem.first_day,
    BookingItem.last_day,
    BookingItem.units,
    BookingItem.adults,
    BookingItem.children_ages,
    BookingItem.total_fen,
    Booking.placed_at,
    BookingItem.board,
    BookingItem.extra_beds,
    BookingItem.adjoining,
)


def _rows(now: dt.datetime, *more: Any) -> sa.Select[Any]:
    return (
        sa.select(*_COLUMNS, standing(now), *more)
        .join(BookingItem, BookingItem.booking_id == Booking.id)
        .join(Listing, Listing.id == BookingItem.listing_id)
        .join(RoomType, RoomType.id == BookingItem.room_type_id)
        .where(Booking.test.is_(False))
    )


def _row(row: sa.Row[Any]) -> BookingRow:
    return BookingRow(*row[: len(_COLUMNS) + 1])


def _where(
    enterprise_id: int, filters: BookingFilters, now: dt.datetime
) -> list[sa.ColumnElement[bool]]:
    where = [BookingItem.enterprise_id == enterprise_id, Booking.test.is_(False)]
    if filters.state is not None:
        where.append(stands(filters.state, now))
    else:
        where.append(Booking.state.in_(AGREED))
    if filters.first_day:
        where.append(BookingItem.first_day >= filters.first_day)
    if filters.last_day:
        where.append(BookingItem.first_day <= filters.last_day)
    return where


def _order(sort: Sort) -> tuple[Any, ...]:
    if sort is Sort.NEWEST:
        return Booking.placed_at.desc(), Booking.id, BookingItem.number
    return BookingItem.first_day, Booking.id, BookingItem.number


def bookings_page(
    session: Session, *, enterprise_id: int, filters: BookingFilters, page: int, now: dt.datetime
) -> Page[BookingRow]:
    """Return one page of an operator's bookings; without a state those that were ever agreed.

    Bookings are counted and paged, and each has a row for every type of its rooms.
    """
    where = _where(enterprise_id, filters, now)
    bookings = (
        sa.select(Booking.id)
        .join(BookingItem, BookingItem.booking_id == Booking.id)
        .where(*where)
        .group_by(Booking.id)
    )
    total = session.scalar(sa.select(sa.func.count()).select_from(bookings.subquery())) or 0
    number = min(max(page, 1), max(1, -(-total // PAGE_SIZE)))
    first = (
        Booking.placed_at.desc()
        if filters.sort is Sort.NEWEST
        else sa.func.min(BookingItem.first_day)
    )
    shown = bookings.order_by(first, Booking.id).limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)
    rows = session.execute(
        _rows(now).where(*where, Booking.id.in_(shown)).order_by(*_order(filters.sort))
    )
    return Page([_row(row) for row in rows], total, number, PAGE_SIZE)


def bookings_rows(
    session: Session, *, enterprise_id: int, filters: BookingFilters, now: dt.datetime
) -> Iterator[BookingRow]:
    """Yield an operator's bookings for a file, a line for each type of rooms, 10,000 at most."""
    rows = session.execute(
        _rows(now)
        .where(*_where(enterprise_id, filters, now))
        .order_by(*_order(filters.sort))
        .limit(MOST_EXPORTED)
    )
    return (_row(row) for row in rows)


def own_by_code(session: Session, *, enterprise_id: int, code: str) -> str | None:
    """Return the id of this operator's booking with this code, however it is typed, or ``None``."""
    return session.scalar(
        sa.select(Booking.id).where(
            Booking.code == typed.code(code),
            Booking.items.any(BookingItem.enterprise_id == enterprise_id),
            Booking.test.is_(False),
        )
    )


def own_by_phone(
    session: Session, *, enterprise_id: int, phone: str, now: dt.datetime
) -> list[BookingRow]:
    """Return this operator's bookings with exactly this phone, the latest arrival first.

    Only those whose guests it hosts; ``phone`` is in its normal form.
    """
    rows = session.execute(
        _rows(now)
        .where(
            BookingItem.enterprise_id == enterprise_id,
            Booking.phone_index.in_(indexes_of(phone)),
            Booking.state.in_(SHARED),
        )
        .order_by(BookingItem.first_day.desc(), Booking.id, BookingItem.number)
        .limit(MOST_FOUND)
    )
    return [_row(row) for row in rows]


def host_booking(
    session: Session, *, booking_id: str, enterprise_id: int, now: dt.datetime
) -> HostBooking:
    """Return one booking of this operator; anybody else's looks as if it did not exist.

    Raises:
        NotFound: there is none.
    """
    found = session.execute(
        _rows(now, Booking, BookingItem)
        .where(Booking.id == booking_id, BookingItem.enterprise_id == enterprise_id)
        .order_by(BookingItem.number)
    ).all()
    if not found:
        raise NotFound
    booking: Booking = found[0].Booking
    shared = booking.state in SHARED
    nights = nights_by_item(session, booking_id)
    return HostBooking(
        rooms=tuple(
            HostRoom(
                _row(row),
                (row.BookingItem.sleepers or "") if shared else "",
                tuple(nights[row.BookingItem.number]),
                row.BookingItem.commission_bp,
            )
            for row in found
        ),
        given_up=rooms_given_up(session, booking_id) if booking.confirmed_at else (),
        lead_name=(booking.lead_name or "") if shared else "",
        phone=(booking.phone or "") if shared else "",
        for_family=booking.for_family,
        confirmed_at=booking.confirmed_at,
        checked_in_at=booking.checked_in_at,
        ended_at=booking.ended_at,
        reason=booking.reason,
        fee_fen=booking.fee_fen,
    )


def house(session: Session, *, enterprise_id: int, day: dt.date, now: dt.datetime) -> House:
    """Return who is due, leaving and staying on ``day``, in one read."""
    here = (
        (Booking.state == BookingState.IN_STAY)
        & (BookingItem.first_day <= day)
        & (BookingItem.last_day >= day)
    )
    due = (Booking.state == BookingState.CONFIRMED) & (BookingItem.first_day <= day)
    found = session.execute(
        _rows(
            now,
            *(Booking.lead_name, BookingItem.sleepers, Booking.phone),
            *(Booking.for_family, Booking.checked_in_at),
        )
        .where(BookingItem.enterprise_id == enterprise_id, sa.or_(here, due))
        .order_by(BookingItem.first_day, RoomType.position, Booking.code, BookingItem.number)
    )
    guests = _together(
        GuestRow(
            _row(row),
            row.lead_name or "",
            row.sleepers or "",
            row.phone or "",
            row.for_family,
            row.checked_in_at,
        )
        for row in found
    )
    waiting = [guest for guest in guests if guest.row.state is BookingState.CONFIRMED]
    inside = [guest for guest in guests if guest.row.state is BookingState.IN_STAY]
    return House(
        arrivals=tuple(guest for guest in guests if guest.row.check_in == day),
        overdue=tuple(guest for guest in waiting if guest.row.check_in < day),
        leaving=tuple(guest for guest in inside if guest.row.check_out == day),
        staying=tuple(guest for guest in inside if guest.row.check_in <= day < guest.row.check_out),
    )


def _together(guests: Iterable[GuestRow]) -> list[GuestRow]:
    """Put the rooms of a booking one after the other, where the first of them stands."""
    found: dict[str, list[GuestRow]] = {}
    for guest in guests:
        found.setdefault(guest.row.id, []).append(guest)
    return [guest for rooms in found.values() for guest in rooms]


def live_of(session: Session, *, enterprise_id: int, now: dt.datetime) -> list[BookingRow]:
    """Return the bookings of an enterprise that stay valid through a suspension, by arrival."""
    rows = session.execute(
        _rows(now)
        .where(
            BookingItem.enterprise_id == enterprise_id,
            sa.or_(*(stands(state, now) for state in VALID)),
        )
        .order_by(BookingItem.first_day, Booking.id, BookingItem.number)
    )
    return [_row(row) for row in rows]
