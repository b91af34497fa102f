"""Columns and rules of a price file in both languages. Pure; ``docs/prices.md`` tells of them."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass

from catalog.bulk.tables.source import Head
from marketplace.pricing.nights.terms import Board


class Kind(enum.StrEnum):
    """What a row sets, in the order in which rows are written."""

    SEASON = "season"
    NIGHT = "night"
    TIER = "tier"
    MONTH = "month"
    INCLUDED = "included"
    EXTRA_ADULT = "extra_adult"
    CHILD = "child"
    SINGLE_USE = "single_use"
    EXTRA_BED = "extra_bed"
    INCLUDED_BOARD = "included_board"
    BOARD = "board"
    PROMOTION = "promotion"
    BOOKING = "booking"
    CANCELLATION = "cancellation"
    RESTRICTION = "restriction"


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of one kind of rule."""

    needs: tuple[str, ...]
    may: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    """What tells two rules of a room type apart; without it there is one."""

    @property
    def columns(self) -> frozenset[str]:
        """Those that may hold anything."""
        return frozenset({*self.needs, *self.may})


SHAPES: Mapping[Kind, Shape] = {
    Kind.SEASON: Shape(("first", "last", "price"), ("weekdays",), ("first", "last", "weekdays")),
    Kind.NIGHT: Shape(("first",), ("last", "weekdays", "price"), ("first", "last", "weekdays")),
    Kind.TIER: Shape(("nights", "percent"), (), ("nights",)),
    Kind.MONTH: Shape(("month", "price"), ("nights",), ("month",)),
    Kind.INCLUDED: Shape(("count",)),
    Kind.EXTRA_ADULT: Shape(("price",)),
    Kind.CHILD: Shape(("age", "price"), (), ("age",)),
    Kind.SINGLE_USE: Shape(("price",)),
    Kind.EXTRA_BED: Shape(("price", "count")),
    Kind.INCLUDED_BOARD: Shape(("board",)),
    Kind.BOARD: Shape(("board", "price"), ("child_price",), ("board",)),
    Kind.PROMOTION: Shape(
        ("code", "name_zh", "percent"),
        ("name_en", "first", "last", "booked_first", "booked_last", "nights", "lead", "most_lead"),
        ("code",),
    ),
    Kind.BOOKING: Shape((), ("lead", "most_lead", "weekdays")),
    Kind.CANCELLATION: Shape((), ("policy", "days", "percent"), ("policy", "days")),
    Kind.RESTRICTION: Shape(
        ("first",),
        (
            "last", "weekdays", "nights", "most_nights", "arrival_nights", "arrival_most_nights",
            "no_arrival", "no_departure",
        ),
        ("first", "last", "weekdays"),
    ),
}  # fmt: skip
BY_DATE = frozenset({Kind.NIGHT, Kind.RESTRICTION})
"""These are written into the calendar; all others make the tariff."""

COLUMN_NAMES = {
    "rule": "规则",
    "room": "房型",
    "first": "开始",
    "last": "结束",
    "weekdays": "星期",
    "nights": "晚数",
    "most_nights": "最多晚数",
    "arrival_nights": "到店日最少晚数",
    "arrival_most_nights": "到店日最多晚数",
    "no_arrival": "不能到店",
    "no_departure": "不能离店",
    "month": "月份",
    "price": "价格",
    "child_price": "儿童价格",
    "percent": "百分比",
    "count": "数量",
    "age": "年龄",
    "board": "餐食",
    "days": "天数",
    "lead": "至少提前",
    "most_lead": "最多提前",
    "booked_first": "预订开始",
    "booked_last": "预订结束",
    "policy": "取消办法",
    "code": "代号",
    "name_zh": "中文名称",
    "name_en": "英文名称",
}
"""The columns in the order in which they are written, each with its Chinese name."""
COLUMNS = tuple(COLUMN_NAMES)
HEAD = Head(
    required=("rule", "room"),
    known=frozenset(COLUMNS),
    aliases={chinese: name for name, chinese in COLUMN_NAMES.items()},
)
KIND_NAMES = {
    "季节价": Kind.SEASON,
    "单日价": Kind.NIGHT,
    "长住优惠": Kind.TIER,
    "整月价": Kind.MONTH,
    "包含人数": Kind.INCLUDED,
    "加人": Kind.EXTRA_ADULT,
    "儿童": Kind.CHILD,
    "一人住": Kind.SINGLE_USE,
    "加床": Kind.EXTRA_BED,
    "含餐": Kind.INCLUDED_BOARD,
    "加餐": Kind.BOARD,
    "促销": Kind.PROMOTION,
    "预订时间": Kind.BOOKING,
    "取消": Kind.CANCELLATION,
    "限制": Kind.RESTRICTION,
} | {kind.value: kind for kind in Kind}
BOARD_NAMES = {
    "不含餐": Board.ROOM_ONLY,
    "早餐": Board.BREAKFAST,
    "两餐": Board.HALF_BOARD,
    "三餐": Board.FULL_BOARD,
} | {board.value: board for board in Board}
YES_NO = {
    "1": True,
    "true": True,
    "yes": True,
    "是": True,
    "0": False,
    "false": False,
    "no": False,
    "否": False,
}
WEEKDAY_NAMES = {
    name: weekday
    for names in (
        "1234567",
        "一二三四五六日",
        ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    )
    for weekday, name in enumerate(names)
} | {"天": 6}
WEEKDAY_BREAK = re.compile(r"周|星期|礼拜|[\s,;，、；]+")
"""What stands before or between weekdays."""
EVERY_ROOM = "*"
"""Stands for every room type of the enterprise that the file is for."""
