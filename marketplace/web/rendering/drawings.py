"""Which drawing stands for a place or a room of which there is no photograph.

A drawing's name is its path below ``static/img`` without season and ending: ``hot_spring`` for a
theme, ``houses/cabin-forest`` for a sample house, ``land/hills``, ``rooms/twin``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import Field, replace
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

from flask import Flask

IMAGES = Path(__file__).resolve().parents[3] / "static" / "img"
FILES = frozenset(path.relative_to(IMAGES).as_posix() for path in IMAGES.rglob("*.svg"))
ANYWHERE = "scenery"
SEASONS = ("summer", "autumn", "winter")
LANDSCAPES = ("land/hills", "land/forest", "land/birches", ANYWHERE, "land/lake", "land/river")
"""What is drawn in place of a theme's drawing that was shown often enough."""
OF_ITS_KIND: Mapping[str, tuple[str, ...]] = {
    "rail": ("trains/hills", "trains/river", "trains/birches", "trains/lake"),
}
"""Other drawings of the same subject, which come first: a train is never an empty landscape."""
MOST_ALIKE = 2
"""How often the same drawing may stand among ``WINDOW`` cards in a row."""
WINDOW = 10
NEIGHBOURS = 2
"""Cards before one that stand beside or above it."""


def path(name: str, season: str = "summer") -> str:
    """Return the file of a drawing below ``static``; what has no drawing gets a landscape."""
    mood = season if season in SEASONS else SEASONS[0]
    tried = (f"{name}-{mood}.svg", f"{name}.svg", f"{ANYWHERE}-{mood}.svg")
    return f"img/{next(file for file in tried if file in FILES)}"


class Drawn(Protocol):
    """A card for which a drawing stands where it has no photograph: a frozen dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def theme(self) -> str:
        """The name of its drawing."""


Card = TypeVar("Card", bound=Drawn)


def varied(cards: Iterable[Card], *, after: Iterable[Drawn] = ()) -> list[Card]:
    """Return a list's cards with their drawings (``theme``) changed where one is seen too often.

    Of any ten cards in a row two at most look alike, and neighbours, also those below each other
    in two columns, do not. Cards with a photograph keep it and do not count. ``after`` are the
    varied cards of a list that stands before this one on the page.
    """
    before = list(after)
    shown: list[Card] = []
    for card in cards:
        # The nine cards before this one; nothing of those with a photograph.
        seen: list[Drawn] = [*before, *shown]
        near = ["" if _has_photo(one) else one.theme for one in seen[1 - WINDOW :]]
        name = card.theme if _has_photo(card) else _unlike(card.theme, near)
        shown.append(replace(card, theme=name))
    return shown


def _has_photo(card: Drawn) -> bool:
    return bool(getattr(card, "photo", None))


def _unlike(name: str, near: Sequence[str]) -> str:
    """Return ``name``, or another of its kind or a landscape that is seen less before it."""
    if kin := OF_ITS_KIND.get(name):
        # In turn, the one seen longest ago: together they are enough for any row of cards.
        back = list(reversed(near))
        unseen = len(back)
        return max((name, *kin), key=lambda one: back.index(one) if one in back else unseen)
    choices = [one for one in (name, *LANDSCAPES) if near.count(one) < MOST_ALIKE]
    apart = [one for one in choices if one not in near[-NEIGHBOURS:]]
    return next(iter(apart or choices))


def set_up(app: Flask) -> None:
    """Give the templates both."""
    app.jinja_env.globals["drawing_file"] = path
    app.jinja_env.filters["varied"] = varied
