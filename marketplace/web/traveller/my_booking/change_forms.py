"""Reads what a guest wants to be different about a stay: one short question, one answer."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from marketplace.booking.changes.change_options import Changeable
from marketplace.booking.changes.change_pricing import StayWish
from marketplace.kernel.stay import LONGEST_NIGHTS
from marketplace.kernel.text import one_line
from marketplace.pricing.nights.terms import Board
from marketplace.web.forms.stay_form import (
    MOST_ADULTS,
    MOST_BEDS,
    MOST_CHILDREN,
    NO_SUCH_BOARD,
    Errors,
    one_of,
    read_ages,
    read_date,
    read_number,
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
AGES = tuple(f"age_{number}" for number in range(1, MOST_CHILDREN + 1))


@dataclass(frozen=True, slots=True)
class Asked:
    """What was answered, for showing it again, and the stay that it means."""

    what: What
    typed: dict[str, str]
    wish: StayWish | None = None
    """``None`` while the question is open, or the answer has a fault."""
    ages: tuple[str, ...] = ()
    """The children's ages as they stand in the form, where they are to be asked."""
    errors: Errors = field(default_factory=dict)

    def args(self) -> dict[str, str]:
        """Return the answer as arguments of an address, empty ones left out."""
        return {name: value for name, value in self.typed.items() if value}

    def beside(self, faults: Mapping[str, str]) -> dict[str, str]:
        """Return what a rule says beside the question it is about, else on top of the page."""
        names = FIELDS[self.what]
        if len(names) == 1:
            return {names[0]: next(iter(faults.values()))} if faults else {}
        return {name if name in names else "": said for name, said in faults.items()}


def read(what: What, args: Mapping[str, str], stay: Changeable) -> Asked:
    """Read the answer to a question about ``stay``; without one the question is open."""
    if not any(name in args for name in FIELDS[what]):
        return Asked(what, _as_booked(what, stay.booked))
    errors: Errors = {}
    typed = {name: one_line(args.get(name, ""))[:20] for name in FIELDS[what]}
    if what is What.PEOPLE:
        return _people(args, typed, stay, errors)
    wish = READERS[what](typed, stay, errors)
    return Asked(what, typed, None if errors else wish, errors=errors)


def _as_booked(what: What, booked: StayWish) -> dict[str, str]:
    """Return what the fields of a question say at first: the stay as it is."""
    said = {
        "arrive": booked.check_in.isoformat(),
        "nights": str(booked.stay.nights),
        "adults": str(booked.adults),
        "children": str(len(booked.children_ages)),
        "board": booked.board.value,
        "extra_beds": str(booked.extra_beds),
    }
    return {name: said.get(name, "") for name in FIELDS[what]}


def _longer(typed: Mapping[str, str], stay: Changeable, errors: Errors) -> StayWish:
    message = "请写要多住几晚，比如 7"
    # How many are possible depends on the house: the page of the difference says so.
    more = read_number(
        typed["more"], name="more", low=1, high=MOST_TYPED_NIGHTS, unset=0, message=message,
        errors=errors,
    )  # fmt: skip
    if not more:
        errors["more"] = message
    return replace(stay.booked, check_out=stay.booked.check_out + dt.timedelta(days=more))


NO_NIGHT_LEFT = "这样一晚也不住了。少住的，请选到店以后的日子；不来了，请回到订单按“取消订单”"


def _shorter(typed: Mapping[str, str], stay: Changeable, errors: Errors) -> StayWish:
    day = read_date(typed["depart"], name="depart", errors=errors)
    if day is None:
        errors.setdefault("depart", "请选哪天离开")
        return stay.booked
    if not stay.earliest_end <= day < stay.booked.check_out:
        none_left = not stay.in_stay and stay.today <= day < stay.earliest_end
        errors["depart"] = NO_NIGHT_LEFT if none_left else "请选一个比原来早、还没有过去的日子"
    return replace(stay.booked, check_out=day)


def _dates(typed: Mapping[str, str], stay: Changeable, errors: Errors) -> StayWish:
    day = read_date(typed["arrive"], name="arrive", errors=errors)
    if day is None:
        errors.setdefault("arrive", "请选哪天到")
    elif day > stay.today + dt.timedelta(days=1000):
        errors["arrive"] = "这个日期太远了，请选近一点的日期"
    nights = read_number(
        typed["nights"], name="nights", low=1, high=LONGEST_NIGHTS, unset=stay.booked.stay.nights,
        message="请写 1 到 %(most_nights)s 之间的晚数", errors=errors,
    )  # fmt: skip
    if day is None or errors:
        return stay.booked
    return replace(stay.booked, check_in=day, check_out=day + dt.timedelta(days=nights))


def _room(typed: Mapping[str, str], stay: Changeable, errors: Errors) -> StayWish:
    known = {str(room.id): room.id for room in stay.booking.listing.room_types}
    if typed["room"] not in known:
        errors["room"] = "请选一种房型"
    return replace(stay.booked, room_type_id=known.get(typed["room"], stay.booked.room_type_id))


def _extras(typed: Mapping[str, str], stay: Changeable, errors: Errors) -> StayWish:
    board = one_of(Board, typed["board"])
    if typed["board"] and not board:
        errors["board"] = NO_SUCH_BOARD
    beds = read_number(
        typed["extra_beds"], name="extra_beds", low=0, high=MOST_BEDS, unset=0,
        message="加床请写 0 到 %(most_beds)s 之间的数", errors=errors,
    )  # fmt: skip
    return replace(stay.booked, board=Board(board or stay.booked.board), extra_beds=beds)


READERS: Mapping[What, Callable[[Mapping[str, str], Changeable, Errors], StayWish]] = {
    What.LONGER: _longer,
    What.SHORTER: _shorter,
    What.DATES: _dates,
    What.ROOM: _room,
    What.EXTRAS: _extras,
}


def _people(
    args: Mapping[str, str], typed: dict[str, str], stay: Changeable, errors: Errors
) -> Asked:
    """Read how many people there are; for another number of children also how old they are."""
    adults = read_number(
        typed["adults"], name="adults", low=1, high=MOST_ADULTS, unset=stay.booked.adults,
        message="大人请写 1 到 %(most_adults)s 之间的数", errors=errors,
    )  # fmt: skip
    children = read_number(
        typed["children"], name="children", low=0, high=MOST_CHILDREN, unset=0,
        message="小孩请写 0 到 %(most_children)s 之间的数", errors=errors,
    )  # fmt: skip
    if errors:
        return Asked(What.PEOPLE, typed, errors=errors)
    known = stay.booked.children_ages
    said = any(name in args for name in AGES)
    if not said and children in (0, len(known)):
        ages = known if children else ()
        return Asked(What.PEOPLE, typed, replace(stay.booked, adults=adults, children_ages=ages))
    if not said:
        first = tuple(str(age) for age in known[:children])
        return Asked(What.PEOPLE, typed, ages=first + ("",) * (children - len(first)))
    given = tuple(one_line(args.get(name, ""))[:20] for name in AGES[:children])
    ages = read_ages(args, count=children, errors=errors)
    if errors:
        return Asked(What.PEOPLE, typed, ages=given, errors=errors)
    typed |= {name: str(age) for name, age in zip(AGES, ages, strict=False)}
    return Asked(What.PEOPLE, typed, replace(stay.booked, adults=adults, children_ages=ages))
