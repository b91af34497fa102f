"""The life of a booking from the partner's side: hold, look, confirm, extend, cancel."""

from __future__ import annotations

from marketplace.booking.contract.guests import read_guest
from marketplace.booking.lifecycle import scheduled_jobs
from marketplace.booking.states import ReasonCode
from marketplace.partners import queries
from marketplace.partners.commands.stay_commands import (
    Cancel,
    Confirm,
    Extend,
    Hold,
    QuoteCancellation,
)
from marketplace.web.api.field_types import hex_id
from marketplace.web.api.operations import Access, operation
from marketplace.web.context import services, today
from marketplace.web.partner_api import schemas, serializers
from marketplace.web.partner_api.authentication import caller
from marketplace.web.partner_api.command_desk import said_booking, said_cancelled
from marketplace.web.partner_api.request_schemas import (
    WHILE_HONOURED,
    CancelQuoteRequest,
    CancelRequest,
    ConfirmRequest,
    HoldItemsRequest,
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


def _give_back_lapsed(command: Hold) -> None:
    """Give back the rooms of holds that ended a moment ago: they may be this very guest's."""
    for room_type_id in {room.selection.room_type_id for room in command.rooms}:
        scheduled_jobs.expire_due(services().money, room_type_id=room_type_id)


@operation(
    method="post",
    path=HOLDS,
    name="holdStay",
    summary="Hold rooms for 30 minutes",
    access=Access.WRITING,
    takes=HoldRequest,
    many=HoldItemsRequest,
    answers={201: schemas.Booking},
    refuses=(
        *("not_found", "not_bookable", "sold_out", "credit_limit", "hold_cap"),
        *("price_changed", "quote_expired", "quote_differs", "reference_taken", "not_one_stay"),
    ),
    said=said_booking,
    first=_give_back_lapsed,
    about=HOLD_CAPS,
)
def hold(body: HoldRequest | HoldItemsRequest) -> Hold:
    """Hold rooms for 30 minutes: of one type, or several kinds of one house as one booking."""
    return Hold(
        rooms=body.choices(today()),
        external_ref=body.external_ref,
        expected_total_fen=body.expected_total_fen,
        source_province=body.source_province,
    )


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
    return said_booking(found)


@operation(
    method="post",
    path=HOLDS + "/{given}/confirm",
    name="confirmHold",
    summary="Turn a hold into a booking, on account",
    access=Access.WRITING,
    takes=ConfirmRequest,
    answers={200: schemas.Booking},
    refuses=("not_found", "not_bookable", "hold_expired", "wrong_state", "credit_limit"),
    said=said_booking,
)
def confirm(body: ConfirmRequest, given: str) -> Confirm:
    """Turn a hold into a booking, on account."""
    guest = body.lead_guest
    name, phone = read_guest(guest.name, guest.phone, fields=GUEST_FIELDS)
    return Confirm(hex_id(given), name, phone)


@operation(
    method="post",
    path=HOLDS + "/{given}/extend",
    name="extendHold",
    summary="Keep a hold 30 minutes longer: three times, two hours in all",
    access=Access.WRITING,
    takes=NothingMore,
    answers={200: schemas.Booking},
    refuses=("not_found", "hold_expired", "wrong_state", "no_more_extensions"),
    said=said_booking,
)
def extend(_: NothingMore, given: str) -> Extend:
    """Keep a hold 30 minutes longer."""
    return Extend(hex_id(given))


@operation(
    method="post",
    path=HOLDS + "/{given}/cancel-quote",
    name="quoteCancellation",
    summary="What cancelling now would keep and give back",
    takes=CancelQuoteRequest,
    answers={200: schemas.CancelQuote},
    refuses=("not_found", "wrong_state", "last_item"),
    said=serializers.cancel_quote,
    idempotent=WHILE_HONOURED,
)
def cancel_quote(body: CancelQuoteRequest, given: str) -> QuoteCancellation:
    """Say what cancelling now would cost, all of it or one item."""
    return QuoteCancellation(hex_id(given), body.item)


@operation(
    method="post",
    path=HOLDS + "/{given}/cancel",
    name="cancelHold",
    summary="Cancel a hold or a confirmed booking, or one item of it",
    access=Access.WRITING,
    takes=CancelRequest,
    answers={200: schemas.Cancelled},
    refuses=("not_found", "wrong_state", "refund_changed", "last_item"),
    said=said_cancelled,
)
def cancel(body: CancelRequest, given: str) -> Cancel:
    """Cancel a hold or a confirmed booking, or give up one item of it."""
    reason = ReasonCode(body.reason.value)
    return Cancel(hex_id(given), reason, body.expected_refund_fen, body.item)
