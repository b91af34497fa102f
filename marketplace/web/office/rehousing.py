"""Guests of suspended enterprises: who waits, which rooms to offer them, and how it was settled."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from catalog.labels import label
from marketplace.booking.changes.change_service import ChangePriceChanged
from marketplace.booking.changes.change_work import NothingChanged
from marketplace.booking.contract.room_choices import MOST_KINDS
from marketplace.booking.lifecycle.transitions import RefundChanged
from marketplace.booking.rehousing import rehousing_service, suspension_refunds
from marketplace.booking.rehousing.rehousing_places import Place, RoomAt, candidates
from marketplace.booking.rehousing.rehousing_queries import QueueRow, Waiting, queue_page, waiting
from marketplace.booking.rehousing.rehousing_service import OfferGone, RehousingSettled
from marketplace.booking.states import (
    REHOUSING_OPEN,
    BookingState,
    SeveralHouses,
    WrongState,
)
from marketplace.kernel.errors import Invalid
from marketplace.kernel.pagination import Page
from marketplace.staff.roles import Permission
from marketplace.web.auth import needs, staff
from marketplace.web.context import lang, now, personal, services
from marketplace.web.forms import fields, reader
from marketplace.web.forms.links import link_to
from marketplace.web.i18n import translate
from marketplace.web.office.base import blueprint
from marketplace.web.protection.access_notes import reads
from marketplace.web.rendering import labels, pages
from marketplace.web.staff_frame import errors_of, framed, say, warn

Answer: TypeAlias = str | Response | tuple[str, int]
CHOOSE_ONE = "请选客人要的那一处"
ID = "<int(max=999999999999999):rehousing_id>"


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the table shows of a free place."""

    value: str
    """The room types, as the form sends them."""
    name: str
    enterprise: str
    town: str
    km: int
    total_fen: int
    back_fen: int
    """What the guest gets back, and below what the platform bears."""
    ours_fen: int
    rooms: Sequence[RoomAt]
    """Which room for whom, where there are several."""
    is_sample: bool
    access: tuple[bool | None, bool | None, bool | None]
    """Lift, no steps, grab bars; ``None`` where nobody knows."""


@dataclass(frozen=True, slots=True)
class RehousingsHtml(pages.Page):
    """The bookings that wait for another place, or those that are settled."""

    template: ClassVar[str] = "office/rehousings.html"

    page: Page[QueueRow]
    ended: bool
    cause: Callable[[QueueRow], str]
    page_url: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class RehousingHtml(pages.Page):
    """One booking, and the places that are free for it."""

    template: ClassVar[str] = "office/rehousing.html"

    found: Waiting
    free: Sequence[Candidate]
    chosen: Collection[str]
    open_now: bool
    may_move: bool
    cause: Callable[[QueueRow], str]
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RehousingRefundHtml(pages.Page):
    """What goes back when the guest wants the money."""

    template: ClassVar[str] = "office/rehousing_refund.html"

    found: Waiting
    refund_fen: int
    in_stay: bool


@blueprint.get("/rehousing")
@needs(Permission.REHOUSE_GUESTS)
def rehousings() -> str:
    """List the bookings that wait for another place, or those that are settled."""
    ended = reader.asked().sent("state") == "ended"
    with services().database.read() as session:
        number = reader.asked().page()
        page = queue_page(session, ended=ended, page=number)
    given = {"state": "ended"} if ended else {}
    return framed(
        RehousingsHtml(
            page=page,
            ended=ended,
            cause=_cause,
            page_url=lambda number: link_to("office.rehousings", given, page=number),
        ),
        nav="rehousing",
    )


def _cause(row: QueueRow) -> str:
    return label(row.cause, lang())


@blueprint.get(f"/rehousing/{ID}")
@needs(Permission.REHOUSE_GUESTS)
@personal
@reads("rehousing", "rehousing_id")
def rehouse(rehousing_id: int) -> Answer:
    """Show one booking with whom to call, and what is free nearby."""
    return _page(rehousing_id, {})


def _page(rehousing_id: int, errors: dict[str, str], status: int = 200) -> Answer:
    matrix = services().follower.current()
    with services().database.read() as session:
        found = waiting(session, rehousing_id=rehousing_id)
        open_now = found.row.state in REHOUSING_OPEN
        may_move = open_now and found.row.booking_state is BookingState.CONFIRMED
        may_offer = may_move and found.of_one_house
        free = candidates(session, booking_id=found.booking_id, matrix=matrix) if may_offer else []
    page = framed(
        RehousingHtml(
            found=found,
            free=[_candidate(place) for place in free],
            chosen={_value(place) for place in _places()},
            open_now=open_now,
            may_move=may_move,
            cause=_cause,
            errors=errors,
        ),
        nav="rehousing",
    )
    return page, status


