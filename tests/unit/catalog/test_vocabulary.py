"""Every word of a closed list has its labels."""

from __future__ import annotations

import enum
import inspect

import pytest

from catalog import vocabulary
from catalog.labels import cluster_label, label
from catalog.vocabulary import THEME_OF, Category, Cluster, Theme, categories_of, local

LISTS = [
    kind
    for _name, kind in inspect.getmembers(vocabulary, inspect.isclass)
    if issubclass(kind, enum.StrEnum) and kind is not enum.StrEnum
]


@pytest.mark.parametrize("kind", LISTS, ids=lambda kind: kind.__name__)
def test_every_word_is_labelled_in_both_languages(kind: type[enum.StrEnum]) -> None:
    chinese = [label(member) for member in kind]
    english = [label(member, "en") for member in kind]
    assert len(set(chinese)) == len(set(english)) == len(kind)
    assert not any(text.isascii() for text in chinese)
    assert all(text[0].isascii() for text in english)


def test_every_category_has_a_theme_and_every_theme_categories() -> None:
    assert set(THEME_OF) == set(Category)
    assert {category for theme in Theme for category in categories_of(theme)} == set(Category)
    assert all(categories_of(theme) for theme in Theme)


def test_being_in_no_cluster_has_a_label() -> None:
    assert cluster_label(None) == "省内其他"
    assert cluster_label(None, "en") == "Elsewhere in Jilin"
    assert cluster_label(Cluster.JIAN) == "集安集聚区"


def test_text_carries_the_language_it_is_in() -> None:
    assert local("温泉", "spring", "en") == ("spring", "en")
    assert local("温泉", "", "en") == ("温泉", "zh-CN")
    assert local("温泉", "spring", "zh-CN") == ("温泉", "zh-CN")
