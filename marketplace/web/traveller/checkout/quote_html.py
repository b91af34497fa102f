"""What the pages of a quote show: its price, one question about it, or why there is none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypedDict

from marketplace.kernel.stay import Stay
from marketplace.pricing.nights.splitting import Split
from marketplace.web.forms.links import LinkValue
from marketplace.web.rendering import pages
from marketplace.web.rendering.price_lines import SumLine
from marketplace.web.traveller.presenters import ListingShown, RoomShown, Term


class Place(TypedDict):
    """The fields of ``QuotePage``."""

    listing: ListingShown
    room: RoomShown
    change_url: str
    leave_out_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotePage(pages.Page):
    """What every page about one room says of it."""

    listing: ListingShown
    room: RoomShown
    change_url: str
    """Where dates and people are changed."""
    leave_out_url: str | None = None
    """Of several rooms: the quote without this one."""


@dataclass(frozen=True, slots=True)
class WindowShown:
    """The nearest days on which it can be had."""

    arrive: dt.date
    depart: dt.date
    nights: int
    total_fen: int | None
    """``None`` where other rooms are asked for beside it."""
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedHtml(QuotePage):
    """Why there is no price."""

    template: ClassVar[str] = "traveller/checkout/quote_refused.html"

    closed: bool
    """The house sells nothing for now."""
    refused: str
    errors: Mapping[str, str]
    stay: Stay
    ask_url: str
    kept: Mapping[str, LinkValue]
    windows: Sequence[WindowShown]


@dataclass(frozen=True, slots=True)
class Choices:
    """The meals, beds and rooms side by side that can be chosen."""

    board: str = ""
    boards: Sequence[tuple[str, str, str]] = ()
    """Value, words, and what they add."""
    extra_beds: int = 0
    most_beds: int = 0
    bed_fen: int = 0
    bed_night_fen: int = 0
    nights: int = 0
    rooms: int = 0
    adjoining: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceHtml(QuotePage):
    """One question whose answer changes the price: what else is wanted."""

    template: ClassVar[str] = "traveller/checkout/quote_choice.html"

    errors: Mapping[str, str]
    ask_url: str
    kept: Mapping[str, LinkValue]
    back_url: str
    ages: Sequence[str]
    """The children's, as they were typed."""
    choices: Choices


@dataclass(frozen=True, slots=True, kw_only=True)
class AgesHtml(ChoiceHtml):
    """The other question: how old the children are."""

    template: ClassVar[str] = "traveller/checkout/quote_ages.html"


@dataclass(frozen=True, slots=True)
class PriceShown:
    """The price line by line."""

    arrive: dt.date
    depart: dt.date
    nights: int
    rooms: int
    adults: int
    children: int
    total_fen: int
    month_fen: int
    night_fen: int
    lines: Sequence[SumLine]
    extras: Sequence[tuple[str, str]]
    """Meals, beds and rooms: label and value."""
    meals_or_beds: bool
    """There are some to choose."""
    parts: Split | None
    """How the same nights would cost less."""
    terms: Sequence[Term]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteHtml(QuotePage):
    """The price, and the button that begins to book."""

    template: ClassVar[str] = "traveller/checkout/quote.html"

    quote: PriceShown | None
    payee: str
    ages: Sequence[str]
    """The children's as typed, where they are asked here."""
    book_url: str
    book_fields: Mapping[str, LinkValue]
    choose_url: str | None
    more_url: str | None
    """Where another kind of room is added."""
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RoomPriced:
    """One kind of room of several, with its people and its price."""

    room: RoomShown
    people: str
    """The children with their ages."""
    price: PriceShown | None
    change_url: str
    choose_url: str
    """Where its meals and beds are chosen, and whether all rooms are wanted near each other."""
    leave_out_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomsQuoteHtml(QuotePage):
    """The price of several kinds of room, each by itself, and the button that begins to book."""

    template: ClassVar[str] = "traveller/checkout/quote_rooms.html"

    rooms: Sequence[RoomPriced]
    arrive: dt.date
    depart: dt.date
    nights: int
    total_fen: int
    near: tuple[str, str]
    """Whether they are wanted near each other: label and value."""
    payee: str
    book_url: str
    book_fields: Mapping[str, LinkValue]
    more_url: str | None
    """Where another kind of room is added."""
    full: bool
    """As many kinds are chosen as one stay may have."""
    most_kinds: int
    errors: Mapping[str, str]
