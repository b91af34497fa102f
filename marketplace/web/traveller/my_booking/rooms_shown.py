"""The rooms of a booking as its pages show them: which, for whom, with what, and the price."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.booking.reads.guest_queries import GuestBooking, GuestRooms
from marketplace.booking.reads.own_bookings import OwnRooms
from marketplace.web.rendering import price_lines, price_words
from marketplace.web.rendering.price_lines import SumLine
from marketplace.web.traveller import presenters
from marketplace.web.traveller.my_booking import change_texts
from marketplace.web.traveller.presenters import Term


@dataclass(frozen=True, slots=True, kw_only=True)
class KindShown:
    """Rooms of one type in a list: how many, and who sleeps in them."""

    name: str
    name_lang: str
    units: int
    people: str
    """The children with their ages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomsShown(KindShown):
    """Rooms of one type with all that was agreed about them."""

    number: int
    """The number of the item that they are."""
    arrive: dt.date
    depart: dt.date
    nights: int
    adults: int
    children: int
    sleepers: str
    """Who sleeps in them, in the traveller's words; nothing where they did not say."""
    extras: list[tuple[str, str]]
    """Meals, beds and rooms: label and value."""
    lines: Sequence[SumLine]
    total_fen: int
    terms: Sequence[Term]
    """What cancelling costs of them, where other rooms of the booking have other terms."""


def in_list(rooms: OwnRooms) -> KindShown:
    """Return rooms of one type for the list of bookings."""
    name = price_words.named(rooms.name_zh, rooms.name_en)
    return KindShown(
        name=name.name,
        name_lang=name.name_lang,
        units=rooms.units,
        people=change_texts.people(rooms.party),
    )


def in_full(found: GuestBooking, *, today: dt.date) -> list[RoomsShown]:
    """Return the rooms of a booking, of each type with its own people, price and terms."""
    return [alone(found, rooms, today=today, terms=found.terms_differ) for rooms in found.rooms]


def alone(
    found: GuestBooking, rooms: GuestRooms, *, today: dt.date, terms: bool = True
) -> RoomsShown:
    """Return the rooms of one type of a booking, with what cancelling them alone costs."""
    name = price_words.named(rooms.room_type.name_zh, rooms.room_type.name_en)
    stay = rooms.booked.stay
    bands = found.terms_of(rooms, today) if terms else []
    total_fen = rooms.sold.total_fen
    return RoomsShown(
        number=rooms.number,
        arrive=stay.check_in,
        depart=stay.check_out,
        nights=stay.nights,
        name=name.name,
        name_lang=name.name_lang,
        units=rooms.units,
        people=change_texts.people(rooms.booked.party),
        adults=rooms.booked.party.adults,
        children=len(rooms.booked.party.children_ages),
        sleepers=rooms.sleepers,
        extras=price_words.extras(
            rooms.price.board,
            extra_beds=rooms.booked.extra_beds,
            rooms=rooms.units,
            adjoining=rooms.adjoining,
        ),
        lines=price_lines.quote_lines(rooms.price),
        total_fen=total_fen,
        terms=presenters.dated_terms(bands, paid_fen=total_fen, today=today),
    )
