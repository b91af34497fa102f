"""Draws sample houses, their rooms, landscapes and trains into folders of ``static/img``.

Run it after a change of what is drawn; the files it writes are part of the repository.
"""

from __future__ import annotations

import sys
from pathlib import Path

from drawn_trains import TRAINS, train

from drawing_parts import HEIGHT, SCENES, SEASONS, WIDTH
from drawn_houses import HOUSES, house
from drawn_rooms import ROOMS

LANDSCAPES = ("birches", "forest", "hills", "lake", "river")
"""Landscapes that are also drawn alone, for places of which no house is known."""
IMAGES = Path(__file__).resolve().parent.parent / "static" / "img"


def main() -> int:
    """Write every drawing anew; returns the exit code."""
    for name in HOUSES:
        scene = name.split("-")[1]
        for season, palette in SEASONS.items():
            _write(f"houses/{name}-{season}", house(name, SCENES[scene](palette), palette))
    for scene in LANDSCAPES:
        for season, palette in SEASONS.items():
            _write(f"land/{scene}-{season}", SCENES[scene](palette))
    for scene in TRAINS:
        for season, palette in SEASONS.items():
            _write(f"trains/{scene}-{season}", train(scene, palette))
    for name, draw in ROOMS.items():
        _write(f"rooms/{name}", draw())
    return 0


def _write(name: str, shapes: str) -> None:
    file = IMAGES / f"{name}.svg"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}">{shapes}</svg>\n',
        encoding="utf-8",
    )


if __name__ == "__main__":
    sys.exit(main())
