"""Which drawing stands for a place or a room of which there is no photograph.

A drawing's name is its path below ``static/img`` without season and ending: ``hot_spring`` for a
theme, ``houses/cabin-forest`` for a sample house, ``land/hills``, ``rooms/twin``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from flask import Flask

IMAGES = Path(__file__).resolve().parents[2] / "static" / "img"
FILES = frozenset(path.relative_to(IMAGES).as_posix() for path in IMAGES.rglob("*.svg"))
ANYWHERE = "scenery"
SEASONS = ("summer", "autumn", "winter")
LANDSCAPES = ("land/hills", "land/forest", "land/birches", ANYWHERE, "land/lake", "land/river")
"""What is drawn in place of a theme's drawing that was shown often enough."""
MOST_ALIKE = 2
"""How often the same drawing may stand in one list."""


def path(name: str, season: str = "summer") -> str:
    """Return the file of a drawing below ``static``; what has no drawing gets a landscape."""
    mood = season if season in SEASONS else SEASONS[0]
    tried = (f"{name}-{mood}.svg", f"{name}.svg", f"{ANYWHERE}-{mood}.svg")
    return f"img/{next(file for file in tried if file in FILES)}"


def varied(cards: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a list's cards with their drawings (``theme``) changed where one is seen too often.

    Cards with a photograph keep it and do not count.
    """
    seen: Counter[str] = Counter()
    shown = []
    for card in cards:
        name = card["theme"]
        if not card.get("photo"):
            choices = (name, *LANDSCAPES)
            name = next((one for one in choices if seen[one] < MOST_ALIKE), name)
            seen[name] += 1
        shown.append({**card, "theme": name})
    return shown


def set_up(app: Flask) -> None:
    """Give the templates both."""
    app.jinja_env.globals["drawing_file"] = path
    app.jinja_env.filters["varied"] = varied
