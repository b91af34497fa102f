"""From text to terms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.search.analysis import index_terms, normalise, pairs, spelt, split_at
from catalog.search.lexicon import FAMILIAR


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("\uff2a\uff29’\uff21\uff2e 琿春 Wunüfeng", "jian 珲春 wunufeng"),
        ("溫泉養生會館", "温泉养生会馆"),
        ("연변", "연변"),
        ("WENQUAN　温泉", "wenquan 温泉"),
        ("乾安縣溫泉", "乾安县温泉"),
        ("乾隆、乾坤、康乾", "乾隆、乾坤、康乾"),
        ("餅乾 乾淨 葡萄乾 乾貨", "饼干 干净 葡萄干 干货"),
        ("皇后的後院、松樹下鬆口氣、里外三裡", "皇后的后院、松树下松口气、里外三里"),
        ("\ud800温泉", "?温泉"),
    ],
)
def test_levels_width_case_accents_and_variants(typed: str, normal: str) -> None:
    assert normalise(typed) == normal


def test_indexes_characters_pairs_words_and_sounds() -> None:
    assert index_terms("木刻楞 log houses") == {
        *("木", "刻", "楞", "木刻", "刻楞", "log", "house"),
        *("~mu", "~ke", "~leng", "~mu'ke", "~ke'leng"),
        *("=mu'kei", "=kei'leng"),
    }
    assert index_terms("温泉 연변", heard=False) == {"温", "泉", "温泉", "연", "변", "연변"}


def test_keeps_a_double_s_and_cuts_endless_words() -> None:
    assert index_terms("less spas gas") == {"less", "spa", "gas"}
    assert {len(term) for term in index_terms("a" * 500)} == {60}


def test_each_run_is_given_as_typed_and_as_looked_for() -> None:
    assert spelt("溫泉Ji'an 연변!!") == [("溫泉", "温泉"), ("Ji'an", "jian"), ("연변", "연변")]
    assert spelt("😀 ** \x00 '") == []


def test_familiar_words_run_together_are_taken_apart() -> None:
    assert split_at("长白山温泉", FAMILIAR) == ["长白山", "温泉"]
    assert split_at("二道白河温泉木屋", FAMILIAR) == ["二道白河", "温泉", "木屋"]


def test_a_name_is_never_pieced_together_from_two() -> None:
    assert split_at("长白山西站", FAMILIAR) == ["长白山西站"]
    assert pairs("长白山西站") == ["长白", "白山", "山西", "西站"]


@given(st.text(alphabet="长白山温泉集安木屋吉林", min_size=1, max_size=12))
def test_every_text_holds_the_pairs_of_its_own_parts(text: str) -> None:
    have = index_terms(text)
    for first in range(len(text)):
        for last in range(first + 1, len(text) + 1):
            assert have.issuperset(pairs(text[first:last]))


@given(st.text(max_size=60))
def test_any_text_has_a_normal_form_and_keeps_it(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
    for _, run in spelt(text):
        assert run == normalise(run)
