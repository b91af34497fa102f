"""What is on sale and what was booked, as tables: beds, months, provinces."""

from __future__ import annotations

from sqlalchemy.orm import Session

from catalog.geography.provinces import province_name
from catalog.labels import cluster_label
from marketplace.booking.reads import statistics as booked
from marketplace.web.context import lang
from marketplace.web.i18n import translate
from marketplace.web.office.figures.tables import Cell, Question, Table, bars, number
from marketplace.web.rendering.charts import Chart, Series


def of_beds(session: Session, asked: Question) -> list[Table]:
    """Count the rooms and beds on sale: two queries."""
    total, by_cluster = booked.beds(session, samples=asked.samples, today=asked.today)
    title = translate("床位")
    rows = [(cluster_label(one, lang()), beds) for one, beds in by_cluster.items()]
    return [
        Table(
            "beds",
            title,
            (
                translate("集聚区"),
                number(translate("企业")),
                number(translate("房间")),
                number(translate("床位")),
            ),
            (
                *((words, one.enterprises, one.rooms, one.beds) for words, one in rows),
                (translate("合计（每家只算一次）"), total.enterprises, total.rooms, total.beds),
            ),
            translate(
                "只算在册企业已发布产品的房间。房间数取今后一年里最多的一天；床位是房间数乘每间最多住几人。"
            ),
            charts=(bars("beds", title, [(words, one.beds) for words, one in rows]),),
        )
    ]


def of_months(session: Session, asked: Question) -> list[Table]:
    """Count bookings, nights and occupancy month by month: three queries."""
    found = booked.months(session, samples=asked.samples, first=asked.first, count=asked.months)
    names = tuple(f"{one.first:%Y-%m}" for one in found)

    def columns(name: str, title: str, values: list[float | None], unit: str = "") -> Chart:
        return Chart(name, title, "columns", names, (Series(title, tuple(values)),), unit)

    return [
        Table(
            "months",
            translate("各月的订单和入住"),
            (
                translate("月份"),
                number(translate("订单")),
                number(translate("住客夜数")),
                number(translate("售出间夜")),
                number(translate("可售间夜")),
                number(translate("入住率（百分比）")),
                number(translate("平均住几晚")),
            ),
            tuple(
                (
                    f"{one.first:%Y-%m}",
                    one.bookings,
                    one.guest_nights,
                    one.room_nights,
                    one.capacity,
                    one.occupancy,
                    one.mean_stay,
                )
                for one in found
            ),
            translate(
                "订单和平均住几晚按到达的月份算，夜数按住的那一晚算。只算成立、在住和已离店的订单；"
                "测试订单从不算。入住率是没有关房的日子里，售出间夜占可售间夜的几成；锁房也算可售。"
            ),
            charts=(
                columns("bookings", translate("各月到达的订单"), [m.bookings for m in found]),
                columns("nights", translate("各月的住客夜数"), [m.guest_nights for m in found]),
                columns("occupancy", translate("各月的入住率"), [m.occupancy for m in found], "%"),
                columns("stay", translate("平均住几晚"), [m.mean_stay for m in found]),
            ),
        )
    ]


def of_provinces(session: Session, asked: Question) -> list[Table]:
    """Say where the guests of these months come from; small groups are not told: one query."""
    found = booked.origins(session, samples=asked.samples, first=asked.first, count=asked.months)
    title = translate("客人从哪个省来")
    rows = [(_province(one.province), one) for one in found]
    return [
        Table(
            "provinces",
            title,
            (
                translate("省份"),
                number(translate("订单")),
                number(translate("住客夜数")),
            ),
            tuple(
                (words, _told(one, one.bookings), _told(one, one.guest_nights))
                for words, one in rows
            ),
            translate(
                "客人愿意说才有。少于%(n)s个订单的省份不写数字，免得认出人来；只有一个这样的省份时，"
                "再藏起一个，免得从合计里减出来。",
                n=booked.SMALLEST_GROUP,
            ),
            charts=(
                bars(
                    "provinces",
                    title,
                    [(words, one.bookings) for words, one in rows if one.bookings is not None],
                ),
            ),
        )
    ]


def _province(name: str) -> str:
    return province_name(name, lang()) if name else translate("没有说")


def _told(one: booked.Origin, figure: int | None) -> Cell:
    if figure is not None:
        return figure
    return translate("少于 5") if one.few else translate("不单列")
