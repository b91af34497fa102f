"""From the rows of a price file to what each room type shall have. Pure.

The order of rows changes nothing. A row that cannot be used is told by its number and in words, and
then nothing of the file is.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from catalog.bulk.reasons import unpack
from catalog.bulk.tables.source import Line
from marketplace.kernel.stay import LONGEST_NIGHTS
from marketplace.kernel.typed import narrow
from marketplace.pricing.files.building import Values, tariff_of
from marketplace.pricing.files.cells import CellFault, read_cell
from marketplace.pricing.files.checking import Fault, RowRefused, Rows, check_row, said_twice
from marketplace.pricing.files.columns import BY_DATE, EVERY_ROOM, KIND_NAMES, SHAPES, Kind
from marketplace.pricing.nights.restrictions import DayRule
from marketplace.pricing.nights.terms import EVERY_WEEKDAY, Terms, faults_of

MOST_RULES = 20_000
"""Rows, each counted once for every room type it names."""
SHOWN = 40
"""How much of a cell a refusal repeats."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The room types that a file may be about."""

    rooms: Collection[str]
    """Their codes."""
    others: Collection[str] = ()
    """Codes of another enterprise, told apart so that the refusal can say so."""
    whole: bool = False
    """``*`` stands for all of them."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a file wants of one room type."""

    room: str
    row: int
    """The first row about it."""
    terms: Terms | None = None
    """The whole tariff; ``None`` where no row is about it."""
    nights: Mapping[dt.date, int | None] = field(default_factory=dict)
    """Prices set by hand, in fen; ``None`` gives the night back to the seasons."""
    rules: Mapping[dt.date, DayRule] = field(default_factory=dict)
    """Restrictions of the dates named; an empty one asks nothing more."""


def read_rules(
    lines: Iterable[Line], *, scope: Scope, policies: Collection[str], today: dt.date
) -> tuple[list[Wanted], list[Fault]]:
    """Return what a file wants of each room type in it, and every row that cannot be used.

    ``policies`` are the presets of cancellation, ``today`` is the date in Asia/Shanghai: dates
    before it are left alone, and none may be further ahead than prices go.
    """
    found: dict[str, dict[Kind, list[tuple[int, Values]]]]
    found = defaultdict(lambda: defaultdict(list))
    faults: list[Fault] = []
    left = MOST_RULES
    for line in lines:
        number = line.number
        try:
            rooms, kind, values = _row(line, scope, policies, today)
        except RowRefused as refused:
            faults.append(refused.of(number))
            continue
        left -= len(rooms)
        if left < 0:
            message = "规则太多：一次最多 %(most)s 条，请分成几个文件"
            faults.append(Fault(number, message, {"most": MOST_RULES}))
            break
        for room in rooms:
            found[room][kind].append((number, values))
    everywhere = found.pop(EVERY_ROOM, {})
    wanted = []
    for room in sorted(scope.rooms if everywhere else found):
        # A rule of one's own stands instead of all rules of its kind that are for every room.
        made, wrong = _room(room, {**everywhere, **found.get(room, {})}, today)
        wanted.append(made)
        faults += wrong
    # A row for every room type is wrong in all of them, and told once.
    once = {(fault.row, str(fault)): fault for fault in faults}
    return wanted, [once[key] for key in sorted(once)]


def _row(
    line: Line,
    scope: Scope,
    policies: Collection[str],
    today: dt.date,
) -> tuple[list[str], Kind, Values]:
    if line.fault is not None:
        message, params = unpack(line.fault.packed)
        raise RowRefused(message, **params)
    cells = line.cells
    rule = narrow(cells["rule"]).lower()
    if not rule:
        raise RowRefused("“规则”（rule）一格空着，请写明这一行是什么规则")
    kind = KIND_NAMES.get(rule)
    if kind is None:
        raise RowRefused("不认识规则“%(value)s”", value=cells["rule"][:SHOWN])
    values = dict(_values(kind, cells, policies))
    for column in SHAPES[kind].needs:
        if column not in values:
            raise RowRefused("规则 %(rule)s 缺少“%(column)s”", rule=kind.value, column=column)
    check_row(kind, values, today)
    return _rooms(cells["room"], scope), kind, values


