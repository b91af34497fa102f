"""The document of a listing's case: its facts, their sections, ranges and names."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from catalog.office.cases.case_facts import Facts
from catalog.vocabulary import (
    Activity,
    FoodTag,
    Heating,
    ListingKind,
    Pace,
    Pets,
    Spring,
    TcmService,
    Theme,
)
from marketplace.kernel.stay import LONGEST_NIGHTS


class Section(enum.StrEnum):
    """A page of the form, in its order."""

    BASICS = "basics"
    ACCESS = "access"
    WELLNESS = "wellness"
    PARTS = "parts"
    PHOTOS = "photos"
    SOURCES = "sources"


SECTIONS = {
    Section.BASICS: "名称和介绍",
    Section.ACCESS: "方便不方便",
    Section.WELLNESS: "温泉、中医和饭菜",
    Section.PARTS: "房型、场次或铺别",
    Section.PHOTOS: "照片",
    Section.SOURCES: "来源和证明",
}
PART_NAMES = {ListingKind.STAY: "房型", ListingKind.ACTIVITY: "场次", ListingKind.RAIL: "铺别"}
PARTS = {ListingKind.STAY: "rooms", ListingKind.ACTIVITY: "slots", ListingKind.RAIL: "berths"}
"""What each kind sells, as the document names it."""
MOST_PARTS = 40
MOST_PHOTOS = 24


@dataclass(frozen=True, slots=True)
class Text:
    """A text: how long it may be, and whether it must be there."""

    most: int
    least: int = 0
    """Shortest length; 0 where it may be empty."""


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number: from ``low`` to ``high``, both included."""

    low: int
    high: int
    needed: bool = False


TEXTS = {
    "name_zh": Text(60, 2),
    "name_en": Text(120),
    "summary_zh": Text(600, 10),
    "summary_en": Text(1200),
    "july_years": Text(20),
    "cautions_zh": Text(600),
    "cautions_en": Text(1200),
    "opens": Text(5),
    "closes": Text(5),
}
NUMBERS = {
    "min_nights": Number(1, LONGEST_NIGHTS),
    "max_nights": Number(1, LONGEST_NIGHTS),
    "steps": Number(0, 500),
    "bed_height_cm": Number(20, 90),
    "hospital_km": Number(0, 300),
    "hospital_minutes": Number(0, 300),
    "altitude_m": Number(0, 2700),
    "water_c": Number(20, 98),
}
JULY = (10.0, 32.0)
"""The lowest and highest July mean that a place in the province can have."""
TRUTHS = ("lift", "no_steps", "grab_bars")
"""True, false, or empty where nobody knows."""
CHOICES: dict[str, type[enum.StrEnum]] = {
    "theme": Theme,
    "pace": Pace,
    "pets": Pets,
    "heating": Heating,
    "spring": Spring,
    "activity": Activity,
}
SETS: dict[str, type[enum.StrEnum]] = {"food": FoodTag, "tcm": TcmService}
ROOM_TEXTS = {
    "name_zh": Text(60, 2), "name_en": Text(100), "beds_zh": Text(80), "beds_en": Text(100),
}  # fmt: skip
ROOM_NUMBERS = {
    "max_adults": Number(1, 12, needed=True),
    "max_guests": Number(1, 20, needed=True),
    "area_m2": Number(5, 500),
}
SLOT_TEXTS = {"name_zh": Text(60, 2), "name_en": Text(100), "starts": Text(5)}
SLOT_NUMBERS = {
    "minutes": Number(10, 720, needed=True), "capacity": Number(1, 500, needed=True),
}  # fmt: skip
BERTH_TEXTS = {"name_zh": Text(60, 2), "name_en": Text(100)}
BERTH_NUMBERS = {"capacity": Number(1, 2000, needed=True), "lower": Number(0, 2000)}
PART_TEXTS = {"rooms": ROOM_TEXTS, "slots": SLOT_TEXTS, "berths": BERTH_TEXTS}
PART_NUMBERS = {"rooms": ROOM_NUMBERS, "slots": SLOT_NUMBERS, "berths": BERTH_NUMBERS}

