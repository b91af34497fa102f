"""Reading what people type: leniently, every word kept, and in plain words what is wrong."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marketplace.booking.contract.guests import is_written, name_fault
from marketplace.kernel import phones
from marketplace.kernel.phones import PhoneFault
from marketplace.kernel.stay import LONGEST_NIGHTS, Stay
from marketplace.kernel.text import one_line
from marketplace.kernel.typed import Unit, date_parts, whole
from marketplace.offers.quoting.stay_offers import CHILD_WHEN_UNSAID, MOST_ROOMS, Party
from marketplace.pricing.nights.terms import MOST_EXTRA_BEDS, OLDEST_CHILD, Board

MOST_WORDS = 60
MOST_ADULTS = 20
MOST_CHILDREN = 10
MOST_BEDS = MOST_ROOMS * MOST_EXTRA_BEDS
"""A tariff says how many there really are."""
LIMITS = {
    "most_nights": LONGEST_NIGHTS,
    "most_rooms": MOST_ROOMS,
    "most_adults": MOST_ADULTS,
    "most_children": MOST_CHILDREN,
    "most_beds": MOST_BEDS,
    "oldest_child": OLDEST_CHILD,
}
"""What the words of these forms name; a house that takes less says its own where it is known."""
SET_NIGHTS = ("30", "60", "90")
NO_SUCH_BOARD = "这里没有这种餐食，请另选"
NO_WORDS = "这里没有可以找的字，请写名字或词语，比如：温泉"

MONTHS, LAST_DAY = 12, 31
LEAP_DAY = (2, 29)
UNITS = {
    "nights": Unit.NIGHTS,
    "nights_other": Unit.NIGHTS,
    "more": Unit.NIGHTS,
    "rooms": Unit.ROOMS,
    "adults": Unit.PEOPLE,
    "children": Unit.PEOPLE,
    "extra_beds": Unit.BEDS,
}
"""What may stand behind the number in a field."""

Errors = dict[str, str]
"""Field name to message id; the page translates them."""


def read_name(typed: str, errors: Errors) -> str:
    """Return the name of a guest; says in ``errors`` what is wrong with it."""
    name = one_line(typed)
    if fault := name_fault(name if is_written(name) else ""):
        errors["lead_name"] = fault
    return name


def read_phone(typed: str, errors: Errors) -> str | None:
    """Return a telephone number as it is kept; says in ``errors`` what was not understood."""
    try:
        return phones.read(typed).kept
    except PhoneFault as fault:
        errors["phone"] = fault.message
        return None


def read_number(  # one number of a form: where it stands, what it may be, what to say
    typed: str, *, name: str, low: int, high: int, unset: int, message: str, errors: Errors
) -> int:
    """Return a whole number of a form; says ``message`` where it is none from low to high."""
    if not typed.strip():
        return unset
    number = whole(typed, UNITS.get(name, Unit.NONE))
    if number is None or not low <= number <= high:
        errors[name] = message
        return unset
    return number


def read_date(typed: str, *, name: str, errors: Errors) -> dt.date | None:
    """Return a date typed as 2027-06-20, 2027/6/20, 2027年6月20日 and the like, else ``None``."""
    if not typed.strip():
        return None
    parts = date_parts(typed)
    try:
        if parts:
            return dt.date(*parts)
    except ValueError:
        pass
    errors[name] = _why_no_date(parts)
    return None


def _why_no_date(parts: tuple[int, int, int] | None) -> str:
    if parts is None or not 1 <= parts[1] <= MONTHS or not 1 <= parts[2] <= LAST_DAY:
        return "请这样写日期：2027-06-20"
    if parts[1:] == LEAP_DAY:
        return "那年的2月只有28天，没有29日"
    return "日历上没有这一天，请改月份或日子"


@dataclass(frozen=True, slots=True)
class StayForm:
    """The dates and people of a form: as typed, for showing again, and as understood."""

    arrive: str
    nights: str
    nights_other: str
    rooms: str
    adults: str
    children: str
    arrival: dt.date | None
    length: int | None
    """Nights; ``None`` when any number will do."""
    room_count: int
    adult_count: int
    child_count: int
    errors: Errors = field(default_factory=dict)

    @property
    def party(self) -> Party:
        """Who stays, as long as the children's ages are not asked."""
        return Party(self.adult_count, (CHILD_WHEN_UNSAID,) * self.child_count)

    @property
    def stay(self) -> Stay | None:
        """The stay asked for, when both ends of it are known."""
        if self.arrival is None or self.length is None:
            return None
        return Stay.of(self.arrival, self.length)

    def args(self) -> dict[str, Any]:
        """Return what was typed as arguments of an address, empty ones left out."""
        names = ("arrive", "nights", "nights_other", "rooms", "adults", "children")
        pairs = {name: getattr(self, name) for name in names}
        return {name: value for name, value in pairs.items() if value}


