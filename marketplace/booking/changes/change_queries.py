"""What was changed about a stay, as its guest may see it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.booking.models import BookingChange
from marketplace.booking.states import ChangeKind, ChangeState
from marketplace.pricing.nights.selection import StaySelection


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A change that was asked for: the stay before and after, and what it costs, in fen."""

    id: str
    item: int
    """The number of the item that it changes."""
    kind: ChangeKind
    state: ChangeState
    was: StaySelection
    wish: StaySelection | None
    """``None`` where the item was given up."""
    difference_fen: int
    fee_fen: int
    expires_at: dt.datetime | None
    """Until when its rooms are kept for the payment."""
    applied_at: dt.datetime | None

    @property
    def pay_fen(self) -> int:
        """What is, or was, to be paid for it, in fen."""
        return max(0, self.difference_fen)

    @property
    def refund_fen(self) -> int:
        """What went back, in fen."""
        return max(0, -self.difference_fen - self.fee_fen)

    def may_be_paid(self, now: dt.datetime) -> bool:
        """Whether the time promised for paying it still runs."""
        held = self.state is ChangeState.HELD
        return held and self.expires_at is not None and now < self.expires_at


def changes_of(session: Session, *, booking_id: str) -> tuple[ChangeView, ...]:
    """Return the changes of a stay that were asked for, the newest first."""
    rows = session.scalars(
        sa.select(BookingChange)
        .where(BookingChange.booking_id == booking_id)
        .order_by(BookingChange.number.desc())
    )
    return tuple(
        ChangeView(
            row.id,
            row.item,
            row.kind,
            row.state,
            row.was,
            row.wish,
            row.difference_fen,
            row.fee_fen,
            row.expires_at,
            row.applied_at,
        )
        for row in rows
    )
