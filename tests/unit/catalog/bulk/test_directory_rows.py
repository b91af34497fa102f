"""Checking the lines of the directory file."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.bulk.directory_rows import (
    COLUMNS,
    OPTIONAL,
    RowError,
    UnreadableFile,
    date_in,
    datum_of,
    grade_in,
    parse_place,
    read_lines,
)
from catalog.geography.towns import Town, TownPoint
from catalog.vocabulary import Category, Cluster, Datum, Slope

GOOD = dict.fromkeys(COLUMNS, "") | {
    "id": "JL001",
    "name_zh": "示范温泉",
    "type": "hot_spring_resort",
    "cluster": "changbai",
    "county": "安图县",
    "adcode": "222426",
    "lat": "42.4",
    "lon": "128.1",
    "coord_basis": "GeoNames settlement centroid of 二道白河",
    "coord_error_km": "8",
    "source": "page 2019-07-21",
    "certainty": "sourced",
}
NORTH_TOWN = Town("二道白河", "Erdaobaihe", Slope.NORTH, "池北区")
TOWNS = (TownPoint(NORTH_TOWN, "222426", 42.4246, 128.1105),)
COUNTIES = {"222426": "安图县"}
GOOD_CREDIT_CODE = "91110000600037341L"


class TestParsePlace:
    def test_reads_a_good_line(self) -> None:
        place = parse_place(GOOD, towns=TOWNS, counties=COUNTIES)
        assert (place.code, place.is_station, place.clusters) == ("JL001", False, ("changbai",))
        assert place.station is None
        told = {
            "category": Category.HOT_SPRING_RESORT,
            "town_zh": "二道白河",
            "slope": Slope.NORTH,
            "administering_body": "池北区",
            "datum": Datum.WGS84,
            "source_date": "2019-07-21",
            "planned": False,
            "lat": 42.4,
        }
        assert {name: place.facts[name] for name in told} == told
        assert not {"grade", "address", "legal_name", "credit_code"} & place.facts.keys()

    def test_knows_no_town_for_another_point(self) -> None:
        facts = parse_place(GOOD, towns=(), counties={}).facts
        assert (facts["town_zh"], facts["slope"]) == ("", "")

    @pytest.mark.parametrize(
        "basis",
        ["Amap point", "GeoNames settlement centroid of 二道白河", "near Changbaishan station", ""],
    )
    def test_a_remark_about_the_point_puts_no_place_elsewhere(self, basis: str) -> None:
        """A house in 乾安 is 430 km from 二道白河, whatever is said of where its point is from."""
        far = {"adcode": "220723", "county": "乾安县", "lat": "45.0065", "lon": "124.0163"}
        row = GOOD | far | {"coord_basis": basis, "note_zh": "二道白河的朋友推荐，北坡"}
        facts = parse_place(row, towns=TOWNS, counties={"220723": "乾安县"}).facts
        where = ("town_zh", "town_en", "slope", "administering_body")
        assert [facts[name] for name in where] == ["", "", "", ""]

    @pytest.mark.parametrize(
        ("changed", "town"),
        [
            ({"coord_basis": "any remark", "lat": "42.45", "lon": "128.12"}, "二道白河"),
            ({"lat": "42.4750", "lon": "128.1105"}, ""),
            ({"adcode": "220621", "county": "抚松县"}, ""),
            ({"coord_error_km": "25"}, ""),
        ],
    )
    def test_a_town_is_told_by_the_point_and_the_division(
        self, changed: dict[str, str], town: str
    ) -> None:
        assert parse_place(GOOD | changed, towns=TOWNS, counties={}).facts["town_zh"] == town

    def test_the_grade_of_a_category_outweighs_the_note(self) -> None:
        row = GOOD | {"type": "scenic_4a", "note_zh": "2019年评为3A"}
        assert parse_place(row, towns=(), counties={}).facts["grade"] == "4A"
        row = GOOD | {"type": "scenic_4a", "note_zh": "4A（2019年名单）"}
        facts = parse_place(row, towns=(), counties={}).facts
        assert (facts["grade"], facts["grade_as_of"]) == ("4A", "2019")

    def test_a_station_is_no_enterprise(self) -> None:
        place = parse_place(GOOD | {"type": "rail_station"}, towns=TOWNS, counties={})
        assert place.is_station
        assert (place.facts["cluster"], place.facts["town_zh"]) == ("changbai", "二道白河")
        assert "category" not in place.facts

    @pytest.mark.parametrize(
        ("cell", "clusters"),
        [
            ("yitong", ()),
            ("other_jilin", ()),
            ("changbai; jian", (Cluster.CHANGBAI, Cluster.JIAN)),
        ],
    )
    def test_a_place_is_in_none_or_several_clusters(
        self, cell: str, clusters: tuple[str, ...]
    ) -> None:
        assert parse_place(GOOD | {"cluster": cell}, towns=(), counties={}).clusters == clusters

    def test_sees_a_plan(self) -> None:
        row = GOOD | {"name_zh": "火山度假区（规划）"}
        assert parse_place(row, towns=(), counties={}).facts["planned"] is True

    def test_an_empty_cell_of_an_optional_column_says_nothing(self) -> None:
        row = GOOD | dict.fromkeys(OPTIONAL, "") | {"note_zh": "2013年评为4A"}
        place = parse_place(row, towns=TOWNS, counties=COUNTIES)
        assert not set(OPTIONAL) & place.facts.keys()
        assert place.station == ""

    def test_an_optional_column_outweighs_what_the_rest_tells(self) -> None:
        row = GOOD | {
            "slope": "west",
            "grade": "5A",
            "grade_as_of": "2024",
            "note_zh": "2013年评为4A",
            "credit_code": GOOD_CREDIT_CODE.lower(),
            "planned": "1",
            "station": "JL123",
        }
        place = parse_place(row, towns=TOWNS, counties=COUNTIES)
        wanted = {
            "slope": "west", "grade": "5A", "grade_as_of": "2024",
            "credit_code": GOOD_CREDIT_CODE, "planned": True,
        }  # fmt: skip
        assert {name: place.facts[name] for name in wanted} == wanted
        assert place.station == "JL123"

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
            ("lat", "nan", "不是数字"),
            ("lat", "4e1", "不是数字"),
            ("lat", "39.9", "不在吉林省内"),
            ("lon", "116.4", "不在吉林省内"),
            ("coord_error_km", "-2", "误差"),
            ("coord_error_km", "far", "误差"),
            ("adcode", "110101", "行政区划"),
            ("adcode", "229999", "行政区划"),
            ("county", "长白县", "应为“安图县”"),
            ("certainty", "rumour", "可靠程度"),
            ("slope", "east", "长白山的坡"),
            ("datum", "mars", "坐标系"),
            ("planned", "maybe", "planned"),
            ("credit_code", "91110000600037341M", "校验码"),
            ("name_zh", "长" * 121, "最多 120"),
        ],
    )
    def test_refuses_with_a_reason(self, column: str, value: str, reason: str) -> None:
        with pytest.raises(RowError, match=reason):
            parse_place(GOOD | {column: value}, towns=(), counties=COUNTIES)


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
            ("汪清县3A级景区（2019年名单）", ("3A", "2019")),
            ("离5A级景区长白山10公里", (None, None)),
            ("毗邻4A景区，步行可到", (None, None)),
            ("在5A级景区北门外", (None, None)),
            ("班车直达2007年评为5A的长白山", (None, None)),
        ],
    )
    def test_grade_of_a_note(self, note: str, grade: tuple[str | None, str | None]) -> None:
        assert grade_in(note) == grade

    def test_datum_of_a_point(self) -> None:
        assert datum_of("GeoNames centroid of Tumen") is Datum.WGS84
        assert datum_of("Amap point") is Datum.GCJ02
        assert datum_of("map point in the 5A list") is Datum.UNKNOWN