FACTS_OF = {
    Section.BASICS: (
        "site_id", "name_zh", "name_en", "summary_zh", "summary_en", "theme", "activity",
        "min_nights", "max_nights", "opens", "closes", "pets", "pace", "family_suited",
    ),
    Section.ACCESS: (
        "lift", "no_steps", "steps", "grab_bars", "bed_height_cm", "hospital_km",
        "hospital_minutes", "altitude_m", "heating", "july_mean_c", "july_years",
    ),
    Section.WELLNESS: ("spring", "water_c", "tcm", "food", "cautions_zh", "cautions_en"),
}  # fmt: skip
"""The plain facts of each page, in the order of the form."""
ONLY = {
    "activity": {ListingKind.ACTIVITY},
    "min_nights": {ListingKind.STAY},
    "max_nights": {ListingKind.STAY},
    "bed_height_cm": {ListingKind.STAY},
    "heating": {ListingKind.STAY},
    "lift": {ListingKind.STAY, ListingKind.ACTIVITY},
    "grab_bars": {ListingKind.STAY, ListingKind.ACTIVITY},
    "altitude_m": {ListingKind.STAY, ListingKind.ACTIVITY},
    "july_mean_c": {ListingKind.STAY, ListingKind.ACTIVITY},
    "july_years": {ListingKind.STAY, ListingKind.ACTIVITY},
    "hospital_km": {ListingKind.STAY, ListingKind.ACTIVITY},
    "hospital_minutes": {ListingKind.STAY, ListingKind.ACTIVITY},
    "spring": {ListingKind.STAY, ListingKind.ACTIVITY},
    "water_c": {ListingKind.STAY, ListingKind.ACTIVITY},
    "tcm": {ListingKind.STAY, ListingKind.ACTIVITY},
}
"""Facts that not every kind of listing has."""
SOURCED = (
    "lift", "no_steps", "steps", "grab_bars", "bed_height_cm", "hospital_km", "altitude_m",
    "heating", "july_mean_c", "spring", "water_c", "activity", "tcm", "food",
)  # fmt: skip
"""Facts that can carry a source; figures that belong together share the first one's."""
LABELS = {
    "kind": "产品类型",
    "site_id": "场所",
    "name_zh": "中文名称",
    "name_en": "英文名称",
    "summary_zh": "中文介绍",
    "summary_en": "英文介绍",
    "theme": "主题",
    "activity": "活动种类",
    "min_nights": "最少住几晚",
    "max_nights": "最多住几晚",
    "opens": "每年哪天开放",
    "closes": "每年哪天结束",
    "pets": "宠物",
    "pace": "适合的走动",
    "family_suited": "适合三代同住",
    "lift": "电梯",
    "no_steps": "全程没有台阶",
    "steps": "从下车到床边的台阶数",
    "grab_bars": "卫生间扶手",
    "bed_height_cm": "床高（厘米）",
    "hospital_km": "到最近医院（公里）",
    "hospital_minutes": "到最近医院（分钟）",
    "altitude_m": "海拔（米）",
    "heating": "取暖",
    "july_mean_c": "七月平均气温（℃）",
    "july_years": "七月平均气温的年份",
    "spring": "温泉的水",
    "water_c": "水温（℃）",
    "tcm": "中医服务",
    "food": "饭菜",
    "cautions_zh": "哪些人不适合（中文）",
    "cautions_en": "哪些人不适合（英文）",
    "photos": "照片",
}
"""What each fact is called: message ids."""


def facts_of(section: Section, kind: ListingKind) -> list[str]:
    """Return the plain facts of a page for a kind of listing."""
    return [name for name in FACTS_OF.get(section, ()) if has(kind, name)]


def has(kind: ListingKind, name: str) -> bool:
    """Whether listings of ``kind`` have the fact ``name``."""
    return name not in ONLY or kind in ONLY[name]


def kind_of(document: Facts) -> ListingKind:
    """Return the kind of listing that a document describes."""
    return ListingKind(document["kind"])


def is_set(document: Facts, name: str) -> bool:
    """Whether the document says something about a fact: no is something, too."""
    return document.get(name) not in (None, "", [])
