"""The life of a booking from the partner's side: hold, look, confirm, extend, cancel."""

from __future__ import annotations

from sqlalchemy.orm import Session

from marketplace.booking.contract.guests import read_guest
from marketplace.booking.lifecycle import scheduled_jobs
from marketplace.booking.states import ReasonCode
from marketplace.offers.quoting.stay_offers import Party
from marketplace.partners import queries
from marketplace.partners.commands import holds
from marketplace.web.api.field_types import hex_id
from marketplace.web.api.operations import Access, operation
from marketplace.web.context import now, services
from marketplace.web.partner_api import schemas, serializers
from marketplace.web.partner_api.authentication import caller
from marketplace.web.partner_api.request_schemas import (
    WHILE_HONOURED,
    CancelRequest,
    ConfirmRequest,
    HoldRequest,
    NothingMore,
)

HOLDS = "/partner/v1/stays/holds"
HOLD_CAPS = (
    "What you keep on hold and have not confirmed counts against your credit, and is capped: at"
    " most %(nights_partner)s room-nights (rooms times nights) in all, and no further hold beyond"
    " %(nights_listing)s of one listing, those of all its buyers counted. Confirming or cancelling"
    " a hold frees its share at once, and so does its end. With nothing on hold you may hold any"
    " stay that your credit allows. Whom a cap stops can call us."
)
GUEST_FIELDS = ("lead_guest.name", "lead_guest.phone")


def _give_back_lapsed(wish: HoldRequest) -> None:
    """Give back the rooms of holds that ended a moment ago: they may be this very guest's."""
    scheduled_jobs.expire_due(services().money, room_type_id=wish.room_type)


@operation(
    method="post",
    path=HOLDS,
    name="holdStay",
    summary="Hold rooms for 30 minutes",
    access=Access.WRITING,
    takes=HoldRequest,
    answers={201: schemas.Booking},
    refuses=(
        *("not_found", "not_bookable", "sold_out", "credit_limit", "hold_cap"),
        *("price_changed", "quote_expired", "quote_differs", "reference_taken"),
    ),
    first=_give_back_lapsed,
    about=HOLD_CAPS,
)
def hold(session: Session, wish: HoldRequest) -> schemas.Booking:
    """Hold rooms for 30 minutes."""
    booking = holds.hold(
        session,
        caller=caller(),
        wish=holds.Wish(
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


@operation(
    method="get",
    path=HOLDS + "/{given}",
    name="getHold",
    summary="One booking, held or beyond",
    answers={200: schemas.Booking},
    refuses=("not_found",),
)
def show(given: str) -> schemas.Booking:
    """One booking, held or beyond."""
    with services().database.read() as session:
        found = queries.sale(session, caller=caller(), booking_id=hex_id(given))
    return serializers.booking(found, now())


@operation(
    method="post",
    path=HOLDS + "/{given}/confirm",
    name="confirmHold",
    summary="Turn a hold into a booking, on account",
    access=Access.WRITING,
    takes=ConfirmRequest,
    answers={200: schemas.Booking},
    refuses=("not_found", "not_bookable", "hold_expired", "wrong_state", "credit_limit"),
)
def confirm(session: Session, wish: ConfirmRequest, given: str) -> schemas.Booking:
    """Turn a hold into a booking, on account."""
    guest = wish.lead_guest
    name, phone = read_guest(guest.name, guest.phone, fields=GUEST_FIELDS)
    booking = holds.confirm(
        session,
        caller=caller(),
        booking_id=hex_id(given),
        lead_name=name,
        phone=phone,
        now=now(),
    )
    return serializers.booking(queries.describe(session, booking), now())


@operation(
    method="post",
    path=HOLDS + "/{given}/extend",
    name="extendHold",
    summary="Keep a hold 30 minutes longer: three times, two hours in all",
    access=Access.WRITING,
    takes=NothingMore,
    answers={200: schemas.Booking},
    refuses=("not_found", "hold_expired", "wrong_state", "no_more_extensions"),
)
def extend(session: Session, _: NothingMore, given: str) -> schemas.Booking:
    """Keep a hold 30 minutes longer."""
    booking = holds.extend(session, caller=caller(), booking_id=hex_id(given), now=now())
    return serializers.booking(queries.describe(session, booking), now())


@operation(
    method="post",
    path=HOLDS + "/{given}/cancel-quote",
    name="quoteCancellation",
    summary="What cancelling now would keep and give back",
    takes=NothingMore,
    answers={200: schemas.CancelQuote},
    refuses=("not_found", "wrong_state"),
    idempotent=WHILE_HONOURED,
)
def cancel_quote(session: Session, _: NothingMore, given: str) -> schemas.CancelQuote:
    """Say what cancelling now would cost."""
    quote = holds.cancel_quote(session, caller=caller(), booking_id=hex_id(given), now=now())
    return serializers.cancel_quote(quote)


@operation(
    method="post",
    path=HOLDS + "/{given}/cancel",
    name="cancelHold",
    summary="Cancel a hold or a confirmed booking",
    access=Access.WRITING,
    takes=CancelRequest,
    answers={200: schemas.Cancelled},
    refuses=("not_found", "wrong_state", "refund_changed"),
)
def cancel(session: Session, wish: CancelRequest, given: str) -> schemas.Cancelled:
    """Cancel a hold or a confirmed booking."""
    booking, quote = holds.cancel(
        session,
        caller=caller(),
        booking_id=hex_id(given),
        reason=ReasonCode(wish.reason.value),
        expected_refund_fen=wish.expected_refund_fen,
        ids=services().ids,
        now=now(),
    )
    return serializers.cancelled(queries.describe(session, booking), quote, now())
