"""What is free, night by night, and for how much."""

from __future__ import annotations

from flask import request

from marketplace.offers.quoting.stay_offers import make_stay
from marketplace.partners import stay_availability
from marketplace.partners.commands.stay_commands import QuoteRooms, QuoteStay
from marketplace.web.api.operations import operation
from marketplace.web.api.responses import next_address, own_address
from marketplace.web.context import services, today
from marketplace.web.partner_api import price_schemas, price_serializers
from marketplace.web.partner_api.request_schemas import (
    WHILE_HONOURED,
    AriQuery,
    AvailabilityQuery,
    QuoteItemsRequest,
    QuoteRequest,
)


@operation(
    method="get",
    path="/partner/v1/stays/availability",
    name="findAvailability",
    summary="Room types free on every night, with the total",
    takes=AvailabilityQuery,
    answers={200: price_schemas.Availability},
)
def availability(query: AvailabilityQuery) -> price_schemas.Availability:
    """Room types that are free on every night, with the total: exact, or the least it can be."""
    guests = query.guests()
    stay = make_stay(query.arrive, query.nights, today=today())
    matrix = services().follower.current()
    with services().database.read() as session:
        found = stay_availability.availability(
            session,
            wanted=stay_availability.RoomsWanted(
                stay=stay,
                rooms=query.rooms,
                guests=guests,
                only=stay_availability.Only(query.listing, query.room_type, query.cluster),
            ),
            matrix=matrix,
            after=query.after,
            limit=query.limit,
        )
    following = own_address()
    if found:
        following = next_address(**request.args.to_dict() | {"after": found[-1].room_type_id})
    return price_serializers.availability(query, guests, found, following)


@operation(
    method="get",
    path="/partner/v1/stays/{listing_id}/ari",
    name="getAri",
    summary="Rooms left, rates, limits and price terms of a listing",
    takes=AriQuery,
    answers={200: price_schemas.Ari},
    refuses=("not_found",),
    tagged=True,
)
def ari(query: AriQuery, listing_id: int) -> price_schemas.Ari:
    """Every night of a listing: rooms left, list price, limits; and what makes a stay's price."""
    with services().database.read() as session:
        found = stay_availability.nights(
            session, listing_id=listing_id, first=query.first, last=query.last, today=today()
        )
    return price_serializers.ari(query, found)


@operation(
    method="post",
    path="/partner/v1/stays/quote",
    name="quoteStay",
    summary="The itemised price of a stay, honoured for 30 minutes",
    takes=QuoteRequest,
    many=QuoteItemsRequest,
    answers={200: price_schemas.StayPrice},
    refuses=("not_found", "not_bookable", "not_one_stay"),
    said=price_serializers.stay_price,
    idempotent=WHILE_HONOURED,
)
def quote(body: QuoteRequest | QuoteItemsRequest) -> QuoteStay | QuoteRooms:
    """The itemised price of a stay, honoured for half an hour; it holds no room."""
    if isinstance(body, QuoteItemsRequest):
        return QuoteRooms(body.selections(today()))
    return QuoteStay(body.selection(today()))
