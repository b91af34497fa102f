"""Numbers, dates, money and codes as people type them and files bring them."""

# ruff: noqa: RUF001 - signs that look like others are what is tested here

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel import typed
from marketplace.kernel.typed import Unit


def wide(text: str) -> str:
    """Return ``text`` as a full-width keyboard types it."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("128元", 12_800),
        ("１２８．５０", 12_850),
        ("¥1,280.00", 128_000),
        ("￥１，２８０", 128_000),
        ("128 块", 12_800),
        ("RMB 128", 12_800),
        ("128 CNY", 12_800),
        ("人民币128元整", 12_800),
        ("一百二十八元", 12_800),
        ("两百五", 25_000),
        ("一千二", 120_000),
        ("壹佰元整", 10_000),
        ("人民币贰仟零伍拾元整", 205_000),
        ("贰佰伍拾圆", 25_000),
        ("128。5", 12_850),
        ("1 280", 128_000),
        ("12,345,678.9", 1_234_567_890),
        ("227.79999999999998", 22_780),
        ("227.80000000000007", 22_780),
        ("0.1", 10),
        ("1.10", 110),
        ("227.805", None),
        ("227.801", None),
        ("1,28", None),
        ("12 8", None),
        ("1,2800", None),
        ("1.2.3", None),
        ("128美元", None),
        ("$128", None),
        ("1.28万", None),
        ("-1", None),
        ("", None),
        ("元", None),
        ("1e3", None),
        ("1²8", None),
        ("½", None),
        ("①", None),
        ("٣", None),
        ("128 元 起", None),
        ("nan", None),
        ("1_000", None),
        (None, None),
    ],
)
def test_money(text: str | None, fen: int | None) -> None:
    assert typed.fen(text) == fen


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("8岁", Unit.AGE, 8),
        ("８ 周岁", Unit.AGE, 8),
        ("八岁", Unit.AGE, 8),
        ("8 years old", Unit.AGE, 8),
        ("8歲", Unit.AGE, 8),
        ("滿八歲", Unit.AGE, 8),
        ("满 8 周岁", Unit.AGE, 8),
        ("兩間", Unit.ROOMS, 2),
        ("3個人", Unit.PEOPLE, 3),
        ("30晚", Unit.NIGHTS, 30),
        ("三十晚", Unit.NIGHTS, 30),
        ("30 天", Unit.NIGHTS, 30),
        ("30 nights", Unit.NIGHTS, 30),
        ("两位", Unit.PEOPLE, 2),
        ("2个大人", Unit.PEOPLE, 2),
        ("１间", Unit.ROOMS, 1),
        ("两间房", Unit.ROOMS, 2),
        ("2 rooms", Unit.ROOMS, 2),
        ("1张床", Unit.BEDS, 1),
        ("十", Unit.NONE, 10),
        ("十二", Unit.NONE, 12),
        ("一百零五", Unit.NONE, 105),
        ("一百五", Unit.NONE, 150),
        ("一千二", Unit.NONE, 1200),
        ("一千零二", Unit.NONE, 1002),
        ("一千零五十", Unit.NONE, 1050),
        ("一千二百五", Unit.NONE, 1250),
        ("一百五十二", Unit.NONE, 152),
        ("十五", Unit.NONE, 15),
        ("1,280", Unit.NONE, 1280),
        ("二〇二七", Unit.NONE, 2027),
        ("\u22127", Unit.NONE, -7),
        ("－７", Unit.NONE, -7),
        ("8岁半", Unit.AGE, None),
        ("8个月", Unit.AGE, None),
        ("8元", Unit.AGE, None),
        ("8", Unit.AGE, 8),
        ("8岁", Unit.NIGHTS, None),
        ("8.5", Unit.AGE, None),
        ("十十", Unit.NONE, None),
        ("1十", Unit.NONE, None),
        ("", Unit.AGE, None),
        ("岁", Unit.AGE, None),
        ("12345678", Unit.NONE, None),
        ("2²", Unit.NONE, None),
    ],
)
def test_whole_numbers(text: str, unit: Unit, number: int | None) -> None:
    assert typed.whole(text, unit) == number


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("43.5", Unit.DEGREES, 43.5),
        ("４３．５°", Unit.DEGREES, 43.5),
        ("43.5°N", Unit.DEGREES, 43.5),
        ("21.5℃", Unit.DEGREES, 21.5),
        ("2 公里", Unit.KILOMETRES, 2.0),
        ("-3.5", Unit.NONE, -3.5),
        ("1e5", Unit.NONE, None),
        ("nan", Unit.NONE, None),
        ("inf", Unit.NONE, None),
        ("1_0", Unit.NONE, None),
        ("43,5", Unit.DEGREES, None),
    ],
)
def test_numbers_with_decimals(text: str, unit: Unit, number: float | None) -> None:
    assert typed.number(text, unit) == number


JULY = dt.date(2027, 7, 1)


@pytest.mark.parametrize(
    "text",
    [
        "2027-07-01",
        "2027-7-1",
        "2027/7/1",
        "2027.7.1",
        "2027年7月1日",
        "2027年07月01号",
        "2027 年 7 月 1 日",
        "２０２７年７月１日",
        "２０２７－０７－０１",
        "20270701",
        "二〇二七年七月一日",
        "2027年7月1",
        "2027 7 1",
        "2027-07-01 00:00:00",
        "2027-07-01T00:00:00",
        "2027/7/1 0:00",
        "2027-07-01 00:00:00.000",
        "2027年7月1日 星期四",
        "2027年7月1日（周四）",
        "2027\u201107\u201101",
        "2027、7、1",
        "2027-07-01T00:00:00+08:00",
    ],
)
def test_a_date_in_every_hand(text: str) -> None:
    assert typed.date(text) == JULY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7/1/2027",
        "1.7.2027",
        "2027-07-01 14:30:00",
        "2027-02-30",
        "2027-13-01",
        "明天",
        "27-07-01",
        "2027-07",
        "2027-07-011",
        "2027-07-01-02",
        "٢٠٢٧-٠٧-٠١",
        "0000-01-01",
        "2027年八月十五",  # the feast of the moon, on 15 September
        "二〇二七年五月五",
        "2027年八月十五 星期三",
        "2027年五月初五",
        None,
    ],
)
def test_no_date(text: str | None) -> None:
    assert typed.date(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "2027-07",
        "2027/7",
        "2027年7月",
        "２０２７年７月",
        "2027.07",
        "2027-07-01 00:00:00",
        "二〇二七年七月",
    ],
)
def test_months(text: str) -> None:
    assert typed.month(text) == JULY
    for wrong in ("2027.1", "2027-13", "2027-07-02", "7月", ""):
        assert typed.month(wrong) is None


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("100%", 10_000),
        ("１００％", 10_000),
        ("8", 800),
        ("12.5 %", 1250),
        ("百分之八", None),
        ("0.5%", 50),
    ],
)
def test_per_cent(text: str, points: int | None) -> None:
    assert typed.percent(text) == points


@pytest.mark.parametrize(
    "text",
    [
        "WR9HK2AY75",
        "ＷＲ９ ＨＫ２ ＡＹ７５",
        "wr9-hk2-ay75",
        "订单号：ｗｒ９　ｈｋ２　ａｙ７５。",
        "WR9\u2011HK2\u2014AY75",
    ],
)
def test_a_code_from_any_keyboard(text: str) -> None:
    assert typed.code(text) == "WR9HK2AY75"


@given(st.text(max_size=30))
def test_nothing_typed_breaks_a_reader(text: str) -> None:
    typed.fen(text), typed.percent(text), typed.date(text), typed.month(text), typed.code(text)
    for unit in Unit:
        typed.whole(text, unit), typed.number(text, unit)


@given(st.integers(0, 10**9))
def test_every_sum_is_read_as_it_is_written(fen: int) -> None:
    for text in (f"{fen // 100}.{fen % 100:02}", f"¥{fen // 100:,}.{fen % 100:02}元"):
        assert typed.fen(text) == typed.fen(wide(text)) == fen


@given(st.dates(dt.date(1900, 1, 1)))
def test_every_date_is_read_as_it_is_written(day: dt.date) -> None:
    for text in (day.isoformat(), f"{day.year}年{day.month}月{day.day}日", f"{day:%Y%m%d}"):
        assert typed.date(text) == typed.date(wide(text)) == day
