"""What a visitor asks to be priced, as its form says it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlencode

from werkzeug.datastructures import MultiDict

from catalog.views import ListingPage
from marketplace.booking.contract.room_choices import MOST_KINDS
from marketplace.kernel.errors import Invalid, NotFound
from marketplace.kernel.stay import Stay
from marketplace.offers.quoting.stay_answer import room_of
from marketplace.offers.quoting.stay_offers import CHILD_WHEN_UNSAID, make_stay
from marketplace.pricing.nights.selection import Party, StaySelection
from marketplace.web.forms.links import LinkArgs, filled
from marketplace.web.forms.reader import FormReader
from marketplace.web.forms.stay_form import Choice, StayForm, read_choice, read_stay
from marketplace.web.traveller.search.carried_question import OTHER_ROOMS

PLACE = "place"
"""Which room of several the fields of an address are about, counted from 1; the first says none."""
WHEN = ("arrive", "nights", "nights_other")
LONGEST_ROOM = 500
"""Characters of one room in an address; ten children with their ages need half of it."""
MOST_FIELDS = 30
CHOSEN_TWICE = "这种房已经选过了。要多几间，请改那种房的间数"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a visitor asks to be priced: the form of a listing and what was chosen besides."""

    listing_id: int
    room_type_id: int | None
    form: StayForm
    choice: Choice = field(default_factory=Choice)

    @property
    def party(self) -> Party:
        """Who stays; while an age is not known a child counts as one of ten."""
        unsaid = (CHILD_WHEN_UNSAID,) * self.form.child_count
        return Party(
            self.form.adult_count, unsaid if self.choice.ages is None else self.choice.ages
        )

    def selection(self, page: ListingPage, *, today: dt.date) -> StaySelection:
        """Return what is chosen of the listing ``page``.

        Raises:
            NotFound: no room of this listing is named. Invalid: what is wrong in the form.
        """
        return StaySelection(
            room_type_id=room_of(page, self.room_type_id).id,
            stay=stay_wished(self.form, today=today),
            rooms=self.form.room_count,
            party=self.party,
            board=self.choice.board,
            extra_beds=self.choice.extra_beds,
            adjoining=self.choice.adjoining,
        )

    def as_text(self) -> str:
        """Return the room as an address carries it beside another: without dates or wishes."""
        kept = {"room_type": self.room_type_id, **self.form.args(), **self.choice.args()}
        return urlencode(
            filled({name: kept[name] for name in kept if name not in (*WHEN, "adjoining")})
        )


@dataclass(frozen=True, slots=True)
class RoomsWish:
    """All rooms of one house that a visitor asks for, for the same nights."""

    rooms: tuple[Wish, ...]
    at: int = 0
    """The room that the fields of the address are about; the others stand whole beside them."""

    @property
    def asked(self) -> Wish:
        """The room that the page is about."""
        return self.rooms[self.at]

    @property
    def several(self) -> bool:
        """Whether there are several kinds of room."""
        return len(self.rooms) > 1

    @property
    def may_grow(self) -> bool:
        """Whether one kind of room more fits in."""
        return len(self.rooms) < MOST_KINDS

    @property
    def adjoining(self) -> bool:
        """Whether the rooms are wanted near each other: said once for all of them."""
        return self.asked.choice.adjoining

    def about(self, at: int) -> RoomsWish:
        """Return the same with the page about the room at ``at``; the wish for all goes along."""
        there = self.rooms[at]
        choice = replace(there.choice, adjoining=self.adjoining)
        rooms = (*self.rooms[:at], replace(there, choice=choice), *self.rooms[at + 1 :])
        return RoomsWish(rooms, at)

    def without(self, at: int) -> RoomsWish:
        """Return the same with one room taken out; it is about the first of the others."""
        first = self.about(0 if at else 1)
        return RoomsWish(tuple(room for place, room in enumerate(first.rooms) if place != at))

    def others(self) -> LinkArgs:
        """Return the other rooms as arguments of an address, and the place of the one asked."""
        beside = [room.as_text() for place, room in enumerate(self.rooms) if place != self.at]
        return filled({OTHER_ROOMS: beside, PLACE: self.at + 1 if self.at else None})

    def selections(self, page: ListingPage, *, today: dt.date) -> tuple[StaySelection, ...]:
        """Return what is chosen of the listing ``page``, the wish for near rooms with each.

        Raises:
            NotFound: a room is none of this listing. Invalid: what is wrong in a form.
        """
        found = (room.selection(page, today=today) for room in self.rooms)
        return tuple(replace(each, adjoining=self.adjoining) for each in found)


