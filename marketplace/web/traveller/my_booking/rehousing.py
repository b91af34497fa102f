"""A guest whose enterprise was suspended chooses: one of the places offered, or the money back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace.booking.rehousing import rehousing_service
from marketplace.booking.rehousing.rehousing_places import OfferRow, RoomAt, offered_to
from marketplace.booking.rehousing.rehousing_service import OfferGone, RehousingSettled
from marketplace.kernel.audit import TRAVELLER
from marketplace.kernel.errors import NotFound
from marketplace.web.context import now, personal, services, today
from marketplace.web.errors import words_of
from marketplace.web.rendering import pages, price_words
from marketplace.web.traveller.access import own
from marketplace.web.traveller.base import blueprint
from marketplace.web.traveller.my_booking import change_texts, vouchers
from marketplace.web.traveller.my_booking.rooms_shown import KindShown

Answer: TypeAlias = str | Response | tuple[str, int]
OFFER = "<int(max=999999999999999):offer_id>"


def _offers(booking_id: str) -> tuple[OfferRow, ...]:
    with services().database.read() as session:
        return offered_to(session, booking_id=booking_id)


@dataclass(frozen=True, slots=True)
class OfferShown:
    """Another place, as it is offered."""

    id: int
    name: str
    name_lang: str
    rooms: Sequence[KindShown]
    """One for each kind of room booked, in their order."""
    host: str
    host_lang: str
    town: str
    town_lang: str
    km: int
    back_fen: int
    sample: bool
    listing_url: str


@dataclass(frozen=True, slots=True)
class OffersHtml(pages.Page):
    """The places offered."""

    template: ClassVar[str] = "traveller/my_booking/rehousing.html"

    booking: vouchers.BookingShown
    offers: Sequence[OfferShown]
    errors: Mapping[str, str]
    refund_url: str
    choose: Callable[[OfferShown], str]
    back_url: str


@dataclass(frozen=True, slots=True)
class RehouseHtml(pages.Page):
    """One place offered, with all that changes."""

    template: ClassVar[str] = "traveller/my_booking/rehouse.html"

    booking: vouchers.BookingShown
    offer: OfferShown
    action: str
    back_url: str


def _shown(each: OfferRow) -> OfferShown:
    """Return an offer for the pages."""
    place = price_words.named(each.listing_zh, each.listing_en)
    host = price_words.named(each.enterprise_zh, each.enterprise_en)
    town = price_words.named(each.town_zh, each.town_en)
    return OfferShown(
        id=each.id,
        name=place.name,
        name_lang=place.name_lang,
        rooms=[_kind(room) for room in each.rooms.each],
        host=host.name,
        host_lang=host.name_lang,
        town=town.name,
        town_lang=town.name_lang,
        km=max(1, round(each.km)),
        back_fen=each.rooms.back_fen,
        sample=each.is_sample,
        listing_url=url_for("traveller.listing", listing_id=each.listing_id),
    )


def _kind(room: RoomAt) -> KindShown:
    name = price_words.named(room.name_zh, room.name_en)
    return KindShown(
        name=name.name,
        name_lang=name.name_lang,
        units=room.units,
        people=change_texts.people(room.party),
    )


@blueprint.get("/booking/<booking_id>/rehousing")
@personal
@own
def rehousing_offers(*, booking_id: str) -> Answer:
    """Show the places offered; without any, the booking itself says how it stands."""
    return _list(booking_id, {})


def _list(booking_id: str, errors: dict[str, str], status: int = 200) -> Answer:
    offers = _offers(booking_id)
    if not offers:
        return _to_booking(booking_id)
    page = pages.html(
        OffersHtml(
            booking=vouchers.shown(vouchers.read_booking(booking_id), today=today()),
            offers=[_shown(each) for each in offers],
            errors=errors,
            refund_url=url_for("traveller.cancel", booking_id=booking_id),
            choose=lambda offer: url_for(
                "traveller.rehouse", booking_id=booking_id, offer_id=offer.id
            ),
            back_url=url_for("traveller.voucher", booking_id=booking_id),
        )
    )
    return page, status


@blueprint.route(f"/booking/<booking_id>/rehousing/{OFFER}", methods=["GET", "POST"])
@personal
@own
def rehouse(*, booking_id: str, offer_id: int) -> Answer:
    """Ask once more, with all that changes; a POST moves the booking."""
    chosen = next((each for each in _offers(booking_id) if each.id == offer_id), None)
    if chosen is None:
        return _to_booking(booking_id)
    if request.method == "GET":
        return pages.html(
            RehouseHtml(
                booking=vouchers.shown(vouchers.read_booking(booking_id), today=today()),
                offer=_shown(chosen),
                action=request.path,
                back_url=url_for("traveller.rehousing_offers", booking_id=booking_id),
            )
        )
    try:
        with services().database.write() as session:
            rehousing_service.accept(
                session,
                booking_id=booking_id,
                offer_id=offer_id,
                recipient=_shown(chosen).host,
                actor=TRAVELLER,
                ids=services().ids,
                now=now(),
            )
    except OfferGone as gone:
        return _list(booking_id, {"": words_of(gone)}, gone.http_status)
    except (RehousingSettled, NotFound):
        pass  # chosen already, by an earlier press or on the phone: the booking says so
    return _to_booking(booking_id)


def _to_booking(booking_id: str) -> Response:
    code = 303 if request.method == "POST" else 302
    return redirect(url_for("traveller.voucher", booking_id=booking_id), code)
