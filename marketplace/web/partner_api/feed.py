"""Reading the directory and what happened to one's bookings."""

from __future__ import annotations

from marketplace.partners import feed, queries
from marketplace.web.api.operations import operation
from marketplace.web.api.responses import base_address, next_address, own_address
from marketplace.web.context import services
from marketplace.web.partner_api import schemas, serializers
from marketplace.web.partner_api.authentication import caller
from marketplace.web.partner_api.request_schemas import EventsQuery, FeedQuery

LICENCE = "/openapi.json#/info/license"


@operation(
    method="get",
    path="/partner/v1/feed/listings",
    name="feedListings",
    summary="Listings that changed, oldest change first",
    takes=FeedQuery,
    answers={200: schemas.FeedPage},
    refuses=("cursor_unknown", "restored"),
    tagged=True,
)
def listings(query: FeedQuery) -> schemas.FeedPage:
    """One page of the RPDE feed; the last one is empty and names itself as the next."""
    with services().database.read() as session:
        items = feed.feed_items(session, after=query.position, limit=query.limit)
    following = own_address()
    if items:
        following = next_address(afterChangeNumber=items[-1].number, limit=query.limit)
    shown = [serializers.feed_item(item, base_address()) for item in items]
    return schemas.FeedPage(next=following, items=shown, license=base_address() + LICENCE)


@operation(
    method="get",
    path="/partner/v1/listings/{listing_id}",
    name="getListing",
    summary="One listing",
    answers={200: schemas.ListingData},
    refuses=("not_found",),
    tagged=True,
)
def listing(listing_id: int) -> schemas.ListingData:
    """One listing as in the feed."""
    with services().database.read() as session:
        facts = feed.listing_facts(session, listing_id=listing_id)
    return serializers.listing(facts, base_address())


@operation(
    method="get",
    path="/partner/v1/events",
    name="listEvents",
    summary="What happened to your bookings, in order",
    takes=EventsQuery,
    answers={200: schemas.EventsPage},
    refuses=("cursor_unknown", "restored"),
)
def events(query: EventsQuery) -> schemas.EventsPage:
    """What happened to the caller's own bookings, in order."""
    with services().database.read() as session:
        found = queries.told(session, caller=caller(), after=query.position, limit=query.limit)
    following = own_address()
    if found:
        following = next_address(afterChangeNumber=found[-1].number, limit=query.limit)
    return schemas.EventsPage(next=following, items=[serializers.event(one) for one in found])
