"""Imports and exports through the office's pages."""

# ruff: noqa: RUF001 - full-width signs are what is tested here

from __future__ import annotations

import csv
import io

import openpyxl
import orjson
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from catalog.bulk.directory_loading import import_directory
from catalog.geography.reference_loading import load_reference
from catalog.models import Enterprise
from catalog.office.models import ImportRun
from catalog.search import refresh
from catalog.search.indexes.port import DocKind
from marketplace import tasks
from tests.support.directory_file import as_csv, as_xlsx, line, lines
from tests.support.staff import Browser, House

CODES = st.from_regex(r"\s?[A-Za-zＡ-Ｚ]{1,5}\d{1,7}\s?", fullmatch=True)
"""Codes as people may write them: wide, small, with digits of any script."""


def give(office: Browser, data: bytes, name: str = "places.csv", *, expect: int = 303) -> str:
    """Send a file from the form, and return the page that it leads to."""
    office.open("/office/imports")
    file = FileStorage(io.BytesIO(data), filename=name)
    # Put together here: the test client would leave a large file open.
    boundary, body = encode_multipart({"csrf_token": office.token, "file": file})
    answer = office.client.post(
        "/office/imports", data=body, content_type=f"multipart/form-data; boundary={boundary}"
    )
    if expect == 303 and answer.status_code == 303:
        return office.open(answer.location, follow=True)
    return office._saw(answer, expect)


def count(house: House) -> int:
    with house.services.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Enterprise)) or 0


@pytest.fixture
def ready(house: House) -> House:
    load_reference(house.services.database)
    return house


class TestTheWholeWay:
    def test_from_a_gbk_file_to_its_undo(self, office: Browser, ready: House) -> None:
        before = count(ready)
        data = as_csv([*lines(3), line(4, lat="10"), line(5, name_zh="")], encoding="gbk")
        page = give(office, data)
        assert "正在读取" in page
        assert '<meta http-equiv="refresh"' in page
        ready.work()
        page = office.open("/office/imports/1")
        assert '<meta http-equiv="refresh"' not in page
        assert "GB18030" in page
        assert "新增 3 项" in page
        assert "2 行没有采用" in page
        for number in (1, 2, 3):
            assert f"· 第{number}号山庄</summary>" in page
        assert "不在吉林省内" in office.open("/office/imports/1?show=refused")
        rows = list(csv.reader(io.StringIO(office.open("/office/imports/1/refused.csv"))))
        assert [row[1] for row in rows[1:]] == ["JL00004", "JL00005"]
        assert count(ready) == before

        office.open("/office/imports/1")
        page = office.send("/office/imports/1/apply")
        assert "已办 0 行，共 3 行" in page
        again = office.send("/office/imports/1/apply")
        assert "没有重复办理" in again
        ready.work()
        assert "执行完成" in office.open("/office/imports/1")
        assert count(ready) == before + 3
        assert "执行导入" in office.open("/office/trail?subject=import")

        office.open("/office/imports/1")
        office.send("/office/imports/1/undo")
        ready.work()
        assert "撤销完成" in office.open("/office/imports/1")
        assert count(ready) == before
        assert "没有重复办理" in office.send("/office/imports/1/undo")

    def test_a_change_is_shown_beside_what_stood_there(self, office: Browser, ready: House) -> None:
        give(office, as_csv([line(1)]))
        ready.work()
        office.send("/office/imports/1/apply")
        ready.work()
        give(office, as_xlsx([line(1, type="winery", cluster="changbai")]), "new.xlsx")
        ready.work()
        page = office.open("/office/imports/2?show=changed")
        assert "<td>类别</td>" in page
        assert "<td>集聚区</td>" in page
        assert "XLSX 工作簿" in page
        office.send("/office/imports/2/drop")
        assert "已放弃" in office.open("/office/imports/2")
        assert "没有重复办理" in office.send("/office/imports/2/apply")

    def test_what_was_imported_is_found_by_words_within_seconds(
        self, office: Browser, ready: House
    ) -> None:
        words = ready.services.words
        refresh.build(ready.services.index, ready.services.database)
        assert not len(words.search("海棠湖畔", kind=DocKind.ENTERPRISE).hits)
        give(office, as_csv([line(1, name_zh="海棠湖畔山庄")]))
        ready.work()
        office.send("/office/imports/1/apply")
        ready.work()
        tasks.sequence_changes(ready.services)
        assert len(words.search("海棠湖畔", kind=DocKind.ENTERPRISE).hits) == 1
        tasks.refresh_search(ready.services)
        assert len(words.search("海棠湖畔", kind=DocKind.ENTERPRISE).hits) == 1
        office.send("/office/imports/1/undo")
        ready.work()
        tasks.sequence_changes(ready.services)
        assert not len(words.search("海棠湖畔", kind=DocKind.ENTERPRISE).hits)


def two_readings() -> bytes:
    """A file in GBK that is UTF-8 as well, with other letters."""
    bare = {"county": "", "prefecture": "", "note_zh": "", "coord_basis": "GeoNames"}
    return as_csv([line(1, name_zh="小院", **bare)], encoding="gbk")


