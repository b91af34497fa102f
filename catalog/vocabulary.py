"""The words of the directory: every closed list. Their labels stand in ``catalog.labels``."""

from __future__ import annotations

import enum


class Cluster(enum.StrEnum):
    """The three wellness clusters and the two hot-spring belts of the province's plan."""

    HUNCHUN = "hunchun"
    CHANGBAI = "changbai"
    JIAN = "jian"
    RING_CHANGBAI_SPRINGS = "ring_changbai_springs"
    CJS_SPRINGS = "cjs_springs"


class Category(enum.StrEnum):
    """What an enterprise is: the ``type`` of the directory file."""

    HOT_SPRING_RESORT = "hot_spring_resort"
    HOT_SPRING_SOURCE = "hot_spring_source"
    MINERAL_SPRING = "mineral_spring"
    FOREST_PARK = "forest_park"
    FOREST_THERAPY = "forest_therapy"
    FOREST_CABIN = "forest_cabin"
    FOREST_HOMESTAY = "forest_homestay"
    WETLAND = "wetland"
    BASECAMP = "basecamp"
    SKI_SUMMER_RESORT = "ski_summer_resort"
    TCM_WELLNESS = "tcm_wellness"
    WELLNESS_STAY = "wellness_stay"
    RURAL_OPERATOR = "rural_operator"
    FOREST_TRAIN = "forest_train"
    THEME_TRAIN = "theme_train"
    SCENIC_5A = "scenic_5a"
    SCENIC_4A = "scenic_4a"
    SCENIC_3A = "scenic_3a"
    SCENIC = "scenic"
    CULTURE_VILLAGE = "culture_village"
    LEISURE_QUARTER = "leisure_quarter"
    WINERY = "winery"


class Theme(enum.StrEnum):
    """What a traveller looks for; each groups several categories."""

    HOT_SPRING = "hot_spring"
    FOREST = "forest"
    BASECAMP = "basecamp"
    TCM = "tcm"
    VILLAGE = "village"
    SCENERY = "scenery"
    CULTURE = "culture"
    RAIL = "rail"


THEME_OF = {
    Category.HOT_SPRING_RESORT: Theme.HOT_SPRING,
    Category.HOT_SPRING_SOURCE: Theme.HOT_SPRING,
    Category.MINERAL_SPRING: Theme.HOT_SPRING,
    Category.FOREST_PARK: Theme.FOREST,
    Category.FOREST_THERAPY: Theme.FOREST,
    Category.FOREST_CABIN: Theme.FOREST,
    Category.WETLAND: Theme.FOREST,
    Category.BASECAMP: Theme.BASECAMP,
    Category.SKI_SUMMER_RESORT: Theme.BASECAMP,
    Category.TCM_WELLNESS: Theme.TCM,
    Category.WELLNESS_STAY: Theme.TCM,
    Category.RURAL_OPERATOR: Theme.VILLAGE,
    Category.FOREST_HOMESTAY: Theme.VILLAGE,
    Category.SCENIC_5A: Theme.SCENERY,
    Category.SCENIC_4A: Theme.SCENERY,
    Category.SCENIC_3A: Theme.SCENERY,
    Category.SCENIC: Theme.SCENERY,
    Category.CULTURE_VILLAGE: Theme.CULTURE,
    Category.LEISURE_QUARTER: Theme.CULTURE,
    Category.WINERY: Theme.CULTURE,
    Category.FOREST_TRAIN: Theme.RAIL,
    Category.THEME_TRAIN: Theme.RAIL,
}
"""The theme of each category."""


class ListingKind(enum.StrEnum):
    """What a listing sells."""

    STAY = "stay"
    ACTIVITY = "activity"
    RAIL = "rail"


class Certainty(enum.StrEnum):
    """How sure a fact of the directory is."""

    SOURCED = "sourced"
    APPROXIMATE = "approximate"


