"""The values of requests, and what is said in plain words when one cannot be used."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from catalog.geography.provinces import PROVINCES
from catalog.geography.provinces import known as known_province
from marketplace.booking.contract.room_choices import MOST_KINDS
from marketplace.kernel.messages import Message
from marketplace.kernel.stay import LONGEST_NIGHTS, WRONG_NIGHTS
from marketplace.offers.quoting.stay_offers import MOST_ROOMS
from marketplace.pricing.nights.terms import MOST_EXTRA_BEDS, OLDEST_CHILD
from marketplace.web.api import request_models
from marketplace.web.api.field_types import LAST_YEAR, LONGEST_NAME, LONGEST_REFERENCE

MOST_GUESTS = 60
MOST_CHILDREN = 20
MOST_BEDS = MOST_ROOMS * MOST_EXTRA_BEDS
MOST_FEED_ITEMS, MOST_EVENTS, MOST_ITEMS = 500, 1000, 200
"""On one page of the feed, of the log of bookings, of any other list."""

Nights = Annotated[int, Field(ge=1, le=LONGEST_NIGHTS)]
Rooms = Annotated[int, Field(ge=1, le=MOST_ROOMS)]
Adults = Annotated[int, Field(ge=1, le=MOST_GUESTS)]
Age = Annotated[int, Field(ge=0, le=OLDEST_CHILD)]
ExtraBeds = Annotated[int, Field(ge=0, le=MOST_BEDS)]


def _of_china(value: str) -> str:
    if value and not known_province(value):
        raise ValueError("no province of China")
    return value


Province = Annotated[
    str, AfterValidator(_of_china), WithJsonSchema({"type": "string", "enum": ["", *PROVINCES]})
]

WORDS = {
    "after": "请用上一页 next 里的编号",
    "after.twice": "after 是 afterChangeNumber 的旧名，两个只写一个",
    "afterChangeNumber": "请用上一页 next 里的编号",
    "offer": "请写 rehousing.offers 里的编号",
    "limit": Message(
        "请写从 1 起的整数，名录最多 %(feed)s，订单变动 %(events)s，其余 %(items)s",
        feed=MOST_FEED_ITEMS,
        events=MOST_EVENTS,
        items=MOST_ITEMS,
    ),
    "arrive": Message("请写到达日期，格式 2027-06-20，最晚 %(last)s 年", last=LAST_YEAR),
    "from": Message("请写开始日期，格式 2027-06-20，最晚 %(last)s 年", last=LAST_YEAR),
    "to": Message("请写结束日期，格式 2027-06-20，最晚 %(last)s 年", last=LAST_YEAR),
    "to.reversed": "结束日期要在开始日期之后",
    "state": "请写一个订单状态的英文代号，见 openapi.json",
    "nights": WRONG_NIGHTS,
    "rooms": Message("请写 1 到 %(most)s 之间的房间数", most=MOST_ROOMS),
    "adults": Message("请写大人的人数，1 到 %(most)s 位", most=MOST_GUESTS),
    "children": Message("请写孩子的人数，0 到 %(most)s 位", most=MOST_CHILDREN),
    "children.other": "children 和 children_ages 里的人数不一样，写一个就够了",
    "listing": "请写住处的编号",
    "cluster": "请写一个片区的英文代号，见 openapi.json",
    "children_ages": Message(
        "请写每个孩子到达那天的周岁，0 到 %(oldest_child)s 之间的整数，最多 %(most)s 个",
        oldest_child=OLDEST_CHILD,
        most=MOST_CHILDREN,
    ),
    "room_type": "请写房型的编号",
    "board": "请写 room_only、breakfast、half_board 或 full_board；不写就是房价里包括的餐食",
    "extra_beds": Message("请写一共加几张床，0 到 %(most)s 张", most=MOST_BEDS),
    "adjoining": "几间房希望挨着写 true，不然写 false",
    "quote": "请写报价的编号，32 位小写的十六进制数字",
    "items": Message("请写 1 到 %(most)s 种房，每种一项", most=MOST_KINDS),
    "external_ref": Message(
        "请写贵平台的订单号，1 到 %(most)s 个看得见的字符，头尾没有空格", most=LONGEST_REFERENCE
    ),
    "expected_total_fen": "请写以分为单位的整数总价",
    "source_province": "请写省级行政区的中文全名，例如 湖南省；不知道就不写",
    "expected_refund_fen": "请写以分为单位的整数退款额",
    "lead_guest": "请写主要入住人的姓名和手机号",
    "lead_guest.name": Message(
        "请写主要入住人的姓名，最长 %(most)s 个字，每个字都要能显示", most=LONGEST_NAME
    ),
    "lead_guest.phone": "请写主要入住人的手机号，例如 13800138000 或 +85291234567",
    "reason": "请写一个允许的取消原因",
    "body": "请发送一个 JSON 对象",
}
"""What to write in each field; the same words whether it is missing or wrong."""
WORDS |= {
    f"items.{name}": WORDS[name]
    for name in (
        *("room_type", "arrive", "nights", "rooms", "adults", "children_ages", "board"),
        *("extra_beds", "adjoining", "quote"),
    )
}


class Body(request_models.Body):
    """A request body of this API."""

    words = WORDS


class Query(request_models.Query):
    """A query string of this API."""

    words = WORDS
