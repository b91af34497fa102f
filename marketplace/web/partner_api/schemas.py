"""What partners read: the answers of the API. Amounts are whole fen, nights Asia/Shanghai dates."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, Field, RootModel

from catalog.sale import SaleStop
from marketplace.booking.events.view import BookingView, Ending, LastChange, RehousingView
from marketplace.booking.states import BookingState, EventType
from marketplace.pricing.nights.restrictions import Rule
from marketplace.pricing.nights.terms import Board
from marketplace.web.api import problems
from marketplace.web.partner_api.price_schemas import NightPrice, Text


class Named(Text):
    """A value of a closed list with its names."""

    code: str


class RoomTypeData(BaseModel):
    """A room type of a listing."""

    id: int
    code: str
    name: Text
    beds: Text
    max_adults: int
    max_guests: int
    area_m2: int | None
    included_board: Board | None = Field(
        description="The meals in its price; null where it has no price."
    )
    boards: list[Board] = Field(description="Meals that can be had besides, at a price.")
    tariff: int | None = Field(
        description="Number of the terms of price that count now; after a change ask ari again."
    )


class AccessData(BaseModel):
    """What matters on aged legs; ``null`` means that nobody knows."""

    steps: int | None = Field(description="Steps between the car and the bed.")
    bed_height_cm: int | None
    lift: bool | None
    no_steps: bool | None
    grab_bars: bool | None
    hospital_km: int | None
    hospital_minutes: int | None
    altitude_m: int | None
    heating: Named | None
    pace: Named | None


class SeasonData(BaseModel):
    """First and last day of each year's season, as 06-15; the last may lie in the next year."""

    opens: str
    closes: str


class WaterData(BaseModel):
    """What water it has; no medical claims."""

    spring: Named | None
    temperature_c: int | None


class PhotoSize(BaseModel):
    """One size of a photograph."""

    width: int
    height: int
    url: str


class PhotoData(BaseModel):
    """A photograph of a real house: a drawing that stands for a sample is none."""

    room_type: int | None = Field(description="The room type it shows, if it shows one.")
    alt: Text = Field(description="What it shows, for those who cannot see it.")
    sizes: list[PhotoSize] = Field(description="As WebP, the smallest first.")


class PlaceData(BaseModel):
    """Where it is, and how far off the point may be."""

    address: str | None = Field(description="In Chinese, as the operator gives it.")
    arrive_from: str | None = Field(description="Local time from which rooms are ready: 14:00.")
    town: Text
    prefecture: str
    county: str
    lat: float
    lon: float
    datum: str
    error_km: float
    basis: str
    slope: Named | None
    nearest_station: Text | None


class DirectoryData(BaseModel):
    """How the directory knows the enterprise: show the source with its date."""

    category: Named
    source: str
    source_date: str
    certainty: Named
    grade: str | None
    grade_as_of: str | None


class EnterpriseData(BaseModel):
    """Who offers the stay."""

    code: str
    name: Text


class ListingData(BaseModel):
    """A stay as partners show it."""

    id: int
    code: str
    version: int
    updated_at: dt.datetime
    url: str = Field(description="The page for travellers.")
    name: Text
    summary: Text
    enterprise: EnterpriseData
    place: PlaceData
    photos: list[PhotoData] = Field(description="Empty where there are none.")
    season: SeasonData | None = Field(description="Null when it is open all year.")
    cautions: Text | None = Field(description="Who must not bathe or take part: show it whole.")
    water: WaterData | None = Field(description="Null where nothing is known of any.")
    clusters: list[Named] = Field(description="Empty when it lies in none.")
    theme: Named
    min_nights: int
    max_nights: int
    family_suited: bool
    food: list[Named]
    access: AccessData
    room_types: list[RoomTypeData]
    directory: DirectoryData
    is_sample: bool = Field(description="Invented for demonstration: never show it as real.")
    sample_notice: str | None = Field(description="What to show beside a sample, else null.")


class UpdatedListing(BaseModel):
    """A listing on show, at its latest change."""

    state: Literal["updated"] = "updated"
    kind: Literal["listing"] = "listing"
    id: int
    modified: int = Field(description="Number of its latest change.")
    data: ListingData


class DeletedListing(BaseModel):
    """A listing that is not on show: suspended, paused or gone. Take it down."""

    state: Literal["deleted"] = "deleted"
    kind: Literal["listing"] = "listing"
    id: int
    modified: int = Field(description="Number of its latest change.")


class FeedPage(BaseModel):
    """A page of the feed (RPDE): the last one is empty and its ``next`` is its own address."""

    next: str
    items: list[UpdatedListing | DeletedListing]
    license: str


class View(RootModel[BookingView]):
    """A booking of yours as its last event told it; a hold past its time has expired."""


