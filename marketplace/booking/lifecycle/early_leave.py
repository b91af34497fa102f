"""A guest leaves before the last night, and the house settles it: the sums first, then the change.

It is the change of stay that guests make themselves; only who acts and the cause may be others.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from marketplace.booking.changes import change_service
from marketplace.booking.changes.change_quotes import ChangeQuote
from marketplace.booking.items import BookingItem
from marketplace.booking.lifecycle.transitions import locked
from marketplace.booking.models import Booking
from marketplace.booking.states import BookingState, ReasonCode, WrongState
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.errors import DomainError, Invalid, NotFound
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.pricing.nights.selection import StaySelection

CAUSES = (
    ReasonCode.TRAVELLER_CHANGED_PLANS,
    ReasonCode.TRAVELLER_HEALTH,
    ReasonCode.OPERATOR_FAULT,
)
"""What a house may give as the cause; for its own fault nothing is kept."""


class CostsMore(DomainError):
    """Leaving early costs the guest more, because a discount is lost: only the guest can agree."""

    code = "leaving_costs_more"
    http_status = 409
    message = "少住以后优惠没有了，客人反而要补钱。请客人在“我的订单”里自己改，或打电话给我们"


def quote_leaving(
    session: Session,
    *,
    booking_id: str,
    enterprise_id: int,
    day: dt.date,
    cause: ReasonCode,
    item: int | None = None,
    now: dt.datetime,
) -> ChangeQuote:
    """Return what is kept and what goes back when a room is left on ``day``; changes nothing.

    ``item`` is the number of the item that is left, ``None`` the only one.

    Raises:
        NotFound: not a booking of this enterprise, or no such item of it. SeveralItems: it is not
        said which. WrongState: the guest is not in the house.
        Invalid: not a day of this stay on which anybody can still leave, or no such cause.
    """
    booking = session.get(Booking, booking_id)
    if booking is None:
        raise NotFound
    room = _room(booking, enterprise_id, item)
    wish = _wish(booking, room, day, cause, now)
    return change_service.quote_change(
        session, booking_id=booking_id, item=item, wish=wish, cause=cause, by_staff=True, now=now
    )


def leave(
    work: UnitOfWork,
    *,
    booking_id: str,
    enterprise_id: int,
    day: dt.date,
    cause: ReasonCode,
    expected_fen: int,
    item: int | None = None,
) -> None:
    """Cut the item's stay short to ``day`` and send back what was shown, ``expected_fen``.

    Raises:
        Everything that ``quote_leaving`` raises. ChangePriceChanged: the sum shown is stale.
        CostsMore: the guest would have to pay.
    """
    booking = locked(work.session, booking_id)
    wish = _wish(booking, _room(booking, enterprise_id, item), day, cause, work.now)
    if expected_fen > 0:
        raise CostsMore
    change_service.change(
        work,
        change_service.ChangeBooking(
            booking_id=booking_id,
            wish=wish,
            expected_fen=expected_fen,
            cause=cause,
            by_staff=True,
            item=item,
        ),
    )


def _room(booking: Booking, enterprise_id: int, item: int | None) -> BookingItem:
    """Return the item that is left; anybody else's looks as if it did not exist."""
    if not booking.is_delivered_by(enterprise_id) or booking.test:
        raise NotFound
    room = booking.item(item)
    if room.enterprise_id != enterprise_id:
        raise NotFound
    return room


def _wish(
    booking: Booking, room: BookingItem, day: dt.date, cause: ReasonCode, now: dt.datetime
) -> StaySelection:
    if booking.state is not BookingState.IN_STAY:
        raise WrongState(extra={"state": booking.state.value})
    was = room.selection
    first = max(shanghai_date(now), was.stay.check_in + dt.timedelta(days=1))
    faults = {}
    if not first <= day < was.stay.check_out:
        faults["day"] = "请写今天或以后、原来的离开日期以前的一天，至少住一晚"
    if cause not in CAUSES:
        faults["cause"] = "请选择提前离开的原因"
    if faults:
        raise Invalid(faults)
    return was.between(was.stay.check_in, day)
