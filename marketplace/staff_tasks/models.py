"""The table of what waits for a person."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.kernel.db import Base, Key


class StaffTask(Base):
    """Something that a person must look at: suspense money, a refund that could not run."""

    __tablename__ = "staff_task"

    id: Mapped[Key]
    """Surrogate key."""
    key: Mapped[str] = mapped_column(sa.String(120), unique=True)
    """One task per cause."""
    kind: Mapped[str] = mapped_column(sa.String(40))
    """What it is about, for example ``late_payment_refunded``."""
    booking_id: Mapped[str | None] = mapped_column(sa.String(32), sa.ForeignKey("booking.id"))
    """The booking concerned."""
    detail: Mapped[dict[str, Any]]
    """Facts, no personal data."""
    opened_at: Mapped[dt.datetime]
    """When it came up."""
    done_at: Mapped[dt.datetime | None]
    """When it was settled."""
