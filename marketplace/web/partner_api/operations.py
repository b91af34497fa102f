"""The table of the API's routes: what each takes, gives and refuses.

The specification is made of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pydantic import BaseModel

from marketplace.web.partner_api import price_schemas, request_schemas, schemas
from marketplace.web.partner_api.problems import EVERYWHERE, POSTING, PROBLEMS, Told


@dataclass(frozen=True, slots=True)
class Route:
    """One route of the API."""

    method: str
    path: str
    name: str
    summary: str
    answer: type[BaseModel]
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    status: int = 200
    tagged: bool = False
    """Answers with an ETag, and 304 to If-None-Match."""
    refuses: tuple[str, ...] = ()
    keyed: bool = True
    """Whether a POST needs an ``Idempotency-Key``; where it only reads, it may have one."""
    about: str = ""
    """What else is to be known, with the caps on holds filled in by name."""

    @property
    def problems(self) -> dict[str, Told]:
        """The problems this route may answer, by code."""
        codes = [*EVERYWHERE, *(POSTING if self.method == "post" else ()), *self.refuses]
        return {code: PROBLEMS[code] for code in codes}


def described(rule: str) -> str:
    """Return the address of a rule of Flask's as the description writes it."""
    return re.sub(r"<(?:[^:>]+:)?(\w+)>", r"{\1}", rule)


HOLDS = "/partner/v1/stays/holds"
HOLD_CAPS = (
    "What you keep on hold and have not confirmed counts against your credit, and is capped: at"
    " most %(nights_partner)s room-nights (rooms times nights) in all, and no further hold beyond"
    " %(nights_listing)s of one listing, those of all its buyers counted. Confirming or cancelling"
    " a hold frees its share at once, and so does its end. With nothing on hold you may hold any"
    " stay that your credit allows. Whom a cap stops can call us."
)
ROUTES = (
    Route(
        "get",
        "/partner/v1/feed/listings",
        "feedListings",
        "Listings that changed, oldest change first",
        schemas.FeedPage,
        query=request_schemas.FeedQuery,
        tagged=True,
        refuses=("cursor_unknown", "restored"),
    ),
    Route(
        "get",
        "/partner/v1/listings/{listing_id}",
        "getListing",
        "One listing",
        schemas.ListingData,
        tagged=True,
        refuses=("not_found",),
    ),
    Route(
        "get",
        "/partner/v1/events",
        "listEvents",
        "What happened to your bookings, in order",
        schemas.EventsPage,
        query=request_schemas.EventsQuery,
        refuses=("cursor_unknown", "restored"),
    ),
    Route(
        "get",
        "/partner/v1/stays/availability",
        "findAvailability",
        "Room types free on every night, with the total",
        price_schemas.Availability,
        query=request_schemas.AvailabilityQuery,
    ),
    Route(
        "get",
        "/partner/v1/stays/{listing_id}/ari",
        "getAri",
        "Rooms left, rates, limits and price terms of a listing",
        price_schemas.Ari,
        query=request_schemas.AriQuery,
        tagged=True,
        refuses=("not_found",),
    ),
    Route(
        "post",
        "/partner/v1/stays/quote",
        "quoteStay",
        "The itemised price of a stay, honoured for 30 minutes",
        price_schemas.Quote,
        body=request_schemas.QuoteRequest,
        refuses=("not_found", "not_bookable"),
        keyed=False,
    ),
    Route(
        "post",
        HOLDS,
        "holdStay",
        "Hold rooms for 30 minutes",
        schemas.Booking,
        body=request_schemas.HoldRequest,
        status=201,
        refuses=(
            *("not_found", "not_bookable", "sold_out", "credit_limit", "hold_cap"),
            *("price_changed", "quote_expired", "quote_differs", "reference_taken"),
        ),
        about=HOLD_CAPS,
    ),
    Route(
        "get",
        HOLDS + "/{given}",
        "getHold",
        "One booking, held or beyond",
        schemas.Booking,
        refuses=("not_found",),
    ),
    Route(
        "post",
        HOLDS + "/{given}/confirm",
        "confirmHold",
        "Turn a hold into a booking, on account",
        schemas.Booking,
        body=request_schemas.ConfirmRequest,
        refuses=("not_found", "not_bookable", "hold_expired", "wrong_state", "credit_limit"),
    ),
    Route(
        "post",
        HOLDS + "/{given}/extend",
        "extendHold",
        "Keep a hold 30 minutes longer: three times, two hours in all",
        schemas.Booking,
        body=request_schemas.NothingMore,
        refuses=("not_found", "hold_expired", "wrong_state", "no_more_extensions"),
    ),
    Route(
        "post",
        HOLDS + "/{given}/cancel-quote",
        "quoteCancellation",
        "What cancelling now would keep and give back",
        schemas.CancelQuote,
        body=request_schemas.NothingMore,
        keyed=False,
        refuses=("not_found", "wrong_state"),
    ),
    Route(
        "post",
        HOLDS + "/{given}/cancel",
        "cancelHold",
        "Cancel a hold or a confirmed booking",
        schemas.Cancelled,
        body=request_schemas.CancelRequest,
        refuses=("not_found", "wrong_state", "refund_changed"),
    ),
    Route(
        "post",
        "/partner/v1/bookings/{given}/rehousing/accept",
        "acceptPlace",
        "Take a place offered instead of a house that was stopped",
        schemas.Booking,
        body=request_schemas.AcceptRequest,
        refuses=("not_found", "rehousing_settled", "offer_gone"),
    ),
    Route(
        "post",
        "/partner/v1/bookings/{given}/rehousing/decline",
        "declinePlaces",
        "Turn down the places offered: the office looks for others",
        schemas.Booking,
        body=request_schemas.NothingMore,
        refuses=("not_found", "rehousing_settled", "nothing_offered"),
    ),
    Route(
        "get",
        "/partner/v1/bookings/{given}",
        "getBooking",
        "One booking as its last event told it",
        schemas.View,
        refuses=("not_found",),
    ),
    Route(
        "get",
        "/partner/v1/bookings",
        "findBookings",
        "Your bookings by reference, day of arrival and state, the newest first",
        schemas.Bookings,
        query=request_schemas.BookingsQuery,
    ),
)
