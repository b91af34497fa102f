"""Reads what a guest wants to be different about a stay: one short question, one answer."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from marketplace.booking.changes.change_options import Changeable
from marketplace.kernel.errors import DomainError, Invalid
from marketplace.kernel.typed import Unit
from marketplace.pricing.nights.selection import Party, StaySelection
from marketplace.pricing.nights.terms import Board
from marketplace.web.forms.reader import Faults, FormReader, Number
from marketplace.web.forms.stay_form import (
    ADULTS,
    AGE,
    BEDS,
    CHILDREN,
    FARTHEST_DAYS,
    MOST_CHILDREN,
    NIGHTS,
    NO_SUCH_BOARD,
    TOO_FAR,
)


class What(enum.StrEnum):
    """What can be changed, as addresses name it."""

    LONGER = "longer"
    SHORTER = "shorter"
    DATES = "dates"
    ROOM = "room"
    PEOPLE = "people"
    EXTRAS = "extras"


FIELDS = {
    What.LONGER: ("more",),
    What.SHORTER: ("depart",),
    What.DATES: ("arrive", "nights"),
    What.ROOM: ("room",),
    What.PEOPLE: ("adults", "children"),
    What.EXTRAS: ("board", "extra_beds"),
}
"""The questions of each page."""
MOST_TYPED_NIGHTS = 9_999
"""More nights than this are no number that anybody means."""
MORE = Number(1, MOST_TYPED_NIGHTS, "请写要多住几晚，比如 7", Unit.NIGHTS)
"""How many are possible depends on the house: the page of the difference says so."""
AGES = tuple(f"age_{number}" for number in range(1, MOST_CHILDREN + 1))


@dataclass(frozen=True, slots=True)
class Asked:
    """What was answered, for showing it again, and the stay that it means."""

    what: What
    typed: dict[str, str]
    wish: StaySelection | None = None
    """``None`` while the question is open, or the answer has a fault."""
    ages: tuple[str, ...] = ()
    """The children's ages as they stand in the form, where they are to be asked."""
    errors: Faults = field(default_factory=dict)
    refused: DomainError | None = None
    """Why what was answered is no stay at all."""

    def args(self) -> dict[str, str]:
        """Return the answer as arguments of an address, empty ones left out."""
        return {name: value for name, value in self.typed.items() if value}

    def beside(self, faults: Mapping[str, str]) -> dict[str, str]:
        """Return what a rule says beside the question it is about, else on top of the page."""
        names = FIELDS[self.what]
        if len(names) == 1:
            return {names[0]: next(iter(faults.values()))} if faults else {}
        return {name if name in names else "": said for name, said in faults.items()}


def read(what: What, form: FormReader, stay: Changeable) -> Asked:
    """Read the answer to a question about ``stay``; without one the question is open."""
    if not any(name in form for name in FIELDS[what]):
        return Asked(what, _as_booked(what, stay.booked))
    if what is What.PEOPLE:
        return _people(form, stay)
    typed = form.lines(FIELDS[what])
    try:
        wish = READERS[what](form, stay)
    except Invalid as refused:
        return Asked(what, typed, refused=refused)
    return Asked(what, typed, None if form.faults else wish, errors=form.faults)


def _as_booked(what: What, booked: StaySelection) -> dict[str, str]:
    """Return what the fields of a question say at first: the stay as it is."""
    said = {
        "arrive": booked.stay.check_in.isoformat(),
        "nights": str(booked.stay.nights),
        "adults": str(booked.party.adults),
        "children": str(len(booked.party.children_ages)),
        "board": (booked.board or Board.ROOM_ONLY).value,
        "extra_beds": str(booked.extra_beds),
    }
    return {name: said.get(name, "") for name in FIELDS[what]}


def _longer(form: FormReader, stay: Changeable) -> StaySelection:
    more = form.needed_number("more", MORE) or 0
    nights = stay.booked.stay
    return stay.booked.between(nights.check_in, nights.check_out + dt.timedelta(days=more))


NO_NIGHT_LEFT = "这样一晚也不住了。少住的，请选到店以后的日子；不来了，请回到订单按“取消订单”"


def _shorter(form: FormReader, stay: Changeable) -> StaySelection:
    day = form.date("depart")
    if day is None:
        form.say("depart", "请选哪天离开")
        return stay.booked
    if not stay.earliest_end <= day < stay.booked.stay.check_out:
        none_left = not stay.in_stay and stay.today <= day < stay.earliest_end
        form.say("depart", NO_NIGHT_LEFT if none_left else "请选一个比原来早、还没有过去的日子")
        return stay.booked
    return stay.booked.between(stay.booked.stay.check_in, day)


def _dates(form: FormReader, stay: Changeable) -> StaySelection:
    day = form.date("arrive")
    if day is None:
        form.say("arrive", "请选哪天到")
    elif day > stay.today + dt.timedelta(days=FARTHEST_DAYS):
        form.say("arrive", TOO_FAR)
    nights = form.number("nights", NIGHTS, unset=stay.booked.stay.nights)
    if day is None or form.faults:
        return stay.booked
    return stay.booked.between(day, day + dt.timedelta(days=nights))


def _room(form: FormReader, stay: Changeable) -> StaySelection:
    known = {room.id for room in stay.booking.listing.room_types}
    room_type_id = form.key("room")
    if room_type_id not in known or room_type_id is None:
        form.say("room", "请选一种房型")
        return stay.booked
    return replace(stay.booked, room_type_id=room_type_id)


def _extras(form: FormReader, stay: Changeable) -> StaySelection:
    board = form.choice("board", Board)
    if board is None and form.sent("board"):
        form.say("board", NO_SUCH_BOARD)
    beds = form.number("extra_beds", BEDS, unset=0)
    return replace(stay.booked, board=board or stay.booked.board, extra_beds=beds)


READERS: Mapping[What, Callable[[FormReader, Changeable], StaySelection]] = {
    What.LONGER: _longer,
    What.SHORTER: _shorter,
    What.DATES: _dates,
    What.ROOM: _room,
    What.EXTRAS: _extras,
}


def _people(form: FormReader, stay: Changeable) -> Asked:
    """Read how many people there are; for another number of children also how old they are."""
    typed = form.lines(FIELDS[What.PEOPLE])
    adults = form.number("adults", ADULTS, unset=stay.booked.party.adults)
    children = form.number("children", CHILDREN, unset=0)
    if form.faults:
        return Asked(What.PEOPLE, typed, errors=form.faults)
    known = stay.booked.party.children_ages
    said = any(name in form for name in AGES)
    if not said and children in (0, len(known)):
        ages = known if children else ()
        return Asked(What.PEOPLE, typed, replace(stay.booked, party=Party(adults, ages)))
    if not said:
        first = tuple(str(age) for age in known[:children])
        return Asked(What.PEOPLE, typed, ages=first + ("",) * (children - len(first)))
    given = tuple(form.line(name) for name in AGES[:children])
    ages = form.ages(children, AGE)
    if form.faults:
        return Asked(What.PEOPLE, typed, ages=given, errors=form.faults)
    typed |= {name: str(age) for name, age in zip(AGES, ages, strict=False)}
    return Asked(What.PEOPLE, typed, replace(stay.booked, party=Party(adults, ages)))
