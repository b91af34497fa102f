"""The words of the directory: every closed list with its Chinese and English label."""

from __future__ import annotations

import enum

from catalog.states import EnterpriseStatus, ListingStatus


class Cluster(enum.StrEnum):
    """The three wellness clusters and the two hot-spring belts of the province's plan."""

    HUNCHUN = "hunchun"
    CHANGBAI = "changbai"
    JIAN = "jian"
    RING_CHANGBAI_SPRINGS = "ring_changbai_springs"
    CJS_SPRINGS = "cjs_springs"


OUTSIDE_CLUSTERS = ("省内其他", "Elsewhere in Jilin")
"""The label of an enterprise that belongs to no cluster."""


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
    LOW_SALT = "low_salt"
    LOW_SUGAR = "low_sugar"
    VEGETARIAN = "vegetarian"
    HERBAL = "herbal"
    KOREAN = "korean"
    RIVER_FISH = "river_fish"


class Pace(enum.StrEnum):
    """How much walking a day there asks for."""

    EASY = "easy"
    GENTLE = "gentle"
    ACTIVE = "active"


_LABELS: dict[type[enum.StrEnum], dict[enum.StrEnum, tuple[str, str]]] = {
    EnterpriseStatus: {
        EnterpriseStatus.LISTED: ("在册", "Listed"),
        EnterpriseStatus.SUSPENDED: ("已暂停", "Suspended"),
    },
    ListingStatus: {
        ListingStatus.DRAFT: ("草稿", "Draft"),
        ListingStatus.SUBMITTED: ("待审核", "Submitted"),
        ListingStatus.PUBLISHED: ("已发布", "Published"),
        ListingStatus.PAUSED: ("已停售", "Paused"),
        ListingStatus.ARCHIVED: ("已归档", "Archived"),
    },
    Cluster: {
        Cluster.HUNCHUN: ("珲春集聚区", "Hunchun"),
        Cluster.CHANGBAI: ("长白山集聚区", "Changbai Mountain"),
        Cluster.JIAN: ("集安集聚区", "Ji'an"),
        Cluster.RING_CHANGBAI_SPRINGS: ("环长白山温泉带", "Ring of springs round Changbai"),
        Cluster.CJS_SPRINGS: ("长春—吉林—松原温泉带", "Changchun-Jilin-Songyuan springs"),
    },
    Category: {
        Category.HOT_SPRING_RESORT: ("温泉度假村", "Hot-spring resort"),
        Category.HOT_SPRING_SOURCE: ("温泉", "Hot spring"),
        Category.MINERAL_SPRING: ("矿泉", "Mineral spring"),
        Category.FOREST_PARK: ("森林公园", "Forest park"),
        Category.FOREST_THERAPY: ("森林康养基地", "Forest wellness base"),
        Category.FOREST_CABIN: ("森林木屋", "Forest cabins"),
        Category.FOREST_HOMESTAY: ("林区民宿", "Forest homestay"),
        Category.WETLAND: ("湿地", "Wetland"),
        Category.BASECAMP: ("基营式避暑地", "Base-camp summer retreat"),
        Category.SKI_SUMMER_RESORT: ("山地度假区", "Mountain resort"),
        Category.TCM_WELLNESS: ("中医药康养", "Traditional Chinese medicine"),
        Category.WELLNESS_STAY: ("旅居康养中心", "Wellness residence"),
        Category.RURAL_OPERATOR: ("乡村旅游点", "Village"),
        Category.FOREST_TRAIN: ("森林小火车", "Forest mini-train"),
        Category.THEME_TRAIN: ("主题列车", "Themed train"),
        Category.SCENIC_5A: ("5A级景区", "5A scenic area"),
        Category.SCENIC_4A: ("4A级景区", "4A scenic area"),
        Category.SCENIC_3A: ("3A级景区", "3A scenic area"),
        Category.SCENIC: ("景区", "Scenic area"),
        Category.CULTURE_VILLAGE: ("民俗文化村", "Culture village"),
        Category.LEISURE_QUARTER: ("文旅街区", "Leisure quarter"),
        Category.WINERY: ("酒庄", "Winery"),
    },
    Theme: {
        Theme.HOT_SPRING: ("温泉康养", "Hot springs"),
        Theme.FOREST: ("森林康养", "Forest"),
        Theme.BASECAMP: ("山地避暑", "Cool mountain summers"),
        Theme.TCM: ("中医药康养", "Traditional Chinese medicine"),
        Theme.VILLAGE: ("乡村民宿", "Village homestays"),
        Theme.SCENERY: ("名胜风光", "Scenery"),
        Theme.CULTURE: ("民俗风味", "Folk culture and food"),
        Theme.RAIL: ("专列与小火车", "Trains"),
    },
    ListingKind: {
        ListingKind.STAY: ("住宿", "Stay"),
        ListingKind.ACTIVITY: ("活动", "Activity"),
        ListingKind.RAIL: ("列车", "Train"),
    },
    Certainty: {
        Certainty.SOURCED: ("有据可查", "From a named source"),
        Certainty.APPROXIMATE: ("约略，待核实", "Approximate, to be verified"),
    },
    Datum: {
        Datum.WGS84: ("WGS-84 坐标", "WGS-84"),
        Datum.GCJ02: ("GCJ-02 坐标", "GCJ-02"),
        Datum.UNKNOWN: ("坐标系不明", "Unknown datum"),
    },
    Slope: {
        Slope.NORTH: ("长白山北坡", "North Slope"),
        Slope.WEST: ("长白山西坡", "West Slope"),
        Slope.SOUTH: ("长白山南坡", "South Slope"),
    },
    Heating: {
        Heating.FLOOR: ("地暖", "Floor heating"),
        Heating.CENTRAL: ("集中供暖", "Central heating"),
        Heating.KANG: ("火炕", "Heated kang bed"),
        Heating.AIR: ("空调取暖", "Air conditioner"),
    },
    FoodTag: {
        FoodTag.SOFT: ("软烂易嚼", "Soft food"),
        FoodTag.LOW_SALT: ("少盐", "Low salt"),
        FoodTag.LOW_SUGAR: ("少糖", "Low sugar"),
        FoodTag.VEGETARIAN: ("素食", "Vegetarian"),
        FoodTag.HERBAL: ("药膳", "Herbal cuisine"),
        FoodTag.KOREAN: ("朝鲜族风味", "Korean-Chinese food"),
        FoodTag.RIVER_FISH: ("江鱼", "River fish"),
    },
    Pace: {
        Pace.EASY: ("少走路，多坐着", "I would rather sit than walk"),
        Pace.GENTLE: ("平路慢慢走", "I walk slowly on level ground"),
        Pace.ACTIVE: ("能走坡路和台阶", "I can manage slopes and steps"),
    },
}


def label(member: enum.StrEnum, lang: str = "zh") -> str:
    """Return the label of ``member`` in Chinese, or in English when ``lang`` begins with ``en``."""
    zh, en = _LABELS[type(member)][member]
    return en if lang.startswith("en") else zh


def cluster_label(cluster: Cluster | None, lang: str = "zh") -> str:
    """Return the label of a cluster, or of being in none."""
    if cluster is not None:
        return label(cluster, lang)
    return OUTSIDE_CLUSTERS[1] if lang.startswith("en") else OUTSIDE_CLUSTERS[0]


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
