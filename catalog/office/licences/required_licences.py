"""Which licences an enterprise must hold by what it does. Pure.

The business licence always; what else follows from guests sleeping there, bathing, eating, being
treated or carried. Two categories may offer treatment or meals or not: their operator says so by
giving that licence, and the office asks for it where the description shows it.
"""

from __future__ import annotations

from catalog.vocabulary import Category, LicenceKind

ALWAYS = frozenset({LicenceKind.BUSINESS})
STAY = frozenset({LicenceKind.LODGING, LicenceKind.HYGIENE, LicenceKind.FIRE})
"""Where guests sleep."""
BATH = frozenset({LicenceKind.WATER, LicenceKind.HYGIENE})
"""Where guests bathe in water from the ground."""

REQUIRED: dict[Category, frozenset[LicenceKind]] = {
    Category.HOT_SPRING_RESORT: STAY | BATH | {LicenceKind.FOOD},
    Category.HOT_SPRING_SOURCE: frozenset({LicenceKind.WATER}),
    Category.MINERAL_SPRING: frozenset({LicenceKind.WATER}),
    Category.FOREST_CABIN: STAY,
    Category.FOREST_HOMESTAY: STAY,
    Category.BASECAMP: STAY | {LicenceKind.FOOD},
    Category.SKI_SUMMER_RESORT: STAY | {LicenceKind.FOOD},
    Category.TCM_WELLNESS: frozenset({LicenceKind.CLINIC, LicenceKind.HYGIENE}),
    Category.WELLNESS_STAY: STAY | {LicenceKind.FOOD},
    Category.FOREST_TRAIN: frozenset({LicenceKind.RAIL}),
    Category.THEME_TRAIN: frozenset({LicenceKind.RAIL}),
    Category.WINERY: frozenset({LicenceKind.FOOD}),
}
"""What a category asks for besides the business licence; others ask for nothing more."""


def licences_of(category: Category | None) -> list[LicenceKind]:
    """Return the licences that a category must hold, in the order of the vocabulary."""
    needed = ALWAYS | (REQUIRED.get(category, frozenset()) if category else frozenset())
    return [kind for kind in LicenceKind if kind in needed]
