"""Works out what a quote page says: the price, or why there is none and what is free instead."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from catalog.queries import listing_page
from catalog.views import ListingPage, RoomTypeView
from marketplace.inventory.service import SoldOut
from marketplace.kernel.errors import DomainError, Invalid, NotFound
from marketplace.kernel.stay import Stay
from marketplace.offers.assemble import (
    NotBookable,
    Priced,
    ask_for,
    check_rules,
    find_offer,
    make_stay,
    price,
)
from marketplace.offers.matrix import Matrix
from marketplace.offers.search import free_rooms
from marketplace.offers.windows import Window, nearest
from marketplace.pricing.quote import NoPrice
from marketplace.pricing.restrictions import Restricted
from marketplace.web.traveller.forms import StayForm


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found out for one room type and one set of dates."""

    page: ListingPage
    room_type: RoomTypeView
    stay: Stay
    priced: Priced | None
    refusal: DomainError | None
    windows: tuple[Window, ...] = ()


def room_of(page: ListingPage, room_type_id: int | None) -> RoomTypeView:
    """Return a room type of this listing; raises ``NotFound`` for one of another listing."""
    found = next((room for room in page.room_types if room.id == room_type_id), None)
    if found is None:
        raise NotFound
    return found


def stay_wished(form: StayForm, *, today: dt.date) -> Stay:
    """Return the stay of a form; raises ``Invalid`` with all that is missing or wrong in it."""
    faults = dict(form.errors)
    if form.arrival is None:
        faults.setdefault("arrive", "请选哪天到")
    if form.length is None:
        faults.setdefault("nights", "请选住几晚")
    if faults or form.arrival is None or form.length is None:
        raise Invalid(faults)
    return make_stay(form.arrival, form.length, today=today)


def work_out(
    session: Session,
    *,
    listing_id: int,
    room_type_id: int | None,
    form: StayForm,
    matrix: Matrix,
    today: dt.date,
) -> Outcome:
    """Price a stay by the database's word; where it cannot be had, say why and what is near.

    Raises:
        NotFound: there is no such listing or room type. Invalid: the form breaks a rule.
    """
    page = listing_page(session, listing_id)
    room_type = room_of(page, room_type_id)
    stay = stay_wished(form, today=today)
    offer = find_offer(session, room_type_id=room_type.id)
    ask = ask_for(stay, today=today, rooms=form.room_count, party=form.party)
    try:
        check_rules(offer, ask)
        priced = price(session, room_type_id=room_type.id, ask=ask)
        _require_free(session, room_type_id=room_type.id, stay=stay, rooms=form.room_count)
    except (NotBookable, NoPrice, SoldOut, Restricted) as refusal:
        near = nearest(
            matrix,
            room_type_id=room_type.id,
            stay=stay,
            rooms=form.room_count,
            adults=form.party.adults,
            guests=form.party.guests,
        )
        return Outcome(page, room_type, stay, None, refusal, tuple(near))
    return Outcome(page, room_type, stay, priced, None)


def _require_free(session: Session, *, room_type_id: int, stay: Stay, rooms: int) -> None:
    if free_rooms(session, room_type_ids=[room_type_id], stay=stay)[room_type_id] < rooms:
        raise SoldOut
