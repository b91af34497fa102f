"""Adding another kind of room of the same house: who sleeps in it, how old, and which is free."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, TypeAlias

from flask import redirect, url_for
from werkzeug.wrappers import Response

from catalog.queries import listing_page
from catalog.views import ListingPage
from marketplace.offers.quoting.room_kinds import free_kinds
from marketplace.pricing.nights.quote import Ask
from marketplace.web.context import services, today
from marketplace.web.forms import reader
from marketplace.web.forms.links import LinkArgs, LinkValue, link_to
from marketplace.web.forms.stay_form import read_choice, read_stay
from marketplace.web.rendering import pages
from marketplace.web.traveller import presenters
from marketplace.web.traveller.base import blueprint
from marketplace.web.traveller.checkout.quote_shown import beside_args, quote_url
from marketplace.web.traveller.checkout.quote_wish import RoomsWish, Wish, read_beside
from marketplace.web.traveller.my_booking import change_texts
from marketplace.web.traveller.presenters import ListingShown, RoomShown

Answer: TypeAlias = Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class MoreRoomsPage(pages.Page):
    """What every page on the way to another room says."""

    listing: ListingShown
    chosen: Sequence[tuple[RoomShown, str]]
    """The rooms that are chosen already, each with its people."""
    back_url: str
    """The quote without another room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoSleepsHtml(MoreRoomsPage):
    """Who sleeps in the room that is added."""

    template: ClassVar[str] = "traveller/checkout/more_rooms_who.html"

    ask_url: str
    kept: Mapping[str, LinkValue]
    rooms: str
    adults: str
    children: str
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgesHtml(MoreRoomsPage):
    """How old the children in it are."""

    template: ClassVar[str] = "traveller/checkout/more_rooms_ages.html"

    ask_url: str
    kept: Mapping[str, LinkValue]
    ages: Sequence[str]
    """As typed, one for each child."""
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class KindFree:
    """A kind of room that is free, with its exact total."""

    room: RoomShown
    total_fen: int
    url: str
    """The quote with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindsHtml(MoreRoomsPage):
    """Which kinds of room are free, each with its exact total."""

    template: ClassVar[str] = "traveller/checkout/more_rooms.html"

    arrive: dt.date
    depart: dt.date
    nights: int
    rooms: int
    people: str
    kinds: Sequence[KindFree]
    who_url: str


@blueprint.get("/listings/<int(max=2147483647):listing_id>/rooms")
def more_rooms(listing_id: int) -> Answer:
    """Ask who sleeps in another room and how old the children are, then show what is free."""
    form = reader.asked()
    beside = read_beside(form, listing_id, today=today())
    if not beside:
        return redirect(url_for("traveller.listing", listing_id=listing_id))
    nearby = replace(beside[0].choice, adjoining=form.ticked("adjoining"))
    wanted = RoomsWish((replace(beside[0], choice=nearby), *beside[1:]))
    stay = read_stay(form, today=today())
    if stay.stay is None or not wanted.may_grow:
        return redirect(quote_url(wanted))  # which says what is wrong, or that it is full
    wish = Wish(listing_id, None, stay, read_choice(form, children=stay.child_count))
    with services().database.read() as session:
        page = listing_page(session, listing_id)
    if "adults" not in form or stay.errors:
        return _who_html(page, wanted, wish)
    if wish.choice.ages is None:
        return _ages_html(page, wanted, wish)
    return _kinds_html(page, wanted, wish)


def _chosen(page: ListingPage, wanted: RoomsWish) -> list[tuple[RoomShown, str]]:
    types = {room.id: presenters.room(room, month_fen=0) for room in page.room_types}
    return [
        (types[room.room_type_id], change_texts.people(room.party))
        for room in wanted.rooms
        if room.room_type_id in types
    ]


def _listing(page: ListingPage, wish: Wish) -> ListingShown:
    return presenters.listing(page, day=wish.form.arrival)


def _here(wish: Wish) -> str:
    return url_for("traveller.more_rooms", listing_id=wish.listing_id)


def _own(wish: Wish, *names: str) -> LinkArgs:
    said = wish.form.args() | wish.choice.args()
    return {name: said[name] for name in names if name in said}


def _who_html(page: ListingPage, wanted: RoomsWish, wish: Wish) -> Answer:
    shown = WhoSleepsHtml(
        listing=_listing(page, wish),
        chosen=_chosen(page, wanted),
        back_url=quote_url(wanted),
        ask_url=_here(wish),
        kept=beside_args(wanted),
        rooms=wish.form.rooms or "1",
        adults=wish.form.adults,
        children=wish.form.children,
        errors=presenters.translated(wish.form.errors),
    )
    return pages.html(shown), 422 if wish.form.errors else 200


def _ages_html(page: ListingPage, wanted: RoomsWish, wish: Wish) -> Answer:
    asked = any(wish.choice.ages_typed)
    errors = presenters.translated(wish.choice.errors) if asked else {}
    shown = AgesHtml(
        listing=_listing(page, wish),
        chosen=_chosen(page, wanted),
        back_url=_who_url(wanted, wish),
        ask_url=_here(wish),
        kept=beside_args(wanted) | _own(wish, "rooms", "adults", "children"),
        ages=wish.choice.ages_typed,
        errors=errors,
    )
    return pages.html(shown), 422 if errors else 200


def _who_url(wanted: RoomsWish, wish: Wish) -> str:
    return link_to("traveller.more_rooms", beside_args(wanted), listing_id=wish.listing_id)


def _kinds_html(page: ListingPage, wanted: RoomsWish, wish: Wish) -> Answer:
    stay = wish.form.stay
    if stay is None:
        return redirect(quote_url(wanted))
    ask = Ask(stay, today(), wish.form.room_count, wish.party)
    with services().database.read() as session:
        found = free_kinds(
            session,
            page,
            ask,
            taken={room.room_type_id for room in wanted.rooms if room.room_type_id},
            matrix=services().follower.current(),
        )
    shown = KindsHtml(
        listing=_listing(page, wish),
        chosen=_chosen(page, wanted),
        back_url=quote_url(wanted),
        arrive=stay.check_in,
        depart=stay.check_out,
        nights=stay.nights,
        rooms=wish.form.room_count,
        people=change_texts.people(wish.party),
        kinds=[
            KindFree(
                room=presenters.room(room, month_fen=0),
                total_fen=total_fen,
                url=quote_url(RoomsWish((*wanted.rooms, replace(wish, room_type_id=room.id)))),
            )
            for room, total_fen in found
        ],
        who_url=_who_url(wanted, wish),
    )
    return pages.html(shown), 200
