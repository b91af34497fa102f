"""Pieces of the drawings of sample houses: colours of a season, landscapes, buildings, inside.

Every function returns SVG shapes on a sheet of 480 × 320. What a drawing is about stands in the
middle at the height of ``GROUND``, where a wide or narrow cut leaves it whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 480, 320
GROUND = 262
"""Where a building stands."""


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a season."""

    sky: str
    haze: str
    sun: str
    far: str
    near: str
    needle: str
    needle_dark: str
    leaf: str
    grass: str
    grass_near: str
    water: str
    shine: str
    roof: str
    snow: bool = False


SEASONS = {
    "summer": Palette(
        sky="#e6efe0", haze="#f3f2dc", sun="#f4cf7c", far="#b4cdb9", near="#7fa98c",
        needle="#2d624a", needle_dark="#1e4d3a", leaf="#5f9a58", grass="#86ad74",
        grass_near="#6c9860", water="#7fb0b8", shine="#b5d6d8", roof="#8a3a22",
    ),
    "autumn": Palette(
        sky="#f3e8d6", haze="#f9f0dd", sun="#f0b95a", far="#d8c4a2", near="#c39a62",
        needle="#5d6b3d", needle_dark="#41502f", leaf="#c96f2c", grass="#cdb072",
        grass_near="#b59555", water="#86a9ad", shine="#c2d6d2", roof="#7c3420",
    ),
    "winter": Palette(
        sky="#dbe6ec", haze="#e9eff0", sun="#fdf0cf", far="#c2d2db", near="#9db7c3",
        needle="#34594f", needle_dark="#24473d", leaf="#a9bcc0", grass="#f6f8f6",
        grass_near="#e3ebec", water="#bfd3da", shine="#e8f1f3", roof="#f3f6f5", snow=True,
    ),
}  # fmt: skip

WALL, WALL_SHADE, TIMBER, TIMBER_DARK = "#f0e4cc", "#d9c6a0", "#b17f4e", "#85592f"
BRICK, BRICK_DARK, TILE, STONE = "#8b8a84", "#6c6b66", "#5a5f61", "#9aa3a6"
GLASS, FRAME, DOOR, LAMP = "#f6c667", "#f7eedb", "#6d2a17", "#fdf0cf"


def box(x: float, y: float, w: float, h: float, fill: str, *, rx: int = 0) -> str:
    """Return a rectangle; ``rx`` rounds its corners."""
    corners = f' rx="{rx}"' if rx else ""
    return f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" fill="{fill}"{corners}/>'


def shape(path: str, fill: str) -> str:
    """Return a filled path."""
    return f'<path d="{path}" fill="{fill}"/>'


def line(path: str, stroke: str, width: float = 2) -> str:
    """Return a drawn line."""
    return (
        f'<path d="{path}" fill="none" stroke="{stroke}" stroke-width="{width:g}" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
    )


def oval(x: float, y: float, rx: float, ry: float, fill: str) -> str:
    """Return an ellipse."""
    return f'<ellipse cx="{x:g}" cy="{y:g}" rx="{rx:g}" ry="{ry:g}" fill="{fill}"/>'


# ------------------------------------------------------------------ plants


def pine(x: float, foot: float, tall: float, p: Palette, *, dark: bool = False) -> str:
    """Return a conifer that stands at (x, foot)."""
    wide, fill = tall * 0.3, p.needle_dark if dark else p.needle
    tiers = "".join(
        f"M{x:g} {foot - tall * top:g}l{wide * size:g} {tall * 0.36:g}h{-2 * wide * size:g}Z"
        for top, size in ((1.0, 0.6), (0.78, 0.8), (0.54, 1.0))
    )
    cap = f"M{x:g} {foot - tall:g}l{wide * 0.3:g} {tall * 0.18:g}h{-wide * 0.6:g}Z"
    return (
        box(x - 3, foot - tall * 0.2, 6, tall * 0.2, "#5b4630")
        + shape(tiers, fill)
        + (shape(cap, "#fbfcfb") if p.snow else "")
    )


def birch(x: float, foot: float, tall: float, p: Palette) -> str:
    """Return a birch: a white stem with marks, and a light crown."""
    stem = box(x - 3, foot - tall, 6, tall, "#f7f5ee")
    marks = "".join(
        f"M{x + side:g} {foot - tall * part:g}h2"
        for side, part in ((-2.5, 0.12), (0.5, 0.25), (-2.5, 0.38), (0.5, 0.52), (-2.5, 0.64))
    )
    crown = "".join(
        oval(x + dx, foot - tall * at, tall * 0.17, tall * 0.2, p.leaf)
        for dx, at in ((0, 1.0), (-tall * 0.1, 0.8), (tall * 0.11, 0.76))
    )
    if p.snow:
        crown = line(
            f"M{x:g} {foot - tall * 0.6:g}l-14-24M{x:g} {foot - tall * 0.7:g}l13-22", "#b9b5a8"
        )
    return crown + stem + line(marks, "#7d7d76", 1.2)


