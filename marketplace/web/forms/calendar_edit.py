"""Reading the form that changes rooms, closing and prices of many days at once."""

from __future__ import annotations

import datetime as dt

from marketplace.inventory.calendar import LONGEST_EDIT_DAYS, MOST_UNITS, WRONG_UNITS
from marketplace.kernel.errors import Invalid
from marketplace.kernel.messages import Message
from marketplace.kernel.money import yuan
from marketplace.kernel.typed import Unit
from marketplace.offers.calendars.calendar_command import Wanted
from marketplace.pricing.nights.terms import HIGHEST_FEN, LOWEST_FEN
from marketplace.web.forms.reader import FormReader, Number, Yuan

FIELDS = ("room", "first", "last", "capacity", "state", "price", "tariff")
EVERY_WEEKDAY = "0123456"
"""Monday is 0."""
WEEKDAYS = frozenset(EVERY_WEEKDAY)
CLOSED = {"close": True, "open": False}
CAPACITY = Number(0, MOST_UNITS, WRONG_UNITS, Unit.ROOMS)
PRICE = Yuan(
    LOWEST_FEN,
    HIGHEST_FEN,
    Message(
        "价格要在 %(least)s 元到 %(most)s 元之间，最多两位小数",
        least=yuan(LOWEST_FEN),
        most=yuan(HIGHEST_FEN),
    ),
)


def typed(form: FormReader, weekdays: frozenset[str]) -> dict[str, str]:
    """Return what was typed, ready to fill the form or an address again."""
    return {**{name: form.line(name) for name in FIELDS}, "weekdays": "".join(sorted(weekdays))}


def parse(form: FormReader, weekdays: frozenset[str], *, today: dt.date) -> Wanted:
    """Return what is wanted.

    Raises:
        Invalid: naming every field that cannot be used.
    """
    room, first, last = form.key("room"), form.day("first"), form.day("last")
    if room is None:
        form.say("room", "请选择房型")
    _check_range(form, first, last, today)
    if not weekdays:
        form.say("weekdays", "请至少选一个星期几")
    capacity = form.needed_number("capacity", CAPACITY) if form.text("capacity") else None
    to_tariff = form.ticked("tariff")
    if to_tariff and form.text("price"):
        form.say("price", "写一个价格，或者恢复价目表的价格，两样只能选一样")
    price = form.yuan("price", PRICE)
    closed = CLOSED.get(form.sent("state"))
    if not form.faults and capacity is None and price is None and closed is None and not to_tariff:
        form.say("capacity", "请至少改一样：房间数、开关房或价格")
    form.refuse_faults()
    if room is None or first is None or last is None:
        raise Invalid(form.faults)
    days = frozenset(int(day) for day in weekdays)
    return Wanted(room, first, last, days, capacity, closed, price, to_tariff)


def weekdays_of(form: FormReader, unset: str = "") -> frozenset[str]:
    """Return the weekdays that were chosen, one value each or all in one; ``unset`` without any.

    A hidden field of the difference, and an address, carry all of them in one value.
    """
    said = "".join(form.all_sent("weekdays")) if "weekdays" in form else unset
    return frozenset(said) & WEEKDAYS


def _check_range(
    form: FormReader, first: dt.date | None, last: dt.date | None, today: dt.date
) -> None:
    if first is None:
        form.say("first", "请写开始日期")
    elif first < today:
        form.say("first", "过去的日子不能改，请从今天或以后开始")
    if last is None:
        form.say("last", "请写结束日期")
    elif first is not None and not 0 <= (last - first).days < LONGEST_EDIT_DAYS:
        said = "结束日期要在开始日期当天或之后，最长 %(most)s 天"
        form.say("last", Message(said, most=LONGEST_EDIT_DAYS))
