"""What a traveller reads of their own bookings: the voucher, the hold to pay, the lookup."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from catalog.queries import listing_page
from catalog.views import ListingPage, RoomTypeView
from marketplace.booking.changes.change_checks import Seen
from marketplace.booking.changes.change_queries import ChangeView, changes_of
from marketplace.booking.contract import cancellation_rules
from marketplace.booking.contract.buyers import PartnerSale
from marketplace.booking.contract.cancellation_rules import NEVER_CHANGED, ChangedBefore
from marketplace.booking.items import BookingItem
from marketplace.booking.lifecycle import return_rights
from marketplace.booking.lifecycle.transitions import cancellation
from marketplace.booking.models import Booking, ReturnRight
from marketplace.booking.reads.own_bookings import Stands
from marketplace.booking.rehousing import rehousing_status
from marketplace.booking.states import (
    FOUND_BY_CODE,
    BookingState,
    ChangeKind,
    ChangeState,
    ReturnState,
    SeveralItems,
)
from marketplace.kernel import typed
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.kernel.phone_index import indexes_of
from marketplace.kernel.stay import Stay
from marketplace.offers.quoting.stay_offers import Priced
from marketplace.payments.queries import RefundView, dues_of, payments_of, refunds_of
from marketplace.payments.states import PaymentState, RefundState
from marketplace.pricing.nights.quote import Quote
from marketplace.pricing.nights.selection import StaySelection

CANCELLABLE = frozenset({BookingState.HELD, BookingState.CONFIRMED})
LATE, CANCELLED = "late_payment", "cancelled"
"""The reasons of refunds of money that could buy nothing any more, and of what was cancelled."""


@dataclass(frozen=True, slots=True)
class NextSummer:
    """The same rooms next summer, kept for this guest for a while."""

    stay: Stay
    last_day: dt.date
    """The last day on which it can be taken, Asia/Shanghai."""
    priced: tuple[Priced, ...]
    """What each type costs by the tariff of today, in the order of the rooms of the stay; empty
    while it cannot be told of all."""

    @property
    def total_fen(self) -> int:
        """What all of it costs."""
        return sum(each.quote.total_fen for each in self.priced)


@dataclass(frozen=True, slots=True)
class GuestRooms:
    """Rooms of one type of a booking, with who sleeps in them and what they cost."""

    number: int
    """The number of the item that they are."""
    room_type: RoomTypeView
    units: int
    """How many rooms."""
    booked: StaySelection
    """Who stays in them, from when to when, with which meals and beds."""
    adjoining: bool
    sleepers: str
    """Who sleeps in them, in the traveller's words; nothing where they did not say."""
    price: Quote
    """The itemised price, without its nights."""
    sold: cancellation_rules.Sold
    """What they cost, how they are cancelled, and what changes before make of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestBooking(Stands):
    """One booking as its traveller may see it, with what it is for and what was paid."""

    code: str
    sold_by: PartnerSale | None
    """The partner platform that sold it; ``None`` where we did."""
    listing: ListingPage
    rooms: tuple[GuestRooms, ...]
    """What is booked now, of each type of room; at least one."""
    lead_name: str
    phone: str
    for_family: bool
    list_fen: int
    placed_at: dt.datetime
    extensions: int
    confirmed_at: dt.datetime | None
    fee_fen: int | None
    """What was kept of it when it was cancelled or nobody came."""
    dues: Mapping[str, int]
    """What is to be paid now, in fen: for the booking, or for a change of it, by their ids."""
    refunds: tuple[RefundView, ...]
    cancel: cancellation_rules.CancelQuote | None
    """What cancelling now would give back; ``None`` when it cannot be cancelled any more."""
    changes: tuple[ChangeView, ...]
    """The changes of the stay that were asked for, the newest first."""
    next_summer: NextSummer | None
    """After a long stay: the same room next summer, while it is kept."""

    @property
    def several(self) -> bool:
        """Whether it has rooms of several types, or for several parties."""
        return len(self.rooms) > 1

    @property
    def room(self) -> GuestRooms:
        """What is booked of the one room type; raises ``SeveralItems`` where there are more."""
        return self.rooms_of(None)

    def rooms_of(self, item: int | None) -> GuestRooms:
        """Return what is booked of one item, by its number; ``None`` is the only one.

        Raises:
            NotFound: it has no such item, or has it no more. SeveralItems: no number, and there
            are several.
        """
        if item is None and self.several:
            raise SeveralItems
        for room in self.rooms:
            if item in (None, room.number):
                return room
        raise NotFound

    @property
    def had_several(self) -> bool:
        """Whether it has, or had, rooms of several types: then a change says of which it is."""
        return self.several or any(each.kind is ChangeKind.CANCEL for each in self.changes_made)

    @property
    def may_change(self) -> bool:
        """Whether its guest may change it on our pages."""
        running = self.state in {BookingState.CONFIRMED, BookingState.IN_STAY}
        return running and self.channel.on_our_pages and self.rehousing is None

    @property
    def waiting_change(self) -> ChangeView | None:
        """The change that waits for its payment, also when the time promised is over."""
        waiting = (change for change in self.changes if change.state is ChangeState.HELD)
        return next(waiting, None) if self.may_change else None

    def due_fen(self, change: ChangeView | None = None) -> int:
        """Return what is to be paid now for the booking itself, or for one change of it."""
        return self.dues.get(change.id if change is not None else self.id, 0)

    @property
    def seen(self) -> Seen:
        """What a page shows of it, for the forms on that page."""
        held = (change.id for change in self.changes if change.state is ChangeState.HELD)
        rooms = tuple(room.booked for room in self.rooms)
        return Seen(rooms, self.total_fen, next(held, ""))

    @property
    def changes_made(self) -> tuple[ChangeView, ...]:
        """The changes that were made, the newest first."""
        return tuple(each for each in self.changes if each.state is ChangeState.APPLIED)

    def terms(self, today: dt.date) -> list[cancellation_rules.Band]:
        """Return what cancelling costs on each day from today on; changes made count as well."""
        if self.cancel is None:
            return []
        return cancellation_rules.bands([room.sold for room in self.rooms], first=today)

    @property
    def terms_differ(self) -> bool:
        """Whether its rooms are cancelled under different terms."""

        def what_counts(room: GuestRooms) -> tuple[Any, ...]:
            return room.sold.policy["bands"], room.sold.first_day, room.sold.changed

        return any(what_counts(room) != what_counts(self.rooms[0]) for room in self.rooms)

    def terms_of(self, rooms: GuestRooms, today: dt.date) -> list[cancellation_rules.Band]:
        """Return the share of ``rooms`` in what cancelling costs on each day from today on."""
        return cancellation_rules.bands([rooms.sold], first=today) if self.cancel else []

    @property
    def paid_fen(self) -> int:
        """What arrived in all, before anything went back, in fen."""
        return sum(payment.paid_fen or 0 for payment in self.payments)

    @property
    def refund_fen(self) -> int:
        """What went back or is on its way back, in fen."""
        return sum(
            refund.amount_fen for refund in self.refunds if refund.state is not RefundState.REJECTED
        )

    @property
    def given_back_fen(self) -> int:
        """What went back because it was cancelled or nobody came, in fen."""
        return sum(
            refund.amount_fen
            for refund in self.refunds
            if refund.reason == CANCELLED and refund.state is not RefundState.REJECTED
        )

    @property
    def cut_back_fen(self) -> int:
        """What went back for nights that the guest left before, in fen."""
        return sum(
            change.refund_fen
            for change in self.changes_made
            if change.kind is ChangeKind.SHORTEN
            and change.applied_at is not None
            and shanghai_date(change.applied_at) >= change.was.stay.check_in
        )

    @property
    def money_is_back(self) -> bool:
        """Whether all that goes back has been sent."""
        done = {RefundState.SUCCEEDED, RefundState.MANUAL_PAID, RefundState.EXTERNAL}
        return all(
            refund.state in done
            for refund in self.refunds
            if refund.state is not RefundState.REJECTED
        )

    def may_extend(self) -> bool:
        """Whether the hold may be extended once more."""
        longer = cancellation_rules.extended(
            placed_at=self.placed_at, expires_at=self.expires_at, extensions=self.extensions
        )
        return longer is not None

    def undo_until(self, now: dt.datetime) -> dt.datetime | None:
        """Return until when it can be undone in full; ``None`` when that time is over."""
        if self.cancel is None or not self.cancel.undo or self.confirmed_at is None:
            return None
        until = self.confirmed_at + cancellation_rules.UNDO_WITHIN
        return until if now < until else None

    def last_try_failed(self, change: ChangeView | None = None) -> bool:
        """Whether the newest attempt to pay for it failed."""
        tries = self.tries(change)
        return bool(tries) and tries[-1].state is PaymentState.FAILED

    @property
    def late_money_returned(self) -> bool:
        """Whether a payment for the booking came too late or twice and went back in full."""
        return any(each.reason == LATE and each.subject_id == self.id for each in self.refunds)

    @property
    def returned_change(self) -> ChangeView | None:
        """The newest change whose money came when it could not be made, and went back."""
        returned = {each.subject_id for each in self.refunds if each.reason == LATE}
        return next((change for change in self.changes if change.id in returned), None)


def guest_booking(session: Session, *, booking_id: str, now: dt.datetime) -> GuestBooking:
    """Return one booking in full, in a fixed number of queries; its rooms are of one listing.

    The caller has made sure that it is this visitor's. Raises ``NotFound``.
    """
    booking = session.get(Booking, booking_id, options=[joinedload(Booking.items)])
    if booking is None:
        raise NotFound
    listing = listing_page(session, booking.items[0].listing_id, hidden_too=True, bare=True)
    rehousing = rehousing_status.open_state(session, booking_id)
    cancel = None
    if booking.state in CANCELLABLE:
        cancel = cancellation(session, booking=booking, now=now, waiting=rehousing is not None)
    changed = cancel.changed if cancel and cancel.changed else [NEVER_CHANGED] * len(booking.items)
    return GuestBooking(
        id=booking.id,
        code=booking.code,
        state=booking.state,
        channel=booking.channel,
        sold_by=_seller(booking),
        listing=listing,
        rooms=tuple(map(_rooms, booking.items, changed, repeat(listing))),
        check_in=booking.starts_on,
        check_out=booking.ends_on,
        lead_name=booking.lead_name or "",
        phone=booking.phone or "",
        for_family=booking.for_family,
        list_fen=booking.list_fen,
        total_fen=booking.total_fen,
        placed_at=booking.placed_at,
        expires_at=booking.expires_at,
        extensions=booking.extensions,
        confirmed_at=booking.confirmed_at,
        fee_fen=booking.fee_fen,
        payments=tuple(payments_of(session, booking_id=booking_id)),
        dues=dues_of(session, booking_id=booking_id),
        refunds=tuple(refunds_of(session, booking_id=booking_id)),
        cancel=cancel,
        rehousing=rehousing,
        changes=changes_of(session, booking_id=booking_id),
        next_summer=next_summer(session, booking_id=booking_id, now=now)
        if booking.state is BookingState.COMPLETED
        else None,
    )


def _seller(booking: Booking) -> PartnerSale | None:
    if booking.partner_id is None:
        return None
    return PartnerSale(booking.partner_id, booking.external_ref or "", booking.test)


def _rooms(item: BookingItem, changed: ChangedBefore, listing: ListingPage) -> GuestRooms:
    return GuestRooms(
        number=item.number,
        room_type=next(each for each in listing.room_types if each.id == item.room_type_id),
        units=item.units,
        booked=item.selection,
        adjoining=item.adjoining,
        sleepers=item.sleepers or "",
        price=item.price,
        sold=replace(item.sold, changed=changed),
    )


def next_summer(session: Session, *, booking_id: str, now: dt.datetime) -> NextSummer | None:
    """Return what is kept for next summer and what it costs today, if the guest may have it."""
    right = return_rights.open_right(session, booking_id=booking_id, now=now)
    if right is None:
        return None
    priced: list[Priced] = []
    # No price yet, or meals that are served no more: then it is agreed by telephone.
    with suppress(DomainError):
        priced = return_rights.price_of(session, booking_id=booking_id, now=now)
    last_day = shanghai_date(right.deadline) - dt.timedelta(days=1)
    stay = Stay(right.check_in, right.check_out)
    return NextSummer(stay, last_day, tuple(priced))


def taken_next_summer(session: Session, *, booking_id: str) -> str | None:
    """Return the booking that was made of the right to the same room, while it stands."""
    return session.scalar(
        sa.select(ReturnRight.taken_by).where(
            ReturnRight.booking_id == booking_id, ReturnRight.state == ReturnState.TAKEN
        )
    )


@dataclass(frozen=True, slots=True)
class Found:
    """A booking that was found by its code and phone."""

    id: str
    to_look_only: bool
    """Whether its guest may look at it and no more: somebody else sold it."""


def find_by_code(session: Session, *, code: str, phone: str) -> Found | None:
    """Return the booking with this code and phone that a guest may find here, else ``None``.

    An unknown code, a wrong phone and a partner's test give the same answer. ``phone`` is in its
    normal form.
    """
    found = session.execute(
        sa.select(Booking.id, Booking.channel).where(
            Booking.code == typed.code(code),
            Booking.phone_index.in_(indexes_of(phone)),
            Booking.channel.in_(FOUND_BY_CODE),
            Booking.test.is_(False),
        )
    ).one_or_none()
    return None if found is None else Found(found.id, not found.channel.on_our_pages)
