"""Reading the form of a tariff: rows of cells by section, and the example stay beside them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from marketplace.kernel.errors import Invalid
from marketplace.kernel.messages import Message
from marketplace.kernel.stay import Stay
from marketplace.kernel.typed import Unit, whole
from marketplace.offers.quoting.stay_offers import MOST_ROOMS
from marketplace.pricing.files.columns import COLUMNS, SHAPES, Kind
from marketplace.pricing.nights.quote import Ask
from marketplace.pricing.nights.selection import Party
from marketplace.pricing.nights.terms import MOST_EXTRA_BEDS, OLDEST_CHILD, Board
from marketplace.web.forms.field_sizes import SIZES
from marketplace.web.forms.reader import FormReader, Number
from marketplace.web.forms.stay_form import NIGHTS

MOST_ROWS = 120
"""So many rows fit a form; who has more uses a price file."""
MOST_PEOPLE = 99
KINDS = tuple(kind for kind in Kind if kind is not Kind.NIGHT)
_NAME = re.compile(r"([a-z_]{3,20})-([0-9]{1,3})-([a-z_]{3,20})")
EXAMPLE = ("arrive", "nights", "rooms", "adults", "ages", "board", "beds")
"""What is asked for the example, each under ``ex_`` and its name."""
AGES_APART = re.compile(r"[\s,，、;；]+")
ROOMS = Number(1, MOST_ROOMS, "请写几间房", Unit.ROOMS)
ADULTS = Number(1, MOST_PEOPLE, "请写几位大人", Unit.PEOPLE)
BEDS = Number(0, MOST_EXTRA_BEDS * MOST_ROOMS, "请写加几张床", Unit.BEDS)
AGE = Number(
    0,
    OLDEST_CHILD,
    Message("孩子的年龄要在 0 到 %(oldest_child)s 岁之间，用逗号分开", oldest_child=OLDEST_CHILD),
    Unit.AGE,
)

Row = dict[str, str]


def columns_of(kind: Kind) -> list[str]:
    """Return the columns of a section in the order in which they are filled in."""
    shape = SHAPES[kind]
    return [column for column in (*shape.needs, *shape.may) if column in COLUMNS]


def is_list(kind: Kind) -> bool:
    """Whether a section may have several rows."""
    return bool(SHAPES[kind].key)


def rows(form: FormReader) -> list[Row]:
    """Return the rows that were typed, by section and in order, blank ones too.

    A section that has one row has it, whatever was sent.
    """
    found: dict[tuple[int, int], Row] = {}
    for name in form.names():
        parts = _NAME.fullmatch(name)
        if parts is None or parts[1] not in set(KINDS):
            continue
        kind = Kind(parts[1])
        if parts[3] in SHAPES[kind].columns or parts[3] == "rule":
            row = found.setdefault((KINDS.index(kind), int(parts[2])), {"rule": kind.value})
            if parts[3] != "rule":
                row[parts[3]] = form.text(name, SIZES.cell)
    return with_single([found[key] for key in sorted(found)])


def with_single(given: list[Row]) -> list[Row]:
    """Return rows with one of each section that has only one, in the order of sections."""
    have = {row["rule"] for row in given}
    blank = [{"rule": kind.value} for kind in KINDS if not is_list(kind) and kind not in have]
    order = {kind.value: number for number, kind in enumerate(KINDS)}
    return sorted([*given, *blank], key=lambda row: order[row["rule"]])


def changed(given: list[Row], do: str) -> list[Row]:
    """Return rows with one more (``add:tier``) or one less (``drop:7``, counted from 1)."""
    what, _, which = do.partition(":")
    if what == "add" and which in set(KINDS) and len(given) < MOST_ROWS:
        return with_single([*given, {"rule": which}])
    number = whole(which) if what == "drop" else None
    if number is not None and 1 <= number <= len(given):
        return with_single([row for place, row in enumerate(given, 1) if place != number])
    return given


def example_typed(form: FormReader, *, today: dt.date) -> dict[str, str]:
    """Return what was typed of the example, or one to begin with."""
    if "ex_arrive" not in form:
        arrive = today + dt.timedelta(days=30)
        first = (arrive.isoformat(), "30", "1", "2", "", "", "")
        return dict(zip(EXAMPLE, first, strict=True))
    return form.part("ex_").texts(EXAMPLE, SIZES.cell)


def example(typed: Mapping[str, str], *, today: dt.date) -> Ask:
    """Return the stay that is asked for as an example.

    Raises:
        Invalid: naming every field that cannot be used.
    """
    form = FormReader({f"ex_{name}": said for name, said in typed.items()})
    said = form.part("ex_")
    arrive = said.day("arrive")
    if arrive is None or arrive < today:
        said.say("arrive", "请写到店日期，从今天起")
    nights = said.needed_number("nights", NIGHTS)
    rooms = said.needed_number("rooms", ROOMS)
    adults = said.needed_number("adults", ADULTS)
    beds = said.number("beds", BEDS, unset=0)
    ages = [whole(age, Unit.AGE) for age in AGES_APART.split(said.text("ages")) if age]
    if not all(AGE.fits(age) for age in ages):
        said.say("ages", AGE.message)
    board = said.choice("board", Board)
    if board is None and said.sent("board"):
        said.say("board", "请选择餐食")
    form.refuse_faults()
    if arrive is None or nights is None:
        raise Invalid(form.faults)
    return Ask(
        Stay.of(arrive, nights),
        today,
        rooms or 0,
        Party(adults or 0, tuple(age for age in ages if age is not None)),
        board,
        beds,
    )
