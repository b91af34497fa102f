"""What a partner may ask for of stays, each as one frozen value; what comes of it is its type.

A surface decodes a request to one of these and knows nothing of how it is decided. Room types and
offers are numbers, bookings and quotes ids of 32 digits, sums whole fen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from marketplace.booking.contract.cancellation_rules import CancelQuote
from marketplace.booking.contract.room_choices import RoomChoice
from marketplace.booking.states import ReasonCode
from marketplace.partners.queries import Sale
from marketplace.partners.stay_quotes import RoomsQuote, StayQuote
from marketplace.pricing.nights.selection import StaySelection

Outcome = TypeVar("Outcome")


class Command(Generic[Outcome]):
    """Something that a partner asks for."""


@dataclass(frozen=True, slots=True)
class BookingCommand(Command[Outcome]):
    """What is asked of a booking that the partner has."""

    booking_id: str


@dataclass(frozen=True, slots=True)
class QuoteStay(Command[StayQuote]):
    """What would this stay cost? Nothing is held."""

    selection: StaySelection


@dataclass(frozen=True, slots=True)
class QuoteRooms(Command[RoomsQuote]):
    """What would a stay in rooms of several types cost? Nothing is held."""

    selections: tuple[StaySelection, ...]


@dataclass(frozen=True, slots=True)
class Hold(Command[Sale]):
    """Hold rooms for 30 minutes."""

    rooms: tuple[RoomChoice, ...]
    """Each with the price that was given to this partner, to be honoured, if it names one."""
    external_ref: str
    """The partner's own reference."""
    expected_total_fen: int | None = None
    """The price shown to the customer."""
    source_province: str = ""
    """Where the guests come from, in Chinese, when the partner says so."""


@dataclass(frozen=True, slots=True)
class Extend(BookingCommand[Sale]):
    """Keep a hold 30 minutes longer."""


@dataclass(frozen=True, slots=True)
class Confirm(BookingCommand[Sale]):
    """Turn a hold into a booking, on account."""

    lead_name: str
    phone: str
    """In its normal form."""


@dataclass(frozen=True, slots=True)
class QuoteCancellation(BookingCommand[CancelQuote]):
    """What would cancelling keep and give back now? Nothing is cancelled."""

    item: int | None = None
    """The number of the one item that would be given up; ``None`` for all of it."""


@dataclass(frozen=True, slots=True)
class Cancel(BookingCommand[Sale]):
    """Cancel a hold or a confirmed booking, or give up one item of it."""

    reason: ReasonCode
    expected_refund_fen: int | None = None
    """The refund shown to the customer; another one is refused."""
    item: int | None = None
    """The number of the item that is given up alone; ``None`` for all of it."""


@dataclass(frozen=True, slots=True)
class AnswerRehousing(BookingCommand[Sale]):
    """Take one of the places offered instead of a house that was stopped, or turn all down."""

    offer_id: int | None
    """The place that is taken; ``None`` turns all down, and the office looks for others."""