class TestTwoReadings:
    def test_both_are_shown_and_the_right_one_is_read(self, office: Browser, house: House) -> None:
        page = give(office, two_readings())
        assert "哪一种读得对" in page
        assert "小院" in page
        assert two_readings().decode().splitlines()[1][:14] in page
        assert '<meta http-equiv="refresh"' not in page
        house.work()
        assert "哪一种读得对" in give(office, two_readings())  # the same file leads to the same run
        assert "请选一种读法" in office.send("/office/imports/1/read-as", encoding="latin")
        office.send("/office/imports/1/read-as", encoding="gb18030")
        house.work()
        page = office.open("/office/imports/1")
        assert "执行以后" in page
        assert "小院" in page
        again = office.send("/office/imports/1/read-as", encoding="utf-8")
        assert "没有重复办理" in again

    def test_it_may_be_given_up(self, office: Browser, house: House) -> None:
        give(office, two_readings())
        assert "已放弃" in office.send("/office/imports/1/drop")


@settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(codes=st.lists(CODES, min_size=10, max_size=10, unique=True))
def test_every_code_that_is_accepted_has_a_page(
    office: Browser, ready: House, codes: list[str]
) -> None:
    path = ready.services.settings.state_dir / "codes.csv"
    path.write_bytes(as_csv(line(n, id=code) for n, code in enumerate([*codes, "XH９１３"])))
    import_directory(ready.services.database, path, clock=ready.services.clock)
    with ready.services.database.read() as session:
        kept = session.scalars(sa.select(Enterprise.code)).all()
    assert "XH913" in kept
    for code in kept:
        assert code.isascii()
        office.open(f"/directory/{code}", follow=True)


class TestRefused:
    @pytest.mark.parametrize(
        ("data", "name", "status", "words"),
        [
            (b"", "places.csv", 422, "空的"),
            (b"\x89PNG\r\n\x1a\n0000", "places.csv", 422, "PNG"),
            ("id,名称\n".encode("utf-16-le"), "places.csv", 422, "binary"),
            (b"PK\x03\x04" + b"\0" * 50, "places.xlsx", 422, "不是 XLSX"),
            (b"a" * (10 * 1024 * 1024 + 1), "places.csv", 413, "最多 10 MB"),
            (b"a,b\n", "", 422, "请选一个文件"),
        ],
    )
    def test_at_once_with_the_form(
        self, office: Browser, data: bytes, name: str, status: int, words: str
    ) -> None:
        page = give(office, data, name, expect=status)
        assert words in page
        assert 'name="file"' in page

    def test_a_file_far_too_big_is_not_even_read(self, office: Browser) -> None:
        page = give(office, b"a" * (11 * 1024 * 1024 + 1), expect=413)
        assert "太大" in page or "太长" in page

    def test_columns_by_the_worker(self, office: Browser, ready: House) -> None:
        give(office, b"id,name_zh\nJL001,x\n")
        ready.work()
        page = office.open("/office/imports/1")
        assert "没有采用，名录没有变动" in page
        assert "缺少这些列：name_en" in page
        assert "/apply" not in page

    def test_a_form_sent_twice_is_one_import(self, office: Browser, house: House) -> None:
        give(office, as_csv([line(1)]))
        give(office, as_csv([line(1)]))
        with house.services.database.read() as session:
            assert session.scalar(sa.select(sa.func.count()).select_from(ImportRun)) == 1

    def test_an_import_that_is_not_there(self, office: Browser) -> None:
        office.open("/office/imports/99", expect=404)


class TestExport:
    def test_in_three_kinds(self, office: Browser, ready: House) -> None:
        give(office, as_csv([*lines(2), line(3, name_zh="=HYPERLINK(1)", note_zh="a\nb")]))
        ready.work()
        office.send("/office/imports/1/apply")
        ready.work()
        answer = office.client.get("/office/export/directory.csv")
        text = answer.get_data(as_text=True)
        assert text.startswith("\ufeffid,name_zh,")
        assert "attachment" in answer.headers["Content-Disposition"]
        rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
        assert [row["id"] for row in rows] == ["JL00001", "JL00002", "JL00003"]
        assert rows[2]["name_zh"] == "'=HYPERLINK(1)"
        assert (rows[0]["status"], rows[0]["grade"], rows[0]["evidence"]) == ("listed", "3A", "0/0")
        found = orjson.loads(office.client.get("/office/export/directory.json").data)
        assert found[2]["name_zh"] == "=HYPERLINK(1)"
        assert found[0]["lat"] == pytest.approx(42.001)
        with office.client.get("/office/export/directory.xlsx") as answer:
            book = openpyxl.load_workbook(io.BytesIO(answer.data))
        cells = list(book.active.values)
        assert len(cells) == 4
        assert cells[3][1] == "'=HYPERLINK(1)"

    def test_as_the_list_is_filtered(self, office: Browser, ready: House) -> None:
        found = orjson.loads(office.client.get("/office/export/directory.json?kind=sample").data)
        assert len(found) == 1
        assert orjson.loads(office.client.get("/office/export/directory.json?q=xyz").data) == []


def test_the_pages_are_for_english_readers_too(office: Browser, ready: House) -> None:
    give(office, as_csv([line(1), line(2, lat="10")]))
    ready.work()
    page = office.open("/en/office/imports/1?show=refused")
    assert "The coordinates 10.0, " in page
