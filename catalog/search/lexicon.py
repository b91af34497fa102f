"""The words of this field: what people call things, and what they mean by it. Data alone."""

from __future__ import annotations

from catalog.vocabulary import Spring

FAMILIAR = (
    "长白山", "珲春", "集安", "延吉", "延边", "敦化", "龙井", "图们", "和龙", "汪清", "安图",
    "抚松", "靖宇", "临江", "长白", "通化", "柳河", "辉南", "白山", "长春", "双阳", "农安", "榆树",
    "德惠", "吉林", "蛟河", "桦甸", "舒兰", "磐石", "永吉", "松原", "前郭", "查干湖", "松花湖",
    "四平", "伊通", "辽源", "白城", "二道白河", "松江河", "露水河", "仙人桥", "万良", "防川",
    "敬信", "鸭绿江", "图们江", "松花江", "天池", "北坡", "西坡", "南坡", "东北", "温泉", "木屋",
    "森林", "民宿", "酒店", "宾馆", "公寓", "小院", "院子", "乡村", "农家", "山地", "避暑", "基营",
    "康养", "疗养", "旅居", "养老", "度假", "中医", "中医药", "药膳", "人参", "采摘", "滑雪",
    "专列", "小火车", "火车", "车站", "火车站", "高铁", "朝鲜族", "江鱼", "火炕", "地暖",
    "集中供暖", "空调", "电梯", "无台阶", "无障碍", "轮椅", "扶手", "家庭", "长住", "步道", "食堂",
    "少盐", "少糖", "素食", "软烂", "湿地", "公园", "景区", "湖边", "江边", "医院", "离医院近",
    "白桦", "红松", "蓝莓", "酒庄", "民俗", "边境", "日光", "安静", "凉快", "清真", "清淡", "艾灸",
    "药浴", "高句丽", "氡泉", "雾凇", "专列出行", "森林小火车",
)  # fmt: skip
"""Words that people look for and run together: places of the province, and what is found there."""

ENGLISH = (
    "hot spring", "forest", "cabins", "village", "courtyard", "lake", "river", "park", "mountain",
    "herbal cuisine", "lift", "wheelchair", "grab bars", "step-free", "floor heating", "family",
    "low salt", "low sugar", "vegetarian", "soft food", "hospital near", "quiet", "wetland",
    "ginseng", "halal", "herbal bath", "North Slope", "West Slope", "South Slope", "summer",
    "homestay",
)  # fmt: skip
"""Words that readers of English look for."""

SYNONYMS = {
    "汤泉": "温泉", "热泉": "温泉", "泡汤": "温泉", "泡澡": "温泉", "泡温泉": "温泉",
    "地热": "温泉", "汤池": "温泉", "消夏": "避暑", "纳凉": "避暑", "乘凉": "避暑",
    "避暑房": "避暑", "木刻楞": "木屋", "林间小屋": "木屋", "小木屋": "木屋", "客栈": "民宿",
    "农家乐": "农家", "农家院": "小院", "旅馆": "酒店", "饭店": "酒店", "住处": "长住",
    "候鸟": "旅居", "养生": "康养", "康复": "康养", "休养": "康养", "老年公寓": "公寓",
    "升降机": "电梯", "升降梯": "电梯", "坡道": "无障碍", "轮椅通道": "无障碍",
    "残疾人": "无障碍", "抓杆": "扶手", "卫生院": "离医院近", "近医院": "离医院近",
    "看病方便": "离医院近", "医院近": "离医院近", "清淡": "少盐", "低盐": "少盐", "低糖": "少糖",
    "无糖": "少糖", "吃素": "素食", "斋饭": "素食", "软饭": "软烂", "鲜族": "朝鲜族",
    "暖气": "供暖", "土炕": "火炕", "热炕": "火炕", "国药": "中医药", "中药": "中医药",
    "针灸": "中医", "推拿": "中医", "森林浴": "森林", "林区": "森林", "带孩子": "家庭",
    "三代同游": "家庭", "一家人": "家庭", "列车": "火车", "动车": "高铁", "西景区": "西坡",
    "北景区": "北坡", "南景区": "南坡", "二白": "二道白河", "白河镇": "二道白河",
    "不咸山": "长白山", "老白山": "长白山", "白头山": "长白山", "太白山": "长白山",
    "氡温泉": "氡泉", "氡水": "氡泉", "氡气": "氡泉", "含氡": "氡泉", "没有台阶": "无台阶",
    "静养": "康养", "疗养院": "疗养", "亲子": "家庭", "全家": "家庭", "旅游专列": "专列",
    "银发专列": "专列", "专列游": "专列", "干安": "乾安", "采摘园": "采摘", "摘果子": "采摘",
    "雾松": "雾凇", "树挂": "雾凇", "延边州": "延边", "珲春市": "珲春",
    "集安市": "集安", "松江河镇": "松江河", "浑春": "珲春", "晖春": "珲春", "辉春": "珲春",
    "月租": "长住", "包月": "长住", "长租": "长住",
}  # fmt: skip
"""What some say, and what the pages call it; what they said is looked for as well."""

