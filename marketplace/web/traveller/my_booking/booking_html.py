"""What the list of bookings, the voucher and the page that cancels show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from marketplace.web.rendering import pages, price_words
from marketplace.web.traveller.checkout.steps_html import Unfinished
from marketplace.web.traveller.my_booking import (
    change_texts,
    return_pages,
    rooms_shown,
    state_texts,
    vouchers,
)


@dataclass(frozen=True, slots=True)
class InList:
    """A booking in the list of those that a device knows."""

    url: str
    heading: str
    tone: str
    line: str | None
    place: price_words.Named
    rooms: Sequence[rooms_shown.KindShown]
    """Of each type; at least one."""
    town: price_words.Named
    stay: tuple[dt.date, dt.date, int]
    """First day, last day, nights."""
    total_fen: int | None
    """``None`` where a partner sold it: what its guest paid is between those two."""
    sample: bool


@dataclass(frozen=True, slots=True)
class WaysOn:
    """Where the voucher leads; what cannot be done leads nowhere."""

    qr_url: str | None
    choose_url: str | None
    cancel_url: str | None
    undo_url: str | None
    pay_url: str | None
    change_url: str | None
    pay_change_url: str | None
    withdraw_url: str | None
    again_url: str | None


@dataclass(frozen=True, slots=True)
class Asks:
    """The words of a question: its heading, yes and no."""

    heading: str
    yes: str
    no: str


@dataclass(frozen=True, slots=True)
class MyBookingHtml(pages.Page):
    """The bookings that a device knows, and the form that finds another."""

    template: ClassVar[str] = "traveller/my_booking/my_booking.html"

    form: Mapping[str, str]
    errors: Mapping[str, str]
    action: str
    own: Sequence[InList]
    unfinished: Unfinished | None


@dataclass(frozen=True, slots=True)
class VoucherHtml(pages.Page):
    """A booking in whatever state it is."""

    template: ClassVar[str] = "traveller/my_booking/voucher.html"

    booking: vouchers.BookingShown
    stands: state_texts.Standing
    notice: str | None
    just_changed: str | None
    changes: Sequence[change_texts.Made]
    waiting: change_texts.Waiting | None
    summer: return_pages.Summer | None
    ways: WaysOn


@dataclass(frozen=True, slots=True)
class CancelHtml(pages.Page):
    """What cancelling gives back, all of a booking or one kind of room of several."""

    template: ClassVar[str] = "traveller/my_booking/cancel.html"

    booking: vouchers.BookingShown
    asks: Asks
    refund_fen: int
    fee_fen: int
    why: str
    arrives: str
    reasons: Sequence[tuple[str, str, str]]
    change_url: str | None
    form: Mapping[str, str]
    errors: Mapping[str, str]
    shown: str
    """What the page shows, sealed."""
    action: str
    keep_url: str
    room: rooms_shown.RoomsShown | None = None
    """The rooms that are given up alone."""
