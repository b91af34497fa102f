"""The five clusters, and the province as a whole."""

from __future__ import annotations

from catalog.editorial import facts
from catalog.editorial.portrait import Portrait, Text
from catalog.vocabulary import Cluster

HUNCHUN = Portrait(
    lede=Text(
        "珲春在图们江下游，中国、俄罗斯、朝鲜三国在这里交界。名录里有湿地、森林和朝鲜族村。",
        "Hunchun lies on the lower Tumen, where China, Russia and North Korea meet. The directory "
        "has wetland, forest and Korean-Chinese villages here.",
    ),
    more=(
        Text(
            "坐高铁到珲春站，是这条线的终点。防川在城区外，再换汽车。",
            "Trains end at Hunchun station. Fangchuan lies outside the town; go on by road.",
        ),
    ),
    facts=(
        facts.FANGCHUAN,
        facts.FANGCHUAN_VILLAGE,
        facts.FLOWER_TRAIN,
        facts.DAHUANGGOU,
        facts.JINGXIN,
    ),
    gaps=(
        Text(
            "没有查到珲春七月的平均气温。有一份较弱的资料说八月平均21.2℃，没有写是哪些年。",
            "No July mean was found for Hunchun. A weak source gives 21.2 °C for August, without "
            "saying of which years.",
        ),
        Text(
            "从长春坐火车约3小时，是2015年的报道。现在的车次请打电话问。",
            "The train from Changchun took about 3 hours by a report of 2015. Please call for "
            "today's trains.",
        ),
    ),
)

CHANGBAI = Portrait(
    lede=Text(
        "长白山有几面坡，各有各的镇和车站。订房、接站以前，先认准是哪一面坡。",
        "Changbai Mountain has several slopes, each with its own town and station. Before you "
        "book a room or a transfer, be sure which slope it is.",
    ),
    more=(
        Text(
            "去北坡，到长白山站下车，住二道白河。去西坡，到长白山西站下车，住松江河。"
            "这是两个镇，不要坐错站。",
            "For the North Slope, get off at Changbaishan and stay in Erdaobaihe. For the West "
            "Slope, get off at Changbaishan West and stay in Songjianghe. They are two different "
            "towns.",
        ),
        Text(
            "二道白河属安图县，离安图县城直线约100公里。叫车时请说镇名，不要只说县名。",
            "Erdaobaihe belongs to Antu county but lies some 100 km from its county town as the "
            "crow flies. Tell a driver the town, not the county alone.",
        ),
    ),
    facts=(
        facts.CHANGBAISHAN,
        facts.JULONG,
        facts.NAITOUSHAN,
        facts.JINJIANG,
        facts.LUSHUIHE,
        facts.SNOW_TRAIN,
    ),
    gaps=(
        Text(
            "没有查到长白山七月的平均气温。有报道说仲夏白天约22℃，没有写是哪一年。",
            "No July mean was found for Changbai Mountain. A report says about 22 °C by day in "
            "midsummer, without the year.",
        ),
        Text("车站表里没有南坡的车站。", "Our list has no station for the South Slope."),
    ),
)

JIAN = Portrait(
    lede=Text(
        "集安在鸭绿江边，有高句丽世界文化遗产。江边有果园木屋、渔家民宿和营地。",
        "Ji'an stands on the Yalu, with the world heritage of Koguryo. Along the river there are "
        "orchard cabins, fishing homestays and a camp.",
    ),
    more=(
        Text(
            "高铁坐到通化站，在那里换车去集安。",
            "Take the train to Tonghua and change there for Ji'an.",
        ),
    ),
    facts=(
        facts.KOGURYO,
        facts.QIANWAN,
        facts.XIAHUOLONG,
        facts.WANGJIANG,
        facts.WUNUFENG,
        facts.JIAN_YEAR,
    ),
    gaps=(
        Text(
            "没有查到集安七月的平均气温，所以这里不写。",
            "No July mean was found for Ji'an, so none is printed here.",
        ),
        Text("车站表里没有集安的车站。", "Our list has no station in Ji'an."),
    ),
)