def fruit_tree(x: float, foot: float, p: Palette) -> str:
    """Return a round orchard tree, with fruit while there is any."""
    fruit = (
        ""
        if p.snow
        else "".join(
            oval(x + dx, foot - 40 + dy, 3.2, 3.2, "#d9762b")
            for dx, dy in ((-14, 2), (-3, -10), (10, -2), (2, 9), (16, 8))
        )
    )
    crown = oval(x, foot - 40, 27, 24, p.leaf)
    snow = oval(x, foot - 52, 20, 9, "#fbfcfb") if p.snow else ""
    return box(x - 3, foot - 22, 6, 22, "#5b4630") + crown + snow + fruit


# ------------------------------------------------------------------ landscapes


def _backdrop(p: Palette) -> str:
    return (
        box(0, 0, WIDTH, HEIGHT, p.sky)
        + oval(110, 112, 230, 110, p.haze)
        + f'<circle cx="96" cy="66" r="28" fill="{p.sun}"/>'
        + shape("M0 152l60-44 40 24 46-20 58 52 54-34 62 40 58-50 44 34 58-22V320H0Z", p.far)
    )


def _meadow(p: Palette) -> str:
    return shape("M0 226q120-20 240-8t240-6V320H0Z", p.grass) + shape(
        "M0 278q140-22 260-6t220-10V320H0Z", p.grass_near
    )


def forest(p: Palette) -> str:
    """Return hills and a wood of conifers on both sides."""
    ridge = shape("M0 212q50-28 120-18t134-12 120 14 106-16V320H0Z", p.near)
    wood = "".join(pine(x, 236, 60 + (x * 7) % 26, p) for x in range(8, 480, 26))
    sides = "".join(
        pine(x, foot, tall, p, dark=True)
        for x, foot, tall in ((36, 268, 130), (78, 256, 96), (446, 270, 138), (404, 256, 92))
    )
    return _backdrop(p) + ridge + wood + _meadow(p) + sides


def birches(p: Palette) -> str:
    """Return a birch wood."""
    ridge = shape("M0 206q60-36 140-18t120-8 120 10 100-20V320H0Z", p.near)
    back = "".join(birch(x, 236, 74 + (x * 5) % 22, p) for x in range(14, 480, 34))
    sides = "".join(
        birch(x, foot, tall, p)
        for x, foot, tall in ((34, 276, 150), (72, 262, 116), (416, 262, 118), (450, 278, 152))
    )
    return _backdrop(p) + ridge + back + _meadow(p) + sides


def hills(p: Palette) -> str:
    """Return open slopes with a few trees."""
    slopes = shape("M0 214q90-60 190-26t130 0 160-34V320H0Z", p.near)
    trees = "".join(pine(x, 238, 52 + x % 20, p) for x in (20, 48, 112, 372, 428, 462))
    return _backdrop(p) + slopes + trees + _meadow(p)


def river(p: Palette) -> str:
    """Return a river that runs in front, with its far bank."""
    bank = shape("M0 212q120-24 250-12t230-10V320H0Z", p.near)
    trees = "".join(pine(x, 232, 48 + x % 22, p) for x in (14, 60, 96, 392, 430, 466))
    water = shape("M0 288q120-14 240-4t240-8V320H0Z", p.water)
    shine = line("M40 300q26 5 52 0M190 306q30 5 60 0M350 300q28 5 56 0", p.shine, 3)
    return _backdrop(p) + bank + trees + _meadow(p) + water + shine


def lake(p: Palette) -> str:
    """Return a lake behind the house, with reeds."""
    water = shape("M0 196q120-10 240-6t240-2v52H0Z", p.water)
    shine = line("M30 214q30 5 60 0M380 208q30 5 60 0M410 226q24 4 48 0", p.shine, 3)
    reeds = line(
        "".join(f"M{x} 250l{-3 + x % 7} -26" for x in (14, 22, 30, 38, 446, 454, 462, 470)),
        p.leaf,
        2.4,
    )
    return _backdrop(p) + water + shine + _meadow(p) + reeds


def town(p: Palette) -> str:
    """Return the houses of a town behind a street with trees."""
    houses = "".join(
        box(x, 226 - h, w, h, "#d8d2c0" if x % 4 else "#c9c4b4")
        + line(
            "".join(f"M{x + dx} {226 - h + 14}v{h - 26}" for dx in range(8, w, 12)), "#f7eedb", 3
        )
        for x, w, h in (
            (0, 60, 70),
            (62, 46, 96),
            (112, 52, 58),
            (324, 50, 64),
            (378, 44, 92),
            (424, 56, 74),
        )
    )
    street = box(0, 278, WIDTH, 42, "#dcdad0" if not p.snow else "#e3ebec")
    trees = "".join(fruitless(x, 274, p) for x in (44, 92, 398, 446))
    return _backdrop(p) + houses + _meadow(p) + street + trees


