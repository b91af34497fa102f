"""Cells of a workbook as they show: number formats, dates, errors, formulas, merged cells."""

# ruff: noqa: RUF001 - signs that look like others are what is tested here

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from typing import Any

import openpyxl
import pytest
from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from catalog.bulk.reasons import FileRefused
from catalog.bulk.tables import source
from catalog.bulk.tables.cell_values import unescaped
from catalog.bulk.tables.source import Head

HEAD = Head(("a", "b"), frozenset("abc"))
JUNE = dt.datetime(2027, 6, 1)  # noqa: DTZ001 - a cell has no zone


def saved(book: Any) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def workbook(*cells: tuple[Any, str], epoch: Any = None) -> bytes:
    """A workbook with each value and its format in a row of its own."""
    book = openpyxl.Workbook()
    if epoch:
        book.epoch = epoch
    sheet = book.active
    sheet.append(["a", "b"])
    for number, (value, shape) in enumerate(cells, 2):
        sheet.cell(number, 1, "x")
        sheet.cell(number, 2, value).number_format = shape
    return saved(book)


def changed(
    data: bytes, *changes: tuple[str, str], part: str = "xl/worksheets/sheet1.xml"
) -> bytes:
    """The workbook with a part of it rewritten, as another program would have written it."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name == part:
                for pattern, instead in changes:
                    assert re.search(pattern, text.decode()), text
                    text = re.sub(pattern, instead, text.decode()).encode()
            new.writestr(name, text)
    return file.getvalue()


def read(data: bytes, head: Head = HEAD) -> list[source.Line]:
    return list(source.read(data, source.check(data), head=head))


def shown(data: bytes) -> list[str]:
    lines = read(data)
    assert [line.fault for line in lines] == [None] * len(lines)
    return [line.cells["b"] for line in lines]


@pytest.mark.parametrize(
    ("value", "shape", "text"),
    [
        (1, "0%", "100%"),
        (0.125, "0%", "12.5%"),
        (0.08, "0.00%", "8%"),
        (0.07, "0%;[Red]-0%", "7%"),
        (0.29, "0%", "29%"),
        (8, '0"%"', "8"),
        (8, r"0\%", "8"),
        (1, "General", "1"),
        (1, "0.00", "1"),
        (227.79999999999998, "General", "227.8"),
        (227.79999999999998, "0.00", "227.8"),
        (227.8000000000012, "0.00", "227.8"),
        (227.805, "0.00", "227.805"),
        (0.1 + 0.2, "General", "0.3"),
        (1538, '"¥"#,##0.00', "1538"),
        (1538.5, "[$¥-804]#,##0.00_);[Red]\\\\(0.00\\\\)", "1538.5"),
        (30.000000000000004, "0", "30"),
        (12.4, "0", "12.4"),
        (431, "0000", "0431"),
        (7, "000000", "000007"),
        (0.5, "# ?/?", "0.5"),
        (128000, "#,##0,", "128000"),
        (1.5e-7, "0.00E+00", "0.00000015"),
        (123456789012345, "General", "123456789012345"),
        (JUNE, "yyyy-mm-dd", "2027-06-01"),
        (JUNE, 'yyyy"年"m"月"d"日"', "2027-06-01"),
        (JUNE, "[$-804]yyyy/m/d", "2027-06-01"),
        (JUNE, "mmm-yy", "2027-06-01"),
        (JUNE.replace(hour=14, minute=5), "yyyy-mm-dd hh:mm", "2027-06-01 14:05"),
        (dt.time(9, 30), "h:mm", "09:30"),
        (dt.timedelta(hours=26, minutes=5), "[h]:mm", "26:05"),
        (True, "General", "1"),
        (False, "General", "0"),
        ("001", "@", "001"),
        (42.123456789, "General", "42.123456789"),
        (-3.5, "0.0", "-3.5"),
        (0, "General", "0"),
        (1, "0.0%", "100%"),
    ],
)
def test_a_cell_is_what_it_shows(value: object, shape: str, text: str) -> None:
    assert shown(workbook((value, shape))) == [text]


def test_dates_of_the_other_epoch_and_of_chinese_spreadsheets() -> None:
    assert shown(workbook((JUNE, "yyyy-mm-dd"), epoch=CALENDAR_MAC_1904)) == ["2027-06-01"]
    plain = workbook((46539, "yyyy-mm-dd"))
    for number in (27, 31, 36, 57, 58):
        local = changed(plain, (r'numFmtId="164"', f'numFmtId="{number}"'), part="xl/styles.xml")
        assert shown(local) == ["2027-06-01"], number


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("#N/A", "B2 格是错误值 #N/A"),
        ("#DIV/0!", "B2 格是错误值 #DIV/0!"),
        ("#name?", "错误值"),
        ("######", "错误值"),
        ("=1+1", "B2 格是公式"),
        (912200000000000000, "B2 格的数字太长"),
        (9.1220000000000003e17, "B2 格的数字太长"),
        ("张\ue123", "“b”一列里有一个字"),
    ],
)
def test_a_cell_that_shows_nothing_refuses_its_line_by_name(value: object, told: str) -> None:
    first, second = read(workbook((value, "General"), ("fine", "General")))
    assert told in str(first.fault)
    assert (second.fault, second.cells["b"]) == (None, "fine")


def test_the_stored_result_of_a_formula_counts() -> None:
    made = workbook(("=1+1", "0%"), ("=A1", "General"), ("=X", "General"))
    cells = r'<c r="B{}"([^>]*)><f>([^<]*)</f><v ?(?:/>|></v>)</c>'
    data = changed(
        made,
        (cells.format(2), r'<c r="B2"\1><f>\2</f><v>0.5</v></c>'),
        (cells.format(3), r'<c r="B3"\1 t="str"><f>\2</f><v></v></c>'),
        (cells.format(4), r'<c r="B4"\1 t="e"><f>\2</f><v>#REF!</v></c>'),
    )
    first, second, third = read(data)
    assert [first.cells["b"], first.fault] == ["50%", None]
    assert [second.cells["b"], second.fault] == ["", None]
    assert "B4 格是错误值 #REF!" in str(third.fault)


def test_escapes_are_undone() -> None:
    assert shown(workbook(("一_x000D_\n二_x005F_x000D_ _xD842__xDFB7_ _x1_", "General"))) == [
        "一\n二_x000D_ 𠮷 _x1_"
    ]
    assert unescaped("_x00e9_") == "é"


def test_a_merged_cell_counts_for_all_its_rows() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ("题目", None, None),
        ("a", "b", "c"),
        ("R1", 1, 1),
        (None, 2, 2),
        (None, 3, 3),
        ("R2", "宽", None),
    ):
        sheet.append(row)
    for merged in ("A1:C1", "A3:A5", "B6:C6"):
        sheet.merge_cells(merged)
    lines = read(saved(book))
    assert [(line.cells["a"], line.cells["b"]) for line in lines[:3]] == [
        ("R1", "1"),
        ("R1", "2"),
        ("R1", "3"),
    ]
    assert "B6 格是跨几列的合并格" in str(lines[3].fault)


def test_hidden_sheets_are_not_what_somebody_sees() -> None:
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.active.append(["old", "old"])
    book.active.sheet_state = "hidden"
    book.create_sheet("说明").append(["这张表怎么填"])
    last = book.create_sheet("数据")
    last.append(["a", "b"])
    last.append(["x", "new"])
    assert shown(saved(book)) == ["new"]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize(
    "before", ["", "2027年价格表\n\n", "sep={}\n", "说明{0}要点{0}见下\n单位：元\n"]
)
def test_the_head_is_found_and_so_is_what_parts_the_cells(separator: str, before: str) -> None:
    text = (
        before.format(separator)
        + separator.join("Ａb")
        + "\n"
        + separator.join(("x", '"1;2,3\t4"'))
        + "\n"
    )
    data = text.encode()
    (line,) = source.read(data, source.check(data), head=HEAD)
    assert line.cells == {"a": "x", "b": "1;2,3\t4".replace("\t", " ")}
    assert line.number == text.rstrip().count("\n") + 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2027年价格\na,c\n1,2\n", "缺少这些列：b。当作表头读的是第 2 行：a | c"),
        ("名称,价钱\n1,2\n", "当作表头读的是第 1 行：名称 | 价钱"),
        ("a，b\n1，2\n", "当作表头读的是第 1 行：a，b"),
        ("\n\n编号;价钱\n", "编号"),
    ],
)
def test_what_was_read_as_the_head_is_told(text: str, told: str) -> None:
    with pytest.raises(FileRefused, match=re.escape(told)) as caught:
        list(source.read(text.encode(), "utf-8-sig", head=HEAD))
    assert len(caught.value.packed) <= 300


@pytest.mark.parametrize("value", ["#N/A", "#REF!", "########"])
def test_errors_in_a_csv_refuse_their_line_too(value: str) -> None:
    first, second = source.read(f"a,b\nx,{value}\ny,1\n".encode(), "utf-8-sig", head=HEAD)
    assert f"B2 格是错误值 {value}" in str(first.fault)
    assert second.fault is None


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        ('"$"#,##0.00', "$218"),
        ("[$$-409]#,##0.00", "$218"),
        ("[$€-2] #,##0.00", "€218"),
        ("[$HK$-C04]#,##0", "$218"),
        ("[$₩-412]#,##0", "₩218"),
        ("[$¥-411]#,##0", "JPY218"),
        ("[$USD] 0", "USD218"),
        ('0"港元"', "港元218"),
        ('0.0"万元"', "218万"),
        ('0"折"', "218折"),
        ("0‰", "218‰"),
        ('0!.0,"万"', "218"),
        ("[$¥-804]#,##0.00", "218"),
        ("[$RMB] #,##0.00", "218"),
        ('"人民币"0.00', "218"),
        ('#,##0.00"元"', "218"),
        ('0"晚"', "218"),
        ('"XH"0000', "XH0218"),
        (r"\X\H\-000", "XH-218"),
    ],
)
def test_foreign_money_and_multiples_are_not_taken_for_yuan(shape: str, text: str) -> None:
    assert shown(workbook((218, shape))) == [text]


@pytest.mark.parametrize("shape", ["aaaa", "[$-804]aaa"])
def test_a_date_that_shows_its_weekday_is_that_weekday(shape: str) -> None:
    # 46536 would be taken for four weekdays.
    assert shown(workbook((46536, shape), (46539, shape))) == ["6", "2"]


@pytest.mark.parametrize("number", [5, 6, 7, 8, 42, 44])
def test_the_money_of_formats_that_every_program_has_is_that_of_its_country(number: int) -> None:
    assert shown(workbook((218, BUILTIN_FORMATS[number]))) == ["218"]


def test_of_two_sheets_with_tables_none_is_lost() -> None:
    book = openpyxl.Workbook()
    book.active.title = "1号楼"
    book.active.append(["a", "b"])
    book.active.append(["x", "one"])
    other = book.create_sheet("2号楼")
    other.append(["价格表"])
    other.append(["c", "b", "a"])
    assert shown(saved(book)) == ["one"], "a head alone loses nothing"
    other.append(["", "two", "y"])
    with pytest.raises(FileRefused, match="1号楼、2号楼"):
        read(saved(book))
    for number in range(3, 12):
        book.create_sheet(f"{number}号楼")
    with pytest.raises(FileRefused, match="最多 10 张"):
        read(saved(book))
