"""Every fact that portraits tell, with its source; clusters and themes choose among them."""

from __future__ import annotations

from catalog.editorial.portrait import Fact, Text

A_GRADES_OF_YANBIAN = Text(
    "《延边日报》2019年A级景区名单", "Yanbian Daily, list of A-grade areas of 2019"
)
AUTHORITY_CARDS = Text(
    "引用长白山管委会网站的旅游资料", "Travel cards citing the Changbaishan authority"
)
BAISHAN_ROUTES = Text("白山市秋季线路（省政府网站文稿）", "Baishan autumn routes (government text)")
BORDER_VILLAGES = Text("国际在线，G331沿线边境村", "CRI Online, border villages on road G331")
CHINA_NEWS = Text("中国新闻网", "China News Service")
ELDERLY_CARE = Text("养老行业网站 yanglaocn.com", "Elderly-care news site yanglaocn.com")
FIVE_A = Text("全国5A级景区名单（文化和旅游部）", "National list of 5A areas (culture ministry)")
"""As of 2019 and 2020."""
GUANGMING = Text("光明网、中国网", "Guangming Online, China.com.cn")
JILIN_DAILY = Text("《吉林日报》", "Jilin Daily")
JILIN_ONLINE = Text("中国吉林网", "China Jilin Online")
NOTICE_OF_BASES = Text("公示名单（长春焦点网）", "Public notice (Changchun Focus)")
TRAVEL_NOTES = Text("个人游记", "Personal travel notes")
XINHUA_JILIN = Text("新华社吉林", "Xinhua, Jilin")
YANBIAN_DAILY = Text("《延边日报》", "Yanbian Daily")
YANBIAN_TV = Text("延边电视台节目的网上转载", "Online copy of a Yanbian TV item")

# ------------------------------------------------------------------ the province

HOMES = Fact(
    "2025年1月，省里公布了51家旅居养老机构。一共8320张床位。",
    "In January 2025 the province named 51 homes for sojourn stays, with 8,320 beds.",
    ELDERLY_CARE,
    "2025-01-09",
)
GUESTS = Fact(
    "2024年初以来，有2.4万多位老人来吉林旅居。",
    "More than 24,000 older people have come for a sojourn stay since early 2024.",
    ELDERLY_CARE,
    "2025-01-09",
)
ROAD = Fact(
    "G331国道在吉林约1240公里，沿线有216个边境村。",
    "Road G331 runs about 1,240 km through Jilin, past 216 border villages.",
    CHINA_NEWS,
    "2025-09-28",
)

# ------------------------------------------------------------------ Hunchun

FANGCHUAN = Fact(
    "防川在三国交界处，2020年列为省级旅游度假区。",
    "Fangchuan, where three countries meet, became a provincial resort in 2020.",
    YANBIAN_DAILY,
    "2020-09-10",
    "JL062",
)
FANGCHUAN_GRADE = Fact(
    "防川，2019年的名单里是4A级。",
    "Fangchuan: 4A in the list of 2019.",
    A_GRADES_OF_YANBIAN,
    "2019-07-21",
    "JL062",
)
FANGCHUAN_VILLAGE = Fact(
    "防川村是朝鲜族民俗村，有饭吃，也能住。",
    "Fangchuan village is a Korean-Chinese folk village with meals and beds.",
    Text("人民网朝鲜文版", "People's Daily Online, Korean edition"),
    "2022-07-18",
    "JL063",
)
FLOWER_TRAIN = Fact(
    "防川花海有观光小火车，绕一圈1780米。",
    "A sightseeing mini-train runs a loop of 1,780 m round the flower fields of Fangchuan.",
    YANBIAN_TV,
    code="JL020",
)
DAHUANGGOU = Fact(
    "珲春大荒沟生态景区的森林覆盖率是98.7%。",
    "Forest covers 98.7% of the Dahuanggou eco area near Hunchun.",
    XINHUA_JILIN,
    "2024-05-27",
    "JL065",
)
JINGXIN = Fact(
    "敬信湿地在图们江下游，有候鸟停歇。",
    "Migrating birds rest in the Jingxin wetland on the lower Tumen.",
    XINHUA_JILIN,
    "2024-05-27",
    "JL064",
)
CHANGLU = Fact(
    "东北亚长旅号观光班列2024年8月8日从珲春首发。",
    "The Northeast Asia sightseeing train first left Hunchun on 8 August 2024.",
    Text("网上报道 youzy.cn", "Online report, youzy.cn"),
    "2024-08-08",
    "JL022",
)
LIANGSHUI = Fact(
    "凉水有20公顷北药种植示范园，可以体验农事。",
    "Liangshui has 20 ha of northern herbs where visitors can try farm work.",
    Text("G331沿线专题", "Feature on road G331"),
    code="JL086",
)

# ------------------------------------------------------------------ Changbai Mountain

