"""Stock: pools of equal units with one guarded counter a day, and the claims that fill them."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.kernel.db import Base, BigKey, Key


class PoolKind(enum.StrEnum):
    """What the units of a pool are."""

    ROOM = "room"
    """Rooms of a room type, by the night."""
    SLOT = "slot"
    """Places at a time of an activity, by the day."""


class ClaimKind(enum.StrEnum):
    """Who holds units."""

    BOOKING = "booking"
    BLOCK = "block"
    CHANGE = "change"
    """Nights or rooms kept while a change of a stay is being paid."""
    RETURN = "return"
    """The same room next summer, kept for who stayed this summer."""


class StockPool(Base):
    """Equal, interchangeable units of one owner, which its kind names.

    What each kind of listing owns stands in ``marketplace.inventory.owners``.
    """

    __tablename__ = "stock_pool"
    __table_args__ = (
        sa.CheckConstraint(
            "kind = 'room' AND room_type_id IS NOT NULL AND time_slot_id IS NULL"
            " OR kind = 'slot' AND time_slot_id IS NOT NULL AND room_type_id IS NULL",
            name="owner_of_its_kind",
        ),
    )

    id: Mapped[Key]
    """Pools are always locked in the order of this id, then of the day."""
    kind: Mapped[PoolKind]
    """What the units are."""
    room_type_id: Mapped[int | None] = mapped_column(
        BigKey, sa.ForeignKey("room_type.id"), unique=True
    )
    """The room type whose rooms these are."""
    time_slot_id: Mapped[int | None] = mapped_column(
        BigKey, sa.ForeignKey("time_slot.id"), unique=True
    )
    """The time of an activity whose places these are."""
    enterprise_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("enterprise.id"), index=True)
    """The enterprise that runs it; its row is locked before any stock is taken."""


class StockDay(Base):
    """One pool on one day: how many units there are and how many are taken."""

    __tablename__ = "stock_day"
    __table_args__ = (
        sa.CheckConstraint("taken >= 0 AND taken <= capacity", name="taken_within_capacity"),
    )

    pool_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("stock_pool.id"), primary_key=True)
    """The pool."""
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    """The night that begins on this date, or the day itself, in Asia/Shanghai."""
    capacity: Mapped[int]
    """How many units can be sold."""
    taken: Mapped[int] = mapped_column(default=0)
    """How many units live claims hold: always their sum."""
    closed: Mapped[bool] = mapped_column(default=False)
    """Closed by the operator: nothing new is sold, what is taken stays."""


class Claim(Base):
    """A hold on ``units`` of one pool for every night of [first_day, last_day)."""

    __tablename__ = "stock_claim"
    __table_args__ = (
        sa.CheckConstraint("units > 0", name="units_positive"),
        sa.CheckConstraint("first_day < last_day", name="nights_positive"),
        sa.Index("ix_stock_claim_live", "pool_id", "first_day", "last_day"),
    )

    id: Mapped[Key]
    """Surrogate key."""
    pool_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("stock_pool.id"))
    """The pool."""
    kind: Mapped[ClaimKind]
    """A booking's, or a block by the operator."""
    holder: Mapped[str] = mapped_column(sa.String(32), index=True)
    """The booking's id, or the block's."""
    first_day: Mapped[dt.date]
    """The first night."""
    last_day: Mapped[dt.date]
    """The day after the last night."""
    units: Mapped[int]
    """How many units on each night."""
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    """Why a block was made; empty for bookings."""
    made_at: Mapped[dt.datetime]
    """When the units were taken."""
    released_at: Mapped[dt.datetime | None]
    """When they were given back; a claim without it is live."""
