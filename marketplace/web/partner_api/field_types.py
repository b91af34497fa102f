"""The values of requests, and what is said in plain words when one cannot be used."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from catalog.geography.provinces import PROVINCES
from catalog.geography.provinces import known as known_province
from marketplace.kernel.errors import Invalid
from marketplace.kernel.idempotency import canonical
from marketplace.kernel.stay import LONGEST_NIGHTS
from marketplace.kernel.text import UNKEPT, UNSEEN
from marketplace.offers.quoting.stay_offers import MOST_ROOMS
from marketplace.pricing.nights.terms import MOST_EXTRA_BEDS, OLDEST_CHILD
from marketplace.web.api.strict_json import UNKNOWN

LARGEST_ID = 2**63 - 1
MOST_GUESTS = 60
MOST_CHILDREN = 20
WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,18})")
"""A whole number in a query string, written as JSON writes it."""
ISO_DATE = re.compile(r"(?:[01][0-9]|2[01])[0-9]{2}-[0-9]{2}-[0-9]{2}")
"""Up to the year 2199, so that the nights of a stay can always be counted."""

SHOWN = f"^[^{UNSEEN} ](?:[^{UNSEEN}]*[^{UNSEEN} ])?$"
"""Characters that everybody sees, with single signs that are no spaces at both ends."""
NAMED = f"^[^{UNKEPT}]*[^{UNSEEN} ][^{UNKEPT}]*$"
"""Something to be seen, and nothing that cannot be kept."""

Model = TypeVar("Model", bound=BaseModel)


def _iso(value: object) -> object:
    """Only 2027-06-20: pydantic itself would also take a number of seconds for a date."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if isinstance(value, str) and ISO_DATE.fullmatch(value):
        return dt.date.fromisoformat(value)
    raise ValueError("not an ISO date")


Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Cursor = Annotated[int, Field(ge=0, le=LARGEST_ID)]
Day = Annotated[
    dt.date,
    BeforeValidator(_iso),
    WithJsonSchema({"type": "string", "format": "date", "pattern": f"^{ISO_DATE.pattern}$"}),
]
Nights = Annotated[int, Field(ge=1, le=LONGEST_NIGHTS)]
Rooms = Annotated[int, Field(ge=1, le=MOST_ROOMS)]
Adults = Annotated[int, Field(ge=1, le=MOST_GUESTS)]
Age = Annotated[int, Field(ge=0, le=OLDEST_CHILD)]
Fen = Annotated[int, Field(ge=0, le=10**13)]
ExtraBeds = Annotated[int, Field(ge=0, le=MOST_ROOMS * MOST_EXTRA_BEDS)]
QuoteId = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
Reference = Annotated[str, Field(min_length=1, max_length=80, pattern=SHOWN)]
Name = Annotated[str, Field(min_length=1, max_length=40, pattern=NAMED)]
Phone = Annotated[str, Field(min_length=1, max_length=40)]
BookingId = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]


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
    "limit": "请写从 1 起的整数，名录最多 500，订单变动 1000，其余 200",
    "arrive": "请写到达日期，格式 2027-06-20，最晚 2199 年",
    "from": "请写开始日期，格式 2027-06-20，最晚 2199 年",
    "to": "请写结束日期，格式 2027-06-20，最晚 2199 年",
    "to.reversed": "结束日期要在开始日期之后",
    "state": "请写一个订单状态的英文代号，见 openapi.json",
    "nights": "请写 1 到 120 之间的晚数",
    "rooms": "请写 1 到 9 之间的房间数",
    "adults": "请写大人的人数，1 到 60 位",
    "children": "请写孩子的人数，0 到 20 位",
    "children.other": "children 和 children_ages 里的人数不一样，写一个就够了",
    "listing": "请写住处的编号",
    "cluster": "请写一个片区的英文代号，见 openapi.json",
    "children_ages": "请写每个孩子到达那天的周岁，0 到 17 之间的整数，最多 20 个",
    "room_type": "请写房型的编号",
    "board": "请写 room_only、breakfast、half_board 或 full_board；不写就是房价里包括的餐食",
    "extra_beds": "请写一共加几张床，0 到 36 张",
    "adjoining": "几间房希望挨着写 true，不然写 false",
    "quote": "请写报价的编号，32 位小写的十六进制数字",
    "external_ref": "请写贵平台的订单号，1 到 80 个看得见的字符，头尾没有空格",
    "expected_total_fen": "请写以分为单位的整数总价",
    "source_province": "请写省级行政区的中文全名，例如 湖南省；不知道就不写",
    "expected_refund_fen": "请写以分为单位的整数退款额",
    "lead_guest": "请写主要入住人的姓名和手机号",
    "lead_guest.name": "请写主要入住人的姓名，最长 40 个字，每个字都要能显示",
    "lead_guest.phone": "请写主要入住人的手机号，例如 13800138000 或 +85291234567",
    "reason": "请写一个允许的取消原因",
    "body": "请发送一个 JSON 对象",
}
"""What to write in each field; the same words whether it is missing or wrong."""
UNCLEAR = "这一项不能用，请核对"


def refusal(error: ValidationError) -> Invalid:
    """Return a validation error as the refusal that names its fields in plain words."""
    faults: dict[str, str] = {}
    for fault in error.errors(include_url=False, include_input=False, include_context=False):
        # A place in a list is not a field of its own, and no two faults of one field are listed.
        name = ".".join(part for part in fault["loc"] if isinstance(part, str)) or "body"
        unknown = fault["type"] == "extra_forbidden"
        faults.setdefault(name[:80], UNKNOWN if unknown else WORDS.get(name, UNCLEAR))
    return Invalid(faults)


class Body(BaseModel):
    """A JSON request body: exact types, and nothing that is not known."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Query(BaseModel):
    """A query string: text turned into numbers and dates, and nothing that is not known."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    @field_validator("*", mode="before")
    @classmethod
    def _as_in_json(cls, value: object, info: ValidationInfo) -> object:
        """Pydantic itself would also take 1_000, +5 and 1.0, which a body may not say."""
        field = cls.model_fields[info.field_name or ""]
        if not isinstance(value, str) or not value or not _numbers(field.annotation):
            return value
        if not all(WHOLE.fullmatch(part) for part in value.split(",")):
            raise ValueError("not a whole number")
        return value


def _numbers(annotation: object) -> bool:
    """Tell whether a field takes a whole number, or several with commas between."""
    return annotation is int or any(_numbers(part) for part in get_args(annotation))


def read_query(model: type[Model], given: dict[str, str]) -> Model:
    """Return a query string as ``model``; raises ``Invalid`` with the fields named."""
    try:
        return model.model_validate(given, by_name=False, by_alias=True)
    except ValidationError as error:
        raise refusal(error) from error


def read_body(model: type[Model], given: object) -> Model:
    """Return decoded JSON as ``model``; raises ``Invalid`` with the fields named.

    A whole number may be written 2 or 2.0: JSON knows one kind of number.
    """
    try:
        return model.model_validate_json(canonical(given))
    except ValidationError as error:
        raise refusal(error) from error
