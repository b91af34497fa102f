"""Bits, places of ids, filters and counts, against plain sets."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.vocabulary import Cluster, FoodTag, Theme
from marketplace.offers.search import facet_counts
from marketplace.offers.search.search_types import Access, Filters, PriceBand
from marketplace.offers.search.stay_facts import CHOICES, ROW_OF, ROWS, Facts, pack, unpack

COUNT = 150


def made(flags: np.ndarray, ids: np.ndarray | None = None) -> Facts:
    count = flags.shape[1]
    nowhere = np.zeros(count)
    return Facts(
        ids=np.arange(1, count + 1) if ids is None else ids,
        visible=np.ones(count, np.bool_),
        lat=nowhere,
        lon=nowhere,
        error_km=nowhere,
        ease=np.zeros(count, np.int8),
        hospital=np.zeros(count, np.int16),
        flags=flags,
    )


@pytest.fixture
def flags() -> np.ndarray:
    return np.random.default_rng(4).random((len(ROWS), COUNT)) < 0.4


@given(st.lists(st.booleans(), max_size=200))
def test_bits_keep_the_truths(truths: list[bool]) -> None:
    flags = np.array(truths, np.bool_)
    assert unpack(pack(flags), len(flags)).tolist() == truths


@pytest.mark.parametrize("ids", [[1, 2, 5, 9], [3, 70_000, 9_000_000]])
def test_places_of_ids_near_and_far_apart(ids: list[int]) -> None:
    facts = made(np.zeros((len(ROWS), len(ids)), np.bool_), np.array(ids))
    asked = np.array([0, ids[1], ids[0], 4, ids[-1], ids[-1] + 1, 10**12])
    rows, known = facts.places(asked)
    assert known.tolist() == [one in ids for one in asked.tolist()]
    assert rows[known].tolist() == [ids.index(one) for one in asked.tolist() if one in ids]
    assert facts.rows_of(asked).tolist() == rows[known].tolist()


def test_no_listings_at_all() -> None:
    facts = made(np.zeros((len(ROWS), 0), np.bool_), np.zeros(0, np.int64))
    assert facts.rows_of(np.array([1, 2])).tolist() == []


def random_filters(chance: random.Random) -> Filters:
    return Filters(
        cluster=chance.choice([None, *Cluster]),
        theme=chance.choice([None, None, Theme.FOREST, Theme.RAIL]),
        band=chance.choice([None, *PriceBand]),
        access=frozenset(chance.sample(list(Access), k=chance.randrange(3))),
        food=frozenset(chance.sample(list(FoodTag), k=chance.randrange(3))),
        family=chance.random() < 0.3,
    )


@pytest.mark.parametrize("seed", range(25))
def test_counts_are_those_of_plain_sets(flags: np.ndarray, seed: int) -> None:
    chance = random.Random(seed)
    filters, band = random_filters(chance), np.random.default_rng(seed).integers(0, 4, COUNT)
    bands = pack(band[np.newaxis, :] == np.arange(4)[:, np.newaxis])
    base = np.random.default_rng(seed + 99).random(COUNT) < 0.8
    facts = made(flags)

    def holds(place: int, asked: Filters) -> bool:
        return all(
            band[place] == list(PriceBand).index(PriceBand(value))
            if name == facet_counts.BAND
            else (name, value) in ROW_OF and flags[ROW_OF[name, value], place]
            for name, values in facet_counts.chosen(asked).items()
            for value in values
        )

    def count(asked: Filters) -> int:
        return sum(base[place] and holds(place, asked) for place in range(COUNT))

    counted = facet_counts.count(facts, bands, pack(base), filters)
    left = unpack(counted.bits, COUNT)
    assert left.tolist() == [bool(base[place] and holds(place, filters)) for place in range(COUNT)]
    assert (unpack(facet_counts.narrow(facts, bands, pack(base), filters), COUNT) == left).all()
    kinds = {"cluster": Cluster, "band": PriceBand, "access": Access, "food": FoodTag}
    for facet in counted.facets:
        if facet.name in kinds:
            for value in facet.values:
                picked = kinds[facet.name](value.value)
                held = getattr(filters, facet.name)
                wider = held | {picked} if facet.several else picked
                assert value.count == count(replace(filters, **{facet.name: wider}))
    assert [facet.name for facet in counted.facets] == [
        *list(CHOICES)[:2],
        "band",
        *list(CHOICES)[2:],
    ]