class Event(BaseModel):
    """What happened to a booking of yours, with the whole booking afterwards."""

    number: int = Field(description="Position in the log: the cursor to go on from.")
    id: str
    type: EventType
    subject: str = Field(description="What it is about: `booking:` and its id.")
    version: int = Field(description="Apply it only if it is higher than the one you hold.")
    at: dt.datetime
    by: str = Field(
        description="traveller, partner, staff or system; `unknown` before the log kept it."
    )
    what: dict[str, Any] = Field(
        description="reason, fee_fen, refund_fen, total_before_fen and total_after_fen always, and "
        "what the type tells besides; only `state` for what happened before the log kept it."
    )
    view: BookingView | None = Field(
        description="The booking afterwards; null where the log kept only the state."
    )


class EventsPage(BaseModel):
    """A page of events: the last one is empty and its ``next`` is its own address.

    Each event is kept for 400 days. After that it goes once a later one of its booking has come;
    the last one of a booking stays at least three years from its end.
    """

    next: str
    items: list[Event]


class BookedRooms(BaseModel):
    """Rooms of one type of a booking, with who sleeps in them."""

    number: int = Field(description="Counts the items of a booking from 1.")
    room_type: int
    rooms: int
    adults: int
    children_ages: list[int]
    board: Board
    extra_beds: int
    adjoining: bool
    list_fen: int
    total_fen: int = Field(description="The items sum to the total of the booking.")
    nights: list[NightPrice]


class Booking(BaseModel):
    """A booking of yours, one id from hold to completion. Guests' data is never sent back.

    Where it has `items`, people, rooms, beds and nights are those of all of them together, and
    `room_type` and `board` those of the first.
    """

    id: str
    code: str = Field(description="What the guest shows at the desk.")
    state: BookingState
    expires_at: dt.datetime = Field(description="Until when the hold is promised.")
    total_fen: int
    currency: str
    nights: list[NightPrice]
    room_type: int
    listing: int
    arrive: dt.date
    depart: dt.date
    nights_count: int
    rooms: int
    adults: int
    children_ages: list[int] = Field(description="Full years of each child on the day of arrival.")
    board: Board = Field(description="The meals that come with it.")
    extra_beds: int = Field(description="Extra beds in all rooms.")
    adjoining: bool = Field(description="Rooms next to each other are wanted, if possible.")
    external_ref: str | None
    extensions: int
    confirmed_at: dt.datetime | None
    ended_at: dt.datetime | None
    test: bool
    is_sample: bool
    sample_notice: str | None
    version: int = Field(description="Counts what happened to it; that of its last event.")
    ending: Ending | None = Field(description="By whom and why it ended, and what was kept.")
    change: LastChange | None = Field(description="The latest change of the stay.")
    rehousing: RehousingView | None = Field(
        description="How the search for another place stands, when the house was stopped."
    )
    items: list[BookedRooms] = Field(
        [],
        exclude_if=lambda items: not items,
        description="Of a stay in several kinds of room: each of them. Else it is left out.",
    )


class Bookings(BaseModel):
    """Bookings, newest first; a page without items is the end and its ``next`` its own address."""

    next: str
    items: list[Booking]


class CancelQuote(BaseModel):
    """What cancelling now would keep and give back."""

    fee_fen: int
    refund_fen: int
    currency: str
    fee_bp: int
    undo: bool = Field(description="Within 30 minutes of confirming: nothing is kept.")


class Cancelled(Booking):
    """A cancelled booking, or one with an item less, with what was kept and given back for it."""

    fee_fen: int
    refund_fen: int


class Problem(problems.Problem):
    """What went wrong (RFC 9457); branch on ``code``, never on ``detail``."""

    rule: Rule | None = Field(
        None, description="With `invalid`: the first rule of the house that the stay breaks."
    )
    items: list[int] | None = Field(
        None,
        description="Which of the `items` that were sent it is about, counted from 1; of one item"
        " sent alone it may be left out.",
    )
    reason: SaleStop | None = Field(
        None, description="With `not_bookable`: why the house may not sell today."
    )
    booking: str | None = Field(
        None, description="With `reference_taken`: the id of the booking that has the reference."
    )
    state: BookingState | None = Field(
        None, description="With `wrong_state`: where the booking stands."
    )
    total_fen: int | None = Field(None, description="With `price_changed`: the new total.")
    refund_fen: int | None = Field(None, description="With `refund_changed`: the new refund.")
    owed_fen: int | None = Field(None, description="With `credit_limit`: what you owe.")
    held_fen: int | None = Field(
        None, description="With `credit_limit` at a hold: what you keep on hold besides."
    )
    limit_fen: int | None = Field(None, description="With `credit_limit`: your limit.")
    what: Literal["partner", "listing"] | None = Field(
        None, description="With `hold_cap`: whose cap is reached."
    )
    limit: int | None = Field(None, description="With `hold_cap`: the cap in room-nights.")
    held: int | None = Field(None, description="With `hold_cap`: room-nights on hold.")
    telephone: str | None = Field(None, description="With `hold_cap`: whom to call.")
    after_change_number: int | None = Field(
        None, description="With `restored`: the number to go on from."
    )
    retry_after: int | None = Field(None, description="Seconds; also in Retry-After.")
