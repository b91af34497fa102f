"""What partners read: the answers of the API. Amounts are whole fen, nights Asia/Shanghai dates."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from marketplace.booking.states import BookingState


class Text(BaseModel):
    """A text in both languages; ``en`` is empty where there is no English."""

    zh: str
    en: str


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


class AccessData(BaseModel):
    """What matters on aged legs; ``null`` means that nobody knows."""

    lift: bool | None
    no_steps: bool | None
    grab_bars: bool | None
    hospital_km: int | None
    hospital_minutes: int | None
    altitude_m: int | None
    heating: Named | None
    pace: Named | None


class PlaceData(BaseModel):
    """Where it is, and how far off the point may be."""

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
    items: list[Annotated[UpdatedListing | DeletedListing, Field(discriminator="state")]]
    license: str


class Event(BaseModel):
    """One change of state of a booking of yours."""

    number: int
    booking_id: str
    external_ref: str | None
    state: BookingState
    at: dt.datetime


class EventsPage(BaseModel):
    """A page of events: the last one is empty and its ``next`` is its own address."""

    next: str
    items: list[Event]


class FreeRoomType(BaseModel):
    """A room type that is free on every night."""

    room_type: int
    listing: int
    left: int = Field(description="Rooms free on every night.")
    total_fen: int = Field(description="The exact price of the whole stay for all rooms.")


class Availability(BaseModel):
    """Free room types by id; ``next`` is null on the last page."""

    arrive: dt.date
    nights: int
    rooms: int
    currency: str
    items: list[FreeRoomType]
    next: str | None


class Discount(BaseModel):
    """Off the whole stay from so many nights on; the longest one reached counts."""

    min_nights: int
    off_bp: int = Field(description="Basis points: 1500 is 15 %.")


class AriNight(BaseModel):
    """One night of one room."""

    date: dt.date
    left: int
    list_fen: int | None = Field(description="Null when the night has no price.")
    min_nights: int
    max_nights: int
    closed: bool = Field(description="Not on sale: closed, without stock or price, or past.")


class AriRoomType(BaseModel):
    """The nights of one room type."""

    room_type: int
    discounts: list[Discount]
    nights: list[AriNight]


class Ari(BaseModel):
    """Availability, rates and limits of a listing, night by night."""

    listing: int
    first: dt.date = Field(serialization_alias="from")
    last: dt.date = Field(serialization_alias="to", description="Not included.")
    currency: str
    is_sample: bool
    sample_notice: str | None
    room_types: list[AriRoomType]


class NightPrice(BaseModel):
    """One night of all rooms; the nights sold sum to the total."""

    date: dt.date
    list_fen: int
    sold_fen: int


class QuoteLine(BaseModel):
    """The nights of one month that share a list price."""

    first_day: dt.date
    nights: int
    list_fen: int = Field(description="One room, one night.")
    amount_fen: int = Field(description="All rooms, before any discount.")


class CancelBand(BaseModel):
    """Cancelling up to ``until`` (included) costs ``fee_fen``."""

    until: dt.date
    fee_bp: int
    fee_fen: int


class Quote(BaseModel):
    """An itemised price; nothing is held by it."""

    room_type: int
    listing: int
    arrive: dt.date
    depart: dt.date
    nights_count: int
    rooms: int
    adults: int
    children_ages: list[int]
    left: int = Field(description="Rooms free on every night now.")
    currency: str
    list_fen: int
    discount: Discount | None
    discount_fen: int
    total_fen: int
    lines: list[QuoteLine]
    nights: list[NightPrice]
    cancellation: list[CancelBand]
    is_sample: bool
    sample_notice: str | None


class Booking(BaseModel):
    """A booking of yours, one id from hold to completion. Guests' data is never sent back."""

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
    children_ages: list[int]
    external_ref: str | None
    extensions: int
    confirmed_at: dt.datetime | None
    ended_at: dt.datetime | None
    test: bool
    is_sample: bool
    sample_notice: str | None


class Bookings(BaseModel):
    """The newest hundred bookings under a reference, newest first."""

    items: list[Booking]


class CancelQuote(BaseModel):
    """What cancelling now would keep and give back."""

    fee_fen: int
    refund_fen: int
    currency: str
    fee_bp: int
    undo: bool = Field(description="Within 30 minutes of confirming: nothing is kept.")


class Cancelled(Booking):
    """A cancelled booking with what was kept and given back."""

    fee_fen: int
    refund_fen: int


class Problem(BaseModel):
    """What went wrong (RFC 9457); branch on ``code``, never on ``detail``."""

    type: str
    title: str
    status: int
    code: str
    detail: str = Field(description="In English, or in Chinese when Accept-Language asks for it.")
    request_id: str
    fields: dict[str, str] | None = Field(None, description="With ``invalid``: what to write.")
    retry_after: int | None = Field(None, description="Seconds; also in Retry-After.")
