"""What the register holds, as tables: counts, completeness, freshness, licences."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app, url_for
from sqlalchemy.orm import Session

from catalog.labels import cluster_label, label
from catalog.office import statistics as register
from catalog.office.entries.completeness import Freshness, field_label, freshness_label
from catalog.office.entries.records import NOT_STRUCK_OFF, Record, records
from catalog.vocabulary import Cluster
from marketplace.web.context import lang
from marketplace.web.forms.links import link_to
from marketplace.web.i18n import translate
from marketplace.web.office.figures.tables import (
    MOST_BARS,
    Linked,
    Question,
    Table,
    bars,
    counted,
    number,
)
from marketplace.web.rendering import labels
from marketplace.web.rendering.charts import Chart, Series

MOST_WORST = 20
MOST_ENDINGS = 20


def of_register(session: Session, asked: Question) -> list[Table]:
    """Count the entries, and measure how complete and fresh they are: six queries."""
    entries = records(session, today=asked.today, status=NOT_STRUCK_OFF, samples=asked.samples)
    found = register.summed(entries)
    return [
        _standing(session, found, asked),
        counted(
            "clusters",
            translate("各集聚区的企业"),
            translate("集聚区"),
            [(cluster_label(one, lang()), count) for one, count in found.clusters.items()],
        ),
        counted(
            "categories",
            translate("各类别的企业"),
            translate("类别"),
            [(label(one, lang()), count) for one, count in found.categories.items()],
        ),
        counted(
            "grades",
            translate("有等级的企业"),
            translate("等级"),
            [(f"{label(one, lang())} {value}", n) for (one, value), n in found.grades.items()],
        ),
        _counties(found),
        _completeness(found, asked),
        _freshness(found),
        _lacking(entries),
        _worst(entries, asked),
    ]


def _standing(session: Session, found: register.Register, asked: Question) -> Table:
    standing = register.standing(session, samples=asked.samples)
    return Table(
        "standing",
        translate("企业的状态"),
        (translate("状态"), number(translate("企业"))),
        (
            *((labels.status_label(status), count) for status, count in standing.items()),
            (translate("已认领"), found.claimed),
            (translate("未认领"), found.entries - found.claimed),
            (translate("规划中"), found.planned),
        ),
        translate("下面各表只算在册和已暂停的，已除名的不算。一家属于两个集聚区的，两边都算。"),
    )


def _counties(found: register.Register) -> Table:
    title = translate("各县（市、区）的企业")
    names = [f"{prefecture} {county}".strip() for prefecture, county in found.counties]
    short = [county or prefecture for prefecture, county in found.counties]
    counts = list(found.counties.values())
    return Table(
        "counties",
        title,
        (translate("县（市、区）"), number(translate("企业"))),
        tuple(zip(names, counts, strict=True)),
        translate("图里只画最多的%(n)s个。", n=MOST_BARS) if len(counts) > MOST_BARS else "",
        charts=(bars("counties", title, list(zip(short, counts, strict=True))),),
    )


def _completeness(found: register.Register, asked: Question) -> Table:
    title = translate("资料完整度（平均）")
    known = [(cluster_label(one.cluster, lang()), one) for one in found.quality]
    return Table(
        "completeness",
        title,
        (
            translate("集聚区"),
            number(translate("企业")),
            number(translate("完整度（百分比）")),
            translate("最要补的"),
        ),
        tuple((words, one.entries, one.percent, _to_worst(one, asked)) for words, one in known),
        translate("完整度：这一类企业应有的项目里，已经有了几成。"),
        charts=(
            bars(
                "completeness",
                title,
                [(words, one.percent) for words, one in known if one.percent is not None],
                "%",
            ),
        ),
    )


def _to_worst(one: register.Quality, asked: Question) -> Linked | None:
    if not one.entries:
        return None
    worst = one.cluster.value if one.cluster is not None else "outside"
    url = link_to("office.dashboard", {**asked.kept, "worst": worst}, topic="worst")
    return Linked(translate("看哪些最要补"), url)


def _freshness(found: register.Register) -> Table:
    title = translate("资料新旧")
    known = [(cluster_label(one.cluster, lang()), one) for one in found.quality]
    bands = [freshness_label(band, lang()) for band in Freshness]
    return Table(
        "freshness",
        title,
        (translate("集聚区"), *(number(band) for band in bands)),
        tuple((words, *one.bands.values()) for words, one in known),
        translate("从名录办核实或资料日期算起，取较近的一个；只写年份的，从那年1月1日算起。"),
        charts=(
            Chart(
                "freshness",
                title,
                "shares",
                tuple(words for words, _ in known),
                tuple(
                    Series(freshness_label(band, lang()), tuple(q.bands[band] for _, q in known))
                    for band in Freshness
                ),
            ),
        ),
    )


def _lacking(entries: Sequence[Record]) -> Table:
    found = register.lacking(entries)
    title = translate("各项目缺多少")
    most = sorted(found.items(), key=lambda pair: -pair[1][0])
    return Table(
        "lacking",
        title,
        (translate("项目"), number(translate("缺")), number(translate("应有"))),
        tuple((field_label(field, lang()), *counts) for field, counts in found.items()),
        charts=(
            bars("lacking", title, [(field_label(one, lang()), n) for one, (n, _) in most if n]),
        ),
    )


def _worst(entries: Sequence[Record], asked: Question) -> Table:
    among, where = list(entries), translate("全部")
    if asked.worst:
        cluster = None if asked.worst == "outside" else Cluster(asked.worst)
        among = [one for one in entries if register.in_cluster(one, cluster)]
        where = cluster_label(cluster, lang())
    return Table(
        "worst",
        translate("最要补的企业：%(where)s", where=where),
        (
            translate("编号"),
            translate("名称"),
            number(translate("完整度（百分比）")),
            translate("资料新旧"),
            translate("缺什么"),
        ),
        tuple(
            (
                Linked(one.code, url_for("office.enterprise", code=one.code)),
                labels.pick(one.name_zh, one.name_en),
                one.complete.percent,
                freshness_label(one.fresh, lang()),
                translate("、").join(field_label(field, lang()) for field in one.complete.missing),
            )
            for one in register.worst(among, most=MOST_WORST)
        ),
        translate("最多列%(n)s家，先列最不完整的。", n=MOST_WORST),
    )


def of_licences(session: Session, asked: Question) -> list[Table]:
    """List the licences that end soon: one query."""
    found = register.endings(session, samples=asked.samples, today=asked.today, most=MOST_ENDINGS)
    return [
        Table(
            "licences",
            translate("快到期的证照"),
            (
                translate("编号"),
                translate("名称"),
                translate("证照"),
                translate("到期日"),
                number(translate("还有几天")),
            ),
            tuple(
                (
                    Linked(one.code, url_for("office.enterprise", code=one.code)),
                    labels.pick(one.name_zh, one.name_en),
                    label(one.kind, lang()),
                    one.expires_on.isoformat(),
                    (one.expires_on - asked.today).days,
                )
                for one in found
            ),
            translate(
                "%(days)s天内到期和已经到期的，最多列%(n)s张。",
                days=register.WARNED_DAYS,
                n=MOST_ENDINGS,
            ),
        )
    ]


def licences_url() -> str | None:
    """Return where licences are looked after, if there is such a page."""
    known = "office.licences" in current_app.view_functions
    return url_for("office.licences") if known else None
