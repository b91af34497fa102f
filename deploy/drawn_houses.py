"""The sample houses from outside, as SVG shapes: buildings, and which landscape each stands in."""

from __future__ import annotations

from collections.abc import Callable

from drawing_parts import (
    BRICK_DARK,
    DOOR,
    FRAME,
    GLASS,
    GROUND,
    LAMP,
    STONE,
    TILE,
    TIMBER,
    TIMBER_DARK,
    WALL,
    WALL_SHADE,
    WIDTH,
    Palette,
    bench,
    box,
    bricks,
    door,
    flat_roof,
    fruit_tree,
    gable,
    line,
    logs,
    long_roof,
    oval,
    ramp,
    rows_of_windows,
    shape,
    steam,
    window,
)


def residence(p: Palette) -> str:
    """A house of four floors with balconies, a level entrance and a lift tower."""
    left, right, top = 138, 342, 118
    balconies = line("".join(f"M{left} {y}H{right}" for y in (150, 184, 218)), WALL_SHADE, 4)
    tower = box(222, top - 22, 36, GROUND - top + 22, WALL_SHADE) + box(234, top - 8, 12, 118, LAMP)
    return (
        box(left, top, right - left, GROUND - top, WALL)
        + rows_of_windows(left, 222, (124, 158, 192, 226))
        + rows_of_windows(258, right, (124, 158, 192, 226))
        + balconies
        + tower
        + flat_roof(left, right, top, p)
        + flat_roof(222, 258, top - 22, p)
        + door(228, GROUND - 40)
        + box(216, GROUND - 48, 48, 6, DOOR)
        + bench(352, GROUND + 8)
    )


def hotel(p: Palette) -> str:
    """A wide hotel with a porch; steam rises from its baths."""
    left, right, top = 108, 372, 148
    porch = (
        box(196, 214, 88, 8, DOOR)
        + box(202, 222, 6, GROUND - 222, DOOR)
        + box(272, 222, 6, GROUND - 222, DOOR)
    )
    return (
        steam(330, 136)
        + box(left, top, right - left, GROUND - top, WALL)
        + rows_of_windows(left, 196, (156, 190, 226))
        + rows_of_windows(284, right, (156, 190, 226))
        + rows_of_windows(196, 284, (156, 186))
        + long_roof((left, right), top + 2, top - 26, p.roof, p)
        + door(216, GROUND - 38, 22, 38)
        + door(242, GROUND - 38, 22, 38)
        + porch
    )


def cabin(p: Palette) -> str:
    """A log cabin with a veranda."""
    veranda = box(166, GROUND - 6, 150, 8, TIMBER_DARK) + line(
        "M170 256v-26M196 256v-26M284 256v-26M312 256v-26M170 232h28M284 232h28", TIMBER_DARK, 3
    )
    return (
        box(286, 136, 16, 40, STONE)
        + logs(184, 200, 298, GROUND - 6)
        + shape("M184 202L241 152L298 202Z", TIMBER)
        + gable(184, 298, 200, 138, p)
        + door(228, GROUND - 48)
        + window(196, 212)
        + window(264, 212)
        + veranda
        + (steam(294, 130) if p.snow else "")
    )


def level_cabin(p: Palette) -> str:
    """A log cabin on level ground, with a ramp instead of a step."""
    return (
        logs(158, 198, 322, GROUND)
        + long_roof((158, 322), 200, 164, p.roof, p)
        + door(226, GROUND - 44, 30, 44)
        + window(176, 212, 28, 24)
        + window(276, 212, 28, 24)
        + ramp(150, GROUND + 4, 78)
        + bench(330, GROUND + 6)
    )


