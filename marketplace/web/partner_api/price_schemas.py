"""What partners read of prices and limits. Amounts are whole fen, nights Asia/Shanghai dates."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, Field, RootModel

from marketplace.pricing.nights.quote import ExtraKind, ReductionKind
from marketplace.pricing.nights.terms import Board
from marketplace.web.partner_api.request_schemas import FORMER_NAMES_END

FormerCount = Annotated[
    int,
    Field(
        description=f"The former name of `nights_count`, told until {FORMER_NAMES_END}.",
        json_schema_extra={"deprecated": True},
    ),
]


class Text(BaseModel):
    """A text in both languages; ``en`` is empty where there is no English."""

    zh: str
    en: str


# ------------------------------------------------------------------ what is free


class FreeRoomType(BaseModel):
    """A room type that is free on every night."""

    room_type: int
    listing: int
    left: int = Field(description="Rooms free on every night.")
    total_fen: int = Field(
        description="The price of the whole stay for all rooms, with the meals that come with it."
    )
    total_is: Literal["exact", "from"] = Field(
        description="`exact`: what a quote says. `from`: children came without their ages; no ages"
        " cost less, some may cost more."
    )


class Availability(BaseModel):
    """Free room types by id; a page without items is the end and its ``next`` its own address."""

    arrive: dt.date
    nights_count: int
    nights: FormerCount
    rooms: int
    currency: str
    items: list[FreeRoomType]
    next: str


# ------------------------------------------------------------------ the terms of a tariff


class Discount(BaseModel):
    """Off the rooms' price from so many nights on; the longest one reached counts."""

    min_nights: int
    off_bp: int = Field(description="Basis points: 1500 is 15 %.")


class MonthTerm(BaseModel):
    """What one room costs in a whole named month; a part of the month costs its part."""

    month: str = Field(description="2027-07", pattern="^[0-9]{4}-[0-9]{2}$")
    month_fen: int
    min_nights: int = Field(description="Nights of the stay from which it counts.")


class ChildTerm(BaseModel):
    """What a child up to this age pays a night, beyond the people included.

    Ages are full years on the day of arrival.
    """

    to_age: int
    night_fen: int


class OccupancyTerms(BaseModel):
    """What the people change in a night's list price."""

    included: int = Field(description="People in a room whom its list price covers.")
    extra_adult_fen: int = Field(description="A night, for each adult beyond them.")
    single_off_fen: int = Field(description="Off a night of a room that one person uses alone.")
    children: list[ChildTerm] = Field(description="Youngest first; older ones pay as adults.")


class BoardTerm(BaseModel):
    """Meals that can be had besides the included ones, a night."""

    board: Board
    adult_fen: int
    child_fen: int


class ExtraBedTerm(BaseModel):
    """What an extra bed costs a night, and how many a room takes."""

    night_fen: int
    most_a_room: int


class PromotionTerm(BaseModel):
    """A discount under conditions, null ones met by everyone; of those met the largest counts."""

    code: str
    name: Text
    off_bp: int
    booked_first: dt.date | None
    booked_last: dt.date | None
    arrive_first: dt.date | None
    arrive_last: dt.date | None
    min_nights: int
    min_lead_days: int = Field(description="Fewest days between booking and arrival.")
    max_lead_days: int | None


class CancelTerm(BaseModel):
    """Cancelling ``days`` or more days before arrival keeps ``fee_bp`` of the total."""

    days: int
    fee_bp: int


# ------------------------------------------------------------------ night by night


class AriNight(BaseModel):
    """One night of one room; a limit that is null asks nothing."""

    date: dt.date
    left: int
    list_fen: int | None = Field(description="Null when the night has no price.")
    min_nights: int = Field(description="Fewest nights of a stay with this night in it.")
    max_nights: int = Field(description="Most nights of a stay with this night in it.")
    min_nights_arrival: int | None = Field(description="Fewest nights of a stay from this day.")
    max_nights_arrival: int | None = Field(description="Most nights of a stay from this day.")
    closed_to_arrival: bool = Field(description="No stay begins on this day.")
    closed_to_departure: bool = Field(description="No stay ends on this day.")
    closed: bool = Field(description="Not on sale: closed, without stock or price, or past.")


class AriRoomType(BaseModel):
    """The nights of one room type, and the terms that make a stay's price of them."""

    room_type: int
    tariff: int | None = Field(description="Number of these terms; another one, other terms.")
    discounts: list[Discount]
    months: list[MonthTerm]
    occupancy: OccupancyTerms
    included_board: Board
    boards: list[BoardTerm]
    extra_bed: ExtraBedTerm | None
    promotions: list[PromotionTerm]
    lead_days: int = Field(description="Fewest days between booking and arrival.")
    window_days: int | None = Field(description="Most days between booking and arrival.")
    arrival_weekdays: list[int] = Field(description="1 is Monday, 7 is Sunday.")
    cancellation: list[CancelTerm] = Field(description="The longest notice first.")
    nights: list[AriNight]


