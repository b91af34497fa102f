"""Reads the rows of a booking into the view that its partner is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from catalog.directory.room_names import NAME_COLUMNS, NAMES, RoomNames
from catalog.models import Enterprise, Listing, RoomType
from catalog.sale import House
from catalog.service import HOUSE_COLUMNS
from marketplace.booking.contract import cancellation_rules
from marketplace.booking.events.view import (
    ROOM,
    STAY,
    STAYS,
    BookingView,
    Ending,
    Item,
    LastChange,
    MoneyView,
    PartyView,
    PlaceOffered,
    PolicyBand,
    RehousingView,
    RoomOffered,
    SoldNight,
    StayView,
    Title,
    Unit,
    runs_of,
)
from marketplace.booking.items import BookingItem, BookingPart
from marketplace.booking.models import (
    Booking,
    BookingChange,
    Rehousing,
    RehousingOffer,
)
from marketplace.booking.states import BookingState, ChangeKind, ChangeState, RehousingState
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.db import table_of
from marketplace.kernel.money import CNY, split
from marketplace.pricing.nights.selection import StaySelection
from marketplace.pricing.nights.terms import Board

_ROOM, _LISTING, _ENTERPRISE = table_of(RoomType), table_of(Listing), table_of(Enterprise)
_CODES = (
    sa.select(_ROOM.c.id, *NAME_COLUMNS)
    .join(_LISTING, _LISTING.c.id == _ROOM.c.listing_id)
    .join(_ENTERPRISE, _ENTERPRISE.c.id == _LISTING.c.enterprise_id)
    .where(_ROOM.c.id.in_(sa.bindparam("rooms", expanding=True)))
)
_PART, _ITEM = table_of(BookingPart), table_of(BookingItem)
_NIGHT = (_PART.c.day, _PART.c.list_fen, _PART.c.sold_fen)
_SOLD = (
    sa.select(
        *(_ITEM.c.number, _ITEM.c.enterprise_id, _ITEM.c.room_type_id),
        *(*_NIGHT, *NAME_COLUMNS, *HOUSE_COLUMNS),
    )
    .join_from(
        _PART,
        _ITEM,
        sa.and_(_ITEM.c.booking_id == _PART.c.booking_id, _ITEM.c.number == _PART.c.item),
    )
    .join(_ROOM, _ROOM.c.id == _ITEM.c.room_type_id)
    .join(_LISTING, _LISTING.c.id == _ROOM.c.listing_id)
    .join(_ENTERPRISE, _ENTERPRISE.c.id == _ITEM.c.enterprise_id)
    .where(_PART.c.booking_id == sa.bindparam("booking"))
    .order_by(_PART.c.item, _PART.c.day)
)
Codes = Mapping[int, RoomNames]


@dataclass(frozen=True, slots=True)
class Sold:
    """What is sold of a booking, and by what names."""

    nights: Mapping[int, Sequence[SoldNight]]
    """Its days by the number of the item."""
    codes: Codes
    """What its room types are called, by their ids."""
    sellers: Mapping[int, House] = field(default_factory=dict)
    """What is known of the sales of who delivers it, by the id, where it was read."""


@dataclass(frozen=True, slots=True)
class Since:
    """What became of a booking after it was confirmed."""

    changes: Sequence[BookingChange] = ()
    """Those made, in order."""
    rehousing: Rehousing | None = None
    offers: Sequence[RehousingOffer] = ()

    @property
    def fees_fen(self) -> int:
        """What was kept for nights given up, in fen."""
        return sum(change.fee_fen for change in self.changes)

    @property
    def rooms(self) -> set[int]:
        """The room types that must be named."""
        rooms = {room.room_type_id for offer in self.offers for room in offer.rooms}
        for change in self.changes[-1:]:
            rooms |= {stay.room_type_id for stay in (change.was, change.wish) if stay}
        return rooms


def read_since(session: Session, booking_id: str) -> Since:
    """Return what became of a booking after it was confirmed."""
    changes = session.scalars(
        sa.select(BookingChange)
        .where(BookingChange.booking_id == booking_id, BookingChange.state == ChangeState.APPLIED)
        .order_by(BookingChange.applied_at, BookingChange.number)
    ).all()
    rehousing = session.scalars(
        sa.select(Rehousing)
        .where(Rehousing.booking_id == booking_id)
        .order_by(Rehousing.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).one_or_none()
    offers: Sequence[RehousingOffer] = ()
    if rehousing is not None and rehousing.state is RehousingState.OFFERED:
        offers = session.scalars(
            sa.select(RehousingOffer)
            .where(RehousingOffer.rehousing_id == rehousing.id)
            .options(selectinload(RehousingOffer.rooms))
            .execution_options(populate_existing=True)
        ).all()
    return Since(changes, rehousing, offers)


def read_sold(session: Session, booking_id: str) -> Sold:
    """Return the days of a booking as they are sold, by whom and by what names: one query."""
    nights: dict[int, list[SoldNight]] = {}
    codes: dict[int, RoomNames] = {}
    sellers: dict[int, House] = {}
    for item, seller, room, *more in session.connection().execute(_SOLD, {"booking": booking_id}):
        night, names, house = more[:3], more[3 : 3 + NAMES], more[3 + NAMES :]
        if item not in nights:
            codes[room], sellers[seller] = RoomNames(*names), House(*house)
        nights.setdefault(item, []).append(SoldNight(*night))
    return Sold(nights, codes, sellers)


def _codes(session: Session, rooms: Collection[int], known: Codes) -> Codes:
    missing = set(rooms) - known.keys()
    if not missing:
        return known
    rows = session.connection().execute(_CODES, {"rooms": sorted(missing)})
    return {**known, **{room: RoomNames(*names) for room, *names in rows}}


def view_of(
    session: Session,
    booking: Booking,
    *,
    since: Since,
    sold: Sold,
    ending: Ending | None,
    now: dt.datetime,
) -> BookingView:
    """Return the whole view of a booking as it stands in the caller's transaction."""
    rooms = {item.room_type_id for item in booking.items} | since.rooms
    codes = _codes(session, rooms, sold.codes)
    first = booking.items[0]
    open_hold = booking.state in {BookingState.HELD, BookingState.EXPIRED}
    return BookingView(
        id=booking.id,
        code=booking.code,
        version=booking.version,
        kind=STAY,
        state=booking.state,
        test=booking.test,
        is_sample=codes[first.room_type_id].is_sample,
        surface=STAYS,
        their_ref=booking.external_ref,
        placed_at=booking.placed_at,
        updated_at=now,
        expires_at=booking.expires_at if open_hold else None,
        confirmed_at=booking.confirmed_at,
        redeemed_at=booking.checked_in_at,
        ended_at=booking.ended_at,
        starts_on=booking.starts_on,
        ends_on=booking.ends_on,
        items=tuple(_item(item, codes, sold.nights[item.number]) for item in booking.items),
        units=_units(booking),
        party=PartyView(
            sum(item.adults for item in booking.items),
            tuple(age for item in booking.items for age in item.children_ages),
        ),
        money=_money(booking, since),
        policy=_policy(booking),
        ending=ending,
        change=_change(booking, since, codes) if since.changes else None,
        rehousing=_rehousing(booking, since, codes),
        departure=None,
    )


