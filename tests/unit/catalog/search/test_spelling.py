"""Known words by sound."""

from __future__ import annotations

import pytest

from catalog.search.pinyin import syllables
from catalog.search.spelling import Spelling

WORDS = ["长白山", "温泉", "汪清", "木屋", "二道白河", "敬信", "精心", "Erdaobaihe", "红松林"]


@pytest.fixture
def spelling() -> Spelling:
    return Spelling(WORDS)


@pytest.mark.parametrize(
    ("letters", "words"),
    [
        ("wenquan", [("温泉",)]),
        ("changbaishanwenquan", [("长白山", "温泉")]),
        ("jingxin", [("敬信",), ("精心",)]),
        ("wenquanx", []),
        ("wen", []),
    ],
)
def test_pinyin_spells_words(
    spelling: Spelling, letters: str, words: list[tuple[str, ...]]
) -> None:
    assert spelling.by_sound(letters) == words


def test_initials_spell_one_word_or_several(spelling: Spelling) -> None:
    assert spelling.by_initials("cbs") == [("长白山",)]
    assert spelling.by_initials("wq") == [("温泉",), ("汪清",)]
    assert spelling.by_initials("cbswq") == [("长白山", "温泉"), ("长白山", "汪清")]
    assert spelling.by_initials("c") == []


def test_what_sounds_alike(spelling: Spelling) -> None:
    assert spelling.alike(syllables("文全")) == [("温泉",)]
    assert spelling.alike(syllables("温馨")) == []
    assert spelling.alike(syllables("长白三")) == [("长白山",)]
    assert spelling.by_folded_sound("cangbaisan") == [("长白山",)]


@pytest.mark.parametrize(
    ("letters", "words"),
    [
        ("wenqaun", ["温泉"]),
        ("wenqua", ["温泉"]),
        ("wenquann", ["温泉"]),
        ("wemquan", ["温泉"]),
        ("erdaobiahe", ["二道白河", "erdaobaihe"]),
        ("muw", []),
        ("xxxxxxx", []),
        ("wqnuqan", []),
    ],
)
def test_slips_of_the_finger(spelling: Spelling, letters: str, words: list[str]) -> None:
    assert spelling.misspelt(letters) == words


def test_learning_a_word_twice_changes_nothing(spelling: Spelling) -> None:
    spelling.learn("温泉·木屋")
    assert spelling.by_sound("wenquan") == [("温泉",)]
