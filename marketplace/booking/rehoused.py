"""Whether a booking waits to be rehoused, and how that ends: what every other change asks."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.booking.models import Rehousing
from marketplace.booking.states import REHOUSING_OPEN, RehousingState


def open_state(session: Session, booking_id: str) -> RehousingState | None:
    """Return how the search for another place stands; ``None`` when nothing waits."""
    return session.scalar(
        sa.select(Rehousing.state)
        .where(Rehousing.booking_id == booking_id, Rehousing.state.in_(REHOUSING_OPEN))
        .limit(1)
    )


def waiting(session: Session, booking_id: str) -> bool:
    """Whether the guest of a suspended enterprise has not chosen yet."""
    return open_state(session, booking_id) is not None


def end(session: Session, booking_id: str, state: RehousingState, *, now: dt.datetime) -> bool:
    """Settle what waits about a booking as ``state``; tells whether anything waited."""
    ended = session.scalars(
        sa.update(Rehousing)
        .where(Rehousing.booking_id == booking_id, Rehousing.state.in_(REHOUSING_OPEN))
        .values(state=state, ended_at=now)
        .returning(Rehousing.id)
        .execution_options(synchronize_session=False)
    )
    return bool(ended.all())
