"""The life of a booking from the partner's side: hold, extend, confirm, cancel, look."""

from __future__ import annotations

from flask import Response, request
from sqlalchemy.orm import Session

from marketplace.booking.contract.guests import read_guest
from marketplace.booking.lifecycle import scheduled_jobs
from marketplace.booking.states import ReasonCode
from marketplace.kernel.errors import Invalid, NotFound
from marketplace.offers.quoting.stay_offers import Party
from marketplace.partners import partner_bookings, queries
from marketplace.pricing.saved_quotes import HONOURED
from marketplace.web.api.idempotency import once
from marketplace.web.api.responses import booking_id, fresh, next_address, own_address
from marketplace.web.context import now, services
from marketplace.web.partner_api import schemas, serializers
from marketplace.web.partner_api.authentication import blueprint, caller
from marketplace.web.partner_api.field_types import WORDS, read_query
from marketplace.web.partner_api.request_schemas import (
    BookingsQuery,
    CancelRequest,
    ConfirmRequest,
    HoldRequest,
    NothingMore,
)

GUEST_FIELDS = ("lead_guest.name", "lead_guest.phone")


@blueprint.post("/partner/v1/stays/holds")
def hold() -> Response:
    """Hold rooms for 30 minutes."""

    def effect(session: Session, wish: HoldRequest) -> schemas.Booking:
        booking = partner_bookings.hold(
            session,
            caller=caller(),
            wish=partner_bookings.Wish(
                room_type_id=wish.room_type,
                arrive=wish.arrive,
                nights=wish.nights,
                rooms=wish.rooms,
                party=Party(wish.adults, tuple(wish.children_ages)),
                external_ref=wish.external_ref,
                expected_total_fen=wish.expected_total_fen,
                source_province=wish.source_province,
                board=wish.board,
                extra_beds=wish.extra_beds,
                adjoining=wish.adjoining,
                quote_id=wish.quote,
            ),
            commission_bp=services().settings.commission_bp,
            caps=services().caps,
            ids=services().ids,
            now=now(),
        )
        return serializers.booking(queries.describe(session, booking), now())

    return once(HoldRequest, effect, status=201, first=_give_back_lapsed)


def _give_back_lapsed(wish: HoldRequest) -> None:
    """Give back the rooms of holds that ended a moment ago: they may be this very guest's."""
    scheduled_jobs.expire_due(services().money, room_type_id=wish.room_type)


@blueprint.get("/partner/v1/stays/holds/<given>")
def show(given: str) -> Response:
    """One booking, held or beyond."""
    with services().database.read() as session:
        found = queries.sale(session, caller=caller(), booking_id=booking_id(given))
    return fresh(serializers.booking(found, now()))


@blueprint.get("/partner/v1/bookings/<given>")
def view(given: str) -> Response:
    """One booking as its last event told it."""
    with services().database.read() as session:
        found = queries.sale(session, caller=caller(), booking_id=booking_id(given))
    return fresh(serializers.view(found, now()))


@blueprint.get("/partner/v1/bookings")
def bookings() -> Response:
    """The caller's bookings by reference, day of arrival and state."""
    query = read_query(BookingsQuery, request.args.to_dict())
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
    shown = [serializers.booking(sale, now()) for sale in found]
    return fresh(schemas.Bookings(next=following, items=shown))


@blueprint.post("/partner/v1/stays/holds/<given>/confirm")
def confirm(given: str) -> Response:
    """Turn a hold into a booking, on account."""

    def effect(session: Session, wish: ConfirmRequest) -> schemas.Booking:
        guest = wish.lead_guest
        name, phone = read_guest(guest.name, guest.phone, fields=GUEST_FIELDS)
        booking = partner_bookings.confirm(
            session,
            caller=caller(),
            booking_id=booking_id(given),
            lead_name=name,
            phone=phone,
            now=now(),
        )
        return serializers.booking(queries.describe(session, booking), now())

    return once(ConfirmRequest, effect)


@blueprint.post("/partner/v1/stays/holds/<given>/extend")
def extend(given: str) -> Response:
    """Keep a hold 30 minutes longer."""

    def effect(session: Session, _: NothingMore) -> schemas.Booking:
        booking = partner_bookings.extend(
            session, caller=caller(), booking_id=booking_id(given), now=now()
        )
        return serializers.booking(queries.describe(session, booking), now())

    return once(NothingMore, effect)


@blueprint.post("/partner/v1/stays/holds/<given>/cancel-quote")
def cancel_quote(given: str) -> Response:
    """Say what cancelling now would cost."""

    def effect(session: Session, _: NothingMore) -> schemas.CancelQuote:
        quote = partner_bookings.cancel_quote(
            session, caller=caller(), booking_id=booking_id(given), now=now()
        )
        return serializers.cancel_quote(quote)

    return once(NothingMore, effect, kept=HONOURED, keyed=False)


@blueprint.post("/partner/v1/stays/holds/<given>/cancel")
def cancel(given: str) -> Response:
    """Cancel a hold or a confirmed booking."""

    def effect(session: Session, wish: CancelRequest) -> schemas.Cancelled:
        booking, quote = partner_bookings.cancel(
            session,
            caller=caller(),
            booking_id=booking_id(given),
            reason=ReasonCode(wish.reason.value),
            expected_refund_fen=wish.expected_refund_fen,
            ids=services().ids,
            now=now(),
        )
        return serializers.cancelled(queries.describe(session, booking), quote, now())

    return once(CancelRequest, effect)
