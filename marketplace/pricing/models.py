"""Prices as operators set them: a list price for each night and discounts for long stays."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.kernel.db import Base, BigKey, Fen, Key


class NightRate(Base):
    """The list price of one room of a room type for one night."""

    __tablename__ = "night_rate"
    __table_args__ = (sa.CheckConstraint("list_fen > 0", name="price_positive"),)

    room_type_id: Mapped[int] = mapped_column(
        BigKey, sa.ForeignKey("room_type.id"), primary_key=True
    )
    """The room type."""
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    """The night that begins on this date, in Asia/Shanghai. No row, no sale."""
    list_fen: Mapped[Fen]
    """The price before any discount, in fen a room."""


class StayDiscount(Base):
    """A discount on the whole stay from a number of nights on; the longest one reached counts."""

    __tablename__ = "stay_discount"
    __table_args__ = (
        sa.UniqueConstraint("room_type_id", "min_nights"),
        sa.CheckConstraint("off_bp > 0 AND off_bp < 10000", name="discount_sensible"),
        sa.CheckConstraint("min_nights > 1", name="nights_sensible"),
    )

    id: Mapped[Key]
    """Surrogate key."""
    room_type_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("room_type.id"))
    """The room type."""
    min_nights: Mapped[int]
    """The stay's nights from which it counts, for example 30."""
    off_bp: Mapped[int]
    """How much is taken off the list price, in basis points (1,500 = 15 %)."""