def _values(
    kind: Kind, cells: Mapping[str, str], policies: Collection[str]
) -> Iterator[tuple[str, object]]:
    for column, text in cells.items():
        if not text or column in ("rule", "room"):
            continue
        if column not in SHAPES[kind].columns:
            message = "规则 %(rule)s 用不到“%(column)s”一列"
            raise RowRefused(message, rule=kind.value, column=column)
        try:
            yield column, read_cell(column, text, policies=policies)
        except CellFault as fault:
            raise RowRefused(fault.message, value=text[:SHOWN]) from fault


def _rooms(text: str, scope: Scope) -> list[str]:
    if narrow(text) == EVERY_ROOM:
        if not scope.whole:
            raise RowRefused("“*”代表一家企业的全部房型，请先说明是哪一家企业")
        return [EVERY_ROOM]
    codes = re.split(r"[\s;,、]+", narrow(text))
    codes = [code for code in codes if code]
    if not codes:
        raise RowRefused("缺少房型编号")
    for code in codes:
        if code in scope.others:
            raise RowRefused("房型“%(value)s”不是这家企业的", value=code[:SHOWN])
        if code not in scope.rooms:
            raise RowRefused("没有编号为“%(value)s”的房型", value=code[:SHOWN])
    return sorted(set(codes))


def _room(room: str, rows: Rows, today: dt.date) -> tuple[Wanted, list[Fault]]:
    faults = list(said_twice(rows))
    nights, differing = _nights(rows.get(Kind.NIGHT, ()), today)
    rules, contradicting = _restrictions(rows.get(Kind.RESTRICTION, ()), today)
    faults += differing + contradicting
    tariff = [number for kind in rows if kind not in BY_DATE for number, _ in rows[kind]]
    terms = None
    if tariff and not faults:
        terms = tariff_of({kind: [values for _, values in found] for kind, found in rows.items()})
        faults += [
            Fault(min(tariff), "房型 %(room)s：%(fault)s", {"room": room, "fault": fault})
            for fault in faults_of(terms)
        ]
    first = min(number for found in rows.values() for number, _ in found)
    return Wanted(room, first, terms, nights, rules), faults


def _days(values: Values, today: dt.date) -> Iterator[dt.date]:
    """Yield the dates of a row from ``today`` on: what is over cannot be changed any more."""
    day, last = max(values["first"], today), values.get("last", values["first"])
    among = values.get("weekdays", EVERY_WEEKDAY)
    while day <= last:
        if day.weekday() in among:
            yield day
        day += dt.timedelta(days=1)


def _nights(
    rows: Sequence[tuple[int, Values]], today: dt.date
) -> tuple[dict[dt.date, int | None], list[Fault]]:
    found: dict[dt.date, tuple[int, int | None]] = {}
    faults: dict[int, Fault] = {}
    for number, values in rows:
        price = values.get("price")
        for day in _days(values, today):
            other, before = found.setdefault(day, (number, price))
            if price != before:
                params = {"day": day.isoformat(), "other": other}
                fault = Fault(number, "%(day)s 的价格和第 %(other)s 行不同", params)
                faults.setdefault(number, fault)
    return {day: price for day, (_, price) in found.items()}, list(faults.values())


def _restrictions(
    rows: Sequence[tuple[int, Values]], today: dt.date
) -> tuple[dict[dt.date, DayRule], list[Fault]]:
    about: dict[dt.date, list[tuple[int, Values]]] = defaultdict(list)
    for number, values in rows:
        for day in _days(values, today):
            about[day].append((number, values))
    found = {day: _strictest([values for _, values in rows]) for day, rows in about.items()}
    wrong = {max(number for number, _ in about[day]) for day in found if not _sound(found[day])}
    return found, [Fault(number, "最少晚数大于最多晚数") for number in wrong]


def _strictest(rows: Collection[Values]) -> DayRule:
    """Return the rule of a date: of several rows about it the strictest number counts."""

    def limit(column: str, pick: Callable[[list[int]], int]) -> int | None:
        given = [values[column] for values in rows if column in values]
        return pick(given) if given else None

    return DayRule(
        min_nights=limit("nights", max),
        max_nights=limit("most_nights", min),
        min_nights_arrival=limit("arrival_nights", max),
        max_nights_arrival=limit("arrival_most_nights", min),
        no_arrival=any(values.get("no_arrival") for values in rows),
        no_departure=any(values.get("no_departure") for values in rows),
    )


def _sound(rule: DayRule) -> bool:
    pairs = (
        (rule.min_nights, rule.max_nights),
        (rule.min_nights_arrival, rule.max_nights_arrival),
    )
    return all((least or 1) <= (most or LONGEST_NIGHTS) for least, most in pairs)
