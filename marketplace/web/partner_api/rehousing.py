"""What a partner answers when its guests are offered another place."""

from __future__ import annotations

from marketplace.partners.commands.stay_commands import AnswerRehousing
from marketplace.web.api.field_types import hex_id
from marketplace.web.api.operations import Access, operation
from marketplace.web.partner_api import schemas
from marketplace.web.partner_api.command_desk import said_booking
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
    said=said_booking,
)
def accept_place(body: AcceptRequest, given: str) -> AnswerRehousing:
    """Move the booking to a place that was offered."""
    return AnswerRehousing(hex_id(given), body.offer)


@operation(
    method="post",
    path="/partner/v1/bookings/{given}/rehousing/decline",
    name="declinePlaces",
    summary="Turn down the places offered: the office looks for others",
    access=Access.WRITING,
    takes=NothingMore,
    answers={200: schemas.Booking},
    refuses=("not_found", "rehousing_settled", "nothing_offered"),
    said=said_booking,
)
def decline_places(_: NothingMore, given: str) -> AnswerRehousing:
    """Turn down what was offered."""
    return AnswerRehousing(hex_id(given), offer_id=None)
