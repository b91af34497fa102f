"""Bookings and what was agreed with them; a hold is a booking that is not confirmed yet."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.booking.states import (
    BookingState,
    ChangeKind,
    ChangeState,
    Channel,
    ReasonCode,
    RehousingState,
    ReturnState,
)
from marketplace.kernel.crypto import BLIND, EncryptedString
from marketplace.kernel.db import Base, BigKey, Fen, Key
from marketplace.kernel.phone_index import index_of
from marketplace.pricing.nights.terms import Board

HELD = sa.text("state = 'held'")


class Booking(Base):
    """The contract, and before it the time-limited hold; one id for life."""

    __tablename__ = "booking"
    __table_args__ = (
        sa.Index("ix_booking_due", "state", "release_at"),
        sa.Index("ix_booking_arrivals", "enterprise_id", "check_in"),
        sa.Index("ix_booking_partner_ref", "partner_id", "external_ref"),
        *(
            # Live holds are counted at every hold and are few among all bookings.
            sa.Index(f"ix_booking_held_{column}", column, postgresql_where=HELD, sqlite_where=HELD)
            for column in ("partner_id", "listing_id")
        ),
        sa.CheckConstraint("total_fen >= 0", name="total_not_negative"),
        sa.CheckConstraint("rooms > 0 AND adults > 0", name="party_positive"),
    )

    id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    """Opaque id, the same from hold to completion."""
    code: Mapped[str] = mapped_column(sa.String(10), unique=True)
    """Ten symbols a person can read aloud."""
    state: Mapped[BookingState]
    """Where the service stands; money has its own rows."""
    channel: Mapped[Channel]
    """Who sold it: our web or a partner."""
    partner_id: Mapped[int | None] = mapped_column(BigKey, sa.ForeignKey("partner.id"))
    """The partner platform, when a partner sold it."""
    external_ref: Mapped[str | None] = mapped_column(sa.String(80))
    """The partner's own reference."""
    test: Mapped[bool] = mapped_column(default=False)
    """Made with a test key: takes no stock and moves no money."""
    enterprise_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("enterprise.id"))
    """The operator that will host the stay."""
    listing_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("listing.id"))
    """What was booked."""
    room_type_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("room_type.id"))
    """The room type."""
    pool_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("stock_pool.id"))
    """The stock pool the rooms came from."""
    check_in: Mapped[dt.date]
    """First night, Asia/Shanghai."""
    check_out: Mapped[dt.date]
    """Day of departure, Asia/Shanghai."""
    rooms: Mapped[int]
    """How many rooms."""
    adjoining: Mapped[bool] = mapped_column(default=False)
    """Several rooms are wanted next to each other; a wish that the operator sees, no promise."""
    adults: Mapped[int]
    """Adults in the party."""
    children_ages: Mapped[list[Any]]
    """The children's ages in full years on the day of arrival; nothing else about them is kept."""
    board: Mapped[Board] = mapped_column(default=Board.ROOM_ONLY)
    """The meals that come with it."""
    extra_beds: Mapped[int] = mapped_column(default=0)
    """Extra beds in all rooms."""
    tariff_id: Mapped[int | None] = mapped_column(BigKey, sa.ForeignKey("tariff.id"))
    """The version of the tariff it was sold under; changes of the stay are priced by it."""
    price: Mapped[str] = mapped_column(sa.Text)
    """The itemised price as it was shown, as JSON without its nights (``pricing.quote``)."""
    list_fen: Mapped[Fen]
    """The whole stay before discounts."""
    total_fen: Mapped[Fen]
    """The price agreed, honoured until the hold ends and for good once confirmed."""
    commission_bp: Mapped[int]
    """Our commission frozen at sale, in basis points of what the operator earns."""
    policy: Mapped[dict[str, Any]]
    """The cancellation policy as it stood at sale."""
    lead_name: Mapped[str | None] = mapped_column(EncryptedString("booking.lead_name"))
    """Name of the lead guest, encrypted; a partner gives it when it confirms."""
    phone: Mapped[str | None] = mapped_column(EncryptedString("booking.phone"))
    """Phone of the lead guest or of who books for them, encrypted."""
    phone_index: Mapped[str | None] = mapped_column(
        sa.String(64), index=True, info={BLIND: ("phone", index_of)}
    )
    """Blind index of the phone: finds a booking without reading any."""
    placed_from: Mapped[str] = mapped_column(sa.String(64), index=True)
    """Blind index of the network address that placed the hold."""
    for_family: Mapped[bool] = mapped_column(default=False)
    """Booked for a family member: the phone is the booker's."""
    language: Mapped[str] = mapped_column(sa.String(5), default="zh")
    """The language to write to the guest in."""
    placed_at: Mapped[dt.datetime]
    """When the hold was made."""
    expires_at: Mapped[dt.datetime]
    """Until when the holder was told that the rooms are kept."""
    release_at: Mapped[dt.datetime]
    """From when the stock may go back, after the gateway has closed the payment."""
    extensions: Mapped[int] = mapped_column(default=0)
    """How often the hold was extended; at most three times."""
    confirmed_at: Mapped[dt.datetime | None]
    """When it was paid, or confirmed by a partner on account."""
    ended_at: Mapped[dt.datetime | None]
    """When it was cancelled, expired, completed or marked a no-show."""
    checked_in_at: Mapped[dt.datetime | None]
    """When the operator received the guest."""
    reason: Mapped[ReasonCode | None]
    """Why it was cancelled."""
    fee_fen: Mapped[int | None] = mapped_column(sa.BigInteger)
    """What was kept of it on cancellation or no-show."""
    source_province: Mapped[str] = mapped_column(sa.String(20), default="")
    """The province the traveller named as home, in Chinese; empty when they named none."""
    topup_fen: Mapped[Fen] = mapped_column(default=0)
    """What we add for the operator when a rehoused guest pays less than the new room costs."""
    version: Mapped[int] = mapped_column(default=0)
    """Counts what happened to it; only ``marketplace.booking.events.facts`` counts on."""


