"""Changes of a stay whose rooms are kept while they are being paid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.booking.models import StayChange
from marketplace.booking.states import ChangeState
from marketplace.inventory import reshaping
from marketplace.inventory.service import Want, give_back, lock_days
from marketplace.kernel import outbox


def held_change(session: Session, booking_id: str) -> StayChange | None:
    """Return the change of a booking that waits for its payment, if any."""
    return session.scalars(
        sa.select(StayChange)
        .where(StayChange.booking_id == booking_id, StayChange.state == ChangeState.HELD)
        .execution_options(populate_existing=True)
    ).one_or_none()


def drop(
    session: Session,
    booking_id: str,
    *,
    now: dt.datetime,
    state: ChangeState = ChangeState.LAPSED,
    together_with: Sequence[Want] = (),
) -> StayChange | None:
    """End the change that waits and give its rooms back; the caller holds the booking's lock.

    Its days are locked ``together_with`` those that the caller goes on with, in their one order.
    Returns the change, if there was one. That its payment page be closed is owed; money that comes
    for it all the same is dealt with when it comes.
    """
    change = held_change(session, booking_id)
    if change is not None:
        change.state = state
        session.flush()
        if kept := reshaping.held_by(session, [change.id]):
            lock_days(session, [*kept, *together_with])
            give_back(session, holder=change.id, now=now)
        outbox.owe(
            session,
            key=f"close:{change.id}",
            topic="payment.close",
            payload={"booking_id": booking_id, "change_id": change.id},
            now=now,
        )
    return change


def next_number(session: Session, booking_id: str) -> int:
    """Return the number of a booking's next change; the caller holds the booking's lock."""
    last = session.scalar(
        sa.select(sa.func.max(StayChange.number)).where(StayChange.booking_id == booking_id)
    )
    return int(last or 0) + 1


def fees_fen(session: Session, booking_id: str) -> int:
    """Return what was kept of a booking for nights given up by changes, in fen."""
    found = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(StayChange.fee_fen), 0)).where(
            StayChange.booking_id == booking_id, StayChange.state == ChangeState.APPLIED
        )
    )
    return int(found or 0)
