"""Checking the lines of the directory file."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.rows import (
    COLUMNS,
    NO_TOWN,
    RowError,
    Town,
    UnreadableFile,
    date_in,
    datum_of,
    grade_in,
    parse_place,
    read_lines,
)
from catalog.vocabulary import Category, Cluster, Datum, Slope

GOOD = dict.fromkeys(COLUMNS, "") | {
    "id": "JL001",
    "name_zh": "示范温泉",
    "type": "hot_spring_resort",
    "cluster": "changbai",
    "adcode": "222426",
    "lat": "42.4",
    "lon": "128.1",
    "coord_basis": "GeoNames settlement centroid of 二道白河",
    "coord_error_km": "8",
    "source": "page 2019-07-21",
    "certainty": "sourced",
}
NORTH_TOWN = Town("二道白河", "Erdaobaihe", Slope.NORTH, "池北区")


class TestParsePlace:
    def test_reads_a_good_line(self) -> None:
        place = parse_place(GOOD, towns={GOOD["coord_basis"]: NORTH_TOWN}, adcodes={"222426"})
        assert place.category is Category.HOT_SPRING_RESORT
        assert place.cluster is Cluster.CHANGBAI
        assert (place.town, place.datum, place.source_date) == (
            NORTH_TOWN,
            Datum.WGS84,
            "2019-07-21",
        )
        assert not place.planned

    def test_knows_no_town_for_another_point(self) -> None:
        assert parse_place(GOOD, towns={}, adcodes=()).town is NO_TOWN

    def test_a_station_has_no_category(self) -> None:
        row = GOOD | {"type": "rail_station"}
        assert parse_place(row, towns={}, adcodes=()).category is None

    @pytest.mark.parametrize("value", ["yitong", "other_jilin"])
    def test_two_values_mean_no_cluster(self, value: str) -> None:
        assert parse_place(GOOD | {"cluster": value}, towns={}, adcodes=()).cluster is None

    def test_sees_a_plan(self) -> None:
        row = GOOD | {"name_zh": "火山度假区（规划）"}
        assert parse_place(row, towns={}, adcodes=()).planned

    @pytest.mark.parametrize(
        ("column", "value", "reason"),
        [
            ("id", "1", "编号"),
            ("id", "", "编号"),
            ("name_zh", "", "中文名称"),
            ("source", "", "资料来源"),
            ("type", "casino", "类别"),
            ("cluster", "beijing", "集聚区"),
            ("lat", "north", "不是数字"),
            ("lat", "nan", "不在吉林省内"),
            ("lat", "39.9", "不在吉林省内"),
            ("lon", "116.4", "不在吉林省内"),
            ("coord_error_km", "-2", "误差"),
            ("coord_error_km", "far", "误差"),
            ("adcode", "110101", "行政区划"),
            ("adcode", "229999", "行政区划"),
            ("certainty", "rumour", "可靠程度"),
        ],
    )
    def test_refuses_with_a_reason(self, column: str, value: str, reason: str) -> None:
        with pytest.raises(RowError, match=reason):
            parse_place(GOOD | {column: value}, towns={}, adcodes={"222426"})


class TestReadLines:
    def test_takes_a_byte_order_mark_and_short_lines(self, tmp_path: Path) -> None:
        file = tmp_path / "places.csv"
        file.write_bytes(b"\xef\xbb\xbfa,b\n1 ,2\n3\n")
        assert read_lines(file, ("a", "b")) == [
            (2, {"a": "1", "b": "2"}),
            (3, {"a": "3", "b": ""}),
        ]

    @pytest.mark.parametrize("content", ["名称\n".encode("gbk"), b"a,c\n1,2\n", b""])
    def test_refuses_another_kind_of_file(self, tmp_path: Path, content: bytes) -> None:
        file = tmp_path / "places.csv"
        file.write_bytes(content)
        with pytest.raises(UnreadableFile, match="b"):
            read_lines(file, ("a", "b"))


class TestSmallFacts:
    @pytest.mark.parametrize(
        ("source", "date"),
        [
            ("CCTV 2025-09-28; Xinhua 2021-12-24", "2025-09-28"),
            ("takungpao.cn 2018-02", "2018-02"),
            ("吉政办发\u30142025\u301514号", "2025"),
            ("qunar youji 7726152", ""),
        ],
    )
    def test_date_of_a_source(self, source: str, date: str) -> None:
        assert date_in(source) == date

    @pytest.mark.parametrize(
        ("note", "grade"),
        [
            ("2004年12月设立，2013年评为4A", ("4A", "2013")),
            ("3A（2019年名单），高空滑索", ("3A", "2019")),
            ("5A（2019-2020年），世界文化遗产", ("5A", "2019-2020")),
            ("4A，距吉林市区约15公里", ("4A", None)),
            ("2020年省5A级乡村旅游经营单位", (None, None)),
            ("江边温泉酒店", (None, None)),
        ],
    )
    def test_grade_of_a_note(self, note: str, grade: tuple[str | None, str | None]) -> None:
        assert grade_in(note) == grade

    def test_datum_of_a_point(self) -> None:
        assert datum_of("GeoNames centroid of Tumen") is Datum.WGS84
        assert datum_of("Amap point") is Datum.GCJ02
        assert datum_of("map point in the 5A list") is Datum.UNKNOWN