def hill_cabin(p: Palette) -> str:
    """A wooden house with vegetable beds in front."""
    beds = "".join(
        shape(f"M{x} {GROUND + 26}l14-18h46l-10 18Z", "#7a5a38")
        + line(f"M{x + 18} {GROUND + 18}h34M{x + 14} {GROUND + 23}h34", p.leaf, 3)
        for x in (120, 184, 266, 328)
    )
    return (
        logs(190, 190, 300, GROUND - 4)
        + shape("M190 192L245 142L300 192Z", TIMBER)
        + gable(190, 300, 190, 128, p)
        + window(234, 164, 22, 20)
        + door(204, GROUND - 46)
        + window(246, 208, 36, 26)
        + beds
    )


def orchard_cabin(p: Palette) -> str:
    """A small cabin among fruit trees."""
    return (
        fruit_tree(152, GROUND - 4, p)
        + fruit_tree(336, GROUND - 2, p)
        + logs(190, 206, 292, GROUND)
        + shape("M190 208L241 164L292 208Z", TIMBER)
        + gable(190, 292, 206, 150, p)
        + door(229, GROUND - 42)
        + window(200, 216)
        + window(260, 216)
    )


def courtyard(p: Palette) -> str:
    """A low house behind the wall and gate of a small yard."""
    return (
        box(150, 178, 180, 66, WALL)
        + rows_of_windows(150, 330, (194,))
        + long_roof((150, 330), 182, 148, TILE, p)
        + box(108, 226, 96, 40, WALL_SHADE)
        + box(276, 226, 96, 40, WALL_SHADE)
        + box(104, 220, 104, 8, TILE)
        + box(272, 220, 104, 8, TILE)
        + box(214, 224, 52, 42, TIMBER_DARK)
        + line("M240 226v40", DOOR)
        + long_roof((216, 264), 224, 206, TILE, p)
    )


def brick_courtyard(p: Palette) -> str:
    """Grey brick houses on three sides of a yard."""
    return (
        bricks(176, 176, 304, 248)
        + long_roof((176, 304), 180, 146, TILE, p)
        + bricks(104, 204, 172, GROUND)
        + long_roof((104, 172), 206, 176, TILE, p)
        + bricks(308, 204, 376, GROUND)
        + long_roof((308, 376), 206, 176, TILE, p)
        + door(226, 204, 28, 44)
        + window(188, 202)
        + window(270, 202)
        + window(128, 222)
        + window(330, 222)
        + shape("M226 248h28l34 42h-96Z", WALL_SHADE)
    )


def korean_courtyard(p: Palette) -> str:
    """A Korean-Chinese house: white walls, a curved tiled roof, jars beside the door."""
    curve = "M104 196q40-8 62-44 74 10 148 0 22 36 62 44-20 10-40 8-96-6-192 0-20 2-40-8Z"
    jars = "".join(
        oval(x, GROUND + 4, 10, 12, "#7a4a2b") + oval(x, GROUND - 6, 7, 3, "#5b3620")
        for x in (330, 352, 372)
    )
    snow = shape("M150 170q12-8 16-18 74 10 148 0 4 10 16 18-90-8-180 0Z", "#f7f9f8")
    panels = "".join(
        box(x, 208, 34, 50, FRAME)
        + line(f"M{x + 17} 210v46M{x + 2} 226h30M{x + 2} 242h30", TIMBER_DARK)
        for x in (146, 186, 262, 302)
    )
    return (
        box(136, 198, 208, GROUND - 198, "#fbf7ec")
        + panels
        + door(228, GROUND - 48, 26, 48)
        + shape(curve, TILE)
        + (snow if p.snow else "")
        + jars
    )


def bungalow(p: Palette) -> str:
    """A row of rooms on the ground, each with its door."""
    rooms = "".join(
        door(x, GROUND - 42, 22, 42) + window(x + 30, GROUND - 40) for x in (128, 198, 268)
    )
    return (
        box(114, 200, 252, GROUND - 200, WALL)
        + rooms
        + long_roof((114, 366), 204, 168, p.roof, p)
        + box(114, 204, 252, 5, TIMBER_DARK)
        + line("M118 208v54M190 208v54M260 208v54M362 208v54", TIMBER_DARK, 3)
    )