def _candidate(place: Place) -> Candidate:
    card, rooms = place.card, place.rooms
    return Candidate(
        value=_value([room.room_type_id for room in rooms.each]),
        name=labels.pick(card.name_zh, card.name_en),
        enterprise=labels.pick(card.enterprise_zh, card.enterprise_en),
        town=labels.pick(card.town_zh, card.town_en),
        km=round(place.km),
        total_fen=rooms.total_fen,
        back_fen=rooms.back_fen,
        ours_fen=rooms.ours_fen,
        rooms=rooms.each if len(rooms.each) > 1 else (),
        is_sample=card.is_sample,
        access=(card.lift, card.no_steps, card.grab_bars),
    )


@blueprint.post(f"/rehousing/{ID}/offer")
@needs(Permission.REHOUSE_GUESTS)
@personal
@reads("rehousing", "rehousing_id")
def offer_rooms(rehousing_id: int) -> Answer:
    """Offer the rooms that were ticked and tell the guest."""
    try:
        with services().database.write() as session:
            rehousing_service.offer(
                session,
                rehousing_id=rehousing_id,
                places=_places(),
                actor=staff().actor,
                now=now(),
            )
    except Invalid as error:
        return _page(rehousing_id, errors_of(error), error.http_status)
    except (RehousingSettled, SeveralHouses, WrongState) as error:
        warn(error.message)
    else:
        say("已经把这些住处发给客人，等客人选择")
    return _back(rehousing_id)


def _places() -> list[tuple[int, ...]]:
    """Return the room types of each place ticked; what is no number is none of ours."""
    ticked = reader.posted().all_sent("room")[: rehousing_service.MOST_OFFERS + 1]
    return [tuple(fields.key(part) or 0 for part in sent.split("-", MOST_KINDS)) for sent in ticked]


def _value(place: Sequence[int]) -> str:
    """Return the room types of a place as the form sends them: one for each item, in order."""
    return "-".join(str(room) for room in place)


def _back(rehousing_id: int) -> Response:
    return redirect(url_for("office.rehouse", rehousing_id=rehousing_id), 303)


@blueprint.post(f"/rehousing/{ID}/accept")
@needs(Permission.REHOUSE_GUESTS)
@personal
@reads("rehousing", "rehousing_id")
def accept_for_guest(rehousing_id: int) -> Answer:
    """Note which room the guest chose on the phone."""
    with services().database.read() as session:
        found = waiting(session, rehousing_id=rehousing_id)
    chosen = next((each for each in found.offers if each.id == reader.posted().key("offer")), None)
    if chosen is None:
        return _page(rehousing_id, {"offer": translate(CHOOSE_ONE)}, 422)
    try:
        with services().database.write() as session:
            rehousing_service.accept(
                session,
                booking_id=found.booking_id,
                offer_id=chosen.id,
                recipient=chosen.enterprise_zh,
                actor=staff().actor,
                ids=services().ids,
                now=now(),
            )
    except (OfferGone, RehousingSettled) as error:
        warn(error.message)
    else:
        say("已经换好，客人和新的经营者都会收到通知")
    return _back(rehousing_id)


@blueprint.route(f"/rehousing/{ID}/refund", methods=["GET", "POST"])
@needs(Permission.REHOUSE_GUESTS)
@personal
def refund_guest(rehousing_id: int) -> Answer:
    """Ask, then give a guest everything back, or all that is to come if they are in the house."""
    try:
        if request.method == "GET":
            return _refund_page(rehousing_id)
        _let_go(rehousing_id)
    except (RefundChanged, ChangePriceChanged, NothingChanged, WrongState) as error:
        warn(error.message)
    else:
        say("已经办好，钱原路退回")
    return _back(rehousing_id)


def _refund_page(rehousing_id: int) -> Answer:
    with services().database.read() as session:
        found = waiting(session, rehousing_id=rehousing_id)
        refund_fen = suspension_refunds.refund_fen(session, booking_id=found.booking_id, now=now())
    return framed(
        RehousingRefundHtml(
            found=found,
            refund_fen=refund_fen,
            in_stay=found.row.booking_state is BookingState.IN_STAY,
        ),
        nav="rehousing",
    )


def _let_go(rehousing_id: int) -> None:
    shown_fen = reader.posted().shown_fen("refund_fen")
    with services().database.write() as session:
        suspension_refunds.let_go(
            session,
            booking_id=waiting(session, rehousing_id=rehousing_id).booking_id,
            expected_refund_fen=-1 if shown_fen is None else shown_fen,
            actor=staff().actor,
            ids=services().ids,
            now=now(),
        )


@blueprint.post(f"/rehousing/{ID}/keep")
@needs(Permission.REHOUSE_GUESTS)
@personal
def keep_booking(rehousing_id: int) -> Answer:
    """Note that guest and office agreed to leave the booking as it is."""
    try:
        with services().database.write() as session:
            rehousing_service.keep(
                session, rehousing_id=rehousing_id, actor=staff().actor, now=now()
            )
    except RehousingSettled as error:
        warn(error.message)
    else:
        say("已记下：和客人商定，订单不变")
    return _back(rehousing_id)
