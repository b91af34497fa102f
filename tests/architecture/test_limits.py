"""A limit that a message names comes from what enforces it: no such number is typed in words."""

from __future__ import annotations

import re

import pytest

from tests.support import messages
from tests.support.messages import PLACE

UNITS = (
    "到|个|间|晚|天|位|人|小时|分钟|秒|MB|KB|兆|岁|周岁|元|次|张|字|条|行|项|处"
    "|公里|里|像素|倍|厘米|米|度|%|年"
)
TYPED = re.compile(
    rf"(?<![0-9.])(?!(?:0|1|100)(?![0-9]))[0-9][0-9,.]* ?(?:万 ?)?(?:{UNITS})"
    r"|(?:[0-9] ?到|最多|最长|最少|至少|最大|超过|不少于|小于|大于)[^0-9，。；：]{0,6}"
    r"(?!(?:0|1|100)(?![0-9]))[0-9]"
)
"""Nothing, one and the whole of a hundred are no limits that anybody sets."""

NO_LIMITS = {
    "那年的2月只有28天，没有29日": "the calendar",
    "座机号码的位数不对：区号3到4位，后面7到8位，例如 0433-1234567": "the numbering plan",
    "统一社会信用代码里有不会出现的字符：只用数字和大写字母，没有 I、O、S、V、Z，"
    "第 3 到 8 位是数字": "GB 32100",
    "请写报价的编号，32 位小写的十六进制数字": "how an id is written",
    "西坡在松江河一侧，要到长白山西站或松江河站。您选的长白山站在二道白河，通的是北坡，"
    "两个镇直线相隔约 60 公里，中间是山。请改选车站，或改正坡向": "where two towns lie",
    "北坡在二道白河一侧，要到长白山站。您选的车站在松江河，通的是西坡，"
    "两个镇直线相隔约 60 公里，中间是山。请改选长白山站，或改正坡向": "where two towns lie",
    "照片的像素太多，请先缩小到 5000 万像素以内": "each language has a unit of its own",
    "每次不超过15分钟，身边要有人。": "advice about bathing",
    "60岁以上的，请告诉我们要下铺。": "advice about berths",
    "2020年以后的": "a source",
    "2008年和2009年的七月": "a source",
    "国家统计局《中国统计年鉴》2009年版、2010年版": "a source",
    "2026年整理": "a source",
    "3000元以内": "a member of a closed list",
    "3000到5000元": "a member of a closed list",
    "5000到8000元": "a member of a closed list",
    "8000元以上": "a member of a closed list",
    "15分钟以内": "a member of a closed list",
    "30分钟以内": "a member of a closed list",
    "60分钟以内": "a member of a closed list",
    "例如：本企业测量，省文旅厅 2026 年公告": "an example",
    "例如：省文化和旅游厅公告 2026 年第 3 号": "an example",
    "例如：出站打车约10分钟，可以接站": "an example",
}
"""Numbers that nothing here enforces, and what they are."""


def typed(message: str) -> bool:
    """Tell whether a limit stands in a message as a number."""
    return bool(TYPED.search(PLACE.sub("", message)))


def test_no_limit_is_typed_in_a_message() -> None:
    found = {
        message: path
        for message, path in messages.all_messages().items()
        if typed(message) and message not in NO_LIMITS
    }
    assert found == {}, "take the number from what enforces it: Message(text, most=CONSTANT)"


def test_every_exception_is_still_needed() -> None:
    said = messages.all_messages()
    assert [message for message in NO_LIMITS if message not in said or not typed(message)] == []


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ("请写 1 到 120 之间的晚数", True),
        ("请写 1 到 %(most)s 之间的晚数", False),
        ("文件太大，最多 10 兆", True),
        ("最多写60个字", True),
        ("最长 400 天", True),
        ("订单变动 1000，名录最多 500", True),
        ("价格要在 1 元到 100,000 元之间", True),
        ("优惠要大于 0，小于 100%", False),
        ("请这样写日期：2027-06-20", False),
    ],
)
def test_a_typed_limit_is_found(message: str, found: bool) -> None:
    assert typed(message) is found


FIELD_LIMIT = re.compile(
    r"\b(?:maxlength|minlength|min|max|low|high)=\"?(?![01]\b)[0-9]+"
    r"|\|\s*length\s*(?:[<>]=?|==)\s*(?![0-3]\b)[0-9]+"
)
"""A list of two or three is one that a sentence is worded for, not one that is full."""
READ_LIMIT = re.compile(
    r"\.(?:text|texts|line|lines|secret|keys)\((?:[^()]|\([^()]*\))*, ?[0-9]+\)"
)


def test_no_field_of_a_form_has_a_typed_limit() -> None:
    templates = (messages.ROOT / "templates").rglob("*.html")
    typed_there = {
        path.name: found
        for path in templates
        if (found := FIELD_LIMIT.findall(path.read_text("utf-8")))
    }
    assert typed_there == {}, "name it in marketplace/web/rendering/bounds.py"


def test_no_view_types_how_much_of_a_field_it_reads() -> None:
    views = (messages.ROOT / "marketplace/web").rglob("*.py")
    typed_there = {
        path.name: found for path in views if (found := READ_LIMIT.findall(path.read_text("utf-8")))
    }
    assert typed_there == {}, "name it in marketplace/web/forms/field_sizes.py"


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ('{{ f.text("q", word, typed, maxlength=60) }}', True),
        ('<input name="q" maxlength="60">', True),
        ('{{ f.number("nights", word, 7, low=1, high=120) }}', True),
        ("{% if photos|length >= 24 %}", True),
        ('{{ f.text("q", word, typed, maxlength=bounds.sizes.words) }}', False),
        ('{{ f.number("age", word, 7, low=0, high=bounds.oldest_child) }}', False),
        ("{% if photos|length > 1 %}", False),
    ],
)
def test_a_typed_limit_of_a_field_is_found(field: str, found: bool) -> None:
    assert bool(FIELD_LIMIT.search(field)) is found


@pytest.mark.parametrize(
    ("read", "found"),
    [
        ('asked().text("q", 60)', True),
        ('posted().texts(("code", "phone"), 40)', True),
        ('asked().text("q", SIZES.words)', False),
        ('form.text("summary_zh")', False),
    ],
)
def test_a_typed_limit_of_what_is_read_is_found(read: str, found: bool) -> None:
    assert bool(READ_LIMIT.search(read)) is found