def camp(p: Palette) -> str:
    """Bungalows around a long table under a tree."""
    table = (
        box(190, GROUND + 2, 110, 6, TIMBER_DARK)
        + line(f"M200 {GROUND + 8}v14M290 {GROUND + 8}v14", TIMBER_DARK, 4)
        + line(f"M182 {GROUND + 14}h22M286 {GROUND + 14}h22", TIMBER, 4)
    )
    tree = box(241, 190, 9, 74, "#5b4630") + oval(245, 164, 70, 48, p.leaf)
    return (
        box(96, 206, 92, 54, WALL)
        + door(130, 220, 22, 40)
        + window(104, 220)
        + window(158, 220)
        + long_roof((96, 188), 208, 180, p.roof, p)
        + box(300, 206, 92, 54, WALL)
        + door(334, 220, 22, 40)
        + window(308, 220)
        + window(362, 220)
        + long_roof((300, 392), 208, 180, p.roof, p)
        + tree
        + table
    )


def apartments(p: Palette) -> str:
    """Blocks of flats, with a shop below."""
    return (
        box(122, 128, 108, GROUND - 128, WALL)
        + rows_of_windows(122, 230, (138, 170, 202))
        + flat_roof(122, 230, 128, p)
        + box(234, 100, 124, GROUND - 100, "#e6d3b3")
        + rows_of_windows(234, 358, (110, 142, 174, 206))
        + flat_roof(234, 358, 100, p)
        + box(130, 238, 92, 24, GLASS)
        + box(126, 230, 100, 8, p.roof if not p.snow else "#b23a17")
        + door(284, GROUND - 26, 24, 26)
        + line("M146 238v24M166 238v24M186 238v24M206 238v24", FRAME)
    )


def manor(p: Palette) -> str:
    """A manor with two wings and a kitchen garden."""
    garden = "".join(line(f"M{x} {GROUND + 26}l16-14h56", p.leaf, 5) for x in (112, 186, 260, 334))
    return (
        box(112, 196, 256, GROUND - 196, WALL)
        + rows_of_windows(112, 206, (204, 232))
        + rows_of_windows(274, 368, (204, 232))
        + long_roof((112, 368), 200, 170, p.roof, p)
        + box(206, 168, 68, GROUND - 168, FRAME)
        + gable(206, 274, 168, 126, p)
        + window(229, 174, 22, 22)
        + door(226, GROUND - 44, 28, 44)
        + garden
        + steam(344, 160)
    )


def lake_house(p: Palette) -> str:
    """A house of two floors by the water, with a stair outside and a landing stage."""
    stair = line(
        "M300 262l32-28M306 262v-6M314 255v-6M322 248v-6M330 241v-6M300 256l32-28", TIMBER_DARK, 3
    )
    stage = box(196, GROUND + 16, 96, 6, TIMBER) + line(
        "M204 284v12M240 284v12M282 284v12", TIMBER_DARK, 4
    )
    return (
        box(164, 156, 140, GROUND - 156, WALL)
        + box(160, 206, 148, 5, TIMBER_DARK)
        + line(
            "M168 206v-18M204 206v-18M240 206v-18M276 206v-18M300 206v-18M166 188h136", TIMBER_DARK
        )
        + rows_of_windows(164, 304, (162, 218), each=40)
        + door(222, GROUND - 40, 24, 40)
        + gable(164, 304, 156, 106, p)
        + stair
        + stage
    )


