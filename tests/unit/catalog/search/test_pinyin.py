"""How Chinese words sound, and how people spell that."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.search.pinyin import SYLLABLES, folded, initials, split, syllables


@pytest.mark.parametrize(
    ("run", "read"),
    [
        ("长白山温泉", "chang bai shan wen quan"),
        ("长春", "chang chun"),
        ("二道白河", "er dao bai he"),
        ("人参采摘", "ren shen cai zhai"),
        ("重庆旅行", "chong qing lu xing"),
        ("绿色旅居", "lu se lu ju"),
        ("琿", "hun"),
    ],
)
def test_reads_the_words_of_the_field(run: str, read: str) -> None:
    assert " ".join(syllables(run)) == read


def test_an_unreadable_character_is_silent() -> None:
    assert syllables("温\U00030000泉") == ("wen", "", "quan")


@pytest.mark.parametrize(
    ("letters", "ways"),
    [
        ("wenquan", ["wen quan", "wen qu an"]),
        ("jian", ["jian", "ji an"]),
        ("xian", ["xian", "xi an"]),
        ("lvju", ["lu ju"]),
        ("wenqaun", []),
        ("hotel", []),
        ("", []),
        ("wen" * 30, []),
    ],
)
def test_takes_letters_apart(letters: str, ways: list[str]) -> None:
    assert [" ".join(way) for way in split(letters)] == ways


@given(st.lists(st.sampled_from(sorted(SYLLABLES)), min_size=1, max_size=5))
def test_what_was_put_together_is_among_the_ways_or_has_shorter_ones(read: list[str]) -> None:
    ways = split("".join(read))
    assert ways
    assert all("".join(way) == "".join(read) for way in ways)
    assert tuple(read) in ways or len(ways[0]) <= len(read)


def test_southern_ears() -> None:
    assert folded(("cang", "bai", "san")) == folded(syllables("长白山"))
    assert folded(("jin", "xin")) == folded(("jing", "xing"))
    assert folded(("wen",)) != folded(("wan",))


def test_initials() -> None:
    assert initials(syllables("长白山")) == "cbs"
