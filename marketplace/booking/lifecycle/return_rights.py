"""The return-bird right: the same rooms next summer, offered first to who stayed long this summer.

When a long stay is over, the same nights of the next year are kept in the same room types, and the
guest is told until when they may take them, all of them or none. What is not taken goes back on
sale. Nothing is owed for it, and nothing is charged by itself.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.service import lock_for_sale
from marketplace.booking.contract.buyers import WebBuyer
from marketplace.booking.contract.hold_caps import DEFAULT_CAPS, Caps
from marketplace.booking.contract.placement import PlaceBooking, place
from marketplace.booking.contract.room_choices import RoomChoice
from marketplace.booking.lifecycle import transitions
from marketplace.booking.models import Booking, ReturnRight, ReturnRoom
from marketplace.booking.states import BookingState, ReturnState
from marketplace.inventory.claim_changes import summed
from marketplace.inventory.models import ClaimKind
from marketplace.inventory.service import Want, give_back, take
from marketplace.kernel.clock import shanghai_date, shanghai_midnight
from marketplace.kernel.crypto import blind_index
from marketplace.kernel.db import lock_word
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.kernel.phone_index import index_of
from marketplace.kernel.stay import Stay
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.offers.quoting.stay_offers import Priced, price
from marketplace.pricing.nights.quote import Ask
from marketplace.pricing.nights.selection import StaySelection

LONG_NIGHTS = 30
"""A stay of so many nights earns the right."""
KEPT_DAYS = 60
"""How many days the guest has to decide, the day of the offer not counted."""
OPEN = frozenset({ReturnState.WAITING, ReturnState.OFFERED})


class RightOver(DomainError):
    """The room is kept no longer."""

    code = "right_over"
    http_status = 409
    message = "这间房已经不再为您留着了。想明年再来，请直接选日期，或打电话给我们"


def same_nights_next_year(check_in: dt.date, check_out: dt.date) -> Stay:
    """Return as many nights from the same date of the next year; 29 February becomes the 28th."""
    try:
        begin = check_in.replace(year=check_in.year + 1)
    except ValueError:
        begin = check_in.replace(year=check_in.year + 1, day=28)
    return Stay.of(begin, (check_out - check_in).days)


def earn(session: Session, *, booking: Booking, now: dt.datetime) -> None:
    """Give the right to the guest of a long stay that is over, and keep the rooms if that can be.

    Of several rooms all were of one listing and for the same nights: else it is no stay that can
    be booked again as one, and nothing is kept. The caller holds the booking's lock.
    """
    nights = (booking.ends_on - booking.starts_on).days
    if not booking.channel.on_our_pages or booking.test or nights < LONG_NIGHTS:
        return
    if len({(item.listing_id, item.days) for item in booking.items}) > 1:
        return
    stay = same_nights_next_year(booking.starts_on, booking.ends_on)
    right = ReturnRight(
        booking_id=booking.id,
        check_in=stay.check_in,
        check_out=stay.check_out,
        rooms=[
            ReturnRoom(
                item=item.number,
                room_type_id=item.room_type_id,
                pool_id=item.pool_id,
                units=item.units,
            )
            for item in booking.items
        ],
        state=ReturnState.WAITING,
        made_at=now,
        deadline=shanghai_midnight(shanghai_date(now) + dt.timedelta(days=KEPT_DAYS + 1)),
    )
    session.add(right)
    session.flush()
    _try_to_keep(session, right, booking, now)


def _try_to_keep(session: Session, right: ReturnRight, booking: Booking, now: dt.datetime) -> bool:
    """Keep the rooms if next summer is on sale and free; tells whether they are kept now."""
    stay = Stay(right.check_in, right.check_out)
    wants = summed([Want(room.pool_id, stay, room.units) for room in right.rooms])
    try:
        with session.begin_nested():
            lock_for_sale(session, enterprise_id=booking.enterprise_id, today=shanghai_date(now))
            take(session, wants=wants, kind=ClaimKind.RETURN, holder=_holder(right), now=now)
    except DomainError:
        return False
    right.state = ReturnState.OFFERED
    session.flush()
    transitions.tell(
        session, booking, "return_offered", now, mark=f"{right.id}:{right.taken_by or ''}"
    )
    return True


def _holder(right: ReturnRight) -> str:
    return f"return:{right.id}"


def watch(session: Session, *, booking_id: str, now: dt.datetime) -> None:
    """Do what time asks of a right: let it lapse, try again to keep the rooms. Idempotent.

    A hold that was made of it and never paid gives it back, while it lasts.
    """
    booking = transitions.locked(session, booking_id)
    right = _right(session, booking_id)
    if right.state is ReturnState.TAKEN and right.taken_by is not None:
        taken = session.get_one(Booking, right.taken_by)
        if taken.confirmed_at is None and taken.state in {
            BookingState.EXPIRED,
            BookingState.CANCELLED,
        }:
            right.state = ReturnState.WAITING
    if right.state not in OPEN:
        return
    if now >= right.deadline or right.check_in <= shanghai_date(now):
        _end(session, right, ReturnState.LAPSED, now)
    elif right.state is ReturnState.WAITING:
        _try_to_keep(session, right, booking, now)


def revive(session: Session, *, taken_by: str, now: dt.datetime) -> None:
    """Use the right again for the hold ``taken_by`` that was made of it, because it is paid late.

    Its rooms go back first, so that the hold can take them; the caller takes them in the same
    transaction, or rolls back.
    """
    right = session.scalars(
        sa.select(ReturnRight)
        .where(ReturnRight.taken_by == taken_by, ReturnRight.state.in_(OPEN))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if right is not None:
        _end(session, right, ReturnState.TAKEN, now)


def due(session: Session, *, now: dt.datetime) -> list[str]:
    """Return the bookings whose right may have something to be done about, oldest first."""
    unpaid = (
        sa.select(Booking.id)
        .where(
            Booking.id == ReturnRight.taken_by,
            Booking.confirmed_at.is_(None),
            Booking.state.in_({BookingState.EXPIRED, BookingState.CANCELLED}),
        )
        .exists()
    )
    return list(
        session.scalars(
            sa.select(ReturnRight.booking_id)
            .where(
                sa.or_(
                    ReturnRight.state == ReturnState.WAITING,
                    sa.and_(ReturnRight.state == ReturnState.OFFERED, ReturnRight.deadline <= now),
                    sa.and_(ReturnRight.state == ReturnState.TAKEN, unpaid),
                )
            )
            .order_by(ReturnRight.id)
        )
    )


def open_right(session: Session, *, booking_id: str, now: dt.datetime) -> ReturnRight | None:
    """Return the right that the guest can use now, if any."""
    return session.scalars(
        sa.select(ReturnRight).where(
            ReturnRight.booking_id == booking_id,
            ReturnRight.state == ReturnState.OFFERED,
            ReturnRight.deadline > now,
        )
    ).one_or_none()


def price_of(session: Session, *, booking_id: str, now: dt.datetime) -> list[Priced]:
    """Return what each of the rooms costs next summer by the tariff of today, for the same people.

    Raises:
        RightOver: nothing is kept any more. NoPrice, Invalid: it cannot be priced as it was.
    """
    right = open_right(session, booking_id=booking_id, now=now)
    booking = session.get(Booking, booking_id)
    if right is None or booking is None:
        raise RightOver
    asks = [Ask.of(each, booked_on=shanghai_date(now)) for each in _again(right, booking)]
    return [
        price(session, room_type_id=room.room_type_id, ask=ask, bound=False)
        for room, ask in zip(right.rooms, asks, strict=True)
    ]


def _again(right: ReturnRight, booking: Booking) -> list[StaySelection]:
    """Return what is kept for next summer: the rooms of the right, the rest as this summer."""
    stay = Stay(right.check_in, right.check_out)
    return [
        replace(
            booking.item(room.item).selection,
            room_type_id=room.room_type_id,
            stay=stay,
            rooms=room.units,
        )
        for room in right.rooms
    ]


@dataclass(frozen=True, slots=True)
class TakeRight:
    """A wish to come again, as the page showed it."""

    booking_id: str
    """The stay that earned the right."""
    expected_total_fen: int | None
    address: str
    """The network address the request came from."""
    consent_version: str
    consent_recipient: str


def accept(
    work: UnitOfWork, command: TakeRight, *, commission_bp: int, caps: Caps = DEFAULT_CAPS
) -> Booking:
    """Make a hold of the rooms that are kept, to be paid like any other; a second call refuses.

    Raises:
        NotFound. RightOver: it lapsed, or was used. PriceChanged: the sum shown is stale.
        Everything else that ``place`` raises.
    """
    session, now = work.session, work.now
    booking = transitions.locked(session, command.booking_id)
    right = _right(session, booking.id)
    if right.state is not ReturnState.OFFERED or now >= right.deadline:
        raise RightOver
    # The house, then the words that a new hold locks, before any rooms: the order of every sale.
    lock_for_sale(session, enterprise_id=booking.enterprise_id, today=shanghai_date(now))
    lock_word(session, index_of(booking.phone or ""), blind_index("address", command.address))
    give_back(session, holder=_holder(right), now=now)
    made = place(
        session,
        command=PlaceBooking(
            rooms=tuple(RoomChoice(each) for each in _again(right, booking)),
            buyer=WebBuyer(
                lead_name=booking.lead_name or "",
                phone=booking.phone or "",
                address=command.address,
                consent_version=command.consent_version,
                consent_recipient=command.consent_recipient,
                for_family=booking.for_family,
                language=booking.language,
            ),
            expected_total_fen=command.expected_total_fen,
            source_province=booking.source_province,
            bound=False,
        ),
        commission_bp=commission_bp,
        actor=work.actor,
        ids=work.ids,
        now=now,
        caps=caps,
    )
    right.state, right.taken_by = ReturnState.TAKEN, made.id
    session.flush()
    return made


def decline(session: Session, *, booking_id: str, now: dt.datetime) -> None:
    """Give the rooms back because the guest does not want them; a second call changes nothing."""
    transitions.locked(session, booking_id)
    right = _right(session, booking_id)
    if right.state in OPEN:
        _end(session, right, ReturnState.DECLINED, now)


def _end(session: Session, right: ReturnRight, state: ReturnState, now: dt.datetime) -> None:
    right.state = state
    session.flush()
    give_back(session, holder=_holder(right), now=now)


def _right(session: Session, booking_id: str) -> ReturnRight:
    right = session.scalars(
        sa.select(ReturnRight)
        .where(ReturnRight.booking_id == booking_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if right is None:
        raise NotFound
    return right
