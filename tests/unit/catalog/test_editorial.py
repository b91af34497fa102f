"""Texts about clusters and themes: complete in both languages, sourced, and honest."""

from __future__ import annotations

import csv
import re

import pytest

from catalog.bulk.directory_loading import DATA
from catalog.editorial import facts
from catalog.editorial.clusters import CLUSTERS, NEIGHBOURS, PROVINCE
from catalog.editorial.portrait import Fact, Portrait, Text
from catalog.editorial.themes import THEMES
from catalog.vocabulary import THEME_OF, Category, Cluster, Theme

HAN = re.compile(r"[㐀-鿿]")
ALL = [*CLUSTERS.values(), *THEMES.values(), PROVINCE]
FACTS = {name: fact for name, fact in vars(facts).items() if isinstance(fact, Fact)}
CLAIMS = re.compile(r"治愈|治疗|疗效好|根治|包治|cure|heal|therap", re.IGNORECASE)
LONGEST_SENTENCE = 27


def texts(portrait: Portrait) -> list[Text]:
    told = [Text(fact.zh, fact.en) for fact in portrait.facts]
    return [portrait.lede, *portrait.more, *portrait.gaps, *told]


def rows() -> dict[str, dict[str, str]]:
    with (DATA / "directory-places.csv").open(encoding="utf-8") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def test_every_cluster_and_theme_has_one() -> None:
    assert set(CLUSTERS) == set(NEIGHBOURS) == set(Cluster)
    assert set(THEMES) == set(Theme)


@pytest.mark.parametrize("portrait", ALL)
def test_both_languages_say_it(portrait: Portrait) -> None:
    for text in texts(portrait):
        assert HAN.search(text.zh), text
        assert text.en, text
        assert not HAN.search(text.en), text
        assert text.zh.endswith("。"), text
        assert text.en.endswith("."), text


@pytest.mark.parametrize("portrait", ALL)
def test_sentences_are_short(portrait: Portrait) -> None:
    sentences = [one for text in texts(portrait) for one in re.split("[。；]", text.zh)]
    assert [one for one in sentences if len(one) > LONGEST_SENTENCE] == []


@pytest.mark.parametrize("portrait", ALL)
def test_nothing_promises_health(portrait: Portrait) -> None:
    assert [text for text in texts(portrait) if CLAIMS.search(text.zh + text.en)] == []


def test_every_fact_is_told_somewhere_and_once_on_a_page() -> None:
    told = [fact for portrait in ALL for fact in portrait.facts]
    assert [name for name, fact in FACTS.items() if fact not in told] == []
    assert all(len(portrait.facts) == len(set(portrait.facts)) for portrait in ALL)


@pytest.mark.parametrize("name", FACTS)
def test_a_fact_has_a_source_and_the_date_it_gives(name: str) -> None:
    fact = FACTS[name]
    assert fact.source.zh
    assert fact.source.en
    assert not HAN.search(fact.source.en)
    assert re.fullmatch(r"|\d{4}(-\d{2}(-\d{2})?)?", fact.as_of)
    if fact.code:
        assert fact.code in rows()


def test_a_cluster_tells_of_its_own_places_and_a_theme_of_its_own_kind() -> None:
    known = rows()
    strangers = [
        (owner, fact.code)
        for owner, portrait in CLUSTERS.items()
        for fact in portrait.facts
        if fact.code and known[fact.code]["cluster"] != owner.value
    ]
    assert strangers == []
    others = [
        (owner, fact.code)
        for owner, portrait in THEMES.items()
        for fact in portrait.facts
        if fact.code and THEME_OF[Category(known[fact.code]["type"])] is not owner
    ]
    assert others == []


def test_where_no_july_figure_exists_none_is_told() -> None:
    for cluster in set(Cluster) - {Cluster.CJS_SPRINGS}:
        portrait = CLUSTERS[cluster]
        assert not any("七月" in fact.zh for fact in portrait.facts), cluster
        assert any("没有查到" in gap.zh and "七月" in gap.zh for gap in portrait.gaps), cluster
