"""Bookings and what was agreed with them; a hold is a booking that is not confirmed yet."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from marketplace.booking.contract.answers import Answers, KeptAnswers
from marketplace.booking.contract.cancellation_rules import Sold
from marketplace.booking.contract.orders import ItemOrder
from marketplace.booking.items import BookingItem
from marketplace.booking.states import (
    BookingKind,
    BookingState,
    ChangeKind,
    ChangeState,
    Channel,
    ReasonCode,
    RehousingState,
    ReturnState,
    SeveralItems,
)
from marketplace.kernel.crypto import BLIND, EncryptedString
from marketplace.kernel.db import Base, BigKey, Fen, Key
from marketplace.kernel.errors import NotFound
from marketplace.kernel.phone_index import index_of
from marketplace.kernel.typed_json import EncryptedJson, TypedJson
from marketplace.pricing.nights.selection import StaySelection

HELD = sa.text("state = 'held'")


class Booking(Base):
    """The contract, and before it the time-limited hold; one id for life."""

    __tablename__ = "booking"
    __table_args__ = (
        sa.Index("ix_booking_due", "state", "release_at"),
        sa.Index("ix_booking_starts", "enterprise_id", "starts_on"),
        sa.Index("ix_booking_partner_ref", "partner_id", "external_ref"),
        # Live holds are counted at every hold and are few among all bookings.
        sa.Index(
            "ix_booking_held_partner_id", "partner_id", postgresql_where=HELD, sqlite_where=HELD
        ),
        sa.CheckConstraint("total_fen >= 0", name="total_not_negative"),
        sa.CheckConstraint("starts_on <= ends_on", name="days_in_order"),
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
    kind: Mapped[BookingKind]
    """What it is for as a whole."""
    enterprise_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("enterprise.id"))
    """The enterprise that sells it: the other side of the contract."""
    starts_on: Mapped[dt.date]
    """First day of the first item, Asia/Shanghai: the arrival of a stay."""
    ends_on: Mapped[dt.date]
    """Day on which the last item is over, Asia/Shanghai: the departure of a stay."""
    list_fen: Mapped[Fen]
    """The whole before discounts: the sum of its items."""
    total_fen: Mapped[Fen]
    """The price agreed, honoured until the hold ends and for good once confirmed: the sum too."""
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
    version: Mapped[int] = mapped_column(default=0)
    """Counts what happened to it; only ``marketplace.booking.events.facts`` counts on."""
    items: Mapped[list[BookingItem]] = relationship(order_by=BookingItem.number)
    """What is booked, in order; at least one. ``locked`` reads them behind the lock.

    What was given up alone is no item any more: the change that did it keeps it.
    """

    @property
    def room(self) -> BookingItem:
        """The one room item of a stay, for what is done to a stay of one room type.

        Raises:
            SeveralItems: there are more, or it is no stay.
        """
        if not self.is_one_room:
            raise SeveralItems
        return self.items[0]

    def item(self, number: int | None) -> BookingItem:
        """Return the room item with this number; ``None`` is the only one there is.

        Raises:
            NotFound: it has no such item, or has it no more. SeveralItems: no number, and there
            are several.
        """
        if number is None:
            return self.room
        for item in self.items:
            if item.number == number:
                return item
        raise NotFound

    @property
    def is_one_room(self) -> bool:
        """Whether it is a stay of one room type, be it in several rooms."""
        return self.kind is BookingKind.STAY and len(self.items) == 1

    @property
    def topup_fen(self) -> int:
        """What we add for the operator of a rehoused guest, in fen: the sum over its items."""
        return sum(item.topup_fen for item in self.items)

    @property
    def sold(self) -> tuple[Sold, ...]:
        """Its items as they are cancelled: what each costs, under which policy."""
        return tuple(item.sold for item in self.items)

    @property
    def deliverers(self) -> list[int]:
        """The ids of the enterprises that deliver it, in the order in which they are locked."""
        return sorted({item.enterprise_id for item in self.items})

    @property
    def is_of_one_house(self) -> bool:
        """Whether one enterprise delivers all of it, so that all of it can move to another."""
        return len(self.deliverers) == 1

    def is_delivered_by(self, enterprise_id: int) -> bool:
        """Whether this enterprise delivers anything of it, so that it is its own to see."""
        return enterprise_id in self.deliverers

    def sum_up(self) -> None:
        """Take days and sums from the items, which were changed."""
        self.starts_on = min(item.first_day for item in self.items)
        self.ends_on = max(item.last_day for item in self.items)
        self.list_fen = sum(item.list_fen for item in self.items)
        self.total_fen = sum(item.total_fen for item in self.items)


def first_item() -> sa.ColumnElement[bool]:
    """Return how a statement joins a booking to its first item: the room of a stay.

    Where it selects from other tables too, it says ``select_from(Booking)``.
    """
    other = aliased(BookingItem)
    earlier = sa.exists().where(
        other.booking_id == BookingItem.booking_id, other.number < BookingItem.number
    )
    return sa.and_(BookingItem.booking_id == Booking.id, ~earlier)


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
    answers: Mapped[Answers] = mapped_column(EncryptedJson("booking_draft.answers", KeptAnswers))
    """The answers, encrypted."""
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
    """Rooms of one house offered in place of those booked; the traveller never pays more."""

    __tablename__ = "rehousing_offer"

    id: Mapped[Key]
    """Surrogate key."""
    rehousing_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("rehousing.id"), index=True)
    """What it is an answer to."""
    km: Mapped[float]
    """Distance from the booked place in kilometres, town to town."""
    rooms: Mapped[list[OfferedRoom]] = relationship(order_by="OfferedRoom.item")
    """One for each item of the booking."""


class OfferedRoom(Base):
    """The room type offered in place of one item; not held, and taken when the offer is."""

    __tablename__ = "offered_room"

    offer_id: Mapped[int] = mapped_column(
        BigKey, sa.ForeignKey("rehousing_offer.id"), primary_key=True
    )
    """The offer that it is part of."""
    item: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The number of the item."""
    room_type_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("room_type.id"))
    """The room type."""
    total_fen: Mapped[Fen]
    """What its operator asks for the item's days, all its units together."""


