"""The eight themes."""

from __future__ import annotations

from catalog.editorial import facts
from catalog.editorial.portrait import Portrait, Text
from catalog.vocabulary import Theme

HOT_SPRING = Portrait(
    lede=Text(
        "名录里有温泉度假村，也有只能看的泉眼。想泡汤，请先看清是哪一种。",
        "The directory has spring resorts, and sources that are only for looking at. If you want "
        "to bathe, see first which it is.",
    ),
    facts=(facts.SPRING_VISITS, facts.SPRINGS, facts.JULONG, facts.YANMINGHU),
    gaps=(
        Text("松原一带还没有找到温泉。", "No spring has been found round Songyuan yet."),
        Text(
            "仙人桥温泉的水温和水量还没有查实。",
            "Temperature and flow of the Xianrenqiao spring have not been verified.",
        ),
        Text(
            "伊通火山温泉度假区还在规划，没有开门。",
            "The Yitong volcano spring resort is planned and not open.",
        ),
    ),
)

FOREST = Portrait(
    lede=Text(
        "森林公园、湿地、森林康养基地和木屋。路好不好走，资料里没有写，去以前先打电话问。",
        "Forest parks, wetlands, forest-wellness bases and log cabins. Our sources do not say how "
        "easy the paths are; please call before you go.",
    ),
    facts=(facts.LUSHUIHE, facts.LIANHUASHAN, facts.JINJIANG, facts.DAHUANGGOU, facts.LAOBAISHAN),
    gaps=(
        Text(
            "省里计划建的“林海穿越驿站”，还没有查到一处。",
            "Of the planned forest-crossing posts, none has been found yet.",
        ),
    ),
)

BASECAMP = Portrait(
    lede=Text(
        "山地度假区和江边、湖边的营地，夏天可以去住。有没有坡和台阶，去以前先打电话问。",
        "Mountain resorts, and camps by rivers and lakes, for summer stays. Please call to ask "
        "about slopes and steps before you go.",
    ),
    facts=(facts.SONGHUA, facts.WANGJIANG, facts.LONGSHAN),
    gaps=(
        Text(
            "溪谷、老秃顶子等几处只见于白山市的秋季线路。所在的县区没有全部核实。",
            "Xigu, Laotudingzi and others are known from Baishan's autumn routes only; not every "
            "county is verified.",
        ),
        Text(
            "没有查到山里各处七月的平均气温。",
            "No July means were found for places in the mountains.",
        ),
    ),
)

TCM = Portrait(
    lede=Text(
        "人参市场、药材种植园和医养中心。这里只写有什么，不讲疗效；看病请去医院。",
        "A ginseng market, a herb farm and wellness centres. We say what there is and promise no "
        "effect; for treatment, see a hospital.",
    ),
    facts=(facts.ZEREN, facts.WANLIANG, facts.LIANGSHUI, facts.TIANLIAN),
    gaps=(
        Text("这一类查到的还不多。", "Not many places of this kind have been found yet."),
        Text(
            "延吉东北亚医养产业园还在规划，没有开门。",
            "The Yanji medical-wellness park is planned and not open.",
        ),
        Text("医院不列入这本名录。", "Hospitals are not part of this directory."),
    ),
)

VILLAGE = Portrait(
    lede=Text(
        "朝鲜族村、果园村和林区民宿。有的村能采摘，有的有民俗饭菜。",
        "Korean-Chinese villages, orchard villages and homestays in the woods. Some offer fruit "
        "picking, others local food.",
    ),
    facts=(facts.NAITOUSHAN, facts.MINGDONG, facts.GUOYUAN, facts.XIAHUOLONG),
    gaps=(
        Text(
            "村里有没有台阶、离医院多远，资料里没有写，请打电话问。",
            "Our sources do not say about steps or the way to a hospital; please call.",
        ),
    ),
)

SCENERY = Portrait(
    lede=Text(
        "有等级的景区和别的名胜。等级写的是2019到2020年的名单，后来可能有变。",
        "Graded scenic areas and other sights. Grades are those of the lists of 2019 and 2020 and "
        "may have changed since.",
    ),
    facts=(
        facts.CHANGBAISHAN,
        facts.KOGURYO,
        facts.LIUDINGSHAN,
        facts.JINGYUETAN,
        facts.PALACE,
        facts.FANGCHUAN_GRADE,
    ),
    gaps=(
        Text(
            "门票、开放时间和优惠没有收集，去以前请打电话问。",
            "Tickets, opening hours and reductions are not collected; please call before you go.",
        ),
    ),
)

CULTURE = Portrait(
    lede=Text(
        "仿古城寨、文旅街区和酒庄，可以看民俗、吃当地饭菜。",
        "An old-style timber town, a leisure quarter and a winery, for folk life and local food.",
    ),
    facts=(facts.NEYIN, facts.ENDULI),
    gaps=(
        Text("这一类查到的还不多。", "Not many places of this kind have been found yet."),
        Text("鸭江谷酒庄的位置是估计的。", "The site of the Yajianggu winery is an estimate."),
    ),
)

RAIL = Portrait(
    lede=Text(
        "主题列车和景区里的小火车。车票和专列现在用电话办理，网上不能订。",
        "Themed trains, and mini-trains in the parks. Tickets and charter trains are arranged by "
        "telephone, not online.",
    ),
    facts=(facts.SNOW_TRAIN, facts.CHANGLU, facts.FLOWER_TRAIN, facts.NEYIN_TRAIN),
    gaps=(
        Text(
            "没有查到还在跑的老式森林窄轨火车。",
            "No old narrow-gauge forest railway that still runs was found.",
        ),
        Text(
            "小火车哪天开，资料里没有写，去以前请打电话问。",
            "Our sources do not say on which days mini-trains run; please call before you go.",
        ),
    ),
)

THEMES = {
    Theme.HOT_SPRING: HOT_SPRING,
    Theme.FOREST: FOREST,
    Theme.BASECAMP: BASECAMP,
    Theme.TCM: TCM,
    Theme.VILLAGE: VILLAGE,
    Theme.SCENERY: SCENERY,
    Theme.CULTURE: CULTURE,
    Theme.RAIL: RAIL,
}
