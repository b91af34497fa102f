"""In which writing a CSV is read: told by rule, asked where two readings are possible."""

# ruff: noqa: RUF001 - signs that look like others are what is tested here

from __future__ import annotations

import pytest

from catalog.bulk.reasons import FileRefused
from catalog.bulk.tables import source
from catalog.bulk.tables.encodings import AMBIGUOUS, differing
from marketplace.pricing.files.columns import HEAD
from tests.support.directory_file import as_csv, line, lines

KOREAN = "번호,이름\n" + "백두산 온천 여관입니다. 서울에서 두 시간 걸립니다\n" * 20
JAPANESE = "番号,名前\n" + "温泉旅館の紹介です。東京から電車で二時間かかります\n" * 20
TRADITIONAL = "編號,名稱\n" + "長白山北坡的溫泉和森林木屋，夏天涼快，一個人也可以住\n" * 20
RUSSIAN = "номер,имя\n" + "Гостиница у горячих источников в лесу\n" * 20
FRENCH = "numéro,nom\n" + "Hôtel à côté des sources, été très frais\n" * 20


def price_file(name: str, encoding: str) -> bytes:
    """An English head with one Chinese cell."""
    return f"rule,room,code,name_zh,percent\npromotion,R1,EARLY,{name},8\n".encode(encoding)


@pytest.mark.parametrize("name", ["早订优惠", "早鸟", "吉林", "小院子", "氡泉", "炁源山庄"])
def test_an_english_head_with_one_line_of_gbk(name: str) -> None:
    assert source.check(price_file(name, "gb18030")) == "gb18030"
    (found,) = source.read(price_file(name, "gb18030"), "gb18030", head=HEAD)
    assert found.cells["name_zh"] == name


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030"]
)
def test_every_writing_with_a_mark_or_without(encoding: str) -> None:
    rows = [*lines(3), line(4, note_zh="张\U00031350、葛\U000e0100、𠮷、①№℃→□Ⅳ“”…—·€")]
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    data = mark + as_csv(rows, encoding=encoding)
    assert [found.cells for found in source.read(data, source.check(data))] == rows


@pytest.mark.parametrize("name", ["小院", "小院小院", "山", "农", "茅"])
def test_two_possible_readings_are_asked(name: str) -> None:
    data = price_file(name, "gbk")
    data.decode("utf-8")
    assert source.check(data) == AMBIGUOUS
    with pytest.raises(FileRefused, match="--encoding"):
        source.certain_encoding(data)
    assert source.certain_encoding(data, "gbk") == "gb18030"
    assert source.certain_encoding(data, "utf-8") == "utf-8-sig"
    ((as_utf8, as_gbk),) = differing(data)
    assert name in as_gbk
    assert name not in as_utf8


@pytest.mark.parametrize(
    "name", ["Café Zoë", "lǜshī, Wénquán Shānzhuāng", "温泉 · ¥128 ± 3°", "Hôtel", "김치 温泉馆"]
)
def test_what_only_utf_8_can_be_is_not_asked(name: str) -> None:
    assert source.check(price_file(name, "utf-8")) in ("utf-8-sig", AMBIGUOUS)
    if name != "김치 温泉馆":
        assert source.check(price_file(name, "utf-8")) == "utf-8-sig"


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        (JAPANESE, "shift_jis", "Shift-JIS"),
        (JAPANESE, "euc_jp", "EUC-JP"),
        (KOREAN, "euc_kr", "EUC-KR"),
        (
            "rule,room,code,name_zh,percent\npromotion,R1,EARLY," + KOREAN.split("\n")[1] + ",8\n",
            "cp949",
            "EUC-KR",
        ),
        (TRADITIONAL, "big5", "Big5"),
        (RUSSIAN, "cp1251", "Windows-1251"),
        (FRENCH, "cp1252", "Windows-1252"),
    ],
)
def test_what_is_written_otherwise_is_refused_by_name(text: str, encoding: str, name: str) -> None:
    with pytest.raises(FileRefused, match=name):
        source.check(text.encode(encoding))


CHINESE_OF_THE_FIRST_HALF = "吉林,吉林,白城,集安,敦化,辉南,抚松的林间独栋,大房,临江的店,带暖炕"
"""Every character would be a syllable in Korean, but for one."""


@pytest.mark.parametrize("name", ["吉林" * 40, CHINESE_OF_THE_FIRST_HALF, "白河吊脚楼"])
def test_chinese_is_not_taken_for_korean(name: str) -> None:
    assert source.check(price_file(name, "gbk")) == "gb18030"


@pytest.mark.parametrize(
    ("lines", "odd"),
    [
        ([b"\xe6\x97\xa9", b"\xe8\xae\xa2", "晚订".encode("gbk")], 4),
        ([b"\xe6\x97\xa9", b"plain", b"\xe8\xae\xa2", b"\xe8\xae"], 5),
        (["早订".encode("gbk"), "晚订".encode("gbk"), "长住".encode("gbk")[:-1]], 4),
    ],
)
def test_a_line_that_is_written_otherwise_is_named(lines: list[bytes], odd: int) -> None:
    head = b"rule,room,code,name_zh,percent\n"
    data = head + b"\n".join(b"promotion,R1,E," + line + b",8" for line in lines)
    with pytest.raises(FileRefused, match=f"第 {odd} 行"):
        source.check(data)


@pytest.mark.parametrize("end", ['"早订,8', '"早"订,8'])
def test_a_quotation_mark_that_nothing_closes_swallows_no_lines(end: str) -> None:
    data = price_file("早订", "utf-8") + f"promotion,R1,LATE,{end}\n".encode()
    data += b"promotion,R2,EARLY,x,8\n"
    with pytest.raises(FileRefused, match=r"第 [345] 行"):
        list(source.read(data, source.check(data), head=HEAD))


def test_an_encoding_that_somebody_says_must_fit() -> None:
    with pytest.raises(FileRefused, match="UTF-8"):
        source.certain_encoding(price_file("早订", "gbk"), "utf-8")
    with pytest.raises(FileRefused):
        source.certain_encoding(price_file("早订", "utf-8")[:-1], "utf-16")


@pytest.mark.parametrize("size", [100, 5_000, 20_000])
def test_a_long_file_is_told_by_all_of_it(size: int) -> None:
    rows = [
        line(number, note_zh="plain", name_zh="plain", county="", prefecture="")
        for number in range(size)
    ]
    for encoding, told in (("utf-8", "utf-8-sig"), ("gb18030", "gb18030")):
        data = as_csv([*rows, line(size, note_zh="最后一行有汉字")], encoding=encoding)
        assert source.check(data) == told
