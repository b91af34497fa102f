"""Breaking the diagram's words into lines that fit."""

from __future__ import annotations

import pytest

from marketplace.web.traveller.directory.cluster_diagram import (
    BOX_WIDTH,
    STATION_WIDTH,
    broken,
    width,
)


@pytest.mark.parametrize(
    ("text", "most", "lines"),
    [
        ("珲春集聚区", BOX_WIDTH, ["珲春集聚区"]),
        ("环长白山温泉带", BOX_WIDTH, ["环长白山温泉带"]),
        ("长春—吉林—松原温泉带", BOX_WIDTH, ["长春—吉林—", "松原温泉带"]),
        ("一二三四五六七八九十", 4, ["一二三四", "五六七八", "九十"]),
        ("Changbai Mountain", BOX_WIDTH, ["Changbai", "Mountain"]),
        ("Changchun-Jilin springs", 7, ["Changchun-", "Jilin", "springs"]),
        ("长白山西站 西坡", STATION_WIDTH, ["长白山西站 西坡"]),
        ("", 5, [""]),
    ],
)
def test_lines_end_after_a_space_or_dash_where_there_is_one(
    text: str, most: float, lines: list[str]
) -> None:
    assert broken(text, most) == lines


@pytest.mark.parametrize("text", ["Incomprehensibilities", "一二三四五六七八九十一二三", "a b—c"])
def test_no_line_is_too_wide_and_no_letter_is_lost(text: str) -> None:
    lines = broken(text, 5)
    assert all(width(line) <= 5 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_a_chinese_character_is_as_wide_as_its_size() -> None:
    assert width("长白山") == 3
    assert width("ill") < width("abc") < width("mmm")
