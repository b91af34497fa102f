"""From text to terms."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from catalog.search.analysis import MOST_TERMS, index_terms, normalise, query_terms


def matches(text: str, words: str) -> bool:
    have = set(index_terms(text))
    return all(term in have for term in query_terms(words))


def test_levels_width_case_accents_and_variants() -> None:
    assert normalise("\uff2a\uff29’\uff21\uff2e 琿春 Wunüfeng") == "jian 珲春 wunufeng"
    assert normalise("연변") == "연변"


def test_indexes_pairs_and_single_characters() -> None:
    assert index_terms("木刻楞 Log houses") == ["木", "刻", "楞", "木刻", "刻楞", "log", "house"]


def test_keeps_a_double_s() -> None:
    assert index_terms("less spas gas") == ["less", "spa", "gas"]


def test_familiar_words_run_together_are_taken_apart() -> None:
    assert query_terms("长白山温泉") == ["长白", "白山", "温泉"]
    assert matches("长白山北坡，有温泉", "长白山温泉")
    assert not matches("长白山北坡", "长白山温泉")
    assert not matches("泉边有温室", "温泉")


def test_a_name_is_never_pieced_together_from_two() -> None:
    assert query_terms("长白山西站") == ["长白", "白山", "山西", "西站"]
    assert not matches("环长白山，延吉西站", "长白山西站")


def test_a_single_character_is_a_term() -> None:
    assert query_terms("泉 a") == ["泉", "a"]


def test_a_query_has_bounds() -> None:
    assert len(query_terms(" ".join(f"w{number}" for number in range(500)))) <= MOST_TERMS


@given(st.text(alphabet="长白山温泉集安木屋吉林", min_size=1, max_size=12))
def test_every_text_is_found_by_its_own_parts(text: str) -> None:
    for first in range(len(text)):
        for last in range(first + 1, len(text) + 1):
            assert matches(text, text[first:last])