CHANGBAISHAN = Fact(
    "长白山景区2007年列入第一批5A级景区。",
    "The Changbaishan scenic area has been 5A since 2007, in the first batch.",
    FIVE_A,
    "2020",
    "JL037",
)
JULONG = Fact(
    "长白瀑布北边约900米有几十眼热泉，最热约82℃。只能看，不能泡。",
    "Some 900 m north of the Changbai waterfall, dozens of hot springs rise at up to 82 °C. They "
    "are for looking at, not for bathing.",
    Text("大公网", "Ta Kung Pao online"),
    "2018-02",
    "JL001",
)
NAITOUSHAN = Fact(
    "奶头山村是离长白山最近的朝鲜族村，有民宿和温泉酒店。2023年接待约31.5万人次。",
    "Naitoushan is the Korean-Chinese village nearest to the peak, with homestays, a spring hotel "
    "and some 315,000 visits in 2023.",
    BORDER_VILLAGES,
    "2024-12-12",
    "JL014",
)
JINJIANG = Fact(
    "锦江木屋村有五六十栋满族老木屋，秋天可以采人参和蓝莓。",
    "Jinjiang has 50 to 60 old Manchu log houses; ginseng and blueberries are picked in autumn.",
    JILIN_ONLINE,
    "2023-07-27",
    "JL017",
)
LUSHUIHE = Fact(
    "露水河国家森林公园约258平方公里。2013年评为4A级。",
    "Lushuihe National Forest Park covers some 258 km² and has been 4A since 2013.",
    Text("抚松地质公园网站", "Fusong geopark website"),
    "2022-07-14",
    "JL015",
)
SNOW_TRAIN = Fact(
    "雪国专列从松江河到长白山站约95分钟。有6节车厢，192个座位。",
    "The snow-country train takes about 95 minutes from Songjianghe to Changbaishan, with 6 cars "
    "and 192 seats.",
    GUANGMING,
    "2024-12",
    "JL021",
)
WANLIANG = Fact(
    "抚松县万良镇有人参集散市场。",
    "Wanliang in Fusong county has a ginseng trading market.",
    Text("介绍抚松的个人网页", "Personal page on Fusong"),
    code="JL060",
)
NEYIN = Fact(
    "讷殷古城在头道松花江源头，是仿古的木屋城寨。",
    "Neyin old town is a timber town in the old style at the Songhua headwaters.",
    TRAVEL_NOTES,
    "2023-07",
    "JL018",
)
NEYIN_TRAIN = Fact(
    "讷殷古城的小火车，2023年7月有游客到访，那天没有开。",
    "The mini-train of Neyin was not running when a visitor came in July 2023.",
    TRAVEL_NOTES,
    "2023-07",
    "JL019",
)
ENDULI = Fact(
    "恩都里街区在二道白河，有餐饮、文创和民俗演艺。",
    "The Enduli quarter in Erdaobaihe has food, crafts and folk shows.",
    AUTHORITY_CARDS,
    code="JL045",
)

# ------------------------------------------------------------------ Ji'an

KOGURYO = Fact(
    "集安的高句丽文物古迹旅游景区在5A级景区名单里。",
    "The Koguryo heritage area of Ji'an is on the list of 5A areas.",
    FIVE_A,
    "2020",
    "JL089",
)
QIANWAN = Fact(
    "钱湾村有4000亩果园、半山的独栋木屋和92户民宿。",
    "Qianwan has some 270 ha of orchards, hillside cabins and 92 homestay households.",
    JILIN_DAILY,
    "2025-06-04",
    "JL091",
)
XIAHUOLONG = Fact(
    "下活龙村在鸭绿江边，有13间民宿，可以钓鱼。",
    "Xiahuolong on the Yalu has 13 homestay rooms, and fishing.",
    JILIN_DAILY,
    "2025-06-04",
    "JL092",
)
WANGJIANG = Fact(
    "望江村的营地沿鸭绿江3.5公里，有集装箱民宿，也能露营。",
    "The camp of Wangjiang stretches 3.5 km along the Yalu, with container rooms and tents.",
    JILIN_DAILY,
    "2025-06-04",
    "JL093",
)
WUNUFENG = Fact(
    "五女峰国家森林公园离集安市区约21公里。九月末到十月初看红叶。",
    "Wunüfeng National Forest Park is about 21 km from Ji'an; its leaves are red from late "
    "September to early October.",
    Text("报纸文章的网上转载", "Online copy of a newspaper piece"),
    code="JL024",
)
JIAN_YEAR = Fact(
    "集安全年平均气温6.5℃，全年降水882毫米。",
    "Ji'an has an annual mean of 6.5 °C and 882 mm of rain a year.",
    Text("新华社图片稿", "Xinhua photo item"),
    "2016-06-22",
)
LONGSHAN = Fact(
    "龙山湖在鸭绿江边，夏天看景、吃江鱼。",
    "Longshan lake on the Yalu is known for summer views and river fish.",
    CHINA_NEWS,
    "2024-07-02",
    "JL057",
)

