"""What a partner answers when its guests are offered another place."""

from __future__ import annotations

from sqlalchemy.orm import Session

from marketplace.partners import queries
from marketplace.partners.commands import holds
from marketplace.web.api.field_types import hex_id
from marketplace.web.api.operations import Access, operation
from marketplace.web.context import now, services
from marketplace.web.partner_api import schemas, serializers
from marketplace.web.partner_api.authentication import caller
from marketplace.web.partner_api.request_schemas import AcceptRequest, NothingMore


@operation(
    method="post",
    path="/partner/v1/bookings/{given}/rehousing/accept",
    name="acceptPlace",
    summary="Take a place offered instead of a house that was stopped",
    access=Access.WRITING,
    takes=AcceptRequest,
    answers={200: schemas.Booking},
    refuses=("not_found", "rehousing_settled", "offer_gone"),
)
def accept_place(session: Session, wish: AcceptRequest, given: str) -> schemas.Booking:
    """Move the booking to a place that was offered."""
    booking = holds.accept_place(
        session,
        caller=caller(),
        booking_id=hex_id(given),
        offer_id=wish.offer,
        ids=services().ids,
        now=now(),
    )
    return serializers.booking(queries.describe(session, booking), now())


@operation(
    method="post",
    path="/partner/v1/bookings/{given}/rehousing/decline",
    name="declinePlaces",
    summary="Turn down the places offered: the office looks for others",
    access=Access.WRITING,
    takes=NothingMore,
    answers={200: schemas.Booking},
    refuses=("not_found", "rehousing_settled", "nothing_offered"),
)
def decline_places(session: Session, _: NothingMore, given: str) -> schemas.Booking:
    """Turn down what was offered."""
    booking = holds.decline_places(session, caller=caller(), booking_id=hex_id(given), now=now())
    return serializers.booking(queries.describe(session, booking), now())
