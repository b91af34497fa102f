"""A partner's bookings cancelled, and what that costs asked before."""

from __future__ import annotations

import datetime as dt

from marketplace.booking.changes import item_cancellation
from marketplace.booking.changes.item_cancellation import CancelItem
from marketplace.booking.contract.cancellation_rules import CancelQuote
from marketplace.booking.lifecycle import transitions
from marketplace.booking.models import Booking
from marketplace.booking.states import WrongState, state_at
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.partners.commands.stay_commands import Cancel, QuoteCancellation


def quote(work: UnitOfWork, booking: Booking, command: QuoteCancellation) -> CancelQuote:
    """Return what cancelling now would keep and give back; changes nothing.

    Raises:
        WrongState. NotFound, LastItem: of the one item that was named.
    """
    _require_unlapsed(booking, work.now)
    if command.item is not None:
        return item_cancellation.quote_item(
            work.session, booking_id=booking.id, item=command.item, now=work.now
        )
    return transitions.cancellation(work.session, booking=booking, now=work.now)


def cancel(work: UnitOfWork, booking: Booking, command: Cancel) -> None:
    """Cancel a hold or a confirmed booking, or give up one item of a confirmed one.

    Raises:
        WrongState, RefundChanged. NotFound, LastItem: of the one item that was named.
    """
    _require_unlapsed(booking, work.now)
    if command.item is not None:
        item_cancellation.cancel_item(
            work,
            CancelItem(booking.id, command.item, command.reason, command.expected_refund_fen),
        )
        return
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