def fishing_house(p: Palette) -> str:
    """A fisherman's house: a low roof, nets to dry, a boat in front."""
    nets = line(
        "M338 262v-46M392 262v-46M338 222h54M338 232l54 20M338 252l54-20"
        "M352 222l-14 22M378 222l14 22",
        TIMBER_DARK,
        2,
    )
    boat = shape("M150 288q44 18 96 0l-10 18q-38 10-76 0Z", TIMBER) + line(
        "M150 288q44 18 96 0", TIMBER_DARK, 3
    )
    return (
        box(136, 204, 178, GROUND - 204, WALL)
        + long_roof((136, 314), 208, 166, "#a08a58", p)
        + box(286, 150, 14, 34, STONE)
        + door(212, GROUND - 44)
        + window(156, 216, 34, 24)
        + window(258, 216, 34, 24)
        + nets
        + boat
    )


def homestay(p: Palette) -> str:
    """A family's house in a street, two floors and a red lantern on each side of the door."""
    lantern = "".join(
        line(f"M{x} 222v8", BRICK_DARK) + oval(x, 238, 7, 8, "#b23a17") for x in (214, 270)
    )
    return (
        box(178, 164, 128, GROUND - 164, "#e6d3b3")
        + rows_of_windows(178, 306, (174,), each=40)
        + box(174, 206, 136, 6, TIMBER_DARK)
        + window(186, 220)
        + window(276, 220)
        + door(229, GROUND - 44, 26, 44)
        + long_roof((178, 306), 168, 132, TILE, p)
        + lantern
    )


def spring_house(p: Palette) -> str:
    """A low house around a pool of warm water."""
    pool = (
        oval(240, 284, 92, 22, STONE)
        + oval(240, 282, 80, 16, "#7fb0b8")
        + oval(234, 279, 52, 8, "#b5d6d8")
    )
    return (
        box(120, 196, 240, 58, WALL)
        + rows_of_windows(120, 360, (208,))
        + long_roof((120, 360), 200, 160, p.roof, p)
        + line("M128 200v54M352 200v54", TIMBER_DARK, 4)
        + pool
        + steam(240, 268)
    )


BUILDINGS: dict[str, Callable[[Palette], str]] = {
    "residence": residence,
    "hotel": hotel,
    "cabin": cabin,
    "level_cabin": level_cabin,
    "hill_cabin": hill_cabin,
    "orchard_cabin": orchard_cabin,
    "courtyard": courtyard,
    "brick_courtyard": brick_courtyard,
    "korean_courtyard": korean_courtyard,
    "bungalow": bungalow,
    "camp": camp,
    "apartments": apartments,
    "manor": manor,
    "lake_house": lake_house,
    "fishing_house": fishing_house,
    "homestay": homestay,
    "spring_house": spring_house,
}
HOUSES = (
    "residence-birches", "courtyard-birches", "cabin-forest", "level_cabin-forest",
    "residence-forest", "bungalow-forest", "brick_courtyard-hills", "korean_courtyard-river",
    "apartments-town", "fishing_house-river", "residence-river", "orchard_cabin-orchard",
    "camp-river", "manor-lake", "lake_house-lake", "hotel-hills", "homestay-town",
    "apartments-hills", "spring_house-hills", "hill_cabin-hills", "apartments-lake",
    "courtyard-lake",
)  # fmt: skip
"""The building and the landscape of every sample house."""
PAINTED = {
    "residence-forest": "#e2d3bd",
    "residence-river": "#dde2d6",
    "apartments-hills": "#e7d8cf",
    "apartments-lake": "#d9e1e2",
    "courtyard-lake": "#e9dfc6",
}
"""The walls of houses that are built like another."""
MIRRORED = {"residence-river", "apartments-lake", "courtyard-lake"}
"""Houses that are seen from the other side, for the same reason."""


def house(name: str, landscape: str, p: Palette) -> str:
    """Return a house before its landscape."""
    drawn = BUILDINGS[name.split("-", maxsplit=1)[0]](p).replace(WALL, PAINTED.get(name, WALL))
    if name in MIRRORED:
        return f'<g transform="matrix(-1 0 0 1 {WIDTH} 0)">{landscape}{drawn}</g>'
    return landscape + drawn
