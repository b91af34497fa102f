"""A partner's bookings cancelled, and what that costs asked before."""

from __future__ import annotations

import datetime as dt

from marketplace.booking.contract.cancellation_rules import CancelQuote
from marketplace.booking.lifecycle import transitions
from marketplace.booking.models import Booking
from marketplace.booking.states import WrongState, state_at
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.partners.commands.stay_commands import Cancel


def quote(work: UnitOfWork, booking: Booking) -> CancelQuote:
    """Return what cancelling now would keep and give back; changes nothing.

    Raises:
        WrongState.
    """
    _require_unlapsed(booking, work.now)
    return transitions.cancellation(work.session, booking=booking, now=work.now)


def cancel(work: UnitOfWork, booking: Booking, command: Cancel) -> None:
    """Cancel a hold or a confirmed booking.

    Raises:
        WrongState, RefundChanged.
    """
    _require_unlapsed(booking, work.now)
    transitions.cancel(
        work.session,
        booking_id=booking.id,
        reason=command.reason,
        expected_refund_fen=command.expected_refund_fen,
        actor=work.actor,
        ids=work.ids,
        now=work.now,
    )


def _require_unlapsed(booking: Booking, now: dt.datetime) -> None:
    """Refuse a hold whose time is over as the expired booking that it is."""
    state = state_at(booking.state, expires_at=booking.expires_at, now=now)
    if state is not booking.state:
        raise WrongState(extra={"state": state.value})
