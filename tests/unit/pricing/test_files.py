"""Price files: every rule in words of both languages, every fault told by its row."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.bulk.reasons import FileRefused
from marketplace.pricing.files import reading
from marketplace.pricing.files.cells import CellFault, read_cell
from marketplace.pricing.files.columns import COLUMNS, SHAPES, Kind
from marketplace.pricing.files.reading import Scope
from marketplace.pricing.nights.restrictions import DayRule
from marketplace.pricing.nights.terms import (
    Board,
    BoardPrice,
    ChildBand,
    FeeBand,
    MonthPrice,
    Occupancy,
    Promotion,
    Season,
    Terms,
    Tier,
)
from tests.support.price_file import (
    ROOM,
    csv_of,
    gb18030_table,
    only,
    read,
)

EVERY_RULE = """
    rule,room,first,last,weekdays,nights,most_nights,arrival_nights,arrival_most_nights,no_arrival,no_departure,month,price,child_price,percent,count,age,board,days,lead,most_lead,booked_first,booked_last,code,name_zh,name_en
    season,R1,2027-07-01,2027-08-31,,,,,,,,,200,,,,,,,,,,,,,
    season,R1,2027-07-01,2027-08-31,56,,,,,,,,220.50,,,,,,,,,,,,,
    night,R1,2027-07-09,2027-07-10,,,,,,,,,300,,,,,,,,,,,,,
    tier,R1,,,,7,,,,,,,,,5,,,,,,,,,,,
    tier,R1,,,,30,,,,,,,,,12.5,,,,,,,,,,,
    month,R1,,,,,,,,,,2027-07,4800,,,,,,,,,,,,,
    included,R1,,,,,,,,,,,,,,3,,,,,,,,,,
    extra_adult,R1,,,,,,,,,,,60,,,,,,,,,,,,,
    child,R1,,,,,,,,,,,0,,,,5,,,,,,,,,
    child,R1,,,,,,,,,,,30,,,,11,,,,,,,,,
    single_use,R1,,,,,,,,,,,20,,,,,,,,,,,,,
    extra_bed,R1,,,,,,,,,,,50,,,1,,,,,,,,,,
    included_board,R1,,,,,,,,,,,,,,,,breakfast,,,,,,,,
    board,R1,,,,,,,,,,,40,20,,,,half_board,,,,,,,,
    promotion,R1,2027-06-01,2027-09-01,,14,,,,,,,,,8,,,,,60,200,2027-01-01,2027-05-31,EARLY,早订,Early
    booking,R1,,,67,,,,,,,,,,,,,,,2,300,,,,,
    cancellation,R1,,,,,,,,,,,,,0,,,,14,,,,,,,
    cancellation,R1,,,,,,,,,,,,,80,,,,0,,,,,,,
    restriction,R1,2027-07-10,2027-07-11,,5,60,7,40,1,1,,,,,,,,,,,,,,,