FOREIGN = {
    "장백산": "长白山", "백두산": "长白山", "연변": "延边", "연길": "延吉", "훈춘": "珲春",
    "집안": "集安", "돈화": "敦化", "룡정": "龙井", "용정": "龙井", "도문": "图们", "화룡": "和龙",
    "왕청": "汪清", "안도": "安图", "무송": "抚松", "통화": "通化", "길림": "吉林", "장춘": "长春",
    "이도백하": "二道白河", "압록강": "鸭绿江", "두만강": "图们江", "방천": "防川",
    "온천": "温泉", "민박": "民宿", "병원": "医院", "기차": "火车",
    "onsen": "温泉", "hotspring": "温泉", "thermal": "温泉", "spa": "温泉",
    "elevator": "电梯", "wheelchair": "无障碍", "accessible": "无障碍",
    "ginseng": "人参", "cottage": "木屋", "cabin": "木屋", "homestay": "民宿",
    "baekdu": "长白山", "paektu": "长白山", "yalu": "鸭绿江", "tumen": "图们江",
    "wunufeng": "五女峰", "hospital": "离医院近", "skiing": "滑雪",
}  # fmt: skip
"""The same in Korean and English; what was typed is looked for as well."""

OTHER_WORDS = frozenset((
    "重要", "亿元", "不到", "似乎", "公元", "化学", "宋江", "校园", "被迫", "原子", "赋予", "效应",
    "演变", "答案", "人身", "议员", "精心", "隶属", "师弟", "东风", "一同", "富裕", "富于", "西岸",
    "百花", "意愿", "倡议", "两块", "修养", "情势", "拥挤", "通话", "请示", "桂花", "轻视", "妊娠",
    "园子", "实地", "六合", "独家", "疆域", "一通", "童话", "南平", "忠义", "戏称", "失地", "清单",
    "晚报", "难关", "苏轼", "逃难", "源自", "异同", "清史", "一统", "贺龙", "货车", "辽阳", "宋元",
    "同化", "境遇", "氢弹", "一元", "译员", "礼数", "一桶", "九点", "白话", "吉安", "隶书", "知心",
    "富余", "鬼话", "大案", "汴京", "俯首", "先祖", "忘情", "中意", "议院", "合拢", "抚育", "致信",
    "燎原", "布道", "一览", "质心", "副手", "宜兰", "置信", "沿边", "青史", "食糖", "惊心", "静心",
    "演技", "遗愿", "双料", "鲸鱼", "险阻", "衍变", "跑堂", "长椅", "艺苑", "眼疾", "归化", "瑶山",
    "永济", "小虾", "回春", "低热", "圆子", "福寿", "伊兰", "欠安", "石斛", "花店", "十户", "点题",
    "潮阳", "迁安", "药山", "车展", "满江", "清镇", "拜城", "速食", "敬语", "主厨", "武松",
))  # fmt: skip
"""Words that sound like one of ours and mean something else: 通化 may be offered for 通话, and is
never looked for in its place."""

QIAN, GAN = "乾", "干"
DRY_BEFORE = "淨净燥菜果貨货杯飯饭洗旱脆鍋锅貝贝癬癣枯涸草糧粮冷涼凉"
DRY_BEHIND = "餅饼萄腐肉晾烘曬晒吹擦風风魚鱼筍笋棗枣薯蝦虾"
"""乾 before and behind these means dry and is simplified to 干. Everywhere else it is read qian and
stays: 乾安, 乾隆, 乾坤."""

WATERS = {
    "氡": Spring.RADON, "radon": Spring.RADON,
    "硫磺泉": Spring.SULPHUR, "sulphur": Spring.SULPHUR, "sulfur": Spring.SULPHUR,
    "碳酸泉": Spring.CARBONATED, "carbonat": Spring.CARBONATED,
    "矿泉": Spring.MINERAL, "mineral": Spring.MINERAL,
}  # fmt: skip
"""How people name the waters that only a test report can show."""

FILLERS = (
    "可不可以", "有没有", "哪里有", "哪儿有", "哪里好", "能不能", "怎么样", "的住处",
    "的房子", "的地方", "附近", "旁边", "想去", "想住", "想找", "我想", "我要", "帮我", "找个",
    "一个", "推荐", "请问", "怎么", "怎样", "如何", "的",
)  # fmt: skip
"""Words that are said and not looked for; longer ones first."""

ENGLISH_FILLERS = frozenset(
    ("a", "an", "and", "at", "by", "close", "for", "in", "near", "of", "on", "or", "the", "to",
     "with")
)  # fmt: skip
"""The same in English."""

KNOWN = tuple(dict.fromkeys((*FAMILIAR, *SYNONYMS)))
"""Everything that pinyin and initials may stand for, besides the names of the directory."""
