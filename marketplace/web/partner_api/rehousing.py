"""What a partner answers when its guests are offered another place."""

from __future__ import annotations

from flask import Response
from sqlalchemy.orm import Session

from marketplace.partners import queries, sales
from marketplace.web.context import now, services
from marketplace.web.partner_api import answers, present
from marketplace.web.partner_api.answering import booking_id
from marketplace.web.partner_api.door import blueprint, caller
from marketplace.web.partner_api.once import once
from marketplace.web.partner_api.requests import AcceptRequest, NothingMore


@blueprint.post("/partner/v1/bookings/<given>/rehousing/accept")
def accept_place(given: str) -> Response:
    """Move the booking to a place that was offered."""

    def effect(session: Session, wish: AcceptRequest) -> answers.Booking:
        booking = sales.accept_place(
            session,
            caller=caller(),
            booking_id=booking_id(given),
            offer_id=wish.offer,
            ids=services().ids,
            now=now(),
        )
        return present.booking(queries.describe(session, booking), now())

    return once(AcceptRequest, effect)


@blueprint.post("/partner/v1/bookings/<given>/rehousing/decline")
def decline_places(given: str) -> Response:
    """Turn down what was offered."""

    def effect(session: Session, _: NothingMore) -> answers.Booking:
        booking = sales.decline_places(
            session, caller=caller(), booking_id=booking_id(given), now=now()
        )
        return present.booking(queries.describe(session, booking), now())

    return once(NothingMore, effect)
