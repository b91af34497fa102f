"""What is free, night by night, and for how much."""

from __future__ import annotations

from flask import Response, request
from sqlalchemy.orm import Session

from marketplace.offers.quoting.stay_offers import Party, ask_for, make_stay
from marketplace.partners import stay_availability
from marketplace.pricing.saved_quotes import HONOURED
from marketplace.web.api.idempotency import once
from marketplace.web.api.responses import fresh, next_address, own_address, tagged
from marketplace.web.context import now, services, today
from marketplace.web.partner_api import price_schemas, price_serializers
from marketplace.web.partner_api.authentication import blueprint, caller
from marketplace.web.partner_api.field_types import LARGEST_ID, read_query
from marketplace.web.partner_api.request_schemas import AriQuery, AvailabilityQuery, QuoteRequest


@blueprint.get("/partner/v1/stays/availability")
def availability() -> Response:
    """Room types that are free on every night, with the total: exact, or the least it can be."""
    query = read_query(AvailabilityQuery, request.args.to_dict())
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
    return fresh(price_serializers.availability(query, guests, found, following))


@blueprint.get(f"/partner/v1/stays/<int(max={LARGEST_ID}):listing_id>/ari")
def ari(listing_id: int) -> Response:
    """Every night of a listing: rooms left, list price, limits; and what makes a stay's price."""
    query = read_query(AriQuery, request.args.to_dict())
    with services().database.read() as session:
        found = stay_availability.nights(
            session, listing_id=listing_id, first=query.first, last=query.last, today=today()
        )
    return tagged(price_serializers.ari(query, found))


@blueprint.post("/partner/v1/stays/quote")
def quote() -> Response:
    """The itemised price of a stay, honoured for half an hour; it holds no room."""
    return once(QuoteRequest, _quote, kept=HONOURED, keyed=False)


def _quote(session: Session, wish: QuoteRequest) -> price_schemas.Quote:
    found = stay_availability.quote_stay(
        session,
        caller=caller(),
        room_type_id=wish.room_type,
        ask=ask_for(
            make_stay(wish.arrive, wish.nights, today=today()),
            today=today(),
            rooms=wish.rooms,
            party=Party(wish.adults, tuple(wish.children_ages)),
            board=wish.board,
            extra_beds=wish.extra_beds,
        ),
        ids=services().ids,
        now=now(),
    )
    return price_serializers.quote(wish, found)