"""


class TestReading:
    def test_every_rule_there_is(self) -> None:
        wanted = only(EVERY_RULE)
        summer = (dt.date(2027, 7, 1), dt.date(2027, 8, 31))
        assert wanted.terms == Terms(
            seasons=(Season(*summer, 20_000), Season(*summer, 22_050, frozenset({4, 5}))),
            tiers=(Tier(7, 500), Tier(30, 1_250)),
            months=(MonthPrice(dt.date(2027, 7, 1), 480_000),),
            occupancy=Occupancy(3, 6_000, 2_000, (ChildBand(5, 0), ChildBand(11, 3_000))),
            included_board=Board.BREAKFAST,
            boards=(BoardPrice(Board.HALF_BOARD, 4_000, 2_000),),
            extra_bed_fen=5_000,
            most_extra_beds=1,
            promotions=(
                Promotion(
                    "EARLY",
                    "早订",
                    800,
                    "Early",
                    booked_first=dt.date(2027, 1, 1),
                    booked_last=dt.date(2027, 5, 31),
                    arrive_first=dt.date(2027, 6, 1),
                    arrive_last=dt.date(2027, 9, 1),
                    min_nights=14,
                    min_lead_days=60,
                    max_lead_days=200,
                ),
            ),
            lead_days=2,
            window_days=300,
            arrival_weekdays=frozenset({5, 6}),
            fee_bands=(FeeBand(14, 0), FeeBand(0, 8_000)),
        )
        assert wanted.nights == {dt.date(2027, 7, 9): 30_000, dt.date(2027, 7, 10): 30_000}
        rule = DayRule(5, 60, 7, 40, no_arrival=True, no_departure=True)
        assert wanted.rules == {dt.date(2027, 7, 10): rule, dt.date(2027, 7, 11): rule}

    def test_the_order_of_rows_changes_nothing(self) -> None:
        head, *rows = csv_of(EVERY_RULE).decode().splitlines()
        for seed in range(5):
            mixed = random.Random(seed).sample(rows, len(rows))
            again = only("\n".join([head, *mixed]))
            assert (again.terms, again.nights, again.rules) == (
                only(EVERY_RULE).terms,
                only(EVERY_RULE).nights,
                only(EVERY_RULE).rules,
            )

    def test_chinese_heads_and_words_in_the_writing_of_the_country(self) -> None:
        table = [
            ["规则", "房型", "开始", "结束", "星期", "价格", "晚数", "百分比", "餐食", "不能到店"],
            ["季节价", "R1", "2027年7月1日", "2027/8/31", "周五、周六", "￥1,280", "", "", "", ""],
            ["长住优惠", "R1", "", "", "", "", "30", "12%", "", ""],
            ["含餐", "R1", "", "", "", "", "", "", "早餐", ""],
            ["限制", "R1", "2027.7.3", "", "", "", "", "", "", "是"],
        ]
        wanted = only(gb18030_table([*table, [""] * 10]))
        assert wanted.terms == Terms(
            seasons=(
                Season(dt.date(2027, 7, 1), dt.date(2027, 8, 31), 128_000, frozenset({4, 5})),
            ),
            tiers=(Tier(30, 1_200),),
            included_board=Board.BREAKFAST,
        )
        assert wanted.rules == {dt.date(2027, 7, 3): DayRule(no_arrival=True)}

    def test_a_row_for_several_rooms_and_for_every_room(self) -> None:
        text = """
            rule,room,count,nights,percent
            tier,*,,30,10
            tier,R2,,7,3
            included,R1;R2,3,,
        """
        wanted, faults = read(text, scope=Scope(["R1", "R2"], whole=True))
        assert faults == []
        people = Occupancy(included=3)
        assert [(each.room, each.terms) for each in wanted] == [
            ("R1", Terms(tiers=(Tier(30, 1_000),), occupancy=people)),
            ("R2", Terms(tiers=(Tier(7, 300),), occupancy=people)),
        ]

    def test_rows_by_date_leave_the_tariff_alone(self) -> None:
        wanted = only("rule,room,first,price\nnight,R1,2027-07-01,200")
        assert wanted.terms is None

    def test_a_night_without_a_price_goes_back_to_its_season(self) -> None:
        assert only("rule,room,first\nnight,R1,2027-07-01").nights == {dt.date(2027, 7, 1): None}

    def test_what_is_over_is_left_alone(self) -> None:
        wanted = only(
            "rule,room,first,last,price\nnight,R1,2027-06-28,2027-07-02,200",
            today=dt.date(2027, 7, 1),
        )
        assert sorted(wanted.nights) == [dt.date(2027, 7, 1), dt.date(2027, 7, 2)]

    def test_of_two_restrictions_of_a_date_the_stricter_counts(self) -> None:
        wanted = only(
            """
            rule,room,first,last,weekdays,nights,most_nights,no_arrival
            restriction,R1,2027-07-01,2027-07-02,,3,60,
            restriction,R1,2027-07-02,2027-07-09,5,7,30,yes
            """
        )
        assert wanted.rules[dt.date(2027, 7, 1)] == DayRule(3, 60)
        assert wanted.rules[dt.date(2027, 7, 2)] == DayRule(7, 30, no_arrival=True)


HEADS = ",".join(COLUMNS)


def row(**cells: str) -> str:
    """A file of one row."""
    given = {"room": ROOM, **cells}
    return HEADS + "\n" + ",".join(given.get(column, "") for column in COLUMNS)


class TestFaults:
    @pytest.mark.parametrize(
        ("cells", "said"),
        [
            ({"rule": "tarif"}, "不认识规则“tarif”"),
            ({"rule": ""}, "一格空着"),
            ({"rule": "included", "count": "2", "room": ""}, "缺少房型编号"),
            ({"rule": "included", "count": "2", "room": "Z9"}, "没有编号为“Z9”的房型"),
            ({"rule": "included", "count": "2", "room": "X1"}, "房型“X1”不是这家企业的"),
            ({"rule": "included", "count": "2", "room": "*"}, "“*”代表一家企业的全部房型"),
            ({"rule": "tier", "percent": "5"}, "规则 tier 缺少“nights”"),
            ({"rule": "tier", "nights": "7", "percent": "5", "age": "3"}, "用不到“age”一列"),
            ({"rule": "tier", "nights": "seven", "percent": "5"}, "“seven”不是整数"),
            ({"rule": "tier", "nights": "7", "percent": "0.08"}, "太小：百分之八请写 8"),
            ({"rule": "tier", "nights": "7", "percent": "101"}, "百分比“101”看不懂"),
            ({"rule": "tier", "nights": "7", "percent": "100"}, "优惠要大于 0，小于 100%"),
            ({"rule": "extra_adult", "price": "12.345"}, "最多两位小数"),
            ({"rule": "extra_adult", "price": "-5"}, "金额“-5”看不懂"),
            ({"rule": "extra_adult", "price": "=1+1"}, "金额“=1+1”看不懂"),
            ({"rule": "included", "count": "0"}, "房价至少要包一个人"),
            ({"rule": "included_board", "board": "brunch"}, "“brunch”不认识"),
            ({"rule": "cancellation", "policy": "never"}, "没有“never”这种取消办法"),
            ({"rule": "cancellation", "days": "3"}, "写一种名称，或者写天数和百分比"),
            ({"rule": "cancellation", "days": "3", "percent": "5"}, "写到 0 天"),
            ({"rule": "booking"}, "没有写任何内容"),
            ({"rule": "booking", "lead": "9", "most_lead": "3"}, "不能少于至少提前的天数"),
            ({"rule": "month", "month": "2027-13", "price": "9"}, "月份“2027-13”看不懂"),
            (
                {"rule": "season", "first": "2027-02-30", "last": "2027-03-01", "price": "9"},
                "日期“2027-02-30”看不懂",
            ),
            (
                {"rule": "season", "first": "2027-08-31", "last": "2027-07-01", "price": "9"},
                "结束日期早于开始日期",
            ),
            (
                {"rule": "season", "first": "2027-08-31", "last": "2099-07-01", "price": "9"},
                "日期太远：最多到今天以后 1000 天",
            ),
            (
                {"rule": "season", "first": "2027-07-01", "last": "2027-07-09", "price": "0.50"},
                "价格要在 1 元到 100,000 元之间",
            ),
            ({"rule": "night", "first": "2027-07-01", "price": "0"}, "价格要在 1 元"),
            ({"rule": "night", "first": "2027-07-01", "weekdays": "89"}, "星期“89”看不懂"),
            ({"rule": "night", "first": "2027-07-01", "weekdays": "mon-thu"}, "看不懂"),
            ({"rule": "night", "first": "2027-07-01", "weekdays": "周"}, "看不懂"),
            ({"rule": "restriction", "first": "2027-07-01", "nights": "0"}, "1 到 120"),
            (
                {"rule": "restriction", "first": "2027-07-01", "nights": "9", "most_nights": "3"},
                "最少晚数大于最多晚数",
            ),
            (
                {"rule": "promotion", "code": "=CMD()", "name_zh": "早", "percent": "5"},
                "看来是公式",
            ),
            ({"rule": "promotion", "code": "A", "name_zh": "早" * 61, "percent": "5"}, "太长"),
            (
                {
                    "rule": "promotion", "code": "A", "name_zh": "早", "percent": "5",
                    "booked_first": "2027-05-02", "booked_last": "2027-05-01",
                },
                "结束日期早于开始日期",
            ),
        ],
    )  # fmt: skip
    def test_are_told_by_row_and_in_words(self, cells: dict[str, str], said: str) -> None:
        _, faults = read(row(**cells))
        assert [fault.row for fault in faults] == [2]
        assert said in str(faults[0])

    @pytest.mark.parametrize(
        ("rows", "number", "said"),
        [
            (["tier,R1,,7,5,", "tier,R1,,7,8,"], 3, "和第 2 行说的是同一件事"),
            (["tier,R1,,7,8,", "tier,R1,,30,5,"], 2, "住得更久，优惠不能更少"),
            (["night,R1,2027-07-01,,,9", "night,R1,2027-07-01,,,8"], 3, "和第 2 行不同"),
            (["tier,R1,,7,8,,", "tier,R1,,30,9,,extra"], 3, "格子比表头多"),
        ],
    )
    def test_of_rows_beside_each_other(self, rows: list[str], number: int, said: str) -> None:
        _, faults = read("\n".join(["rule,room,first,nights,percent,price", *rows]))
        assert [fault.row for fault in faults] == [number]
        assert said in str(faults[0])

    def test_a_preset_beside_bands_of_ones_own(self) -> None:
        text = "rule,room,policy,days,percent\ncancellation,R1,stay,,\ncancellation,R1,,0,80"
        assert [fault.row for fault in read(text)[1]] == [2]

    def test_a_row_that_is_wrong_for_every_room_is_told_once(self) -> None:
        text = "rule,room,nights,percent\ntier,*,7,5\ntier,*,7,6"
        _, faults = read(text, scope=Scope(["R1", "R2"], whole=True))
        assert len(faults) == 1

    def test_all_of_them_at_once(self) -> None:
        text = "rule,room,nights,percent\ntier,R1,x,5\ntier,R1,7,5\ntier,R9,7,5"
        assert [fault.row for fault in read(text)[1]] == [2, 4]

    def test_too_many_rules(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reading, "MOST_RULES", 3)
        text = "rule,room,nights,percent\ntier,R1;R2,7,5\ntier,R1;R2,8,5\ntier,R1,9,5"
        _, faults = read(text)
        assert [(fault.row, "最多 3 条" in str(fault)) for fault in faults] == [(3, True)]

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "空的"),
            (b"rule,price\n", "缺少这些列：room"),
            ("规则,房型,颜色\n".encode(), "不认识的列：颜色"),
            ("rule,规则,room\n".encode(), "出现了两次：rule"),
            (b"\x89PNG\r\n", "PNG"),
            (b"rule,room\n", "只有表头"),
        ],
    )
    def test_of_the_file_as_a_whole(self, content: bytes, said: str) -> None:
        with pytest.raises(FileRefused) as refused:
            read(content)
        assert said in str(refused.value)


@given(column=st.sampled_from(sorted(COLUMNS[2:])), text=st.text(max_size=30))
def test_no_cell_makes_anything_but_a_value_or_a_fault(column: str, text: str) -> None:
    said = "%(value)s"
    try:
        read_cell(column, text, policies={"stay"})
    except CellFault as fault:
        said = fault.message
    assert "%(value)s" in said


def test_every_kind_of_rule_is_read_from_its_own_columns() -> None:
    assert set(SHAPES) == set(Kind)
    assert {column for shape in SHAPES.values() for column in shape.columns} == set(COLUMNS[2:])
