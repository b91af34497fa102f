"""Files given for an import: what they are is told by their bytes, and bad ones are refused."""

from __future__ import annotations

import io
import zipfile

import pytest

from catalog.bulk.directory_rows import COLUMNS
from catalog.bulk.reasons import MOST_BYTES, REASONS, FileRefused, pack, unpack
from catalog.bulk.tables import source
from catalog.bulk.tables.cells import guard, unguard
from tests.support.directory_file import as_csv, as_xlsx, line, lines

TEXT = "".join(f"{number},长白山北坡的温泉和森林木屋，夏天凉快\n" for number in range(30))
JAPANESE = "番号,名前\n" + "温泉旅館の紹介です。東京から電車で二時間かかります\n" * 30


def refusal(data: bytes) -> str:
    """Why a file is refused, in Chinese, whether at the first look or while it is read."""
    with pytest.raises(FileRefused) as caught:
        list(source.read(data, source.check(data)))
    return str(caught.value)


def reread(data: bytes) -> list[dict[str, str]]:
    return [row for _number, row, _fault in source.read(data, source.check(data))]


def zipped(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def changed_workbook(**parts: bytes) -> bytes:
    """A sound workbook in which some parts are others; ``sheet`` is its first sheet."""
    names = {
        "sheet": "xl/worksheets/sheet1.xml",
        "link": "xl/externalLinks/externalLink1.xml",
        "macro": "xl/vbaProject.bin",
    }
    with zipfile.ZipFile(io.BytesIO(as_xlsx(lines(2)))) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    return zipped(content | {names[key]: part for key, part in parts.items()})


class TestReading:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
    def test_csv_in_every_writing_of_the_country(self, encoding: str) -> None:
        rows = list(lines(5))
        data = as_csv(rows, encoding=encoding)
        assert source.check(data) == ("gb18030" if encoding.startswith("gb") else "utf-8-sig")
        assert reread(data) == rows

    def test_a_workbook_reads_like_a_csv(self) -> None:
        rows = list(lines(5))
        assert reread(as_xlsx(rows)) == rows

    def test_numbers_and_line_breaks(self) -> None:
        rows = [line(1, note_zh="一\n二"), line(2)]
        numbers = [number for number, _row, _fault in source.read(as_csv(rows), "utf-8-sig")]
        assert numbers == [3, 4]

    def test_blank_lines_are_passed_over_and_long_ones_marked(self) -> None:
        data = as_csv([line(1)]) + b"\r\n ,,\r\n" + b"x," * 16 + b"more\r\n"
        faults = [line.fault for line in source.read(data, "utf-8-sig")]
        assert faults[0] is None
        assert "比表头多" in str(faults[1])

    @pytest.mark.parametrize("text", ["=1+1", "'=1", "''=1", "'abc", " =a", "-3", "abc", "", "@x"])
    def test_a_guarded_cell_comes_back_as_it_was(self, text: str) -> None:
        assert unguard(guard(text)) == text
        assert not guard(text).lstrip(" ").startswith(("=", "+", "-", "@"))


class TestRefusals:
    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (b"", "空的"),
            (b" \r\n\r\n", "空的"),
            (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "PNG"),
            (b"%PDF-1.7 x", "PDF"),
            (bytes(range(256)) * 9, "不是 CSV"),
            (b"id,name\0zh\n", "不是 CSV"),
            (TEXT.encode("utf-16"), "缺少这些列"),
            (TEXT.encode("utf-16-le"), "binary"),
            (JAPANESE.encode("shift_jis"), "CP932"),
            (as_csv([]), "只有表头"),
            (as_xlsx([]), "只有表头"),
            (b"id,name_zh\nJL001,x\n", "缺少这些列：name_en"),
            (as_csv([], heads=[*COLUMNS, "id"]), "出现了两次：id"),
            (as_csv([], heads=[*COLUMNS, "adress"]), "adress"),
            (b"x" * (MOST_BYTES + 1), "10 MB"),
            (as_csv([line(1)])[:-9] + b'"' + b"y" * 200_000, "第 2 行"),
        ],
    )
    def test_say_what_was_found(self, data: bytes, words: str) -> None:
        assert words in refusal(data)

    def test_too_many_lines(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(source, "MOST_LINES", 3)
        for data in (as_csv(lines(4)), as_xlsx(lines(4))):
            assert "最多 3 行" in refusal(data)


class TestWorkbooks:
    def test_a_bomb_is_not_opened(self) -> None:
        assert "大得不正常" in refusal(changed_workbook(sheet=b"<x>" + b" " * 40_000_000))

    def test_many_small_parts_are_a_bomb_too(self) -> None:
        assert "大得不正常" in refusal(zipped({f"xl/{n}.xml": b"" for n in range(501)}))

    def test_a_billion_laughs(self) -> None:
        laughs = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><l>&b;</l>'
        assert "大得不正常" in refusal(changed_workbook(sheet=laughs))

    @pytest.mark.parametrize("part", ["link", "macro"])
    def test_active_content(self, part: str) -> None:
        assert "宏或外部链接" in refusal(changed_workbook(**{part: b"x"}))

    @pytest.mark.parametrize(
        "data",
        [zipped({"a.txt": b"x"}), as_xlsx(lines(2))[:-200], b"PK\x03\x04" + b"\0" * 99],
    )
    def test_no_workbook_at_all(self, data: bytes) -> None:
        assert "不是 XLSX" in refusal(data)

    def test_a_damaged_sheet(self) -> None:
        assert "已经损坏" in refusal(changed_workbook(sheet=b"<worksheet><sheetData><row"))

    def test_a_far_away_cell_costs_no_memory(self) -> None:
        sheet = (
            b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            b'<sheetData><row r="1048576"><c r="XFD1048576" t="str"><v>x</v></c></row></sheetData>'
            b"</worksheet>"
        )
        assert "缺少这些列" in refusal(changed_workbook(sheet=sheet))


def test_every_reason_fits_its_column() -> None:
    for code in REASONS:
        packed = pack(code, value="很" * 99, holder="JL00001", column="x" * 20, most=1, adcode="1")
        assert len(packed) <= 300
        assert unpack(packed)[0] == REASONS[code]
    assert unpack("") == ("", {})
