"""What partners send: the bodies and query strings of the API."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import replace
from typing import Annotated

from pydantic import BeforeValidator, Field

from catalog.vocabulary import Cluster
from marketplace.booking.contract.room_choices import MOST_KINDS, RoomChoice, about_item
from marketplace.booking.states import BookingState, ReasonCode
from marketplace.kernel.errors import Invalid
from marketplace.offers.quoting.stay_offers import make_stay
from marketplace.partners.queries import Wanted
from marketplace.partners.stay_availability import Guests
from marketplace.pricing.nights.selection import Party, StaySelection
from marketplace.pricing.nights.terms import Board
from marketplace.pricing.saved_quotes import HONOURED
from marketplace.web.api.field_types import Cursor, Day, Fen, HexId, Id, Name, Phone, Reference
from marketplace.web.api.operations import Idempotency
from marketplace.web.partner_api.field_types import (
    MOST_CHILDREN,
    MOST_EVENTS,
    MOST_FEED_ITEMS,
    MOST_ITEMS,
    WORDS,
    Adults,
    Age,
    Body,
    ExtraBeds,
    Nights,
    Province,
    Query,
    Rooms,
)

FORMER_NAMES_END = "2027-12-31"
"""Until when a member or parameter that was renamed is taken under its former name too."""
WHILE_HONOURED = Idempotency(
    HONOURED, "Not needed: the answer is kept under it for half an hour if it is sent."
)
"""Of a price that is asked for: its answer is kept as long as the price is honoured."""


def _by_commas(value: object) -> object:
    """Return a list as a query string writes it, part by part."""
    if isinstance(value, str):
        return value.split(",") if value else []
    return value


class LogQuery(Query):
    """Where to go on reading a log."""

    after_change_number: Cursor = Field(
        0,
        alias="afterChangeNumber",
        description="The last number seen; 0 reads from the start.",
    )
    after: Cursor = Field(
        0,
        json_schema_extra={"deprecated": True},
        description=f"The former name of afterChangeNumber, taken until {FORMER_NAMES_END}.",
    )

    @property
    def position(self) -> int:
        """The number to read on after, by whichever name it came.

        Raises:
            Invalid: it came by both.
        """
        if {"after", "after_change_number"} <= self.model_fields_set:
            raise Invalid({"after": WORDS["after.twice"]})
        return max(self.after_change_number, self.after)


class FeedQuery(LogQuery):
    """Where to go on reading the listings feed."""

    limit: Annotated[int, Field(ge=1, le=MOST_FEED_ITEMS)] = Field(
        100, description="Items a page at most."
    )


class EventsQuery(LogQuery):
    """Where to go on reading what happened to bookings."""

    limit: Annotated[int, Field(ge=1, le=MOST_EVENTS)] = Field(
        200, description="Items a page at most."
    )


class AvailabilityQuery(Query):
    """A stay to find free room types for."""

    arrive: Day = Field(description="First night, Asia/Shanghai.")
    nights: Nights = Field(description="How many nights.")
    rooms: Rooms = Field(1, description="How many rooms of one type.")
    adults: Adults = Field(2, description="Adults in the whole party.")
    children: Annotated[int, Field(ge=0, le=MOST_CHILDREN)] = Field(
        0, description="Children in the whole party, where their ages are not known."
    )
    children_ages: Annotated[
        list[Age] | None, BeforeValidator(_by_commas), Field(max_length=MOST_CHILDREN)
    ] = Field(
        None,
        description="Full years of each child on the day of arrival, with commas between: `4,13`."
        " With them the total is exact.",
    )
    listing: Id | None = Field(None, description="Only room types of this listing.")
    room_type: Id | None = Field(None, description="Only this room type.")
    cluster: Cluster | None = Field(None, description="Only listings in this cluster.")
    after: Cursor = Field(0, description="The last room type id of the page before.")
    limit: Annotated[int, Field(ge=1, le=MOST_ITEMS)] = Field(
        50, description="Items a page at most."
    )

    def guests(self) -> Guests:
        """Return who looks for rooms.

        Raises:
            Invalid: the number of children is another one than that of their ages.
        """
        if self.children_ages is None:
            return Guests(self.adults, self.children)
        if "children" in self.model_fields_set and self.children != len(self.children_ages):
            raise Invalid({"children": WORDS["children.other"]})
        return Guests(self.adults, len(self.children_ages), tuple(self.children_ages))


class AriQuery(Query):
    """The nights [from, to) to list."""

    first: Day = Field(alias="from", description="The first night.")
    last: Day = Field(alias="to", description="The day after the last night, at most 400 later.")


class BookingsQuery(Query):
    """Which bookings to list; what is left out leaves nothing out."""

    external_ref: Reference | None = Field(None, description="As given with the hold.")
    first: Day | None = Field(None, alias="from", description="The first day of arrival.")
    last: Day | None = Field(None, alias="to", description="The day after the last day of arrival.")
    state: BookingState | None = Field(
        None, description="As it is read now: a hold whose time is over is `expired`."
    )
    after: HexId | None = Field(None, description="Id of the last booking of the page before.")
    limit: Annotated[int, Field(ge=1, le=MOST_ITEMS)] = Field(
        50, description="Items a page at most."
    )

    def wanted(self) -> Wanted:
        """Return what is looked for.

        Raises:
            Invalid: the days are reversed.
        """
        if self.first is not None and self.last is not None and self.last <= self.first:
            raise Invalid({"to": WORDS["to.reversed"]})
        return Wanted(self.external_ref, self.first, self.last, self.state, self.after)


SAME_STAY = (
    "One for each kind of room, or for rooms with other people or meals: all of one listing, with"
    " the same arrival and the same nights. Each is priced by itself."
)


class QuoteRequest(Body):
    """A stay to price."""

    room_type: Id = Field(description="Id of the room type.")
    arrive: Day = Field(description="First night, Asia/Shanghai.")
    nights: Nights
    rooms: Rooms
    adults: Adults = Field(description="Adults in the whole party.")
    children_ages: Annotated[list[Age], Field(max_length=MOST_CHILDREN)] = Field(
        [], description="Full years of each child on the day of arrival."
    )
    board: Board | None = Field(
        None, description="Meals; null for those that the room's price includes."
    )
    extra_beds: ExtraBeds = Field(0, description="Extra beds in all rooms.")

    def selection(self, today: dt.date) -> StaySelection:
        """Return the stay that is chosen.

        Raises:
            Invalid: it begins in the past.
        """
        return StaySelection(
            room_type_id=self.room_type,
            stay=make_stay(self.arrive, self.nights, today=today),
            rooms=self.rooms,
            party=Party(self.adults, tuple(self.children_ages)),
            board=self.board,
            extra_beds=self.extra_beds,
        )


ExternalRef = Annotated[
    Reference,
    Field(
        description="Your own reference. It stands for one booking: as long as that is neither"
        " cancelled nor expired, another hold under it is refused."
    ),
]
ExpectedTotal = Annotated[
    Fen | None, Field(description="The price shown to the customer; another one is refused.")
]
GivenQuote = Annotated[
    HexId | None,
    Field(description="Id of a quote of yours: its price is honoured until it expires."),
]
Adjoining = Annotated[
    bool, Field(description="Several rooms are wanted next to each other: a wish, no promise.")
]
ComesFrom = Annotated[
    Province,
    Field(description="The province the guests come from, by its full Chinese name; for figures."),
]


class HoldRequest(QuoteRequest):
    """A stay to hold for 30 minutes."""

    external_ref: ExternalRef
    expected_total_fen: ExpectedTotal = None
    quote: GivenQuote = None
    adjoining: Adjoining = False
    source_province: ComesFrom = ""

    def choices(self, today: dt.date) -> tuple[RoomChoice, ...]:
        """Return what is chosen; raises ``Invalid`` where it begins in the past."""
        return (_choice(self, today),)


class HoldItem(QuoteRequest):
    """Rooms of one type with who sleeps in them, in a stay of several kinds of room."""

    quote: GivenQuote = None
    adjoining: Adjoining = False


class QuoteItemsRequest(Body):
    """A stay in several kinds of room to price."""

    items: Annotated[list[QuoteRequest], Field(min_length=1, max_length=MOST_KINDS)] = Field(
        description=SAME_STAY
    )

    def selections(self, today: dt.date) -> tuple[StaySelection, ...]:
        """Return what is chosen; raises ``Invalid`` where it begins in the past."""
        selections = []
        for n, item in enumerate(self.items, 1):
            with about_item(n, of=len(self.items)):
                selections.append(item.selection(today))
        return tuple(selections)


class HoldItemsRequest(Body):
    """A stay in several kinds of room to hold for 30 minutes, as one booking."""

    items: Annotated[list[HoldItem], Field(min_length=1, max_length=MOST_KINDS)] = Field(
        description=SAME_STAY
    )
    external_ref: ExternalRef
    expected_total_fen: ExpectedTotal = None
    source_province: ComesFrom = ""

    def choices(self, today: dt.date) -> tuple[RoomChoice, ...]:
        """Return what is chosen; raises ``Invalid`` where it begins in the past."""
        choices = []
        for n, item in enumerate(self.items, 1):
            with about_item(n, of=len(self.items)):
                choices.append(_choice(item, today))
        return tuple(choices)


def _choice(asked: HoldRequest | HoldItem, today: dt.date) -> RoomChoice:
    selection = replace(asked.selection(today), adjoining=asked.adjoining)
    return RoomChoice(selection, asked.quote)


class LeadGuest(Body):
    """Who will ask for the room at the desk; passed on to the operator."""

    name: Name
    phone: Phone = Field(
        description="A mobile (`13800138000`), a landline with its area code (`0433-1234567`), one"
        " with an extension (`0433-1234567 ext 8001`), or one from Hong Kong, Macau, Taiwan or"
        " abroad with + and country code (`+85291234567`). Spaces, hyphens and +86 may stand in it."
    )


class ConfirmRequest(Body):
    """What turns a hold into a booking."""

    lead_guest: LeadGuest


class CancelReason(enum.StrEnum):
    """Why a partner cancels."""

    PARTNER_REQUEST = ReasonCode.PARTNER_REQUEST.value
    CHANGED_PLANS = ReasonCode.TRAVELLER_CHANGED_PLANS.value
    HEALTH = ReasonCode.TRAVELLER_HEALTH.value
    OTHER = ReasonCode.TRAVELLER_OTHER.value


class CancelQuoteRequest(Body):
    """What would be cancelled; an empty object for all of it."""

    item: int | None = Field(
        None, ge=1, description="Number of the one item of several that would be given up alone."
    )


class CancelRequest(Body):
    """How to cancel."""

    reason: CancelReason = CancelReason.PARTNER_REQUEST
    expected_refund_fen: Fen | None = Field(
        None, description="The refund shown to the customer; another one is refused."
    )
    item: int | None = Field(
        None, ge=1, description="Number of the one item of several that is given up alone."
    )


class AcceptRequest(Body):
    """Which of the places offered is taken instead of the house that was stopped."""

    offer: Id = Field(description="Number of the offer, as in `rehousing.offers`.")


class NothingMore(Body):
    """An empty object."""
