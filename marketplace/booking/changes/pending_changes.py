"""Changes of a stay whose rooms are kept while they are being paid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.booking.contract.cancellation_rules import ChangedBefore, Sold, fee_bp
from marketplace.booking.effects import ClosePayments
from marketplace.booking.items import BookingItem
from marketplace.booking.models import Booking, BookingChange
from marketplace.booking.states import FREE_CAUSES, ChangeKind, ChangeState
from marketplace.inventory import claim_changes
from marketplace.inventory.service import Want, give_back, lock_days
from marketplace.kernel import outbox
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.money import share_of
from marketplace.payments import payables
from marketplace.payments.states import PayableState


def held_change(session: Session, booking_id: str) -> BookingChange | None:
    """Return the change of a booking that waits for its payment, if any."""
    return session.scalars(
        sa.select(BookingChange)
        .where(BookingChange.booking_id == booking_id, BookingChange.state == ChangeState.HELD)
        .execution_options(populate_existing=True)
    ).one_or_none()


def drop(
    session: Session,
    booking_id: str,
    *,
    now: dt.datetime,
    state: ChangeState = ChangeState.LAPSED,
    together_with: Sequence[Want] = (),
) -> BookingChange | None:
    """End the change that waits and give its rooms back; the caller holds the booking's lock.

    Its days are locked with those of the booking and ``together_with`` what the caller takes next,
    in their one order.
    Returns the change, if there was one. That its payment page be closed is owed; money that comes
    for it all the same is dealt with when it comes.
    """
    change = held_change(session, booking_id)
    if change is not None:
        change.state = state
        session.flush()
        payables.end(
            session,
            booking_id=booking_id,
            subject_id=change.id,
            state=_NO_LONGER_ASKED[state],
            now=now,
        )
        if kept := claim_changes.held_by(session, [change.id, booking_id]):
            lock_days(session, [*kept, *together_with])
            give_back(session, holder=change.id, now=now)
        outbox.owe(session, ClosePayments.of_change(booking_id, change.id), now=now)
    return change


_NO_LONGER_ASKED = {
    ChangeState.LAPSED: PayableState.LAPSED,
    ChangeState.WITHDRAWN: PayableState.VOID,
}
"""What becomes of what was asked for a change; late money may still buy one that lapsed."""


def next_number(session: Session, booking_id: str) -> int:
    """Return the number of a booking's next change; the caller holds the booking's lock."""
    last = session.scalar(
        sa.select(sa.func.max(BookingChange.number)).where(BookingChange.booking_id == booking_id)
    )
    return int(last or 0) + 1


def sold(session: Session, booking: Booking) -> tuple[Sold, ...]:
    """Return the items of a booking as they are cancelled, with what changes before make of it.

    Whoever changes an item first must not cancel it cheaper.
    """
    rows = session.scalars(
        sa.select(BookingChange).where(
            BookingChange.booking_id == booking.id, BookingChange.state == ChangeState.APPLIED
        )
    ).all()
    return tuple(
        replace(item.sold, changed=_changed([row for row in rows if row.item == item.number], item))
        for item in booking.items
    )


def _changed(rows: Sequence[BookingChange], item: BookingItem) -> ChangedBefore:
    """Return what cancelling an item costs at least, after those changes of it."""
    least_bp, cut_bp, kept_fen = 0, 0, 0
    for row in rows:
        was, day = row.was, shanghai_date(row.applied_at or row.made_at)
        share_bp = fee_bp(item.policy, (was.stay.check_in - day).days)
        if row.kind is ChangeKind.MOVE:
            least_bp = max(least_bp, share_bp)
        if row.difference_fen < 0 and row.kind in _OWN_CUTS and row.cause not in FREE_CAUSES:
            cut_bp, kept_fen = max(cut_bp, share_bp), kept_fen + row.fee_fen
    given_up = max(0, -sum(row.difference_fen for row in rows))
    return ChangedBefore(least_bp, max(0, share_of(given_up, cut_bp) - kept_fen))


_OWN_CUTS = frozenset({ChangeKind.SHORTEN, ChangeKind.ROOM, ChangeKind.PARTY, ChangeKind.MOVE})


def fees_fen(session: Session, booking_id: str) -> int:
    """Return what was kept of a booking for nights given up by changes, in fen."""
    found = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(BookingChange.fee_fen), 0)).where(
            BookingChange.booking_id == booking_id, BookingChange.state == ChangeState.APPLIED
        )
    )
    return int(found or 0)
