"""Filters and facet counts over the bit sets of ``Facts``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from marketplace.offers.search.search_types import Facet, FacetValue, Filters, PriceBand
from marketplace.offers.search.stay_facts import CHOICES, FAMILY, ROW_OF, SLICES, Bits, Facts

BAND = "band"
SEVERAL = frozenset({"access", "food", FAMILY})
"""Facets of which several values can be chosen, all of which must hold."""
PLACE_OF_BAND = 2
"""Where the price bands stand among the facets of the page."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What the filters leave, and the facets."""

    bits: Bits
    facets: tuple[Facet, ...]


def chosen(filters: Filters) -> dict[str, tuple[str, ...]]:
    """Return the values that the filters ask for, by facet; facets that ask nothing are empty."""
    picked: dict[str, tuple[str, ...]] = {}
    for name, values in CHOICES.items():
        asked = getattr(filters, name)
        if name == FAMILY:
            picked[name] = (FAMILY,) if asked else ()
        elif name in SEVERAL:
            picked[name] = tuple(value for value in values if value in asked)
        else:
            picked[name] = (asked,) if asked is not None else ()
    picked[BAND] = (filters.band,) if filters.band is not None else ()
    return picked


def narrow(facts: Facts, bands: Bits, base: Bits, filters: Filters) -> Bits:
    """Return those of ``base`` that all filters leave."""
    left = base
    for mask in _masks(facts, bands, chosen(filters)).values():
        left = left & mask
    return left


def count(facts: Facts, bands: Bits, base: Bits, filters: Filters) -> Counted:
    """Filter ``base`` and count every choice of every facet.

    ``bands`` has one row of bits for each ``PriceBand``; ``base`` is what the words, the dates and
    the people leave.
    """
    picked = chosen(filters)
    masks = _masks(facts, bands, picked)
    left = base
    for mask in masks.values():
        left = left & mask
    facets = []
    for name in _order():
        rows = bands if name == BAND else facts.bits[SLICES[name]]
        values = tuple(PriceBand) if name == BAND else CHOICES[name]
        aside = left
        if name in masks:
            aside = base
            for other, mask in masks.items():
                if other != name:
                    aside = aside & mask
        # Of one choice, the own is left aside, or no other value of the facet would have a count.
        within = left if name in SEVERAL else aside
        counts = np.bitwise_count(rows & within).sum(axis=1, dtype=np.int64).tolist()
        facets.append(
            Facet(
                name,
                name in SEVERAL,
                tuple(
                    FacetValue(str(value), number, value in picked[name])
                    for value, number in zip(values, counts, strict=True)
                ),
                int(np.bitwise_count(aside).sum()),
            )
        )
    return Counted(left, tuple(facets))


def _order() -> list[str]:
    names = list(CHOICES)
    return [*names[:PLACE_OF_BAND], BAND, *names[PLACE_OF_BAND:]]


def _masks(facts: Facts, bands: Bits, picked: dict[str, tuple[str, ...]]) -> dict[str, Bits]:
    """Return one mask for each facet that asks for something."""
    masks: dict[str, Bits] = {}
    for name, values in picked.items():
        for value in values:
            if name == BAND:
                row = bands[tuple(PriceBand).index(PriceBand(value))]
            elif (name, value) in ROW_OF:
                row = facts.bits[ROW_OF[name, value]]
            else:
                # No stay can have it: trains are a theme of the directory alone.
                row = np.zeros_like(facts.bits[0])
            masks[name] = masks[name] & row if name in masks else row
    return masks
