"""Reads the rows of a booking into the view that its partner is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Enterprise, Listing, RoomType
from marketplace.booking.changes.change_pricing import StayWish, read_wish
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
    SoldNight,
    StayView,
    Title,
    Unit,
    runs_of,
)
from marketplace.booking.models import (
    Booking,
    BookingNight,
    Rehousing,
    RehousingOffer,
    StayChange,
)
from marketplace.booking.states import BookingState, ChangeState, RehousingState
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.db import table_of
from marketplace.kernel.money import CNY, split

_ROOM, _LISTING, _ENTERPRISE = table_of(RoomType), table_of(Listing), table_of(Enterprise)
_CODES = (
    sa.select(
        _ROOM.c.id,
        _ROOM.c.code.label("room_type"),
        _LISTING.c.code.label("listing"),
        _LISTING.c.name_zh,
        _LISTING.c.name_en,
        _LISTING.c.is_sample,
        _ENTERPRISE.c.code.label("enterprise"),
    )
    .join(_LISTING, _LISTING.c.id == _ROOM.c.listing_id)
    .join(_ENTERPRISE, _ENTERPRISE.c.id == _LISTING.c.enterprise_id)
    .where(_ROOM.c.id.in_(sa.bindparam("rooms", expanding=True)))
)
_NIGHT = table_of(BookingNight)
_NIGHTS = (
    sa.select(_NIGHT.c.day, _NIGHT.c.list_fen, _NIGHT.c.sold_fen)
    .where(_NIGHT.c.booking_id == sa.bindparam("booking"))
    .order_by(_NIGHT.c.day)
)
Codes = Mapping[int, Any]


@dataclass(frozen=True, slots=True)
class Since:
    """What became of a booking after it was confirmed."""

    changes: Sequence[StayChange] = ()
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
        rooms = {offer.room_type_id for offer in self.offers}
        for change in self.changes[-1:]:
            rooms |= {read_wish(text).room_type_id for text in (change.was, change.wish)}
        return rooms


def read_since(session: Session, booking_id: str) -> Since:
    """Return what became of a booking after it was confirmed."""
    changes = session.scalars(
        sa.select(StayChange)
        .where(StayChange.booking_id == booking_id, StayChange.state == ChangeState.APPLIED)
        .order_by(StayChange.applied_at, StayChange.number)
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
            .order_by(RehousingOffer.km, RehousingOffer.total_fen, RehousingOffer.id)
        ).all()
    return Since(changes, rehousing, offers)


def read_nights(session: Session, booking_id: str) -> tuple[SoldNight, ...]:
    """Return the nights of a booking as they are sold."""
    rows = session.connection().execute(_NIGHTS, {"booking": booking_id})
    return tuple(SoldNight(*row) for row in rows)


def view_of(
    session: Session,
    booking: Booking,
    *,
    since: Since,
    nights: Sequence[SoldNight],
    ending: Ending | None,
    now: dt.datetime,
) -> BookingView:
    """Return the whole view of a booking as it stands in the caller's transaction."""
    rooms = sorted({booking.room_type_id} | since.rooms)
    codes: Codes = {row.id: row for row in session.connection().execute(_CODES, {"rooms": rooms})}
    own = codes[booking.room_type_id]
    open_hold = booking.state in {BookingState.HELD, BookingState.EXPIRED}
    return BookingView(
        id=booking.id,
        code=booking.code,
        version=booking.version,
        kind=STAY,
        state=booking.state,
        test=booking.test,
        is_sample=own.is_sample,
        surface=STAYS,
        their_ref=booking.external_ref,
        placed_at=booking.placed_at,
        updated_at=now,
        expires_at=booking.expires_at if open_hold else None,
        confirmed_at=booking.confirmed_at,
        redeemed_at=booking.checked_in_at,
        ended_at=booking.ended_at,
        starts_on=booking.check_in,
        ends_on=booking.check_out,
        items=(
            Item(
                number=1,
                kind=STAY,
                enterprise=own.enterprise,
                listing=own.listing,
                room_type=own.room_type,
                slot=None,
                berth_class=None,
                departure=None,
                title=Title(own.name_zh, own.name_en),
                first=booking.check_in,
                last=booking.check_out - dt.timedelta(days=1),
                units=booking.rooms,
                board=booking.board,
                beds=booking.extra_beds,
                runs=runs_of(nights),
            ),
        ),
        units=_units(booking),
        party=PartyView(booking.adults, tuple(booking.children_ages)),
        money=_money(booking, since),
        policy=_policy(booking),
        ending=ending,
        change=_change(since.changes[-1], codes) if since.changes else None,
        rehousing=_rehousing(booking, since, codes),
        departure=None,
    )


def _units(booking: Booking) -> tuple[Unit, ...]:
    return tuple(
        Unit(number, None, ROOM, None, booking.state, fen)
        for number, fen in enumerate(split(booking.total_fen, [1] * booking.rooms), 1)
    )


def _money(booking: Booking, since: Since) -> MoneyView:
    total, kept = booking.total_fen, since.fees_fen
    over = booking.state in {BookingState.CANCELLED, BookingState.NO_SHOW}
    fee = kept + ((booking.fee_fen or 0) if over else 0)
    owed = fee if over else total + kept
    return MoneyView(CNY, total, total, total, owed if booking.confirmed_at else 0, fee, None)


def _policy(booking: Booking) -> tuple[PolicyBand, ...]:
    found = cancellation_rules.bands(
        booking.policy,
        total_fen=booking.total_fen,
        check_in=booking.check_in,
        first=shanghai_date(booking.placed_at),
    )
    return tuple(PolicyBand(band.since, band.until, band.fee_bp, band.fee_fen) for band in found)


def _change(row: StayChange, codes: Codes) -> LastChange:
    return LastChange(
        number=row.number,
        kind=row.kind,
        reason=row.cause,
        at=row.applied_at or row.made_at,
        was=_stay(read_wish(row.was), codes),
        is_=_stay(read_wish(row.wish), codes),
        difference_fen=row.difference_fen,
        fee_fen=row.fee_fen,
    )


def _stay(wish: StayWish, codes: Codes) -> StayView:
    return StayView(
        codes[wish.room_type_id].room_type,
        wish.check_in,
        wish.check_out,
        wish.adults,
        tuple(wish.children_ages),
        wish.board,
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
    booking: Booking, offers: Iterable[RehousingOffer], codes: Codes
) -> Iterable[PlaceOffered]:
    for offer in offers:
        room = codes[offer.room_type_id]
        yield PlaceOffered(
            offer=offer.id,
            enterprise=room.enterprise,
            listing=room.listing,
            room_type=room.room_type,
            km=offer.km,
            # Nobody pays more than was agreed.
            total_fen=min(offer.total_fen, booking.total_fen),
        )