def fruitless(x: float, foot: float, p: Palette) -> str:
    """Return a street tree."""
    crown = oval(x, foot - 44, 19, 25, p.leaf)
    return box(x - 2.5, foot - 24, 5, 24, "#5b4630") + crown


def orchard(p: Palette) -> str:
    """Return rows of fruit trees on a slope."""
    slope = shape("M0 206q130-36 250-12t230-24V320H0Z", p.near)
    rows = "".join(fruit_tree(x, 240, p) for x in (26, 78, 130, 352, 404, 456))
    near = fruit_tree(40, 292, p) + fruit_tree(444, 294, p)
    return _backdrop(p) + slope + _meadow(p) + rows + near


SCENES = {
    "forest": forest,
    "birches": birches,
    "hills": hills,
    "river": river,
    "lake": lake,
    "town": town,
    "orchard": orchard,
}


# ------------------------------------------------------------------ parts of buildings


def window(x: float, y: float, w: float = 22, h: float = 24) -> str:
    """Return a lit window with its frame."""
    return (
        box(x, y, w, h, FRAME)
        + box(x + 2, y + 2, w - 4, h - 4, GLASS)
        + box(x + w / 2 - 1, y + 2, 2, h - 4, FRAME)
    )


def door(x: float, y: float, w: float = 24, h: float = 42) -> str:
    """Return a door whose sill is at y + h."""
    return box(x, y, w, h, DOOR, rx=2) + oval(x + w - 5, y + h / 2, 2, 2, GLASS)


def gable(left: float, right: float, eave: float, top: float, p: Palette) -> str:
    """Return a pitched roof over a house seen from its long side or its gable."""
    middle = (left + right) / 2
    outer = f"M{left - 14:g} {eave + 5:g}L{middle:g} {top:g}L{right + 14:g} {eave + 5:g}"
    edge = shape(outer + f"l-8 6L{middle:g} {top + 16:g}L{left - 6:g} {eave + 11:g}Z", p.roof)
    return shape(outer + "Z", "#cbd8dc" if p.snow else p.roof) + edge


def long_roof(span: tuple[float, float], eave: float, top: float, fill: str, p: Palette) -> str:
    """Return the roof of a long low house from left to right; in winter snow lies on it."""
    left, right = span
    rise, ridge = top - eave, right - left - 20
    path = f"M{left - 12:g} {eave:g}l22 {rise:g}h{ridge:g}l22 {-rise:g}Z"
    snow = f"M{left - 2:g} {eave - 8:g}l12 {rise + 8:g}h{ridge:g}l12 {-rise - 8:g}Z"
    return shape(path, fill) + (shape(snow, "#f7f9f8") if p.snow else "")


def flat_roof(left: float, right: float, y: float, p: Palette) -> str:
    """Return the edge of a flat roof."""
    return box(left - 5, y - 8, right - left + 10, 10, p.roof if p.snow else TILE)


def rows_of_windows(left: float, right: float, floors: Sequence[float], *, each: float = 34) -> str:
    """Return windows on every floor, evenly between two walls."""
    count = int((right - left - 8) // each)
    start = left + (right - left - (count - 1) * each - 22) / 2
    return "".join(window(start + n * each, y) for y in floors for n in range(count))


def ramp(x: float, foot: float, long: float) -> str:
    """Return a sloping way up to a door, with its rail."""
    posts = f"M{x + 8:g} {foot:g}v-16M{x + long - 4:g} {foot - 4:g}v-18"
    rail = f"M{x + 6:g} {foot - 16:g}l{long - 8:g}-6"
    return shape(f"M{x:g} {foot:g}l{long:g}-6v6Z", STONE) + line(rail + posts, "#6c6b66")


def bench(x: float, foot: float) -> str:
    """Return a bench."""
    return (
        box(x, foot - 12, 44, 4, TIMBER_DARK)
        + box(x + 4, foot - 8, 4, 8, TIMBER_DARK)
        + box(x + 36, foot - 8, 4, 8, TIMBER_DARK)
    )


def steam(x: float, y: float) -> str:
    """Return three rising lines of steam."""
    return line(
        "".join(f"M{x + dx:g} {y:g}c-8-11 8-18 0-30s6-15 2-24" for dx in (-18, 0, 18)), "#ffffff", 4
    )


def logs(left: float, top: float, right: float, bottom: float) -> str:
    """Return a wall of logs."""
    rows = "".join(
        f"M{left:g} {y:g}h{right - left:g}" for y in range(int(top) + 12, int(bottom), 13)
    )
    return box(left, top, right - left, bottom - top, TIMBER) + line(rows, TIMBER_DARK)


def bricks(left: float, top: float, right: float, bottom: float) -> str:
    """Return a wall of grey brick."""
    rows = "".join(f"M{left:g} {y:g}h{right - left:g}" for y in range(int(top) + 8, int(bottom), 9))
    return box(left, top, right - left, bottom - top, BRICK) + line(rows, BRICK_DARK, 1)