class BookingChange(Base):
    """A change of one item of a booking: what was wished, its cost, and what became of it."""

    __tablename__ = "booking_change"
    __table_args__ = (
        sa.Index("ix_booking_change_due", "state", "release_at"),
        sa.UniqueConstraint("booking_id", "number"),
        sa.CheckConstraint("fee_fen >= 0", name="fee_not_negative"),
    )

    id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    """Opaque id; it holds the stock of a change that waits for its payment."""
    booking_id: Mapped[str] = mapped_column(sa.String(32), sa.ForeignKey("booking.id"))
    """The booking that is changed."""
    number: Mapped[int]
    """Counts a booking's changes in the order they were asked for, from 1."""
    item: Mapped[int]
    """The number of the item that it changes."""
    kind: Mapped[ChangeKind]
    """What kind of change."""
    state: Mapped[ChangeState]
    """Where it stands."""
    wish: Mapped[StaySelection | None] = mapped_column(
        TypedJson(StaySelection | None), nullable=False
    )
    """The item's stay as it shall be; ``None`` where the item is given up."""
    was: Mapped[StaySelection] = mapped_column(TypedJson(StaySelection))
    """The item's stay as it was before."""
    given_up: Mapped[ItemOrder | None] = mapped_column(
        TypedJson(ItemOrder | None), nullable=False, default=None
    )
    """The whole item that was given up: of whom, on what terms, and each of its days."""
    cause: Mapped[ReasonCode | None]
    """Why a stay is cut short, or an item given up."""
    difference_fen: Mapped[int] = mapped_column(sa.BigInteger)
    """Price of the item's nights to come after the change, less their price before it."""
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
    """The same rooms next summer, offered first to who stayed long this summer."""

    __tablename__ = "return_right"
    __table_args__ = (sa.Index("ix_return_right_state", "state", "deadline"),)

    id: Mapped[Key]
    """Surrogate key."""
    booking_id: Mapped[str] = mapped_column(sa.String(32), sa.ForeignKey("booking.id"), unique=True)
    """The stay that it comes from."""
    check_in: Mapped[dt.date]
    """First night next year, Asia/Shanghai."""
    check_out: Mapped[dt.date]
    """Day of departure next year, Asia/Shanghai."""
    state: Mapped[ReturnState]
    """Where it stands."""
    made_at: Mapped[dt.datetime]
    """When the stay was over."""
    deadline: Mapped[dt.datetime]
    """Until when it can be taken."""
    taken_by: Mapped[str | None] = mapped_column(sa.String(32), sa.ForeignKey("booking.id"))
    """The booking that was made of it."""
    rooms: Mapped[list[ReturnRoom]] = relationship(order_by="ReturnRoom.item")
    """What is kept: one for each item of the stay."""


class ReturnRoom(Base):
    """Rooms of one type that are kept for next summer, in place of one item of the stay."""

    __tablename__ = "return_room"

    right_id: Mapped[int] = mapped_column(
        BigKey, sa.ForeignKey("return_right.id"), primary_key=True
    )
    """The right that they are part of."""
    item: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The number of the item."""
    room_type_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("room_type.id"))
    """The room type kept."""
    pool_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("stock_pool.id"))
    """Its stock pool."""
    units: Mapped[int]
    """How many rooms are kept."""
