"""Whether a booking waits to be rehoused, and how that ends: what every other change asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.booking.events.facts import Fact, record
from marketplace.booking.models import Booking, Rehousing
from marketplace.booking.states import REHOUSING_OPEN, EventType, ReasonCode, RehousingState
from marketplace.kernel.audit import Actor


def open_state(session: Session, booking_id: str) -> RehousingState | None:
    """Return how the search for another place stands; ``None`` when nothing waits."""
    return open_states(session, [booking_id]).get(booking_id)


def open_states(session: Session, booking_ids: Collection[str]) -> dict[str, RehousingState]:
    """Return the same for several bookings; those for which nothing waits are left out."""
    rows = session.execute(
        sa.select(Rehousing.booking_id, Rehousing.state).where(
            Rehousing.booking_id.in_(booking_ids), Rehousing.state.in_(REHOUSING_OPEN)
        )
    )
    return {row.booking_id: row.state for row in rows}


def waiting(session: Session, booking_id: str) -> bool:
    """Whether the guest of a suspended enterprise has not chosen yet."""
    return open_state(session, booking_id) is not None


def refunded(session: Session, booking: Booking, actor: Actor, now: dt.datetime) -> None:
    """Settle what waits about a locked booking: its guest takes the money back."""
    ended = session.scalars(
        sa.update(Rehousing)
        .where(Rehousing.booking_id == booking.id, Rehousing.state.in_(REHOUSING_OPEN))
        .values(state=RehousingState.REFUNDED, ended_at=now)
        .returning(Rehousing.id)
        .execution_options(synchronize_session=False)
    )
    if ended.all():
        record(session, booking, search_fact("booking.rehousing_refunded"), actor, now)


def search_fact(action: str, *, noted: Mapping[str, object] | None = None) -> Fact:
    """Return how the search for another place stands; ``action`` is for the audit trail."""
    return Fact(
        EventType.REHOUSING,
        action,
        reason=ReasonCode.ENTERPRISE_SUSPENDED,
        noted=noted or {},
    )
