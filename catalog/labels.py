"""The labels of every closed list of the directory, in Chinese and English."""

from __future__ import annotations

import enum
import re

from catalog.states import CaseStatus, EnterpriseStatus, ListingStatus
from catalog.vocabulary import (
    Activity,
    BerthKind,
    CaseKind,
    Category,
    Certainty,
    Cluster,
    Datum,
    Focus,
    FoodTag,
    GradeScheme,
    Heating,
    LicenceKind,
    ListingKind,
    Pace,
    Pets,
    PhotoSubject,
    ReturnReason,
    Slope,
    Spring,
    SuspensionCause,
    TcmService,
    Theme,
)

OUTSIDE_CLUSTERS = ("省内其他", "Elsewhere in Jilin")
"""The label of an enterprise that belongs to no cluster."""

_LABELS: dict[type[enum.StrEnum], dict[enum.StrEnum, tuple[str, str]]] = {
    EnterpriseStatus: {
        EnterpriseStatus.LISTED: ("在册", "Listed"),
        EnterpriseStatus.SUSPENDED: ("已暂停", "Suspended"),
        EnterpriseStatus.DELISTED: ("已除名", "Delisted"),
    },
    CaseStatus: {
        CaseStatus.DRAFT: ("草稿", "Draft"),
        CaseStatus.APPLIED: ("已提交，等待审核", "Applied, waiting for review"),
        CaseStatus.UNDER_REVIEW: ("审核中", "Under review"),
        CaseStatus.RETURNED: ("已退回，请修改", "Returned with reasons"),
        CaseStatus.ACCEPTED: ("已通过", "Accepted"),
        CaseStatus.REFUSED: ("未通过", "Refused"),
        CaseStatus.WITHDRAWN: ("已撤回", "Withdrawn"),
    },
    CaseKind: {
        CaseKind.APPLICATION: ("入册申请", "Application"),
        CaseKind.CLAIM: ("认领申请", "Claim"),
        CaseKind.ENTERPRISE: ("企业资料变更", "Change of an entry"),
        CaseKind.LISTING: ("产品审核", "Listing"),
    },
    ReturnReason: {
        ReturnReason.INCOMPLETE: (
            "资料不全，请补齐空缺的项目",
            "Something is missing",
        ),
        ReturnReason.EVIDENCE_MISSING: ("缺少证明材料", "A document is missing"),
        ReturnReason.EVIDENCE_UNCLEAR: (
            "证明材料看不清，请重新上传",
            "A document cannot be read: please upload it again",
        ),
        ReturnReason.LICENCE_EXPIRED: ("证照已经到期", "A licence has expired"),
        ReturnReason.PLACE_WRONG: (
            "地点、坡向或最近车站不对",
            "The place, the slope or the nearest station is wrong",
        ),
        ReturnReason.CLAIM_UNPROVED: (
            "宣传的功效或水质没有检测报告",
            "An effect or a kind of water is claimed without a test report",
        ),
        ReturnReason.PHOTO_UNSUITED: (
            "照片不合适，或没有写清照片内容",
            "A photograph does not suit, or is not described",
        ),
        ReturnReason.DUPLICATE: (
            "这家企业已经在名录里",
            "It is in the directory already",
        ),
        ReturnReason.OTHER: ("其他原因", "Another reason"),
    },
    SuspensionCause: {
        SuspensionCause.OFFICE: ("名录办决定", "Decision of the office"),
        SuspensionCause.LICENCE: ("证照到期", "A licence expired"),
    },
    LicenceKind: {
        LicenceKind.BUSINESS: ("营业执照", "Business licence"),
        LicenceKind.LODGING: ("特种行业许可证（旅馆业）", "Lodging licence"),
        LicenceKind.HYGIENE: ("公共场所卫生许可证", "Hygiene licence"),
        LicenceKind.FIRE: ("消防安全检查合格证明", "Fire safety certificate"),
        LicenceKind.FOOD: ("食品经营许可证", "Food licence"),
        LicenceKind.WATER: ("取水或采矿许可证（温泉）", "Water or mining licence (springs)"),
        LicenceKind.CLINIC: ("中医诊所备案证", "Clinic registration"),
        LicenceKind.RAIL: ("列车运营许可", "Rail operating licence"),
    },
    GradeScheme: {
        GradeScheme.A_LEVEL: ("A级旅游景区", "A-level scenic area"),
        GradeScheme.HOTEL_STAR: ("旅游饭店星级", "Hotel stars"),
        GradeScheme.SPRING_STAR: ("温泉企业星级", "Hot-spring stars"),
        GradeScheme.RURAL: ("乡村旅游经营单位等级", "Rural tourism grade"),
        GradeScheme.PROVINCIAL_MARK: ("省级康养标识", "Provincial wellness mark"),
    },
    Activity: {
        Activity.SPRING_BATHING: ("泡温泉", "Spring bathing"),
        Activity.FOREST_PICKING: ("森林采摘", "Forest picking"),
        Activity.FOREST_WALK: ("森林漫步", "Forest walk"),
        Activity.TCM: ("中医药体验", "Chinese medicine"),
        Activity.DAMP_GROUND: (
            "湿地劳作人群体验（关节、皮肤）",
            "For people who work on damp ground (joints, skin)",
        ),
        Activity.CRAFT: ("手工和民俗", "Crafts and customs"),
    },
    Spring: {
        Spring.PLAIN: ("普通温泉", "Plain warm water"),
        Spring.MINERAL: ("矿泉", "Mineral water"),
        Spring.SULPHUR: ("硫磺泉", "Sulphur spring"),
        Spring.CARBONATED: ("碳酸泉", "Carbonated spring"),
        Spring.RADON: ("氡泉", "Radon spring"),
    },
    TcmService: {
        TcmService.MASSAGE: ("推拿", "Massage"),
        TcmService.MOXIBUSTION: ("艾灸", "Moxibustion"),
        TcmService.CUPPING: ("拔罐", "Cupping"),
        TcmService.HERBAL_BATH: ("药浴", "Herbal bath"),
        TcmService.CONSULTATION: ("中医师问诊", "Talk with a doctor of Chinese medicine"),
        TcmService.EXERCISE: ("八段锦、太极", "Baduanjin and tai chi"),
    },
    Pets: {
        Pets.NO: ("不能带宠物", "No pets"),
        Pets.SMALL: ("可带小型宠物", "Small pets"),
        Pets.YES: ("可带宠物", "Pets welcome"),
    },
    PhotoSubject: {
        PhotoSubject.HOUSE: ("整体", "The place as a whole"),
        PhotoSubject.WAY_IN: ("门口、楼道和电梯", "Way in, stairs and lift"),
        PhotoSubject.BATH: ("卫生间", "Bathroom"),
        PhotoSubject.CANTEEN: ("餐厅和饭菜", "Dining room and meals"),
        PhotoSubject.SPRING: ("温泉池", "Pools"),
        PhotoSubject.SHARED: ("大家共用的屋子", "Rooms that guests share"),
        PhotoSubject.GROUNDS: ("院子和周边", "Garden and surroundings"),
    },
    Focus: {
        Focus.TOP_LEFT: ("左上", "Top left"),
        Focus.TOP: ("上", "Top"),
        Focus.TOP_RIGHT: ("右上", "Top right"),
        Focus.LEFT: ("左", "Left"),
        Focus.CENTRE: ("中", "Centre"),
        Focus.RIGHT: ("右", "Right"),
        Focus.BOTTOM_LEFT: ("左下", "Bottom left"),
        Focus.BOTTOM: ("下", "Bottom"),
        Focus.BOTTOM_RIGHT: ("右下", "Bottom right"),
    },
    BerthKind: {
        BerthKind.SEAT: ("座席", "Seat"),
        BerthKind.HARD_BERTH: ("硬卧", "Hard berth"),
        BerthKind.SOFT_BERTH: ("软卧", "Soft berth"),
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
        FoodTag.LIGHT: ("清淡", "Light"),
        FoodTag.LOW_SALT: ("少盐", "Low salt"),
        FoodTag.LOW_SUGAR: ("少糖", "Low sugar"),
        FoodTag.VEGETARIAN: ("素食", "Vegetarian"),
        FoodTag.HALAL: ("清真", "Halal"),
        FoodTag.HERBAL: ("药膳", "Herbal cuisine"),
        FoodTag.KOREAN: ("朝鲜族风味", "Korean-Chinese food"),
        FoodTag.RIVER_FISH: ("江鱼", "River fish"),
    },
    Pace: {
        Pace.EASY: ("少走路，多坐着", "Little walking, mostly sitting"),
        Pace.GENTLE: ("平路慢慢走", "Slow walks on level ground"),
        Pace.ACTIVE: ("能走坡路和台阶", "Slopes and steps"),
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


_BASES = (
    (r"GeoNames settlement centroid of (.+)", r"\1居民点的中心（GeoNames）"),
    (r"GeoNames centroid of (.+) \(neighbouring gully\)", r"\1的中心（GeoNames），在相邻的沟里"),
    (r"GeoNames centroid of (.+); site not given", r"\1的中心（GeoNames），来源没有给出地点"),
    (r"GeoNames centroid of (.+)", r"\1的中心（GeoNames）"),
    (r"map point in the 5A list \(datum shift up to 1 km\)", "5A景区名单上的点，可能偏移1公里以内"),
    (r"5A list point of Changbaishan scenic area", "5A景区名单上长白山景区的点"),
    (r"Amap point of Changbaishan station", "高德地图上长白山站的点"),
    (r"Amap point", "高德地图上的点"),
    (r"point given in source, marked approximate", "来源给出的点，注明约略"),
    (r"given by the operator", "经营者给出"),
    (r"(?:source|estimate).*", "按来源的说法估算"),
)
"""What the point of a place is, as the directory file says it in English, and in Chinese."""
_TOWNS = {
    "Baishan city": "白山市", "Changchun": "长春", "Dashitou": "大石头",
    "Songjiang town (Antu)": "安图松江镇", "Sandaogou town": "三道沟镇", "Tumen": "图们",
    "Yushu city": "榆树市", "Liaoyuan": "辽源",
}  # fmt: skip


def basis_label(basis: str, lang: str = "zh") -> str:
    """Return what the point of a place really is; in Chinese as far as the words are known."""
    if lang.startswith("en"):
        return basis
    for pattern, zh in _BASES:
        if found := re.fullmatch(pattern, basis):
            town = found[1] if found.groups() else ""
            return found.expand(zh).replace(town, _TOWNS.get(town, town)) if town else zh
    return basis
