"""A small train on its line, as SVG shapes: what stands for a train in every landscape."""

from __future__ import annotations

from drawing_parts import FRAME, GLASS, LAMP, SCENES, Palette, box, line, oval, shape

RAIL_Y = 266
IRON, BALLAST, STRIPE = "#24382e", "#a7a695", "#b23a17"
TRAINS = ("birches", "hills", "lake", "river")
"""The landscapes that trains are drawn in."""


def train(scene: str, p: Palette) -> str:
    """Return a railcar with two carriages before a landscape."""
    return SCENES[scene](p) + _line() + _railcar(p) + _carriage(54, p) + _carriage(182, p)


def _line() -> str:
    sleepers = "".join(f"M{x} {RAIL_Y + 9}h12" for x in range(4, 480, 24))
    return (
        box(0, RAIL_Y + 6, 480, 14, BALLAST)
        + line(sleepers, "#85592f", 6)
        + box(0, RAIL_Y, 480, 4, IRON)
    )


def _wheels(*at: int) -> str:
    return "".join(
        oval(x, RAIL_Y - 8, 10, 10, IRON) + oval(x, RAIL_Y - 8, 5, 5, BALLAST) for x in at
    )


def _carriage(left: int, p: Palette) -> str:
    windows = "".join(box(left + 12 + 26 * n, 206, 18, 20, GLASS, rx=3) for n in range(4))
    return (
        box(left + 118, 244, 14, 4, IRON)
        + box(left, 194, 118, 58, FRAME, rx=6)
        + box(left, 232, 118, 20, p.needle_dark, rx=4)
        + box(left, 188, 118, 10, p.roof, rx=5)
        + windows
        + _wheels(left + 26, left + 92)
    )


def _railcar(p: Palette) -> str:
    nose = "M310 252v-58q0-6 6-6h72q26 0 38 34l4 22q2 8-6 8Z"
    return (
        shape(nose, p.needle_dark)
        + box(310, 232, 118, 8, STRIPE)
        + "".join(box(322 + 26 * n, 206, 18, 20, GLASS, rx=3) for n in range(2))
        + shape("M382 204h14q12 4 18 24h-32Z", GLASS)
        + oval(420, 242, 5, 5, LAMP)
        + _wheels(338, 400)
    )