class Ari(BaseModel):
    """Availability, rates, limits and price terms of a listing, night by night."""

    listing: int
    first: dt.date = Field(serialization_alias="from")
    last: dt.date = Field(serialization_alias="to", description="Not included.")
    currency: str
    is_sample: bool
    sample_notice: str | None
    room_types: list[AriRoomType]


# ------------------------------------------------------------------ the price of a stay


class NightPrice(BaseModel):
    """One night of all rooms; the nights sold sum to the total."""

    date: dt.date
    list_fen: int
    sold_fen: int


class QuoteLine(BaseModel):
    """The nights of one month that share a list price."""

    first_day: dt.date
    nights_count: int
    nights: FormerCount
    list_fen: int = Field(description="One room, one night.")
    amount_fen: int = Field(description="All rooms, before any discount.")


class QuoteExtra(BaseModel):
    """People, rooms or beds beside the list price, a night; what is spared is negative."""

    kind: ExtraKind
    count: int
    nights_count: int
    nights: FormerCount
    unit_fen: int
    amount_fen: int
    age: int | None = Field(description="Full years of a child on the day of arrival.")
    board: Board | None = Field(description="Of meals.")


class QuoteReduction(BaseModel):
    """Why less than the list price is paid, and how much; what does not apply is null."""

    kind: ReductionKind
    off_fen: int
    off_bp: int | None = Field(description="Of a tier or a promotion.")
    min_nights: int | None = Field(description="Of a tier: the nights it begins with.")
    month: str | None = Field(description="Of a month's price: 2027-07.")
    month_fen: int | None = Field(description="What one room costs in all of that month.")
    nights_count: int | None = Field(description="Nights of the stay in that month.")
    nights: FormerCount | None
    code: str | None = Field(description="Of a promotion.")
    name: Text | None = Field(description="Of a promotion.")


class Part(BaseModel):
    """A part of a stay."""

    arrive: dt.date
    depart: dt.date
    nights_count: int


class CheaperInParts(BaseModel):
    """The same nights booked one part after the other cost less."""

    saved_fen: int
    parts: list[Part]


class CancelBand(BaseModel):
    """Cancelling from ``since`` to ``until``, both included, costs ``fee_fen``.

    The bands cover each day from today to the day of arrival once; the last counts for no-shows.
    """

    since: dt.date
    until: dt.date
    fee_bp: int
    fee_fen: int


class Quote(BaseModel):
    """An itemised price; lines and extras make the list price, less the reductions the total."""

    id: str = Field(description="Name it as `quote` of a hold to be sold at this price.")
    expires_at: dt.datetime = Field(description="Until when the price is honoured.")
    room_type: int
    listing: int
    arrive: dt.date
    depart: dt.date
    nights_count: int
    rooms: int
    adults: int
    children_ages: list[int] = Field(description="Full years of each child on the day of arrival.")
    board: Board = Field(description="The meals in it.")
    extra_beds: int
    left: int = Field(description="Rooms free on every night now; none is held.")
    currency: str
    list_fen: int
    discount: Discount | None = Field(description="The long-stay discount, if one was reached.")
    discount_fen: int = Field(description="All reductions together.")
    total_fen: int
    lines: list[QuoteLine]
    extras: list[QuoteExtra]
    reductions: list[QuoteReduction]
    nights: list[NightPrice]
    cheaper_in_parts: CheaperInParts | None = Field(description="Null where the whole is cheapest.")
    cancellation: list[CancelBand]
    is_sample: bool
    sample_notice: str | None


class QuoteOfItems(BaseModel):
    """The prices of several kinds of room for one stay: their sum, and what cancelling all costs.

    Name the `id` of each item as `quote` of the same item of a hold.
    """

    items: list[Quote] = Field(description="The price of each by itself, in the order asked.")
    expires_at: dt.datetime = Field(description="Until when the prices are honoured.")
    listing: int
    arrive: dt.date
    depart: dt.date
    nights_count: int
    currency: str
    list_fen: int
    total_fen: int
    cancellation: list[CancelBand] = Field(
        description="Of all of it: the sum, each item by its own terms; `fee_bp` is the highest."
    )
    is_sample: bool
    sample_notice: str | None


class StayPrice(RootModel[Quote | QuoteOfItems]):
    """The price of a stay; of `items` where it was asked with them."""
