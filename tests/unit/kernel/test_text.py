"""Which signs of a text stay, which are dropped, and which are refused."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel.messages import filled
from marketplace.kernel.text import UNKEEPABLE, clean, one_line, remark_fault, unkeepable


@pytest.mark.parametrize(
    "name",
    [
        "张\U00031350",  # Unicode 15: unassigned for an older Python
        "李\U000323b0",  # Unicode 17: unassigned for every Python of today
        "王\U0002ebf0",
        "葛\U000e0100城",  # the shape of a character, chosen behind it
        "芦\ufe00",
        "\u06a9\u06cc\u200c\u0627",  # Persian needs its joiner
        "\u0915\u094d\u200d\u0937",
        "\u182a\u180e\u1820",  # Mongolian, as in Qian Gorlos
        "👨\u200d👩\u200d👧",
        "❤\ufe0f\u200d🔥",
        "김영희",
        "Zoë O\u2019Neill-Łódź",
        "\ue123",  # cannot be kept, and is told, not dropped
        "\ud83d",
    ],
)
def test_what_somebody_sees_stays(name: str) -> None:
    assert clean(name) == name
    assert one_line(name) == name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("王\x00大\x1f山\x7f\x85", "王大山"),
        ("王\u202e大\u2066山\u200e", "王大山"),
        ("王\u200b大\ufeff山\u2060\xad", "王大山"),
        ("王\u200d大\u200c山", "王大山"),
        ("\u200d\ufe0f王", "王"),
        ("王 \U000e0100大", "王 大"),
        ("\u3164\u2800\uffa0", ""),
        ("王\U000e0041大", "王大"),
        ("\u3000王\xa0大\t山\u2003", "王 大 山"),
        ("一\r\n二\u2028三\r四", "一 二 三 四"),
        ("", ""),
    ],
)
def test_what_nobody_sees_goes(typed: str, kept: str) -> None:
    assert one_line(typed) == kept


def test_lines_stay_where_there_may_be_some() -> None:
    assert clean(" 一\r\n二\u2029三\x0b四 ", lines=True) == "一\n二\n三\n四"


@pytest.mark.parametrize(
    "text",
    [
        "张\ue000",
        "\U000f1234",
        "\U0010fffd",
        "\ud800",
        "张\ufffd",
        "\uffff",
        "\ufdd0",
        "\U0001fffe",
    ],
)
def test_what_cannot_be_kept_is_found(text: str) -> None:
    assert unkeepable(clean(text)) == text[-1]
    assert unkeepable("张三 \U00031350 葛\U000e0100 김 \u06cc") is None


@given(st.text(st.characters(), max_size=60))
def test_cleaning_twice_is_cleaning_once(typed: str) -> None:
    for lines in (False, True):
        once = clean(typed, lines=lines)
        assert clean(once, lines=lines) == once


@given(st.integers(0x3400, 0x9FFF) | st.integers(0x20000, 0x3FFFD))
def test_no_han_character_is_lost(point: int) -> None:
    name = f"张{chr(point)}三"
    assert clean(name) == name
    assert unkeepable(name) is None or point & 0xFFFF in (0xFFFE, 0xFFFF)


def test_the_tables_of_the_running_python_are_not_asked() -> None:
    seen = "import sys, marketplace.kernel.text; sys.exit('unicodedata' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", seen], check=False).returncode == 0


@pytest.mark.parametrize(
    ("remark", "missing", "fault"),
    [
        ("", "", None),
        ("", "请写原因", "请写原因"),
        ("修水管", "请写原因", None),
        ("修" * 200, "", None),
        ("修" * 201, "", "太长了，最多 200 个字"),
        ("修水管\ue123", "", UNKEEPABLE),
        ("修水管\ufffd", "", UNKEEPABLE),
    ],
)
def test_a_remark_is_kept_whole_or_refused(remark: str, missing: str, fault: str | None) -> None:
    said = remark_fault(remark, most=200, missing=missing)
    assert (said and filled(said)) == fault