def read_rooms(form: FormReader, listing_id: int, *, today: dt.date) -> RoomsWish:
    """Read what is asked: one room in fields of its own, and others that stand beside it.

    Raises:
        NotFound: an address that no page of ours leads to.
    """
    beside = read_beside(form, listing_id, today=today)
    stay = read_stay(form, today=today)
    choice = read_choice(form, children=stay.child_count)
    asked = Wish(listing_id, form.key("room_type"), stay, choice)
    at = (form.key(PLACE) or 1) - 1
    if at > len(beside) or len(beside) >= MOST_KINDS:
        raise NotFound
    return RoomsWish((*beside[:at], asked, *beside[at:]), at)


def wish_of(listing_id: int, chosen: StaySelection) -> Wish:
    """Return the wish that leads to what was chosen."""
    party, stay = chosen.party, chosen.stay
    form = StayForm(
        arrive=stay.check_in.isoformat(),
        nights=str(stay.nights),
        nights_other="",
        rooms=str(chosen.rooms),
        adults=str(party.adults),
        children=str(len(party.children_ages)),
        arrival=stay.check_in,
        length=stay.nights,
        room_count=chosen.rooms,
        adult_count=party.adults,
        child_count=len(party.children_ages),
    )
    choice = Choice(
        board=chosen.board,
        extra_beds=chosen.extra_beds,
        adjoining=chosen.adjoining,
        ages=party.children_ages,
        ages_typed=tuple(str(age) for age in party.children_ages),
    )
    return Wish(listing_id, chosen.room_type_id, form, choice)


def others_carried(form: FormReader) -> LinkArgs:
    """Return the other rooms that an address asks for as it says them, for a page to carry on."""
    beside = form.all_sent(OTHER_ROOMS)[: MOST_KINDS - 1]
    return filled({OTHER_ROOMS: beside, PLACE: form.key(PLACE)})


def read_beside(form: FormReader, listing_id: int, *, today: dt.date) -> tuple[Wish, ...]:
    """Read the rooms that stand beside the fields, each for the nights that the fields say.

    Raises:
        NotFound: one that no page of ours wrote.
    """
    when = {name: form.sent(name) for name in WHEN if name in form}
    return tuple(
        _of_text(text, when, listing_id, today=today) for text in form.all_sent(OTHER_ROOMS)
    )


def _of_text(text: str, when: dict[str, str], listing_id: int, *, today: dt.date) -> Wish:
    try:
        pairs = parse_qsl(text, max_num_fields=MOST_FIELDS) if len(text) <= LONGEST_ROOM else []
    except ValueError:
        pairs = []
    said = FormReader(MultiDict([*pairs, *when.items()]))
    room = said.key("room_type")
    if room is None:
        raise NotFound
    stay = read_stay(said, today=today)
    if any(name not in WHEN for name in stay.errors):
        raise NotFound
    return Wish(listing_id, room, stay, read_choice(said, children=stay.child_count))


def require_each_once(rooms: Sequence[Wish]) -> None:
    """Refuse a kind of room that is chosen twice: several rooms of it are one choice.

    Raises:
        Invalid.
    """
    kinds = [room.room_type_id for room in rooms]
    if len(set(kinds)) < len(kinds):
        raise Invalid({"room_type": CHOSEN_TWICE})


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
