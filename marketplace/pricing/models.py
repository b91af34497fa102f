"""Prices as operators set them: list prices by night, tariffs in versions, restrictions by date."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.kernel.db import Base, BigKey, Fen, Key
from marketplace.kernel.typed_json import TypedJson
from marketplace.pricing.nights.quote import Quote
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


class Tariff(Base):
    """One version of a room type's terms of price; never changed, only replaced."""

    __tablename__ = "tariff"
    __table_args__ = (
        sa.Index(
            "uq_tariff_current",
            "room_type_id",
            unique=True,
            sqlite_where=sa.text("replaced_at IS NULL"),
            postgresql_where=sa.text("replaced_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    """Named by the bookings that were sold under it."""
    room_type_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("room_type.id"), index=True)
    """The room type."""
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


class StayQuote(Base):
    """A price that was given with an id and is honoured to the fen until it expires."""

    __tablename__ = "stay_quote"

    id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    """Opaque to others; begins with its end (``pricing.saved_quotes``)."""
    holder: Mapped[str] = mapped_column(sa.String(40))
    """Who may book by it: ``web``, ``partner:<id>`` or ``partner:<id>:test``."""
    room_type_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("room_type.id"))
    """The room type."""
    tariff_id: Mapped[int | None] = mapped_column(BigKey, sa.ForeignKey("tariff.id"))
    """The version of the tariff it was made by."""
    selection: Mapped[StaySelection] = mapped_column(TypedJson(StaySelection))
    """What was priced."""
    quote: Mapped[Quote] = mapped_column(TypedJson(Quote))
    """The itemised price."""
    made_at: Mapped[dt.datetime]
    """When it was given."""
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)
    """Until when it is honoured."""
