"""What a booking is made of: items, each one enterprise's, and their parts, one for each day."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.booking.contract.cancellation_rules import Sold
from marketplace.booking.states import ItemKind
from marketplace.kernel.crypto import EncryptedString
from marketplace.kernel.db import Base, BigKey, Fen
from marketplace.kernel.stay import Stay
from marketplace.kernel.typed_json import TypedJson
from marketplace.pricing.nights.quote import Quote
from marketplace.pricing.nights.selection import Party, StaySelection
from marketplace.pricing.nights.terms import Board


class BookingItem(Base):
    """What one enterprise delivers out of one pool over one run of days."""

    __tablename__ = "booking_item"
    __table_args__ = (
        sa.Index("ix_booking_item_arrivals", "enterprise_id", "first_day"),
        # Live holds of a listing are counted: they begin yesterday or later.
        sa.Index("ix_booking_item_listing", "listing_id", "first_day"),
        sa.Index("ix_booking_item_pool_id", "pool_id"),
        sa.CheckConstraint("first_day < last_day", name="days_in_order"),
        sa.CheckConstraint("units > 0 AND adults > 0", name="party_positive"),
        sa.CheckConstraint("total_fen >= 0", name="total_not_negative"),
    )

    booking_id: Mapped[str] = mapped_column(
        sa.String(32), sa.ForeignKey("booking.id"), primary_key=True
    )
    """The booking."""
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Counts a booking's items from 1; that of an item given up is given to no other."""
    kind: Mapped[ItemKind]
    """What is delivered."""
    enterprise_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("enterprise.id"))
    """The operator that delivers it and earns it."""
    listing_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("listing.id"))
    """What was booked."""
    room_type_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("room_type.id"))
    """The room type."""
    pool_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("stock_pool.id"))
    """The stock pool that the units come from."""
    first_day: Mapped[dt.date]
    """First day, Asia/Shanghai: the first night of a room."""
    last_day: Mapped[dt.date]
    """The day after the last one, Asia/Shanghai: the departure from a room."""
    units: Mapped[int]
    """How many units of the pool: rooms."""
    adults: Mapped[int]
    """Adults for whom it is."""
    children_ages: Mapped[list[Any]]
    """The children's ages in full years on the first day; nothing else about them is kept."""
    board: Mapped[Board] = mapped_column(default=Board.ROOM_ONLY)
    """The meals that come with it."""
    extra_beds: Mapped[int] = mapped_column(default=0)
    """Extra beds in all rooms."""
    adjoining: Mapped[bool] = mapped_column(default=False)
    """Rooms are wanted next to each other; a wish that the operator sees, no promise."""
    sleepers: Mapped[str | None] = mapped_column(EncryptedString("booking_item.sleepers"))
    """Who sleeps there, in the traveller's words, encrypted; nothing where they did not say."""
    tariff_id: Mapped[int | None] = mapped_column(BigKey, sa.ForeignKey("tariff.id"))
    """The version of the tariff it was sold under; changes are priced by it."""
    price: Mapped[Quote] = mapped_column(TypedJson(Quote))
    """The itemised price as it was shown; its nights are the parts, and not kept in it."""
    list_fen: Mapped[Fen]
    """All of it before discounts; the sum of its parts."""
    total_fen: Mapped[Fen]
    """The price agreed for it; the sum of its parts."""
    topup_fen: Mapped[Fen] = mapped_column(default=0)
    """What we add for the operator when a rehoused guest pays less than the new room costs."""
    commission_bp: Mapped[int]
    """Our commission frozen at sale, in basis points of what the operator earns."""
    policy: Mapped[dict[str, Any]]
    """The cancellation policy as it stood at sale."""

    @property
    def days(self) -> Stay:
        """Its run of days: the nights of a room."""
        return Stay(self.first_day, self.last_day)

    @property
    def sold(self) -> Sold:
        """What it costs, under which policy, as it is cancelled; changes before not counted."""
        return Sold(self.policy, self.total_fen, self.first_day)

    @property
    def selection(self) -> StaySelection:
        """What was chosen of a room, with the meals that come with it."""
        return StaySelection(
            self.room_type_id,
            self.days,
            self.units,
            Party(self.adults, tuple(self.children_ages)),
            self.board,
            self.extra_beds,
            self.adjoining,
        )


class BookingPart(Base):
    """One day of an item: what it lists for, what it sold for, and whether it is earned."""

    __tablename__ = "booking_part"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["booking_id", "item"], ["booking_item.booking_id", "booking_item.number"]
        ),
    )

    booking_id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    """The booking."""
    item: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The number of the item."""
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    """The day: the night of a room."""
    rate_fen: Mapped[Fen]
    """List price of one unit for this day, as the calendar said at sale."""
    list_fen: Mapped[Fen]
    """List price of all units for this day."""
    sold_fen: Mapped[Fen]
    """Agreed price of all units for this day; the parts sum to the item's total."""
    commission_fen: Mapped[Fen]
    """Our commission on this day, frozen at sale."""
    earned_at: Mapped[dt.datetime | None]
    """When it was posted as delivered."""