class BookingNight(Base):
    """One night of a booking: what it lists for, what it sold for, and whether it is earned."""

    __tablename__ = "booking_night"

    booking_id: Mapped[str] = mapped_column(
        sa.String(32), sa.ForeignKey("booking.id"), primary_key=True
    )
    """The booking."""
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    """The night."""
    rate_fen: Mapped[Fen]
    """List price of one room for this night, as the calendar said at sale."""
    list_fen: Mapped[Fen]
    """List price of all rooms for this night."""
    sold_fen: Mapped[Fen]
    """Agreed price of all rooms for this night; the nights sum to the booking's total."""
    commission_fen: Mapped[Fen]
    """Our commission on this night, frozen at sale."""
    earned_at: Mapped[dt.datetime | None]
    """When the night was posted as delivered."""


class Consent(Base):
    """A consent given with a booking, in the exact version that was shown."""

    __tablename__ = "consent"

    id: Mapped[Key]
    """Surrogate key."""
    booking_id: Mapped[str] = mapped_column(sa.String(32), sa.ForeignKey("booking.id"), index=True)
    """The booking it belongs to."""
    purpose: Mapped[str] = mapped_column(sa.String(40))
    """What for: ``share_with_operator``."""
    recipient: Mapped[str] = mapped_column(sa.String(120))
    """Who receives the data, by the name shown (PIPL article 23)."""
    version: Mapped[str] = mapped_column(sa.String(20))
    """The version of the text."""
    given_at: Mapped[dt.datetime]
    """When."""


class Draft(Base):
    """Answers given on the way to a booking, kept so that nothing is asked twice."""

    __tablename__ = "booking_draft"

    id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    """Random; the visitor's session holds it."""
    answers: Mapped[str] = mapped_column(EncryptedString("booking_draft.answers"))
    """The answers as JSON, encrypted."""
    updated_at: Mapped[dt.datetime] = mapped_column(index=True)
    """Last change; drafts are erased after 30 days."""