def _item(item: BookingItem, codes: Codes, nights: Sequence[SoldNight]) -> Item:
    own = codes[item.room_type_id]
    return Item(
        number=item.number,
        kind=STAY,
        enterprise=own.enterprise,
        listing=own.listing,
        room_type=own.room_type,
        slot=None,
        berth_class=None,
        departure=None,
        title=Title(own.name_zh, own.name_en),
        first=item.first_day,
        last=item.last_day - dt.timedelta(days=1),
        units=item.units,
        board=item.board,
        beds=item.extra_beds,
        runs=runs_of(nights),
    )


def _units(booking: Booking) -> tuple[Unit, ...]:
    fens = (fen for item in booking.items for fen in split(item.total_fen, [1] * item.units))
    return tuple(
        Unit(number, None, ROOM, None, booking.state, fen) for number, fen in enumerate(fens, 1)
    )


def _money(booking: Booking, since: Since) -> MoneyView:
    total, kept = booking.total_fen, since.fees_fen
    over = booking.state in {BookingState.CANCELLED, BookingState.NO_SHOW}
    fee = kept + ((booking.fee_fen or 0) if over else 0)
    owed = fee if over else total + kept
    return MoneyView(CNY, total, total, total, owed if booking.confirmed_at else 0, fee, None)


def _policy(booking: Booking) -> tuple[PolicyBand, ...]:
    found = cancellation_rules.bands(booking.sold, first=shanghai_date(booking.placed_at))
    return tuple(PolicyBand(band.since, band.until, band.fee_bp, band.fee_fen) for band in found)


def _change(booking: Booking, since: Since, codes: Codes) -> LastChange:
    row = since.changes[-1]
    several = not booking.is_one_room or any(
        change.kind is ChangeKind.CANCEL for change in since.changes
    )
    return LastChange(
        number=row.number,
        kind=row.kind,
        reason=row.cause,
        at=row.applied_at or row.made_at,
        was=_stay(row.was, codes),
        is_=_stay(row.wish, codes) if row.wish else None,
        difference_fen=row.difference_fen,
        fee_fen=row.fee_fen,
        item=row.item if several else None,
    )


def _stay(wish: StaySelection, codes: Codes) -> StayView:
    return StayView(
        codes[wish.room_type_id].room_type,
        wish.stay.check_in,
        wish.stay.check_out,
        wish.party.adults,
        wish.party.children_ages,
        wish.board or Board.ROOM_ONLY,
        wish.extra_beds,
    )


def _rehousing(booking: Booking, since: Since, codes: Codes) -> RehousingView | None:
    row = since.rehousing
    if row is None:
        return None
    return RehousingView(
        state=row.state,
        opened_at=row.opened_at,
        deadline=row.deadline if row.state is RehousingState.OFFERED else None,
        declined_at=row.declined_at,
        ended_at=row.ended_at,
        offers=tuple(_offers(booking, since.offers, codes)),
    )


def _offers(
    booking: Booking, offers: Sequence[RehousingOffer], codes: Codes
) -> Iterable[PlaceOffered]:
    asked = {offer.id: sum(room.total_fen for room in offer.rooms) for offer in offers}
    for offer in sorted(offers, key=lambda offer: (offer.km, asked[offer.id], offer.id)):
        first = codes[offer.rooms[0].room_type_id]
        rooms = tuple(
            # Nobody pays more than was agreed.
            RoomOffered(
                room.item,
                codes[room.room_type_id].room_type,
                min(room.total_fen, booking.item(room.item).total_fen),
            )
            for room in offer.rooms
        )
        yield PlaceOffered(
            offer=offer.id,
            enterprise=first.enterprise,
            listing=first.listing,
            room_type=first.room_type,
            km=offer.km,
            total_fen=sum(room.net_fen for room in rooms),
            rooms=rooms if len(rooms) > 1 else (),
        )
