"""What people type about a stay: dates, people, meals, beds, words to look for, a guest's name."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from marketplace.booking.contract.guests import is_written, name_fault, sleepers_fault
from marketplace.kernel.messages import Message
from marketplace.kernel.stay import LONGEST_NIGHTS, WRONG_NIGHTS, Stay
from marketplace.kernel.text import one_line
from marketplace.kernel.typed import Unit, whole
from marketplace.offers.quoting.stay_offers import CHILD_WHEN_UNSAID, MOST_ROOMS
from marketplace.pricing.nights.selection import Party
from marketplace.pricing.nights.terms import MOST_EXTRA_BEDS, OLDEST_CHILD, Board
from marketplace.web.forms.field_sizes import SIZES
from marketplace.web.forms.links import LinkArgs, filled
from marketplace.web.forms.reader import Faults, FormReader, Number

MOST_ADULTS = 20
MOST_CHILDREN = 10
MOST_BEDS = MOST_ROOMS * MOST_EXTRA_BEDS
"""A tariff says how many there really are."""
NIGHTS = Number(1, LONGEST_NIGHTS, WRONG_NIGHTS, Unit.NIGHTS)
ROOMS = Number(
    1,
    MOST_ROOMS,
    Message("房间请写 1 到 %(most_rooms)s 之间的数", most_rooms=MOST_ROOMS),
    Unit.ROOMS,
)
ADULTS = Number(
    1,
    MOST_ADULTS,
    Message("大人请写 1 到 %(most_adults)s 之间的数", most_adults=MOST_ADULTS),
    Unit.PEOPLE,
)
CHILDREN = Number(
    0,
    MOST_CHILDREN,
    Message("小孩请写 0 到 %(most_children)s 之间的数", most_children=MOST_CHILDREN),
    Unit.PEOPLE,
)
BEDS = Number(
    0,
    MOST_BEDS,
    Message("加床请写 0 到 %(most_beds)s 之间的数", most_beds=MOST_BEDS),
    Unit.BEDS,
)
AGE = Number(
    0,
    OLDEST_CHILD,
    Message("请写孩子到达那天的周岁，0 到 %(oldest_child)s 之间的整数", oldest_child=OLDEST_CHILD),
    Unit.AGE,
)
"""What these forms take; a house that takes less says its own where it is known."""
SET_NIGHTS = ("30", "60", "90")
FARTHEST_DAYS = 1000
"""An arrival farther ahead than this is no plan but a slip."""
TOO_FAR = "这个日期太远了，请选近一点的日期"
NO_SUCH_BOARD = "这里没有这种餐食，请另选"
NO_WORDS = "这里没有可以找的字，请写名字或词语，比如：温泉"
STAY_FIELDS = ("arrive", "nights", "nights_other", "rooms", "adults", "children")


def read_name(form: FormReader) -> str:
    """Return the name of a guest; says what is wrong with it."""
    name = one_line(form.sent("lead_name"))
    if fault := name_fault(name if is_written(name) else ""):
        form.say("lead_name", fault)
    return name


def read_sleepers(form: FormReader, count: int) -> tuple[list[str], Faults]:
    """Read who sleeps in each of ``count`` kinds of room; all of it may be left empty.

    Returns what was typed, and what is wrong by the name of its field.
    """
    typed = []
    for number in range(1, count + 1):
        field_name = f"sleepers_{number}"
        words = one_line(form.sent(field_name))
        if words and (fault := sleepers_fault(words)):
            form.say(field_name, fault)
        typed.append(words)
    return typed, form.faults


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
    errors: Faults = field(default_factory=dict)

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

    def args(self) -> LinkArgs:
        """Return what was typed as arguments of an address, empty ones left out."""
        return filled({name: getattr(self, name) for name in STAY_FIELDS})


def read_stay(form: FormReader, *, today: dt.date, nights: str = "30") -> StayForm:
    """Read dates and people; ``nights`` is what counts when nothing is chosen."""
    typed = form.lines(STAY_FIELDS)
    arrival = form.date("arrive")
    if arrival is not None and arrival < today:
        form.say("arrive", "到达日期已经过去，请选今天或以后的日期")
        arrival = None
    elif arrival is not None and arrival > today + dt.timedelta(days=FARTHEST_DAYS):
        form.say("arrive", TOO_FAR)
        arrival = None
    choice = typed["nights"] or nights
    if choice not in (*SET_NIGHTS, "any", "other"):
        # A plain number, as addresses made by this site have: shown in the box for other numbers.
        typed["nights_other"], choice = choice, "other"
    length = _read_nights(form, choice, typed["nights_other"])
    return StayForm(
        **{**typed, "nights": choice, "adults": typed["adults"] or "2"},
        arrival=arrival,
        length=length,
        room_count=form.number("rooms", ROOMS, unset=1),
        adult_count=form.number("adults", ADULTS, unset=2),
        child_count=form.number("children", CHILDREN, unset=0),
        errors=dict(form.faults),
    )


def _read_nights(form: FormReader, choice: str, other: str) -> int | None:
    if choice == "any":
        return None
    number = whole(other if choice == "other" else choice, Unit.NIGHTS)
    if number is None or not NIGHTS.fits(number):
        form.say("nights_other", NIGHTS.message)
        return None
    return number


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
    errors: Faults = field(default_factory=dict)

    def args(self) -> LinkArgs:
        """Return the choice as arguments of an address, what nobody chose left out."""
        chosen: LinkArgs = {
            "board": self.board.value if self.board else "",
            "extra_beds": self.extra_beds or "",
            "adjoining": "1" if self.adjoining else "",
        }
        chosen |= {f"age_{number}": age for number, age in enumerate(self.ages_typed, 1)}
        return filled(chosen)


def read_choice(form: FormReader, *, children: int) -> Choice:
    """Read meals, beds, rooms side by side and ages; ages that nobody asked yet are no error."""
    board = form.choice("board", Board)
    if board is None and form.sent("board"):
        form.say("board", NO_SUCH_BOARD)
    beds = form.number("extra_beds", BEDS, unset=0)
    fields = [f"age_{number}" for number in range(1, children + 1)]
    asked = any(name in form for name in fields)
    ages = form.ages(children, AGE) if asked else ()
    return Choice(
        board=board,
        extra_beds=beds,
        adjoining=form.ticked("adjoining"),
        ages=ages if len(ages) == children else None,
        ages_typed=tuple(form.line(name) for name in fields),
        errors=form.faults,
    )


def read_words(form: FormReader) -> str:
    """Return search words; cuts what is too long, and says so as of what holds no word at all."""
    typed = one_line(form.sent("q"))
    words = typed[: SIZES.words].strip()
    if words and not can_be_looked_for(words):
        form.say("q", NO_WORDS)
    if len(typed) > SIZES.words:
        form.say("q", Message("最多写%(most)s个字，后面的没有用来找", most=SIZES.words))
    return words


def can_be_looked_for(words: str) -> bool:
    """Whether there is a letter, digit or character in ``words``: no place is named by signs."""
    return any(symbol.isalnum() for symbol in words)
