"""The rooms of the sample houses, their bathrooms, ways in and canteens, as SVG shapes."""

from __future__ import annotations

from collections.abc import Callable

from drawing_parts import (
    BRICK_DARK,
    DOOR,
    FRAME,
    GLASS,
    HEIGHT,
    STONE,
    TIMBER,
    TIMBER_DARK,
    WALL_SHADE,
    WIDTH,
    box,
    line,
    oval,
    shape,
)

SINGLE = 120
"""How wide a bed for one is drawn at most."""


def _room(*things: str, wall: str = "#f3ead6") -> str:
    """A room: wall, floor, a window on the left, and what stands in it."""
    return (
        box(0, 0, WIDTH, HEIGHT, wall)
        + box(0, 226, WIDTH, 94, "#c9a574")
        + line("M0 250h480M0 276h480M0 302h480", "#b58f5c", 1.5)
        + box(0, 222, WIDTH, 6, FRAME)
        + "".join(things)
    )


def _view(x: float, y: float = 52, w: float = 92, h: float = 84) -> str:
    return (
        box(x, y, w, h, "#cfe2dc")
        + shape(
            f"M{x} {y + h - 18}l{w * 0.3:g}-24 {w * 0.3:g} 16 {w * 0.4:g}-26v52H{x}Z", "#7fa98c"
        )
        + line(f"M{x} {y}h{w}v{h}h-{w}ZM{x + w / 2:g} {y}v{h}", FRAME, 5)
    )


def _bed(x: float, wide: float, cover: str) -> str:
    sleepers = 2 if wide > SINGLE else 1
    pillows = "".join(
        box(x + 10 + n * (wide - 20) / sleepers, 168, 44, 16, "#ffffff", rx=6)
        for n in range(sleepers)
    )
    return (
        box(x, 146, wide, 48, TIMBER, rx=6)
        + box(x, 178, wide, 66, "#fbf7ec", rx=6)
        + pillows
        + box(x, 196, wide, 52, cover, rx=6)
        + box(x + 4, 246, 8, 14, TIMBER_DARK)
        + box(x + wide - 12, 246, 8, 14, TIMBER_DARK)
    )


def _lamp(x: float) -> str:
    return (
        box(x, 200, 34, 44, TIMBER)
        + box(x + 15, 178, 4, 22, BRICK_DARK)
        + shape(f"M{x + 6} 180l6-22h10l6 22Z", GLASS)
    )


def _counter(x: float) -> str:
    return (
        box(x, 184, 128, 62, FRAME)
        + box(x - 4, 178, 136, 8, STONE)
        + line(f"M{x + 42} 188v56M{x + 84} 188v56", WALL_SHADE)
        + box(x + 10, 164, 34, 14, "#6c6b66", rx=3)
        + line(f"M{x + 98} 178v-18h16v8", STONE, 4)
        + box(x, 100, 128, 36, FRAME)
        + line(f"M{x + 64} 102v32", WALL_SHADE)
    )


def _table(x: float, foot: float = 268) -> str:
    return (
        box(x, foot - 42, 92, 8, TIMBER)
        + line(f"M{x + 10} {foot - 34}v34M{x + 82} {foot - 34}v34", TIMBER_DARK, 5)
        + oval(x + 46, foot - 48, 16, 5, FRAME)
    )


def twin() -> str:
    """A room with two single beds."""
    return _room(_view(194), _bed(76, 112, "#7fa98c"), _bed(292, 112, "#7fa98c"), _lamp(223))


def double() -> str:
    """A room with one wide bed."""
    return _room(_view(52), _bed(164, 176, "#c3773f"), _lamp(118), _lamp(352), _view(336))


def flat() -> str:
    """A flat: a wide bed, a small kitchen and a table."""
    return _room(_view(40), _bed(40, 160, "#7fa98c"), _counter(316), _table(216, 290))


def studio() -> str:
    """A studio: one bed, a small kitchen."""
    return _room(_view(58), _bed(64, 112, "#86a9ad"), _counter(300), _lamp(196))


def family() -> str:
    """A family's room: a wide bed and a single one."""
    return _room(_view(186), _bed(44, 170, "#c3773f"), _bed(326, 110, "#7fa98c"), _lamp(256))


def suite() -> str:
    """A suite: a wide bed and a sofa bed."""
    sofa = (
        box(304, 186, 132, 40, "#86a9ad", rx=8)
        + box(296, 210, 148, 36, "#6f9599", rx=8)
        + line("M370 192v32", "#6f9599")
    )
    return _room(_view(60), _bed(60, 168, "#c3773f"), _lamp(244), sofa, _view(326, 60))


def kang() -> str:
    """A room with a heated platform to sleep on, and folded quilts."""
    quilts = "".join(
        box(92, y, 78, 14, fill, rx=5)
        for y, fill in ((150, "#b23a17"), (164, "#e6a94c"), (178, "#7fa98c"))
    )
    platform = box(60, 192, 360, 62, "#d9c6a0") + box(54, 186, 372, 10, TIMBER)
    mouth = box(220, 218, 44, 36, BRICK_DARK) + oval(242, 246, 14, 8, "#e98b3a")
    table = box(256, 168, 96, 6, TIMBER_DARK) + line("M266 174v12M342 174v12", TIMBER_DARK, 4)
    return _room(_view(210, 46, 130, 84), platform, quilts, mouth, table)


