"""Reading the form that changes rooms, closing and prices of many days at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from marketplace.inventory.calendar import LONGEST_EDIT_DAYS, MOST_UNITS, CalendarEdit
from marketplace.kernel.errors import Invalid
from marketplace.kernel.typed import Unit, fen, whole
from marketplace.pricing.nights.terms import HIGHEST_FEN, LOWEST_FEN
from marketplace.web.forms import fields

FIELDS = ("room", "first", "last", "capacity", "state", "price", "tariff")
WEEKDAYS = frozenset("0123456")
"""Monday is 0."""
CLOSED = {"close": True, "open": False}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an operator wants of which days of one room type; ``None`` leaves a thing as it is."""

    room_type_id: int
    first: dt.date
    last: dt.date
    """The last day itself."""
    weekdays: frozenset[int]
    capacity: int | None
    closed: bool | None
    price_fen: int | None
    to_tariff: bool = False
    """Prices that were set by hand go back to those of the tariff."""

    def edit(self, pool_id: int) -> CalendarEdit | None:
        """Return the part that concerns stock, if any."""
        if self.capacity is None and self.closed is None:
            return None
        return CalendarEdit(
            pool_id, self.first, self.last, self.weekdays, self.capacity, self.closed
        )


def typed(values: Mapping[str, str], weekdays: Sequence[str]) -> dict[str, str]:
    """Return what was typed, ready to fill the form or an address again."""
    kept = {name: fields.text(values.get(name), 20) for name in FIELDS}
    days = sorted({d for d in weekdays if d in WEEKDAYS})
    return {**kept, "weekdays": "".join(days)}


def parse(values: Mapping[str, str], weekdays: Sequence[str], *, today: dt.date) -> Wanted:
    """Return what is wanted.

    Raises:
        Invalid: naming every field that cannot be used.
    """
    faults: dict[str, str] = {}
    room, first, last = (
        fields.key(values.get("room")),
        fields.day(values.get("first")),
        fields.day(values.get("last")),
    )
    if room is None:
        faults["room"] = "请选择房型"
    faults |= _range_faults(first, last, today)
    days = frozenset(int(d) for d in weekdays if d in WEEKDAYS)
    if not days:
        faults["weekdays"] = "请至少选一个星期几"
    capacity = _capacity(values.get("capacity", ""), faults)
    price = _price(values.get("price", ""), faults)
    closed = CLOSED.get(values.get("state", ""))
    to_tariff = values.get("tariff", "") == "1"
    if to_tariff and values.get("price", "").strip():
        faults["price"] = "写一个价格，或者恢复价目表的价格，两样只能选一样"
    if capacity is None and price is None and closed is None and not to_tariff and not faults:
        faults["capacity"] = "请至少改一样：房间数、开关房或价格"
    if faults or room is None or first is None or last is None:
        raise Invalid(faults)
    return Wanted(room, first, last, days, capacity, closed, price, to_tariff)


def _range_faults(first: dt.date | None, last: dt.date | None, today: dt.date) -> dict[str, str]:
    faults = {}
    if first is None:
        faults["first"] = "请写开始日期"
    elif first < today:
        faults["first"] = "过去的日子不能改，请从今天或以后开始"
    if last is None:
        faults["last"] = "请写结束日期"
    elif first is not None and not 0 <= (last - first).days < LONGEST_EDIT_DAYS:
        faults["last"] = "结束日期要在开始日期当天或之后，最长 400 天"
    return faults


def _capacity(typed_value: str, faults: dict[str, str]) -> int | None:
    if not typed_value.strip():
        return None
    number = whole(typed_value, Unit.ROOMS)
    if number is None or not 0 <= number <= MOST_UNITS:
        faults["capacity"] = "房间数要在 0 到 2000 之间"
    return number


def _price(typed_value: str, faults: dict[str, str]) -> int | None:
    if not typed_value.strip():
        return None
    amount = fen(typed_value)
    if amount is None or not LOWEST_FEN <= amount <= HIGHEST_FEN:
        faults["price"] = "价格要在 1 元到 100,000 元之间，最多两位小数"
    return amount
