"""The words of a tariff's form: sections, columns, and a rule said in one line."""

from __future__ import annotations

from collections.abc import Mapping

from marketplace.booking.contract.cancellation_rules import PRESETS
from marketplace.kernel.messages import Message
from marketplace.kernel.money import percentage
from marketplace.pricing.files.columns import COLUMNS, Kind
from marketplace.pricing.nights.terms import Board, Occupancy
from marketplace.web.i18n import translate
from marketplace.web.rendering import labels

SECTIONS = {
    Kind.SEASON: ("季节价", "哪段日子每间每晚多少钱；可以只写某几个星期几。日子短的一条优先。"),
    Kind.TIER: ("长住优惠", "住满多少晚，房费便宜百分之几。"),
    Kind.MONTH: ("整月价", "某个月每间一口价；住其中几晚按晚数折算。"),
    Kind.INCLUDED: (
        "房价包含几个人",
        Message("空着就是 %(count)s 个人。", count=Occupancy().included),
    ),
    Kind.EXTRA_ADULT: ("多一位大人每晚加多少", "空着就不加。"),
    Kind.CHILD: ("孩子每晚加多少", "到几周岁为止；从小到大，每个年龄段一条。"),
    Kind.SINGLE_USE: ("一个人住一间每晚减多少", "空着就不减。"),
    Kind.EXTRA_BED: ("加床", "每张每晚多少钱，每间最多几张；空着就没有加床。"),
    Kind.INCLUDED_BOARD: ("房价含的餐", "空着就不含餐。"),
    Kind.BOARD: ("可以加的餐", "每位大人、每个孩子每晚加多少；孩子的空着就和大人一样。"),
    Kind.PROMOTION: ("促销", "便宜百分之几，满足哪些条件；只算最优惠的一个。"),
    Kind.BOOKING: ("什么时候可以订", "最少、最多提前几天；星期几可以到店，空着就每天都可以。"),
    Kind.CANCELLATION: (
        "取消办法",
        "选一种现成的；或者自己写几档：提前几天以上扣百分之几，从最早的一档写到 0 天。",
    ),
    Kind.RESTRICTION: ("预订限制", "哪些日子最少、最多住几晚，哪些日子不能到店或离店。"),
}
COLUMN_WORDS = {
    "first": "从哪天",
    "last": "到哪天（含当天）",
    "weekdays": "星期几（如 67，空着是每天）",
    "nights": "满几晚",
    "most_nights": "最多几晚",
    "arrival_nights": "这天到店最少几晚",
    "arrival_most_nights": "这天到店最多几晚",
    "no_arrival": "不能到店",
    "no_departure": "不能离店",
    "month": "月份",
    "price": "价格（元）",
    "child_price": "孩子价格（元）",
    "percent": "百分比",
    "count": "数量",
    "age": "到几周岁",
    "board": "餐食",
    "days": "提前几天以上",
    "lead": "最少提前几天",
    "most_lead": "最多提前几天",
    "booked_first": "从哪天起可以订",
    "booked_last": "订到哪天为止",
    "policy": "现成的办法",
    "code": "代号",
    "name_zh": "中文名称",
    "name_en": "英文名称",
}


def _policy(name: str, words: str) -> Message:
    """Return what a policy does at its two ends: until when it is free, what it keeps last."""
    bands = PRESETS[name]["bands"]
    return Message(words, days=bands[0]["days"], share=percentage(bands[-1]["fee_bp"]))


POLICIES = {
    "stay": _policy("stay", "长住：提前 %(days)s 天以上不扣，到店当天扣 %(share)s%%"),
    "package": _policy("package", "套餐：提前 %(days)s 天以上不扣，到店当天扣 %(share)s%%"),
    "rail": _policy("rail", "车票：提前 %(days)s 天以上不扣，到店当天扣 %(share)s%%"),
}


def section(kind: Kind) -> tuple[str, str]:
    """Return the name of a section and what it is for."""
    name, hint = SECTIONS[kind]
    return translate(name), translate(hint)


def column(name: str) -> str:
    """Return the name of a column."""
    return translate(COLUMN_WORDS[name])


def policy(name: str) -> str:
    """Return the name of a preset of cancellation."""
    return translate(POLICIES[name]) if name in POLICIES else name


def said(row: Mapping[str, str]) -> str:
    """Return a rule as one line: 长住优惠：满几晚 30，百分比 8."""
    cells = [
        f"{column(name)} {_value(name, row[name])}"
        for name in COLUMNS
        if row.get(name) and name in COLUMN_WORDS
    ]
    rule, _ = section(Kind(row["rule"]))
    return f"{rule}{translate('：')}{translate('，').join(cells)}"


def _value(name: str, text: str) -> str:
    if name == "board":
        return labels.board_label(Board(text))
    if name == "policy":
        return policy(text)
    if name in ("no_arrival", "no_departure"):
        return translate("是")
    return text
