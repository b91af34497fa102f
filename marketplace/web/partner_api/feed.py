"""Reading the directory and what happened to one's bookings."""

from __future__ import annotations

from flask import Response, request

from marketplace.partners import feed, queries
from marketplace.web.api.responses import (
    base_address,
    fresh,
    next_address,
    own_address,
    tagged,
)
from marketplace.web.context import services
from marketplace.web.partner_api import schemas, serializers
from marketplace.web.partner_api.authentication import blueprint, caller
from marketplace.web.partner_api.field_types import LARGEST_ID, read_query
from marketplace.web.partner_api.request_schemas import EventsQuery, FeedQuery

LICENCE = "/openapi.json#/info/license"


@blueprint.get("/partner/v1/feed/listings")
def listings() -> Response:
    """One page of the RPDE feed; the last one is empty and names itself as the next."""
    query = read_query(FeedQuery, request.args.to_dict())
    with services().database.read() as session:
        items = feed.feed_items(session, after=query.position, limit=query.limit)
    following = own_address()
    if items:
        following = next_address(afterChangeNumber=items[-1].number, limit=query.limit)
    shown = [serializers.feed_item(item, base_address()) for item in items]
    return tagged(schemas.FeedPage(next=following, items=shown, license=base_address() + LICENCE))


@blueprint.get(f"/partner/v1/listings/<int(max={LARGEST_ID}):listing_id>")
def listing(listing_id: int) -> Response:
    """One listing as in the feed."""
    with services().database.read() as session:
        facts = feed.listing_facts(session, listing_id=listing_id)
    return tagged(serializers.listing(facts, base_address()))


@blueprint.get("/partner/v1/events")
def events() -> Response:
    """What happened to the caller's own bookings, in order."""
    query = read_query(EventsQuery, request.args.to_dict())
    with services().database.read() as session:
        found = queries.told(session, caller=caller(), after=query.position, limit=query.limit)
    following = own_address()
    if found:
        following = next_address(afterChangeNumber=found[-1].number, limit=query.limit)
    shown = [serializers.event(event) for event in found]
    return fresh(schemas.EventsPage(next=following, items=shown))