class Datum(enum.StrEnum):
    """The reference system of a coordinate; mixing them up moves a point by up to a kilometre."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    UNKNOWN = "unknown"


class Slope(enum.StrEnum):
    """The side of Changbai Mountain: each has its own town and its own station."""

    NORTH = "north"
    WEST = "west"
    SOUTH = "south"


class Heating(enum.StrEnum):
    """How rooms are kept warm."""

    FLOOR = "floor"
    CENTRAL = "central"
    KANG = "kang"
    AIR = "air"


class FoodTag(enum.StrEnum):
    """What the kitchen can do."""

    SOFT = "soft"
    LIGHT = "light"
    LOW_SALT = "low_salt"
    LOW_SUGAR = "low_sugar"
    VEGETARIAN = "vegetarian"
    HALAL = "halal"
    HERBAL = "herbal"
    KOREAN = "korean"
    RIVER_FISH = "river_fish"


class Pace(enum.StrEnum):
    """How much walking a day there asks for."""

    EASY = "easy"
    GENTLE = "gentle"
    ACTIVE = "active"


class Activity(enum.StrEnum):
    """What people do in an activity."""

    SPRING_BATHING = "spring_bathing"
    FOREST_PICKING = "forest_picking"
    FOREST_WALK = "forest_walk"
    TCM = "tcm"
    DAMP_GROUND = "damp_ground"
    CRAFT = "craft"


ON_EVIDENCE = frozenset({Activity.SPRING_BATHING, Activity.TCM, Activity.DAMP_GROUND})
"""Activities that act on the body: they name who must not take part, and stand on a document."""


class Spring(enum.StrEnum):
    """What kind of water a spring gives."""

    PLAIN = "plain"
    MINERAL = "mineral"
    SULPHUR = "sulphur"
    CARBONATED = "carbonated"
    RADON = "radon"


CLAIMED_SPRINGS = frozenset({Spring.MINERAL, Spring.SULPHUR, Spring.CARBONATED, Spring.RADON})
"""Kinds of water that only a dated test report can show."""


class TcmService(enum.StrEnum):
    """Services of Chinese medicine in a place's house; none is promised to cure."""

    MASSAGE = "massage"
    MOXIBUSTION = "moxibustion"
    CUPPING = "cupping"
    HERBAL_BATH = "herbal_bath"
    CONSULTATION = "consultation"
    EXERCISE = "exercise"


class Pets(enum.StrEnum):
    """Whether an animal may come along."""

    NO = "no"
    SMALL = "small"
    YES = "yes"


class BerthKind(enum.StrEnum):
    """How one travels in a class of a train."""

    SEAT = "seat"
    HARD_BERTH = "hard_berth"
    SOFT_BERTH = "soft_berth"


class GradeScheme(enum.StrEnum):
    """Who grades, and what."""

    A_LEVEL = "a_level"
    HOTEL_STAR = "hotel_star"
    SPRING_STAR = "spring_star"
    RURAL = "rural"
    PROVINCIAL_MARK = "provincial_mark"


class LicenceKind(enum.StrEnum):
    """What a business must hold; which ones depends on what it does."""

    BUSINESS = "business"
    LODGING = "lodging"
    HYGIENE = "hygiene"
    FIRE = "fire"
    FOOD = "food"
    WATER = "water"
    CLINIC = "clinic"
    RAIL = "rail"


class SuspensionCause(enum.StrEnum):
    """What stopped an enterprise's sales."""

    OFFICE = "office"
    LICENCE = "licence"


class PhotoSubject(enum.StrEnum):
    """What a photograph shows that is not of one of the rooms, in the order of the page."""

    HOUSE = "house"
    WAY_IN = "way_in"
    BATH = "bath"
    CANTEEN = "canteen"
    SPRING = "spring"
    SHARED = "shared"
    GROUNDS = "grounds"


class Focus(enum.StrEnum):
    """The part of a photograph that has to stay where it is cut."""

    TOP_LEFT = "top_left"
    TOP = "top"
    TOP_RIGHT = "top_right"
    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"
    BOTTOM_LEFT = "bottom_left"
    BOTTOM = "bottom"
    BOTTOM_RIGHT = "bottom_right"


class CaseKind(enum.StrEnum):
    """What is asked of the office."""

    APPLICATION = "application"
    CLAIM = "claim"
    ENTERPRISE = "enterprise"
    LISTING = "listing"


class ReturnReason(enum.StrEnum):
    """Why a case goes back to its author."""

    INCOMPLETE = "incomplete"
    EVIDENCE_MISSING = "evidence_missing"
    EVIDENCE_UNCLEAR = "evidence_unclear"
    LICENCE_EXPIRED = "licence_expired"
    PLACE_WRONG = "place_wrong"
    CLAIM_UNPROVED = "claim_unproved"
    PHOTO_UNSUITED = "photo_unsuited"
    DUPLICATE = "duplicate"
    OTHER = "other"


def categories_of(theme: Theme) -> list[Category]:
    """Return the categories that ``theme`` groups."""
    return [category for category, own in THEME_OF.items() if own is theme]


def local(zh: str, en: str, lang: str) -> tuple[str, str]:
    """Return the text for a reader and the language tag it is really in.

    English readers get the English text where there is one, else the Chinese with its own tag, so
    that a screen reader pronounces it rightly.
    """
    if lang.startswith("en") and en:
        return en, "en"
    return zh, "zh-CN"