RING = Portrait(
    lede=Text(
        "长白山四周散布着温泉和矿泉，从敦化、延吉到抚松、长白县。有的能泡，有的只是泉眼。",
        "Hot and mineral springs lie all round Changbai Mountain, from Dunhua and Yanji to Fusong "
        "and Changbai county. Some can be bathed in, others are only sources.",
    ),
    more=(
        Text(
            "这一带很大，镇和镇相隔很远。先定住哪个镇，再看车站。",
            "The belt is wide and its towns are far apart. Choose the town first, then look for "
            "the station.",
        ),
    ),
    facts=(
        facts.SPRINGS,
        facts.YANMINGHU,
        facts.LIUDINGSHAN,
        facts.LAOBAISHAN,
        facts.WANGTIANE,
    ),
    gaps=(
        Text(
            "仙人桥温泉的水温和水量还没有查实。",
            "Temperature and flow of the Xianrenqiao spring have not been verified.",
        ),
        Text(
            "没有查到这一带七月的平均气温。敦化有一个数字，看起来是最高气温，我们不用。",
            "No July mean was found here. There is a figure for Dunhua, but it looks like a "
            "maximum, so we do not use it.",
        ),
        Text(
            "有几处泉只见于游记，它们的页上写着“约略，待核实”。",
            "Some springs are known from travel notes only; their pages say “approximate, to be "
            "verified”.",
        ),
    ),
)

CJS = Portrait(
    lede=Text(
        "这一带以长春、吉林两座城市为主，有温泉酒店、湖和森林。松原一带还没有找到温泉。",
        "This belt centres on the cities of Changchun and Jilin, with spring hotels, lakes and "
        "forest. No spring has been found round Songyuan yet.",
    ),
    facts=(
        facts.CHANGCHUN_JULY,
        facts.JINGYUETAN,
        facts.LIANHUASHAN,
        facts.TIANLIAN,
        facts.CHAGAN,
        facts.SONGHUA,
    ),
    gaps=(
        Text("松原一带还没有找到温泉。", "No spring has been found round Songyuan yet."),
        Text(
            "长春关东文化温泉只见于票务名单，位置没有核实。",
            "The Guandong spring of Changchun is known from a ticket list; its site is not "
            "verified.",
        ),
        Text(
            "车站表里还没有长春站和吉林站，车次请打电话问。",
            "Changchun and Jilin stations are not in our list yet; please call for trains.",
        ),
    ),
)

CLUSTERS = {
    Cluster.HUNCHUN: HUNCHUN,
    Cluster.CHANGBAI: CHANGBAI,
    Cluster.JIAN: JIAN,
    Cluster.RING_CHANGBAI_SPRINGS: RING,
    Cluster.CJS_SPRINGS: CJS,
}

NEIGHBOURS = {
    Cluster.HUNCHUN: (Cluster.RING_CHANGBAI_SPRINGS, Cluster.CHANGBAI),
    Cluster.CHANGBAI: (Cluster.RING_CHANGBAI_SPRINGS, Cluster.JIAN),
    Cluster.JIAN: (Cluster.CHANGBAI, Cluster.RING_CHANGBAI_SPRINGS),
    Cluster.RING_CHANGBAI_SPRINGS: (Cluster.CHANGBAI, Cluster.HUNCHUN, Cluster.CJS_SPRINGS),
    Cluster.CJS_SPRINGS: (Cluster.RING_CHANGBAI_SPRINGS,),
}
"""The clusters next to each, the nearest first."""

PROVINCE = Portrait(
    lede=Text(
        "吉林的康养旅居分三个集聚区和两条温泉带。先看想去哪一处，再挑住处。",
        "Wellness stays in Jilin gather in three clusters and two belts of springs. Choose the "
        "part you would like, then a place to stay.",
    ),
    facts=(facts.HOMES, facts.GUESTS, facts.ROAD),
)