class Rehousing(Base):
    """A booking whose enterprise was suspended: what became of the guest."""

    __tablename__ = "rehousing"
    __table_args__ = (
        sa.UniqueConstraint("booking_id", "suspension_id"),
        sa.Index("ix_rehousing_state", "state", "check_in"),
    )

    id: Mapped[Key]
    """Surrogate key."""
    booking_id: Mapped[str] = mapped_column(sa.String(32), sa.ForeignKey("booking.id"))
    """The booking."""
    suspension_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("suspension.id"))
    """The suspension that it is about."""
    state: Mapped[RehousingState] = mapped_column(default=RehousingState.OPEN)
    """Where it stands."""
    check_in: Mapped[dt.date]
    """First night of the booking: the queue begins with the nearest."""
    opened_at: Mapped[dt.datetime]
    """When it came into the queue."""
    offered_at: Mapped[dt.datetime | None]
    """When other rooms were last offered to the traveller."""
    deadline: Mapped[dt.datetime | None]
    """By when the traveller, or the partner for them, is to answer; then the office calls."""
    declined_at: Mapped[dt.datetime | None]
    """When what was offered before was last turned down."""
    ended_at: Mapped[dt.datetime | None]
    """When it was settled."""


class RehousingOffer(Base):
    """A room offered in place of the one that was booked; the traveller never pays more."""

    __tablename__ = "rehousing_offer"
    __table_args__ = (sa.UniqueConstraint("rehousing_id", "room_type_id"),)

    id: Mapped[Key]
    """Surrogate key."""
    rehousing_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("rehousing.id"), index=True)
    """What it is an answer to."""
    room_type_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("room_type.id"))
    """The room offered; it is not held, and taken when the traveller accepts."""
    total_fen: Mapped[Fen]
    """What its operator asks for the stay."""
    km: Mapped[float]
    """Distance from the booked place in kilometres, town to town."""


class StayChange(Base):
    """A change of a stay: what was wished, what it costs, and what became of it."""

    __tablename__ = "stay_change"
    __table_args__ = (
        sa.Index("ix_stay_change_due", "state", "release_at"),
        sa.UniqueConstraint("booking_id", "number"),
        sa.CheckConstraint("fee_fen >= 0", name="fee_not_negative"),
    )

    id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    """Opaque id; it holds the stock of a change that waits for its payment."""
    booking_id: Mapped[str] = mapped_column(sa.String(32), sa.ForeignKey("booking.id"))
    """The booking that is changed."""
    number: Mapped[int]
    """Counts a booking's changes in the order they were asked for, from 1."""
    kind: Mapped[ChangeKind]
    """What kind of change."""
    state: Mapped[ChangeState]
    """Where it stands."""
    wish: Mapped[str] = mapped_column(sa.Text)
    """The stay as it shall be, as JSON."""
    was: Mapped[str] = mapped_column(sa.Text)
    """The stay as it was before, as JSON."""
    cause: Mapped[ReasonCode | None]
    """Why a stay is cut short."""
    difference_fen: Mapped[int] = mapped_column(sa.BigInteger)
    """Price of the nights to come after the change, less their price before it."""
    fee_fen: Mapped[Fen] = mapped_column(default=0)
    """What is kept for nights given up, by the policy agreed at sale."""
    made_at: Mapped[dt.datetime]
    """When it was asked for."""
    expires_at: Mapped[dt.datetime | None]
    """Until when its rooms are kept for the payment; empty when nothing was to be paid."""
    release_at: Mapped[dt.datetime | None]
    """From when they may go back, after the gateway has closed the payment."""
    applied_at: Mapped[dt.datetime | None]
    """When the stay was changed."""


class ReturnRight(Base):
    """The same room next summer, offered first to who stayed long this summer."""

    __tablename__ = "return_right"
    __table_args__ = (sa.Index("ix_return_right_state", "state", "deadline"),)

    id: Mapped[Key]
    """Surrogate key."""
    booking_id: Mapped[str] = mapped_column(sa.String(32), sa.ForeignKey("booking.id"), unique=True)
    """The stay that it comes from."""
    room_type_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("room_type.id"))
    """The room type kept."""
    pool_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("stock_pool.id"))
    """Its stock pool."""
    check_in: Mapped[dt.date]
    """First night next year, Asia/Shanghai."""
    check_out: Mapped[dt.date]
    """Day of departure next year, Asia/Shanghai."""
    rooms: Mapped[int]
    """How many rooms are kept."""
    state: Mapped[ReturnState]
    """Where it stands."""
    made_at: Mapped[dt.datetime]
    """When the stay was over."""
    deadline: Mapped[dt.datetime]
    """Until when it can be taken."""
    taken_by: Mapped[str | None] = mapped_column(sa.String(32), sa.ForeignKey("booking.id"))
    """The booking that was made of it."""