# ------------------------------------------------------------------ round Changbai Mountain

SPRINGS = Fact(
    "长白山一带40℃以上的露天泉眼有179处，最热约82℃。",
    "There are 179 outdoor springs above 40 °C round Changbai Mountain, the hottest about 82 °C.",
    Text("新华社文稿的网上转载", "Online copy of a Xinhua piece"),
)
YANMINGHU = Fact(
    "敦化的雁鸣湖温泉度假村在2019年的4A级景区名单里。",
    "The Yanminghu spring resort in Dunhua is on the list of 4A areas of 2019.",
    A_GRADES_OF_YANBIAN,
    "2019-07-21",
    "JL011",
)
LIUDINGSHAN = Fact(
    "六鼎山文化旅游区在敦化南郊，2015年列入5A级。",
    "The Liudingshan culture area, south of Dunhua, has been 5A since 2015.",
    FIVE_A,
    "2020",
    "JL071",
)
LAOBAISHAN = Fact(
    "敦化的老白山2020年评为4A级。2017年列入“中国森林氧吧”。",
    "Laobaishan near Dunhua has been 4A since 2020 and a “forest oxygen bar” since 2017.",
    YANBIAN_DAILY,
    "2020-09-10",
    "JL032",
)
WANGTIANE = Fact(
    "望天鹅景区有玄武岩石柱和瀑布。离长白县城约45到50公里。",
    "Wangtian'e has basalt columns and waterfalls, 45 to 50 km from the county town of Changbai.",
    Text("旅游网站", "Travel websites"),
    code="JL058",
)
ZEREN = Fact(
    "汪清的泽仁医养康养中心2025年11月9日启动。",
    "The Zeren medical-wellness centre in Wangqing opened on 9 November 2025.",
    Text("延边报道的网上转载", "Online copy of a Yanbian report"),
    "2025-11-09",
    "JL087",
)
MINGDONG = Fact(
    "明东村在龙井，有农家乐和采摘大棚。",
    "Mingdong near Longjing has farm meals and picking sheds.",
    Text("吉林网络广播电视台", "Jilin network TV"),
    "2022-05-13",
    "JL080",
)
GUOYUAN = Fact(
    "果园朝鲜族民俗村在长白县，民宿到假日常住满。",
    "Guoyuan in Changbai county is a folk village whose homestays fill at holidays.",
    BAISHAN_ROUTES,
    "2024-09-21",
    "JL059",
)

# ------------------------------------------------------------------ Changchun, Jilin, Songyuan

CHANGCHUN_JULY = Fact(
    "长春七月平均22.9℃。这是2008年和2009年的平均。",
    "Changchun's July mean is 22.9 °C, the mean of 2008 and 2009.",
    Text("国家统计局《中国统计年鉴》", "China Statistical Yearbook"),
    "2010",
)
JINGYUETAN = Fact(
    "净月潭是长春城边的森林，2011年列入5A级。",
    "Jingyuetan is a forest at the edge of Changchun, 5A since 2011.",
    FIVE_A,
    "2020",
    "JL102",
)
PALACE = Fact(
    "长春的伪满皇宫博物院，2007年列入5A级。",
    "The museum of the Manchukuo palace in Changchun has been 5A since 2007.",
    FIVE_A,
    "2020",
    "JL103",
)
LIANHUASHAN = Fact(
    "莲花山在首批国家森林康养基地公示名单里。那里有森林120平方公里。",
    "Lianhuashan was on the first public list of national forest-wellness bases, with 120 km² of "
    "forest.",
    NOTICE_OF_BASES,
    "2020-03-23",
    "JL023",
)
TIANLIAN = Fact(
    "2025年1月，省际旅居养老推介在国色天莲康养中心启动。",
    "The interprovincial launch of sojourn stays in January 2025 was held at the Guose Tianlian "
    "centre.",
    ELDERLY_CARE,
    "2025-01-09",
    "JL106",
)
CHAGAN = Fact(
    "查干湖在松原，水面约420平方公里，是4A级景区。",
    "Chagan lake near Songyuan covers some 420 km² and is a 4A area.",
    Text("松原本地网站", "Local website of Songyuan"),
    code="JL118",
)
SONGHUA = Fact(
    "万科松花湖度假区离吉林市区约15公里。",
    "The Lake Songhua resort is about 15 km from Jilin city.",
    Text("旅游论坛", "Travel forum"),
    code="JL115",
)
SPRING_VISITS = Fact(
    "2018年11月起五个月，全省重点温泉接待163万人次。",
    "The province's main springs had 1.63 million visits from November 2018 to March 2019.",
    Text("《人民日报》", "People's Daily"),
    "2020-01-26",
)
