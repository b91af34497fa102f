"""Looking at bookings: one as its last event told it, many by what they have in common."""

from __future__ import annotations

from flask import request

from marketplace.kernel.errors import Invalid, NotFound
from marketplace.partners import queries
from marketplace.web.api.field_types import hex_id
from marketplace.web.api.operations import operation
from marketplace.web.api.responses import next_address, own_address
from marketplace.web.context import now, services
from marketplace.web.partner_api import schemas, serializers
from marketplace.web.partner_api.authentication import caller
from marketplace.web.partner_api.command_desk import said_booking
from marketplace.web.partner_api.field_types import WORDS
from marketplace.web.partner_api.request_schemas import BookingsQuery


@operation(
    method="get",
    path="/partner/v1/bookings/{given}",
    name="getBooking",
    summary="One booking as its last event told it",
    answers={200: schemas.View},
    refuses=("not_found",),
)
def view(given: str) -> schemas.View:
    """One booking as its last event told it."""
    with services().database.read() as session:
        found = queries.sale(session, caller=caller(), booking_id=hex_id(given))
    return serializers.view(found, now())


@operation(
    method="get",
    path="/partner/v1/bookings",
    name="findBookings",
    summary="Your bookings by reference, day of arrival and state, the newest first",
    takes=BookingsQuery,
    answers={200: schemas.Bookings},
)
def bookings(query: BookingsQuery) -> schemas.Bookings:
    """The caller's bookings by reference, day of arrival and state."""
    wanted = query.wanted()
    with services().database.read() as session:
        try:
            found = queries.sales(
                session, caller=caller(), wanted=wanted, limit=query.limit, now=now()
            )
        except NotFound as error:
            raise Invalid({"after": WORDS["after"]}) from error
    following = own_address()
    if found:
        following = next_address(**request.args.to_dict() | {"after": found[-1].booking.id})
    return schemas.Bookings(next=following, items=[said_booking(sale) for sale in found])
