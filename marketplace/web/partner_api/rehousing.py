"""What a partner answers when its guests are offered another place."""

from __future__ import annotations

from flask import Response
from sqlalchemy.orm import Session

from marketplace.partners import partner_bookings, queries
from marketplace.web.api.idempotency import once
from marketplace.web.api.responses import booking_id
from marketplace.web.context import now, services
from marketplace.web.partner_api import schemas, serializers
from marketplace.web.partner_api.authentication import blueprint, caller
from marketplace.web.partner_api.request_schemas import AcceptRequest, NothingMore


@blueprint.post("/partner/v1/bookings/<given>/rehousing/accept")
def accept_place(given: str) -> Response:
    """Move the booking to a place that was offered."""

    def effect(session: Session, wish: AcceptRequest) -> schemas.Booking:
        booking = partner_bookings.accept_place(
            session,
            caller=caller(),
            booking_id=booking_id(given),
            offer_id=wish.offer,
            ids=services().ids,
            now=now(),
        )
        return serializers.booking(queries.describe(session, booking), now())

    return once(AcceptRequest, effect)


@blueprint.post("/partner/v1/bookings/<given>/rehousing/decline")
def decline_places(given: str) -> Response:
    """Turn down what was offered."""

    def effect(session: Session, _: NothingMore) -> schemas.Booking:
        booking = partner_bookings.decline_places(
            session, caller=caller(), booking_id=booking_id(given), now=now()
        )
        return serializers.booking(queries.describe(session, booking), now())

    return once(NothingMore, effect)
