"""The pages that explain something, as documents: help, ways to come, themes, clusters, cities."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from catalog.editorial.clusters import CLUSTERS
from catalog.editorial.themes import THEMES
from catalog.geography import reference_queries
from catalog.geography.source_cities import city_name
from catalog.labels import label
from catalog.search.indexes.port import DocKind, Document
from catalog.views import SourceCityView
from catalog.vocabulary import THEME_OF, Cluster, Theme


@dataclass(frozen=True, slots=True)
class GuidePage:
    """A page that explains something."""

    key: str
    """Its kind and which one it is: ``page:trains``, ``help:refund``, ``theme:rail``,
    ``cluster:jian``, ``city:420100``."""
    zh: str
    en: str
    words: str
    """What people call what it is about, in both languages."""
    body: str = ""
    """What else stands there."""


PAGES = (
    GuidePage(
        "page:trains", "坐火车来吉林", "By train to Jilin",
        "专列 专列出行 旅游专列 森林小火车 小火车 火车 坐火车来 列车 车票 火车票 高铁 动车 "
        "车站 下铺 团体票 "
        "train trains railway station special ticket mini-train lower berth",
    ),
    GuidePage(
        "page:family", "带全家来", "With the whole family",
        "家庭 家庭同游 全家 三代同游 老人孩子一起住 孩子 小孩 儿童 孙子 亲子 "
        "family children grandchildren kids",
    ),
    GuidePage(
        "page:directory", "康养旅游企业名录", "Directory of wellness-tourism enterprises",
        "名录 企业名录 企业 directory enterprises",
    ),
    GuidePage("page:themes", "按主题看", "By theme", "主题 themes"),
    GuidePage("page:clusters", "按地方看", "By place", "地图 集聚区 温泉带 map places"),
    GuidePage(
        "page:my_booking", "我的订单", "My booking",
        "订单 查订单 订单号 凭证 二维码 booking order voucher",
    ),
    GuidePage("page:join", "企业入册", "For enterprises", "入册 加入名录 商家 合作 join register"),
    GuidePage("page:privacy", "隐私说明", "Privacy", "隐私 个人信息 privacy personal data"),
    GuidePage("page:sources", "资料来源", "Sources", "来源 气温 凉快多少 sources temperature"),
    GuidePage("page:open_data", "开放数据", "Open data", "下载 数据 open data download"),
    GuidePage(
        "help:phone", "有事请打电话", "Please call",
        "电话 打电话 客服 人工 帮助 有人接电话 telephone phone call help contact",
    ),
    GuidePage(
        "help:book", "怎么预订", "How to book",
        "预订 订房 怎么订 下单 付款 支付 付钱 微信 支付宝 银行卡 "
        "book booking reserve pay payment card",
    ),
    GuidePage(
        "help:proxy", "替父母订可以吗", "May I book for my parents?",
        "替父母订 替家人订 代订 父母 爸妈 子女 儿女 parents mother father",
    ),
    GuidePage(
        "help:refund", "付了钱又不想去了", "I paid and no longer want to go",
        "退款 退钱 退订 取消 取消订单 反悔 改期 refund cancel cancellation money back",
    ),
    GuidePage(
        "help:code", "订单号丢了", "I lost my booking number",
        "订单号 丢了 找回 lost number code",
    ),
    GuidePage(
        "help:size", "看不清字", "The letters are too small",
        "字号 大字 字体 看不清 特大 large letters size",
    ),
    GuidePage(
        "help:sample", "示例数据是什么", "What is sample data?",
        "示例 示例数据 sample demonstration",
    ),
    GuidePage(
        "help:insurance", "医保能不能用", "Can I use my medical insurance?",
        "医保 医疗保险 异地就医 报销 社保 社保卡 看病 insurance medical reimbursement",
    ),
    GuidePage(
        "help:winter", "冬天来滑雪", "Skiing in winter",
        "滑雪 滑雪场 雪场 雪票 冬天 冬季 冰雪 看雪 ski skiing snow winter",
    ),
)  # fmt: skip
"""Pages of fixed text."""


def _theme(theme: Theme) -> GuidePage:
    categories = [one for one, own in THEME_OF.items() if own is theme]
    words = [label(one, tag) for one in categories for tag in ("zh", "en")]
    lede = THEMES[theme].lede
    return GuidePage(
        f"theme:{theme}",
        label(theme),
        label(theme, "en"),
        " ".join(words),
        f"{lede.zh} {lede.en}",
    )


SIGHTS = {Cluster.CHANGBAI: "天池 长白山天池 瀑布 tianchi heaven lake waterfall"}
"""What people come to a cluster for and ask for by name, though the directory has no such entry."""


def _cluster(cluster: Cluster) -> GuidePage:
    lede = CLUSTERS[cluster].lede
    return GuidePage(
        f"cluster:{cluster}",
        label(cluster),
        label(cluster, "en"),
        SIGHTS.get(cluster, ""),
        f"{lede.zh} {lede.en}",
    )


def _city(city: SourceCityView) -> GuidePage:
    zh, en = city_name(city)
    return GuidePage(
        f"city:{city.adcode}", f"从{zh}来", f"From {en}", f"{zh} {en}", city.province_zh
    )


def guide(session: Session) -> list[GuidePage]:
    """Return every page, in an order that stays: a page's place is the id of its document."""
    cities = sorted(reference_queries.source_cities(session), key=lambda city: city.adcode)
    return [
        *PAGES,
        *(_theme(theme) for theme in Theme),
        *(_cluster(cluster) for cluster in Cluster),
        *(_city(city) for city in cities),
    ]


def guide_documents(pages: list[GuidePage]) -> list[Document]:
    """Return the documents of the pages."""
    return [
        Document(DocKind.GUIDE, place, f"{page.zh} {page.en}", page.words, page.body)
        for place, page in enumerate(pages)
    ]