def read_stay(args: Mapping[str, str], *, today: dt.date, nights: str = "30") -> StayForm:
    """Read dates and people; ``nights`` is what counts when nothing is chosen."""
    errors: Errors = {}
    typed = {
        name: one_line(args.get(name, ""))[:20]
        for name in ("arrive", "nights", "nights_other", "rooms", "adults", "children")
    }
    arrival = read_date(typed["arrive"], name="arrive", errors=errors)
    if arrival is not None and arrival < today:
        errors["arrive"], arrival = "到达日期已经过去，请选今天或以后的日期", None
    elif arrival is not None and arrival > today + dt.timedelta(days=1000):
        errors["arrive"], arrival = "这个日期太远了，请选近一点的日期", None
    choice = typed["nights"] or nights
    if choice not in (*SET_NIGHTS, "any", "other"):
        # A plain number, as addresses made by this site have: shown in the box for other numbers.
        typed["nights_other"], choice = choice, "other"
    length = _read_nights(choice, typed["nights_other"], errors)
    return StayForm(
        **{**typed, "nights": choice, "adults": typed["adults"] or "2"},
        arrival=arrival,
        length=length,
        room_count=read_number(
            typed["rooms"], name="rooms", low=1, high=MOST_ROOMS, unset=1,
            message="房间请写 1 到 %(most_rooms)s 之间的数", errors=errors,
        ),
        adult_count=read_number(
            typed["adults"], name="adults", low=1, high=MOST_ADULTS, unset=2,
            message="大人请写 1 到 %(most_adults)s 之间的数", errors=errors,
        ),
        child_count=read_number(
            typed["children"], name="children", low=0, high=MOST_CHILDREN, unset=0,
            message="小孩请写 0 到 %(most_children)s 之间的数", errors=errors,
        ),
        errors=errors,
    )  # fmt: skip


def _read_nights(choice: str, other: str, errors: Errors) -> int | None:
    if choice == "any":
        return None
    number = whole(other if choice == "other" else choice, Unit.NIGHTS)
    if number is None or not 1 <= number <= LONGEST_NIGHTS:
        errors["nights_other"] = "请写 1 到 %(most_nights)s 之间的晚数"
        return None
    return number


def read_ages(args: Mapping[str, str], *, count: int, errors: Errors) -> tuple[int, ...]:
    """Return the ages of ``count`` children from ``age_1``, ``age_2`` and so on."""
    ages = []
    for number in range(1, count + 1):
        age = whole(args.get(f"age_{number}", ""), Unit.AGE)
        if age is None or not 0 <= age <= OLDEST_CHILD:
            errors[f"age_{number}"] = "请写孩子到达那天的周岁，0 到 %(oldest_child)s 之间的整数"
        else:
            ages.append(age)
    return tuple(ages)


@dataclass(frozen=True, slots=True)
class Choice:
    """What can be had besides the room, and how old the children are."""

    board: Board | None = None
    """``None`` for the meals that the room's price includes."""
    extra_beds: int = 0
    adjoining: bool = False
    """Several rooms are wanted next to each other."""
    ages: tuple[int, ...] | None = ()
    """The children's ages in years; ``None`` while one of them is not known."""
    ages_typed: tuple[str, ...] = ()
    """As they stand in the form, one for each child."""
    errors: Errors = field(default_factory=dict)

    def args(self) -> dict[str, Any]:
        """Return the choice as arguments of an address, what nobody chose left out."""
        chosen: dict[str, Any] = {
            "board": self.board.value if self.board else "",
            "extra_beds": self.extra_beds or "",
            "adjoining": "1" if self.adjoining else "",
        }
        chosen |= {f"age_{number}": age for number, age in enumerate(self.ages_typed, 1)}
        return {name: value for name, value in chosen.items() if value != ""}


def read_choice(args: Mapping[str, str], *, children: int) -> Choice:
    """Read meals, beds, rooms side by side and ages; ages that nobody asked yet are no error."""
    errors: Errors = {}
    board = args.get("board", "")
    if board and not one_of(Board, board):
        errors["board"], board = NO_SUCH_BOARD, ""
    beds = read_number(
        args.get("extra_beds", ""), name="extra_beds", low=0, high=MOST_BEDS, unset=0,
        message="加床请写 0 到 %(most_beds)s 之间的数", errors=errors,
    )  # fmt: skip
    typed = tuple(one_line(args.get(f"age_{n}", ""))[:20] for n in range(1, children + 1))
    asked = any(f"age_{n}" in args for n in range(1, children + 1))
    age_errors: Errors = {}
    ages = read_ages(args, count=children, errors=age_errors)
    if asked:
        errors |= age_errors
    return Choice(
        board=Board(board) if board else None,
        extra_beds=beds,
        adjoining=args.get("adjoining") == "1",
        ages=ages if not age_errors else None,
        ages_typed=typed,
        errors=errors,
    )


def read_words(typed: str, errors: Errors) -> str:
    """Return search words; cuts what is too long, and says so as of what holds no word at all."""
    words = one_line(typed)
    if len(words) > MOST_WORDS:
        errors["q"] = "最多写60个字，后面的没有用来找"
    words = words[:MOST_WORDS].strip()
    if words and not can_be_looked_for(words):
        errors["q"] = NO_WORDS
    return words


def can_be_looked_for(words: str) -> bool:
    """Whether there is a letter, digit or character in ``words``: no place is named by signs."""
    return any(symbol.isalnum() for symbol in words)


def one_of(kind: type[enum.StrEnum], typed: str) -> str:
    """Return ``typed`` when it is a word of ``kind``, else nothing."""
    return typed if typed in {member.value for member in kind} else ""


def read_page(args: Mapping[str, str]) -> int:
    """Return the number of a page of a list, from 1; nonsense is the first page."""
    number = whole(args.get("page", "1"))
    return number if number is not None and number > 0 else 1