def _cabin(*beds: str) -> str:
    """A room with log walls and a stove."""
    wall = line("".join(f"M0 {y}h480" for y in range(22, 222, 26)), TIMBER_DARK)
    stove = (
        box(398, 170, 56, 76, "#4a4a45", rx=6)
        + box(410, 192, 32, 26, "#e98b3a", rx=3)
        + box(420, 20, 12, 152, "#4a4a45")
    )
    return _room(wall, _view(176), *beds, stove, wall="#c99a66")


def cabin_room() -> str:
    """A cabin's room with one wide bed."""
    return _cabin(_bed(134, 176, "#b23a17"))


def cabin_twin() -> str:
    """A cabin's room with two single beds."""
    return _cabin(_bed(66, 112, "#b23a17"), _lamp(200), _bed(254, 112, "#b23a17"))


def cabin_family() -> str:
    """A cabin's room with a wide bed and a single one."""
    return _cabin(_bed(44, 170, "#b23a17"), _bed(252, 112, "#7fa98c"))


def bath(*, bars: bool) -> str:
    """A bathroom; the grab bars are drawn only where a house has them."""
    rails = line("M96 150h74M330 118v70M330 188h46", STONE, 7) if bars else ""
    return (
        box(0, 0, WIDTH, HEIGHT, "#e6eef0")
        + line("".join(f"M0 {y}h480" for y in range(32, 226, 32)), "#d2dfe2", 1.5)
        + line("".join(f"M{x} 0v226" for x in range(40, 480, 40)), "#d2dfe2", 1.5)
        + box(0, 226, WIDTH, 94, "#b9c5c6")
        + box(100, 168, 62, 34, FRAME, rx=8)
        + oval(131, 222, 36, 16, FRAME)
        + box(112, 222, 38, 34, FRAME, rx=8)
        + box(210, 176, 84, 12, FRAME)
        + box(222, 188, 60, 58, "#d9c6a0")
        + line("M252 176v-14h14", STONE, 5)
        + oval(252, 104, 34, 40, "#cfe2dc")
        + box(340, 92, 6, 130, STONE)
        + shape("M330 92h46l-8-12h-30Z", STONE)
        + line("M340 106v20M352 106v26M364 106v20", "#9cc3cc", 2)
        + box(320, 226, 110, 6, "#8fa0a2")
        + rails
    )


def way_in(*, steps: bool, lift: bool) -> str:
    """The way in: steps or level ground, a lift or stairs, as the house says of itself."""
    sill = 214 if steps else 250
    entrance = (
        box(60, sill - 124, 84, 124, FRAME)
        + box(68, sill - 116, 68, 116, "#9cc3cc")
        + line(f"M102 {sill - 116}v116", FRAME, 4)
    )
    stairs = "".join(
        box(52, 214 + n * 12, 100 + n * 20, 12, fill)
        for n, fill in enumerate(("#8fa0a2", "#9aa3a6", "#aab3b5"))
    )
    inside = (
        box(238, 116, 76, 134, STONE)
        + box(244, 124, 64, 126, "#d2dfe2")
        + line("M276 124v126", STONE, 3)
        + shape("M268 106l8-10 8 10Z", DOOR)
        if lift
        else "".join(box(236 + n * 22, 236 - n * 18, 132 - n * 22, 18, STONE) for n in range(5))
        + line("M236 208l98-82", TIMBER_DARK, 6)
    )
    return (
        box(0, 0, WIDTH, HEIGHT, "#efe6d2")
        + box(0, 250, WIDTH, 70, "#c9c4b4")
        + (stairs if steps else "")
        + entrance
        + inside
        + box(396, 206, 44, 44, "#7a4a2b", rx=4)
        + oval(418, 186, 30, 26, "#5f9a58")
    )


def canteen() -> str:
    """A dining room: tables with bowls, light from a wide window."""
    tables = "".join(
        _table(x, foot)
        + line(
            f"M{x - 18} {foot}v-46M{x - 18} {foot - 20}h20"
            f"M{x + 110} {foot}v-46M{x + 90} {foot - 20}h20",
            TIMBER_DARK,
            4,
        )
        for x, foot in ((64, 262), (318, 262), (192, 300))
    )
    lamps = "".join(
        line(f"M{x} 0v40", BRICK_DARK) + shape(f"M{x - 20} 62l10-24h20l10 24Z", GLASS)
        for x in (110, 238, 366)
    )
    return _room(_view(60, 70, 150, 84), _view(270, 70, 150, 84), lamps, tables)


ROOMS: dict[str, Callable[[], str]] = {
    "twin": twin,
    "double": double,
    "flat": flat,
    "studio": studio,
    "family": family,
    "suite": suite,
    "kang": kang,
    "cabin_room": cabin_room,
    "cabin_twin": cabin_twin,
    "cabin_family": cabin_family,
    "bath": lambda: bath(bars=False),
    "bath_bars": lambda: bath(bars=True),
    "way_in": lambda: way_in(steps=True, lift=False),
    "way_in_level": lambda: way_in(steps=False, lift=False),
    "way_in_lift": lambda: way_in(steps=True, lift=True),
    "way_in_level_lift": lambda: way_in(steps=False, lift=True),
    "canteen": canteen,
}
