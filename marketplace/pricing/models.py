"""Prices as operators set them: list prices by night, tariffs in versions, restrictions by date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.kernel.db import Base, BigKey, Fen, Key
from marketplace.kernel.typed_json import TypedJson
from marketplace.pricing.nights.rooms import RoomPrice
from marketplace.pricing.nights.selection import StaySelection


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
    by_hand: Mapped[bool] = mapped_column(default=True)
    """Set on the calendar: the seasons of a new tariff leave it as it is."""


OWNERS = ("room_type_id", "listing_id")
"""What a tariff may be of: another kind of owner is one more column, named here."""
CURRENT = sa.text("replaced_at IS NULL")


def _one_of(columns: Sequence[str]) -> str:
    """Return the condition that exactly one of these columns is filled, in both databases."""
    return " + ".join(f"CASE WHEN {name} IS NULL THEN 0 ELSE 1 END" for name in columns) + " = 1"


class Tariff(Base):
    """One version of the terms of price of one owner; never changed, only replaced."""

    __tablename__ = "tariff"
    __table_args__ = (
        *(
            sa.Index(
                f"uq_tariff_current_{name}",
                name,
                unique=True,
                sqlite_where=CURRENT,
                postgresql_where=CURRENT,
            )
            for name in OWNERS
        ),
        sa.CheckConstraint(_one_of(OWNERS), name="one_owner"),
    )

    id: Mapped[Key]
    """Named by the bookings that were sold under it."""
    room_type_id: Mapped[int | None] = mapped_column(
        BigKey, sa.ForeignKey("room_type.id"), index=True
    )
    """The room type whose nights it prices; empty where it is of something else."""
    listing_id: Mapped[int | None] = mapped_column(BigKey, sa.ForeignKey("listing.id"), index=True)
    """The listing that is sold as a whole, such as an activity; empty for rooms."""
    terms: Mapped[str] = mapped_column(sa.Text)
    """``pricing.terms.Terms`` as JSON."""
    made_at: Mapped[dt.datetime]
    """From when it counted."""
    replaced_at: Mapped[dt.datetime | None]
    """Until when; the version without it counts now."""


class Restriction(Base):
    """What an operator asks of stays on one date; an empty field asks nothing."""

    __tablename__ = "restriction"
    __table_args__ = (
        sa.CheckConstraint(
            "min_nights >= 1 AND max_nights >= 1"
            " AND min_nights_arrival >= 1 AND max_nights_arrival >= 1",
            name="nights_positive",
        ),
    )

    room_type_id: Mapped[int] = mapped_column(
        BigKey, sa.ForeignKey("room_type.id"), primary_key=True
    )
    """The room type."""
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    """The date, in Asia/Shanghai."""
    min_nights: Mapped[int | None]
    """Fewest nights of a stay with this night in it."""
    max_nights: Mapped[int | None]
    """Most nights of a stay with this night in it."""
    min_nights_arrival: Mapped[int | None]
    """Fewest nights of a stay that begins on this date."""
    max_nights_arrival: Mapped[int | None]
    """Most nights of a stay that begins on this date."""
    no_arrival: Mapped[bool] = mapped_column(default=False)
    """Nobody can arrive on this date (CTA)."""
    no_departure: Mapped[bool] = mapped_column(default=False)
    """Nobody can depart on this date (CTD)."""


class GivenQuote(Base):
    """A price that was given with an id and is honoured to the fen until it expires."""

    __tablename__ = "given_quote"

    id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    """Opaque to others; begins with its end (``pricing.saved_quotes``)."""
    holder: Mapped[str] = mapped_column(sa.String(40))
    """Who may book by it: ``web``, ``partner:<id>`` or ``partner:<id>:test``."""
    listing_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("listing.id"))
    """The listing that it is of."""
    ask: Mapped[tuple[StaySelection, ...]] = mapped_column(TypedJson(tuple[StaySelection, ...]))
    """What was priced: of a stay the rooms, each kind with its people."""
    quote: Mapped[tuple[RoomPrice, ...]] = mapped_column(TypedJson(tuple[RoomPrice, ...]))
    """The itemised price of each, by the version of the tariff that made it."""
    made_at: Mapped[dt.datetime]
    """When it was given."""
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)
    """Until when it is honoured."""
