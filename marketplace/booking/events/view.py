"""What a partner reads of a booking: one frozen value, kept whole with each event. Pure.

Nothing personal is in it, and nothing that depends on the clock. Amounts are whole fen; nights are
dates in Asia/Shanghai.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from marketplace.booking.states import (
    BookingState,
    ChangeKind,
    ReasonCode,
    RehousingState,
    state_at,
)
from marketplace.pricing.nights.terms import Board

STAY = "stay"
STAYS = "stays"
ROOM = "room"


@dataclass(frozen=True, slots=True)
class SoldNight:
    """One night of all rooms."""

    day: dt.date
    list_fen: int
    sold_fen: int


@dataclass(frozen=True, slots=True)
class Run:
    """Nights one after another that cost the same; ``last`` is the last night of them."""

    first: dt.date
    last: dt.date
    list_fen: int
    net_fen: int


@dataclass(frozen=True, slots=True)
class Title:
    """A name in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Item:
    """What was sold; ``first`` and ``last`` are its first and last night."""

    number: int
    kind: str
    enterprise: str
    listing: str
    room_type: str | None
    slot: str | None
    berth_class: str | None
    departure: str | None
    title: Title
    first: dt.date
    last: dt.date
    units: int
    board: Board
    beds: int
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of what was sold: of a stay a room, with its even share of the sum."""

    number: int
    uuid: str | None
    unit: str
    their_ref: str | None
    state: BookingState
    net_fen: int


@dataclass(frozen=True, slots=True)
class PartyView:
    """Who comes: adults, and the age of each child in full years on the day of arrival."""

    adults: int
    ages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MoneyView:
    """What it costs: ``net_fen`` is the price agreed, ``owed_fen`` what the partner owes of it.

    ``fee_fen`` is what was kept so far, for a cancellation, a no-show or nights given up.
    """

    currency: str
    public_fen: int
    retail_fen: int
    net_fen: int
    owed_fen: int
    fee_fen: int
    contract: str | None


@dataclass(frozen=True, slots=True)
class PolicyBand:
    """Cancelling from ``since`` up to ``until`` costs this."""

    since: dt.date
    until: dt.date
    fee_bp: int
    fee_fen: int


@dataclass(frozen=True, slots=True)
class Ending:
    """How it ended: by whom, why, what was kept and what went back."""

    by: str
    reason: ReasonCode | None
    at: dt.datetime
    fee_fen: int
    refund_fen: int
    nights_used: int


@dataclass(frozen=True, slots=True)
class StayView:
    """A stay as it was before a change, or is after it."""

    room_type: str
    arrive: dt.date
    depart: dt.date
    adults: int
    ages: tuple[int, ...]
    board: Board
    beds: int


@dataclass(frozen=True, slots=True)
class LastChange:
    """The latest change of one item; a negative ``difference_fen`` makes it cheaper."""

    number: int
    kind: ChangeKind
    reason: ReasonCode | None
    at: dt.datetime
    was: StayView
    is_: Annotated[StayView | None, Field(alias="is")]
    """``None`` where the item was given up."""
    difference_fen: int
    fee_fen: int
    item: Annotated[int | None, Field(exclude_if=lambda item: item is None)] = None
    """Which item, of a booking that has, or had, several; else it is left out."""


@dataclass(frozen=True, slots=True)
class RoomOffered:
    """The room offered in place of one item; ``net_fen`` is what the partner then owes for it."""

    item: int
    room_type: str
    net_fen: int


@dataclass(frozen=True, slots=True)
class PlaceOffered:
    """A place offered in place of the one booked; ``total_fen`` is what the partner then owes.

    ``room_type`` is that of the first item.
    """

    offer: int
    enterprise: str
    listing: str
    room_type: str
    km: float
    total_fen: int
    rooms: Annotated[tuple[RoomOffered, ...], Field(exclude_if=lambda rooms: not rooms)] = ()
    """One for each item, of a booking that has several; else they are left out."""


@dataclass(frozen=True, slots=True)
class RehousingView:
    """How the search for another place stands, after the house was told to take no guests."""

    state: RehousingState
    opened_at: dt.datetime
    deadline: dt.datetime | None
    declined_at: dt.datetime | None
    ended_at: dt.datetime | None
    offers: tuple[PlaceOffered, ...]


@dataclass(frozen=True, slots=True)
class BookingView:
    """A booking after an event, whole."""

    id: str
    code: str
    version: int
    kind: str
    state: BookingState
    test: bool
    is_sample: bool
    surface: str
    their_ref: str | None
    placed_at: dt.datetime
    updated_at: dt.datetime
    expires_at: dt.datetime | None
    confirmed_at: dt.datetime | None
    redeemed_at: dt.datetime | None
    ended_at: dt.datetime | None
    starts_on: dt.date
    ends_on: dt.date
    items: tuple[Item, ...]
    units: tuple[Unit, ...]
    party: PartyView
    money: MoneyView
    policy: tuple[PolicyBand, ...]
    ending: Ending | None
    change: LastChange | None
    rehousing: RehousingView | None
    departure: str | None

    @property
    def nights(self) -> tuple[SoldNight, ...]:
        """The nights, one by one, as they were sold."""
        return tuple(night for item in self.items for night in nights_of(item.runs))


def runs_of(nights: Iterable[SoldNight]) -> tuple[Run, ...]:
    """Return nights in order as runs of equal ones."""
    found: list[Run] = []
    for (list_fen, net_fen), group in groupby(
        nights, key=lambda night: (night.list_fen, night.sold_fen)
    ):
        days = [night.day for night in group]
        found.append(Run(days[0], days[-1], list_fen, net_fen))
    return tuple(found)


def nights_of(runs: Iterable[Run]) -> Iterator[SoldNight]:
    """Return the nights of runs, one by one."""
    for run in runs:
        for offset in range((run.last - run.first).days + 1):
            yield SoldNight(run.first + dt.timedelta(days=offset), run.list_fen, run.net_fen)


def at(view: BookingView, now: dt.datetime) -> BookingView:
    """Return a view as it is read at ``now``: a hold past its promised time has expired."""
    state = state_at(view.state, expires_at=view.expires_at or now, now=now)
    if view.expires_at is None or state is view.state:
        return view
    units = tuple(replace(unit, state=state) for unit in view.units)
    return replace(view, state=state, units=units, ended_at=view.expires_at)


_VIEW = TypeAdapter(BookingView)


def plain(view: BookingView) -> dict[str, Any]:
    """Return a view as plain values, the way it is sent and kept."""
    told: dict[str, Any] = _VIEW.dump_python(view, mode="json", by_alias=True)
    return told


def read_view(text: str) -> BookingView:
    """Return the view that was kept as JSON."""
    return _VIEW.validate_json(text)
